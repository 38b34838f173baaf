//! A log of quite another daemon than the filter is for: what `fit` says of it.

use super::hints::{Change, Example, Hint, names_attacker, tells_refusal};
use super::sample::SampledLine;
use crate::analysis::fit::{Candidates, FilterFit, Fit, Tally, family};
use crate::analysis::wording::counted;
use crate::date::Clock;
use crate::engine::{Session, Verdict, filter_set};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use crate::pattern::Scratch;
use std::path::Path;

/// Lines that every filter of the configuration is tried on.
const LINES: usize = 200;

/// How much less the filter of another service must be worth for the first to be the only one.
const APART: f64 = 0.7;

/// The filter that the lines are clearly for, where none of them is of what the filter `name` is
/// for.
pub(crate) fn find(
    lines: &[SampledLine],
    name: &str,
    config_dir: &Path,
    clock: &Clock,
) -> Option<Hint> {
    let lines = &lines[..lines.len().min(LINES)];
    let own = family(name).to_lowercase();
    let is_own = |line: &SampledLine| line.text.to_lowercase().contains(&own);
    let is_failure = |line: &&SampledLine| tells_refusal(&line.text) && names_attacker(&line.text);
    let failures = lines.iter().filter(is_failure).count() as u64;
    if failures == 0 || lines.iter().any(|line| is_own(line) || line.time.is_some()) {
        return None;
    }
    let candidates = Candidates::load(config_dir, clock, false).ok()?;
    let fit = fitted(&candidates, lines, clock)?;
    let first = fit.clear(failures)?;
    let service = family(&first.name);
    let rival = |other: &FilterFit| {
        other.best.worth >= APART * first.best.worth && family(&other.name) != service
    };
    if service == family(name) || fit.filters.iter().any(rival) {
        return None;
    }
    let label = &first.best.filter;
    let matching = matching(&candidates, label, lines, clock)?;
    // sessions that share an id may count a success
    if !matching.iter().all(|line| names_attacker(&line.text)) {
        return None;
    }
    let (example, all) = (matching.first()?, matching.len() as u64);
    Some(Hint {
        code: "other-filter".into(),
        message: format!(
            "no line is of what filter {name} is for: filter `{label}` matches {}",
            counted(all, "line", "lines")
        ),
        change: Some(label.clone()),
        apply: Some(vec![Change::Filter(label.clone())]),
        lines: all,
        example: Some(Example {
            number: example.number,
            text: example.text.clone(),
        }),
    })
}

fn fitted(candidates: &Candidates, lines: &[SampledLine], clock: &Clock) -> Option<Fit> {
    let set = candidates.filter_set().ok()?;
    let mut tally = Tally::new(candidates);
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let logs = vec![LogSource::Literal(text.join("\n"))];
    let mut blocks = ReadAhead::new(LogSet::new(logs, ReadOptions::default()));
    let next = || blocks.next_block(true);
    let ran: Result<(), LogError> = filter_set::run(&set, clock, 1, next, &mut tally, |_| {});
    ran.ok()?;
    Some(tally.finish())
}

/// The lines that a filter matches by itself.
fn matching<'l>(
    candidates: &Candidates,
    label: &str,
    lines: &'l [SampledLine],
    clock: &Clock,
) -> Option<Vec<&'l SampledLine>> {
    let (filter, detector) = candidates.find(label)?;
    let mut session = Session::new(filter, clock, Some(detector.clone()));
    let mut scratch = Scratch::default();
    let mut is_match = |line: &&SampledLine| {
        Verdict::of(&session.line(&line.text, &mut scratch)) == Verdict::Matched
    };
    Some(lines.iter().filter(|line| is_match(line)).collect())
}
