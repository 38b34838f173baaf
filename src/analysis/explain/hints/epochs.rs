//! Seconds, thousandths or millionths since 1970 anywhere in a line: datepatterns with `{EPOCH}`
//! and `{LEPOCH}` for the place where they stand.

use super::Search;
use super::around_date::{DateCandidate, escaped, front, key};
use super::trial::Trial;

/// Names of fields that hold a time; a line may have other numbers of that size.
const TIMES: [&str; 17] = [
    "ts",
    "time",
    "timestamp",
    "date",
    "datetime",
    "epoch",
    "msec",
    "at",
    "when",
    "t",
    "now",
    "start",
    "logged",
    "created",
    "unixtime",
    "asctime",
    "time_local",
];

/// How long ago a line can have been written, in seconds: a number that is less is none of time.
const OLDEST: f64 = 15.0 * 365.25 * 86_400.0;

/// A number of the line that may be an epoch.
struct Number<'l> {
    before: &'l str,
    behind: &'l str,
    long: bool,
}

impl Number<'_> {
    /// The word of the field it stands in, or before it.
    fn word(&self) -> &str {
        let before = self.before.trim_end_matches(['"', ':', '=', ' ', '\t']);
        let begin = before.rfind(|c: char| !c.is_alphanumeric() && !"_-.@".contains(c));
        begin
            .map_or(before, |at| &before[at..])
            .trim_start_matches(|c: char| !c.is_alphanumeric())
    }

    fn is_time(&self) -> bool {
        let word = self.word().to_lowercase();
        TIMES.contains(&word.as_str()) || word.ends_with("time") || word.ends_with("timestamp")
    }

    /// Whether it is a part of a word, a fraction, a version.
    fn is_part(&self) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let inner = self.before.strip_suffix(['.', '-', '+']);
        self.before.ends_with(is_part)
            || self.behind.starts_with(is_part)
            || inner.is_some_and(|inner| inner.ends_with(is_part))
    }

    /// What is written before the number, the narrowest first.
    fn fronts(&self) -> Vec<String> {
        let before = self.before;
        let mut all = Vec::new();
        if let Some(key) = key(before) {
            all.push(with_blanks(key));
        }
        let sign = before.trim_end_matches([' ', '\t']);
        let word = self.word();
        let is_field = sign.ends_with(['=', ':']) && !word.is_empty() && !sign.ends_with("\":");
        if is_field && let Some(at) = before.rfind(word) {
            all.push(with_blanks(&before[at..]));
        }
        all.extend(front(before, false).map(|front| front.trim_start().to_owned()));
        all.retain(|front| !front.is_empty());
        let is_behind_word = before.ends_with([' ', '\t']) && sign.ends_with(char::is_alphabetic);
        if is_behind_word && !word.is_empty() {
            all.push(format!(r"{}\s+", escaped(word)));
        }
        all
    }

    /// Datepatterns by the column it stands in, from the begin or the end of the line: only the
    /// number is cut out.
    fn in_columns(&self, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        if !self.before.ends_with([' ', '\t']) {
            return all;
        }
        let columns = self.before.split_whitespace().count();
        if columns > 0 && !self.before.starts_with([' ', '\t']) {
            all.push(format!(r"^(?:\S+\s+){{{columns}}}({name})"));
        }
        let rest = self
            .behind
            .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if rest.is_empty() || rest.starts_with([' ', '\t']) {
            let columns = rest.split_whitespace().count();
            all.push(match columns {
                0 => format!(r"\s({name})$"),
                n => format!(r"\s({name})(?:\s+\S+){{{n}}}$"),
            });
        }
        all
    }

    /// What belongs to it behind: the sign that closes it.
    fn back(&self) -> String {
        // of a field, what follows belongs to the next
        if self.before.trim_end().ends_with([':', '=']) || self.before.ends_with('"') {
            return String::new();
        }
        let signs = self
            .behind
            .chars()
            .take_while(|c| !c.is_alphanumeric())
            .take(2);
        let signs: String = signs.collect();
        match signs.trim_end() {
            // a fraction, or the end of a sentence
            "" | "." | "," | ":" | ";" => String::new(),
            signs => escaped(signs),
        }
    }
}

/// Literal text in a datepattern, with blanks of any number.
fn with_blanks(text: &str) -> String {
    let end = text.trim_end_matches([' ', '\t']);
    if end.len() == text.len() {
        escaped(text)
    } else {
        format!(r"{}\s*", escaped(end))
    }
}

