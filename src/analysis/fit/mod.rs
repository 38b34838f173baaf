//! Which filter is for a log: every filter of a configuration, with every option set its files
//! know, over the log in one pass (`engine::filter_set`), and ranked.
//!
//! A line is worth to a filter what the best of the failregexes that match it is worth
//! (`exactness`), half of it where no date was found, without which nobody is banned. The filter
//! whose lines are worth most in all is first. So one that matches every line by accident, by a
//! regex that says little, comes behind one that names the daemon and the words of its messages.

mod exactness;
pub(crate) mod shapes;
mod tally;
mod uncovered;

pub(crate) use tally::Tally;

use crate::analysis::check::DiscoverError;
use crate::analysis::check::sets::{self, FilterSets, LoadedSet};
use crate::config::{Setting, jail_names};
use crate::date::{Clock, DateDetector};
use crate::engine::Filter;
use crate::engine::filter_set::{FilterSet, Member};
use serde::Serialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// All filters of a configuration, ready to run.
#[derive(Debug)]
pub(crate) struct Candidates {
    filters: Vec<FilterSets>,
    /// By number in the set: filter and option set.
    members: Vec<(usize, usize)>,
    /// By filter and option set, the member that is run for it: option sets may be the same.
    member_of: Vec<Vec<usize>>,
    /// The names of the configuration's jails.
    jails: Vec<String>,
}

/// How a filter did with one of its option sets.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SetFit {
    /// `name[options]`.
    pub(crate) filter: String,
    /// Lines it matched, ignored and missed.
    pub(crate) matched: u64,
    pub(crate) ignored: u64,
    pub(crate) missed: u64,
    /// What its lines are worth to it in all.
    pub(crate) worth: f64,
    /// Lines it matched and no other filter did.
    pub(crate) only: u64,
    /// Addresses and other ids it found.
    pub(crate) addresses: u64,
    /// Matched lines without a date.
    pub(crate) undated: u64,
    /// The date template that found most of its lines' dates.
    pub(crate) date_template: Option<String>,
}

/// How a filter did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FilterFit {
    /// Its name.
    pub(crate) name: String,
    /// Its file.
    pub(crate) file: PathBuf,
    /// With the option set that does best, of equal ones the first.
    pub(crate) best: SetFit,
    /// A jail of the configuration has its name.
    pub(crate) has_jail: bool,
    /// With every option set.
    pub(crate) sets: Vec<SetFit>,
}

/// Lines of one shape that no filter knows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct UncoveredShape {
    /// Their words, `*` where they differ.
    pub(crate) shape: String,
    /// How many.
    pub(crate) lines: u64,
    /// The first, its number in its log from 1.
    pub(crate) number: u64,
    pub(crate) example: String,
}

/// What was found out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fit {
    /// Lines tested.
    pub(crate) tested: u64,
    /// Filters and option sets tried.
    pub(crate) tried: (usize, usize),
    /// The filters that matched a line, the one that fits best first.
    pub(crate) filters: Vec<FilterFit>,
    /// Lines at least one filter matched.
    pub(crate) covered: u64,
    /// Lines that look like failures and that none knows.
    pub(crate) uncovered: u64,
    /// Their shapes, most frequent first.
    pub(crate) shapes: Vec<UncoveredShape>,
    /// Filters that cannot be run, and why.
    pub(crate) faults: Vec<String>,
}

