//! Where ideas are tried: the sample of the log, run with changed settings.

use super::change::Change;
use super::edited::{edited_filter, edited_line};
use super::evidence::{Evidence, FilterRebuilder, RegexSources};
use super::recoded::Recoded;
use super::trial::{Trial, TrialLine};
use super::unwrap_lines::TrialUnwrap;
use crate::date::DateDetector;
use crate::engine::{Filter, Session, Verdict};
use crate::pattern::{Regex, Scratch};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The place to try.
pub(crate) struct HintTrials<'a> {
    evidence: &'a Evidence<'a>,
    rebuilder: &'a dyn FilterRebuilder,
    /// What the rebuilder built, by the changes it was built with: most ideas are about the
    /// lines or the regexes, and need nothing new of it.
    built: RefCell<Vec<(Vec<Change>, Rc<Built<'a>>)>>,
    written: RefCell<Vec<(Vec<Change>, Rc<RegexSources>)>>,
    recoded: RefCell<Vec<(String, Rc<Recoded>)>>,
    /// Steps of all trials so far.
    spent: Cell<u64>,
}

/// Steps of one search of a trial, and of all trials: beyond, nothing more is tried.
pub(super) const SEARCH_STEPS: u64 = 1_000_000;
const MOST_STEPS: u64 = 200_000_000;
/// What a regex that is compiled for a trial counts as.
const COMPILE_STEPS: u64 = 50_000;
/// Regexes that one trial may change.
const MOST_CHANGES: usize = 500;

/// A filter with its detector: the run's own, or one the rebuilder built.
struct Built<'a> {
    filter: MaybeOwn<'a>,
    detector: Option<DateDetector>,
}

enum MaybeOwn<'a> {
    Lent(&'a Filter),
    Own(Box<Filter>),
}

impl Built<'_> {
    fn filter(&self) -> &Filter {
        match &self.filter {
            MaybeOwn::Lent(filter) => filter,
            MaybeOwn::Own(filter) => filter,
        }
    }
}

