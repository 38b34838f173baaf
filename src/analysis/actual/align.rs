//! Bans of both sides brought together: those the rules lead to, and those the server made.

use super::record::{Event, Kind, Record, Row};
use crate::analysis::simulate::Place;

/// A server bans within this many seconds of the line about the failure that led to it.
const ACTION_LATENCY: f64 = 2.0;

/// Where a record does not tell the time of failures: a ban may be logged so much later, seconds.
const READ_LATENCY: f64 = 60.0;

/// Times are told in whole seconds.
const ROUNDING: f64 = 1.0;

/// A ban the server made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Actual {
    /// When the record has it, epoch seconds.
    pub(crate) logged: f64,
    /// Where.
    pub(crate) place: Place,
    /// The failure that led to it is of this time or later, epoch seconds.
    pub(crate) from: f64,
    /// And of this or earlier.
    pub(crate) to: f64,
    /// The record has no failure before it: a ban by hand. None where it tells of no failures.
    pub(crate) by_hand: Option<bool>,
    /// Failures noted since the ban before.
    pub(crate) noted: usize,
    /// What a database says of it.
    pub(crate) row: Option<Row>,
}

impl Actual {
    /// Whether a ban that the rules lead to at that time is this one.
    fn is(&self, expected: f64) -> bool {
        (self.from - ROUNDING..=self.to + ROUNDING).contains(&expected)
    }
}

/// The bans of an address in a jail, of its events in order. `complete`: the record tells of
/// failures; a ban after `sure` is one by hand where there is none within `findtime` before.
pub(super) fn bans(
    record: &Record,
    events: &[u32],
    (complete, sure, findtime): (bool, f64, f64),
) -> Vec<Actual> {
    let mut bans = Vec::new();
    // failures since the last ban, and where those of the last seconds begin
    let mut failures: Vec<&Event> = Vec::new();
    let mut last_failure: Option<f64> = None;
    for number in events {
        let Some(event) = record.events.get(*number as usize) else {
            continue;
        };
        match event.kind {
            Kind::Found | Kind::Attempt => {
                failures.push(event);
                last_failure = Some(event.time);
            }
            Kind::Ban => {
                let row = record.rows.get(*number as usize).copied();
                bans.push(ban(
                    event,
                    row,
                    &failures,
                    complete,
                    (sure, findtime, last_failure),
                ));
                failures.clear();
            }
            _ => {}
        }
    }
    bans
}

fn ban(
    event: &Event,
    row: Option<Row>,
    failures: &[&Event],
    complete: bool,
    (sure, findtime, last_failure): (f64, f64, Option<f64>),
) -> Actual {
    let recent = failures.iter().rev();
    let mut recent = recent.take_while(|found| event.time - found.time <= ACTION_LATENCY);
    let first = recent.next().or(failures.last());
    let told: Vec<f64> = first
        .into_iter()
        .chain(recent)
        .filter_map(|found| found.told)
        .collect();
    let by_hand = match row {
        Some(row) => row.failures.map(|failures| failures == 0),
        None if !complete || event.time < sure => None,
        None => Some(
            failures.is_empty() && last_failure.is_none_or(|last| event.time - last > findtime),
        ),
    };
    let (from, to) = if let Some(time) = event.told {
        (time, time)
    } else if by_hand == Some(true) {
        (event.time, event.time)
    } else if told.is_empty() {
        (event.time - READ_LATENCY, event.time)
    } else {
        let from = told.iter().copied().fold(f64::INFINITY, f64::min);
        (from, told.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    Actual {
        logged: event.time,
        place: event.place,
        from,
        to,
        by_hand,
        noted: failures.len(),
        row,
    }
}

/// Bans brought together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Aligned {
    /// Pairs: an index of either side.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// Those that only the rules lead to.
    pub(crate) missing: Vec<usize>,
    /// Those that only the server made.
    pub(crate) extra: Vec<usize>,
}

/// Brings bans together; both sides are in order of time.
pub(crate) fn align(expected: &[f64], actual: &[Actual]) -> Aligned {
    let mut aligned = Aligned::default();
    let (mut left, mut right) = (0, 0);
    while let (Some(time), Some(ban)) = (expected.get(left), actual.get(right)) {
        if ban.is(*time) {
            aligned.pairs.push((left, right));
            (left, right) = (left + 1, right + 1);
        } else if *time < ban.to {
            aligned.missing.push(left);
            left += 1;
        } else {
            aligned.extra.push(right);
            right += 1;
        }
    }
    aligned.missing.extend(left..expected.len());
    aligned.extra.extend(right..actual.len());
    aligned
}
