//! The same failregex twice.
//!
//! The second one costs time on every line and never comes into play. Often one of them was
//! meant to be changed.

use super::Subject;
use std::collections::HashMap;

pub(super) fn check(subject: &mut Subject) {
    let mut told = std::collections::HashSet::new();
    for set in subject.sets.clone() {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (index, regex) in set.filter.failregexes.iter().enumerate() {
            let text = regex.regex.as_str();
            let earlier = *first.entry(text).or_insert(index);
            if earlier == index || !told.insert(text) {
                continue;
            }
            let message = format!("failregex {} is failregex {} again", index + 1, earlier + 1);
            subject.report_regex(set, regex, None, (message, "", "drop one of them"));
        }
    }
}
