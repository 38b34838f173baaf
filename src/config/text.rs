//! Text that remembers, line by line, where it was written. Not for reading
//! files: [`super::ini`] makes these, interpolation and tags splice them.

use std::path::Path;
use std::sync::Arc;

/// Where a piece of configuration text was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The file, spelled as it was opened.
    pub(crate) file: Arc<Path>,
    /// The line in it, counted from 1.
    pub(crate) line: u32,
    /// The option it was written under.
    pub(crate) option: Arc<str>,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

impl Origin {
    /// That line of a file, counted from 1, and the option it is written under.
    pub(crate) fn at(file: &Path, line: u32, option: &str) -> Origin {
        Origin {
            file: file.into(),
            line,
            option: option.into(),
        }
    }

    /// File and line, the file named from `directory` on if it is below it.
    pub(crate) fn within(&self, directory: &str) -> String {
        let place = self.to_string();
        match place.strip_prefix(directory) {
            Some(inside) if !directory.is_empty() => inside.trim_start_matches('/').to_owned(),
            _ => place,
        }
    }
}

/// Text with its origin; `None`: given on the command line (or made up by fail2ban).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced {
    /// The value, references replaced.
    pub(crate) text: String,
    /// Where it was written; None where it came from no file.
    pub(crate) origin: Option<Origin>,
}

impl Sourced {
    /// A text of the command line.
    pub(crate) fn given(text: &str) -> Sourced {
        Sourced {
            text: text.to_owned(),
            origin: None,
        }
    }
}

/// At most 60 characters of one line.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Text that grows past this is refused. Upstream has no such limit: it only
/// bounds the depth, so that a dozen short options can ask for terabytes.
pub(crate) const MAX_TEXT: usize = 64 << 20;

/// A value: its text and the origin of each of its lines.
///
/// Invariant: `origins` has exactly one entry per `\n`-separated line of `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    text: String,
    origins: Vec<Option<Origin>>,
}

impl Text {
    /// Text that comes from no file.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::uniform(text, None)
    }

    /// Text all of whose lines come from one place.
    pub(crate) fn uniform(text: impl Into<String>, origin: Option<Origin>) -> Self {
        let text = text.into();
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
        Self {
            text,
            origins: vec![origin; lines],
        }
    }

    /// Lines, none of which holds a `\n`. No line at all is the empty text.
    pub(crate) fn from_lines(lines: Vec<(String, Origin)>) -> Self {
        let mut text = String::new();
        let mut origins = Vec::with_capacity(lines.len().max(1));
        for (index, (line, origin)) in lines.into_iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(&line);
            origins.push(Some(origin));
        }
        if origins.is_empty() {
            origins.push(None);
        }
        Self { text, origins }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Origin of the first line that is not blank, else of the first line.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        let line = self.lines().find(|(line, _)| !line.trim().is_empty());
        match line {
            Some((_, origin)) => origin,
            None => self.origins.first().and_then(Option::as_ref),
        }
    }

    /// Every `\n`-separated line with its origin.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, Option<&Origin>)> {
        let origins = self.origins.iter().map(Option::as_ref);
        self.text.split('\n').zip(origins)
    }

    /// Origin of the line that byte `at` stands in.
    pub(crate) fn origin_at(&self, at: usize) -> Option<&Origin> {
        let line = memchr::memchr_iter(b'\n', &self.text.as_bytes()[..at]).count();
        self.origins.get(line)?.as_ref()
    }

    pub(crate) fn sourced(&self) -> Sourced {
        Sourced {
            text: self.text.clone(),
            origin: self.origin().cloned(),
        }
    }

    /// Every occurrence of `reference` replaced by `by`, as `str.replace` has
    /// it; `None` if the result would exceed [`MAX_TEXT`].
    pub(crate) fn replace(&self, reference: &str, by: &Text) -> Option<Text> {
        let mut out = Splice::new(self);
        for (at, _) in self.text.match_indices(reference) {
            out.replace(at..at + reference.len(), by)?;
        }
        out.finish()
    }
}

/// Copies a text while some of its spans are replaced.
///
/// The rule for origins: a line keeps the origin of the line it is written in;
/// a line that is nothing but one reference takes those of the lines it brings in.
pub(crate) struct Splice<'a> {
    from: &'a Text,
    /// Next byte and line of `from` to copy.
    at: usize,
    line: usize,
    out: Text,
}

impl<'a> Splice<'a> {
    pub(crate) fn new(from: &'a Text) -> Self {
        Self {
            from,
            at: 0,
            line: 0,
            out: Text {
                text: String::new(),
                origins: vec![from.origins[0].clone()],
            },
        }
    }

    /// Copies up to byte `to`.
    pub(crate) fn copy_to(&mut self, to: usize) -> Option<()> {
        let slice = &self.from.text[self.at..to];
        for _ in memchr::memchr_iter(b'\n', slice.as_bytes()) {
            self.line += 1;
            self.out.origins.push(self.from.origins[self.line].clone());
        }
        self.out.text.push_str(slice);
        self.at = to;
        (self.out.text.len() <= MAX_TEXT).then_some(())
    }

    /// Copies up to `span`, then puts `by` in its place.
    pub(crate) fn replace(&mut self, span: std::ops::Range<usize>, by: &Text) -> Option<()> {
        self.copy_to(span.start)?;
        if self.out.text.len() + by.text.len() > MAX_TEXT {
            return None;
        }
        if is_whole_line(&self.from.text, &span)
            && let Some(last) = self.out.origins.last_mut()
        {
            last.clone_from(&by.origins[0]);
        }
        self.out.origins.extend_from_slice(&by.origins[1..]);
        self.out.text.push_str(&by.text);
        self.skip_to(span.end);
        Some(())
    }

    /// Leaves out the source up to byte `to`.
    pub(crate) fn skip_to(&mut self, to: usize) {
        let gap = &self.from.text.as_bytes()[self.at..to];
        self.line += memchr::memchr_iter(b'\n', gap).count();
        self.at = to;
    }

    pub(crate) fn finish(mut self) -> Option<Text> {
        self.copy_to(self.from.text.len())?;
        Some(self.out)
    }
}

/// Whether `span` is all there is on its line, blanks aside.
fn is_whole_line(text: &str, span: &std::ops::Range<usize>) -> bool {
    // Stops at the first character that is not blank: lines may be very long.
    let ends_or_breaks = |mut chars: Box<dyn Iterator<Item = char> + '_>| {
        chars
            .find(|c| *c == '\n' || !c.is_whitespace())
            .is_none_or(|c| c == '\n')
    };
    ends_or_breaks(Box::new(text[..span.start].chars().rev()))
        && ends_or_breaks(Box::new(text[span.end..].chars()))
}
