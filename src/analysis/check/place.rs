//! From a position in a compiled regex back to the file line it was written in.
//!
//! A failregex is rewritten twice: `%(name)s` and `<tag>` by the configuration, `<HOST>` and
//! its kin by the regex tags. Both leave the text between the references as it is, so a
//! position is followed back piece by piece; one inside an expansion goes to its reference.

use super::MOST_CHECKED;
use super::finding::Excerpt;
use crate::config::Sourced;
use crate::files;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The lines of the files findings are in, read when first asked for.
#[derive(Debug, Default)]
pub(crate) struct SourceFiles {
    files: HashMap<PathBuf, Vec<String>>,
}

impl SourceFiles {
    /// The line (from 1) of a file; empty if it cannot be read.
    pub(crate) fn line(&mut self, file: &Path, line: u32) -> String {
        let lines = self.lines(file);
        let index = (line as usize).saturating_sub(1);
        lines.get(index).cloned().unwrap_or_default()
    }

    /// All lines of a file.
    pub(crate) fn lines(&mut self, file: &Path) -> &[String] {
        self.files.entry(file.to_path_buf()).or_insert_with(|| {
            let bytes = files::read_regular(file, MOST_CHECKED).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            text.lines().map(ToString::to_string).collect()
        })
    }

    /// A whole line of a file, the caret under what is not blank.
    pub(crate) fn excerpt(&mut self, file: &Path, line: u32, label: &str) -> Excerpt {
        let text = self.line(file, line);
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len().max(start);
        Excerpt {
            file: Some(file.to_path_buf()),
            line: Some(line),
            span: start..end,
            text,
            label: label.to_string(),
            title: String::new(),
        }
    }

    /// Where a part of a compiled regex was written. `span` are bytes of `compiled`, the
    /// regex with all tags replaced; None stands for all of it.
    ///
    /// The first excerpt is the line of the file; a second one, the regex with its
    /// references replaced, follows where the part came out of a reference.
    pub(crate) fn regex(
        &mut self,
        source: &Sourced,
        compiled: &str,
        span: Option<Range<usize>>,
        label: &str,
    ) -> Vec<Excerpt> {
        let whole = span.is_none();
        let span = span.unwrap_or(0..compiled.len());
        let text_span = back(&source.text, compiled, &span).unwrap_or(0..source.text.len());
        let mut shown = Vec::new();
        let mut exact = false;
        if let Some(origin) = &source.origin {
            let mut excerpt = self.excerpt(&origin.file, origin.line, label);
            let value = value_range(&excerpt.text, &origin.option);
            if let Some(found) = back(&excerpt.text[value.clone()], &source.text, &text_span) {
                let at = value.start + found.start..value.start + found.end;
                exact = excerpt.text.get(at.clone()) == source.text.get(text_span.clone());
                if !at.is_empty() {
                    excerpt.span = at;
                }
            } else if value.start < value.end {
                excerpt.span = value;
            }
            shown.push(excerpt);
        }
        if shown.is_empty() || (!exact && !whole) {
            shown.push(Excerpt {
                title: if shown.is_empty() {
                    String::new()
                } else {
                    "in the regex with its references replaced".into()
                },
                text: source.text.replace('\n', " "),
                span: text_span,
                label: label.to_string(),
                ..Excerpt::default()
            });
        }
        shown
    }
}

/// The part of a line that belongs to the option's value.
fn value_range(line: &str, option: &str) -> Range<usize> {
    let start = line.len() - line.trim_start().len();
    let end = line.trim_end().len().max(start);
    let after = line[start..end].strip_prefix(option).map(str::trim_start);
    let value = after.and_then(|rest| rest.strip_prefix(['=', ':']));
    match value {
        Some(value) => end - value.trim_start().len()..end,
        None => start..end,
    }
}

