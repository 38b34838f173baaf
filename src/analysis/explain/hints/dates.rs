//! How the dates of a line may be written: datepatterns for every date-like part of it.
//!
//! The regexes here only see where something like a date stands. Whether a pattern reads it, and
//! rightly, is tried on the log. Where fields may change their places (day and month, a year of
//! two digits) every order is offered.

pub(crate) use super::around_date::{DateCandidate, zone};
use super::around_date::{escaped, fronts, key, separator, tail};
use super::{apart, date_like, epochs, time_first};
use regex::{Captures, Regex};
use std::sync::OnceLock;

/// How a date may be written: regex, and the fields in order. `{n}` is copied from the line: its
/// `n`th separator.
const DATES: [(&str, &str); 20] = [
    (r"\d{4}([-/.:_|])\d{1,2}([-/.:_|])\d{1,2}", "%Y{1}%m{2}%d"),
    (r"\d{1,2}([-/.:_|])\d{1,2}([-/.:_|])\d{4}", "%d{1}%m{2}%Y"),
    (r"\d{1,2}([-/:_|])\d{1,2}([-/:_|])\d{4}", "%m{1}%d{2}%Y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{2}", "%d{1}%m{2}%y"),
    (r"\d{1,2}([-/:])\d{1,2}([-/:])\d{2}", "%m{1}%d{2}%y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{2}", "%y{1}%m{2}%d"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{8}", "%d%m%Y"),
    (r"\d{6}", "%y%m%d"),
    (r"\d{1,2}([-/. |])[A-Za-z]{3}([-/. |])\d{4}", "%d{1}%b{2}%Y"),
    (r"\d{1,2}([-/. |])[A-Za-z]{3}([-/. |])\d{2}", "%d{1}%b{2}%y"),
    (
        r"[A-Za-z][a-z]{2}([-/. ]+)\d{1,2}(,? |[-/.])\d{4}",
        "%b{1}%d{2}%Y",
    ),
    (r"[A-Z][a-z]{3,8}( +)\d{1,2}(,? )\d{4}", "%B{1}%d{2}%Y"),
    (
        r"[A-Z][a-z]{2}( +)\d{1,2}(?:st|nd|rd|th)(,? )\d{4}",
        "%b{1}%d(?:st|nd|rd|th){2}%Y",
    ),
    (
        r"[A-Z][a-z]{3,8}( +)\d{1,2}(?:st|nd|rd|th)(,? )\d{4}",
        "%B{1}%d(?:st|nd|rd|th){2}%Y",
    ),
    (
        r"\d{1,2}(?:st|nd|rd|th)( +)[A-Z][a-z]{2}(,? +)\d{4}",
        "%d(?:st|nd|rd|th){1}%b{2}%Y",
    ),
    (
        r"\d{1,2}([-/. ]+| of )[A-Z][a-z]{3,8}(,?[-/. ]+)\d{4}",
        "%d{1}%B{2}%Y",
    ),
    (r"\d{4}([-/. |])[A-Za-z]{3}([-/. |])\d{1,2}", "%Y{1}%b{2}%d"),
    (r"\d{4}([-/. ])\d{3}", "%Y{1}%j"),
    (r"", ""),
];

/// Dates without a year.
const YEARLESS: [(&str, &str); 4] = [
    (r"\d{1,2}([-/])\d{1,2}", "%m{1}%d"),
    (r"\d{1,2}([-/.])\d{1,2}", "%d{1}%m"),
    (r"\d{1,2}([-/. ])[A-Z][a-z]{2}", "%d{1}%b"),
    // as MikroTik writes it; with a blank a default template reads it
    (r"[A-Za-z][a-z]{2}([-/])\d{1,2}", "%b{1}%d"),
];

/// What stands between date and time: signs, a `T`, or words such as `um`, `at`, `à`, `a las`.
const GAP: &str = r"([^0-9A-Za-z_]{0,4}|[T_]|,?(?: [^\x00-\x40\[-`{-\x7f]{1,4}\.?){1,2} )";

/// How a time may be written; `{a}` and `{b}` are copied from the line.
const TIMES: [(&str, &str); 11] = [
    (r"\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]", "%I:%M:%S %p"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    // as the French write it, before what could take the date for a time
    (r"\d{1,2}h\d{2}m\d{2}s", "%Hh%Mm%Ss"),
    (r"\d{1,2}h\d{2}m\d{2}", "%Hh%Mm%S"),
    (r"\d{1,2}\.\d{2}\.\d{2}", DOTTED),
    (
        r"\d{1,2}([-_.h])\d{2}([-_.:])\d{2} ?[AaPp][Mm]",
        "%I{a}%M{b}%S %p",
    ),
    (r"\d{1,2}([-_h])\d{2}([-_:])\d{2}", "%H{a}%M{b}%S"),
    (r"\d{6}", "%H%M%S"),
    (r"\d{1,2}:\d{2} ?[AaPp][Mm]", "%I:%M %p"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{1,2}h\d{2}", "%Hh%M"),
];

/// What a date may be taken for: `20.11.26 at 9`.
const DOTTED: &str = r"%H\.%M\.%S";

/// Dates of one shape looked at in a line.
const EACH: usize = 3;

/// A shape: the regex, the fields of the date, those of the time.
struct Shape {
    regex: Regex,
    date: &'static str,
    time: &'static str,
}

fn shapes() -> &'static [Shape] {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let mut all = Vec::new();
        for (time, time_format) in TIMES {
            for (date, date_format) in DATES.into_iter().chain(YEARLESS) {
                // without a year, only what cannot be anything else
                if YEARLESS.contains(&(date, date_format)) && !time_format.starts_with("%H:%M:%S") {
                    continue;
                }
                // without a date, none whose signs a date has, too
                if date.is_empty() && time_format.contains("{a}") {
                    continue;
                }
                let gap = if date.is_empty() { "()" } else { GAP };
                // digits and words of ASCII: the tables of Unicode for each shape take long to build
                let shape = format!(r"(?-u:\b){date}{gap}{time}(?-u:\b|Z\b)");
                if let Ok(regex) = Regex::new(&shape.replace(r"\d", "[0-9]")) {
                    all.push(Shape {
                        regex,
                        date: date_format,
                        time: time_format,
                    });
                }
            }
        }
        all
    })
}

