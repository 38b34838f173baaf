//! How exactly a filter says what a line looks like: by the fixed text its regexes require.

use crate::engine::{Filter, FilterRegex};
use crate::pattern::ast::{Kind, Node};

/// Characters of fixed text at which a match is worth a half.
const HALF: f64 = 12.0;

/// What a match of each failregex is worth, from 0 to 1.
///
/// A regex with much fixed text (the daemon's name, the words of the message) hardly matches a
/// line it was not written for; one of classes and blanks matches many. So a match is worth
/// `fixed / (fixed + 12)`, where `fixed` counts the characters of the failregex and of the
/// prefregex that are in every match as they are written.
pub(super) fn worths(filter: &Filter) -> Vec<f64> {
    let of = |regex: &FilterRegex| fixed(&regex.regex.ast().root);
    let prefregex = filter.prefregex.as_ref().map_or(0, of);
    let worth = |regex: &FilterRegex| {
        let fixed = f64::from(prefregex.saturating_add(of(regex)));
        fixed / (fixed + HALF)
    };
    filter.failregexes.iter().map(worth).collect()
}

/// Characters that are in every match, letters and digits only: what stands between them is
/// much the same in all logs.
fn fixed(node: &Node) -> u32 {
    match &node.kind {
        Kind::Literal(code) => {
            let word = char::from_u32(*code).is_some_and(char::is_alphanumeric);
            u32::from(word)
        }
        Kind::Concat(nodes) => nodes.iter().map(fixed).fold(0, u32::saturating_add),
        Kind::Alternation(nodes) => nodes.iter().map(fixed).min().unwrap_or(0),
        Kind::Group(group) => fixed(&group.node),
        Kind::Repeat(repeat) if repeat.min > 0 => fixed(&repeat.node),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex};

    #[test]
    fn only_text_that_is_in_every_match_counts() {
        let of = |pattern: &str| {
            let regex = Regex::new(pattern, Flags::default()).expect("it compiles");
            fixed(&regex.ast().root)
        };
        assert_eq!(of(r"^abc: \d+ (?:de|fgh)(?:i)+$"), 6);
        assert_eq!(of(r"a?(?:bc)*(?=d)[ef]"), 0);
    }
}
