//! Durations as jail.conf writes them (`10m`, `1d 12h`, `-1`): upstream's `str2seconds`,
//! and the way back for reports.

use super::arithmetic;

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no duration ({why}); expected one like 600, 10m, 1h 30m or 1d12h")]
pub(crate) struct DurationError {
    text: String,
    why: String,
}

/// Units and their seconds as upstream puts them into its expression; a month is a twelfth
/// of a year of 365.25 days.
const UNITS: &[(&[&str], &str)] = &[
    (&["day", "days", "da", "d", "dd"], "*86400"),
    (&["week", "weeks", "we", "wee", "w", "ww"], "*604800"),
    (&["month", "months", "mo", "mon"], "*2629800.0"),
    (&["year", "years", "ye", "yea", "y", "yy"], "*31557600.0"),
    (&["second", "seconds", "se", "sec", "s", "ss"], "*1"),
    (&["minute", "minutes", "mi", "min", "m", "mm"], "*60"),
    (&["hour", "hours", "ho", "hou", "h", "hh"], "*3600"),
];

/// Seconds of a duration (`MyTime.str2seconds`): units become factors, blanks between two
/// numbers a plus, and the rest is arithmetic. `-1` is -1.
pub(crate) fn seconds(text: &str) -> Result<f64, DurationError> {
    let expression = add_between_numbers(&replace_units(&part_letters_from_digits(text)));
    arithmetic::value(&expression).map_err(|error| DurationError {
        text: text.to_string(),
        why: error.to_string(),
    })
}

/// `1d12h` to `1d 12h`.
fn part_letters_from_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut letter = false;
    for c in text.chars() {
        if letter && c.is_ascii_digit() {
            out.push(' ');
        }
        out.push(c);
        letter = c.is_ascii_alphabetic();
    }
    out
}

/// A unit counts behind a digit or a blank, and only as a whole word.
fn replace_units(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let length = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let may_start = before.is_some_and(|b: char| b.is_ascii_digit() || b.is_whitespace());
        let behind = rest[length..].chars().next();
        let whole = !behind.is_some_and(|b| b.is_alphanumeric() || b == '_');
        let unit = UNITS.iter().find(|(names, _)| {
            names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&rest[..length]))
        });
        match unit {
            Some((_, factor)) if may_start && whole => {
                out.push_str(factor);
                before = rest[..length].chars().last();
                rest = &rest[length..];
            }
            _ => {
                out.push(c);
                before = Some(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// `1*86400 12*3600` to `1*86400+12*3600`. A number of one digit can be an end only once,
/// as in upstream's substitution.
fn add_between_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        out.push(chars[at]);
        if chars[at].is_ascii_digit() {
            let blanks = chars[at + 1..]
                .iter()
                .take_while(|c| c.is_whitespace())
                .count();
            let next = at + 1 + blanks;
            if blanks > 0 && chars.get(next).is_some_and(char::is_ascii_digit) {
                out.push('+');
                out.push(chars[next]);
                at = next;
            }
        }
        at += 1;
    }
    out
}

/// A duration for people: `10m`, `1d 12h`, `1.5s`; -1 is `permanent`.
pub(crate) fn show(seconds: f64) -> String {
    if seconds == -1.0 {
        return "permanent".into();
    }
    if seconds < 0.0 {
        return format!("-{}", show(-seconds));
    }
    let whole = seconds.trunc();
    let mut parts = Vec::new();
    let mut left = whole;
    for (unit, size) in [
        ("w", 604_800.0),
        ("d", 86_400.0),
        ("h", 3600.0),
        ("m", 60.0),
    ] {
        let count = (left / size).floor();
        if count > 0.0 {
            parts.push(format!("{count}{unit}"));
            left -= count * size;
        }
    }
    let fraction = seconds - whole;
    if fraction > 0.0005 {
        parts.push(format!("{:.3}s", left + fraction));
    } else if left > 0.0 || parts.is_empty() {
        parts.push(format!("{left}s"));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values from upstream's MyTime.str2seconds.
    #[test]
    fn upstreams_values() {
        for (text, want) in [
            ("600", 600.0),
            ("10m", 600.0),
            ("1d 12h", 129_600.0),
            ("1d12h", 129_600.0),
            ("1hour+30min", 5400.0),
            ("0d 1h 30m", 5400.0),
            ("1year-6mo", 15_778_800.0),
            ("6 months", 15_778_800.0),
            ("-1", -1.0),
            ("1W", 604_800.0),
            ("2*3m", 360.0),
            ("1.5h", 5400.0),
            ("10 20", 30.0),
            ("1d h", 311_040_000.0),
        ] {
            assert_eq!(seconds(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_upstream_refuses() {
        for text in ["", "ten", "m", "10x", "05m", "1 2 3", "10minuets"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown() {
        for (value, want) in [
            (600.0, "10m"),
            (129_600.0, "1d 12h"),
            (0.0, "0s"),
            (-1.0, "permanent"),
            (61.5, "1m 1.500s"),
        ] {
            assert_eq!(show(value), want);
        }
    }
}
