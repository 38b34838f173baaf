//! A datepattern for dates that no template knows: made of the digits of a line, then tried.

use super::filter::Replaced;
use super::finding::Figures;
use super::hints;
use super::patient::Patient;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// A datepattern that finds dates which are not in the future, and what the jail finds with it:
/// one with which something matches, if there is one.
pub(super) fn find(patient: &Patient) -> Option<(String, Figures)> {
    let lines = hints::sample(patient);
    let mut dated = None;
    for pattern in patterns(&lines.last()?.text) {
        let replaced = Replaced {
            datepattern: Some(&pattern),
            ..Replaced::default()
        };
        let Some(built) = patient.rebuilt(false, replaced) else {
            continue;
        };
        let reading = patient.read_with(&built);
        let tomorrow = patient.doctor().clock.now_epoch() + DAY;
        let plausible = reading.newest().is_some_and(|time| time < tomorrow);
        if reading.dated == 0 || !plausible {
            continue;
        }
        let figures = patient.figures(&reading);
        if figures.matched > 0 {
            return Some((pattern, figures));
        }
        dated.get_or_insert((pattern, figures));
    }
    dated
}

/// Patterns for the date in a line: day, month and year in either order, a few characters, and the
/// time; with and without the word behind it.
fn patterns(line: &str) -> Vec<String> {
    let parts = parts(line);
    let numbers = (0..parts.len()).filter(|&at| is_number(parts[at]));
    let Some(at) = numbers.into_iter().find(|&at| is_date(&parts[at..])) else {
        return Vec::new();
    };
    let date = &parts[at..];
    let before = parts[..at].concat();
    let begin = match before.chars().any(char::is_alphanumeric) {
        // what stands there differs from line to line
        true => String::new(),
        false => format!("^{}", escaped(&before)),
    };
    let orders: &[[&str; 3]] = match (date[0].len(), date[4].len()) {
        (4, _) => &[["%Y", "%m", "%d"]],
        (_, 4) => &[["%d", "%m", "%Y"], ["%m", "%d", "%Y"]],
        _ => &[["%d", "%m", "%y"], ["%y", "%m", "%d"], ["%m", "%d", "%y"]],
    };
    let behind = date.get(11).copied().unwrap_or("");
    let word: String = match behind.strip_prefix(' ') {
        Some(rest) => rest.chars().take_while(|c| c.is_alphabetic()).collect(),
        None => String::new(),
    };
    let mut all = Vec::new();
    for [first, second, third] in orders {
        let (one, two, gap) = (escaped(date[1]), escaped(date[3]), escaped(date[5]));
        let whole = format!("{begin}{first}{one}{second}{two}{third}{gap}%H:%M:%S");
        if !word.is_empty() {
            all.push(format!("{whole} {}", escaped(&word)));
        }
        all.insert(all.len() - usize::from(!word.is_empty()), whole);
    }
    all
}

/// Whether parts begin with three numbers, a gap, and a time.
fn is_date(parts: &[&str]) -> bool {
    let [
        day,
        one,
        month,
        two,
        year,
        gap,
        hour,
        three,
        minute,
        four,
        second,
        ..,
    ] = parts
    else {
        return false;
    };
    let numbers = [day, month, year, hour, minute, second];
    let short = |text: &str| text.len() <= 2;
    one == two
        && one.chars().count() == 1
        && numbers.iter().all(|number| is_number(number))
        && gap.chars().count() <= 12
        && [three, four].iter().all(|between| **between == ":")
        && [month, hour, minute, second]
            .iter()
            .all(|number| short(number))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty()
}

/// A line parted where digits begin and end.
fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut digits = None;
    for (at, c) in line.char_indices() {
        let is_digit = c.is_ascii_digit();
        if digits.is_some_and(|before| before != is_digit) {
            parts.push(&line[begin..at]);
            begin = at;
        }
        digits = Some(is_digit);
    }
    parts.push(&line[begin..]);
    parts
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            c if c.is_alphanumeric() || c == ' ' => out.push(c),
            c => out.extend(['\\', c]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn patterns_are_made_of_a_line() {
        assert_eq!(
            patterns("20.11.2026 um 11:46:00 Uhr shop: x"),
            [
                r"^%d\.%m\.%Y um %H:%M:%S",
                r"^%d\.%m\.%Y um %H:%M:%S Uhr",
                r"^%m\.%d\.%Y um %H:%M:%S",
                r"^%m\.%d\.%Y um %H:%M:%S Uhr"
            ]
        );
        assert_eq!(
            patterns("[2026|11|20 11:46:00] x"),
            [r"^\[%Y\|%m\|%d %H:%M:%S"]
        );
        assert!(patterns("nothing of 11:46:00").is_empty());
    }
}
