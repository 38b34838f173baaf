//! An option of the filter whose name is misspelt, so that nothing reads it.

use super::change::RegexOption;
use super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let options = search.file_options();
    for (name, value) in &options {
        let Some((option, right)) = meant(name) else {
            continue;
        };
        // with the right one there, the other may be somebody's own
        let is_set = match option {
            RegexOption::Failregex => !search.now.regexes.is_empty(),
            _ => !search.now.ignoreregexes.is_empty(),
        };
        if is_set || value.is_empty() || value.contains("%(") {
            continue;
        }
        let change = Change::added(option, &value.replace("%%", "%"));
        let Some(trial) = search.attempt_all(std::slice::from_ref(&change)) else {
            continue;
        };
        let (lines, what) = match option {
            RegexOption::Failregex => {
                let Some(lines) = plausible::near_gain(search, &trial) else {
                    continue;
                };
                let what = count(lines.len(), "line matches", "lines match");
                (lines, what)
            }
            _ => {
                let lines = search.now.gained(&trial);
                let what = count(lines.len(), "line is ignored", "lines are ignored");
                (lines, what)
            }
        };
        if lines.is_empty() {
            continue;
        }
        return Some(search.propose(Proposal {
            code: "misspelt-option",
            message: format!("nothing reads the option `{name}`: as `{right}`, {what} by it"),
            change: Some(format!("{right} = {value}")),
            changes: vec![change],
            trial,
            lines,
        }));
    }
    None
}

/// The option a name is a misspelling of.
fn meant(name: &str) -> Option<(RegexOption, &'static str)> {
    let all = [RegexOption::Failregex, RegexOption::Ignoreregex];
    let near = all.into_iter().find(|option| {
        let right = option.name();
        // each step adds or takes one character at most
        let length = name.chars().count().abs_diff(right.len());
        name != right && length <= 2 && strsim::damerau_levenshtein(name, right) <= 2
    })?;
    Some((near, near.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_told() {
        assert_eq!(meant("failregx").map(|m| m.1), Some("failregex"));
        assert_eq!(meant("ignoreregexp").map(|m| m.1), Some("ignoreregex"));
        assert_eq!(meant("failregex"), None);
        assert_eq!(meant("_daemon"), None);
    }
}
