//! Why a regex is refused, told on the text its writer knows: fail2ban's tags in it, a caret
//! under the place. Python's view of it, tags replaced, is kept for the classic report.

use super::other_dialects;
use super::terminal::print_error;
use crate::analysis::check::RawFile;
use crate::config::nearest;
use crate::engine::RegexError;
use crate::pattern::ast::Span;
use crate::pattern::tags::{HostTag, Resolved};
use std::path::Path;

/// Tags that name who failed.
const NAMING: [&str; 4] = ["<HOST>", "<ADDR>", "<SUBNET>", "<DNS>"];

/// What is wrong with a regex as written, and where, with a caret under it.
pub(super) fn explained(written: &str, error: &RegexError) -> String {
    let (message, place) = match error {
        RegexError::Empty => return error.one_line(),
        RegexError::NoFailureId(_) => nobody(written),
        RegexError::Syntax { error, .. } => {
            let place = error.position.map(|at| place(written, at));
            renamed(written)
                .or_else(|| in_class(written))
                .or_else(|| of_perl(written, &error.message))
                .unwrap_or_else(|| {
                    let instead = other_dialects::instead(written, place, &error.message);
                    let instead = instead.map_or(String::new(), |instead| format!(": {instead}"));
                    (error.message.clone() + &instead, place)
                })
        }
    };
    match place {
        Some(at) => {
            let (before, behind) = around(written, at);
            format!("{message}\n    {before}{behind}\n    {}^", blanks(&before))
        }
        None => {
            let (before, behind) = around(written, 0);
            format!("{message}, in `{before}{behind}`")
        }
    }
}

/// Prints an error of the program; a regex and its caret, indented, on lines of their own.
pub(super) fn print(program: &str, message: &str) {
    let mut lines = message.split("\n    ");
    let first = lines.next().unwrap_or_default();
    print_error(format!("{program}: {first}"));
    for line in lines {
        print_error(format!("    {line}"));
    }
}

/// Characters of a regex shown on each side of the place that is wrong.
const AROUND: usize = 200;

/// What stands before and behind a place, as much of it as is shown.
fn around(text: &str, at: usize) -> (String, String) {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let skipped = before.chars().count().saturating_sub(AROUND);
    let mut left = shown(&before.chars().skip(skipped).collect::<String>());
    if skipped > 0 {
        left.insert(0, '…');
    }
    let mut right = shown(&behind.chars().take(AROUND).collect::<String>());
    if behind.chars().nth(AROUND).is_some() {
        right.push('…');
    }
    (left, right)
}

fn shown(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

fn blanks(before: &str) -> String {
    " ".repeat(unicode_width::UnicodeWidthStr::width(before))
}

/// `(?P<HOST>…)`: the tag is replaced there, too.
fn renamed(written: &str) -> Option<(String, Option<usize>)> {
    NAMING.iter().find_map(|tag| {
        let group = format!("(?P{tag}");
        let at = written.find(&group)?;
        let message = format!(
            "`{group}…)` is no group: `{tag}` is replaced by the pattern of an address wherever it \
             stands; write `{tag}` alone where the address stands, or `<F-ID>…</F-ID>`"
        );
        Some((message, Some(at)))
    })
}

/// `(?<user>…)`, a named group as Perl, PCRE and Java have it.
fn of_perl(written: &str, message: &str) -> Option<(String, Option<usize>)> {
    if !message.starts_with("unknown extension ?<") {
        return None;
    }
    let named = written.match_indices("(?<").find_map(|(at, open)| {
        let rest = &written[at + open.len()..];
        let (name, _) = rest.split_once('>')?;
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && !name.is_empty()).then_some((at, name))
    });
    let (at, name) = named?;
    let message = format!(
        "`(?<{name}>…)` is no group of Python's regexes: write `(?P<{name}>…)`, or for a user \
         `<F-USER>…</F-USER>`; where the address stands put `<HOST>` or `<ADDR>`"
    );
    Some((message, Some(at)))
}

