//! Measures a filter on a log: the whole, every stage in place, every regex alone.
//!
//! In one round the engine runs over all lines (the whole: the main job's pipeline on one
//! thread), then the stages run over the same lines under a stopwatch, so that a busy machine
//! slows both. Rounds are repeated. Times are processor time of the measuring thread: what
//! other programs take meanwhile is not counted, what they take from caches is.
//!
//! What is no search (cutting lines, the date detector's and the sessions' state, addresses)
//! is measured without the whole: the pipeline without regexes on the lines, and the pipeline
//! without dates on the cut lines, less the searches of each and less the bare pipeline,
//! which both contain. That the parts then add up to the whole is a finding, not a definition.

use super::clock::{Seen, Stopwatch, thread_time};
use super::log::Log;
use super::stages::{self, Blind, CutLine, Searches, Stage};
use super::units::{Nanos, Spread, median};
use super::verdict::Candidate;
use crate::date::DateDetector;
use crate::engine::Detail;
use crate::engine::worker::Worker;
use crate::engine::{Filter, RegexRole, Session};
use crate::input::Block;
use crate::input::buffer_pool::BLOCK_BYTES;
use crate::pattern::{Regex, Scratch};
use std::collections::{BTreeMap, HashSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often, how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds that count.
    pub(crate) runs: usize,
    /// Rounds before them.
    pub(crate) warmup: usize,
    /// After this long no further round is begun, once three are done.
    pub(crate) patience: Duration,
}

/// Rounds without which no spread can be told.
const FEWEST_RUNS: usize = 3;
/// Lines run unwatched before the first watched one.
const WARM_LINES: usize = 16;
/// Lines a regex is measured on alone, hits and misses each; sampled of more.
const ALONE_LINES: usize = 2_000;
/// What a run of one regex alone lasts at least: the clock's grain must not matter.
const ALONE_RUN: Nanos = Nanos(500_000.0);

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The engine on the whole log, per line.
    pub(crate) whole: Spread,
    /// What is no search: cutting lines, sessions, addresses; per line.
    pub(crate) rest: Spread,
    /// All stages and the rest over the whole, by round; the middle one.
    pub(crate) covered: f64,
    /// Every stage that ran.
    pub(crate) stages: BTreeMap<Stage, Seen>,
    /// The lines with their dates cut.
    pub(crate) lines: Vec<CutLine>,
    /// What prefregex leaves of each line for the failregexes; None where it misses.
    pub(crate) contents: Vec<Option<String>>,
}

/// Times of a regex alone, per line.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    /// Lines it was measured on.
    pub(crate) lines: usize,
    /// The times.
    pub(crate) time: Spread,
}

/// Does some work on this thread; the processor time it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Nanos) {
    let start = thread_time();
    let made = black_box(work());
    (made, Nanos(thread_time().0 - start.0))
}