impl<'a> HintTrials<'a> {
    pub(crate) fn new(
        evidence: &'a Evidence<'a>,
        rebuilder: &'a dyn FilterRebuilder,
    ) -> HintTrials<'a> {
        HintTrials {
            evidence,
            rebuilder,
            built: RefCell::default(),
            written: RefCell::default(),
            recoded: RefCell::default(),
            spent: Cell::new(0),
        }
    }

    /// What the rebuilder tells, asked once.
    pub(crate) fn written(&self, changes: &[Change]) -> Option<Rc<RegexSources>> {
        let known = |(made_with, _): &&(Vec<Change>, Rc<RegexSources>)| made_with == changes;
        if let Some((_, written)) = self.written.borrow().iter().find(known) {
            return Some(Rc::clone(written));
        }
        let written = Rc::new(self.rebuilder.regexes(changes)?);
        let entry = (changes.to_vec(), Rc::clone(&written));
        self.written.borrow_mut().push(entry);
        Some(written)
    }

    fn built(&self, changes: &[Change]) -> Option<Rc<Built<'a>>> {
        let concerns = |change: &&Change| {
            matches!(
                change,
                Change::FilterOption(_)
                    | Change::Datepattern(_)
                    | Change::Timezone(_)
                    | Change::Maxlines(_)
            )
        };
        let changes: Vec<Change> = changes.iter().filter(concerns).cloned().collect();
        let known = |(made_with, _): &&(Vec<Change>, Rc<Built<'a>>)| *made_with == changes;
        if let Some((_, built)) = self.built.borrow().iter().find(known) {
            return Some(Rc::clone(built));
        }
        let built = Rc::new(if changes.is_empty() {
            Built {
                filter: MaybeOwn::Lent(self.evidence.filter),
                detector: self.evidence.detector.clone(),
            }
        } else {
            let (filter, detector) = self.rebuilder.build(&changes)?;
            Built {
                filter: MaybeOwn::Own(Box::new(filter)),
                detector,
            }
        });
        self.built.borrow_mut().push((changes, Rc::clone(&built)));
        Some(built)
    }

    /// Whether an option could make a line match that does not now: a filter has many
    /// options, and compiling all of it for each is what a diagnosis would spend its time on.
    /// So only what is new in it is compiled and tried, on the lines as they are.
    pub(crate) fn is_promising(
        &self,
        changes: &[Change],
        option: &Change,
        now: &Trial,
        scratch: &mut Scratch,
    ) -> bool {
        let with: Vec<Change> = changes.iter().chain([option]).cloned().collect();
        let (Some(old), Some(new)) = (self.written(changes), self.written(&with)) else {
            return false;
        };
        let Some(built) = self.built(changes) else {
            return false;
        };
        // another date leaves another text
        if built.filter().is_multi_line()
            || old.ignoreregexes != new.ignoreregexes
            || old.datepattern != new.datepattern
        {
            return true;
        }
        // edits of the regexes are not in what the rebuilder tells
        if changes.iter().any(Change::is_regex) {
            return true;
        }
        let compiled = |text: &String| built.filter().compile(text).ok();
        let missed = || now.lines.iter().filter(|line| !line.counts);
        let mut contents: Vec<String> = Vec::new();
        let before = built
            .filter()
            .prefregex
            .as_ref()
            .map(|prefregex| &*prefregex.regex);
        if old.prefregex != new.prefregex {
            let after = new.prefregex.as_ref().and_then(&compiled);
            for line in missed() {
                let text = format!("{}\n", line.text);
                let content = content(after.as_deref(), &text, scratch);
                if content.is_some() && content != self::content(before, &text, scratch) {
                    return true;
                }
            }
        }
        for line in missed() {
            contents.extend(content(before, &format!("{}\n", line.text), scratch));
        }
        let fresh = new
            .failregexes
            .iter()
            .filter(|text| !old.failregexes.contains(text));
        fresh.filter_map(compiled).any(|regex| {
            let mut contents = contents.iter();
            contents.any(|text| regex.is_match(text, scratch).unwrap_or(true))
        })
    }

    /// The lines in the encoding that one of the changes asks for, decoded once.
    fn recoded(&self, changes: &[Change]) -> Option<Rc<Recoded>> {
        let name = changes.iter().rev().find_map(|change| match change {
            Change::Encoding(name) => Some(name),
            _ => None,
        })?;
        let known = |(known, _): &&(String, Rc<Recoded>)| known == name;
        if let Some((_, recoded)) = self.recoded.borrow().iter().find(known) {
            return Some(Rc::clone(recoded));
        }
        let recoded = Rc::new(Recoded::of(self.evidence.begin.as_ref()?, name)?);
        let entry = (name.clone(), Rc::clone(&recoded));
        self.recoded.borrow_mut().push(entry);
        Some(recoded)
    }

    /// Runs the sample with these changes; None if they cannot be made.
    pub(crate) fn run(&self, changes: &[Change], scratch: &mut Scratch) -> Option<Trial> {
        if changes.len() > MOST_CHANGES {
            return None;
        }
        let built = self.built(changes)?;
        let (filter, detector) = (built.filter(), built.detector.clone());
        let compiled = filter.compiled();
        let edited = edited_filter(filter, changes)?;
        let compiled = (filter.compiled() - compiled) * COMPILE_STEPS;
        self.spent.set(self.spent.get() + compiled);
        let filter = edited.as_ref().unwrap_or(filter);
        let searched = detector.is_some();
        let clock = self.evidence.clock;
        let mut unwrap = TrialUnwrap::of(changes, detector.as_ref(), clock);
        let mut session = Session::new(filter, clock, detector);
        let mut trial = Trial {
            searched,
            ..Trial::default()
        };
        let recoded = self.recoded(changes);
        for (at, sampled) in self.evidence.lines.iter().enumerate() {
            if self.spent.get() > MOST_STEPS {
                return None;
            }
            let text = match &recoded {
                Some(recoded) => recoded.line(at, sampled),
                None => sampled.text.as_str(),
            };
            let text = match &mut unwrap {
                Some(unwrap) => unwrap.line(text),
                None => Cow::Borrowed(text),
            };
            let line = edited_line(&text, changes);
            trial
                .lines
                .push(fare(&mut session, &line, sampled.time, scratch));
            self.spent.set(self.spent.get() + scratch.effort());
        }
        trial.regexes = filter
            .failregexes
            .iter()
            .map(|r| r.source.clone())
            .collect();
        trial.ignoreregexes = filter
            .ignoreregexes
            .iter()
            .map(|r| r.source.clone())
            .collect();
        trial.prefregex = filter.prefregex.as_ref().map(|r| r.source.clone());
        Some(trial)
    }
}

/// What a prefregex leaves of a text; all of it where there is none, None where it misses.
pub(crate) fn content(
    prefregex: Option<&Regex>,
    text: &str,
    scratch: &mut Scratch,
) -> Option<String> {
    let Some(prefregex) = prefregex else {
        return Some(text.to_string());
    };
    let group = prefregex.group_index("content");
    let found = prefregex.search(text, scratch).ok()??;
    let content = group
        .and_then(|group| found.span(group))
        .filter(|(start, end)| start < end);
    Some(match content {
        Some((start, end)) => format!("{}\n", &text[start..end]),
        None => text.to_string(),
    })
}

fn fare(session: &mut Session, line: &str, time: Option<f64>, scratch: &mut Scratch) -> TrialLine {
    let outcome = match time {
        Some(time) => session.entry(line, time, scratch),
        None => session.line(line, scratch),
    };
    let tuple = &outcome.tuple;
    let start = tuple.prefix().len();
    // a date taken over from an earlier line stands nowhere in this one
    let own = !tuple.date().is_empty()
        && line
            .get(start..)
            .is_some_and(|l| l.starts_with(tuple.date()));
    let verdict = Verdict::of(&outcome);
    TrialLine {
        counts: verdict == Verdict::Matched,
        ignored: verdict == Verdict::Ignored,
        helper: outcome.found.iter().any(|found| found.nofail),
        cut: own.then(|| (start, start + tuple.date().len())),
        time: session
            .last_date()
            .filter(|_| own)
            .map(|date| date.seconds()),
        ids: (outcome.failures())
            .filter_map(|found| Some((found.id.as_ref()?.text.to_string(), found.kind)))
            .collect(),
        ignored_by: outcome.ignored_by.clone(),
        regex: outcome.found.first().map(|found| found.regex),
        text: tuple.without_date().into_owned(),
    }
}
