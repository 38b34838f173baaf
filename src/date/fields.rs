//! The `%` fields of a date pattern: their regexes and display names, and the
//! two texts made of a pattern with them. Not the boundaries put around the
//! regex (`boundary`) and not the values (`strptime`).

use super::percent::{self, Mapping};
use super::python;

/// Field, display name, regex: upstream's `timeRE` (CPython's `_strptime.TimeRE`
/// of the C locale with upstream's own and replaced fields) in its order, and
/// the names of `getTimePatternRE`. The regex of `ExY` depends on the year. The
/// names of `Exk` and `Exl` are `%Exk` or `Ex%k` upstream, by the luck of a set's
/// order in each run.
#[rustfmt::skip]
const FIELDS: [(&str, &str, &str); 40] = [
    ("d", "Day", r"(?P<d>[1-2]\d|[0 ]?[1-9]|3[0-1])"),
    ("f", "Microseconds", "(?P<f>[0-9]{1,6})"),
    ("H", "24hour", r"(?P<H>[0-1]?\d|2[0-3])"),
    ("I", "12hour", "(?P<I>1[0-2]|0[1-9]|[1-9])"),
    ("G", "%G", r"(?P<G>\d\d\d\d)"),
    ("j", "Yearday", r"(?P<j>36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9])"),
    ("m", "Month", "(?P<m>0?[1-9]|1[0-2])"),
    ("M", "Minute", r"(?P<M>[0-5]?\d)"),
    ("S", "Second", r"(?P<S>[0-5]?\d|6[0-1])"),
    ("U", "Yearweek", r"(?P<U>5[0-3]|[0-4]\d|\d)"),
    ("w", "Weekday", "(?P<w>[0-6])"),
    ("u", "%u", "(?P<u>[1-7])"),
    ("V", "%V", r"(?P<V>5[0-3]|0[1-9]|[1-4]\d|\d)"),
    ("y", "Year2", r"(?P<y>\d\d)"),
    ("Y", "Year", r"(?P<Y>\d{4})"),
    ("z", "Zone offset", r"(?P<z>Z|UTC|GMT|[+-][01]\d(?::?\d{2})?)"),
    ("A", "DAYNAME", "(?P<A>wednesday|thursday|saturday|tuesday|monday|friday|sunday)"),
    ("a", "DAY", "(?P<a>mon|tue|wed|thu|fri|sat|sun)"),
    ("B", "MONTH", "(?P<B>september|february|november|december|january|october|august|march|april|june|july|may)"),
    ("b", "MON", "(?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"),
    ("p", "AMPM", "(?P<p>am|pm)"),
    ("Z", "Zone name", "(?P<Z>Z|[A-Z]{3,5})"),
    ("%", "%", "%"),
    ("W", "Yearweek", r"(?P<W>5[0-3]|[0-4]\d|\d)"),
    ("c", "%c", r"(?P<a>mon|tue|wed|thu|fri|sat|sun)\s+(?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s+(?P<d>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])\s+(?P<H>2[0-3]|[0-1]\d|\d):(?P<M>[0-5]\d|\d):(?P<S>6[0-1]|[0-5]\d|\d)\s+(?P<Y>\d\d\d\d)"),
    ("x", "%x", r"(?P<m>1[0-2]|0[1-9]|[1-9])/(?P<d>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])/(?P<y>\d\d)"),
    ("X", "%X", r"(?P<H>2[0-3]|[0-1]\d|\d):(?P<M>[0-5]\d|\d):(?P<S>6[0-1]|[0-5]\d|\d)"),
    ("k", "%k", r" ?(?P<H>[0-2]?\d)"),
    ("l", "%l", r" ?(?P<I>1?\d)"),
    ("ExZ", "ExZone name", "(?P<Z>[A-Z](?:[A-Z]{2,4})?)"),
    ("Exz", "ExZone offset", r"(?P<z>(?:[A-Z](?:[A-Z]{2,4})?)?[+-][01]\d(?::?\d{2})?|[A-Z](?:[A-Z]{2,4})?)"),
    ("Exd", "ExDay", r"(?P<d>[1-2]\d|0[1-9]|3[0-1])"),
    ("Exm", "ExMonth", "(?P<m>0[1-9]|1[0-2])"),
    ("ExH", "Ex24hour", r"(?P<H>[0-1]\d|2[0-3])"),
    ("Exk", "%Exk", r" ?(?P<H>[0-1]?\d|2[0-3])"),
    ("Exl", "%Exl", r" ?(?P<I>1[0-2]|\d)"),
    ("ExM", "ExMinute", r"(?P<M>[0-5]\d)"),
    ("ExS", "ExSecond", r"(?P<S>[0-5]\d|6[0-1])"),
    ("ExY", "ExYear", ""),
    ("Exy", "ExYear2", r"(?P<y>\d{2})"),
];

/// The fields whose names are matched without regard to case: a pattern that has
/// one gets `(?iu)` (upstream's `RE_ALPHA_PATTERN`).
const ALPHA: &[char] = &['a', 'A', 'b', 'B', 'p', 'c'];

