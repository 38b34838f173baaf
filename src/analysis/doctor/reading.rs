//! An input read through a jail's filter: how many lines have a date, match, count; who failed.

use super::daemons::Daemons;
use super::files;
use super::filter::BuiltFilter;
use super::journal::JournalEntry;
use super::rules::Rules;
use crate::analysis::explain::hints::tells_failure;
use crate::analysis::simulate::{
    Addresses, Collector, JailInput, Place, Replay, Settings, Standing, replay,
};
use crate::date::Clock;
use crate::engine::verdict_sink::LineVerdict;
use crate::engine::{Detail, LineOutcome, Session, pipeline};
use crate::input::{Encoding, LogSet, LogSource, ReadAhead, ReadOptions, encoding};
use crate::pattern::Scratch;
use std::collections::VecDeque;
use std::path::PathBuf;

/// Lines that match whose index is kept.
const MATCHING: usize = 10_000;

/// Dates kept of the end of an input.
const DATES: usize = 2_000;

/// What was read of one input.
#[derive(Clone, Debug, Default)]
pub(super) struct PartRead {
    pub(super) lines: u64,
    /// The last date in it, epoch seconds.
    pub(super) newest: Option<f64>,
    /// The dates of its last lines.
    pub(super) dates: VecDeque<f64>,
}

/// What a filter finds in the inputs of a jail.
pub(super) struct Reading {
    pub(super) lines: u64,
    /// Lines with a date of their own.
    pub(super) dated: u64,
    /// Lines with a failure that counts.
    pub(super) matched: u64,
    /// Lines that match as helpers only (`<F-NOFAIL>`) and tell of a failure: one who logs in
    /// leaves helpers, too.
    pub(super) helpers: u64,
    pub(super) parts: Vec<PartRead>,
    /// Their indexes, of the first ones.
    pub(super) matching: Vec<usize>,
    /// Lines that an ignoreregex matches.
    pub(super) ignored: u64,
    /// Where sshd says it listens.
    pub(super) daemons: Daemons,
    pub(super) collector: Collector,
    pub(super) addresses: Addresses,
}

impl Reading {
    fn new(rules: &Rules) -> Reading {
        Reading {
            lines: 0,
            dated: 0,
            matched: 0,
            helpers: 0,
            parts: Vec::new(),
            matching: Vec::new(),
            ignored: 0,
            daemons: Daemons::default(),
            collector: Collector::new(rules.ignores.clone(), rules.names_count),
            addresses: Addresses::default(),
        }
    }

    /// The earliest date that is known of the inputs: of their last lines.
    pub(super) fn oldest(&self) -> Option<f64> {
        let all = self.parts.iter().flat_map(|part| &part.dates);
        all.copied().min_by(f64::total_cmp)
    }

    /// The last date of all inputs.
    pub(super) fn newest(&self) -> Option<f64> {
        self.newest_part().map(|(_, newest)| newest)
    }

