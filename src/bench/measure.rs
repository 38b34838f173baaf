//! Measures a filter on a log: the whole, every stage in place, every regex alone.
//!
//! In one round the engine runs over all lines (the whole), then the stages run over the
//! same lines under a stopwatch, so that a busy machine slows both. Rounds are repeated;
//! what is not a search (cutting lines, sessions, addresses) is the engine's time on lines
//! whose dates are cut, less the searches in the same order.

use super::clock::{Blind, Seen, Stopwatch};
use super::log::Log;
use super::stages::{self, CutLine, Stage};
use super::units::{Nanos, Spread, median};
use super::verdict::Candidate;
use crate::engine::{FilterRegex, RegexRole, Session};
use crate::pattern::Scratch;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often, how long.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Rounds that count.
    pub runs: usize,
    /// Rounds before them.
    pub warmup: usize,
    /// After this long no further round is begun, once three are done.
    pub patience: Duration,
}

/// Rounds without which no spread can be told.
const FEWEST_RUNS: usize = 3;
/// Lines a regex is measured on alone, hits and misses each; evenly spaced of more.
const ALONE_LINES: usize = 2_000;
/// What a run of one regex alone lasts at least: the clock's grain must not matter.
const ALONE_RUN: Duration = Duration::from_micros(500);

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    /// The engine on the whole log, per line.
    pub whole: Spread,
    /// What is no search: cutting lines, sessions, addresses; per line.
    pub rest: Spread,
    /// All stages and the rest over the whole, by round; the middle one.
    pub covered: f64,
    /// Every stage that ran.
    pub stages: BTreeMap<Stage, Seen>,
    /// The lines with their dates cut.
    pub lines: Vec<CutLine>,
    /// What prefregex leaves of each line for the failregexes; None where it misses.
    pub contents: Vec<Option<String>>,
}

/// Times of a regex alone, per line.
#[derive(Clone, Debug)]
pub struct Alone {
    /// Lines it was measured on.
    pub lines: usize,
    /// The times.
    pub time: Spread,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Nanos) {
    let start = Instant::now();
    let made = black_box(work());
    (made, start.elapsed().into())
}

/// Measures the whole and the stages.
pub fn measure(candidate: Candidate, log: &Log, effort: Effort) -> Measured {
    let filter = candidate.filter;
    let dates = stages::dates(candidate, log, &mut Blind);
    let lines = stages::cut(candidate, log, &dates);
    let contents = contents(candidate, &lines);
    let mut watch = Stopwatch::default();
    let (mut whole, mut rest) = (Vec::new(), Vec::new());
    let begin = Instant::now();
    for round in 0..effort.warmup + effort.runs {
        let counts = round >= effort.warmup;
        if whole.len() >= FEWEST_RUNS && begin.elapsed() > effort.patience {
            break;
        }
        let mut scratch = Scratch::default();
        let (_, all) = timed(|| {
            let mut session = Session::new(filter, candidate.clock, candidate.detector.cloned());
            for line in &log.lines {
                black_box(session.line(&line.text, &mut scratch));
            }
        });
        let (_, dated) = timed(|| {
            let mut session = Session::new(filter, candidate.clock, None);
            for line in &lines {
                let tuple = line.tuple.clone();
                black_box(session.dated_line(tuple, line.date, &mut scratch));
            }
        });
        let (_, searches) = timed(|| stages::regexes(filter, &lines, &mut Blind));
        stages::dates(candidate, log, &mut watch);
        stages::regexes(filter, &lines, &mut watch);
        watch.end_pass(counts);
        if counts {
            whole.push(all);
            rest.push(Nanos((dated.0 - searches.0).max(0.0)));
        }
    }
    let stages = watch.finish();
    let covered = (0..whole.len()).map(|run| {
        let stages = stages.values().filter_map(|seen| seen.totals.get(run));
        let parts: f64 = stages.map(|total| total.0).sum::<f64>() + rest[run].0;
        parts / whole[run].0.max(1.0)
    });
    let mut covered: Vec<f64> = covered.collect();
    covered.sort_by(f64::total_cmp);
    let per_line = |times: &[Nanos]| {
        let times: Vec<Nanos> = times.iter().map(|t| t.per(log.lines.len())).collect();
        Spread::of(&times)
    };
    Measured {
        whole: per_line(&whole),
        rest: per_line(&rest),
        covered: median(&covered),
        stages,
        lines,
        contents,
    }
}

