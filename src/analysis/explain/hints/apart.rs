//! Dates whose parts stand apart: the day in another field than the time (`date=2026-11-17
//! time=08:00:00`), behind the letter of the level (`I1117 08:00:00`), the year behind the time and
//! its zone (`Nov 17 08:00:00 CET 2026`).

use super::around_date::{DateCandidate, escaped, front, key, separator, tail, zone};
use super::time_first::DAYS;
use regex::{Captures, Regex};
use std::sync::LazyLock;

const TIME: &str = "[0-9]{2}:[0-9]{2}:[0-9]{2}";

/// What stands between two fields: the end of one, the name of the other.
const BETWEEN: &str = r#"("?[,;|]?\s*"?[A-Za-z_]{1,16}"?\s*[:=]\s*"?)"#;

/// A field with a day and one with a time, and the fields of the day.
struct Fields {
    regex: Regex,
    day: &'static str,
    day_first: bool,
}

static FIELDS: LazyLock<Vec<Fields>> = LazyLock::new(|| {
    let both = DAYS
        .iter()
        .flat_map(|&(shape, day)| [(shape, day, true), (shape, day, false)]);
    let fields = both.filter_map(|(shape, day, day_first)| {
        let text = if day_first {
            format!(r"(?-u:\b){shape}{BETWEEN}{TIME}(?-u:\b)")
        } else {
            format!(r"(?-u:\b){TIME}{BETWEEN}{shape}(?-u:\b)")
        };
        let regex = Regex::new(&text).ok()?;
        Some(Fields {
            regex,
            day,
            day_first,
        })
    });
    fields.collect()
});

static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?-u:\b)[A-Z]([0-9]{{4}}|[0-9]{{8}})([ \t]+){TIME}(?-u:\b)"
    ))
    .ok()
});

/// What stands between the parts of a date with its year at the end.
const JOINT: &str = r"( +|[|/,] ?)";

/// The same with the month or the day first.
static YEAR_LAST: LazyLock<Vec<(Regex, [&str; 2])>> = LazyLock::new(|| {
    let month = ("[A-Za-z][a-z]{2}", "%b");
    let day = ("[0-9]{1,2}", "%d");
    let orders = [(month, day), (day, month)];
    let all = orders.into_iter().filter_map(|((one, first), (other, second))| {
        let text = format!(
            r"(?-u:\b){one}{JOINT}{other}{JOINT}{TIME}(\.[0-9]{{1,6}})?( [^ ]{{1,9}})?{JOINT}[0-9]{{4}}(?-u:\b)"
        );
        Some((Regex::new(&text).ok()?, [first, second]))
    });
    all.collect()
});

/// Datepatterns for dates whose parts stand apart.
pub(super) fn candidates(line: &str) -> Vec<DateCandidate> {
    let fields = FIELDS.iter().filter_map(|fields| {
        let captures = fields.regex.captures(line)?;
        in_fields(line, fields, &captures)
    });
    let letter = LETTER.iter().filter_map(|regex| regex.captures(line));
    let letter = letter.filter_map(|captures| behind_letter(line, &captures));
    let year = YEAR_LAST.iter().filter_map(|(regex, fields)| {
        let captures = regex.captures(line)?;
        year_last(line, *fields, &captures)
    });
    fields.chain(letter).chain(year).collect()
}

fn in_fields(line: &str, fields: &Fields, captures: &Captures) -> Option<DateCandidate> {
    let found = captures.get(0)?.range();
    let group = |n| captures.get(n).map_or("", |group| group.as_str());
    let before = &line[..found.start];
    if before.ends_with(['-', '/', '.', ':']) {
        return None;
    }
    let (between, one, other) = if fields.day_first {
        (captures.get(3)?, group(1), group(2))
    } else {
        (captures.get(1)?, group(2), group(3))
    };
    let day = fields.day.replace("{1}", &separator(one));
    let day = day.replace("{2}", &separator(other));
    let time = "%H:%M:%S";
    let (first, last) = if fields.day_first {
        (day.as_str(), time)
    } else {
        (time, day.as_str())
    };
    let (tail, zone) = tail(&line[found.end..], &line[..between.end()]);
    let front = named(before).or_else(|| front(before, false))?;
    Some(DateCandidate {
        pattern: format!(
            "{front}{first}{}{last}{tail}",
            with_blanks(between.as_str())
        ),
        zone,
        day_or_month_first: !day.contains("%b") && !day.starts_with("%Y") && one != ".",
    })
}

