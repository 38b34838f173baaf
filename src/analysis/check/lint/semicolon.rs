//! A regex, or a part of one, that is a comment because of a `;`.
//!
//! fail2ban's files know `;` as a comment mark at the beginning of a line, and behind a blank
//! anywhere in it: a further line of a failregex that begins with it is silently left out, and
//! so is what stands behind ` ;`.
//!
//! ```text
//! failregex = ^a from <HOST>$
//!             ;b from <HOST>$       bad: never read
//!             ^;b from <HOST>$      good
//!             ^c ; from <HOST>$     bad: read as ^c
//!             ^c [;] from <HOST>$   good
//! ```

use super::Subject;
use crate::analysis::check::finding::Applicability;
use crate::analysis::check::raw::{RawFile, RawOption};

pub(super) fn check(subject: &mut Subject) {
    for file in subject.raw {
        let options = file.options.iter();
        let regexes = options.filter(|o| o.name.ends_with("regex") || o.name.starts_with("mdre-"));
        for option in regexes {
            whole_lines(subject, file, option);
            rests_of_lines(subject, file, option);
        }
    }
}

/// Lines within a value that begin with `;` and read as a regex.
fn whole_lines(subject: &mut Subject, file: &RawFile, option: &RawOption) {
    let mut lines = option.lines.iter().map(|(number, _)| *number);
    let Some(first) = lines.next() else {
        return;
    };
    let last = lines.next_back().unwrap_or(first);
    for (number, text) in &file.comments {
        let Some(rest) = text.strip_prefix(';') else {
            continue;
        };
        let line = file.lines.get(*number as usize - 1);
        // in the first column it may be a comment between two options, but not between two lines
        // of one value; an indented one behind the last line still reads as one of it
        let indented = line.is_some_and(|line| line.starts_with([' ', '\t']));
        let within = *number > first && *number < last + u32::from(indented) * 2;
        if within && reads_as_regex(rest) {
            let message = format!("{}: this line is a comment, not a regex", option.name);
            let help = "write the regex as ^; or [;], or use # if it is a comment";
            let text = (message, "left out", help);
            let finding = subject.report_line((&file.path, *number), None, text);
            // it is a comment now, and is one then
            finding.fix_word(Applicability::Safe, ";", "#");
        }
    }
}

/// Lines of a value that are cut at ` ;`.
fn rests_of_lines(subject: &mut Subject, file: &RawFile, option: &RawOption) {
    for (number, text) in &option.lines {
        let cut = text
            .match_indices(';')
            .find(|(at, _)| text[..*at].ends_with([' ', '\t']));
        let Some((at, _)) = cut.filter(|(at, _)| reads_as_regex(&text[at + 1..])) else {
            continue;
        };
        let rest = text[at..].to_owned();
        let message = format!("{}: what stands behind ` ;` is a comment", option.name);
        let help = "write [;] in place of ;";
        let text = (message, "left out", help);
        let finding = subject.report_line((&file.path, *number), Some(&rest), text);
        finding.fix_word(Applicability::Unsafe, ";", "[;]");
    }
}

fn reads_as_regex(text: &str) -> bool {
    let tag = [
        "<HOST>", "<ADDR>", "<IP4>", "<IP6>", "<F-", "<SUBNET>", "<CIDR>", "<DNS>",
    ];
    tag.iter().any(|tag| text.contains(tag)) && !text.starts_with("; ")
}
