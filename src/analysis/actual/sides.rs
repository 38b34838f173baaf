//! A jail's two sides: the failures of its log and the bans the rules lead to; what the record has of
//! it. Gathered for each address.

use super::align::{self, Actual};
use super::case::Tail;
use super::course::{self, Step};
use super::record::{Event, JailId, Kind, Record, Server};
use super::runs::RulesOverTime;
use super::sighting::{self, Sightings};
use crate::analysis::simulate::{AddressId, Place, SimulatedJail, Simulation, Ticket};
use std::collections::{BTreeMap, HashMap};

/// A ban made so long after its failure, seconds, is a late one.
pub(super) const LATE: f64 = 60.0;

/// A log that is rotated is read up to a minute before.
const ROTATION: f64 = 60.0;

/// A jail of both sides.
pub(super) struct Sides<'a> {
    pub(super) record: &'a Record,
    pub(super) simulation: &'a Simulation,
    pub(super) jail: &'a SimulatedJail,
    pub(super) number: usize,
    pub(super) known: Option<JailId>,
    pub(super) events: &'a BTreeMap<AddressId, Vec<u32>>,
    pub(super) purge_age: f64,
}

/// An address of a jail.
pub(super) struct Member<'a> {
    pub(super) tickets: Vec<Ticket>,
    pub(super) ignored_by: Option<&'a str>,
    pub(super) events: Vec<Event>,
    pub(super) actual: Vec<Actual>,
    pub(super) sightings: Sightings,
    /// Bans the rules lead to, epoch seconds.
    pub(super) expected: Vec<f64>,
}

