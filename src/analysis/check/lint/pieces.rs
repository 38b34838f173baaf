//! A greedy part right before the address, which takes the first digits of it.
//!
//! `.*<HOST>` takes all but the last piece that still reads as an address or a host name: of
//! 192.0.2.1 it leaves `1`, and with `<ADDR>` `2.0.2.1`. Whoever has that address is banned. The
//! rule proves it with a line.
//!
//! ```text
//! failregex = ^login failed.*<HOST>$           bad: takes 1 of 192.0.2.1
//! failregex = ^login failed.* from <HOST>$     good: a blank stands before the address
//! ```

use super::parts::{flatten, has_address, is_greedy};
use super::sampler::{ADDRESS, CHOICES, Sampler};
use super::{FailRegex, Subject, greedy_host};
use crate::analysis::check::finding::Applicability;
use crate::engine::groups::HOST_GROUPS;
use crate::pattern::Scratch;
use crate::pattern::ast::{Kind, Node};
use std::ops::Range;

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    for fail in subject.failregexes() {
        // told already, with the same way out
        if greedy_host::greedy(fail.regex.regex.as_str(), &mut scratch).is_some() {
            continue;
        }
        let Some((line, piece, span)) = piece(fail, &mut scratch) else {
            continue;
        };
        let message = format!(
            "failregex {}: what stands before the address takes a piece of it; of the line \
             `{line}` it leaves {piece}",
            fail.index + 1
        );
        let finding = subject.report_regex(
            fail.set,
            fail.regex,
            Some(span),
            (
                message,
                "takes the first digits",
                "put what stands before the address between them (a blank, \\b, =), or make it \
                 lazy (.*?)",
            ),
        );
        let marked = finding.excerpts.first();
        let marked = marked.and_then(|shown| shown.text.get(shown.span.clone()));
        if let Some(lazy) = marked.filter(|text| text.ends_with(['*', '+'])) {
            let lazy = format!("{lazy}?");
            finding.fix_with(Applicability::Unsafe, &lazy);
        }
    }
}

/// A line of which the regex takes a piece of the address, the piece, and the part that does it.
fn piece(fail: FailRegex, scratch: &mut Scratch) -> Option<(String, String, Range<usize>)> {
    let regex = &fail.regex.regex;
    let groups = HOST_GROUPS.map(|key| key.known_name().and_then(|name| regex.group_index(name)));
    let mut path = Vec::new();
    flatten(&regex.ast().root, &mut path);
    let host = path.iter().position(|node| has_address(node))?;
    // `<ADDR>` begins with `\[?`
    let before = (0..host).rev().find(|at| !is_optional(path[*at]))?;
    if !is_greedy(path[before]) {
        return None;
    }
    for choices in &CHOICES[..3] {
        let part = |nodes: &[&Node]| {
            let mut sampler = Sampler::new(*choices);
            nodes.iter().try_for_each(|node| sampler.add(node))?;
            Some(sampler.text)
        };
        let (Some(head), Some(tail)) = (part(&path[..before]), part(&path[host + 1..])) else {
            continue;
        };
        // a word, and what can stand between it and an address
        for between in [" ", "x ", "=", ""] {
            let line = format!("{head}{between}{ADDRESS}{tail}");
            let text = format!("{line}\n");
            let Some(found) = regex.search(&text, scratch).ok()? else {
                continue;
            };
            let mut spans = groups.iter().filter_map(|group| found.span((*group)?));
            let taken = spans.next().map(|(start, end)| &text[start..end]);
            let Some(taken) = taken.filter(|taken| !taken.is_empty()) else {
                continue;
            };
            if taken != ADDRESS && ADDRESS.ends_with(taken) {
                let span = path[before].span;
                return Some((line, taken.to_owned(), span.start..span.end));
            }
        }
    }
    None
}

/// What takes one character or none.
fn is_optional(node: &Node) -> bool {
    matches!(&node.kind, Kind::Repeat(repeat) if repeat.min == 0 && repeat.max == Some(1))
}
