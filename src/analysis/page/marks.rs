//! Which parts of a line a regex took, and which parts of a regex take them: byte ranges with what
//! they mean, the same for both.

use crate::analysis::explain::near::children;
use crate::analysis::explain::source::source_span;
use crate::engine::find_failure::{Said, SearchObserver};
use crate::engine::groups::TupleLine;
use crate::engine::{Filter, FilterRegex, RegexRole};
use crate::pattern::Scratch;
use crate::pattern::ast::{GroupKind, Kind, Node, Span};
use serde::Serialize;
use std::ops::Range;

/// What a part of a line, or of a regex, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkKind {
    /// The date that was cut out.
    Date,
    /// What prefregex leaves for the failregexes (`<F-CONTENT>`).
    Content,
    /// What an ignoreregex matched.
    Ignore,
    /// Who failed: `<HOST>`, `<F-ID>` and their like.
    Host,
    /// `<F-USER>`.
    User,
    /// `<F-MLFID>`.
    Session,
    /// Any other group that has a name.
    Group,
}

impl MarkKind {
    /// Of a group of that name, alternates (`<F-ALT_USER1>`) as what they stand for.
    fn of_group(name: &str) -> MarkKind {
        let name = name.strip_prefix("alt_").unwrap_or(name);
        let name = name.strip_prefix("tuple_").unwrap_or(name);
        match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_') {
            "ip" | "dns" | "cidr" | "fid" | "host" => MarkKind::Host,
            "user" => MarkKind::User,
            "mlfid" => MarkKind::Session,
            "content" => MarkKind::Content,
            _ => MarkKind::Group,
        }
    }
}

/// A part, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mark {
    /// What it means.
    pub(crate) kind: MarkKind,
    /// The group's name.
    pub(crate) name: String,
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte behind its last.
    pub(crate) end: usize,
}

/// Where the groups of a regex stand in it, as written.
pub(super) fn of_regex(filter: &Filter, regex: &FilterRegex) -> Vec<Mark> {
    let mut named = Vec::new();
    named_groups(&regex.regex.ast().root, &mut named);
    let mut all: Vec<Mark> = Vec::new();
    for (name, span) in named {
        let span = source_span(filter, regex, span);
        let kind = MarkKind::of_group(&name);
        // `<HOST>` is several groups
        let is_known =
            |mark: &Mark| (mark.start, mark.end, mark.kind) == (span.start, span.end, kind);
        if !all.iter().any(is_known) {
            let (start, end) = (span.start, span.end);
            all.push(Mark {
                kind,
                name,
                start,
                end,
            });
        }
    }
    all
}

fn named_groups(node: &Node, out: &mut Vec<(String, Span)>) {
    if let Kind::Group(group) = &node.kind
        && let GroupKind::Capture {
            name: Some(name), ..
        } = &group.kind
    {
        out.push((name.clone(), node.span));
    }
    for child in children(node) {
        named_groups(child, out);
    }
}

/// Notes which regexes matched, and the text each saw.
#[derive(Default)]
pub(super) struct Matches(Vec<(RegexRole, String)>);

impl SearchObserver for Matches {
    fn searched<'t>(&mut self, role: RegexRole, text: impl FnOnce() -> &'t str, said: Said) {
        if said == Said::Matched {
            self.0.push((role, text().to_string()));
        }
    }
}

impl Matches {
    /// Whether that regex matched.
    pub(super) fn has(&self, role: RegexRole) -> bool {
        self.0.iter().any(|(known, _)| *known == role)
    }

    /// A regex that is known to have matched that text.
    pub(super) fn push(&mut self, role: RegexRole, text: &str) {
        self.0.push((role, text.to_string()));
    }
}

/// A line, and what was cut out of it.
pub(super) struct Cut<'a> {
    pub(super) line: &'a str,
    pub(super) tuple: &'a TupleLine,
}

