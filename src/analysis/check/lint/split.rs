//! A `|` that splits the whole failregex.
//!
//! An alternation reaches as far as it can: in `^a from <HOST>|b$` the `^` and `<HOST>` belong to
//! the first alternative only, and the second is `b$`, anywhere, which names nobody.
//!
//! ```text
//! failregex = ^login failed|refused from <HOST>$        bad: `^login failed`, which names nobody
//! failregex = ^login (?:failed|refused) from <HOST>$    good
//! ```

use super::anchors::is_anchored;
use super::{FailRegex, Subject};
use crate::analysis::check::Severity;
use crate::analysis::check::finding::Applicability;
use crate::engine::groups::{FAILURE_ID_GROUPS, Key};
use crate::pattern::ast::{GroupKind, Kind, Node};
use std::ops::Range;

pub(super) fn check(subject: &mut Subject) {
    for fail in subject.failregexes() {
        let Some((span, is_nameless)) = split(fail) else {
            continue;
        };
        let number = fail.index + 1;
        if span.is_empty() {
            report_empty(subject, fail, span.start, is_nameless);
            continue;
        }
        let text = &fail.regex.regex.as_str()[span.clone()];
        let (message, severity) = if is_nameless {
            (
                format!(
                    "failregex {number}: the | splits all of it, and the alternative `{text}` \
                 names nobody"
                ),
                Severity::Error,
            )
        } else {
            (
                format!(
                    "failregex {number}: the | splits all of it, also what is before and behind"
                ),
                Severity::Warning,
            )
        };
        let help = "put the alternatives in (?:…|…)";
        let text = (message, "an alternative of its own", help);
        let finding = subject.report_regex(fail.set, fail.regex, Some(span), text);
        finding.severity = severity;
    }
}

/// Reports a `|` with nothing on one side of it.
fn report_empty(subject: &mut Subject, fail: FailRegex, at: usize, is_nameless: bool) {
    let text = fail.regex.regex.as_str();
    let bar = if text[at..].starts_with('|') {
        at
    } else {
        at.saturating_sub(1)
    };
    let nobody = if is_nameless { " and names nobody" } else { "" };
    let message = format!(
        "failregex {}: nothing stands on one side of the |, and that matches every line{nobody}",
        fail.index + 1
    );
    let text = (
        message,
        "an empty alternative",
        "leave the | out: each line of failregex is an alternative of its own",
    );
    let finding = subject.report_regex(fail.set, fail.regex, Some(bar..bar + 1), text);
    if !is_nameless {
        finding.severity = Severity::Warning;
    }
    let marked = finding.excerpts.first();
    let marked = marked.and_then(|shown| shown.text.get(shown.span.clone()));
    if marked == Some("|") {
        finding.fix_with(Applicability::Safe, "");
    }
}

/// Whether a `|` splits the whole regex in a way that is hardly meant: an alternative, and whether
/// it is one that names nobody.
pub(super) fn split(fail: FailRegex) -> Option<(Range<usize>, bool)> {
    let Kind::Alternation(branches) = &fail.regex.regex.ast().root.kind else {
        return None;
    };
    let span = |node: &Node| node.span.start..node.span.end;
    let prefregex = fail.set.filter.prefregex.as_ref();
    let is_named_before = prefregex.is_some_and(|pre| names(&pre.regex.ast().root));
    let nameless = branches.iter().find(|branch| !names(branch));
    if let Some(nameless) = nameless.filter(|_| !is_named_before) {
        return Some((span(nameless), true));
    }
    let loose = branches.iter().find(|branch| !is_anchored(branch))?;
    // where none has an anchor it is no matter of the alternation
    let is_mixed = branches.iter().any(is_anchored);
    is_mixed.then(|| (span(loose), false))
}

fn names(node: &Node) -> bool {
    match &node.kind {
        Kind::Group(group) => {
            let name = match &group.kind {
                GroupKind::Capture { name, .. } => name.as_deref(),
                _ => None,
            };
            name.is_some_and(|name| Key::is_among(name, &FAILURE_ID_GROUPS)) || names(&group.node)
        }
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().any(names),
        Kind::Repeat(repeat) => names(&repeat.node),
        Kind::Conditional(conditional) => {
            names(&conditional.yes) || conditional.no.as_deref().is_some_and(names)
        }
        Kind::Look(look) => names(&look.node),
        _ => false,
    }
}