/// The name of the field that begins here, as a pattern has it.
fn named(before: &str) -> Option<String> {
    if let Some(key) = key(before) {
        return Some(with_blanks(key));
    }
    let sign = before.trim_end_matches('"').trim_end();
    let name = sign.strip_suffix(['=', ':'])?.trim_end();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begin = name.trim_end_matches(is_name).len();
    (begin < name.len()).then(|| with_blanks(&before[begin..]))
}

/// Literal text with blanks of any number where there are some.
fn with_blanks(text: &str) -> String {
    let words: Vec<String> = text.split(char::is_whitespace).map(escaped).collect();
    words.join(r"\s+")
}

fn behind_letter(line: &str, captures: &Captures) -> Option<DateCandidate> {
    let found = captures.get(0)?.range();
    let before = &line[..found.start];
    let day = match captures.get(1)?.len() {
        4 => "%m%d",
        _ => "%Y%m%d",
    };
    let gap = separator(captures.get(2)?.as_str());
    let (tail, zone) = tail(&line[found.end..], before);
    Some(DateCandidate {
        pattern: format!(r"{}\w{day}{gap}%H:%M:%S{tail}", front(before, false)?),
        zone,
        day_or_month_first: false,
    })
}

fn year_last(line: &str, [first, second]: [&str; 2], captures: &Captures) -> Option<DateCandidate> {
    let found = captures.get(0)?.range();
    let before = &line[..found.start];
    let joint = |n| {
        captures
            .get(n)
            .map_or(String::new(), |gap| separator(gap.as_str()))
    };
    let fraction = captures.get(3).map_or("", |_| r"\.%f");
    let inner = match captures.get(4) {
        Some(text) => {
            let (read, length) = zone(text.as_str());
            // a word that is no zone is none of the date's
            if length != text.len() {
                return None;
            }
            read
        }
        None => String::new(),
    };
    let (tail, is_last) = tail(&line[found.end..], before);
    let (gap, behind, last) = (joint(1), joint(2), joint(5));
    Some(DateCandidate {
        pattern: format!(
            "{}{first}{gap}{second}{behind}%H:%M:%S{fraction}{inner}{last}%Y{tail}",
            front(before, false)?
        ),
        zone: !inner.is_empty() || is_last,
        day_or_month_first: false,
    })
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn parts_that_stand_apart_are_read_together() {
        for (line, pattern) in [
            (
                "I1117 08:00:00.123456   12 a.go:1] x",
                r"^\w%m%d %H:%M:%S\.%f",
            ),
            (
                "E20261117 08:00:00.1 12 a.cc:1] x",
                r"^\w%Y%m%d %H:%M:%S\.%f",
            ),
            (
                r#"{"date":"17.11.2026","time":"08:00:00","msg":"x"}"#,
                r#""date":"%d\.%m\.%Y","time":"%H:%M:%S""#,
            ),
            (
                r#"{"a":1,"time": "08:00:00", "date": "2026-11-17"}"#,
                r#""time":\s+"%H:%M:%S",\s+"date":\s+"%Y-%m-%d""#,
            ),
            (
                "id=gw date=2026-11-17 time=08:00:00 level=warning",
                r"date=%Y-%m-%d\s+time=%H:%M:%S",
            ),
            (
                "Tue Nov 17 08:00:00 CET 2026 x",
                r"^\w+\s+%b %d %H:%M:%S %ExZ %Y",
            ),
            (
                "Tue Nov 17 08:00:00 2026 +0100 x",
                r"^\w+\s+%b %d %H:%M:%S %Y %z",
            ),
            ("17|Nov|08:00:00|2026|x", r"^%d\|%b\|%H:%M:%S\|%Y"),
        ] {
            let all = candidates(line);
            assert!(all.iter().any(|c| c.pattern == pattern), "{line}: {all:?}");
        }
        assert_eq!(candidates("Nov 17 08:00:00 gate 2026 x"), []);
    }
}
