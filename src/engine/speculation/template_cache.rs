//! What is remembered of a date template from line to line.

use super::block::DateFact;
use crate::date::{
    Clock, DateTemplate, InvalidDate, LastDate, MatchCache, Patience, ReadDate, SameMinute,
    SameMinuteDate, TimeCache,
};
use crate::engine::texts::Span;

/// The last date a template found.
///
/// Exactness: it only saves work. What a line before left behind changes no answer
/// ([`MatchCache`], [`LastDate`]), and a time that depends on the time read before is
/// [`DateFact::Uncertain`].
#[derive(Debug, Default)]
pub(in crate::engine) struct TemplateCache {
    pub(in crate::engine) matches: MatchCache,
    /// The last date read: the next line often has the same, or other seconds of the same
    /// minute.
    last_date: Option<LastDate>,
    patience: Patience,
    same_minute: Option<Box<SameMinute>>,
    same_minutes: Patience,
}

/// A date that is the last for fewer others is not worth being kept.
const MIN_USES: u32 = 2;

impl TemplateCache {
    /// Where the date stands that was matched last, and what it says: by a clock, in the zone of
    /// dates that name none.
    #[inline]
    pub(in crate::engine) fn read(
        &mut self,
        template: &DateTemplate,
        line: &str,
        reader: (&Clock, Option<i32>, &mut TimeCache),
    ) -> (Span, DateFact) {
        let group = self.matches.found().group1.clone().unwrap_or(0..0);
        let date = if group.is_empty() {
            DateFact::Empty
        } else {
            self.date(template, line, reader)
        };
        (Span::new(group.start, group.end), date)
    }

    /// The date at the begin of a line, if its first bytes are those of a line before.
    #[inline(always)] // once for every line: a call costs as much as what it does
    pub(super) fn of_same_minute(&mut self, line: &[u8]) -> Option<SameMinuteDate> {
        let date = self.same_minute()?.of(line)?;
        self.used_same_minute(1);
        Some(date)
    }

    /// The first bytes of lines like the one before, if they are known.
    #[inline]
    pub(super) fn same_minute(&self) -> Option<&SameMinute> {
        self.same_minute.as_deref()
    }

    /// They told the dates of so many lines.
    #[inline]
    pub(super) fn used_same_minute(&mut self, lines: u32) {
        self.same_minutes.used(lines);
        // they would have been of use as well
        self.matches.used_unasked(lines);
        self.patience.used(lines);
    }

    /// Remembers the first bytes of a line that was just read, if lines like it are to be expected.
    pub(super) fn expect_same_minute(&mut self, line: &str) {
        if let Some(last) = &self.last_date
            && self.same_minutes.is_due(MIN_USES)
        {
            self.same_minute = SameMinute::new(&self.matches, last, line).map(Box::new);
        }
    }

