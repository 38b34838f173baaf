//! Two or three mistakes in one regex: edits one upon the other, each of which brings the regex
//! farther into a line than before, until it matches.

use super::tree::Tree;
use super::{
    Case, EDITORS, Edit, LONGEST, Missed, Offer, Spot, Tried, begin, better, nearest, regexes,
    tried,
};
use crate::analysis::explain::hints::{Search, names_attacker};
use crate::analysis::explain::near::{WalkBudget, near_miss};
use crate::pattern::{Regex, Scratch, tags};
use std::sync::Arc;

/// Edits that are made of one regex.
const TOGETHER: usize = 3;
/// Regexes that go farthest, of which each edit is tried.
const KEPT: usize = 4;
/// Lines looked at for one regex.
const LINES: usize = 2;
/// Edited regexes looked at in all: each is compiled, and walked through a line.
const LOOKED_AT: usize = 400;
/// Regexes of a filter: one of many is for another message.
const REGEXES: usize = 12;
/// Words that a regex must have, for a line to be told as one it is meant for.
const WORDS: usize = 2;

/// Where a regex gave up.
pub(super) struct Stop {
    /// The pieces of it that failed.
    pub(super) spots: Vec<Spot>,
    /// What it had found by then, to be compared on one text.
    score: u64,
}

/// Where a regex gives up in a text that ends in a line break.
pub(super) fn stop(
    regex: &Regex,
    (source, host): (&str, tags::HostTag),
    text: &str,
    scratch: &mut Scratch,
) -> Option<Stop> {
    let near = near_miss(regex, text, &mut WalkBudget::default(), scratch)?;
    let resolved = tags::Resolved::of(source, host);
    let expected = near.expected.iter().take(4);
    let spots = expected.map(|expected| Spot {
        span: resolved.written(expected.span),
        at: (near.at, near.last),
    });
    Some(Stop {
        spots: spots.collect(),
        score: near.score,
    })
}

/// A regex with edits, on its way into a line.
struct Partial {
    offer: Offer,
    tree: Tree,
    stop: Stop,
}

/// What a regex and its edits are held against.
struct Course<'c> {
    texts: &'c [&'c str],
    line: &'c str,
    text: &'c str,
    cut: Option<(usize, usize)>,
    options: &'c [(String, String)],
    host: tags::HostTag,
    compile: &'c dyn Fn(&str) -> Option<Arc<Regex>>,
    /// Edited regexes that may still be looked at.
    left: usize,
    known: Vec<String>,
}

/// The edits of one regex that together lead to most.
pub(super) fn find(search: &mut Search) -> Option<Tried> {
    let (host, filter) = (search.evidence.filter.host_tag(), search.evidence.filter);
    let compile = |text: &str| filter.compile(text).ok();
    let options = search.file_options();
    let mut left = LOOKED_AT;
    let mut best: Option<Tried> = None;
    for (option, source, missed) in regexes(search, &compile).into_iter().take(REGEXES) {
        let Some(tree) = Tree::new(&source.text).filter(|_| source.text.len() <= LONGEST) else {
            continue;
        };
        // who writes `.*` in front of an address leaves it to the client what is found
        if tree.has_broken_class() || tree.words() < WORDS {
            continue;
        }
        let texts: Vec<&str> = missed.iter().map(|line| line.text.as_str()).collect();
        let is_failure = |line: &&Missed| names_attacker(&search.evidence.lines[line.at].text);
        let near: Vec<&Missed> = nearest(&tree, &source, &missed);
        let near: Vec<&Missed> = near.into_iter().filter(is_failure).take(LINES).collect();
        for line in near {
            let mut course = Course {
                texts: &texts,
                line: &search.evidence.lines[line.at].text,
                text: &line.text,
                cut: search.now.lines[line.at].cut,
                options: &options,
                host,
                compile: &compile,
                left,
                known: vec![source.text.clone()],
            };
            let offers = course.walk(&source.text, &mut search.scratch);
            left = course.left;
            for offer in offers {
                let edit = Edit {
                    hits: 0,
                    order: 0,
                    offer,
                    option,
                    source: source.clone(),
                };
                best = better(best, tried(search, edit));
            }
        }
    }
    best
}

impl Course<'_> {
    /// Edited regexes that match the line, with as few edits as can be.
    fn walk(&mut self, source: &str, scratch: &mut Scratch) -> Vec<Offer> {
        let first = Offer {
            code: "",
            why: String::new(),
            regex: source.to_string(),
        };
        let mut under_way: Vec<Partial> = self.partial(first, scratch).into_iter().collect();
        for round in 0..TOGETHER {
            let (mut matching, mut farther) = (Vec::new(), Vec::new());
            for partial in &under_way {
                for offer in self.offers(partial) {
                    if self.known.contains(&offer.regex) || self.left == 0 {
                        continue;
                    }
                    self.left -= 1;
                    self.known.push(offer.regex.clone());
                    let Some(regex) = (self.compile)(&offer.regex) else {
                        continue;
                    };
                    let text = format!("{}\n", self.text);
                    if regex.is_match(&text, scratch).unwrap_or(false) {
                        matching.push(joined(&partial.offer, offer));
                    } else if let Some(next) = self.partial(joined(&partial.offer, offer), scratch)
                        && next.stop.score > partial.stop.score
                    {
                        farther.push(next);
                    }
                }
            }
            if round == 0 && !matching.is_empty() {
                // a single edit does it, and was found wanting
                return Vec::new();
            }
            if !matching.is_empty() {
                return matching;
            }
            farther.sort_by_key(|partial| std::cmp::Reverse(partial.stop.score));
            farther.truncate(KEPT);
            under_way = farther;
        }
        Vec::new()
    }

    fn partial(&self, offer: Offer, scratch: &mut Scratch) -> Option<Partial> {
        let regex = (self.compile)(&offer.regex)?;
        let text = format!("{}\n", self.text);
        Some(Partial {
            tree: Tree::new(&offer.regex)?,
            stop: stop(&regex, (&offer.regex, self.host), &text, scratch)?,
            offer,
        })
    }

    /// What the editors offer for a regex.
    fn offers(&self, partial: &Partial) -> Vec<Offer> {
        let case = Case {
            source: &partial.offer.regex,
            tree: &partial.tree,
            text: self.text,
            texts: self.texts,
            line: self.line,
            cut: self.cut,
            spots: &partial.stop.spots,
            options: self.options,
            compile: self.compile,
        };
        let mut offers: Vec<Offer> = EDITORS.iter().flat_map(|editor| editor(&case)).collect();
        offers.extend(self.open_ended(&case));
        offers
    }

    /// What stands in front, of a regex whose end is wrong, too.
    fn open_ended(&self, case: &Case) -> Vec<Offer> {
        let open = case.source.strip_suffix('$');
        let Some(open) = open.filter(|open| !open.ends_with('\\')) else {
            return Vec::new();
        };
        let Some(tree) = Tree::new(open) else {
            return Vec::new();
        };
        let case = Case {
            source: open,
            tree: &tree,
            ..*case
        };
        let offers = begin::offers(&case).into_iter();
        let tied = offers.map(|offer| Offer {
            regex: format!("{}$", offer.regex),
            ..offer
        });
        tied.collect()
    }
}

/// An edit upon those before it.
fn joined(before: &Offer, offer: Offer) -> Offer {
    if before.why.is_empty() {
        return offer;
    }
    Offer {
        code: before.code,
        why: format!("{}, and {}", before.why, offer.why),
        regex: offer.regex,
    }
}
