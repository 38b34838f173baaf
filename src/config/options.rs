//! Option lists: `name[a=1, b="x,y"][c='z']`, and lists of such names. Not for
//! options of files (`ini.rs`).

use std::ops::Range;
use std::sync::OnceLock;

use super::python::{is_space, is_word, repr, strip};
use super::text::short;
use crate::pattern::{Flags, Regex, Scratch};

/// A name and the options given to it, in order; a repeated one keeps its place.
pub(crate) type Named = (String, Vec<(String, String)>);

/// How an option list `name[a=b,…]` can be wrong; positions count characters
/// from behind the `[`, as upstream does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OptionSyntax {
    /// The brackets do not close at the end.
    Brackets,
    /// Something follows the value of `option`.
    AfterOption {
        /// The option before it.
        option: String,
        /// Where, in characters from behind the `[`.
        at: usize,
        /// What follows its value.
        text: String,
    },
    /// No `name=` where one is expected.
    NoOption {
        /// Where, in characters from behind the `[`.
        at: usize,
        /// What stands there.
        text: String,
    },
}

impl OptionSyntax {
    /// What upstream's `extractOptions` says.
    pub(crate) fn python(&self) -> String {
        let clip = |text: &str| text.chars().take(25).collect::<String>();
        match self {
            Self::Brackets => "unexpected option syntax".to_owned(),
            Self::AfterOption { option, at, text } => format!(
                "unexpected syntax at {at} after option {}: {}",
                repr(option),
                clip(text)
            ),
            Self::NoOption { at, text } => {
                format!("expected option, wrong syntax at {at}: {}", clip(text))
            }
        }
    }
}

pub(crate) fn option_syntax(problem: &OptionSyntax) -> String {
    match problem {
        OptionSyntax::Brackets => {
            "expected name[option=value, …], closed by the last character".to_owned()
        }
        OptionSyntax::AfterOption { option, text, .. } => format!(
            "expected `,` or the end behind option `{option}`, found {}",
            repr(&short(text))
        ),
        OptionSyntax::NoOption { text, .. } => {
            format!("expected option=value, found {}", repr(&short(text)))
        }
    }
}

/// Upstream's `extractOptions`.
pub(crate) fn extract(text: &str) -> Result<Named, OptionSyntax> {
    let Some(open) = text.find('[') else {
        return if text.is_empty() {
            Err(OptionSyntax::Brackets)
        } else {
            Ok((text.to_owned(), Vec::new()))
        };
    };
    let inner = text[open + 1..]
        .trim_end_matches(is_space)
        .strip_suffix(']')
        .filter(|_| open > 0)
        .ok_or(OptionSyntax::Brackets)?;
    let mut options: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    while let Some(found) = next_option(inner, at)? {
        let value = strip(&inner[found.value]).to_owned();
        match options.iter_mut().find(|(name, _)| name == found.name) {
            Some((_, old)) => *old = value,
            None => options.push((found.name.to_owned(), value)),
        }
        at = found.end;
    }
    Ok((text[..open].to_owned(), options))
}

struct Found<'a> {
    name: &'a str,
    value: Range<usize>,
    end: usize,
}

/// The option at byte `at` of an option list; `None` at its end.
fn next_option(list: &str, at: usize) -> Result<Option<Found<'_>>, OptionSyntax> {
    let rest = &list[at..];
    let position = |at: usize| list[..at].chars().count();
    let start = at + spaces(rest);
    let Some(name_end) = option_name(list, start) else {
        // a last comma is allowed
        let tail = rest.strip_prefix(',').unwrap_or(rest);
        if strip(tail).is_empty() {
            return Ok(None);
        }
        return Err(OptionSyntax::NoOption {
            at: position(at),
            text: rest.to_owned(),
        });
    };
    let name = &list[start..name_end];
    let from = name_end + 1;
    let (value, after) = value_span(list, from);
    let rest = &list[after..];
    let group = rest.strip_prefix(']').map(|rest| (rest, spaces(rest)));
    let end = match group {
        Some((rest, gap)) if rest[gap..].starts_with('[') => after + 1 + gap + 1,
        _ if rest.starts_with(',') => after + 1,
        _ if rest.is_empty() || rest == "\n" => after,
        _ => {
            return Err(OptionSyntax::AfterOption {
                option: name.to_owned(),
                at: position(after),
                text: rest.to_owned(),
            });
        }
    };
    Ok(Some(Found { name, value, end }))
}

