//! Reports of shards to the report of one run over all of them, in their order.
//!
//! ```text
//! read ─> RunReport, RunReport, … ─> Merger ─> RunReport
//!                same filter? (same) ──┘  └── what one run would have carried over (carry)
//! ```
//!
//! Counts are added, lists are put one behind the other, first and last times compared.
//! That is exactly what one run reports, but for what a run carries from one log into the
//! next ([`ShardBoundary`]); where that may have changed a verdict, the merged report says so in a
//! warning `merge-carry`. Without one it is, but for hints and the time taken, the report
//! of one run, byte for byte.

mod cross_shard;
mod read;
mod same;

pub(crate) use cross_shard::{CrossShardEffect, Side, between};
pub(crate) use read::read;

use crate::analysis::run::{
    AddressInfo, FINDING_CODES, LOG_CODES, Moment, RegexCounts, RunReport, ShardBoundary,
    TemplateCounts, WarningContext,
};
use crate::analysis::warning::Warning;
use crate::date::Clock;
use crate::engine::address_stats::USERS_PER_ADDRESS;
use std::collections::{BTreeMap, HashMap};

/// Why a report cannot be merged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError {
    /// It does not say what happened at its ends.
    #[error("{place}: this report has no `seam`: it was made by an older f2b-regex; make it again")]
    NoSeam {
        /// File and line.
        place: String,
    },
    /// Addresses are left out of it.
    #[error("{place}: a report without all of its addresses (--top) cannot be merged")]
    Top {
        /// File and line.
        place: String,
    },
    /// `--last N` is of all logs together.
    #[error("{place}: a report of a log's end (--last {lines}) cannot be merged")]
    Last {
        /// File and line.
        place: String,
        /// N.
        lines: String,
    },
    /// Another filter, other options, another version.
    #[error(
        "{place}: not a report of the same filter and options as {first}: {what} is `{here}`, \
         there `{there}`"
    )]
    Different {
        /// File and line.
        place: String,
        /// Where the first report stands.
        first: String,
        /// What differs.
        what: String,
        /// Its value in this report.
        here: String,
        /// In the first.
        there: String,
    },
}

/// The code of a warning that the merged report may not be that of one run.
pub(crate) const CARRY_CODE: &str = "merge-carry";

/// Adds reports up, in the order of their logs.
#[derive(Debug)]
pub(crate) struct Merger {
    clock: Clock,
    first: String,
    sum: Option<RunReport>,
    boundary: ShardBoundary,
    /// Addresses in order of appearance, and where each is.
    addresses: Vec<AddressInfo>,
    known: HashMap<String, usize>,
    /// About single logs.
    log_warnings: Vec<Warning>,
    carried: Vec<Warning>,
    carries: BTreeMap<CrossShardEffect, (u64, String)>,
    reports: u64,
}

impl Merger {
    /// Nothing yet. `clock` is that of the run the sum stands for.
    pub(crate) fn new(clock: Clock) -> Merger {
        Merger {
            clock,
            first: String::new(),
            sum: None,
            boundary: ShardBoundary::default(),
            addresses: Vec::new(),
            known: HashMap::new(),
            log_warnings: Vec::new(),
            carried: Vec::new(),
            carries: BTreeMap::new(),
            reports: 0,
        }
    }

    /// Adds the report of the next logs; `place` is where it was read, for messages.
    ///
    /// # Errors
    ///
    /// It is of another filter, or not one that can be merged. Nothing was added then.
    pub(crate) fn add(&mut self, mut report: RunReport, place: &str) -> Result<(), MergeError> {
        let Some(boundary) = report.seam.take() else {
            let place = place.to_string();
            return Err(MergeError::NoSeam { place });
        };
        if let Some(lines) = boundary.options.get("last") {
            return Err(MergeError::Last {
                place: place.into(),
                lines: lines.clone(),
            });
        }
        if report.more_addresses > 0 {
            let place = place.into();
            return Err(MergeError::Top { place });
        }
        self.reports += 1;
        match self.sum.take() {
            None => {
                self.first = place.to_string();
                self.boundary = boundary;
                self.take_lists(&mut report);
                self.sum = Some(report);
            }
            Some(sum) => {
                let before = (&sum, &self.boundary);
                if let Some([what, here, there]) = same::difference(before, (&report, &boundary)) {
                    let first = self.first.clone();
                    self.sum = Some(sum);
                    return Err(MergeError::Different {
                        place: place.into(),
                        first,
                        what,
                        here,
                        there,
                    });
                }
                let log = report.logs.iter().find_map(|log| log.path.clone());
                for carry in between(
                    Side::of(&sum, &self.boundary),
                    Side::of(&report, &boundary),
                    &self.clock,
                ) {
                    let place = || log.clone().unwrap_or_else(|| place.to_string());
                    self.carries.entry(carry).or_insert_with(|| (0, place())).0 += 1;
                }
                self.sum = Some(self.joined(sum, report, &boundary));
                self.boundary.join(&boundary);
            }
        }
        Ok(())
    }

