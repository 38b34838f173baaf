//! An option of the filter whose name is misspelt, so that nothing reads it.

use super::change::RegexOption;
use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let options = search.file_options();
    for (name, value) in &options {
        let Some(right) = meant(name) else {
            continue;
        };
        // with the right one there, the other may be somebody's own
        if value.is_empty() || is_set(search, right) {
            continue;
        }
        let Some(changes) = changes(right, name, value) else {
            continue;
        };
        let Some(trial) = search.attempt_all(&changes) else {
            continue;
        };
        let Some((lines, what)) = outcome(search, right, &trial) else {
            continue;
        };
        return Some(search.propose(Proposal {
            code: "misspelt-option",
            message: format!("nothing reads the option `{name}`: as `{right}`, {what}"),
            change: Some(format!("{right} = {value}")),
            changes,
            trial,
            lines,
        }));
    }
    None
}

/// Options of a filter that change what matches.
const OPTIONS: [&str; 5] = [
    "failregex",
    "ignoreregex",
    "prefregex",
    "datepattern",
    "maxlines",
];

/// The option a name is a misspelling of.
fn meant(name: &str) -> Option<&'static str> {
    // each step adds or takes one character at most
    let is_near = |right: &&str| {
        let length = name.chars().count().abs_diff(right.len());
        length <= 2 && strsim::damerau_levenshtein(name, right) <= 2
    };
    OPTIONS
        .into_iter()
        .find(is_near)
        .filter(|_| !OPTIONS.contains(&name))
}

fn is_set(search: &Search, option: &str) -> bool {
    let written = || search.file_options().iter().any(|(name, _)| name == option);
    match option {
        "failregex" => !search.now.regexes.is_empty(),
        "ignoreregex" => !search.now.ignoreregexes.is_empty(),
        "prefregex" => search.now.prefregex.is_some(),
        "datepattern" => search.evidence.datepattern.is_some() || written(),
        _ => search.evidence.filter.is_multi_line() || written(),
    }
}

/// What the option would do with its right name.
fn changes(right: &str, name: &str, value: &str) -> Option<Vec<Change>> {
    let single = value.replace("%%", "%");
    let regex = match right {
        "failregex" => RegexOption::Failregex,
        "ignoreregex" => RegexOption::Ignoreregex,
        "prefregex" => RegexOption::Prefregex,
        // the reader replaces references only in an option it knows
        _ if value.contains("%(") => return None,
        "datepattern" => return Some(vec![Change::Datepattern(single)]),
        _ => return Some(vec![Change::Maxlines(value.parse().ok()?)]),
    };
    Some(vec![if value.contains("%(") {
        Change::option(right, &format!("<{name}>"))
    } else {
        Change::added(regex, &single)
    }])
}

/// Lines that it is about, and what becomes of them.
fn outcome(search: &Search, right: &str, trial: &Trial) -> Option<(Vec<usize>, String)> {
    let match_by = |lines: Vec<usize>| {
        let what = count(lines.len(), "line matches", "lines match");
        (lines, format!("{what} by it"))
    };
    match right {
        "ignoreregex" => {
            let lines = search.now.gained(trial);
            let what = count(lines.len(), "line is ignored", "lines are ignored");
            (!lines.is_empty()).then_some((lines, format!("{what} by it")))
        }
        "prefregex" => {
            if let Some(lines) = plausible::near_gain(search, trial) {
                return Some(match_by(lines));
            }
            // it is there to leave out what others write
            let left = (0..trial.lines.len()).filter(|&at| trial.lines[at].counts);
            let gained = !trial.gained(&search.now).is_empty();
            let lost = search.now.gained(trial);
            let what = count(lost.len(), "line does not match", "lines do not match");
            (left.count() > 0 && !gained && !lost.is_empty())
                .then_some((lost, format!("{what} any more")))
        }
        "datepattern" => {
            if let Some(lines) = plausible::near_gain(search, trial) {
                return Some(match_by(lines));
            }
            let lines = trial.newly_dated(&search.now);
            let is_right = trial.lost(&search.now) == 0
                && plausible::keeps_ids(search, trial)
                && plausible::are_times(search, trial);
            let what = count(lines.len(), "line has its date", "lines have their date");
            (is_right && !lines.is_empty()).then_some((lines, format!("{what} by it")))
        }
        _ => plausible::near_gain(search, trial).map(match_by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_told() {
        assert_eq!(meant("failregx"), Some("failregex"));
        assert_eq!(meant("ignoreregexp"), Some("ignoreregex"));
        assert_eq!(meant("prefregx"), Some("prefregex"));
        assert_eq!(meant("maxlinse"), Some("maxlines"));
        assert_eq!(meant("failregex"), None);
        assert_eq!(meant("_daemon"), None);
    }
}
