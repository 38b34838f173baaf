//! Single edits of a regex, tried on the lines that nearly match it.
//!
//! An editor is one file with one function: it looks at a regex as written, at a line, and at
//! where the regex gave up ([`Case`]), and offers regexes. What they lead to is tried here, on
//! the sample; the edit that leads to most is kept. A new one is added to [`EDITORS`].

mod alternation;
mod apache;
mod as_text;
mod bars;
mod before_tag;
mod begin;
mod behind;
mod between;
mod case;
mod character;
mod comment;
mod date;
mod dialect;
mod empty;
mod end;
mod family;
mod forwarded;
mod front;
mod json_blanks;
mod json_key;
mod key_order;
mod near_miss;
mod opened;
mod option_name;
mod outcome;
mod pid;
mod port;
mod prefix_line;
mod quantifier;
mod quotes;
mod several;
mod subnet;
mod too_many;
mod tree;
mod variant;
mod word;
mod wrapper;

use super::brackets::left_in_front;
use super::change::{RegexChange, RegexOption};
use super::trials::content;
use super::{Change, Hint, Proposal, Search, count, plausible};
use crate::config::Sourced;
use crate::pattern::Regex;
use near_miss::{Case, Spot};
pub(super) use opened::{common, numbers};
use std::rc::Rc;
use std::sync::Arc;
pub(super) use tree::Tree;
pub(super) use wrapper::wrapped_regex;

/// Bytes of a regex that is looked at: an edit is tried by compiling all of it.
const LONGEST: usize = 8 << 10;
/// Bytes of a line that is looked at: an edit is tried on all lines that are missed.
const LONGEST_LINE: usize = 16 << 10;
/// Lines looked at for one regex.
const LINES: usize = 3;
/// Walks of near misses in all.
const WALKS: usize = 40;
/// Edits whose outcome is tried on the whole sample.
const TRIED: usize = 16;
/// Rounds in which the same edit is looked for in further regexes.
const ROUNDS: usize = 8;
/// Of the words a regex asks for, so many of ten must stand in a line that nearly matches.
const AGREEING: usize = 6;

/// A regex to be tried in place of the one there is.
pub(super) struct Offer {
    /// The stable name of the hint.
    pub(super) code: &'static str,
    /// What is wrong, in words.
    pub(super) why: String,
    /// The regex.
    pub(super) regex: String,
}

/// The offers of an editor.
type Editor = fn(&Case) -> Vec<Offer>;

/// The editors, those that change least first.
const EDITORS: [Editor; 30] = [
    begin::blank,
    case::offers,
    date::offers,
    dialect::offers,
    as_text::offers,
    quantifier::offers,
    empty::offers,
    option_name::offers,
    pid::offers,
    port::offers,
    forwarded::offers,
    apache::offers,
    character::offers,
    quotes::offers,
    subnet::offers,
    family::offers,
    variant::offers,
    alternation::offers,
    prefix_line::offers,
    json_blanks::offers,
    key_order::offers,
    json_key::offers,
    end::offers,
    begin::offers,
    word::offers,
    between::offers,
    before_tag::offers,
    too_many::offers,
    front::offers,
    behind::offers,
];

/// Finds the edit of one regex, and of others that need the same, that leads to most.
pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let whole = [comment::find, comment::behind, bars::find, wrapper::find];
    if let Some(hint) = whole.iter().find_map(|find| find(search)) {
        return Some(hint);
    }
    let first = best(search, None)
        .or_else(|| behind_date(search))
        .or_else(|| several::find(search))?;
    let (code, why) = (first.code, first.why.clone());
    let mut changes = first.changes;
    let mut trial = first.trial;
    let mut lines = first.lines;
    let shown = first.shown;
    let mut further = 0;
    for _ in 1..ROUNDS {
        let before = std::mem::replace(&mut search.now, trial.clone());
        let kept = search.changes.len();
        search.changes.extend(changes.iter().cloned());
        let next = best(search, Some(code));
        search.changes.truncate(kept);
        search.now = before;
        let Some(next) = next else { break };
        further += 1;
        changes.extend(next.changes);
        lines.extend(next.lines);
        trial = next.trial;
    }
    let more = match further {
        0 => String::new(),
        n => format!(" (so in {})", count(n, "further regex", "further regexes")),
    };
    Some(search.propose(Proposal {
        code,
        message: format!(
            "{why}{more}: {} of {} missed match with `{}`",
            count(lines.len(), "line", "lines"),
            search.missed(),
            crate::analysis::explain::hints::shortened(&shown, 300)
        ),
        change: Some(shown),
        changes,
        trial,
        lines,
    }))
}

