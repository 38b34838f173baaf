//! Dates whose time stands before the day: `08:10:00 20.11.2026`.

use super::around_date::{DateCandidate, escaped, front, separator, tail};
use regex::Regex;
use std::sync::OnceLock;

/// How the day may be written behind its time: regex, and the fields in order. `{n}` is copied
/// from the line: its `n`th separator.
pub(super) const DAYS: [(&str, &str); 5] = [
    (
        r"[0-9]{4}([-/.])[0-9]{1,2}([-/.])[0-9]{1,2}",
        "%Y{1}%m{2}%d",
    ),
    (
        r"[0-9]{1,2}([-/.])[0-9]{1,2}([-/.])[0-9]{4}",
        "%d{1}%m{2}%Y",
    ),
    (r"[0-9]{1,2}([-/])[0-9]{1,2}([-/])[0-9]{4}", "%m{1}%d{2}%Y"),
    (
        r"[0-9]{1,2}([-/. ])[A-Z][a-z]{2}([-/. ])[0-9]{4}",
        "%d{1}%b{2}%Y",
    ),
    (r"[A-Z][a-z]{2}( +)[0-9]{1,2}(,? )[0-9]{4}", "%b{1}%d{2}%Y"),
];

/// The time with its fraction and half of the day, and what stands between it and the day.
const TIME: &str =
    r"([0-9]{1,2}:[0-9]{2}:[0-9]{2})(?:([.,])[0-9]{1,6})?( ?[AaPp][Mm])?(,? {1,2}| on | - )";

fn shapes() -> &'static [(Regex, &'static str)] {
    static SHAPES: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let shapes = DAYS.iter().filter_map(|(day, format)| {
            let regex = Regex::new(&format!(r"(?-u:\b){TIME}{day}(?-u:\b)"));
            Some((regex.ok()?, *format))
        });
        shapes.collect()
    })
}

/// Datepatterns for a time with the day behind it.
pub(super) fn candidates(line: &str) -> Vec<DateCandidate> {
    let read = shapes().iter().filter_map(|(regex, day)| {
        let captures = regex.captures(line)?;
        let found = captures.get(0)?.range();
        let group = |n| captures.get(n).map_or("", |group| group.as_str());
        let before = &line[..found.start];
        // a part of a longer time is none
        if before.ends_with([':', '.']) {
            return None;
        }
        let half = match group(3) {
            "" => "",
            half if half.starts_with(' ') => " %p",
            _ => "%p",
        };
        let hours = if half.is_empty() { "%H" } else { "%I" };
        let mut pattern = front(before, false)? + hours + ":%M:%S";
        if !group(2).is_empty() {
            pattern += &escaped(group(2));
            pattern += "%f";
        }
        pattern += half;
        pattern += &separator(group(4));
        let day = day.replace("{1}", &separator(group(5)));
        pattern += &day.replace("{2}", &separator(group(6)));
        let (tail, zone) = tail(&line[found.end..], before);
        Some(DateCandidate {
            pattern: pattern + &tail,
            zone,
            day_or_month_first: !day.contains("%b") && !day.starts_with("%Y") && group(5) != ".",
        })
    });
    read.collect()
}

/// Whether a date as it was found in a line is a time without a day.
pub(super) fn is_time_alone(date: &str) -> bool {
    let date = date.trim_matches(|c: char| !c.is_ascii_digit());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let [hours, minutes, rest] = date.split(':').collect::<Vec<_>>()[..] else {
        return false;
    };
    let (seconds, fraction) = rest.split_once(['.', ',']).unwrap_or((rest, "0"));
    [hours, minutes, seconds]
        .iter()
        .all(|text| is_number(text) && text.len() <= 2)
        && is_number(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_read_behind_the_time() {
        for (line, pattern) in [
            ("08:10:00 20.11.2026 x", r"^%H:%M:%S %d\.%m\.%Y"),
            (
                "[08:10:00,123, 2026-11-20] x",
                r"^\[%H:%M:%S,%f, %Y-%m-%d\]",
            ),
            ("08:10:00 20 Nov 2026 x", "^%H:%M:%S %d %b %Y"),
            ("08:10:00 on Nov  3, 2026 x", r"^%H:%M:%S on %b\s+%d, %Y"),
        ] {
            let all = candidates(line);
            assert!(all.iter().any(|c| c.pattern == pattern), "{line}: {all:?}");
        }
        assert_eq!(candidates("1:08:10:00 20.11.2026 x"), []);
        assert!(is_time_alone("[08:10:00.5") && is_time_alone("08:10:00"));
        for date in ["20:11:2026 08:10", "19.11.26 09:00:00", "Nov 20 08:10:00"] {
            assert!(!is_time_alone(date), "{date}");
        }
    }
}
