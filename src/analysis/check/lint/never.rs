//! A failregex that can never match.
//!
//! Either it contradicts itself (`$` before more text, `^` behind some), or the `prefregex`
//! leaves it only text it cannot match: what `<F-CONTENT>` may hold and what the failregex
//! wants have nothing in common. Lookarounds count as always true, so that a finding is
//! certain; but for `(?!)`, which never is, and mostly a slip for `(?i)`.
//!
//! ```text
//! prefregex = ^sshd: <F-CONTENT>(?:Failed|Invalid) .+</F-CONTENT>$
//! failregex = ^Connection closed by <HOST>     bad: no content begins so
//! ```

use super::automaton::{Automaton, have_common_text};
use super::{Subject, quotes};
use crate::pattern::ast::{GroupKind, Kind, Node};

pub(super) fn check(subject: &mut Subject) {
    for fail in subject.failregexes() {
        if fail.set.filter.is_multi_line() || quotes::is_quoted(&fail.regex.source) {
            continue;
        }
        let wants = Automaton::search(&fail.regex.regex.ast().root);
        let number = fail.index + 1;
        if !have_common_text(&wants, &Automaton::line(None)) {
            // a line break is in no line
            let wants_lines = fail.regex.regex.as_str().contains("\\n");
            let message = if wants_lines {
                format!("failregex {number} can match no line: it wants several, and maxlines is 1")
            } else {
                format!("failregex {number} can match no line: it contradicts itself")
            };
            let help = if wants_lines {
                "put `maxlines = 2`, or as many as it spans, into [Init]"
            } else if fail.regex.regex.as_str().contains("(?!)") {
                "nothing matches (?!); is a flag meant, as in (?i)?"
            } else {
                "look for $ before more text, or ^ behind some"
            };
            subject.report_regex(fail.set, fail.regex, None, (message, "", help));
            continue;
        }
        let Some(prefregex) = &fail.set.filter.prefregex else {
            continue;
        };
        let Some(content) = content(&prefregex.regex.ast().root) else {
            continue;
        };
        if !have_common_text(&wants, &Automaton::line(Some(content))) {
            let message = format!(
                "failregex {number} can never match: the prefregex leaves no text it matches"
            );
            let help = "a failregex sees only what <F-CONTENT> holds, not what stands before it";
            subject.report_regex(fail.set, fail.regex, None, (message, "", help));
        }
    }
}

/// What is inside of `<F-CONTENT>`.
fn content(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Group(group) => match &group.kind {
            GroupKind::Capture {
                name: Some(name), ..
            } if name == "content" => Some(&group.node),
            _ => content(&group.node),
        },
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().find_map(content),
        Kind::Repeat(repeat) => content(&repeat.node),
        _ => None,
    }
}
