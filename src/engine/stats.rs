//! Counts and samples of a run: what the reports show.
//!
//! Fed with [`LineOutcome`]s in line order. The counters are upstream's (`LineStats`,
//! `RegexStat`), the moves between missed and matched of multi-line filters included.
//! Memory is bounded by the distinct addresses, about 120 bytes each, and these by
//! [`Retention::addresses`]; lines and hits are kept only as asked.

mod absorb;

use super::address_stats::{AddressStats, MAX_ADDRESSES, RegexSets};
use super::filter_regex::RegexRole;
use super::groups::Groups;
use super::session::{Found, LineOutcome, PrefregexState};
use super::users::AllUsers;
use super::verdict::Verdict;
use crate::date::Timestamp;
use compact_str::CompactString;
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};
use std::collections::BTreeMap;
use std::hash::BuildHasher;

/// Which lines are kept word for word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Keep {
    /// None of them.
    None,
    /// The first ones, one more than are shown.
    #[default]
    Some,
    /// All of them.
    All,
}

/// What a run keeps beyond its counters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Matched lines; `Some` keeps none, as in upstream's report.
    pub(crate) matched: Keep,
    /// Ignored lines.
    pub(crate) ignored: Keep,
    /// Missed lines.
    pub(crate) missed: Keep,
    /// How many lines a list that is not asked for in full may have (20, or `--maxlines`).
    pub(crate) limit: usize,
    /// Every hit with its address and time (`--verbose`), and the prefregex's groups.
    pub(crate) hits: bool,
    /// The samples are for `--debuggex`.
    pub(crate) debuggex: bool,
    /// Addresses known at most; hits of the others are only counted.
    pub(crate) addresses: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            matched: Keep::Some,
            ignored: Keep::Some,
            missed: Keep::Some,
            limit: 20,
            hits: false,
            debuggex: false,
            addresses: MAX_ADDRESSES,
        }
    }
}

/// A line kept word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SampleLine {
    /// The whole line.
    pub(crate) line: String,
    /// What `--debuggex` shows: the line, or all lines of a match that spans several.
    pub(crate) extracted: String,
}

/// A hit of a failregex as `--verbose` lists it.
#[derive(Clone, Debug)]
pub(crate) struct RegexHit {
    /// The failure id; None for a session that has none yet.
    pub(crate) id: Option<String>,
    /// The failure's time, if known.
    pub(crate) date: Option<Timestamp>,
    /// More than two failregexes had matched the line by then (upstream's flag).
    pub(crate) multiple: bool,
}

/// Counters of one failregex.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegexStats {
    /// Matches, NOFAIL ones included.
    pub(crate) hits: u64,
    /// The NOFAIL ones.
    pub(crate) helper_hits: u64,
    /// The matches themselves, if kept.
    pub(crate) list: Vec<RegexHit>,
}

/// The counters and samples of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stats {
    /// What is kept.
    pub(crate) retention: Retention,
    /// Lines tested: all but skipped ones.
    pub(crate) tested: u64,
    /// Lines skipped: empty, or beginning with `#`.
    pub(crate) skipped: u64,
    /// Lines a failregex matched. Signed: with buffers, lines move between the two.
    pub(crate) matched: i64,
    /// Lines an ignoreregex or a NOFAIL match took back.
    pub(crate) ignored: i64,
    /// Lines nothing matched.
    pub(crate) missed: i64,
    /// Lines prefregex matched.
    pub(crate) prefregex_hits: u64,
    /// The groups prefregex captured on its first matches, if hits are kept.
    pub(crate) prefregex_groups: Vec<Groups>,
    /// Per failregex.
    pub(crate) failregexes: Vec<RegexStats>,
    /// Hits per ignoreregex.
    pub(crate) ignoreregexes: Vec<u64>,
    /// By address, in order of first appearance.
    pub(crate) addresses: IndexMap<CompactString, AddressStats, RandomState>,
    /// Hits of addresses beyond the most that are known.
    pub(crate) untracked: u64,
    /// The sets of failregexes that found addresses.
    regex_sets: RegexSets,
    /// The users of all addresses.
    pub(crate) users: AllUsers,
    /// Kept matched lines.
    pub(crate) matched_lines: Vec<SampleLine>,
    /// Kept ignored lines.
    pub(crate) ignored_lines: Vec<SampleLine>,
    /// Kept missed lines.
    pub(crate) missed_lines: Vec<SampleLine>,
    /// Lines a regex gave no answer on within its budget: count and first line number.
    pub(crate) exhausted: BTreeMap<RegexRole, (u64, u64)>,
    /// Matched lines for which no date was found: count and first line number.
    pub(crate) undated_matches: Option<(u64, u64)>,
    /// Matches that still lack an address at their line.
    pub(crate) pending_matches: u64,
}

