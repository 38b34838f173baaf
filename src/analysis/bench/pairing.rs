//! Which failregex of one filter is which of the other: unchanged, edited, new or gone.
//!
//! Without it every match would count as moved once a regex was inserted above it. A guess
//! where texts differ; the report shows it, so that it can be doubted.

use serde::Serialize;

/// How a failregex relates to the other filter's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    /// The same text after fail2ban's tags were replaced.
    Same,
    /// The nearest text of those left over on both sides.
    Edited,
    /// Only in the filter.
    Added,
    /// Only in the filter it is compared against.
    Removed,
}

/// Two failregexes that stand for each other, or one that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Pair {
    /// Number in the filter, from 1.
    pub(crate) filter: Option<usize>,
    /// Number in the filter it is compared against, from 1.
    pub(crate) against: Option<usize>,
    /// How they relate.
    pub(crate) change: Change,
}

/// Texts less alike than this (by shared pairs of letters, 0 to 1) are not one regex edited.
const ALIKE: f64 = 0.5;

/// Pairs of texts that are looked at for likeness; beyond, what is not the same is new or gone.
const MOST_COMPARED: usize = 250_000;

/// Pairs the regexes of two filters, given as compiled texts, in the filter's order; those
/// only in `against` come last.
pub(crate) fn pair(filter: &[&str], against: &[&str]) -> Vec<Pair> {
    let mut partner: Vec<Option<(usize, Change)>> = vec![None; filter.len()];
    let mut taken = vec![false; against.len()];
    for (partner, text) in partner.iter_mut().zip(filter) {
        let same = (0..against.len()).find(|&at| !taken[at] && against[at] == *text);
        if let Some(at) = same {
            *partner = Some((at, Change::Same));
            taken[at] = true;
        }
    }
    let mut likely: Vec<(f64, usize, usize)> = Vec::new();
    let alone = partner.iter().filter(|partner| partner.is_none()).count();
    let others = taken.iter().filter(|taken| !**taken).count();
    let compared = alone.saturating_mul(others) <= MOST_COMPARED;
    let unpaired = |(i, _): &(usize, &&str)| compared && partner[*i].is_none();
    for (mine, text) in filter.iter().enumerate().filter(unpaired) {
        for (theirs, other) in against.iter().enumerate().filter(|(i, _)| !taken[*i]) {
            let (text, other) = without_common_begin(text, other);
            let alike = strsim::sorensen_dice(text, other);
            if alike >= ALIKE {
                likely.push((alike, mine, theirs));
            }
        }
    }
    // the most alike first; among equals, the earlier in the files
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, mine, theirs) in likely {
        if partner[mine].is_none() && !taken[theirs] {
            partner[mine] = Some((theirs, Change::Edited));
            taken[theirs] = true;
        }
    }
    let mine = partner.iter().enumerate().map(|(at, partner)| Pair {
        filter: Some(at + 1),
        against: partner.map(|(theirs, _)| theirs + 1),
        change: partner.map_or(Change::Added, |(_, change)| change),
    });
    let rest = taken.iter().enumerate().filter(|(_, taken)| !**taken);
    let rest = rest.map(|(at, _)| Pair {
        filter: None,
        against: Some(at + 1),
        change: Change::Removed,
    });
    mine.chain(rest).collect()
}

/// The part that tells two regexes of one filter apart: all of them begin alike.
fn without_common_begin<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let common = a.char_indices().zip(b.chars()).find(|((_, x), y)| x != y);
    let at = common.map_or(a.len().min(b.len()), |((at, _), _)| at);
    match (a.get(at..), b.get(at..)) {
        (Some(x), Some(y)) if !x.is_empty() && !y.is_empty() => (x, y),
        // one is the other's beginning
        _ => (a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insertion_moves_nothing() {
        let pairs = pair(
            &["new one <x>", "^a b c$", "^d e f$"],
            &["^a b c$", "^d e f$"],
        );
        assert_eq!(pairs[0].change, Change::Added);
        assert_eq!((pairs[1].against, pairs[1].change), (Some(1), Change::Same));
        assert_eq!((pairs[2].against, pairs[2].change), (Some(2), Change::Same));
        assert_eq!(pairs.len(), 3);
    }

    #[test]
    fn an_edited_regex_finds_its_former_self() {
        let old = ["^p: Wrong password for <x>$", "^p: No matching peer <x>$"];
        let new = ["^p: chan_sip: No matching peer <x>\\s*$"];
        let pairs = pair(&new, &old);
        assert_eq!(
            (pairs[0].against, pairs[0].change),
            (Some(2), Change::Edited)
        );
        assert_eq!(
            (pairs[1].against, pairs[1].change),
            (Some(1), Change::Removed)
        );
    }

    #[test]
    fn equal_texts_pair_once() {
        let pairs = pair(&["a", "a"], &["a"]);
        assert_eq!(pairs[0].change, Change::Same);
        assert_eq!(pairs[1].change, Change::Added);
    }

    #[test]
    fn texts_that_share_letters_beyond_ascii_are_cut_between_characters() {
        let pairs = pair(&["é1 failed from x"], &["è1 failed from x"]);
        assert_eq!(pairs[0].change, Change::Edited);
    }
}
