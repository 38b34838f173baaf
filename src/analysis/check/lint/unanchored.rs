//! A failregex that may match anywhere in the line.
//!
//! Without `^` (or a `prefregex` that hands it a fixed part of the line) a failregex also
//! matches inside text an attacker wrote: a user name, a URL, a referrer. So CVE-2013-2178
//! came about: `[[]client <HOST>[]] user .* not found` matched a request for
//! `/[client 192.0.2.1] user x not found`, and banned whom the attacker liked.
//!
//! ```text
//! failregex = Failed login from <HOST>          bad
//! failregex = ^Failed login from <HOST>$        good
//! ```

use super::anchors::is_anchored;
use super::parts::{flatten, has_address};
use super::{Subject, quotes, split};
use crate::analysis::check::Finding;
use crate::analysis::check::finding::Applicability;
use crate::pattern::ast::Node;

pub(super) fn check(subject: &mut Subject) {
    for (set, prefregex) in subject.prefregexes() {
        if !is_anchored(&prefregex.regex.ast().root) {
            let first = prefregex
                .regex
                .as_str()
                .chars()
                .next()
                .map_or(0, char::len_utf8);
            let message = "prefregex may match anywhere in the line".to_string();
            let text = (message, "no ^ before this", "begin it with ^");
            let finding = subject.report_regex(set, prefregex, Some(0..first), text);
            anchor(finding, Applicability::OnlyExercised);
        }
    }
    for fail in subject.failregexes() {
        let text = fail.regex.regex.as_str();
        let root = &fail.regex.regex.ast().root;
        if is_anchored(root) || text.starts_with("<mdre-") {
            continue;
        }
        // the fault is another one
        if quotes::is_quoted(&fail.regex.source) || split::split(fail).is_some() {
            continue;
        }
        let first = text.chars().next().map_or(0, char::len_utf8);
        let message = format!(
            "failregex {} may match anywhere in the line",
            fail.index + 1
        );
        // `^.*` begins anywhere as well
        let begins_with_any = text.starts_with(".*") || text.starts_with(".+");
        let help = if begins_with_any {
            "put ^ and what the lines begin with behind their date in place of the first part (a ^ \
             before it changes nothing), so that no text of the attacker's can stand in for the \
             line"
        } else {
            "begin it with ^ and what the lines begin with behind their date \
             (^%(__prefix_line)s in syslog), so that no text of the attacker's can stand in for \
             the line"
        };
        let text = (message, "no ^ before this", help);
        let finding = subject.report_regex(fail.set, fail.regex, Some(0..first), text);
        if !begins_with_any {
            let sureness = if begins_with_address(root) {
                Applicability::IfExercised
            } else {
                Applicability::OnlyExercised
            };
            anchor(finding, sureness);
        }
    }
}

/// Whether the address is the first that a regex asks for. Where it is not, lines have more before
/// it than the date: a host, a program.
fn begins_with_address(root: &Node) -> bool {
    let mut path = Vec::new();
    flatten(root, &mut path);
    let mut parts = path.into_iter().filter(|node| node.width.max > 0);
    // `<ADDR>` begins with `\[?`
    let first = parts.find(|node| node.width.min > 0 || has_address(node));
    first.is_some_and(has_address)
}

/// The change that puts a `^` where the regex begins, if that is where the caret is.
fn anchor(finding: &mut Finding, sureness: Applicability) {
    let Some(excerpt) = finding.excerpts.first() else {
        return;
    };
    let before = excerpt.text.get(..excerpt.span.start).unwrap_or_default();
    let name = before.trim_end().strip_suffix(['=', ':']);
    let begins = before.trim().is_empty()
        || name.is_some_and(|name| !name.trim().contains(|c: char| c.is_whitespace()));
    let with = excerpt.text.get(excerpt.span.clone());
    if let Some(text) = with.filter(|_| begins).map(|text| format!("^{text}")) {
        finding.fix_with(sureness, &text);
    }
}
