//! A `prefregex` without `<F-CONTENT>`.
//!
//! The failregexes are then searched in the whole line again: the prefix is matched twice,
//! and a failregex that begins with `^` must repeat it.
//!
//! ```text
//! prefregex = ^%(__prefix_line)s.+$                            bad
//! prefregex = ^%(__prefix_line)s<F-CONTENT>.+</F-CONTENT>$     good
//! ```

use super::Subject;

pub(super) fn check(subject: &mut Subject) {
    for (set, regex) in subject.prefregexes() {
        if regex.regex.group_index("content").is_none() {
            let message = "prefregex: no <F-CONTENT>".to_string();
            let help = "put <F-CONTENT>…</F-CONTENT> around what the failregexes are to see";
            subject.report_regex(set, regex, None, (message, "", help));
        }
    }
}