/// Two mistakes at once: the blank or the brackets that the date leaves keep a regex from matching
/// whatever else is edited.
fn behind_date(search: &mut Search) -> Option<Tried> {
    let mut missed = search.now.lines.iter().filter(|line| !line.counts);
    let (left, inserted) = missed.find_map(|line| left_in_front(&line.text))?;
    let (blanks, trial) = search.behind_caret(inserted)?;
    let before = std::mem::replace(&mut search.now, trial);
    let kept = search.changes.len();
    search.changes.extend(blanks.iter().cloned());
    let found = best(search, None);
    search.changes.truncate(kept);
    search.now = before;
    let mut found = found?;
    let is_edited = |blank: &Change| {
        let edits = found.changes.iter();
        let mut edits = edits.filter_map(|edit| edit_of(edit));
        edits.any(|edit| edit_of(blank).is_some_and(|b| b.to.as_ref() == Some(&edit.from)))
    };
    let mut changes: Vec<Change> = blanks.into_iter().filter(is_edited).collect();
    changes.append(&mut found.changes);
    let trial = search.attempt_all(&changes)?;
    Some(Tried {
        why: format!("the date leaves {left} in front, and {}", found.why),
        lines: plausible::near_gain(search, &trial)?,
        changes,
        trial,
        ..found
    })
}

fn edit_of(change: &Change) -> Option<&RegexChange> {
    match change {
        Change::Regex(edit) => Some(edit),
        _ => None,
    }
}

/// An edit that was tried.
struct Tried {
    code: &'static str,
    why: String,
    shown: String,
    changes: Vec<Change>,
    trial: super::trial::Trial,
    lines: Vec<usize>,
}

/// A regex of the filter, and the missed lines with what it would see of them.
type Seen = (RegexOption, Sourced, Rc<[Missed]>);

/// A missed line with what a regex would see of it.
struct Missed {
    at: usize,
    text: String,
}

/// An edited regex that matches lines.
struct Edit {
    hits: usize,
    /// The editor's place among all.
    order: usize,
    offer: Offer,
    option: RegexOption,
    source: Sourced,
}

fn best(search: &mut Search, code: Option<&str>) -> Option<Tried> {
    let mut edits = edits(search, code);
    edits.sort_by_key(|edit| (std::cmp::Reverse(edit.hits), edit.order));
    let mut best: Option<Tried> = None;
    for edit in edits.into_iter().take(TRIED) {
        best = better(best, tried(search, edit));
    }
    best
}

/// The one that leads to more lines; the first of equals.
fn better(best: Option<Tried>, other: Option<Tried>) -> Option<Tried> {
    let gain = |tried: &Option<Tried>| tried.as_ref().map_or(0, |tried| tried.lines.len());
    if best.is_none() || gain(&other) > gain(&best) {
        other
    } else {
        best
    }
}

/// The filter with an edit, if that leads to more than the regex finds as it is.
fn tried(search: &mut Search, edit: Edit) -> Option<Tried> {
    let Edit {
        offer,
        option,
        source,
        ..
    } = edit;
    let changes = vec![Change::Regex(RegexChange::new(
        option,
        &source,
        Some(offer.regex.clone()),
    ))];
    let trial = search.attempt_all(&changes)?;
    let lines = plausible::near_gain(search, &trial)?;
    if offer.code == case::CODE && leaves_failures(search, &trial, &lines) {
        return None;
    }
    // a regex that finds more as it is, is right as it is; with a letter in the wrong case, or
    // for the names of some users only, it is not
    let finds = match option {
        _ if [case::CODE, between::NAME].contains(&offer.code) => 1,
        RegexOption::Prefregex => search.now.counting(),
        _ => search.now.found_by(&source.text),
    };
    (lines.len() >= finds).then_some(Tried {
        code: offer.code,
        why: offer.why,
        shown: offer.regex,
        changes,
        trial,
        lines,
    })
}

/// Whether no line that is gained tells of a failure, and others that stay missed do.
fn leaves_failures(search: &Search, trial: &super::trial::Trial, gained: &[usize]) -> bool {
    let fails = |at: usize| super::tells_failure(&search.evidence.lines[at].text);
    let stays = |at: &usize| !trial.lines[*at].counts && !trial.lines[*at].ignored;
    let mut missed = (0..trial.lines.len()).filter(stays);
    !gained.iter().any(|&at| fails(at)) && missed.any(fails)
}

