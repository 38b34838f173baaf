//! An option given with the filter that is misspelt: `sshd[mode=agressive]`, `sshd[mdoe=ddos]`.
//! fail2ban then goes on without it. What was meant is what the filter's files offer.

use super::{Change, Hint, Proposal, Search, count, options, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if search.evidence.options.is_empty() {
        return None;
    }
    let choices = options::choices(search);
    let own: Vec<String> = (search.file_options().into_iter())
        .map(|(name, _)| name)
        .collect();
    let names: Vec<&str> = (choices.keys().chain(&own)).map(String::as_str).collect();
    for (name, value) in search.evidence.options.clone() {
        let meant = if names.contains(&name.as_str()) {
            name.as_str()
        } else {
            let Some(meant) = nearest(&name, names.iter().copied()) else {
                continue;
            };
            meant
        };
        let values = choices.get(meant).map_or(&[][..], Vec::as_slice);
        let right = nearest(&value, values.iter().map(String::as_str)).unwrap_or(&value);
        let is_set = |(other, _): &(String, String)| other == meant && *other != name;
        if (meant, right) == (name.as_str(), value.as_str())
            || search.evidence.options.iter().any(is_set)
        {
            continue;
        }
        let change = Change::option(meant, right);
        let Some(trial) = search.attempt(change.clone()) else {
            continue;
        };
        // it was asked for by name: however few the lines are, they are wanted
        let Some(lines) = plausible::near_gain(search, &trial) else {
            continue;
        };
        let written = format!("[{meant}={right}]");
        let matching = count(lines.len(), "line more matches", "lines more match");
        return Some(search.propose(Proposal {
            code: "misspelt-filter-option",
            message: format!(
                "the filter has nothing for `[{name}={value}]`: {matching} with `{written}`"
            ),
            change: Some(written),
            changes: vec![change],
            trial,
            lines,
        }));
    }
    None
}

/// The word that a misspelt one is nearest to; None where it is one of them, or near to none or to
/// several.
fn nearest<'w>(text: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    /// Letters of a begin that stands for the word.
    const BEGIN: usize = 3;
    let typed = text;
    let text = text.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    let mut is_tied = false;
    for word in words {
        let lower = word.to_lowercase();
        if word == typed {
            return None;
        }
        let is_begin = text.len() >= BEGIN && lower.starts_with(&text);
        let steps = if is_begin {
            1
        } else {
            strsim::damerau_levenshtein(&text, &lower)
        };
        let most = 2.min(lower.chars().count() / 2);
        if steps > most || best.is_some_and(|(_, known)| known == word) {
            continue;
        }
        let least = best.map_or(usize::MAX, |(least, _)| least);
        is_tied = steps == least || is_tied && steps > least;
        if steps < least {
            best = Some((steps, word));
        }
    }
    best.filter(|_| !is_tied).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn one_word_is_meant() {
        let modes = ["normal", "ddos", "extra", "aggressive"];
        let meant = |text: &str| nearest(text, modes.into_iter());
        assert_eq!(meant("agressive"), Some("aggressive"));
        assert_eq!(meant("aggr"), Some("aggressive"));
        assert_eq!(meant("Aggressive"), Some("aggressive"));
        assert_eq!(meant("dos"), Some("ddos"));
        assert_eq!(meant("ddos"), None);
        assert_eq!(meant("strict"), None);
        assert_eq!(nearest("moda", ["mode", "modo"].into_iter()), None);
        assert_eq!(nearest("mdoe", ["mode", "mode"].into_iter()), Some("mode"));
    }
}