/// What prefregex leaves of each line.
fn contents(candidate: Candidate, lines: &[CutLine]) -> Vec<Option<String>> {
    let Some(regex) = &candidate.filter.prefregex else {
        return lines.iter().map(|line| Some(line.text.clone())).collect();
    };
    let mut scratch = Scratch::default();
    let of = |line: &CutLine| {
        let found = regex.regex.search(&line.text, &mut scratch).ok()??;
        let groups = regex.groups(&line.text, &found);
        Some(stages::content_of(&groups).unwrap_or_else(|| line.text.clone()))
    };
    lines.iter().map(of).collect()
}

impl Measured {
    /// The texts a regex is tried on, with the index of their line: where it ran in place,
    /// or, if it never did, wherever it could.
    pub fn texts(&self, candidate: Candidate, role: RegexRole) -> Vec<(usize, &str)> {
        let first = role == RegexRole::Prefregex
            || matches!(role, RegexRole::Ignoreregex(_)) && candidate.filter.ignores_first();
        let text = |index: usize| match first {
            true => self.lines.get(index).map(|line| line.text.as_str()),
            false => self.contents.get(index)?.as_deref(),
        };
        let all: Vec<usize> = match self.stages.get(&Stage::Regex(role)) {
            Some(seen) => {
                let mut lines: Vec<usize> = seen.lines.iter().map(|l| *l as usize).collect();
                lines.dedup();
                lines
            }
            None => (0..self.lines.len()).collect(),
        };
        all.into_iter().filter_map(|index| Some((index, text(index)?))).collect()
    }
}

/// Evenly spaced items, at most `limit`.
pub fn sample<T: Copy>(of: &[T], limit: usize) -> Vec<T> {
    let step = of.len().div_ceil(limit.max(1)).max(1);
    of.iter().copied().step_by(step).collect()
}

/// Times a regex alone on some texts, its groups read where it matches.
pub fn alone(regex: &FilterRegex, texts: &[&str], effort: Effort) -> Option<Alone> {
    let mut scratch = Scratch::default();
    alone_by(texts, effort, |text| {
        if let Ok(Some(found)) = regex.regex.search(text, &mut scratch) {
            black_box(regex.groups(text, &found));
        }
    })
}

/// Times any work on some texts, one after the other, again and again.
pub fn alone_by(texts: &[&str], effort: Effort, mut work: impl FnMut(&str)) -> Option<Alone> {
    let texts = sample(texts, ALONE_LINES);
    if texts.is_empty() {
        return None;
    }
    let mut pass = || {
        let start = Instant::now();
        texts.iter().for_each(|text| work(black_box(text)));
        start.elapsed()
    };
    let once = pass().min(pass()).max(Duration::from_nanos(20));
    let rounds = (ALONE_RUN.as_nanos() / once.as_nanos()).clamp(1, 100_000) as usize;
    let begin = Instant::now();
    let mut times: Vec<Nanos> = Vec::new();
    for run in 0..effort.warmup + effort.runs {
        if times.len() >= FEWEST_RUNS && begin.elapsed() > effort.patience / 10 {
            break;
        }
        let total: Duration = (0..rounds).map(|_| pass()).sum();
        if run >= effort.warmup {
            times.push(Nanos::from(total).per(rounds * texts.len()));
        }
    }
    Some(Alone {
        lines: texts.len(),
        time: Spread::of(&times),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_all() {
        let all: Vec<usize> = (0..10).collect();
        assert_eq!(sample(&all, 20), all);
        assert_eq!(sample(&all, 3), [0, 4, 8]);
        assert_eq!(sample(&[] as &[usize], 3), []);
    }
}
