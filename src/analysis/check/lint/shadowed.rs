//! A failregex that an earlier one leaves nothing to match.
//!
//! The fail2ban server stops at the first failregex that matches. If every line one can match
//! is matched by an earlier one as well, it never comes into play; fail2ban's suite calls
//! that an error as soon as a sample shows it. Here lines are made up from the regex: each of
//! them is matched by the earlier one, with the same address.
//!
//! ```text
//! failregex = ^error .*? from <HOST>
//!             ^error 42 from <HOST>$        bad: the first takes these lines too
//! ```

use super::{Subject, sampler};
use crate::engine::Filter;
use crate::engine::groups::{FAILURE_ID_GROUPS, Key};
use crate::pattern::{Regex, Scratch};
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        if set.filter.is_multi_line() {
            continue;
        }
        for (index, regex) in set.filter.failregexes.iter().enumerate().skip(1) {
            if !told.insert(regex.regex.as_str()) {
                continue;
            }
            if let Some(by) = shadowing(&set.filter, index, &mut scratch) {
                let message = format!(
                    "failregex {} is shadowed: failregex {} matches its lines first",
                    index + 1,
                    by + 1
                );
                let help = "drop it, put it first, or make the earlier one narrower";
                subject.report_regex(set, regex, None, (message, "", help));
            }
        }
    }
}

/// The first failregex before `index` that takes all lines made up from that one.
fn shadowing(filter: &Filter, index: usize, scratch: &mut Scratch) -> Option<usize> {
    let regex = &filter.failregexes[index].regex;
    let mut lines = sampler::lines(regex, scratch);
    if lines.len() < 3 {
        return None;
    }
    lines.iter_mut().for_each(|line| line.push('\n'));
    let ids: Vec<_> = lines
        .iter()
        .map(|line| failure_id(regex, line, scratch))
        .collect::<Option<_>>()?;
    let earlier = filter.candidates(&lines[0]).take_while(|by| *by < index);
    let mut earlier = earlier.filter(|by| {
        // the same regex twice is another rule's
        filter.failregexes[*by].regex.as_str() != regex.as_str()
    });
    earlier.find(|by| {
        let earlier = &filter.failregexes[*by].regex;
        let mut found = lines.iter().zip(&ids);
        found.all(|(line, id)| failure_id(earlier, line, scratch) == Some(*id))
    })
}

/// Where the failure id stands that a regex finds in a text; None if it finds none.
fn failure_id(regex: &Regex, text: &str, scratch: &mut Scratch) -> Option<(usize, usize)> {
    let found = regex.search(text, scratch).ok()??;
    let ids = FAILURE_ID_GROUPS.iter().filter(|key| **key != Key::MLFID);
    let groups = ids.filter_map(|key| regex.group_index(key.known_name()?));
    groups.filter_map(|group| found.span(group)).next()
}