impl Cut<'_> {
    fn date(&self) -> Range<usize> {
        let start = self.tuple.prefix().len();
        start..start + self.tuple.date().len()
    }

    /// Whether the parts are those of the line, and regexes see it without its date.
    fn is_whole(&self) -> bool {
        self.tuple.joined() == self.line
    }

    /// From a place in the text without the date to one in the line; `end`: of a part.
    fn in_line(&self, at: usize, is_end: bool) -> usize {
        let date = self.date();
        let is_before = if is_end {
            at <= date.start
        } else {
            at < date.start
        };
        let at = if is_before { at } else { at + date.len() };
        at.min(self.line.len())
    }

    /// The parts of the line that the date, prefregex and the first failregex took; or an
    /// ignoreregex.
    pub(super) fn marks(
        &self,
        matches: &Matches,
        filter: &Filter,
        scratch: &mut Scratch,
    ) -> Vec<Mark> {
        let mut all = Vec::new();
        if !self.is_whole() {
            return all;
        }
        let date = self.date();
        if !date.is_empty() {
            all.push(Mark {
                kind: MarkKind::Date,
                name: "date".into(),
                start: date.start,
                end: date.end,
            });
        }
        let seen = format!("{}\n", self.tuple.without_date());
        let mut content = 0;
        let mut is_taken = false;
        for (role, text) in &matches.0 {
            let (regex, offset) = match role {
                RegexRole::Prefregex => (filter.prefregex.as_ref(), 0),
                RegexRole::Failregex(index) => (filter.failregexes.get(*index), content),
                RegexRole::Ignoreregex(index) => (filter.ignoreregexes.get(*index), 0),
            };
            let is_failregex = matches!(role, RegexRole::Failregex(_));
            let begins = seen.get(offset..).and_then(|seen| seen.strip_suffix('\n'));
            let begins = begins.is_some_and(|seen| seen.starts_with(text.trim_end_matches('\n')));
            // the buffer of a multi-line filter is another text
            let Some(regex) = regex.filter(|_| begins && !(is_failregex && is_taken)) else {
                continue;
            };
            is_taken |= is_failregex;
            let Ok(Some(found)) = regex.regex.search(text, scratch) else {
                continue;
            };
            let mut part = |kind, name: &str, (start, end): (usize, usize)| {
                let (start, end) = (
                    self.in_line(offset + start, false),
                    self.in_line(offset + end, true),
                );
                if start < end {
                    let name = name.to_string();
                    all.push(Mark {
                        kind,
                        name,
                        start,
                        end,
                    });
                }
            };
            for (name, index) in regex.regex.group_names() {
                if let Some(span) = found.span(*index) {
                    part(MarkKind::of_group(name), name, span);
                    if *role == RegexRole::Prefregex && name == "content" {
                        content = span.0;
                    }
                }
            }
            if matches!(role, RegexRole::Ignoreregex(_))
                && let Some(span) = found.span(0)
            {
                part(MarkKind::Ignore, "ignoreregex", span);
            }
        }
        all
    }

    /// Where in the line a place stands of the text that a failregex, or prefregex, saw.
    pub(super) fn place(&self, seen: &str, at: usize) -> Option<usize> {
        let whole = self.tuple.without_date();
        let seen = seen.strip_suffix('\n').unwrap_or(seen);
        let offset = whole.find(seen).filter(|_| self.is_whole())?;
        Some(self.in_line(offset + at, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::date::{Clock, TimeZone};
    use crate::engine::{FilterOptions, Session};

    fn sourced(text: &str) -> Sourced {
        Sourced {
            text: text.into(),
            origin: None,
        }
    }

    #[test]
    fn parts_of_regexes_are_told_as_written() {
        let mut filter = Filter::new(FilterOptions::default());
        let source = "^Failed for <F-USER>\\S+</F-USER> from <HOST>( port (?P<port>\\d+))?$";
        filter.add_failregex(sourced(source)).expect("it compiles");
        let marks = of_regex(&filter, &filter.failregexes[0]);
        let told: Vec<_> = (marks.iter())
            .map(|mark| (mark.kind, &source[mark.start..mark.end]))
            .collect();
        let wanted = [
            (MarkKind::User, "<F-USER>\\S+</F-USER>"),
            (MarkKind::Host, "<HOST>"),
            (MarkKind::Group, "(?P<port>\\d+)"),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn parts_of_lines_are_found_around_the_date() {
        let mut filter = Filter::new(FilterOptions::default());
        let prefregex = "^app <F-CONTENT>.+</F-CONTENT>$";
        filter
            .set_prefregex(sourced(prefregex))
            .expect("it compiles");
        let failregex = "^<F-USER>\\S+</F-USER> from <HOST>";
        filter
            .add_failregex(sourced(failregex))
            .expect("it compiles");
        let clock = Clock::in_zone(1_795_176_000.0, TimeZone::utc());
        let mut session = Session::new(&filter, &clock, None).keep_data(true);
        let mut matches = Matches::default();
        let line = "2026-11-20 app joé from 192.0.2.7 again";
        let mut scratch = Scratch::default();
        let outcome = session.observe(line, Some(0.0), &mut scratch, &mut matches);
        let tuple = &outcome.tuple;
        let marks = Cut { line, tuple }.marks(&matches, &filter, &mut scratch);
        let told: Vec<_> = (marks.iter())
            .map(|mark| (mark.kind, &line[mark.start..mark.end]))
            .collect();
        let wanted = [
            (MarkKind::Date, "2026-11-20 "),
            (MarkKind::Content, "joé from 192.0.2.7 again"),
            (MarkKind::User, "joé"),
            (MarkKind::Host, "192.0.2.7"),
        ];
        assert_eq!(told, wanted);
    }
}
