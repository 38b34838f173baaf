//! The datepattern looks for the date at the beginning of lines that have it further on.
//!
//! `{^LN-BEG}`, alone or before a pattern, ties the date to the beginning of the line. If the
//! samples have something before their dates, no date is found: every failure then counts as
//! "now", and the date stays in the text the failregexes see.
//!
//! ```text
//! datepattern = {^LN-BEG}            bad for: [host1] 2005-06-21 16:47:46 login failed
//! datepattern = ^\[[^\]]*\] {DATE}   good
//! ```

use super::Subject;
use crate::pattern::Scratch;

pub(super) fn check(subject: &mut Subject) {
    for set in subject.sets.clone() {
        let Some(pattern) = &set.datepattern else {
            continue;
        };
        if !pattern.text.contains("{^LN-BEG}") || subject.lines.is_empty() {
            continue;
        }
        let mut scratch = Scratch::default();
        let mut own = set.detector.clone();
        let mut default = subject.default_dates.clone();
        let mut later = None;
        let mut found = false;
        for &line in &subject.lines {
            found |= matches!(own.match_time(line, &mut scratch), Ok(Some(_)));
            if found {
                break;
            }
            if let Ok(Some(date)) = default.match_time(line, &mut scratch)
                && date.group1().is_some_and(|range| range.start > 0)
            {
                later.get_or_insert(line);
            }
        }
        let (false, Some(line)) = (found, later) else {
            continue;
        };
        let message = format!(
            "datepattern: wants the date at the beginning of the line, but the samples have it \
             later: `{line}`"
        );
        let Some(origin) = &pattern.origin else {
            continue;
        };
        let place = (&*origin.file, origin.line);
        let help = "put a pattern for what stands before the date, or {DATE} without {^LN-BEG}";
        subject.report_line(place, Some("{^LN-BEG}"), (message, "", help));
        return;
    }
}
