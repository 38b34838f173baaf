//! The stages of a line, one at a time, so that each can be watched.
//!
//! The regexes run in the engine itself, which tells of each search ([`SearchObserver`]). It
//! decides nothing: verdicts are the engine's.

use super::log::Log;
use super::verdict::Candidate;
use crate::date::{DateDetector, DateMatch, TimeCache, Timestamp};
use crate::engine::adaptive_prefilter::AdaptivePrefilter;
use crate::engine::facts::Facts;
use crate::engine::find_failure::{Said, SearchObserver};
use crate::engine::line_buffer::LineBuffer;
use crate::engine::texts::{Span, Texts};
use crate::engine::{Detail, Filter, FilterRegex, RegexRole};
use crate::pattern::{Match, Scratch};
use std::hint::black_box;
use std::ops::Range;

/// What a line's time goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stage {
    /// A search with the date template of that number in the detector's original order.
    Template(usize),
    /// The time of a date that was found.
    ReadDate,
    /// The prefilter, which tells the failregexes that may match from those that cannot.
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
    /// A stage of it that was done before has gone on.
    fn more(&mut self, stage: Stage);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blind;

impl Observer for Blind {
    #[inline]
    fn line(&mut self, _: usize) {}

    #[inline]
    fn done(&mut self, _: Stage, _: bool) {}

    #[inline]
    fn more(&mut self, _: Stage) {}
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

/// Runs a filter's regexes over lines whose dates are cut.
pub(crate) struct Searches<'a> {
    filter: &'a Filter,
    lines: &'a [CutLine],
    texts: Texts,
    places: Vec<Span>,
    facts: Facts,
}

impl<'a> Searches<'a> {
    /// Puts the texts of the lines where the engine wants them.
    pub(crate) fn new(filter: &'a Filter, lines: &'a [CutLine]) -> Searches<'a> {
        let mut block = String::new();
        let mut places = Vec::with_capacity(lines.len());
        for line in lines {
            let start = block.len();
            block.push_str(&line.text);
            places.push(Span::new(start, block.len()));
        }
        Searches {
            filter,
            lines,
            texts: Texts::new(block),
            places,
            facts: Facts::new(Detail::Verdict),
        }
    }

    /// Runs over the first lines, as many as that.
    pub(crate) fn run(
        &mut self,
        count: usize,
        scratch: &mut Scratch,
        observer: &mut impl Observer,
    ) {
        let mut adaptive = AdaptivePrefilter::default();
        let mut buffer = LineBuffer::default();
        self.texts.clear_aside();
        for (index, (line, &place)) in self.lines.iter().zip(&self.places).take(count).enumerate() {
            self.facts.clear();
            observer.line(index);
            let mut stages = Stages(observer);
            if self.filter.is_multi_line() {
                let text = self.texts.get(place);
                let texts = self.filter.texts_of(text);
                let parts = [&line.prefix, "", &line.suffix];
                black_box(buffer.search(self.filter, parts, texts, scratch, &mut stages));
                continue;
            }
            let (facts, texts) = (&mut self.facts, &mut self.texts);
            black_box(facts.add(
                self.filter,
                texts,
                place,
                &mut adaptive,
                scratch,
                &mut stages,
            ));
        }
    }
}

/// Tells searches as stages.
struct Stages<'o, O>(&'o mut O);

impl<O: Observer> SearchObserver for Stages<'_, O> {
    #[inline]
    fn prefiltered(&mut self, possible: impl FnOnce() -> bool) {
        self.0.done(Stage::Prefilter, possible());
    }

    #[inline]
    fn searched<'t>(&mut self, role: RegexRole, _: impl FnOnce() -> &'t str, said: Said) {
        match said {
            Said::RuledOut => self.0.more(Stage::Prefilter),
            said => self.0.done(Stage::Regex(role), said == Said::Matched),
        }
    }
}

/// The text prefregex leaves for the failregexes, if it names a part of the line.
pub(super) fn content_of(regex: &FilterRegex, text: &str, found: &Match) -> Option<String> {
    let (start, end) = found.span(regex.regex.group_index("content")?)?;
    (start < end).then(|| format!("{}\n", &text[start..end]))
}
