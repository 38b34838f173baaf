//! Text of the attacker's can choose the address.
//!
//! Before `<HOST>` stands free text (a user name, a URL) that may itself hold what the regex
//! expects between that text and the address. The rule proves it: it makes up a line with the
//! true address in its place and puts a second one, with the words before it, into the free
//! text; if the regex then finds the second one, anybody can be banned by it.
//!
//! ```text
//! failregex = ^Invalid user .*? from <HOST>            bad: user "x from 203.0.113.9"
//! failregex = ^Invalid user .*? from <HOST> port \d+$  good, if no user name can end so
//! failregex = ^Invalid user \S* from <HOST>            good: a user name without blanks
//! ```
//!
//! A warning, not an error: whether an attacker can write that text the regex cannot tell.

use super::chars;
use super::sampler::{ADDRESS, CHOICES, Sampler};
use super::{FailRegex, Subject};
use crate::pattern::ast::{GroupKind, Kind, Node};
use crate::pattern::{Regex, Scratch};

/// The address an attacker would have banned.
const VICTIM: &str = "203.0.113.9";

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    for fail in subject.failregexes() {
        let Some((line, span)) = attack(fail, &mut scratch) else {
            continue;
        };
        let message = format!(
            "failregex {}: text before the address can choose another one; of the line `{line}` \
             it takes {VICTIM}",
            fail.index + 1
        );
        subject.report_regex(
            fail.set,
            fail.regex,
            Some(span),
            (
                message,
                "may hold what follows it, address included",
                "let this text not take blanks (\\S*), or end the regex with $ behind the address",
            ),
        );
    }
}

/// A line of which the regex takes the wrong address, and the node that lets it.
fn attack(fail: FailRegex, scratch: &mut Scratch) -> Option<(String, std::ops::Range<usize>)> {
    let regex = &fail.regex.regex;
    let group = regex.group_index("ip4")?;
    // no more lines than that are ever searched together
    let maxlines = fail.set.filter.options.maxlines;
    let mut path = Vec::new();
    flatten(&regex.ast().root, &mut path);
    let host = path.iter().position(|node| has_address(node))?;
    let free = (0..host).rev().filter(|at| is_free_text(path[*at]));
    for at in free {
        for choices in &CHOICES[..3] {
            let part = |nodes: &[&Node]| {
                let mut sampler = Sampler::new(*choices);
                nodes.iter().try_for_each(|node| sampler.add(node))?;
                Some(sampler.text)
            };
            let (Some(head), Some(between), Some(tail)) = (
                part(&path[..at]),
                part(&path[at + 1..=host]),
                part(&path[host + 1..]),
            ) else {
                continue;
            };
            let word = if chars::takes(path[at], 'x') == Some(true) {
                "x"
            } else {
                ""
            };
            let lure = between.replace(ADDRESS, VICTIM);
            // what the regex wants behind the address may have to be there as well
            for rest in ["", tail.as_str()] {
                let line = format!("{head}{word}{lure}{rest}{between}{tail}");
                let honest = format!("{head}{word}{between}{tail}");
                if line.matches('\n').count() < maxlines
                    && address(regex, group, &line, scratch).as_deref() == Some(VICTIM)
                    && address(regex, group, &honest, scratch).as_deref() == Some(ADDRESS)
                {
                    return Some((line, path[at].span.start..path[at].span.end));
                }
            }
        }
    }
    None
}

fn address(regex: &Regex, group: usize, line: &str, scratch: &mut Scratch) -> Option<String> {
    let text = format!("{line}\n");
    let found = regex.search(&text, scratch).ok()??;
    let (start, end) = found.span(group)?;
    Some(text[start..end].to_string())
}

/// The parts of a regex in order, sequences and groups taken apart.
pub(super) fn flatten<'n>(node: &'n Node, path: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::Concat(nodes) => nodes.iter().for_each(|node| flatten(node, path)),
        Kind::Group(group)
            if matches!(group.node.kind, Kind::Concat(_) | Kind::Repeat(_))
                && !matches!(group.kind, GroupKind::Atomic) =>
        {
            flatten(&group.node, path);
        }
        _ => path.push(node),
    }
}

pub(super) fn has_address(node: &Node) -> bool {
    match &node.kind {
        Kind::Group(group) => {
            matches!(&group.kind, GroupKind::Capture { name: Some(name), .. } if name == "ip4")
                || has_address(&group.node)
        }
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().any(has_address),
        Kind::Repeat(repeat) => repeat.min > 0 && has_address(&repeat.node),
        _ => false,
    }
}

/// Any number of characters, blanks, letters and digits among them.
fn is_free_text(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat(repeat) => {
            let takes = |c: char| chars::takes(&repeat.node, c) == Some(true);
            repeat.max.is_none() && [' ', 'x', '1', '.'].into_iter().all(takes)
        }
        Kind::Group(group) => is_free_text(&group.node),
        _ => false,
    }
}