    /// Puts addresses and warnings of a report behind those there are.
    fn take_lists(&mut self, report: &mut RunReport) {
        let mut addresses = std::mem::take(&mut report.addresses);
        addresses.sort_by_key(|address| address.appeared);
        for address in addresses {
            match self.known.get(&address.address) {
                Some(&at) => join_address(&mut self.addresses[at], address),
                None => {
                    (self.known).insert(address.address.clone(), self.addresses.len());
                    self.addresses.push(address);
                }
            }
        }
        let single = match report.logs.as_slice() {
            [log] => log.path.clone(),
            _ => None,
        };
        report.warnings.retain_mut(|warning| {
            let code = warning.code.as_str();
            if LOG_CODES.contains(&code) {
                if warning.file.is_none() {
                    warning.file.clone_from(&single);
                }
                self.log_warnings.push(warning.clone());
            } else if code == CARRY_CODE {
                self.carried.push(warning.clone());
            }
            // what is made of numbers is made again
            !LOG_CODES.contains(&code) && code != CARRY_CODE && !FINDING_CODES.contains(&code)
        });
    }

    fn joined(
        &mut self,
        mut sum: RunReport,
        mut next: RunReport,
        boundary: &ShardBoundary,
    ) -> RunReport {
        self.take_lists(&mut next);
        sum.logs.append(&mut next.logs);
        sum.partial |= next.partial;
        sum.lines.total += next.lines.total;
        sum.lines.ignored += next.lines.ignored;
        sum.lines.matched += next.lines.matched;
        sum.lines.missed += next.lines.missed;
        sum.lines.skipped += next.lines.skipped;
        if let (Some(own), Some(more)) = (&mut sum.prefregex, &next.prefregex) {
            own.hits += more.hits + boundary.prefregex_gain(&self.boundary);
        }
        add_hits(&mut sum.failregex, &next.failregex);
        add_hits(&mut sum.ignoreregex, &next.ignoreregex);
        for template in next.date_templates {
            let known = (sum.date_templates.iter_mut()).find(|t| t.name == template.name);
            match known {
                Some(own) => own.hits += template.hits,
                None => sum.date_templates.push(template),
            }
        }
        sum.samples.matched.append(&mut next.samples.matched);
        sum.samples.ignored.append(&mut next.samples.ignored);
        sum.samples.missed.append(&mut next.samples.missed);
        for warning in next.warnings {
            if !sum.warnings.contains(&warning) {
                sum.warnings.push(warning);
            }
        }
        sum.timing.seconds += next.timing.seconds;
        sum
    }

    /// The report of all; None where there was none.
    pub(crate) fn finish(mut self) -> Option<RunReport> {
        let mut sum = self.sum.take()?;
        TemplateCounts::sort(&mut sum.date_templates);
        for (at, address) in self.addresses.iter_mut().enumerate() {
            address.appeared = at + 1;
        }
        // stable: those of equal hits stay in order of appearance
        self.addresses
            .sort_by_key(|address| std::cmp::Reverse(address.hits));
        sum.addresses = self.addresses;
        if sum.logs.len() == 1 {
            self.log_warnings.iter_mut().for_each(|w| w.file = None);
        }
        sum.warnings.append(&mut self.log_warnings);
        let hits = sum.date_templates.iter().map(|t| t.hits).sum();
        sum.warnings.extend(
            self.boundary.findings.warnings(&WarningContext {
                clock: &self.clock,
                own_datepattern: (self.boundary.options.get("datepattern"))
                    .is_some_and(|pattern| !pattern.is_empty()),
                addresses: sum.addresses.len() as u64,
                tested: sum.lines.total,
                skipped: sum.lines.skipped,
                has_failregex: !sum.failregex.is_empty(),
                dates: self.boundary.dates.is_some().then_some(hits),
            }),
        );
        sum.warnings.append(&mut self.carried);
        for (carry, (count, log)) in &self.carries {
            sum.warnings.push(Warning {
                code: CARRY_CODE.into(),
                message: format!(
                    "one run over all logs may give another verdict at {count} of {} places where \
                     a report was put behind another, first at {log}: {}",
                    self.reports - 1,
                    carry.describe()
                ),
                file: None,
                line: None,
            });
        }
        // they were tried on lines, which are not here
        sum.hints = Vec::new();
        sum.hint_sample = Default::default();
        sum.seam = Some(self.boundary);
        Some(sum)
    }
}

fn add_hits(own: &mut [RegexCounts], more: &[RegexCounts]) {
    for (own, more) in own.iter_mut().zip(more) {
        own.hits += more.hits;
        own.helper_hits += more.helper_hits;
    }
}

/// Adds what a later shard knows of an address.
fn join_address(own: &mut AddressInfo, more: AddressInfo) {
    own.hits += more.hits;
    own.first = pick(own.first.take(), more.first, |a, b| b < a);
    own.last = pick(own.last.take(), more.last, |a, b| b > a);
    own.failregex.extend(more.failregex);
    own.failregex.sort_unstable();
    own.failregex.dedup();
    own.more_users |= more.more_users;
    for user in more.users {
        if own.users.contains(&user) {
            continue;
        }
        match own.users.len() < USERS_PER_ADDRESS {
            true => own.users.push(user),
            false => own.more_users = true,
        }
    }
}

/// The one of two times that there is, or that is further out.
fn pick(
    own: Option<Moment>,
    other: Option<Moment>,
    further: impl Fn(f64, f64) -> bool,
) -> Option<Moment> {
    match (own, other) {
        (Some(a), Some(b)) => Some(if further(a.epoch, b.epoch) { b } else { a }),
        (a, b) => a.or(b),
    }
}