/// The numbers of a line, each with its digits.
fn digit_runs(line: &str) -> impl Iterator<Item = (Number<'_>, &str)> {
    let mut at = 0;
    let runs = line.split_inclusive(|c: char| !c.is_ascii_digit());
    runs.map(move |run| {
        let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let (start, end) = (at, at + digits.len());
        at += run.len();
        let number = Number {
            before: &line[..start],
            behind: &line[end..],
            long: digits.len() > 10,
        };
        (number, digits)
    })
}

/// The numbers of a line that may be epochs.
fn numbers(line: &str) -> Vec<Number<'_>> {
    let is_epoch =
        |digits: &str| matches!(digits.len(), 10 | 13 | 16) && digits.starts_with(['1', '2']);
    let all = digit_runs(line).filter(|(number, digits)| is_epoch(digits) && !number.is_part());
    all.map(|(number, _)| number).collect()
}

/// Datepatterns for the epoch of a line; none where several numbers may be it.
pub(super) fn candidates(line: &str) -> Vec<DateCandidate> {
    let mut numbers = numbers(line);
    if numbers.len() > 1 {
        numbers.retain(Number::is_time);
    }
    let [number] = numbers.as_slice() else {
        return Vec::new();
    };
    let name = if number.long { "{LEPOCH}" } else { "{EPOCH}" };
    let back = number.back();
    let fronts = number.fronts().into_iter();
    let patterns = fronts.map(|front| format!("{front}{name}{back}"));
    let patterns = patterns.chain(number.in_columns(name));
    let candidates = patterns.map(|pattern| DateCandidate {
        pattern,
        zone: true,
        day_or_month_first: false,
    });
    candidates.collect()
}

/// Whether a time of the line is in nanoseconds, which `{LEPOCH}` does not read.
pub(super) fn has_nanoseconds(line: &str) -> bool {
    digit_runs(line).any(|(number, digits)| {
        digits.len() == 19 && digits.starts_with('1') && number.is_time() && !number.is_part()
    })
}

/// Whether the times of an candidate can be those of a log; of any other date that is so.
pub(super) fn are_recent(search: &Search, candidate: &DateCandidate, trial: &Trial) -> bool {
    if !candidate.pattern.contains("EPOCH}") {
        return true;
    }
    let oldest = search.evidence.clock.now_epoch() - OLDEST;
    let times: Vec<f64> = trial.lines.iter().filter_map(|line| line.time).collect();
    // a number that never changes names something else
    let is_still = times.len() >= 10 && times.windows(2).all(|pair| pair[0] == pair[1]);
    times.iter().all(|&time| time > oldest) && !is_still
}

#[cfg(test)]
mod tests {
    use super::candidates;

    fn patterns(line: &str) -> Vec<String> {
        candidates(line)
            .into_iter()
            .map(|candidate| candidate.pattern)
            .collect()
    }

    #[test]
    fn epochs_are_found_where_they_stand() {
        for (line, pattern) in [
            (r#"{"ts":1795845060.123,"m":"x"}"#, r#""ts":{EPOCH}"#),
            (
                r#"{"m":"x", "time": 1795845060123}"#,
                r#""time":\s*{LEPOCH}"#,
            ),
            (r#"{"time":"1795845060123","m":"x"}"#, r#""time":"{LEPOCH}"#),
            (
                "192.0.2.1 GET /admin 401 msec=1795845060.123 rt=0.1",
                "msec={EPOCH}",
            ),
            (
                "192.0.2.1 - GET /admin 401 upstream - 1795845060.123 0.1",
                r"^(?:\S+\s+){7}({EPOCH})",
            ),
            (
                "srv1 app login failed user=bob ip=192.0.2.1 at 1795845060123 x",
                r"at\s+{LEPOCH}",
            ),
            (
                "some long text before a bracket, so long [1795845060] x",
                r"\[{EPOCH}\]",
            ),
            (
                "login failed, time: 1795845060, from 192.0.2.1",
                r"time:\s*{EPOCH}",
            ),
            ("id=1795845055 ts=1795845060 x", "ts={EPOCH}"),
            ("192.0.2.1 | x | 1795161600551 | y", r"\| {LEPOCH} \|"),
        ] {
            let all = patterns(line);
            assert!(
                all.iter().any(|found| found == pattern),
                "{pattern} not in {all:?}"
            );
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for line in [
            "a=1795845055 b=1795845060 x",
            "order 17958450551 of 12",
            "x0.1795845060",
            "v1.1795845060 started",
            "name_1795845060 failed",
            "1795845060abc failed",
        ] {
            assert_eq!(patterns(line), [""; 0], "{line}");
        }
    }
}