/// Datepatterns that fit date-like parts of a line, the likeliest first.
pub(crate) fn patterns_of(line: &str) -> Vec<DateCandidate> {
    let mut all: Vec<DateCandidate> = Vec::new();
    for shape in shapes() {
        let mut from = 0;
        for _ in 0..EACH {
            let Some(captures) = shape.regex.captures_at(line, from) else {
                break;
            };
            let Some(found) = captures.get(0) else {
                break;
            };
            from = found.end();
            // the sign of Greenwich's time belongs to what follows
            let end = from - usize::from(found.as_str().ends_with('Z'));
            let read = candidates_at(line, shape, &captures, found.start()..end);
            for candidate in read.into_iter().flat_map(|read| with_unit(read, line, end)) {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
        }
    }
    all.extend(time_first::candidates(line));
    all.extend(apart::candidates(line));
    all.extend(epochs::candidates(line));
    all
}

/// A candidate, and one that also takes the word behind the seconds: `11:46:00 Uhr`.
fn with_unit(candidate: DateCandidate, line: &str, end: usize) -> Vec<DateCandidate> {
    const UNITS: [&str; 4] = ["Uhr", "uhr", "hrs", "h"];
    let behind = line[end..].strip_prefix(' ').unwrap_or_default();
    let word = behind.split(|c: char| !c.is_alphanumeric()).next();
    let word = word.filter(|word| UNITS.contains(word));
    let taking = word.map(|word| DateCandidate {
        pattern: format!("{} {word}", candidate.pattern),
        ..candidate.clone()
    });
    std::iter::once(candidate).chain(taking).collect()
}

fn candidates_at(
    line: &str,
    shape: &Shape,
    captures: &Captures,
    found: std::ops::Range<usize>,
) -> Vec<DateCandidate> {
    // a part of a longer date or number is none
    let touches = |c: char| c.is_alphanumeric() || "-/.:".contains(c);
    let before = &line[..found.start];
    let inner = before.chars().next_back().filter(|c| "-/.:".contains(*c));
    if inner.is_some()
        && before[..before.len() - 1].ends_with(touches)
        && !shape.date.starts_with("%Y%m")
    {
        return Vec::new();
    }
    // alone and with more numbers behind it, it is a date whose time is unknown here
    let behind = line[found.end..].trim_start_matches([' ', ',', 'T', '-', '_']);
    if shape.date.is_empty()
        && shape.time == DOTTED
        && behind.starts_with(|c: char| c.is_ascii_digit())
    {
        return Vec::new();
    }
    // without its day, a time is one of today: right only where the line has no day
    if shape.date.is_empty() && date_like::has_day_near(line, found.clone(), key(before).is_some())
    {
        return Vec::new();
    }
    // `3:04:00PM` has seconds
    let goes_on = line[found.end..].strip_prefix(':');
    if goes_on.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return Vec::new();
    }
    let group = |n| captures.get(n).map_or("", |group| group.as_str());
    let separators = shape.date.matches('{').count();
    let gap = separators + 1;
    let (date_end, minutes) = (
        shape.date.ends_with("%y"),
        ["%H:%M", "%I:%M %p"].contains(&shape.time),
    );
    // `20 Nov 15:04:01` has no year, and its hours are none
    if date_end && minutes && group(gap) == ":" {
        return Vec::new();
    }
    let mut format = shape.date.to_string();
    for n in 1..=separators {
        format = format.replace(&format!("{{{n}}}"), &escaped(group(n)));
    }
    if !shape.date.is_empty() {
        format.push_str(&separator(group(gap)));
    }
    let time = shape.time.replace("{a}", &escaped(group(gap + 1)));
    let time = time.replace("{b}", &escaped(group(gap + 2)));
    // `3:04:00PM`
    let glued = !line[..found.end - 2.min(found.len())].ends_with(' ');
    match time.strip_suffix(" %p").filter(|_| glued) {
        Some(time) => format.push_str(&format!("{time}%p")),
        None => format.push_str(&time),
    }
    let (tail, zone) = tail(&line[found.end..], before);
    let fronts = fronts(before, shape.date.is_empty()).into_iter();
    let year_last =
        shape.date.contains("%d") && shape.date.contains("%m") && !shape.date.starts_with("%Y");
    let candidates = fronts.map(|front| DateCandidate {
        pattern: front + &format + &tail,
        zone,
        day_or_month_first: year_last
            && !shape.date.starts_with("%y")
            && group(1) != "."
            && shape.date.contains('{'),
    });
    candidates.collect()
}