/// The part of `written` that became the part `span` of `expanded`; None if the two do
/// not fit together.
fn back(written: &str, expanded: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let pairs = align(written, expanded)?;
    // the first pair that goes beyond the start holds it; likewise for the last byte
    let holds = |at: usize| {
        let found = pairs.iter().find(|(_, to)| to.contains(&at));
        found.or_else(|| pairs.iter().rfind(|(_, to)| to.start <= at))
    };
    let (from, to) = holds(span.start)?;
    let literal = |(from, to): &(Range<usize>, Range<usize>)| from.len() == to.len();
    let start = if literal(&(from.clone(), to.clone())) {
        from.start + (span.start - to.start).min(from.len())
    } else {
        from.start
    };
    let last = span.end.max(span.start + 1) - 1;
    let (from, to) = holds(last)?;
    let end = if literal(&(from.clone(), to.clone())) {
        from.start + (last + 1 - to.start).min(from.len())
    } else {
        from.end
    };
    let (start, end) = (start.min(written.len()), end.min(written.len()).max(start));
    // never between the bytes of a character
    let start = (0..=start).rev().find(|at| written.is_char_boundary(*at))?;
    let end = (end..=written.len()).find(|at| written.is_char_boundary(*at))?;
    Some(start..end)
}

/// Pairs of ranges that belong together, in order.
fn align(written: &str, expanded: &str) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let pieces = pieces(written);
    let mut pairs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut at = 0;
    let mut open: Option<Range<usize>> = None;
    let last = pieces.len().saturating_sub(1);
    for (number, (range, is_reference)) in pieces.into_iter().enumerate() {
        if is_reference {
            open = Some(match open {
                Some(before) => before.start..range.end,
                None => range,
            });
            continue;
        }
        let text = &written[range.clone()];
        let found = match (&open, number == last) {
            (None, _) => expanded[at..].starts_with(text).then_some(at)?,
            (Some(_), true) => {
                let start = expanded.len().checked_sub(text.len())?;
                (start >= at && expanded.ends_with(text)).then_some(start)?
            }
            (Some(_), false) => at + expanded[at..].find(text)?,
        };
        if let Some(reference) = open.take() {
            pairs.push((reference, at..found));
        }
        pairs.push((range, found..found + text.len()));
        at = found + text.len();
    }
    match open {
        Some(reference) => pairs.push((reference, at..expanded.len())),
        None if at != expanded.len() => return None,
        None => {}
    }
    Some(pairs)
}

/// The text in pieces, each with whether it is a reference: `%(name)s`, `%%`, `<tag>`, or
/// flags that are made local.
fn pieces(text: &str) -> Vec<(Range<usize>, bool)> {
    let mut pieces: Vec<(Range<usize>, bool)> = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        match reference_length(rest) {
            Some(length) => {
                if plain < at {
                    pieces.push((plain..at, false));
                }
                pieces.push((at..at + length, true));
                at += length;
                plain = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain < text.len() {
        pieces.push((plain..text.len(), false));
    }
    pieces
}

/// Length of the reference `text` begins with.
fn reference_length(text: &str) -> Option<usize> {
    if text.starts_with("%%") {
        return Some(2);
    }
    if text.starts_with("%(") {
        return Some(text.find(")s")? + 2);
    }
    if text.starts_with("((?") || text.starts_with("(?:(?") {
        let open = text.find("(?").filter(|at| *at == 1).unwrap_or(3);
        let flags = &text[open + 2..];
        let length = flags.find(|c: char| !c.is_ascii_lowercase())?;
        return (length > 0 && flags[length..].starts_with(')')).then_some(open + 2 + length + 1);
    }
    let inner = text.strip_prefix('<')?;
    // `<lt_<logtype>/__prefix_line>`: tags inside tags
    let mut depth = 1;
    for (offset, c) in inner.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            c if c.is_alphanumeric() || "_-/.".contains(c) => {}
            _ => return None,
        }
        if depth == 0 {
            return (offset > 0).then_some(offset + 2);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(written: &str, expanded: &str, part: &str) -> String {
        let start = expanded.find(part).unwrap();
        let span = back(written, expanded, &(start..start + part.len())).unwrap();
        written[span].to_string()
    }

    #[test]
    fn positions_go_back_through_references() {
        let (written, expanded) = ("^%(pre)sa <HOST>$", r"^x\s*a (?:h)$");
        assert_eq!(place(written, expanded, "a "), "a ");
        assert_eq!(place(written, expanded, "h"), "<HOST>");
        assert_eq!(place(written, expanded, r"\s"), "%(pre)s");
        assert_eq!(place(written, expanded, "$"), "$");
        assert_eq!(place("é%%d", "é%d", "%"), "%%");
        assert_eq!(back("abc", "abd", &(0..1)), None);
    }

    #[test]
    fn values_start_behind_the_option() {
        assert_eq!(value_range("failregex = ^a$ ", "failregex"), 12..15);
        assert_eq!(value_range("    ^a$", "failregex"), 4..7);
    }
}
