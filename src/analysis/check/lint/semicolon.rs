//! A regex line that begins with `;` is a comment.
//!
//! fail2ban's files know `;` as a comment mark at the beginning of a line: a further line of
//! a failregex that begins with it is silently left out.
//!
//! ```text
//! failregex = ^a from <HOST>$
//!             ;b from <HOST>$       bad: never read
//!             ^;b from <HOST>$      good
//! ```

use super::Subject;

pub(super) fn check(subject: &mut Subject) {
    for file in subject.raw {
        for option in &file.options {
            if !option.name.ends_with("regex") && !option.name.starts_with("mdre-") {
                continue;
            }
            let lines: Vec<u32> = option.lines.iter().map(|(number, _)| *number).collect();
            let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
                continue;
            };
            for (number, text) in &file.comments {
                let Some(rest) = text.strip_prefix(';') else {
                    continue;
                };
                // a line or two below the value still reads as one of it
                let within = *number > *first && *number <= *last + 1;
                let indented = file
                    .lines
                    .get(*number as usize - 1)
                    .is_some_and(|line| line.starts_with([' ', '\t']));
                if within && indented && reads_as_regex(rest) {
                    let message = format!("{}: this line is a comment, not a regex", option.name);
                    let help = "write the regex as ^; or [;], or use # if it is a comment";
                    let text = (message, "left out", help);
                    subject.report_line((&file.path, *number), None, text);
                }
            }
        }
    }
}

fn reads_as_regex(text: &str) -> bool {
    let tag = [
        "<HOST>", "<ADDR>", "<IP4>", "<IP6>", "<F-", "<SUBNET>", "<CIDR>", "<DNS>",
    ];
    tag.iter().any(|tag| text.contains(tag)) && !text.starts_with("; ")
}
