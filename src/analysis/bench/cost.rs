//! What a regex costs fail2ban, counted: deterministic, whatever else the machine does.
//!
//! Steps are those of our machine with its memo table off and no prefilter before it: what a plain
//! backtracking engine such as CPython's goes through. A search that would never end is cut
//! off. The estimate in nanoseconds adds what our machine is spared and CPython pays: the
//! walk over the line to where a match may begin.

use crate::pattern::ast::{Anchor, Ast, GroupKind, Kind, Node};
use crate::pattern::{Regex, Scratch, StepLimit};
use serde::Serialize;

/// A search is given up after so many steps; CPython would go on.
pub(crate) const MOST_STEPS: u64 = 2_000_000;

/// Steps of one search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Steps(pub(crate) u64);

/// How CPython finds where to try a pattern (`_compile_info`, `SRE(search)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Walk {
    /// It begins with `^` or `\\A`: one try.
    Once,
    /// It begins with a character or a class: only where that stands.
    Prefix,
    /// Every place is tried.
    Everywhere,
}

impl Walk {
    /// How CPython would walk for this pattern.
    pub(crate) fn of(ast: &Ast) -> Walk {
        walk(&ast.root)
    }
}

fn walk(node: &Node) -> Walk {
    let folded = node.flags.ignore_case;
    match &node.kind {
        Kind::Anchor(Anchor::TextStart) => Walk::Once,
        Kind::Anchor(Anchor::Start) if !node.flags.multi_line => Walk::Once,
        Kind::Literal(_) | Kind::Class(_) if !folded => Walk::Prefix,
        Kind::Concat(nodes) => {
            let first = nodes.iter().find(|node| !matches!(node.kind, Kind::Empty));
            match first.map(walk) {
                // only the very first instruction is looked at, not one inside a group
                Some(Walk::Once) if !first.is_some_and(is_anchor) => Walk::Everywhere,
                Some(walk) => walk,
                None => Walk::Everywhere,
            }
        }
        Kind::Group(group) if group.kind != GroupKind::Atomic => match walk(&group.node) {
            Walk::Once if !matches!(group.kind, GroupKind::Plain) => Walk::Everywhere,
            walk => walk,
        },
        Kind::Alternation(nodes) if nodes.iter().all(|node| walk(node) == Walk::Prefix) => {
            Walk::Prefix
        }
        _ => Walk::Everywhere,
    }
}

fn is_anchor(node: &Node) -> bool {
    match &node.kind {
        Kind::Anchor(_) => true,
        Kind::Group(group) => group.kind == GroupKind::Plain && is_anchor(&group.node),
        Kind::Concat(nodes) => nodes.first().is_some_and(is_anchor),
        _ => false,
    }
}

/// What a search costs in kinds that can be priced.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// Steps of our machine.
    pub(crate) steps: Steps,
    /// Characters before the match, or of the whole text.
    pub(crate) walked: u64,
    /// It matched.
    pub(crate) hit: bool,
    /// It was cut off.
    pub(crate) endless: bool,
}

/// Prices of CPython's `re` in nanoseconds: fitted to CPython 3.11 on the machine this was
/// written on, over half of the failregexes of fail2ban's filters on their own test logs;
/// on the other half the estimate is within 13 % in the middle case. Another machine or
/// Python moves all of them together, hardly the ranks.
mod price {
    /// Calling `search`.
    pub(crate) const CALL: f64 = 50.0;
    /// A step.
    pub(crate) const STEP: f64 = 16.0;
    /// A character passed over, looking for a prefix.
    pub(crate) const PREFIX: f64 = 0.3;
    /// A match object.
    pub(crate) const HIT: f64 = 55.0;
}

/// About what CPython takes for a search, nanoseconds.
pub(crate) fn estimate(cost: &Cost, walk: Walk) -> f64 {
    let walked = match walk {
        Walk::Prefix => cost.walked as f64,
        // one try; every place has its own steps
        Walk::Once | Walk::Everywhere => 0.0,
    };
    let hit = if cost.hit { price::HIT } else { 0.0 };
    price::CALL + price::STEP * cost.steps.0 as f64 + price::PREFIX * walked + hit
}