/// Where the option name that starts at `start` ends, before its `=`:
/// `name` or `name?condition=value`.
fn option_name(list: &str, start: usize) -> Option<usize> {
    let run = |from: usize| -> Option<usize> {
        let length = list[from..]
            .find(|c: char| !(is_word(c) || c == '-' || c == '.'))
            .unwrap_or(list.len() - from);
        (length > 0).then_some(from + length)
    };
    let end = run(start)?;
    if list[end..].starts_with('=') {
        return Some(end);
    }
    if !list[end..].starts_with('?') {
        return None;
    }
    let condition = run(end + 1)?;
    if !list[condition..].starts_with('=') {
        return None;
    }
    let end = run(condition + 1)?;
    list[end..].starts_with('=').then_some(end)
}

/// The value that starts at `from` and the position behind it, quote included.
fn value_span(list: &str, from: usize) -> (Range<usize>, usize) {
    for quote in ['"', '\''] {
        if let Some(inner) = list[from..].strip_prefix(quote)
            && let Some(length) = inner.find(quote)
        {
            return (from + 1..from + 1 + length, from + length + 2);
        }
    }
    let end = list[from..]
        .find([',', ']'])
        .map_or(list.len(), |length| from + length);
    (from..end, end)
}

/// Bytes of white space `text` starts with.
fn spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_space).len()
}

/// Upstream's `splitWithOptions`: a list of names with options, parted by white
/// space that stands outside of the options.
pub(crate) fn split(text: &str) -> Vec<&str> {
    const PATTERN: &str = concat!(
        r"(?s)(?:[^\[\s]+(?:\s*\[\s*",
        r"(?:[\w\-.]+(?:\?[\w\-.]+=[\w\-.]+)?=",
        r#"(?:"[^"]*"|'[^']*'|[^,\]]*)\s*"#,
        r"(?:,|\]\s*\[)?\s*)*\])?\s*|\S+)(?=\s|$)",
    );
    static REGEX: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = REGEX.get_or_init(|| Regex::new(PATTERN, Flags::default()).ok());
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(regex) = regex {
        match regex.search_at(text, at, &mut scratch) {
            Ok(Some(piece)) => {
                found.push(&text[piece.start()..piece.end()]);
                at = piece.end();
            }
            Ok(None) => return found,
            // too many steps: no list that anybody wrote
            Err(_) => break,
        }
    }
    found.extend(text[at..].split_whitespace());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(text: &str) -> String {
        match extract(text) {
            Ok((name, options)) => format!("{name:?} {options:?}"),
            Err(problem) => problem.python(),
        }
    }

    // Expectations are what upstream's extractOptions answers.
    #[test]
    fn extracts_as_upstream() {
        assert_eq!(
            dump("sshd[mode=ddos, x = 1]"),
            "expected option, wrong syntax at 10:  x = 1"
        );
        assert_eq!(
            dump("f[a=\" x,] \",b='y' ][c= z ,] "),
            "unexpected syntax at 15 after option 'b':  ][c= z ,"
        );
        assert_eq!(
            dump("f[a=\" x,] \",b='y'] [c= z ,\n]\n"),
            r#""f" [("a", "x,]"), ("b", "y"), ("c", "z")]"#
        );
        assert_eq!(
            dump("f[a=1,a?family=inet6=2,a=3]"),
            r#""f" [("a", "3"), ("a?family=inet6", "2")]"#
        );
        assert_eq!(dump("f[a='b]"), r#""f" [("a", "'b")]"#);
        assert_eq!(dump("f[]"), r#""f" []"#);
        assert_eq!(dump("f[a=1] b"), "unexpected option syntax");
        assert_eq!(dump("[a=1]"), "unexpected option syntax");
        assert_eq!(dump(""), "unexpected option syntax");
    }

    #[test]
    fn splits_as_upstream() {
        assert_eq!(
            split("a[x=\"1 2\", y=3]\nb c[z=1\n,] d[q"),
            ["a[x=\"1 2\", y=3]", "b", "c[z=1\n,]", "d[q"]
        );
    }
}
