//! Lines among the failures that read like successes: given by mistake, or the logs changed places.

use super::Given;
use regex::Regex;
use std::sync::OnceLock;

/// Lines named at most.
const NAMED: usize = 3;

/// What is said of them.
pub(super) fn said(lines: &[Given], messages: &[&str]) -> Option<String> {
    static WORDS: OnceLock<Option<[Regex; 2]>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let success = Regex::new(
            r"(?i)\b(?:accepted|success(?:ful(?:ly)?)?|succeeded|logged in|signed in|granted|session opened)\b",
        );
        let failure = Regex::new(
            r"(?i)fail|den[iy]|invalid|unsuccess|refus|reject|error|\bnot\b|n't|without|wrong|bad|incorrect|unknown|illegal|unauthor|block|attack|too many|nobody|\bno\b|40[13]",
        );
        Some([success.ok()?, failure.ok()?])
    });
    let [success, failure] = words.as_ref()?;
    let reads = |message: &&str| success.is_match(message) && !failure.is_match(message);
    let numbers: Vec<u64> = (lines.iter().zip(messages))
        .filter(|(_, message)| reads(message))
        .map(|(line, _)| line.number)
        .collect();
    let named: Vec<String> = numbers.iter().take(NAMED).map(u64::to_string).collect();
    let (lead, verb) = match numbers.as_slice() {
        [] => return None,
        [_] => ("line", "reads like a success"),
        _ => ("lines", "read like successes"),
    };
    let more = match numbers.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(
        format!(
            "{lead} {}{more} {verb}, and the filter matches it",
            named.join(", ")
        )
        .replace(
            "successes, and the filter matches it",
            "successes, and the filter matches them",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successes_are_named() {
        let texts = ["login failed", "Accepted password for bob", "not accepted"];
        let lines: Vec<Given> = (1..)
            .zip(texts)
            .map(|(number, text)| Given {
                number,
                text: text.to_owned(),
            })
            .collect();
        let said = said(&lines, &texts).expect("one");
        assert_eq!(
            said,
            "line 2 reads like a success, and the filter matches it"
        );
    }
}
