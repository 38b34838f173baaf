//! A datepattern for dates that no template knows: made of the digits of a line, then tried.

use super::filter::Replaced;
use super::finding::Figures;
use super::hints;
use super::patient::Patient;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// Patterns tried at most.
const TRIED: usize = 24;

/// Where a datepattern of the jail's filter is written, as a change says it.
pub(super) fn place(patient: &Patient) -> String {
    if patient.sets_itself("datepattern") {
        return patient.section();
    }
    let filter = patient.parts.filter.as_ref();
    let name = filter.map_or("", |filter| filter.name.as_str());
    format!("[Definition] of filter.d/{name}.local")
}

/// A datepattern that finds dates which are not in the future, and what the jail finds with it:
/// one with which something matches, if there is one, and of these the one whose dates are the
/// newest (day and month may be taken for each other).
pub(super) fn find(patient: &Patient) -> Option<(String, Figures)> {
    let lines = hints::sample(patient);
    let tomorrow = patient.doctor().clock.now_epoch() + DAY;
    let mut best: Option<(bool, f64, String, Figures)> = None;
    for pattern in patterns(&lines.last()?.text).into_iter().take(TRIED) {
        let replaced = Replaced {
            datepattern: Some(&pattern),
            ..Replaced::default()
        };
        let Some(built) = patient.rebuilt(false, replaced) else {
            continue;
        };
        let reading = patient.read_with(&built);
        let Some(newest) = reading.newest().filter(|newest| *newest < tomorrow) else {
            continue;
        };
        let key = (reading.matched > 0, newest);
        if best
            .as_ref()
            .is_none_or(|(matches, newest, _, _)| key > (*matches, *newest))
        {
            best = Some((key.0, key.1, pattern, patient.figures(&reading)));
        }
    }
    best.map(|(_, _, pattern, figures)| (pattern, figures))
}

/// Patterns for the date in a line, the likelier ones first.
fn patterns(line: &str) -> Vec<String> {
    let parts = parts(line);
    let found = (0..parts.len()).find_map(|at| {
        let dates = dates(&parts[at..]);
        let found = dates.into_iter().flat_map(|(date, length)| {
            let times = times(&parts[at + length..]);
            times.into_iter().map(move |time| format!("{date}{time}"))
        });
        let found: Vec<String> = found.collect();
        (!found.is_empty()).then_some((at, found))
    });
    let Some((at, found)) = found else {
        return Vec::new();
    };
    let before = parts[..at].concat();
    let begin = if before.chars().any(char::is_alphanumeric) {
        // what stands there differs from line to line
        String::new()
    } else {
        format!("^{}", escaped(&before))
    };
    found
        .iter()
        .map(|pattern| format!("{begin}{pattern}"))
        .collect()
}

/// Patterns for a date at the begin of `parts`, the gap behind it included, each with the parts
/// that it takes.
fn dates(parts: &[&str]) -> Vec<(String, usize)> {
    let number = |at: usize| {
        parts
            .get(at)
            .filter(|part| is_number(part))
            .map_or(0, |part| part.len())
    };
    // what stands between date and time: `T`, ` um `, ` - `
    let gap = |at: usize, most: usize| {
        let gap = parts.get(at).filter(|gap| gap.chars().count() <= most);
        gap.filter(|_| number(at + 1) > 0).map(|gap| escaped(gap))
    };
    let compact: &[&str] = match number(0) {
        14 => return vec![("%Y%m%d%H%M%S".to_owned(), 1)],
        12 => return vec![("%y%m%d%H%M%S".to_owned(), 1)],
        8 => &["%Y%m%d", "%d%m%Y"],
        6 => &["%y%m%d", "%d%m%y"],
        0 => return Vec::new(),
        _ => &[],
    };
    if let (false, Some(gap)) = (compact.is_empty(), gap(1, 3)) {
        return compact
            .iter()
            .map(|date| (format!("{date}{gap}"), 2))
            .collect();
    }
    let lengths = [number(0), number(2), number(4)];
    let orders: &[[&str; 3]] = match lengths {
        [4, 1 | 2, 1 | 2] => &[["%Y", "%m", "%d"]],
        [1 | 2, 1 | 2, 4] => &[["%d", "%m", "%Y"], ["%m", "%d", "%Y"]],
        [1 | 2, 1 | 2, 2] => &[["%d", "%m", "%y"], ["%y", "%m", "%d"], ["%m", "%d", "%y"]],
        _ => return Vec::new(),
    };
    let (Some(gap), true) = (
        gap(5, 12),
        parts[1] == parts[3] && parts[1].chars().count() == 1,
    ) else {
        return Vec::new();
    };
    let between = escaped(parts[1]);
    let whole = orders.iter().map(|[first, second, third]| {
        (format!("{first}{between}{second}{between}{third}{gap}"), 6)
    });
    whole.collect()
}

/// Patterns for a time at the begin of `parts`: with and without the word behind it. Nothing is
/// left to find behind a date that has its time in it.
fn times(parts: &[&str]) -> Vec<String> {
    let number = |at: usize| {
        parts
            .get(at)
            .filter(|part| is_number(part))
            .map_or(0, |part| part.len())
    };
    let between = |at: usize| {
        let text = parts.get(at).filter(|text| text.chars().count() <= 2);
        text.filter(|text| !text.contains(' '))
            .map(|text| escaped(text))
    };
    let (time, behind) = match (number(0), number(2), number(4)) {
        (0, ..) => return vec![String::new()],
        (6, ..) => ("%H%M%S".to_owned(), 1),
        (1 | 2, 2, 2) => match (between(1), between(3)) {
            (Some(one), Some(two)) => (format!("%H{one}%M{two}%S"), 5),
            _ => return Vec::new(),
        },
        (1 | 2, 2, _) => match between(1) {
            Some(one) => (format!("%H{one}%M"), 3),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let behind = parts.get(behind).copied().unwrap_or("");
    let blank = &behind[..behind.len() - behind.trim_start_matches(' ').len()];
    let rest = &behind[blank.len()..];
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    if ["am", "pm"].contains(&word.to_lowercase().as_str()) {
        return vec![format!("{}{blank}%p", time.replace("%H", "%I"))];
    }
    let mut all = vec![time];
    if blank == " " && !word.is_empty() {
        all.push(format!("{} {}", all[0], escaped(&word)));
    }
    all
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
            c if c.is_alphanumeric() || " :/_-,".contains(c) => out.push(c),
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
        for (line, first) in [
            ("20/11/2026 à 11h46:00 x", r"^%d/%m/%Y à %Hh%M:%S"),
            ("2026.11.20 11-46-00 AM x", r"^%Y\.%m\.%d %I-%M-%S %p"),
            ("261120_114600 x", r"^%y%m%d_%H%M%S"),
            ("x 20261120T114600 y", r"%Y%m%dT%H%M%S"),
            ("20.11.26 11:46 x", r"^%d\.%m\.%y %H:%M"),
            ("20261120114600 x", "^%Y%m%d%H%M%S"),
        ] {
            assert_eq!(patterns(line)[0], first, "{line}");
        }
    }
}