    /// The first input that has it, and it.
    pub(super) fn newest_part(&self) -> Option<(&PartRead, f64)> {
        let parts = self.parts.iter().rev();
        let dated = parts.filter_map(|part| Some((part, part.newest?)));
        dated.max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    fn line(
        &mut self,
        (line, number): (&str, u64),
        outcome: &LineOutcome,
        (last_date, unit): (Option<f64>, &str),
    ) {
        self.lines += 1;
        if outcome.failures().next().is_some() {
            self.matched += 1;
            if self.matching.len() < MATCHING {
                self.matching.push((self.lines - 1) as usize);
            }
        } else if outcome.found.iter().any(|found| found.nofail) && tells_failure(line) {
            self.helpers += 1;
        }
        self.ignored += u64::from(!outcome.ignored_by.is_empty());
        self.daemons.line(line, last_date, unit);
        if let Some(part) = self.parts.last_mut() {
            part.lines += 1;
            part.newest = last_date.or(part.newest);
            if part.dates.len() >= DATES {
                part.dates.pop_front();
            }
            part.dates.extend(last_date);
        }
        let place = Place {
            log: 0,
            line: u32::try_from(number).unwrap_or(u32::MAX),
        };
        let collector = &mut self.collector;
        collector.line(&mut self.addresses, place, outcome, last_date);
    }

    /// What these failures lead to under other rules.
    pub(super) fn replay(&self, settings: &Settings) -> Replay {
        let input = JailInput {
            settings: settings.clone(),
            tickets: &self.collector.tickets,
        };
        replay(&[input], 86_400.0, |_| Vec::new())
    }

    /// Who failed without being counted, and how often: those `ignoreip` names, with the entry.
    pub(super) fn exempt(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let dropped = self.collector.dropped.iter();
        dropped.filter_map(|(id, dropped)| match &dropped.standing {
            Standing::IgnoredBy(entry) => {
                Some((self.addresses.text(*id), entry.as_str(), dropped.hits))
            }
            _ => None,
        })
    }

    /// Host names that failed, and how often.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, u64)> {
        let dropped = self.collector.dropped.iter();
        dropped
            .filter(|(_, dropped)| dropped.standing == Standing::NotResolved)
            .map(|(id, dropped)| (self.addresses.text(*id), dropped.hits))
    }
}

/// How logs are read as the server reads them: in the jail's encoding, whatever they begin with.
pub(super) fn options(built: &BuiltFilter, clock: &Clock) -> ReadOptions {
    let named = built.encoding.clone().filter(|name| name != "auto");
    let name = named.unwrap_or_else(encoding::preferred_name);
    ReadOptions {
        encoding: Encoding::for_label(&name).unwrap_or(Encoding::Utf8),
        encoding_name: name,
        encoding_given: true,
        keep_noise: true,
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    }
}

/// The last `lines` of each log through the filter, as one stream. A log that cannot be read has
/// no lines.
pub(super) fn of_logs(
    built: &BuiltFilter,
    rules: &Rules,
    logs: &[PathBuf],
    lines: u64,
    (clock, threads): (&Clock, usize),
) -> Reading {
    let mut reading = Reading::new(rules);
    let mut session = Session::new(&built.filter, clock, Some(built.detector.clone()));
    for log in logs {
        reading.parts.push(PartRead::default());
        if !log.is_file() || files::compression(log).is_some() {
            // a named pipe may have no end; a server reads no lines in compressed bytes
            continue;
        }
        let before = session.last_date();
        let mut set = LogSet::new(vec![LogSource::File(log.clone())], options(built, clock));
        set.keep_last(lines);
        let mut ahead = ReadAhead::new(set);
        let each = |line: LineVerdict| {
            let date = line.last_date.filter(|date| Some(*date) != before);
            let date = date.map(|date| date.seconds());
            reading.line((line.line, line.number), line.outcome, (date, ""));
        };
        let next = |wait| ahead.next_block(wait);
        let read = pipeline::run(&mut session, threads, Detail::Verdict, next, each, |_| {});
        // what could be read counts
        let _ = read;
    }
    let detector = session.detector();
    reading.dated = detector.map_or(0, |detector| {
        detector.templates().map(|template| template.hits).sum()
    });
    reading.collector.sort();
    reading
}

/// Entries of a journal through the filter.
pub(super) fn of_entries<'e>(
    built: &BuiltFilter,
    rules: &Rules,
    entries: impl Iterator<Item = &'e JournalEntry>,
    clock: &Clock,
) -> Reading {
    let mut reading = Reading::new(rules);
    let mut session = Session::new(&built.filter, clock, None);
    let mut scratch = Scratch::default();
    reading.parts.push(PartRead::default());
    for (entry, number) in entries.zip(1..) {
        let outcome = session.entry(&entry.text, entry.time, &mut scratch);
        let written = (Some(entry.time), entry.unit());
        reading.line((&entry.text, number), &outcome, written);
        reading.dated += 1;
    }
    reading.collector.sort();
    reading
}
