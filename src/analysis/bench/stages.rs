//! The stages of a line as the engine runs them, one at a time, so that each can be watched.
//!
//! The same searches on the same texts in the same order as `engine::facts`, gate included,
//! with an [`Observer`] told after each. It decides nothing: verdicts are the engine's. The
//! texts of a multi-line filter are the last `maxlines` lines, also those an earlier match
//! took.

use super::log::Log;
use super::verdict::Candidate;
use crate::date::{DateDetector, DateMatch, TimeCache, Timestamp};
use crate::engine::{Filter, FilterRegex, RegexRole};
use crate::pattern::{Match, Scratch};
use smallvec::SmallVec;
use std::hint::black_box;
use std::ops::Range;

/// What a line's time goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// A search with the date template of that number in the detector's original order.
    Template(usize),
    /// The time of a date that was found.
    ReadDate,
    /// The gate, which tells the failregexes that may match from those that cannot.
    Prefilter,
    /// A regex of the filter.
    Regex(RegexRole),
}

/// Is told of every stage that ran.
pub(crate) trait Observer {
    /// A line begins.
    fn line(&mut self, index: usize);
    /// A stage of it is done.
    fn done(&mut self, stage: Stage, hit: bool);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blind;

impl Observer for Blind {
    #[inline]
    fn line(&mut self, _: usize) {}

    #[inline]
    fn done(&mut self, _: Stage, _: bool) {}
}

/// A line with its date cut.
#[derive(Clone, Debug)]
pub(crate) struct CutLine {
    /// What stands before the date.
    pub(crate) prefix: String,
    /// What stands behind it.
    pub(crate) suffix: String,
    /// What the filter's first regex sees.
    pub(crate) text: String,
}

/// Finds and reads the date of each line; the detector's state goes along. What the scratch
/// allocates at first use should have been allocated before anything is measured.
pub(crate) fn dates(
    candidate: Candidate,
    log: &Log,
    scratch: &mut Scratch,
    observer: &mut impl Observer,
) -> Vec<Option<Range<usize>>> {
    let mut cache = TimeCache::default();
    let mut detector = candidate.detector.cloned();
    // a date that reads like the last one is not read again (`engine::block`)
    let mut last: Option<(usize, String, Timestamp)> = None;
    let mut all = Vec::with_capacity(log.lines.len());
    for (index, line) in log.lines.iter().enumerate() {
        observer.line(index);
        if line.time.is_some() {
            // a journal entry: its date and a blank come first (`Session::entry`)
            all.push(Some(0..line.text.find(' ').map_or(0, |at| at + 1)));
            continue;
        }
        let found = detector.as_mut().and_then(|detector| {
            let found = find(detector, &line.text, scratch, observer)?;
            let range = found.group1().filter(|range| !range.is_empty())?;
            let text = &line.text[range.clone()];
            let known = last
                .as_ref()
                .filter(|(t, seen, _)| *t == found.template && seen == text);
            let date = match known {
                Some((.., date)) => Some(*date),
                None => {
                    let date = detector.time_of(&line.text, &found, candidate.clock, &mut cache);
                    date.ok()
                }
            };
            observer.done(Stage::ReadDate, date.is_some());
            last = date.map(|date| (found.template, text.to_string(), date));
            Some(range)
        });
        all.push(found);
    }
    all
}

fn find(
    detector: &mut DateDetector,
    line: &str,
    scratch: &mut Scratch,
    observer: &mut impl Observer,
) -> Option<DateMatch> {
    let found = detector.step(line, |template, probe| {
        let found = template.find(line, probe.part, scratch);
        let hit = matches!(found, Ok(Some(_)));
        observer.done(Stage::Template(probe.template), hit);
        found
    });
    // a fault of a date counts as none, as in the engine
    let (template, found) = found.ok().flatten()?;
    Some(DateMatch { template, found })
}

/// Cuts the dates out of the lines.
pub(crate) fn cut(candidate: Candidate, log: &Log, dates: &[Option<Range<usize>>]) -> Vec<CutLine> {
    let maxlines = candidate.filter.options.maxlines.max(1);
    let mut lines: Vec<CutLine> = Vec::with_capacity(log.lines.len());
    for (line, date) in log.lines.iter().zip(dates) {
        let range = date.clone().unwrap_or(0..0);
        let (prefix, suffix) = (&line.text[..range.start], &line.text[range.end..]);
        let from = (lines.len() + 1).saturating_sub(maxlines);
        let mut text = String::new();
        let before = lines[from..]
            .iter()
            .map(|l| (l.prefix.as_str(), l.suffix.as_str()));
        for (prefix, suffix) in before.chain([(prefix, suffix)]) {
            text.push_str(prefix);
            text.push_str(suffix);
            text.push('\n');
        }
        lines.push(CutLine {
            prefix: prefix.to_string(),
            suffix: suffix.to_string(),
            text,
        });
    }
    lines
}

/// Runs a filter's regexes over the lines in the engine's order (`Facts::add`).
pub(crate) fn regexes(
    filter: &Filter,
    lines: &[CutLine],
    scratch: &mut Scratch,
    observer: &mut impl Observer,
) {
    for (index, line) in lines.iter().enumerate() {
        observer.line(index);
        line_regexes(filter, &line.text, scratch, observer);
    }
}

fn line_regexes(filter: &Filter, text: &str, scratch: &mut Scratch, observer: &mut impl Observer) {
    if filter.ignores_first() && ignored(filter, text, scratch, observer) {
        return;
    }
    let mut content = None;
    if let Some(regex) = &filter.prefregex {
        // a search given up counts as a miss, as in the engine
        let found = regex.regex.search(text, scratch).ok().flatten();
        let hit = found.is_some();
        content = found.and_then(|found| content_of(regex, text, &found));
        observer.done(Stage::Regex(RegexRole::Prefregex), hit);
        if !hit {
            return;
        }
    }
    let text = content.as_deref().unwrap_or(text);
    let mut ignoring = None;
    // the gate looks for required texts as it goes: its own work first, to be told apart
    let candidates: SmallVec<[usize; 64]> = filter.candidates(text).collect();
    observer.done(Stage::Prefilter, !candidates.is_empty());
    for index in candidates {
        let regex = &filter.failregexes[index].regex;
        let hit = black_box(regex.search(text, scratch)).is_ok_and(|found| found.is_some());
        observer.done(Stage::Regex(RegexRole::Failregex(index)), hit);
        if !hit {
            continue;
        }
        if !filter.ignoreregexes.is_empty() {
            ignoring.get_or_insert_with(|| ignored(filter, text, scratch, observer));
        }
        if !filter.options.check_all {
            return;
        }
    }
}

/// The text prefregex leaves for the failregexes, if it names a part of the line.
pub(super) fn content_of(regex: &FilterRegex, text: &str, found: &Match) -> Option<String> {
    let (start, end) = found.span(regex.regex.group_index("content")?)?;
    (start < end).then(|| format!("{}\n", &text[start..end]))
}

fn ignored(
    filter: &Filter,
    text: &str,
    scratch: &mut Scratch,
    observer: &mut impl Observer,
) -> bool {
    let mut any = false;
    for (index, regex) in filter.ignoreregexes.iter().enumerate() {
        let hit = regex.regex.is_match(text, scratch).unwrap_or(false);
        observer.done(Stage::Regex(RegexRole::Ignoreregex(index)), hit);
        any |= hit;
        if hit && !filter.options.check_all {
            break;
        }
    }
    any
}