/// Whether a date begins with two numbers either of which may be the day or the month.
pub(super) fn may_begin_with_day_or_month(date: &str) -> bool {
    let mut numbers = date
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty());
    let mut small = || numbers.next().filter(|n| n.len() <= 2)?.parse::<u8>().ok();
    let (first, second) = (small(), small());
    let may = |number: Option<u8>| number.is_some_and(|number| (1..=12).contains(&number));
    first != second && may(first) && may(second) && date.contains(['/', '-'])
}

/// A date that fail2ban cannot read at all, and why.
pub(super) fn unreadable(line: &str) -> Option<&'static str> {
    static WEEK: OnceLock<Option<Regex>> = OnceLock::new();
    let week = WEEK.get_or_init(|| Regex::new(r"\b\d{4}-?W\d{2}-?\d").ok());
    let is_week = week.as_ref().is_some_and(|week| week.is_match(line));
    if is_week {
        return Some("a week and a day of the week (`%G-W%V-%u`)");
    }
    epochs::has_nanoseconds(line).then_some("nanoseconds since 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(line: &str, pattern: &str) {
        let all = patterns_of(line);
        assert!(
            all.iter().any(|candidate| candidate.pattern == pattern),
            "{pattern} not in {all:#?}"
        );
    }

    #[test]
    fn dates_become_patterns() {
        candidates(
            "[07.08.2021 22:02:23,674] x",
            r"^\[%d\.%m\.%Y %H:%M:%S,%f\]",
        );
        candidates(
            "1871281:20230421:153533.459 failed",
            r"^\d+:%Y%m%d:%H%M%S\.%f",
        );
        candidates("[ERROR   ] 14:06:02 auth:329 x", r"^\[\w+\s+\]\s+%H:%M:%S");
        candidates("2017:02:02-16:45:09 basil", "^%Y:%m:%d-%H:%M:%S");
        candidates("April 19, 2019 20:58: Failed", "^%B %d, %Y %H:%M");
        candidates("11/20/2026 3:04:00PM x", r"^%m/%d/%Y %I:%M:%S%p");
        candidates("[20-11-26 03:04PM] x", r"^\[%d-%m-%y %I:%M%p\]");
        candidates("20 November 2026 15:04:01 x", r"^%d %B %Y %H:%M:%S");
        candidates("20 Nov 15:04:01 x", r"^%d %b %H:%M:%S");
        candidates(r#"{"ts":1795200241,"msg":"x"}"#, r#""ts":{EPOCH}"#);
        for (line, pattern) in [
            (
                "20.11.2026 um 11:46:00 Uhr shop: x",
                r"^%d\.%m\.%Y um %H:%M:%S Uhr",
            ),
            ("20.11.2026 um 11:46:00 shop: x", r"^%d\.%m\.%Y um %H:%M:%S"),
            ("[2026|11|20 11:46:00] x", r"^\[%Y\|%m\|%d %H:%M:%S\]"),
            ("20/11/2026 à 11h46:00 x", "^%d/%m/%Y à %Hh%M:%S"),
            ("2026.11.20 11-46-00 AM x", r"^%Y\.%m\.%d %I-%M-%S %p"),
            ("261120_114600 x", "^%y%m%d_%H%M%S"),
            ("20.11.26 11:46 x", r"^%d\.%m\.%y %H:%M"),
            ("20261120114600 x", "^%Y%m%d%H%M%S"),
            ("2026_11_20_11_46_00 x", "^%Y_%m_%d_%H_%M_%S"),
            (
                "Nov 20th, 2026 at 11:46:00 x",
                "^%b %d(?:st|nd|rd|th), %Y at %H:%M:%S",
            ),
        ] {
            candidates(line, pattern);
        }
        candidates("20.11.26 09h00m05 door: x", r"^%d\.%m\.%y %Hh%Mm%S");
        candidates("20.11.2026 9h00m05s x", r"^%d\.%m\.%Y %Hh%Mm%Ss");
        candidates("[20/11/2026 09h05] x", r"^\[%d/%m/%Y %Hh%M\]");
        candidates("09.00.05 door: x", r"^%H\.%M\.%S");
        candidates("06/04-22:48:14.469462 x", r"^%m/%d-%H:%M:%S\.%f");
        candidates("2026-09-22\t22:00:55\tUTC\tx", r"^%Y-%m-%d\s+%H:%M:%S\s+%Z");
        candidates(
            r#"{"a":1,"time":"2026-07-07T14:15:02.590956303Z"}"#,
            r#""time":"%Y-%m-%dT%H:%M:%S\.%f\d*%z""#,
        );
        candidates("192.0.2.1 | x | 1795161600551 | y", r"\| {LEPOCH} \|");
    }

    #[test]
    fn a_date_is_no_time() {
        for line in [
            "20.11.26 09h00m05 x",
            "20.11.26 9 o'clock",
            "20.11.26, 09-00-05 x",
        ] {
            let all = patterns_of(line);
            let time = all
                .iter()
                .find(|candidate| candidate.pattern.starts_with(r"^%H\.%M\.%S"));
            assert_eq!(time, None, "{line}");
        }
    }

    #[test]
    fn day_and_month_may_change_places() {
        assert!(may_begin_with_day_or_month("10/06/2013 15:50:41"));
        assert!(!may_begin_with_day_or_month("10/16/2013 15:50:41"));
        assert!(!may_begin_with_day_or_month("10/10/2013 15:50:41"));
        assert!(!may_begin_with_day_or_month("2013-10-06 15:50:41"));
        assert!(!may_begin_with_day_or_month("06/Oct/2013:15:50:41"));
    }

    #[test]
    fn nothing_stands_over_a_day() {
        let all = patterns_of("2026-W30-2T10:11:12 login failed");
        assert_eq!(all, []);
        assert!(unreadable("2026-W30-2T10:11:12 login failed").is_some());
    }
}
