//! `f2b-regex diff`: what changes when filters are replaced by a new version.
//!
//! ```text
//! side ──── settings (edit) ─┐            the texts: what is built of them at last
//!   │                        ├─ filters
//!   │       lines ───────────┘            the lines: `bench`'s comparison
//!   ├────── jails                         values in force, as `doctor` reads them
//!   └────── locals                        what a `.local` says in vain
//! ```

pub(crate) mod edit;
mod filters;
mod jails;
pub(crate) mod lines;
mod locals;
mod settings;
pub(crate) mod side;
pub(crate) mod value;

use crate::analysis::check::{DiscoverError, sets};
use crate::analysis::warning::Tool;
use crate::date::Clock;
use crate::input::LogError;
use filters::{Compared, Comparer, paired};
use lines::Lines;
use rayon::prelude::*;
use settings::Settings;
use side::{FilterRead, Side};
use value::{Diff, SCHEMA, Version};

/// What is compared, and on what.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) old: &'a Side,
    pub(crate) new: &'a Side,
    pub(crate) lines: &'a Lines,
    pub(crate) clock: &'a Clock,
    /// Example lines kept of each kind.
    pub(crate) examples: usize,
}

/// Why nothing can be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiffError {
    /// A version has no filter.
    #[error("{0}")]
    Discover(String),
    /// A log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A single filter has no counterpart in a directory.
    #[error("{directory}: has no filter {name}")]
    NoCounterpart {
        /// The directory.
        directory: String,
        /// The filter's name.
        name: String,
    },
}

/// Compares two versions.
///
/// # Errors
///
/// Where a version has no filters, or a log cannot be read.
pub(crate) fn run(request: &Request) -> Result<Diff, DiffError> {
    let Request { old, new, .. } = *request;
    let journal = matches!(request.lines, Lines::Logs { log, .. } if log.is_journal);
    let of = |side: &Side| {
        let filters = side.filters(journal);
        filters
            .map_err(|error: DiscoverError| DiffError::Discover(side.message(&error.to_string())))
    };
    let (mut before, mut after) = (of(old)?, of(new)?);
    match (old.is_file(), new.is_file()) {
        (true, false) => keep_named(&mut after, &before, new)?,
        (false, true) => keep_named(&mut before, &after, old)?,
        _ => {}
    }
    let mut pairs = paired(&before, &after);
    if old.is_file() && new.is_file() {
        // two files are two versions of one filter, whatever they are called
        (pairs.both, pairs.came, pairs.went) = (vec![(0, 0)], Vec::new(), Vec::new());
    }
    let shared = sets::shared(request.clock);
    let comparer = Comparer {
        old,
        new,
        lines: request.lines,
        shared: &shared,
        journal,
        examples: request.examples,
    };
    let runs = pairs.both.par_iter();
    let runs = runs.filter(|&&(a, b)| is_filter(&before[a]) || is_filter(&after[b]));
    let compared = runs.map(|&(a, b)| comparer.compare(&before[a], &after[b]));
    let compared: Vec<Compared> = compared.collect::<Result<_, _>>()?;
    let lines = compared.iter().map(|compared| compared.lines).sum();
    let total = compared.len() as u64;
    let mut filters: Vec<_> = compared.into_iter().filter_map(|c| c.diff).collect();
    filters.sort_by(|a, b| a.name.cmp(&b.name));
    let mut warnings = Vec::new();
    let mut diff = Diff {
        schema: SCHEMA,
        tool: Tool::this(),
        old: old.name.clone(),
        new: new.name.clone(),
        changed: false,
        lost: false,
        compared: total,
        unchanged: total - filters.len() as u64,
        came: names(&after, &pairs.came),
        went: names(&before, &pairs.went),
        filters,
        jails: jails::diff(old, new, &mut warnings),
        locals: locals::faults((old, &before), (new, &after)),
        logs: request.lines.read_as(lines),
        warnings,
    };
    diff.judge();
    Ok(diff)
}

/// The names of some filters; files that are there to be included are none.
fn names(filters: &[FilterRead], which: &[usize]) -> Vec<String> {
    let filters = which.iter().map(|&at| &filters[at]);
    let filters = filters.filter(|filter| is_filter(filter));
    filters.map(|filter| filter.target.name.clone()).collect()
}

/// Keeps of a directory's filters the one that is called like a single file.
fn keep_named(
    filters: &mut Vec<FilterRead>,
    single: &[FilterRead],
    directory: &Side,
) -> Result<(), DiffError> {
    let name = single.first().map(|filter| filter.target.name.clone());
    filters.retain(|filter| Some(&filter.target.name) == name.as_ref());
    match filters.is_empty() {
        true => Err(DiffError::NoCounterpart {
            directory: directory.name.clone(),
            name: name.unwrap_or_default(),
        }),
        false => Ok(()),
    }
}

/// Whether it is a filter, and no file that is there to be included.
fn is_filter(filter: &FilterRead) -> bool {
    let has = |source: &crate::config::FilterSource| Settings::of(&source.settings).has_failregex();
    let mut sets = filter.sets.iter().map(|(_, source)| source);
    sets.any(|source| match source {
        Ok(source) => has(source),
        // why it cannot be read is worth to be said where the other version can be
        Err(_) => !filter.target.included,
    })
}

impl Diff {
    /// Fills in whether anything differs, and whether anything is lost.
    fn judge(&mut self) {
        let filters = &self.filters;
        let jails = self.jails.as_ref();
        self.changed = !filters.is_empty()
            || !self.came.is_empty()
            || !self.went.is_empty()
            || !self.locals.is_empty()
            || jails.is_some_and(|jails| jails.differ());
        self.lost = !self.went.is_empty()
            || jails.is_some_and(|jails| !jails.went.is_empty())
            || filters.iter().any(|filter| {
                let fault = |fault: &value::FilterFault| fault.version == Version::New;
                let lost = |set: &value::SetLines| {
                    let found = &set.comparison;
                    found.lost.count > 0 || !found.addresses.lost.is_empty()
                };
                !filter.option_sets_went.is_empty()
                    || filter.faults.iter().any(fault)
                    || filter.lines.iter().any(lost)
            });
    }
}