impl Stats {
    /// Counters for a filter with that many regexes.
    pub(crate) fn new(failregexes: usize, ignoreregexes: usize, retention: Retention) -> Stats {
        Stats {
            retention,
            failregexes: vec![RegexStats::default(); failregexes],
            ignoreregexes: vec![0; ignoreregexes],
            ..Stats::default()
        }
    }

    /// Total hits of all failregexes.
    pub(crate) fn failregex_total(&self) -> u64 {
        self.failregexes.iter().map(|r| r.hits).sum()
    }

    /// Total hits of all ignoreregexes.
    pub(crate) fn ignoreregex_total(&self) -> u64 {
        self.ignoreregexes.iter().sum()
    }

    /// Indexes of the failregexes that found an address, ascending.
    pub(crate) fn failregexes_of(&self, address: &AddressStats) -> &[u32] {
        self.regex_sets.indexes_of(address)
    }

    /// Whether missed lines need only be counted from here on ([`Stats::missed`]).
    pub(crate) fn counts_missed(&self) -> bool {
        !keeps(self.retention.missed, self.missed + 1, self.retention.limit)
    }

    /// Counts lines that are missed and that nobody looks at; `prefregex`: on how many of
    /// them prefregex is counted.
    pub(crate) fn missed(&mut self, lines: u64, prefregex: u64) {
        self.tested += lines;
        self.missed += i64::try_from(lines).unwrap_or(i64::MAX);
        self.prefregex_hits += prefregex;
    }

    /// Counts the verdict on one line (`Fail2banRegex.testRegex` and `process`).
    ///
    /// `number` is the line's number in its log, from 1; `prefregex` what prefregex last
    /// said, None where the filter has none.
    pub(crate) fn record(
        &mut self,
        line: &str,
        number: u64,
        outcome: &LineOutcome,
        prefregex: Option<&PrefregexState>,
    ) {
        self.record_and_tell(line, number, outcome, prefregex, |_, _| {});
    }

    /// [`Stats::record`]; `tell` gets every failure that counts, with the place of its address in
    /// [`Stats::addresses`] where the line is one more hit of it.
    pub(crate) fn record_and_tell(
        &mut self,
        line: &str,
        number: u64,
        outcome: &LineOutcome,
        prefregex: Option<&PrefregexState>,
        mut tell: impl FnMut(&Found, Option<usize>),
    ) {
        for &index in &outcome.ignored_by {
            self.ignoreregexes[index] += 1;
        }
        for &role in &outcome.exhausted {
            self.exhausted.entry(role).or_insert((0, number)).0 += 1;
        }
        let mut counted = 0;
        for found in &outcome.found {
            let regex = &mut self.failregexes[found.regex];
            regex.hits += 1;
            regex.helper_hits += u64::from(found.nofail);
            if found.id.is_none() {
                self.pending_matches += 1;
            }
            if self.retention.hits {
                regex.list.push(RegexHit {
                    id: found.id.as_ref().map(|id| id.text.to_string()),
                    date: found.date,
                    multiple: counted > 1,
                });
            }
            counted += usize::from(!found.nofail);
        }
        if let Some(state) = prefregex.filter(|p| p.matched) {
            self.prefregex_hits += 1;
            // one more than is shown: it becomes the "..."
            if self.retention.hits && self.prefregex_groups.len() <= self.retention.limit {
                self.prefregex_groups.push(state.groups.clone());
            }
        }
        let joined = if outcome.taken.is_empty() {
            None
        } else {
            self.take_from_missed(outcome)
        };
        let sample = || SampleLine {
            line: line.to_string(),
            extracted: joined.clone().unwrap_or_else(|| line.to_string()),
        };
        self.tested += 1;
        let limit = self.retention.limit;
        match Verdict::of(outcome) {
            Verdict::Ignored => {
                self.ignored += 1;
                if keeps(self.retention.ignored, self.ignored, limit) {
                    self.ignored_lines.push(sample());
                }
                outcome.failures().for_each(|found| tell(found, None));
            }
            Verdict::Matched => {
                self.matched += 1;
                if self.retention.matched == Keep::All {
                    self.matched_lines.push(sample());
                }
                self.record_matched(number, outcome, tell);
            }
            Verdict::Missed => {
                self.missed += 1;
                if keeps(self.retention.missed, self.missed, limit) {
                    self.missed_lines.push(sample());
                }
            }
        }
    }

