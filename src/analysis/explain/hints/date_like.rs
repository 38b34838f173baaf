//! What reads as a date, or as the day of one, whether or not a pattern can be made of it.

use super::language::LANGUAGES;
use regex::Regex;
use std::sync::LazyLock;

/// Bytes before and behind a time in which its day is looked for.
const NEAR: usize = 40;
/// The same where the time is a field of its own, whose neighbours may be in any order.
const FAR: usize = 400;

/// A day of numbers or names. A day and a month alone are taken for one with a name only.
static DAYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const MONTH: &str = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|\
                         aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
    let kinds = [
        r"[0-9]{4}[-/._|:][0-9]{1,2}[-/._|:][0-9]{1,2}",
        r"[0-9]{1,2}[-/._|:][0-9]{1,2}[-/._|:][0-9]{4}",
        r"[0-9]{1,2}[-/._|][0-9]{1,2}[-/._|][0-9]{2}",
        r"[0-9]{4}-?w[0-9]{2}",
        r"[0-9]{4}[-/][0-9]{3}",
        r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])",
        &format!(r"{MONTH}[-/.,|_ ]*[0-9]{{1,2}}(?:st|nd|rd|th)?"),
        &format!(r"[0-9]{{1,2}}(?:st|nd|rd|th)?\.?[-/,|_ ]*(?:of )?{MONTH}"),
        r#"(?:date|day|mday|month)"?\s*[:=]\s*"?[^",;\s]*[0-9]+"#,
    ];
    Regex::new(&format!(r"(?i)\b(?:{})\b", kinds.join("|"))).ok()
});

/// A time of day.
static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)[0-9]{1,2}[:h][0-9]{2}(?:[:m][0-9]{2})?(?-u:\b)").ok());

/// A number next to a time that may be a day or a year, in no brackets.
static BESIDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\s,T_|-]*(?:[0-9]{1,2}|(?:19|20)[0-9]{2})(?-u:\b)").ok());

/// A letter and digits: the level and the day of glog (`I1117`).
static LETTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)[A-Za-z][0-9]{2,8}[\s_-]*$").ok());

fn is_in(regex: &Option<Regex>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Whether a text names a day.
fn names_day(text: &str) -> bool {
    let is_part = |c: char| c == '.' || c == '-' || c.is_ascii_digit();
    let days = DAYS.iter().flat_map(|days| days.find_iter(text));
    // an address is none, nor a part of a longer number
    let mut days = days.filter(|day| {
        let longer = text[day.end()..].strip_prefix('.');
        !text[..day.start()].ends_with(is_part)
            && !longer.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    days.next().is_some() || LANGUAGES.iter().any(|l| l.named(text).is_some())
}

/// Whether a text has a date, or a part of one that is enough to know it.
pub(super) fn names_date(text: &str) -> bool {
    names_day(text) || is_in(&TIME, text)
}

/// Whether digits that may be the day of a time stand near it. `is_field`: the time is the value of
/// a key.
pub(super) fn has_day_near(line: &str, time: std::ops::Range<usize>, is_field: bool) -> bool {
    let most = if is_field { FAR } else { NEAR };
    let before = &line[..time.start];
    let from = (before.len().saturating_sub(most)..=before.len())
        .find(|&at| before.is_char_boundary(at))
        .unwrap_or_default();
    let behind = &line[time.end..];
    let fraction = behind.strip_prefix(['.', ',']).unwrap_or(behind);
    let behind = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    let to = (0..=most.min(behind.len()))
        .rev()
        .find(|&at| behind.is_char_boundary(at))
        .unwrap_or_default();
    names_day(&before[from..])
        || names_day(&behind[..to])
        || is_in(&LETTER, before)
        || is_in(&BESIDE, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_seen_whatever_they_are_written_like() {
        for text in [
            "nov/18/2026 ",
            "nov/18 ",
            "17.11.2026",
            "17/Nov/26",
            "2026|11|17",
            "2026-322",
            "2026-W47-2",
            "18 nov. ",
            "20261117",
            "17th of November",
            r#""day":17,"#,
        ] {
            assert!(names_day(text), "{text}");
        }
        for text in [
            "192.0.2.10",
            "10.20.30.40 x",
            "auth:329 x",
            "v 1.2",
            "id=1234567",
        ] {
            assert!(!names_date(text), "{text}");
        }
        assert!(names_date("at 10:20:30 x"));
    }

    #[test]
    fn a_day_near_a_time_is_seen() {
        let near = |line: &str| {
            let at = line.find("08:00:00").expect("a time");
            has_day_near(line, at..at + 8, line.contains(r#""time":"#))
        };
        assert!(near("I1117 08:00:00.123456 x"));
        assert!(near("08:00:00 17 x"));
        assert!(near("08:00:00, 2026 x"));
        assert!(near(
            r#"{"time":"08:00:00","msg":"some text","date":"17.11.2026"}"#
        ));
        assert!(!near("[ERROR ] 08:00:00 auth:329 x"));
        assert!(!near("08:00:00.123 [12] failed from 192.0.2.10"));
        assert!(!near(r#"{"time":"08:00:00","level":30,"ip":"192.0.2.10"}"#));
    }
}
