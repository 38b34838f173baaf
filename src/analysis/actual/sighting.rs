//! The failures of a log beside those the server noted.

use super::record::{Event, Kind};
use crate::analysis::simulate::{Place, Ticket};

/// Times are told in whole seconds.
const ROUNDING: f64 = 1.0;

/// Where failures are noted without their time: they are read within so many seconds.
const READ_LATENCY: f64 = 60.0;

/// The failures of an address, in a log and in the record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sightings {
    /// For each failure of the log: when the server noted it, and where that stands.
    pub(crate) noted: Vec<Option<(f64, Place)>>,
    /// What the server noted and the log has not; after a start it may note a line twice.
    pub(crate) others: Vec<Event>,
}

impl Sightings {
    /// Finds for every failure of the log the line of the record about it. `tickets` are in order
    /// of time, `events` in that of the record.
    pub(crate) fn of(tickets: &[Ticket], events: impl Iterator<Item = Event>) -> Sightings {
        let mut found: Vec<Event> = events
            .filter(|event| matches!(event.kind, Kind::Found | Kind::Attempt))
            .collect();
        found.sort_by(|a, b| time(a).total_cmp(&time(b)));
        let mut sightings = Sightings {
            noted: vec![None; tickets.len()],
            others: Vec::new(),
        };
        let mut at = 0;
        for event in found {
            let latest = time(&event) + ROUNDING;
            let earliest = match event.told {
                Some(told) => told - ROUNDING,
                None => event.time - READ_LATENCY,
            };
            while tickets.get(at).is_some_and(|ticket| ticket.time < earliest) {
                at += 1;
            }
            match tickets.get(at) {
                Some(ticket) if ticket.time <= latest && event.kind == Kind::Found => {
                    sightings.noted[at] = Some((event.time, event.place));
                    at += 1;
                }
                _ => sightings.others.push(event),
            }
        }
        sightings
    }
}

/// The time of the failure, or of the line about it.
fn time(event: &Event) -> f64 {
    event.told.unwrap_or(event.time)
}

/// By how much the server's times are ahead of the log's, seconds, where that is the same for nearly
/// all failures and no matter of latency: a clock, or a time zone.
///
/// `sides` are, for each address, the times of both in order.
pub(crate) fn offset<'a>(sides: impl Iterator<Item = (&'a [f64], &'a [f64])>) -> Option<f64> {
    let mut offsets: Vec<f64> = Vec::new();
    for (log, server) in sides {
        if log.len() == server.len() {
            offsets.extend(log.iter().zip(server).map(|(log, server)| server - log));
        }
    }
    if offsets.len() < LEAST_PAIRS {
        return None;
    }
    offsets.sort_by(f64::total_cmp);
    let middle = offsets[offsets.len() / 2];
    let alike = offsets
        .iter()
        .filter(|offset| (*offset - middle).abs() <= SAME_OFFSET);
    // upstream takes a line that is more than a minute off for one of now (Filter.processLine)
    let sure = middle.abs() > 60.0 && alike.count() * 10 >= offsets.len() * 9;
    sure.then_some(middle)
}

/// Fewer pairs of times are no evidence of a clock.
const LEAST_PAIRS: usize = 3;

/// Offsets may differ by what reading takes, seconds.
const SAME_OFFSET: f64 = 5.0;