impl<'a> Sides<'a> {
    /// All addresses of either side.
    pub(super) fn members(&self, complete: bool) -> BTreeMap<AddressId, Member<'a>> {
        let mut tickets: BTreeMap<AddressId, Vec<Ticket>> = BTreeMap::new();
        let counted = self
            .jail
            .tickets(self.number, &self.simulation.replay)
            .iter();
        for ticket in counted.chain(self.jail.collector.ignored.iter().flatten()) {
            tickets.entry(ticket.id).or_default().push(ticket);
        }
        let mut expected: HashMap<AddressId, Vec<f64>> = HashMap::new();
        for ban in &self.simulation.replay.bans {
            if ban.jail == self.number {
                expected.entry(ban.id).or_default().push(ban.time);
            }
        }
        for id in self.events.keys() {
            tickets.entry(*id).or_default();
        }
        let findtime = self.jail.settings.findtime;
        // a server counts from nothing: from its start on, the record has all that it counted
        let begin = self.record.span.map_or(0.0, |span| span.0);
        let started = self
            .record
            .server
            .iter()
            .find(|event| matches!(event.what, Server::Starting(_)));
        let sure = started
            .map_or(f64::INFINITY, |event| event.time)
            .min(begin + findtime);
        let rules = self
            .known
            .map(|known| RulesOverTime::of(self.record, known));
        let members = tickets.into_iter().map(|(id, tickets)| {
            let numbers = self.events.get(&id).map_or(&[][..], Vec::as_slice);
            let events = numbers
                .iter()
                .filter_map(|at| self.record.events.get(*at as usize));
            let events: Vec<Event> = events.copied().collect();
            let ignored_by = self.jail.collector.ignored_by(id);
            let mut actual = align::bans(self.record, numbers, (complete, sure, findtime));
            self.by_hand(&mut actual, rules.as_ref());
            let member = Member {
                sightings: Sightings::of(&tickets, events.iter().copied()),
                tickets,
                ignored_by,
                actual,
                events,
                expected: expected.remove(&id).unwrap_or_default(),
            };
            (id, member)
        });
        members.collect()
    }

    /// Finds the bans that came of fewer failures than the server needed then.
    fn by_hand(&self, actual: &mut [Actual], rules: Option<&RulesOverTime>) {
        let settings = &self.jail.settings;
        let Some(rules) = rules.filter(|_| settings.increment.is_none()) else {
            return;
        };
        for ban in actual {
            // failures were counted by the findtime of now
            let rules = rules.at(ban.logged);
            let rules = rules.filter(|(_, findtime)| *findtime <= settings.findtime);
            if let Some((maxretry, _)) = rules {
                ban.needed(maxretry);
            }
        }
    }

    /// By how much the server's times are ahead of the log's.
    pub(super) fn offset(&self, members: &BTreeMap<AddressId, Member>) -> Option<f64> {
        let noted = members.values().flat_map(|member| &member.sightings.noted);
        let (all, unknown) = noted.fold((0u64, 0u64), |(all, unknown), noted| {
            (all + 1, unknown + u64::from(noted.is_none()))
        });
        if unknown * 10 < all * 9 {
            return None;
        }
        let sides: Vec<(Vec<f64>, Vec<f64>)> = (members.values())
            .map(|member| {
                let log = member.tickets.iter().map(|ticket| ticket.time);
                let server = member
                    .sightings
                    .others
                    .iter()
                    .filter_map(|event| event.told);
                (log.collect(), server.collect())
            })
            .collect();
        sighting::offset(sides.iter().map(|(log, server)| (&log[..], &server[..])))
    }

    /// Takes the failures for of the times at which the server took them.
    pub(super) fn shift(&self, members: &mut BTreeMap<AddressId, Member>, offset: f64) {
        for (id, member) in members {
            let told: Vec<f64> = (member.sightings.others.iter())
                .filter_map(|event| event.told)
                .collect();
            let alike = told.len() == member.tickets.len();
            for (at, ticket) in member.tickets.iter_mut().enumerate() {
                let time = told.get(at).copied().filter(|_| alike);
                ticket.time = time.unwrap_or(ticket.time + offset);
            }
            member.sightings = Sightings::of(&member.tickets, member.events.iter().copied());
            let steps: Vec<(f64, Step)> = (member.tickets.iter())
                .filter(|_| member.ignored_by.is_none())
                .map(|ticket| (ticket.time, Step::Failure(*ticket)))
                .collect();
            let bans = course::run(*id, &self.jail.settings, self.purge_age, &steps);
            member.expected = bans.iter().map(|ban| ban.time).collect();
        }
    }

    /// What both have: the log, and the record as long as it goes.
    pub(super) fn window(&self, offset: f64) -> Option<(f64, f64)> {
        let log = self.jail.collector.span?;
        let record = self.record.span?;
        let from = record.0.max(log.0 + offset);
        // a log whose last line is older than the record's last goes as far where the server
        // found nothing behind it
        let end = log.1 + offset;
        let found = |event: &&Event| event.kind == Kind::Found && Some(event.jail) == self.known;
        let events = self.record.events.iter().filter(found);
        let goes_on = events
            .into_iter()
            .any(|event| event.told.unwrap_or(event.time) > end + 1.0);
        let until = if goes_on || !self.record.has_failures() {
            record.1.min(end + LATE)
        } else {
            record.1
        };
        (from <= until).then_some((from, until))
    }

    /// Ends of logs behind which the server went on with the next: they were rotated before.
    pub(super) fn tails(&self, members: &BTreeMap<AddressId, Member>) -> Vec<Tail> {
        let mut last: BTreeMap<u32, u32> = BTreeMap::new();
        let mut first: BTreeMap<u32, u32> = BTreeMap::new();
        for member in members.values() {
            let noted = member.tickets.iter().zip(&member.sightings.noted);
            for (ticket, _) in noted.filter(|(_, noted)| noted.is_some()) {
                let Place { log, line } = ticket.place;
                last.entry(log)
                    .and_modify(|known| *known = line.max(*known))
                    .or_insert(line);
                first.entry(log).or_insert(line);
            }
        }
        let begins = &self.jail.collector.begins;
        let pairs = begins.iter().zip(begins.iter().skip(1));
        pairs
            .filter(|(_, (next, _, _))| first.contains_key(next))
            .map(|((log, _, _), (next, line, begin))| Tail {
                log: *log,
                behind: last.get(log).copied().unwrap_or(0),
                from: begin - ROTATION,
                next: Place {
                    log: *next,
                    line: *line,
                },
            })
            .collect()
    }
}