/// Counts what searches cost.
#[derive(Debug)]
pub(crate) struct CostCounter {
    scratch: Scratch,
}

impl Default for CostCounter {
    fn default() -> Self {
        let mut scratch = Scratch::default();
        scratch.set_memo_from(None);
        scratch.set_step_budget(MOST_STEPS);
        CostCounter { scratch }
    }
}

impl CostCounter {
    /// The cost of one search, walked as CPython would.
    pub(crate) fn count(&mut self, regex: &Regex, walk: Walk, text: &str) -> Cost {
        let (steps, start) = match walk {
            Walk::Once | Walk::Prefix => self.search(regex, text),
            Walk::Everywhere => self.try_everywhere(regex, text),
        };
        let hit = start.is_ok_and(|start| start.is_some());
        let walked = start.ok().flatten().unwrap_or(text.len());
        Cost {
            steps: Steps(if start.is_err() {
                steps.max(MOST_STEPS)
            } else {
                steps
            }),
            walked: text[..walked].chars().count() as u64,
            hit,
            endless: start.is_err(),
        }
    }

    /// Steps, and where the match begins.
    fn search(&mut self, regex: &Regex, text: &str) -> (u64, Start) {
        let found = regex.search(text, &mut self.scratch);
        let start = found.map(|found| found.map(|found| found.start()));
        (self.scratch.steps(), start)
    }

    /// The same, every place tried on its own: our machine would skip those where no match
    /// can begin, CPython does not.
    fn try_everywhere(&mut self, regex: &Regex, text: &str) -> (u64, Start) {
        let mut steps = 0;
        let ends = text.len();
        for place in text.char_indices().map(|(at, _)| at).chain([ends]) {
            let found = regex.match_at(text, place, &mut self.scratch);
            let hit = found.map(|found| found.is_some());
            steps += self.scratch.steps();
            match hit {
                Ok(true) => return (steps, Ok(Some(place))),
                Ok(false) if steps < MOST_STEPS => {}
                _ => return (steps, Err(StepLimit)),
            }
        }
        (steps, Ok(None))
    }
}

/// Where a match begins, if there is one.
type Start = Result<Option<usize>, StepLimit>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    fn compiled(pattern: &str) -> Regex {
        Regex::new(pattern, Flags::default()).expect("a good pattern")
    }

    fn cost(pattern: &str, text: &str) -> Cost {
        let regex = compiled(pattern);
        CostCounter::default().count(&regex, Walk::of(regex.ast()), text)
    }

    #[test]
    fn the_walk_is_cpythons() {
        let walk = |pattern| Walk::of(compiled(pattern).ast());
        assert_eq!(walk("^a"), Walk::Once);
        assert_eq!(walk(r"\Aa"), Walk::Once);
        assert_eq!(walk("(?:^a)"), Walk::Once);
        // CPython looks at the first instruction, which opens a group here
        assert_eq!(walk("(^a)"), Walk::Everywhere);
        assert_eq!(walk("a.*"), Walk::Prefix);
        assert_eq!(walk("(a)b"), Walk::Prefix);
        assert_eq!(walk("[ab]c"), Walk::Prefix);
        assert_eq!(walk("ab|ac"), Walk::Prefix);
        assert_eq!(walk("(?i)a"), Walk::Everywhere);
        assert_eq!(walk("a?b"), Walk::Everywhere);
        assert_eq!(walk(".*a"), Walk::Everywhere);
    }

    #[test]
    fn a_walk_everywhere_costs_every_place() {
        let long = cost("[-x]?y", &"-".repeat(100));
        assert!(long.steps.0 >= 100 && !long.hit, "{long:?}");
        assert_eq!(long.walked, 100);
        let hit = cost("x?y", "--y--");
        assert!(hit.hit);
        assert_eq!(hit.walked, 2);
    }

    #[test]
    fn an_endless_search_is_cut_off_and_said() {
        let cost = cost("^(?:a|aa)+$", &format!("{}b", "a".repeat(60)));
        assert!(
            cost.endless && cost.steps.0 >= MOST_STEPS && !cost.hit,
            "{cost:?}"
        );
    }
}
