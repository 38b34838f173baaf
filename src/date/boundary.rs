//! How upstream turns the regex of a date template into the one it searches with:
//! word and line boundaries, the marks `{^LN-BEG}`, `{UNB}`, `**`, and group 1
//! around it all. Not the `%` fields (`fields`).

use std::sync::LazyLock;

use super::python;
use super::template::Anchors;
use crate::pattern::{Flags, Regex, Scratch};

/// The regexes of upstream's `datetemplate.py` and `datedetector.py` that decide.
struct Rules {
    grouped: Regex,
    group: Regex,
    global_flags: Regex,
    no_bounds: Regex,
    line_begin: Regex,
    anchored_begin: Regex,
    anchored_end: Regex,
    no_word_begin: Regex,
    no_word_end: Regex,
    stars: Regex,
    caret: Regex,
    dollar: Regex,
    epoch: Regex,
    date: Regex,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let new = |regex| match Regex::new(regex, Flags::default()) {
        Ok(regex) => regex,
        Err(error) => unreachable!("{regex}: {error}"),
    };
    Rules {
        grouped: new(r"(?<!(?:\(\?))(?<!\\)\((?!\?)"),
        group: new(r"^((?:\(\?\w+\))?\^?(?:\(\?\w+\))?)(.*?)(\$?)$"),
        global_flags: new(r"((?:^|(?<!\\))\(\?[a-z]+\))"),
        no_bounds: new(r"^\{UNB\}"),
        line_begin: new(r"^\{\^LN-BEG\}"),
        anchored_begin: new(r"^\((?:\?:)?\^\|\\b\|\\W\)"),
        anchored_end: new(r"\(\?=\\b\|\\W\|\$\)$"),
        no_word_begin: new(r"^\(*(?:\(\?\w+\))?(?:\^|\(*\*\*|\((?:\?:)?\^)"),
        no_word_end: new(r"(?<!\\)(?:\$\)?|\\b|\\s|\*\*\)*)$"),
        stars: new(r"^\(*(?:\(\?\w+\))?\(*\*\*|(?<!\\)\*\*\)*$"),
        caret: new(r"^(?:\(\?\w+\))?(?:\^|\((?:\?:)?\^(?!\|))"),
        dollar: new(r"(?<![\\\|])(?:\$\)?)$"),
        epoch: new(r"(?i)(?<!\\)\{L?EPOCH\}"),
        date: new(r"(?i)(?<!\\)\{DATE\}"),
    }
});

/// What a template asks for at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// Nothing.
    Free,
    /// A word boundary (the default).
    Word,
    /// The beginning of the line, up to two non-word characters before it.
    Line,
}

/// A regex with its boundaries.
pub(super) struct Bounded {
    pub(super) regex: String,
    pub(super) anchors: Anchors,
    /// The name gets the prefix `{^LN-BEG}`.
    pub(super) named_line_begin: bool,
}

/// Upstream's `DateTemplate.setRegex`.
pub(super) fn bound(regex: &str, begin: Begin, word_end: bool) -> Bounded {
    let rules = &*RULES;
    let mut regex = python::strip(regex).to_owned();
    let flags = find(&rules.global_flags, &regex).map(|(start, end)| {
        let flags = regex[start..end].to_owned();
        regex.replace_range(start..end, "");
        flags
    });
    let begin = if found(&rules.no_word_begin, &regex) {
        Begin::Free
    } else {
        begin
    };
    let word_end = word_end && !found(&rules.no_word_end, &regex);
    if !found(&rules.grouped, &regex) {
        regex = grouped(&regex);
    }
    let mut anchors = Anchors::default();
    match begin {
        Begin::Free => {}
        Begin::Word => {
            anchors.word_begin = true;
            regex.insert_str(0, r"(?=^|\b|\W)");
        }
        Begin::Line => {
            anchors.line_begin = true;
            regex.insert_str(0, r"^(?:\W{0,2})?");
        }
    }
    if word_end {
        anchors.word_end = true;
        regex.push_str(r"(?=\b|\W|$)");
    }
    anchors.line_begin |= found(&rules.caret, &regex);
    anchors.line_end |= found(&rules.dollar, &regex);
    regex = replace(&rules.stars, &regex, |text| text.replace("**", ""));
    if let Some(flags) = flags {
        regex.insert_str(0, &flags);
    }
    Bounded {
        regex,
        anchors,
        named_line_begin: begin == Begin::Line,
    }
}

/// Group 1 around the regex, anchors and flags left outside.
fn grouped(regex: &str) -> String {
    let mut scratch = Scratch::default();
    let Ok(Some(m)) = RULES.group.search(regex, &mut scratch) else {
        return regex.to_owned();
    };
    let part = |group| m.span(group).map_or("", |(start, end)| &regex[start..end]);
    let end = m.span(0).map_or(regex.len(), |span| span.1);
    format!("{}({}){}{}", part(1), part(2), part(3), &regex[end..])
}

/// Takes `{UNB}` and `{^LN-BEG}` off a pattern: what is left, what it asks for.
pub(super) fn take_marks(pattern: &str) -> (&str, Begin, bool) {
    if let Some((_, end)) = find(&RULES.no_bounds, pattern) {
        return (&pattern[end..], Begin::Free, false);
    }
    match find(&RULES.line_begin, pattern) {
        Some((_, end)) => (&pattern[end..], Begin::Line, true),
        None => (pattern, Begin::Word, true),
    }
}

/// A pattern without marks and boundaries, to stand inside another one
/// (`DateTemplate.unboundPattern`).
fn unbound(pattern: &str) -> String {
    let mut pattern = pattern.to_owned();
    let rules = &*RULES;
    for rule in [
        &rules.no_bounds,
        &rules.line_begin,
        &rules.anchored_begin,
        &rules.anchored_end,
    ] {
        pattern = replace(rule, &pattern, |_| String::new());
    }
    pattern
}

/// `outer` with `{DATE}` replaced by the pattern.
pub(super) fn put_date(outer: &str, pattern: &str) -> String {
    replace(&RULES.date, outer, |_| unbound(pattern))
}

/// Whether `{EPOCH}` or `{LEPOCH}` stands in the pattern.
pub(super) fn has_epoch(pattern: &str) -> bool {
    found(&RULES.epoch, pattern)
}

/// The pattern with `{EPOCH}` and `{LEPOCH}` replaced by a group, in a group if
/// it has none of its own.
pub(super) fn put_epoch(pattern: &str, epoch: &str) -> String {
    let regex = replace(&RULES.epoch, pattern, |_| format!("({epoch})"));
    if found(&RULES.grouped, pattern) {
        regex
    } else {
        format!("({regex})")
    }
}

fn find(rule: &Regex, text: &str) -> Option<(usize, usize)> {
    rule.search(text, &mut Scratch::default())
        .ok()
        .flatten()?
        .span(0)
}

fn found(rule: &Regex, text: &str) -> bool {
    find(rule, text).is_some()
}

/// `re.sub` for rules whose matches are not empty.
fn replace(rule: &Regex, text: &str, with: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut scratch, mut done) = (Scratch::default(), 0);
    while let Ok(Some(m)) = rule.search_at(text, done, &mut scratch) {
        let Some((start, end)) = m.span(0).filter(|(start, end)| start < end) else {
            break;
        };
        out.push_str(&text[done..start]);
        out.push_str(&with(&text[start..end]));
        done = end;
    }
    out.push_str(&text[done..]);
    out
}