    fn date(
        &mut self,
        template: &DateTemplate,
        line: &str,
        (clock, offset, times): (&Clock, Option<i32>, &mut TimeCache),
    ) -> DateFact {
        let TemplateCache {
            matches,
            last_date,
            patience,
            ..
        } = self;
        let later = last_date
            .as_ref()
            .and_then(|last| last.later(template, line, matches));
        if let Some(date) = later {
            patience.used(1);
            return DateFact::Date(date);
        }
        let found = matches.found();
        let date = template.read(line, found, clock, offset, times);
        if times.take_uncertain() {
            return DateFact::Uncertain;
        }
        match date {
            Ok(ReadDate { date, by_seconds }) => {
                let comparable = by_seconds && found.reads_date_only();
                let is_due = comparable && patience.is_due(MIN_USES);
                *last_date = is_due.then(|| LastDate::new(template, line, matches, date));
                DateFact::Date(date)
            }
            Err(InvalidDate::Value) => DateFact::Invalid,
            Err(InvalidDate::Uncaught(fault)) => DateFact::Fault(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{DateDetector, TimeZone};
    use crate::pattern::Scratch;
    use proptest::prelude::*;

    /// A line: its date, with fields that are now and then none, and an edit of a byte.
    fn line() -> impl Strategy<Value = String> {
        let time = (28u32..32, 22u32..25, 57u32..61, 0u32..64);
        let edit = prop_oneof![8 => Just(None), 1 => (0usize..38, "[0-9 x:\\[]").prop_map(Some)];
        let around = ("[ a-zé.]{1,9}", "[ a-z]{12,50}");
        (time, 0..4, edit, around).prop_map(|(time, form, edit, (before, behind))| {
            let (day, hour, minute, second) = time;
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            let mut line = match form {
                0 => format!("2026-03-{day:02} {time} {behind}"),
                1 => format!("2026-03-{day:02}T{time}.0{day}4{hour}7+01:00 {behind}"),
                2 => format!("Mar {day:02} {time} {behind}"),
                _ => format!("{before} [{day:02}/Mar/2026:{time} +0100] {behind}"),
            };
            let is_ascii = |at: usize| line.as_bytes().get(at).is_some_and(u8::is_ascii);
            if let Some((at, byte)) = edit.filter(|(at, _)| is_ascii(*at)) {
                line.replace_range(at..at + 1, &byte);
            }
            line
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// What the first bytes of a line say is what a search finds and a reading reads.
        #[test]
        fn first_bytes_say_what_a_search_says(
            lines in prop::collection::vec(line(), 1..80),
            pattern in prop::sample::select(vec![
                "{^LN-BEG}",
                "^%Y-%m-%d %H:%M:%S",
                "^%b %d %H:%M:%S",
                r"^\w+ \d+ %H:%M:%S",
                "^%b (%d %H:%M:%S)",
                r"^[^\[]*\[({DATE})",
                r"^[^\[]*\[(%d/%b/%Y:%H:%M:%S %z)",
                r"[^\[]*\[(%d/%b/%Y:%H:%M:%S)",
            ]),
        ) {
            let clock = Clock::in_zone(1_795_176_000.0, TimeZone::utc());
            let detector = DateDetector::from_datepattern(pattern, &clock).expect("it compiles");
            let mut scratch = Scratch::fast();
            for template in detector.all().iter() {
                let (mut cache, mut times) = (TemplateCache::default(), TimeCache::default());
                for line in &lines {
                    let searched = template.find(line, None, &mut scratch).expect("few steps");
                    if let Some(at_once) = cache.of_same_minute(line.as_bytes()) {
                        let found = searched.expect("it matches");
                        let times = &mut TimeCache::default();
                        let read = template.read(line, &found, &clock, None, times);
                        prop_assert_eq!(at_once.time, read.expect("it is a date").date);
                        prop_assert_eq!(at_once.found, found.start..found.end);
                        prop_assert_eq!(Some(at_once.date), found.group1);
                    } else if cache.matches.search(template, line, None, &mut scratch).is_ok()
                        && searched.is_some()
                    {
                        cache.read(template, line, (&clock, None, &mut times));
                        cache.expect_same_minute(line);
                    }
                }
            }
        }
    }

    /// Where nothing but seconds and what stands behind the date changes, nothing is searched.
    #[test]
    fn first_bytes_say_something() {
        let clock = Clock::in_zone(1_795_176_000.0, TimeZone::utc());
        let lines = [
            ("07", "gate"),
            ("07", "mx1"),
            ("08", "web2"),
            ("59", "db3-ams"),
            ("09", "gate"),
        ];
        let short = lines.map(|(second, host)| {
            format!("Mar 28 23:59:{second} {host} sshd[17]: Failed password")
        });
        // the template looks at more bytes than are compared at once
        let long = lines.map(|(second, host)| {
            format!("2026-03-28T23:59:{second}.5{second}046+00:00 {host} sshd[17]: Failed password")
        });
        let access = lines.map(|(second, host)| {
            format!("{host} - - [28/Mar/2026:23:59:{second} +0000] \"GET / HTTP/1.1\" 404")
        });
        for (pattern, lines) in [
            (r"^[^\[]*\[({DATE})", &access),
            ("^%b %d %H:%M:%S", &short),
            ("{^LN-BEG}", &short),
            ("{^LN-BEG}", &long),
        ] {
            let detector = DateDetector::from_datepattern(pattern, &clock).expect("it compiles");
            let mut scratch = Scratch::fast();
            let mut matches = |template: &&std::sync::Arc<DateTemplate>| {
                matches!(template.find(&lines[0], None, &mut scratch), Ok(Some(_)))
            };
            let template = detector
                .all()
                .iter()
                .find(&mut matches)
                .expect("one matches");
            let mut cache = TemplateCache::default();
            let said = lines.each_ref().map(|line| {
                if let Some(date) = cache.of_same_minute(line.as_bytes()) {
                    return Some(date.time.seconds() as i64 % 60);
                }
                let found = cache.matches.search(template, line, None, &mut scratch);
                found.expect("few steps").expect("it matches");
                cache.read(template, line, (&clock, None, &mut TimeCache::default()));
                cache.expect_same_minute(line);
                None
            });
            assert_eq!(said[2..], [Some(8), Some(59), Some(9)], "{pattern}");
        }
    }
}