    /// Moves lines of the buffer that were missed and are part of a match now; returns
    /// what `--debuggex` shows of them.
    fn take_from_missed(&mut self, outcome: &LineOutcome) -> Option<String> {
        let mut shown = Vec::new();
        let debuggex = self.retention.debuggex;
        let keeps_all = self.retention.matched == Keep::All;
        for taken in &outcome.taken {
            let line = taken.joined();
            let is_it = |kept: &SampleLine| {
                if debuggex {
                    kept.extracted == taken.without_date()
                } else {
                    kept.line == line
                }
            };
            if let Some(at) = self.missed_lines.iter().position(is_it) {
                self.missed_lines.remove(at);
            }
            if keeps_all && debuggex {
                shown.push(taken.without_date().into_owned());
            } else if keeps_all {
                let line = line.to_string();
                let extracted = line.clone();
                self.matched_lines.push(SampleLine { line, extracted });
            }
            self.matched += 1;
            self.missed -= 1;
        }
        if shown.is_empty() {
            return None;
        }
        shown.push(outcome.tuple.without_date().into_owned());
        Some(shown.join("\n"))
    }

    fn record_matched(
        &mut self,
        number: u64,
        outcome: &LineOutcome,
        mut tell: impl FnMut(&Found, Option<usize>),
    ) {
        if outcome.undated_match {
            self.undated_matches.get_or_insert((0, number)).0 += 1;
        }
        for (at, found) in outcome.found.iter().enumerate() {
            // a line counts once for an address, however many regexes found it
            let place = self.record_address(found, &outcome.found[..at]);
            tell(found, place);
        }
    }

    /// Counts a failure for its address; the address's place, if none of those `before` it in the
    /// line has counted for it.
    #[inline]
    fn record_address(&mut self, found: &Found, before: &[Found]) -> Option<usize> {
        let id = found.id.as_ref()?;
        let is_same = |other: &Found| other.id.as_ref().is_some_and(|other| other.text == id.text);
        let counted = before.iter().any(is_same);
        let full = self.addresses.len() >= self.retention.addresses;
        let hash = self.addresses.hasher().hash_one(&id.text);
        let known = self.addresses.raw_entry_mut_v1();
        let (place, stats) = match known.from_hash(hash, |known| *known == id.text) {
            RawEntryMut::Occupied(known) => (known.index(), known.into_mut()),
            RawEntryMut::Vacant(_) if full => {
                self.untracked += u64::from(!counted);
                return None;
            }
            RawEntryMut::Vacant(new) => {
                let stats = AddressStats::new(found.kind);
                let place = new.index();
                let new = new.insert_hashed_nocheck(hash, id.text.clone(), stats);
                (place, new.1)
            }
        };
        stats.hits += u64::from(!counted);
        stats.add(found, &mut self.regex_sets, &mut self.users);
        (!counted).then_some(place)
    }
}

fn keeps(keep: Keep, count: i64, limit: usize) -> bool {
    match keep {
        Keep::None => false,
        Keep::All => true,
        Keep::Some => count <= i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
    }
}
