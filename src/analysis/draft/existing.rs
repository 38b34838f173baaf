//! Whether a filter of the configuration is for the lines already.

use super::{Given, Request, verify};
use crate::analysis::fit::{Candidates, Tally};
use crate::engine::{Session, filter_set};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use crate::pattern::Scratch;

/// Filters looked at, the one that fits best first.
const TRIED: usize = 10;

/// The filter that matches every line with its address and no good line. Errors: what is wrong
/// with the filters as a whole.
pub(super) fn find(request: &Request, addresses: &[String]) -> Result<Option<String>, String> {
    // without a configuration there is none
    let Ok(candidates) = Candidates::load(request.config, request.clock, false) else {
        return Ok(None);
    };
    let set = candidates.filter_set()?;
    let mut tally = Tally::new(&candidates);
    let text: Vec<&str> = request
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    let logs = vec![LogSource::Literal(text.join("\n"))];
    let mut blocks = ReadAhead::new(LogSet::new(logs, ReadOptions::default()));
    let next = || blocks.next_block(true);
    let ran: Result<(), LogError> =
        filter_set::run(&set, request.clock, 1, next, &mut tally, |_| {});
    ran.map_err(|error| error.to_string())?;
    let fit = tally.finish();
    let whole = fit
        .filters
        .iter()
        .filter(|filter| filter.best.matched == fit.tested);
    for filter in whole.take(TRIED) {
        let label = &filter.best.filter;
        let Some((filter, detector)) = candidates.find(label) else {
            continue;
        };
        let session = || Session::new(filter, request.clock, Some(detector.clone()));
        let mut scratch = Scratch::default();
        let mut lines = session();
        let mut right = |(line, address): (&Given, &String)| {
            verify::fault(&lines.line(&line.text, &mut scratch), address).is_none()
        };
        let matches = request.lines.iter().zip(addresses).all(&mut right);
        let mut good = session();
        let mut scratch = Scratch::default();
        let misses = |line: &Given| {
            let outcome = good.line(&line.text, &mut scratch);
            outcome.failures().next().is_none()
        };
        if matches && request.good.iter().all(misses) {
            return Ok(Some(label.clone()));
        }
    }
    Ok(None)
}
