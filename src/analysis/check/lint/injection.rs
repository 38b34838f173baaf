//! Text of the attacker's can choose the address.
//!
//! Before `<HOST>` stands free text (a user name, a URL) that may itself hold what the regex
//! expects between that text and the address. The rule proves it: it makes up a line with the
//! true address in its place and puts a second one, with the words before it, into the free
//! text; if the regex then finds the second one, anybody can be banned by it. The same with free
//! text behind the address, where a greedy part before it goes on to the last that fits.
//!
//! Text that ends at a character it cannot hold (`[^\]]*\]`) counts only where it stands in quotes
//! or behind a word such as `user`: in other places the program itself writes it.
//!
//! ```text
//! failregex = ^Invalid user .*? from <HOST>            bad: user "x from 203.0.113.9"
//! failregex = ^Invalid user .*? from <HOST> port \d+$  good, if no user name can end so
//! failregex = ^Invalid user \S* from <HOST>            good: a user name without blanks
//! failregex = ^.*denied\. IP: <ADDR>\. User: .*$       bad: user "denied. IP: 203.0.113.9. User: "
//! failregex = ^\S+ denied\. IP: <ADDR>\. User: .*$     good: what lines begin with
//! ```
//!
//! A warning, not an error: whether an attacker can write that text the regex cannot tell.

use super::parts::{flatten, has_address, is_greedy};
use super::sampler::{ADDRESS, CHOICES, Choices, Sampler};
use super::{FailRegex, Subject, chars, foreign, greedy_host};
use crate::pattern::ast::{Kind, Node};
use crate::pattern::{Regex, Scratch};
use std::ops::Range;

/// The address an attacker would have banned.
const VICTIM: &str = "203.0.113.9";

/// What a free text begins with.
const WORDS: [&str; 2] = ["x", ""];

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    for fail in subject.failregexes() {
        let before = attack(fail, attack_before, &mut scratch);
        let number = fail.index + 1;
        if let Some((line, span)) = before {
            let message = format!(
                "failregex {number}: text before the address can choose another one; of the line \
                 `{line}` it takes {VICTIM}"
            );
            let text = (
                message,
                "may hold what follows it, address included",
                "let this text not take blanks (\\S*), or end the regex with $ behind the address",
            );
            subject.report_regex(fail.set, fail.regex, Some(span), text);
            continue;
        }
        // told already, with the same way out
        if greedy_host::greedy(fail.regex.regex.as_str(), &mut scratch).is_some() {
            continue;
        }
        if let Some((line, span)) = attack(fail, attack_behind, &mut scratch) {
            let message = format!(
                "failregex {number}: text behind the address can choose another one; of the line \
                 `{line}` it takes {VICTIM}"
            );
            let text = (
                message,
                "takes all up to the last address that fits",
                "put what the lines begin with in its place, or end the regex with $ right behind the \
                 address",
            );
            subject.report_regex(fail.set, fail.regex, Some(span), text);
        }
    }
}

/// A failregex in parts, to make lines of.
struct Parts<'n> {
    path: Vec<&'n Node>,
    /// Which part holds the address.
    host: usize,
    choices: Choices,
    /// Whether the log is JSON: what others write has no `"` there that is not escaped.
    is_json: bool,
}

impl Parts<'_> {
    /// A text for some parts.
    fn text(&self, parts: Range<usize>) -> Option<String> {
        let mut sampler = Sampler::plain(self.choices);
        let mut nodes = self.path.get(parts)?.iter();
        nodes.try_for_each(|node| sampler.add(node))?;
        Some(sampler.text)
    }

    /// Whether others may write the text.
    fn can_write(&self, text: &str) -> bool {
        !(self.is_json && text.contains('"'))
    }

    /// Parts of free text among these that others than the program write.
    fn free(&self, parts: Range<usize>) -> impl DoubleEndedIterator<Item = usize> {
        parts.filter(move |at| is_free_text(self.path[*at]) && foreign::is_foreign(&self.path, *at))
    }
}

/// Lines that may be an attack, each with the same one as it is without, and the part that lets
/// it be one.
type Attacks = Vec<(String, String, usize)>;

/// A second address in the text before the address.
fn attack_before(parts: &Parts) -> Attacks {
    let end = parts.path.len();
    let mut attacks = Vec::new();
    for at in parts.free(0..parts.host).rev() {
        let texts = (
            parts.text(0..at),
            parts.text(at + 1..parts.host + 1),
            parts.text(parts.host + 1..end),
        );
        let (Some(head), Some(between), Some(tail)) = texts else {
            continue;
        };
        let lure = between.replace(ADDRESS, VICTIM);
        // what the regex wants behind the address may have to be there as well
        let lures = [lure.clone(), format!("{lure}{tail}")];
        let lures = lures.iter().filter(|lure| parts.can_write(lure));
        for (lure, word) in lures.flat_map(|lure| WORDS.map(|word| (lure, word))) {
            let line = format!("{head}{word}{lure}{between}{tail}");
            attacks.push((line, format!("{head}{word}{between}{tail}"), at));
        }
    }
    attacks
}

/// A second address in the text behind the address, which a greedy part before it goes on to.
fn attack_behind(parts: &Parts) -> Attacks {
    let end = parts.path.len();
    let mut attacks = Vec::new();
    let goes_on = |at: &usize| is_free_text(parts.path[*at]) && is_greedy(parts.path[*at]);
    let Some(greedy) = (0..parts.host).rev().find(goes_on) else {
        return attacks;
    };
    for at in parts.free(parts.host + 1..end) {
        let texts = (
            parts.text(0..at),
            parts.text(greedy + 1..at),
            parts.text(at + 1..end),
        );
        let (Some(head), Some(again), Some(tail)) = texts else {
            continue;
        };
        let lure = again.replace(ADDRESS, VICTIM);
        // attributes: a `"` of others is escaped in them
        let can_write = parts.can_write(&lure) && !lure.contains("=\"");
        for word in WORDS.into_iter().filter(|_| can_write) {
            let line = format!("{head}{word}{lure}{tail}");
            attacks.push((line, format!("{head}{word}{tail}"), greedy));
        }
    }
    attacks
}

/// A line of which the regex takes the wrong address, and the node that lets it.
fn attack(
    fail: FailRegex,
    make: fn(&Parts) -> Attacks,
    scratch: &mut Scratch,
) -> Option<(String, Range<usize>)> {
    let regex = &fail.regex.regex;
    let group = regex.group_index("ip4")?;
    // no more lines than that are ever searched together
    let maxlines = fail.set.filter.options.maxlines;
    let mut path = Vec::new();
    flatten(&regex.ast().root, &mut path);
    let host = path.iter().position(|node| has_address(node))?;
    let mut parts = Parts {
        path,
        host,
        choices: CHOICES[0],
        is_json: regex.as_str().replace('\\', "").contains("\":"),
    };
    for choices in &CHOICES[..3] {
        parts.choices = *choices;
        for (line, honest, at) in make(&parts) {
            if line.matches('\n').count() < maxlines
                && address(regex, group, &line, scratch).as_deref() == Some(VICTIM)
                && address(regex, group, &honest, scratch).as_deref() == Some(ADDRESS)
            {
                let span = parts.path[at].span;
                return Some((line, span.start..span.end));
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