/// The year regex of `%ExY`: the centuries from 2001 to three years after `year`.
fn year_regex(year: i32) -> String {
    // upstream's `_updateTimeRE`: last year and three years on, and every third
    // year since 2000 (its "alternate now" is 2001 in every zone)
    let mut decades: Vec<String> = [year - 1, year + 3]
        .into_iter()
        .chain((2000..year.max(1999) + 1).step_by(3))
        .map(|year| year.to_string().chars().take(3).collect())
        .collect();
    decades.sort();
    decades.dedup();
    format!(r"(?P<Y>{}\d)", alternatives(&decades))
}

/// One regex for sorted texts of equal length, common beginnings taken out (the
/// `grp` of upstream's `_updateTimeRE`).
fn alternatives(texts: &[String]) -> String {
    let [first, rest @ ..] = texts else {
        return String::new();
    };
    if rest.is_empty() {
        return first.clone();
    }
    for length in [first.len() - 1, 1] {
        let common = &first[..length];
        if !common.is_empty()
            && rest
                .iter()
                .all(|text| text.starts_with(common) && text.len() > length)
        {
            let tails: Vec<String> = texts.iter().map(|text| text[length..].to_owned()).collect();
            return format!("{common}{}", alternatives(&tails));
        }
    }
    if first.len() > 1 {
        format!("(?:{})", texts.join("|"))
    } else {
        format!("[{}]", texts.concat())
    }
}

struct Names;

impl Mapping for Names {
    fn get(&self, key: &str) -> Option<&str> {
        FIELDS
            .iter()
            .find(|field| field.0 == key)
            .map(|field| field.1)
    }

    // upstream's order is that of a Python set: it changes from run to run
    fn repr(&self) -> String {
        dict_repr(FIELDS.iter().map(|field| (field.0, field.1)))
    }
}

struct Regexes {
    year: String,
}

impl Mapping for Regexes {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "ExY" => Some(&self.year),
            _ => FIELDS
                .iter()
                .find(|field| field.0 == key)
                .map(|field| field.2),
        }
    }

    fn repr(&self) -> String {
        dict_repr(
            FIELDS
                .iter()
                .map(|field| (field.0, self.get(field.0).unwrap_or_default())),
        )
    }
}

fn dict_repr<'a>(items: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let items: Vec<String> = items
        .map(|(key, value)| format!("{}: {}", python::repr(key), python::repr(value)))
        .collect();
    format!("{{{}}}", items.join(", "))
}

/// What a pattern's fields are replaced with; one for each year of "now".
pub(super) struct FieldTable {
    regexes: Regexes,
}

impl FieldTable {
    /// For a clock that stands in `year` (local).
    pub(super) fn new(year: i32) -> FieldTable {
        FieldTable {
            regexes: Regexes {
                year: year_regex(year),
            },
        }
    }

    /// Display name and regex of `pattern` (boundary marks already taken off);
    /// the error is the text of Python's exception.
    pub(super) fn expand(&self, pattern: &str) -> Result<(String, String), String> {
        let format = mapping_format(pattern);
        let name = percent::format(&format, &Names)?;
        let mut regex = percent::format(&format, &self.regexes)?;
        if has_alpha_field(pattern) {
            regex.insert_str(0, "(?iu)");
        }
        Ok((name, regex))
    }
}

/// `%Y` becomes `%(Y)s`; what is no field stays, for Python's formatting to refuse.
fn mapping_format(pattern: &str) -> String {
    let mut format = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        format.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let width = |c: char| c.len_utf8();
        let longest = match tail.get(..3) {
            Some(key) if key.starts_with("Ex") && Names.get(key).is_some() => 3,
            _ => tail.chars().next().map_or(0, width),
        };
        match Names.get(&tail[..longest]) {
            Some(_) => {
                format.extend(["%(", &tail[..longest], ")s"]);
                rest = &tail[longest..];
            }
            None => {
                format.push('%');
                rest = tail;
            }
        }
    }
    format.push_str(rest);
    format
}

/// Whether an unescaped alphabetic field occurs (`(?<!%)%[aAbBpc]`).
fn has_alpha_field(pattern: &str) -> bool {
    pattern
        .match_indices('%')
        .any(|(at, _)| !pattern[..at].ends_with('%') && pattern[at + 1..].starts_with(ALPHA))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn year_regexes() {
        for (year, regex) in [
            (2026, r"(?P<Y>20[012]\d)"),
            (2027, r"(?P<Y>20[0123]\d)"),
            (2031, r"(?P<Y>20[0123]\d)"),
            (2000, r"(?P<Y>(?:199|200)\d)"),
            (1990, r"(?P<Y>19[89]\d)"),
            (2105, r"(?P<Y>2(?:00|01|02|03|04|05|06|07|08|09|10)\d)"),
        ] {
            assert_eq!(year_regex(year), regex, "{year}");
        }
    }

    #[test]
    fn fields_become_mapping_keys() {
        assert_eq!(
            mapping_format("%Y-%%Y %ExY%Exq %q%"),
            "%(Y)s-%(%)sY %(ExY)s%Exq %q%"
        );
    }

    #[test]
    fn alpha_fields() {
        assert!(has_alpha_field("%d %b"));
        assert!(!has_alpha_field("%d %%b %Y"));
    }
}
