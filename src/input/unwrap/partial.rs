//! Lines that are split over several records: kept until their last one comes.

use super::outer::OuterDate;

/// Bytes of all open lines together; what goes beyond is left out, and said.
const JOINED_BYTES: usize = 16 << 20;
/// Streams whose lines can be open at once. A runtime has two.
const STREAMS: usize = 16;

/// A line that is whole, or given up.
pub(super) struct Whole {
    pub(super) text: String,
    pub(super) date: Option<OuterDate<'static>>,
    /// Its rest was left out.
    pub(super) is_cut: bool,
}

struct Open {
    stream: String,
    line: Whole,
}

/// The open lines of a log, by stream.
#[derive(Default)]
pub(super) struct Partials {
    open: Vec<Open>,
    bytes: usize,
}

impl Partials {
    /// Whether a line of that stream is open.
    pub(super) fn has(&self, stream: &str) -> bool {
        !self.open.is_empty() && self.open.iter().any(|open| open.stream == stream)
    }

    /// Adds to the line of that stream; it has the date of its first record. A line that must go
    /// to make room comes back, as far as it is known.
    pub(super) fn add(
        &mut self,
        stream: &str,
        text: &str,
        date: Option<OuterDate<'static>>,
    ) -> Option<Whole> {
        let known = self.open.iter().position(|open| open.stream == stream);
        let mut gone = None;
        let at = match known {
            Some(at) => at,
            None => {
                if self.open.len() == STREAMS {
                    gone = Some(self.close(0));
                }
                let stream = stream.to_owned();
                let (text, is_cut) = (String::new(), false);
                let line = Whole { text, date, is_cut };
                self.open.push(Open { stream, line });
                self.open.len() - 1
            }
        };
        let line = &mut self.open[at].line;
        if line.is_cut || self.bytes + text.len() > JOINED_BYTES {
            line.is_cut = true;
        } else {
            line.text.push_str(text);
            self.bytes += text.len();
        }
        gone
    }

    /// The line of that stream, which is whole now.
    pub(super) fn finish(&mut self, stream: &str) -> Option<Whole> {
        let at = self.open.iter().position(|open| open.stream == stream)?;
        Some(self.close(at))
    }

    /// The next line that is open at the end of the log, the oldest first.
    pub(super) fn next_open(&mut self) -> Option<Whole> {
        (!self.open.is_empty()).then(|| self.close(0))
    }

    fn close(&mut self, at: usize) -> Whole {
        let line = self.open.remove(at).line;
        self.bytes -= line.text.len();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_put_together_apart() {
        let mut partials = Partials::default();
        partials.add("a", "1", Some(OuterDate::Instant(1)));
        partials.add("b", "2", None);
        partials.add("a", "3", Some(OuterDate::Instant(2)));
        let line = partials.finish("a").expect("it is open");
        assert_eq!((line.text.as_str(), line.is_cut), ("13", false));
        assert_eq!(line.date, Some(OuterDate::Instant(1)));
        assert!(!partials.has("a") && partials.has("b"));
        assert_eq!(partials.next_open().expect("it is open").text, "2");
        assert!(partials.next_open().is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut partials = Partials::default();
        let mebibyte = "x".repeat(1 << 20);
        for _ in 0..40 {
            partials.add("a", &mebibyte, None);
        }
        partials.add("b", "y", None);
        assert!(partials.finish("b").is_some_and(|line| line.is_cut));
        let line = partials.finish("a").expect("it is open");
        assert_eq!((line.text.len(), line.is_cut), (JOINED_BYTES, true));
        assert_eq!(partials.bytes, 0);
        let streams = 0..2 * STREAMS;
        let gone = streams.filter(|n| partials.add(&n.to_string(), "z", None).is_some());
        assert_eq!(gone.count(), STREAMS);
    }
}
