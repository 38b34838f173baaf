//! Lines carry ANSI colours: `ESC[1;33m` stands where the filter expects a word.

use super::{Change, Hint, Proposal, Search, count};

/// A line without its escape sequences (`ESC [ … letter`).
pub(crate) fn stripped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\x1b[") {
        let parameters = &rest[at + 2..];
        let end = parameters.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == '?'));
        out.push_str(&rest[..at]);
        rest = match end {
            Some(end) if parameters.as_bytes()[end].is_ascii_alphabetic() => &parameters[end + 1..],
            _ => parameters,
        };
    }
    out.push_str(rest);
    out
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.evidence.lines;
    let coloured =
        |line: &&crate::analysis::explain::sample::SampledLine| line.text.contains("\x1b[");
    let number = lines.iter().filter(coloured).count();
    if number == 0 {
        return None;
    }
    let trial = search.attempt(Change::StripAnsi)?;
    let gained = trial.gained(&search.now);
    let dated = trial.newly_dated(&search.now);
    if gained.is_empty() && dated.is_empty() || trial.lost(&search.now) > 0 {
        return None;
    }
    let what = if gained.is_empty() {
        format!("a date is found in {}", count(dated.len(), "line", "lines"))
    } else {
        let matched = count(gained.len(), "line matches", "lines match");
        format!("{matched} without them")
    };
    Some(search.propose(Proposal {
        code: "ansi-colours",
        message: format!(
            "{} ANSI colours; {what}: --strip-ansi here; for the server, switch colours off \
             where the log is written",
            count(number, "line carries", "lines carry")
        ),
        change: Some("--strip-ansi".into()),
        changes: vec![Change::StripAnsi],
        lines: if gained.is_empty() { dated } else { gained },
        trial,
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sequences_go_and_the_rest_stays() {
        let strip = super::stripped;
        assert_eq!(strip("\x1b[1;33mNOTICE\x1b[0m[3]"), "NOTICE[3]");
        assert_eq!(strip("a\x1b[Kb[1m"), "ab[1m");
        assert_eq!(strip("a\x1b[12"), "a12");
        assert_eq!(strip("\x1b[\u{e9}"), "\u{e9}");
    }
}