/// A tag between `[` and `]`: there its pattern is a heap of single characters.
fn in_class(written: &str) -> Option<(String, Option<usize>)> {
    let bytes = written.as_bytes();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' if open.is_none() => {
                open = Some(at);
                // a `]` at once is a character of the class
                if bytes.get(at + 1) == Some(&b'^') {
                    at += 1;
                }
                if bytes.get(at + 1) == Some(&b']') {
                    at += 1;
                }
            }
            b']' => open = None,
            b'<' => {
                if let Some(open) = open
                    && let Some(tag) = NAMING.iter().find(|tag| written[at..].starts_with(**tag))
                {
                    let message = format!(
                        "`{tag}` stands inside a character class `[…]`; to match a bracket of the \
                         log write `\\[` and `\\]`"
                    );
                    return Some((message, Some(open)));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// No group says who failed: what was meant to.
fn nobody(written: &str) -> (String, Option<usize>) {
    let put = "put `<HOST>` or `<ADDR>` where the address stands (or `<F-ID>…</F-ID>` around \
               another id)";
    for group in [
        "(?P<host>",
        "(?P<ip>",
        "(?P<addr>",
        "(?P<user>",
        "(?<host>",
        "<IP>",
        "<host>",
    ] {
        if let Some(at) = written.find(group) {
            let rest = if group.starts_with('(') { "…)" } else { "" };
            return (format!("`{group}{rest}` names nobody: {put}"), Some(at));
        }
    }
    if let Some(name) = left_tag(written) {
        let message = format!(
            "no option of the filter stands for `<{name}>`, which so names nobody: see the options \
             given to the filter (a `mode` that it has not?)"
        );
        return (message, Some(0));
    }
    (format!("No failure-id group in it: {put}"), None)
}

/// The name of the tag that is all of a regex, and was left as it is: `<mdre-agressive>`.
fn left_tag(written: &str) -> Option<&str> {
    let name = written.trim().strip_prefix('<')?.strip_suffix('>')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.chars().all(is_name).then_some(name)
}

/// The option of a file that a tag left as it is was to stand for: `mdre-aggressive` for
/// `<mdre-agressive>`.
pub(super) fn meant(written: &str, file: &Path) -> Option<String> {
    let left = left_tag(written)?;
    let file = RawFile::read(file);
    let names = file.options.iter().map(|option| option.name.as_str());
    nearest(left, names).map(str::to_owned)
}

/// Bytes of the regex as written up to where Python's position, in characters, lies.
fn place(written: &str, position: usize) -> usize {
    let resolved = Resolved::of(written, HostTag::Any);
    let offset = resolved.text.char_indices().map(|(at, _)| at).nth(position);
    let at = offset.unwrap_or(resolved.text.len());
    resolved.written(Span { start: at, end: at }).start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::{Filter, FilterOptions};

    fn told(written: &str) -> String {
        let mut filter = Filter::new(FilterOptions::default());
        let error = filter.add_failregex(Sourced {
            text: written.into(),
            origin: None,
        });
        explained(written, &error.expect_err("it is refused"))
    }

    #[test]
    fn the_caret_stands_under_what_was_written() {
        let text = told("^a from [<HOST>] (x");
        assert!(text.contains(r"write `\[`"), "{text}");
        assert!(
            text.ends_with("    ^a from [<HOST>] (x\n            ^"),
            "{text}"
        );
        let text = told("<HOST> a**");
        assert!(text.starts_with("multiple repeat\n"), "{text}");
        assert!(text.ends_with("\n             ^"), "{text}");
    }

    #[test]
    fn groups_that_name_nobody_are_named() {
        assert!(told(r"from (?P<host>\S+)$").contains("`(?P<host>…)` names nobody"));
        let text = told(r"for (?<user>\S+) from <HOST>");
        assert!(
            text.contains("write `(?P<user>…)`") && text.ends_with("\n        ^"),
            "{text}"
        );
        assert!(told(r"from (?P<HOST>\S+)$").contains("`(?P<HOST>…)` is no group"));
        assert!(told("from x").contains("put `<HOST>` or `<ADDR>`"));
        assert!(told("<mdre-agressive>").contains("stands for `<mdre-agressive>`"));
    }

    #[test]
    fn what_other_dialects_write_is_told_in_python_s() {
        for (written, instead) in [
            (r"^\h*a <HOST>", r"bad escape \h: write `[ \t]`"),
            (r"a \K<HOST>", r"bad escape \K: leave `\K` out"),
            (r"a <HOST>\z", r"bad escape \z: write `$`"),
            (r"a <HOST>\x{20}b", r"write `\x20`"),
            (r"a (?|b|c) <HOST>", "write `(?:…)`"),
            (r"a (?'user'\w+) <HOST>", "write `(?P<user>…)`"),
            (r"a <HOST>(?i)", "put the flags at the begin"),
            (r"*a <HOST>", "any text is `.*`"),
            (r"a [\w-.]+ <HOST>", "stands last in the class"),
            (r"a (<HOST>", r"is written `\(`"),
        ] {
            let text = told(written);
            assert!(text.contains(instead), "{text}");
        }
    }
}