impl Candidates {
    /// The filters of a configuration directory, or of a directory of filters; `journal`: as
    /// they read a journal.
    ///
    /// # Errors
    ///
    /// Where the directory does not exist or holds no filter.
    pub(crate) fn load(
        directory: &Path,
        clock: &Clock,
        journal: bool,
    ) -> Result<Candidates, DiscoverError> {
        let filters = sets::load_all(directory, clock, journal)?;
        let mut members = Vec::new();
        let mut member_of = Vec::new();
        for (at, filter) in filters.iter().enumerate() {
            let mut known: HashMap<Vec<(&str, &str)>, usize> = HashMap::new();
            let numbers = filter.sets.iter().enumerate().map(|(number, set)| {
                *known.entry(what_decides(set)).or_insert_with(|| {
                    members.push((at, number));
                    members.len() - 1
                })
            });
            member_of.push(numbers.collect());
        }
        // without a jail.conf there is no jail
        let jails = jail_names(directory).unwrap_or_default();
        Ok(Candidates {
            filters,
            members,
            member_of,
            jails: (jails.into_iter().map(|jail| jail.name)).collect(),
        })
    }

    /// The filters as a set to be run.
    ///
    /// # Errors
    ///
    /// See [`FilterSet::new`].
    pub(crate) fn filter_set(&self) -> Result<FilterSet<'_>, String> {
        let members = self.members.iter().map(|&(filter, set)| {
            let loaded = &self.filters[filter].sets[set].loaded;
            Member {
                filter: &loaded.filter,
                datepattern: loaded.datepattern.as_ref().map(|value| value.text.as_str()),
                detector: &loaded.detector,
            }
        });
        FilterSet::new(members.collect())
    }

    /// The filters of the set, in order, with what finds their dates.
    #[cfg(test)]
    pub(crate) fn filters(&self) -> Vec<(&Filter, &DateDetector)> {
        let members = self.members.iter();
        let loaded = members.map(|&(filter, set)| &self.filters[filter].sets[set].loaded);
        loaded
            .map(|loaded| (&loaded.filter, &loaded.detector))
            .collect()
    }

    /// How many filters there are, and how many option sets of them.
    pub(crate) fn count(&self) -> (usize, usize) {
        let sets = self.filters.iter().map(|filter| filter.sets.len());
        (self.filters.len(), sets.sum())
    }

    /// A filter by `name[options]`, with what finds its dates.
    pub(crate) fn find(&self, label: &str) -> Option<(&Filter, &DateDetector)> {
        let mut all = self.filters.iter().flat_map(|filter| {
            let sets = filter.sets.iter();
            sets.map(move |set| (set.label(&filter.name), &set.loaded))
        });
        let (_, loaded) = all.find(|(known, _)| known == label)?;
        Some((&loaded.filter, &loaded.detector))
    }

    /// The option sets of a filter, with the numbers of the members that are run for them.
    fn sets(&self, filter: usize) -> impl Iterator<Item = (usize, &LoadedSet)> {
        let numbers = self.member_of[filter].iter().copied();
        numbers.zip(&self.filters[filter].sets)
    }
}

/// Of the lines that read like failures, the part in percent that a filter matches which is clearly
/// the one for them.
const CLEAR: u64 = 80;

impl Fit {
    /// The filter that is clearly for the log: it finds the dates and most of the lines that read
    /// like failures.
    pub(crate) fn clear(&self, failures: u64) -> Option<&FilterFit> {
        let first = self.filters.first()?;
        let is_clear = first.best.undated == 0 && first.best.matched * 100 >= failures * CLEAR;
        is_clear.then_some(first)
    }
}

/// What a filter is for, as its name begins: those of nginx read the same logs side by side.
pub(crate) fn family(filter: &str) -> &str {
    filter.split(['-', '_']).next().unwrap_or_default()
}

/// What the verdicts of an option set depend on.
fn what_decides(set: &LoadedSet) -> Vec<(&str, &str)> {
    let settings = set.loaded.source.settings.iter();
    let decides = settings.filter_map(|setting| match setting {
        Setting::Prefregex(value) => Some(("prefregex", value.text.as_str())),
        Setting::Failregex(value) => Some(("failregex", &value.text)),
        Setting::Ignoreregex(value) => Some(("ignoreregex", &value.text)),
        Setting::Maxlines(value) => Some(("maxlines", &value.text)),
        Setting::Datepattern(value) => Some(("datepattern", &value.text)),
        _ => None,
    });
    decides.collect()
}
