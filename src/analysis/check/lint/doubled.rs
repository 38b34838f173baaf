//! A `%` doubled where one is meant.
//!
//! `%%` stands for a `%` of the regex or datepattern itself. `%%(__prefix_line)s` is no reference:
//! the regex holds the text `%(__prefix_line)s`, which no line has. Likewise `%%%%Y` in a datepattern
//! is the text `%Y` and no year.
//!
//! ```text
//! failregex = ^%%(__prefix_line)slogin failed from <HOST>$     bad
//! failregex = ^%(__prefix_line)slogin failed from <HOST>$      good
//! ```

use super::Subject;
use crate::analysis::check::finding::Applicability;
use crate::analysis::check::raw::{RawFile, RawOption};

/// Directives of datepatterns.
const DIRECTIVES: &str = "aAbBdHIjmMpSUwWyYzZfsE";

pub(super) fn check(subject: &mut Subject) {
    for file in subject.raw {
        for option in &file.options {
            let is_regex = option.name.ends_with("regex") || option.name.starts_with("mdre-");
            for (line, text) in &option.lines {
                if is_regex {
                    references(subject, file, option, (*line, text));
                } else if option.name == "datepattern" {
                    directives(subject, file, (*line, text));
                }
            }
        }
    }
}

/// `%%(name)s` of an option that there is.
fn references(
    subject: &mut Subject,
    file: &RawFile,
    option: &RawOption,
    (line, text): (u32, &String),
) {
    for (at, _) in text.match_indices("%%(") {
        let Some((name, _)) = text[at + 3..].split_once(")s") else {
            continue;
        };
        let mut options = subject.raw.iter().flat_map(|file| &file.options);
        if text[..at].ends_with('%') || !options.any(|known| known.name == name) {
            continue;
        }
        let wrong = format!("%%({name})s");
        let message = format!("{}: {wrong} is no reference to `{name}`", option.name);
        let help = "write one %";
        let said = (message, "the text itself, without the first %", help);
        let finding = subject.report_line((&file.path, line), Some(&wrong), said);
        finding.fix_word(Applicability::Safe, &wrong, &format!("%({name})s"));
    }
}

/// `%%%%Y`.
fn directives(subject: &mut Subject, file: &RawFile, (line, text): (u32, &String)) {
    for (at, _) in text.match_indices("%%%%") {
        let rest = &text[at + 4..];
        let Some(letter) = rest.chars().next().filter(|c| DIRECTIVES.contains(*c)) else {
            continue;
        };
        if text[..at].ends_with('%') {
            continue;
        }
        let wrong = format!("%%%%{letter}");
        let message = format!("datepattern: {wrong} is the text %{letter}, not a part of a date");
        let said = (message, "one doubled too many", "write two %");
        let finding = subject.report_line((&file.path, line), Some(&wrong), said);
        finding.fix_word(Applicability::Safe, &wrong, &format!("%%{letter}"));
    }
}