/// Measures the whole and the stages; `told` hears of each round, between two.
pub(crate) fn measure(
    candidate: Candidate,
    log: &Log,
    effort: Effort,
    progress: &dyn Fn(usize),
) -> Measured {
    let filter = candidate.filter;
    let mut scratch = Scratch::fast();
    let dates = stages::dates(candidate, log, &mut scratch, &mut Blind);
    let lines = stages::cut(candidate, log, &dates);
    let contents = contents(candidate, &lines);
    let mut searches = Searches::new(filter, &lines);
    searches.run(lines.len(), &mut scratch, &mut Blind);
    let empty = Filter::new(filter.options);
    let raw = || {
        log.lines
            .iter()
            .map(|line| ([line.text.as_str(), ""], line.time))
    };
    let cut = || {
        lines
            .iter()
            .map(|line| ([line.prefix.as_str(), line.suffix.as_str()], None))
    };
    let mut watch = Stopwatch::default();
    let (mut whole, mut rest) = (Vec::new(), Vec::new());
    let begin = Instant::now();
    for round in 0..effort.warmup + effort.runs {
        progress(round);
        let counts = round >= effort.warmup;
        if whole.len() >= FEWEST_RUNS && begin.elapsed() > effort.patience {
            break;
        }
        let all = pipeline_time(candidate, candidate.detector, blocks(raw()));
        let dated = pipeline_time(candidate, None, blocks(cut()));
        let bare = Candidate {
            filter: &empty,
            ..candidate
        };
        let undated = pipeline_time(bare, candidate.detector, blocks(raw()));
        let bare = pipeline_time(bare, None, blocks(cut()));
        let (_, regexes) = timed(|| searches.run(lines.len(), &mut scratch, &mut Blind));
        let (_, finds) = timed(|| stages::dates(candidate, log, &mut scratch, &mut Blind));
        stages::dates(candidate, log, &mut scratch, &mut watch);
        // the first line must not pay for code the caches have just lost
        searches.run(WARM_LINES, &mut scratch, &mut Blind);
        searches.run(lines.len(), &mut scratch, &mut watch);
        watch.end_pass(counts);
        if counts {
            whole.push(all);
            let own = dated.0 + undated.0 - bare.0 - regexes.0 - finds.0;
            rest.push(Nanos(own.max(0.0)));
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

/// Lines as the blocks the main job would read; `times` are a journal's.
fn blocks<'a>(lines: impl Iterator<Item = ([&'a str; 2], Option<f64>)>) -> Vec<Block> {
    let mut all = vec![Block::default()];
    for (number, (line, time)) in (1..).zip(lines) {
        if all
            .last()
            .is_none_or(|block| block.text.len() > BLOCK_BYTES)
        {
            all.push(Block {
                first_line: number,
                ..Block::default()
            });
        }
        let Some(block) = all.last_mut() else {
            continue;
        };
        line.iter().for_each(|part| block.text.push_str(part));
        block.text.push('\n');
        if let Some(time) = time {
            let entries = block.entries.get_or_insert_default();
            entries.times.push(time);
            entries.numbers.push(number);
        }
    }
    all
}

/// How long the main job's pipeline takes for some blocks, on one thread.
fn pipeline_time(
    candidate: Candidate,
    detector: Option<&DateDetector>,
    blocks: Vec<Block>,
) -> Nanos {
    let Candidate { filter, clock, .. } = candidate;
    let mut session = Session::new(filter, clock, detector.cloned());
    let mut guess = detector.cloned();
    let mut scratch = Scratch::fast();
    let mut worker = Worker::new(filter, clock, Detail::Verdict);
    let work = || {
        for block in blocks {
            if !filter.is_multi_line() {
                let mut facts = worker.block(block, guess.as_mut());
                session.fold(
                    &mut facts,
                    &mut scratch,
                    &mut |verdict: crate::engine::verdict_sink::LineVerdict| {
                        black_box(verdict.outcome);
                    },
                );
                continue;
            }
            for (_, line, time) in block.timed_lines() {
                black_box(match time {
                    Some(time) => session.entry(line, time, &mut scratch),
                    None => session.line(line, &mut scratch),
                });
            }
        }
    };
    timed(work).1
}

/// What prefregex leaves of each line.
fn contents(candidate: Candidate, lines: &[CutLine]) -> Vec<Option<String>> {
    let Some(regex) = &candidate.filter.prefregex else {
        return lines.iter().map(|line| Some(line.text.clone())).collect();
    };
    let mut scratch = Scratch::default();
    let of = |line: &CutLine| {
        let found = regex.regex.search(&line.text, &mut scratch).ok()??;
        let content = stages::content_of(regex, &line.text, &found);
        Some(content.unwrap_or_else(|| line.text.clone()))
    };
    lines.iter().map(of).collect()
}

impl Measured {
    /// The texts a regex is tried on without a gate, as fail2ban does, with the index of
    /// their line: a failregex on all that prefregex lets through (up to the first hit, where
    /// the run stops there), an ignoreregex where a failregex matched; an ignoreregex that
    /// was never asked, on all.
    pub(crate) fn texts(&self, candidate: Candidate, role: RegexRole) -> Vec<(usize, &str)> {
        let filter = candidate.filter;
        let ignores = matches!(role, RegexRole::Ignoreregex(_));
        let first = role == RegexRole::Prefregex || ignores && filter.ignores_first();
        let text = |index: usize| {
            if first {
                self.lines.get(index).map(|line| line.text.as_str())
            } else {
                self.contents.get(index)?.as_deref()
            }
        };
        let asked = self.stages.get(&Stage::Regex(role)).filter(|_| ignores);
        let lines: Vec<usize> = match (asked, role) {
            (Some(seen), _) => seen.lines.iter().map(|line| *line as usize).collect(),
            (None, RegexRole::Failregex(index)) if !filter.options.check_all => {
                let over = self.lines_hit_before(index);
                (0..self.lines.len())
                    .filter(|at| !over.contains(&(*at as u32)))
                    .collect()
            }
            _ => (0..self.lines.len()).collect(),
        };
        (lines.into_iter())
            .filter_map(|index| Some((index, text(index)?)))
            .collect()
    }

