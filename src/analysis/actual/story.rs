//! The story of an address in a jail: its failures, what the rules make of each, what the server did.

use super::reason::Deviation;
use super::record::{Event, Kind, Record};
use super::runs::{self, Down};
use super::sighting::Sightings;
use super::{Comparison, JailComparison};
use crate::analysis::simulate::jail::{Event as Told, JailState};
use crate::analysis::simulate::{AddressId, BanHistory, Place, SimulatedJail, Simulation, Ticket};
use std::collections::{HashMap, HashSet};

/// A jail's story of an address.
pub(crate) struct Story<'a> {
    /// The jail.
    pub(crate) jail: &'a str,
    /// What happened, in order of time.
    pub(crate) entries: Vec<Entry>,
    /// Why the server did otherwise than the rules say.
    pub(crate) deviations: Vec<&'a Deviation>,
    /// The entry of `ignoreip` by which its failures do not count.
    pub(crate) ignored_by: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// When, epoch seconds.
    pub(crate) time: f64,
    /// What.
    pub(crate) what: What,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// A failure in the jail's log.
    Failure {
        /// The line.
        place: Place,
        /// Where the regex that found it is written.
        regex: Option<String>,
        /// The how many-eth it is of those that lead to a ban.
        count: i64,
        /// What the rules make of it.
        outcome: Outcome,
        /// Where the server noted it.
        noted: Option<Place>,
    },
    /// Something the record says.
    Server(Kind, Place),
    /// The server ended, or crashed before its next start.
    Ended(Option<Place>),
    /// It started, and served the jail again.
    Started(Option<Place>),
}

/// What the rules make of a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It is counted.
    Counted,
    /// A ban, until then, epoch seconds.
    Ban(f64),
    /// The address is banned already; until then.
    Banned(f64),
    /// Nothing: the address is ignored.
    Ignored,
}

/// The stories of an address, one for each jail that knows it.
pub(crate) fn stories<'a>(
    record: &Record,
    simulation: &'a Simulation,
    comparison: &'a Comparison,
    id: AddressId,
    purge_age: f64,
) -> Vec<Story<'a>> {
    let pairs = simulation.jails.iter().zip(&comparison.jails).enumerate();
    let told = pairs.map(|(number, (jail, compared))| {
        story(record, (simulation, jail, number), compared, id, purge_age)
    });
    told.filter(|story| !story.entries.is_empty()).collect()
}

fn story<'a>(
    record: &Record,
    (simulation, jail, number): (&'a Simulation, &'a SimulatedJail, usize),
    compared: &'a JailComparison,
    id: AddressId,
    purge_age: f64,
) -> Story<'a> {
    let known = record.known_jail(&jail.name);
    let events = record.events.iter().copied();
    let events: Vec<Event> = events
        .filter(|event| event.id == id && Some(event.jail) == known)
        .collect();
    let all = jail.tickets(number, &simulation.replay).iter();
    let all = all.chain(jail.collector.ignored.iter().flatten());
    let tickets: Vec<Ticket> = all.filter(|ticket| ticket.id == id).collect();
    let ignored_by = jail.collector.ignored_by(id).map(str::to_owned);
    let sightings = Sightings::of(&tickets, events.iter().copied());
    let regexes: HashMap<Place, usize> = jail.collector.regexes.iter().flatten().copied().collect();
    let mut state = JailState::new(0, jail.settings.clone());
    let mut history = BanHistory::new(purge_age);
    let mut entries: Vec<Entry> = Vec::new();
    for (ticket, noted) in tickets.iter().zip(&sightings.noted) {
        let (count, outcome) = if ignored_by.is_some() {
            (0, Outcome::Ignored)
        } else {
            feed(&mut state, &mut history, ticket)
        };
        let regex = regexes.get(&ticket.place);
        entries.push(Entry {
            time: ticket.time,
            what: What::Failure {
                place: ticket.place,
                regex: regex.and_then(|at| jail.regexes.get(*at)?.clone()),
                count,
                outcome,
                noted: noted.map(|(_, place)| place),
            },
        });
    }
    let noted = sightings.noted.iter().flatten().map(|(_, place)| *place);
    let noted: HashSet<Place> = noted.collect();
    let others =
        (events.iter()).filter(|event| event.kind != Kind::Found || !noted.contains(&event.place));
    entries.extend(others.map(|event| Entry {
        time: event.time,
        what: What::Server(event.kind, event.place),
    }));
    entries.sort_by(|a, b| a.time.total_cmp(&b.time));
    add_downs(&mut entries, &runs::downs(record, known));
    let deviations = compared.deviations.iter().filter(|one| one.id == id);
    Story {
        jail: &jail.name,
        entries,
        deviations: deviations.collect(),
        ignored_by,
    }
}

/// Puts ends and starts of the server between the entries.
fn add_downs(entries: &mut Vec<Entry>, downs: &[Down]) {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return;
    };
    let span = first.time..=last.time;
    let within = downs.iter().flat_map(|down| {
        let ended = (down.from, What::Ended(down.ended));
        [ended, (down.until, What::Started(down.started))]
    });
    let within: Vec<Entry> = within
        .filter(|(time, _)| span.contains(time))
        .map(|(time, what)| Entry { time, what })
        .collect();
    entries.extend(within);
    entries.sort_by(|a, b| a.time.total_cmp(&b.time));
}

/// What the rules make of a failure.
fn feed(state: &mut JailState, history: &mut BanHistory, ticket: &Ticket) -> (i64, Outcome) {
    // managers keep what they know by the number of an address
    let ticket = Ticket {
        id: AddressId(0),
        ..*ticket
    };
    let mut outcome = Outcome::Counted;
    let taken = state.feed(&ticket, history, |manager, event| {
        let end = manager.get(ticket.id).map(|ban| ban.end(manager.bantime()));
        outcome = match (event, end) {
            (Told::Ban(_), Some(end)) => Outcome::Ban(end),
            (_, Some(end)) => Outcome::Banned(end),
            (_, None) => Outcome::Counted,
        };
    });
    if taken.banned && outcome == Outcome::Counted {
        let end = state.banned_until(ticket.id);
        outcome = end.map_or(Outcome::Counted, Outcome::Banned);
    }
    (taken.retry, outcome)
}
