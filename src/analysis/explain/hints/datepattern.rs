//! No template knows the date: a datepattern is made from how the date looks in the lines.

use super::{Change, Hint, Search, count};
use regex::Regex;

/// How a date may be written: regex, and the fields in order. Between `{` and `}` stands
/// what is copied from the line: separators.
const DATES: [(&str, &str); 14] = [
    (r"\d{4}([-/.:])\d{1,2}([-/.:])\d{1,2}", "%Y{1}%m{2}%d"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{4}", "%d{1}%m{2}%Y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{4}", "%m{1}%d{2}%Y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{2}", "%d{1}%m{2}%y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{2}", "%m{1}%d{2}%y"),
    (r"\d{1,2}([-/.:])\d{1,2}([-/.:])\d{2}", "%y{1}%m{2}%d"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{6}", "%y%m%d"),
    (r"\d{1,2}([-/. ])[A-Za-z]{3}([-/. ])\d{4}", "%d{1}%b{2}%Y"),
    (r"\d{1,2}([-/. ])[A-Za-z]{3}([-/. ])\d{2}", "%d{1}%b{2}%y"),
    (
        r"[A-Z][a-z]{2}([-/. ]+)\d{1,2}(,? |[-/.])\d{4}",
        "%b{1}%d{2}%Y",
    ),
    (r"[A-Z][a-z]{3,8}( +)\d{1,2}(,? )\d{4}", "%B{1}%d{2}%Y"),
    (r"\d{4}([-/. ])[A-Za-z]{3}([-/. ])\d{1,2}", "%Y{1}%b{2}%d"),
    (r"", ""),
];

/// How a time may be written, the separator from the date in group 1.
const TIMES: [(&str, &str); 8] = [
    (
        r"(\W{0,4}|[T_])\d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]",
        "%I:%M:%S %p",
    ),
    (r"(\W{0,4}|[T_])\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    // as the French write it, before what could take the date for a time
    (r"(\W{0,4}|[T_])\d{1,2}h\d{2}m\d{2}s", "%Hh%Mm%Ss"),
    (r"(\W{0,4}|[T_])\d{1,2}h\d{2}m\d{2}", "%Hh%Mm%S"),
    (r"(\W{0,4}|[T_])\d{1,2}\.\d{2}\.\d{2}", DOTTED),
    (r"(\W{0,4}|[T_])\d{6}", "%H%M%S"),
    (r"(\W{0,4}|[T_])\d{1,2}:\d{2}", "%H:%M"),
    (r"(\W{0,4}|[T_])\d{1,2}h\d{2}", "%Hh%M"),
];

/// What a date may be taken for: `20.11.26 at 9`.
const DOTTED: &str = r"%H\.%M\.%S";

/// Bytes at the begin of a line in which a date is looked for.
const FIRST_PART: usize = 80;
/// Patterns tried on the sample at most.
const TRIED: usize = 40;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let undated: Vec<usize> = (0..lines.len())
        .filter(|&at| lines[at].time.is_none())
        .collect();
    if !search.now.searched || 2 * undated.len() < lines.len() {
        return None;
    }
    let &middle = undated.get(undated.len() / 2)?;
    let &first = undated.first()?;
    let mut tried: Vec<String> = Vec::new();
    let mut best: Option<((usize, usize), String, super::trials::Trial)> = None;
    for at in [first, middle] {
        for pattern in patterns_of(&search.evidence.lines[at].text) {
            if tried.contains(&pattern) || tried.len() >= TRIED {
                continue;
            }
            tried.push(pattern.clone());
            let Some(trial) = search.attempt(Change::Datepattern(pattern.clone())) else {
                continue;
            };
            let worth = (trial.counting(), trial.newly_dated(&search.now).len());
            if worth.1 > 0 && best.as_ref().is_none_or(|(known, ..)| worth > *known) {
                best = Some((worth, pattern, trial));
            }
        }
    }
    let ((_, dated), pattern, trial) = best?;
    if 2 * dated < undated.len() || trial.lost(&search.now) > 0 || search.is_ahead(&trial) {
        return None;
    }
    let example = *trial.newly_dated(&search.now).first()?;
    let (start, end) = trial.lines[example].cut?;
    let text = &search.evidence.lines[example].text;
    let shown = around(text, start, end);
    let doubled = pattern.replace('%', "%%");
    let gained = trial.gained(&search.now).len();
    let more = match gained {
        0 => String::new(),
        n => format!(", {}", count(n, "line more matches", "lines more match")),
    };
    let hint = Hint {
        code: "datepattern".into(),
        message: format!(
            "the date is `{shown}`: `datepattern = {doubled}` in the filter (-d '{pattern}' here) \
             finds it in {}{more}",
            count(dated, "line", "lines")
        ),
        change: Some(format!("datepattern = {doubled}")),
        lines: dated as u64,
        example: search.example(example),
    };
    search.keep(Change::Datepattern(pattern), trial);
    Some(hint)
}

/// The date with the brackets and the fraction it stands in.
fn around(line: &str, start: usize, end: usize) -> String {
    let start = line[..start]
        .rfind(['[', '(', '<'])
        .filter(|at| start - at <= 2)
        .unwrap_or(start);
    let rest = &line[end..];
    let more = rest.find([' ', '\t']).unwrap_or(rest.len());
    line[start..end + more.min(12)].to_string()
}

/// Datepatterns that fit the first date-like part of a line, the likeliest first.
fn patterns_of(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (time, time_format) in TIMES {
        for (date, date_format) in DATES {
            let glue = if date.is_empty() { "()" } else { "" };
            let time = match date.is_empty() {
                true => time.split_once(')').map_or(time, |(_, rest)| rest),
                false => time,
            };
            let Ok(regex) = Regex::new(&format!(r"\b{date}{glue}{time}\b")) else {
                continue;
            };
            let captures = regex.captures(line);
            let Some((captures, found)) = captures
                .and_then(|captures| captures.get(0).map(|found| (captures, found)))
                .filter(|(_, found)| found.start() < FIRST_PART)
            else {
                continue;
            };
            // alone and with more numbers behind it, it is a date whose time is unknown here
            let behind = line[found.end()..].trim_start_matches([' ', ',', 'T', '-', '_']);
            if date.is_empty()
                && time_format == DOTTED
                && behind.starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            let group = |n| captures.get(n).map_or("", |group| group.as_str());
            let mut pattern = before(&line[..found.start()]);
            let separators = captures.len().saturating_sub(2);
            let mut format = date_format.to_string();
            for n in 1..=separators {
                format = format.replace(&format!("{{{n}}}"), &escaped(group(n)));
            }
            pattern.push_str(&format);
            if !date.is_empty() {
                pattern.push_str(&escaped(group(separators + 1)));
            }
            pattern.push_str(time_format);
            all.push(pattern);
        }
    }
    all
}

/// A regex for what stands before the date: tied to the begin of the line, numbers and words
/// of any kind in their places.
fn before(text: &str) -> String {
    let mut out = String::from("^");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() || c.is_alphabetic() {
            let mut digits = c.is_ascii_digit();
            while let Some(&next) = chars.peek().filter(|c| c.is_alphanumeric() || **c == '_') {
                digits &= next.is_ascii_digit();
                chars.next();
            }
            out.push_str(if digits { r"\d+" } else { r"\w+" });
        } else if c.is_whitespace() {
            while chars.peek().is_some_and(|c| c.is_whitespace()) {
                chars.next();
            }
            out.push_str(r"\s+");
        } else {
            out.push_str(&escaped(&c.to_string()));
        }
    }
    out
}

/// Literal text in a datepattern.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            c if r"\.+*?()|[]{}^$".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(line: &str, pattern: &str) {
        let all = patterns_of(line);
        assert!(
            all.iter().any(|p| p == pattern),
            "{pattern} not in {all:#?}"
        );
    }

    #[test]
    fn dates_become_patterns() {
        offers("[07.08.2021 22:02:23,674] x", r"^\[%d\.%m\.%Y %H:%M:%S");
        offers("1871281:20230421:153533.459 failed", r"^\d+:%Y%m%d:%H%M%S");
        offers("[ERROR   ] 14:06:02 auth:329 x", r"^\[\w+\s+\]\s+%H:%M:%S");
        offers("2017:02:02-16:45:09 basil", "^%Y:%m:%d-%H:%M:%S");
        offers("April 19, 2019 20:58: Failed", "^%B %d, %Y %H:%M");
        offers("20.11.26 09h00m05 door: x", r"^%d\.%m\.%y %Hh%Mm%S");
        offers("20.11.2026 9h00m05s x", r"^%d\.%m\.%Y %Hh%Mm%Ss");
        offers("[20/11/2026 09h05] x", r"^\[%d/%m/%Y %Hh%M");
        offers("09.00.05 door: x", r"^%H\.%M\.%S");
    }

    #[test]
    fn a_date_is_no_time() {
        for line in [
            "20.11.26 09h00m05 x",
            "20.11.26 9 o'clock",
            "20.11.26, 09-00-05 x",
        ] {
            let all = patterns_of(line);
            let time = all.iter().find(|p| p.starts_with(r"^%H\.%M\.%S"));
            assert_eq!(time, None, "{line}");
        }
    }
}