    /// The least time a stage took on the line of that index; None where it did not run.
    pub(crate) fn time_on(&self, stage: Stage, line: usize) -> Option<f64> {
        let seen = self.stages.get(&stage)?;
        let at = seen.lines.binary_search(&(line as u32)).ok()?;
        seen.least.get(at).map(|time| f64::from(*time))
    }

    /// Lines that came to the prefilter.
    pub(crate) fn prefiltered(&self) -> usize {
        self.stages
            .get(&Stage::Prefilter)
            .map_or(0, |seen| seen.lines.len())
    }

    /// Lines that a failregex before `index` matched.
    fn lines_hit_before(&self, index: usize) -> HashSet<u32> {
        let before = (0..index).map(|at| Stage::Regex(RegexRole::Failregex(at)));
        let seen = before.filter_map(|stage| self.stages.get(&stage));
        let hits = seen.flat_map(|seen| seen.lines.iter().zip(&seen.hits));
        hits.filter(|(_, hit)| **hit)
            .map(|(line, _)| *line)
            .collect()
    }
}

/// At most `limit` items, one from each of as many stretches of equal length, its place
/// there by chance: of a log that repeats every seventh line, every seventh would be one
/// line alone. Always the same chance, so that two filters meet the same lines.
pub(crate) fn sample<T: Copy>(of: &[T], limit: usize) -> Vec<T> {
    if of.len() <= limit {
        return of.to_vec();
    }
    let end = |stretch: usize| stretch * of.len() / limit;
    let chosen = (0..limit).map(|stretch| {
        let (from, to) = (end(stretch), end(stretch + 1));
        of[from + mixed(stretch as u64) as usize % (to - from)]
    });
    chosen.collect()
}

/// The finishing step of SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) >> 1
}

/// Times a regex alone on some texts, one after the other, again and again; None where there
/// are no texts.
pub(crate) fn alone(regex: &Regex, texts: &[&str], effort: Effort) -> Option<Alone> {
    let mut scratch = Scratch::fast();
    let texts = sample(texts, ALONE_LINES);
    if texts.is_empty() {
        return None;
    }
    let mut passes = |count: usize| {
        let start = thread_time();
        for _ in 0..count {
            for text in &texts {
                let _ = black_box(regex.search(black_box(text), &mut scratch));
            }
        }
        thread_time().0 - start.0
    };
    let once = passes(1).min(passes(1)).max(20.0);
    let rounds = (ALONE_RUN.0 / once).clamp(1.0, 100_000.0) as usize;
    let begin = Instant::now();
    let mut times: Vec<Nanos> = Vec::new();
    for run in 0..effort.warmup + effort.runs {
        if times.len() >= FEWEST_RUNS && begin.elapsed() > effort.patience / 10 {
            break;
        }
        let total = passes(rounds);
        if run >= effort.warmup {
            times.push(Nanos(total).per(rounds * texts.len()));
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
        let three = sample(&all, 3);
        assert!(
            three[0] < 3 && (3..6).contains(&three[1]) && three[2] >= 6,
            "{three:?}"
        );
        assert!(sample::<usize>(&[], 3).is_empty());
    }

    #[test]
    fn a_sample_of_a_log_that_repeats_has_every_kind() {
        let all: Vec<usize> = (0..13_339).map(|n| n % 7).collect();
        let mut counts = [0; 7];
        for kind in sample(&all, 2_000) {
            counts[kind] += 1;
        }
        assert!(
            counts.iter().all(|count| (200..400).contains(count)),
            "{counts:?}"
        );
    }
}