/// What the editors make of the regexes on the lines that nearly matched.
fn edits(search: &mut Search, code: Option<&str>) -> Vec<Edit> {
    let host = search.evidence.filter.host_tag();
    let filter = search.evidence.filter;
    let compile = |text: &str| filter.compile(text).ok();
    let options = search.file_options();
    let mut edits: Vec<Edit> = Vec::new();
    let mut walks = 0;
    for (option, source, missed) in regexes(search, &compile) {
        if source.text.len() > LONGEST {
            continue;
        }
        let (Some(tree), Some(regex)) = (Tree::new(&source.text), compile(&source.text)) else {
            continue;
        };
        if tree.has_broken_class() {
            continue;
        }
        let texts: Vec<&str> = missed.iter().map(|line| line.text.as_str()).collect();
        for line in nearest(&tree, &source, &missed) {
            walks += 1;
            if walks > WALKS {
                break;
            }
            let text = format!("{}\n", line.text);
            let near = several::stop(&regex, (&source.text, host), &text, &mut search.scratch);
            let spots = near.map_or(Vec::new(), |near| near.spots);
            let sampled = &search.evidence.lines[line.at].text;
            let case = Case {
                source: &source.text,
                tree: &tree,
                text: &line.text,
                texts: &texts,
                line: sampled,
                cut: search.now.lines[line.at].cut,
                spots: &spots,
                options: &options,
                compile: &compile,
            };
            let offers = EDITORS.iter().enumerate();
            let offers = offers.flat_map(|(order, editor)| {
                editor(&case).into_iter().map(move |offer| (order, offer))
            });
            for (order, offer) in offers.filter(|(_, offer)| code.is_none_or(|c| c == offer.code)) {
                let known = edits
                    .iter()
                    .any(|e| e.offer.regex == offer.regex && e.source.text == source.text);
                let Some(edited) = compile(&offer.regex).filter(|_| !known) else {
                    continue;
                };
                let hits = texts.iter().filter(|text| {
                    let text = format!("{text}\n");
                    edited.is_match(&text, &mut search.scratch).unwrap_or(false)
                });
                let hits = hits.count();
                if hits > 0 {
                    let source = source.clone();
                    edits.push(Edit {
                        hits,
                        order,
                        offer,
                        option,
                        source,
                    });
                }
            }
        }
    }
    edits
}

/// The missed lines that agree most with a regex.
fn nearest<'m>(tree: &Tree, source: &Sourced, missed: &'m [Missed]) -> Vec<&'m Missed> {
    // what stands for a reference to an option is in no line
    let least = if source.text.contains("%(") {
        AGREEING / 2
    } else {
        AGREEING
    };
    let ranked = missed.iter().map(|line| (tree.agreement(&line.text), line));
    let mut ranked: Vec<_> = ranked
        .filter(|(agreement, _)| *agreement >= least)
        .collect();
    ranked.sort_by_key(|(agreement, _)| std::cmp::Reverse(*agreement));
    ranked
        .into_iter()
        .take(LINES)
        .map(|(_, line)| line)
        .collect()
}

/// The regexes that may be at fault, each with the lines it sees and misses: the prefregex with
/// those it stops, the failregexes with the others.
fn regexes(search: &mut Search, compile: &dyn Fn(&str) -> Option<Arc<Regex>>) -> Vec<Seen> {
    let prefregex = search.now.prefregex.clone();
    let compiled = prefregex.as_ref().and_then(|source| compile(&source.text));
    let (mut stopped, mut passed) = (Vec::new(), Vec::new());
    for (at, line) in search.now.lines.iter().enumerate() {
        if line.counts || line.ignored || line.text.len() > LONGEST_LINE {
            continue;
        }
        let text = format!("{}\n", line.text);
        match content(compiled.as_deref(), &text, &mut search.scratch) {
            Some(content) => passed.push(Missed {
                at,
                text: content.trim_end_matches('\n').to_string(),
            }),
            None => stopped.push(Missed {
                at,
                text: line.text.clone(),
            }),
        }
    }
    let mut all = Vec::new();
    if let Some(prefregex) = prefregex.filter(|_| !stopped.is_empty()) {
        all.push((RegexOption::Prefregex, prefregex, stopped.into()));
    }
    let passed: Rc<[Missed]> = passed.into();
    if !passed.is_empty() {
        let regexes = search.now.regexes.iter();
        all.extend(regexes.map(|regex| (RegexOption::Failregex, regex.clone(), passed.clone())));
    }
    all
}
