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

use super::{FailRegex, Subject, sampler};
use crate::engine::FilterRegex;
use crate::pattern::Scratch;
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        if set.filter.is_multi_line() {
            continue;
        }
        let regexes = &set.filter.failregexes;
        for (index, regex) in regexes.iter().enumerate().skip(1) {
            if !told.insert(regex.regex.as_str()) {
                continue;
            }
            let lines = sampler::lines(&regex.regex, &mut scratch);
            if lines.len() < 3 {
                continue;
            }
            let same = |earlier: &&FilterRegex| earlier.regex.as_str() == regex.regex.as_str();
            let by = regexes[..index].iter().position(|earlier| {
                // the same regex twice is another rule's
                !same(&earlier)
                    && lines
                        .iter()
                        .all(|line| takes_too(earlier, regex, line, &mut scratch))
            });
            if let Some(by) = by {
                let fail = FailRegex { set, index, regex };
                let message = format!(
                    "failregex {} is shadowed: failregex {} matches its lines first",
                    fail.index + 1,
                    by + 1
                );
                let help = "drop it, put it first, or make the earlier one narrower";
                subject.report_regex(fail.set, fail.regex, None, (message, "", help));
            }
        }
    }
}

/// Whether the earlier regex matches the line with the same address.
fn takes_too(
    earlier: &FilterRegex,
    later: &FilterRegex,
    line: &str,
    scratch: &mut Scratch,
) -> bool {
    let text = format!("{line}\n");
    let mut id = |regex: &FilterRegex| {
        let found = regex.regex.search(&text, scratch).ok()??;
        let names = ["fid", "ip4", "ip6", "dns"];
        let groups = names
            .iter()
            .filter_map(|name| regex.regex.group_index(name));
        let spans: Vec<_> = groups.filter_map(|group| found.span(group)).collect();
        spans.first().copied()
    };
    let (a, b) = (id(earlier), id(later));
    a.is_some() && a == b
}
