//! A record beside a simulation, jail by jail: which bans agree, which do not, and why.

use super::align::{self, Actual};
use super::reasons::{Budget, Case, Deviation, JailFacts, Reason, Side, Tail, millis};
use super::record::{Event, JailId, Kind, Record, Server};
use super::runs::{self, Down};
use super::sighting::{self, Sightings};
use crate::analysis::simulate::{AddressId, Place, SimulatedJail, Simulation, Standing, Ticket};
use std::collections::{BTreeMap, HashMap};

/// Failures that are replayed to find reasons, at most: a hostile record could ask for any number.
const MOST_WORK: u64 = 50_000_000;

/// A ban made so long after its failure, seconds, is a late one.
const LATE: f64 = 60.0;

/// A log that is rotated is read up to a minute before.
const ROTATION: f64 = 60.0;

/// What a record and a simulation say together.
pub(crate) struct Comparison {
    /// The jails of the simulation.
    pub(crate) jails: Vec<JailComparison>,
    /// Jails of the record that were not simulated, with their bans.
    pub(crate) others: Vec<(String, u64)>,
    /// Times in which no server ran.
    pub(crate) downs: Vec<Down>,
    /// Some deviations were not looked into: it would have taken too long.
    pub(crate) cut: bool,
}

/// A jail of both.
#[derive(Clone, Debug, Default)]
pub(crate) struct JailComparison {
    /// Its name.
    pub(crate) name: String,
    /// The record knows it.
    pub(crate) known: bool,
    /// What is compared, epoch seconds: what both the log and the record have.
    pub(crate) window: Option<(f64, f64)>,
    /// Bans the rules lead to in it.
    pub(crate) expected: u64,
    /// Bans the server made in it.
    pub(crate) actual: u64,
    /// Bans of both.
    pub(crate) agreed: u64,
    /// Bans that were restored at a start.
    pub(crate) restored: u64,
    /// Bans of either side outside of it: of the rules, of the server.
    pub(crate) outside: (u64, u64),
    /// Some of the server's are older than the log.
    pub(crate) older: bool,
    /// Failures of both, of the server only, of the log only; None where the record has none.
    pub(crate) failures: Option<Failures>,
    /// What differs, in order of time.
    pub(crate) deviations: Vec<Deviation>,
    /// Logs that the jail reads, by the record.
    pub(crate) reads: Vec<String>,
}

/// Failures beside those the server noted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Failures {
    /// Of both.
    pub(crate) both: u64,
    /// Noted by the server, and not in the log.
    pub(crate) server: u64,
    /// The first of them.
    pub(crate) first_server: Option<Place>,
    /// In the log, and not noted.
    pub(crate) log: u64,
    /// The first of them.
    pub(crate) first_log: Option<Place>,
}

/// Compares a record with a simulation of the jails' logs.
pub(crate) fn compare(record: &Record, simulation: &Simulation, purge_age: f64) -> Comparison {
    let mut by_jail: HashMap<JailId, BTreeMap<AddressId, Vec<u32>>> = HashMap::new();
    for (number, event) in (0..).zip(&record.events) {
        let of_jail = by_jail.entry(event.jail).or_default();
        of_jail.entry(event.id).or_default().push(number);
    }
    let mut budget = Budget(MOST_WORK);
    let jails = simulation.jails.iter().enumerate().map(|(number, jail)| {
        let known = record.known_jail(&jail.name);
        let none = BTreeMap::new();
        let events = known.and_then(|known| by_jail.get(&known)).unwrap_or(&none);
        let sides = Sides {
            record,
            simulation,
            jail,
            number,
            known,
            events,
            purge_age,
        };
        sides.compare(&mut budget)
    });
    let jails: Vec<JailComparison> = jails.collect();
    let mut others: Vec<(String, u64)> = Vec::new();
    for (at, name) in (0..).zip(&record.jails) {
        if simulation.jails.iter().any(|jail| jail.name == *name) {
            continue;
        }
        let events = by_jail
            .get(&JailId(at))
            .into_iter()
            .flat_map(BTreeMap::values);
        let bans = events
            .flatten()
            .filter(|number| is_ban(record, **number))
            .count();
        others.push((name.clone(), bans as u64));
    }
    Comparison {
        jails,
        others,
        downs: runs::downs(record, None),
        cut: budget.0 == 0,
    }
}

fn is_ban(record: &Record, number: u32) -> bool {
    (record.events.get(number as usize)).is_some_and(|event| event.kind == Kind::Ban)
}

/// A jail of both sides.
struct Sides<'a> {
    record: &'a Record,
    simulation: &'a Simulation,
    jail: &'a SimulatedJail,
    number: usize,
    known: Option<JailId>,
    events: &'a BTreeMap<AddressId, Vec<u32>>,
    purge_age: f64,
}

/// An address of a jail.
struct Member<'a> {
    tickets: Vec<Ticket>,
    ignored_by: Option<&'a str>,
    events: Vec<Event>,
    actual: Vec<Actual>,
    sightings: Sightings,
    /// Bans the rules lead to, epoch seconds.
    expected: Vec<f64>,
}

impl<'a> Sides<'a> {
    fn compare(&self, budget: &mut Budget) -> JailComparison {
        let mut result = JailComparison {
            name: self.jail.name.clone(),
            known: self.known.is_some(),
            ..JailComparison::default()
        };
        let Some(known) = self.known else {
            return result;
        };
        result.reads = self
            .record
            .logs_of(known)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let complete = self.record.has_failures();
        let mut members = self.members(complete);
        let offset = self.offset(&members);
        if let Some(offset) = offset {
            self.shift(&mut members, offset);
        }
        let downs = runs::downs(self.record, self.known);
        let Some(window) = self.window(offset.unwrap_or(0.0)) else {
            self.count_outside(&members, &mut result);
            return result;
        };
        result.window = Some(window);
        if complete {
            result.failures = Some(failures(members.values(), window));
        }
        let foreign = offset.is_none() && result.failures.is_some_and(is_foreign);
        let facts = JailFacts {
            complete,
            downs,
            settings: runs::other_settings(self.record, known, &self.jail.settings),
            tails: if complete {
                self.tails(&members)
            } else {
                Vec::new()
            },
            window,
        };
        for (id, member) in &members {
            let mut found = self.member((*id, member), &facts, budget, &mut result);
            for deviation in &mut found {
                if foreign {
                    deviation.reason = Reason::OtherLog;
                }
            }
            result.deviations.extend(found);
            if let Some(offset) = offset {
                result.clock(*id, member, window, offset);
            }
        }
        let order = |a: &Deviation, b: &Deviation| {
            a.time
                .total_cmp(&b.time)
                .then(a.id.cmp(&b.id))
                .then(a.side.cmp(&b.side))
        };
        result.deviations.sort_by(order);
        result
    }

    /// All addresses of either side.
    fn members(&self, complete: bool) -> BTreeMap<AddressId, Member<'a>> {
        let mut tickets: BTreeMap<AddressId, Vec<Ticket>> = BTreeMap::new();
        let counted = self
            .jail
            .tickets(self.number, &self.simulation.replay)
            .iter();
        for ticket in counted.chain(self.jail.collector.ignored.iter().flatten()) {
            tickets.entry(ticket.id).or_default().push(*ticket);
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
        let members = tickets.into_iter().map(|(id, tickets)| {
            let numbers = self.events.get(&id).map_or(&[][..], Vec::as_slice);
            let events = numbers
                .iter()
                .filter_map(|at| self.record.events.get(*at as usize));
            let events: Vec<Event> = events.copied().collect();
            let ignored_by = self.jail.collector.dropped.get(&id);
            let ignored_by = ignored_by.and_then(|dropped| match &dropped.standing {
                Standing::IgnoredBy(entry) => Some(entry.as_str()),
                _ => None,
            });
            let member = Member {
                sightings: Sightings::of(&tickets, events.iter().copied()),
                tickets,
                ignored_by,
                actual: align::bans(self.record, numbers, (complete, sure, findtime)),
                events,
                expected: expected.remove(&id).unwrap_or_default(),
            };
            (id, member)
        });
        members.collect()
    }

    /// By how much the server's times are ahead of the log's.
    fn offset(&self, members: &BTreeMap<AddressId, Member>) -> Option<f64> {
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
    fn shift(&self, members: &mut BTreeMap<AddressId, Member>, offset: f64) {
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
            let steps: Vec<(f64, super::course::Step)> = (member.tickets.iter())
                .filter(|_| member.ignored_by.is_none())
                .map(|ticket| (ticket.time, super::course::Step::Failure(*ticket)))
                .collect();
            let bans = super::course::run(*id, &self.jail.settings, self.purge_age, &steps);
            member.expected = bans.iter().map(|ban| ban.time).collect();
        }
    }

    /// What both have: the log, and the record as long as it goes.
    fn window(&self, offset: f64) -> Option<(f64, f64)> {
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

    fn count_outside(&self, members: &BTreeMap<AddressId, Member>, result: &mut JailComparison) {
        for member in members.values() {
            result.outside.0 += member.expected.len() as u64;
            result.outside.1 += member.actual.len() as u64;
        }
    }

    /// Ends of logs behind which the server went on with the next: they were rotated before.
    fn tails(&self, members: &BTreeMap<AddressId, Member>) -> Vec<Tail> {
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

    /// The deviations of an address; the rest is counted.
    fn member(
        &self,
        (id, member): (AddressId, &Member),
        facts: &JailFacts,
        budget: &mut Budget,
        result: &mut JailComparison,
    ) -> Vec<Deviation> {
        let (first, last) = facts.window;
        let inside = |time: f64| (first..=last).contains(&time);
        let case = Case {
            id,
            settings: &self.jail.settings,
            purge_age: self.purge_age,
            tickets: &member.tickets,
            ignored_by: member.ignored_by,
            sightings: &member.sightings,
            events: &member.events,
            actual: &member.actual,
            jail: facts,
        };
        let restored = member
            .events
            .iter()
            .filter(|event| event.kind == Kind::Restore);
        result.restored += restored.count() as u64;
        let aligned = align::align(&member.expected, &member.actual);
        let keys = case.keys(&member.expected);
        let pairs = aligned.pairs.len() as u64;
        let missing = keys.iter().filter(|key| key.0 == Side::Missing).count() as u64;
        let extra = keys.len() as u64 - missing;
        result.agreed += pairs;
        result.expected += pairs + missing;
        result.actual += pairs + extra;
        result.outside.0 += member.expected.len() as u64 - pairs - missing;
        result.outside.1 += member.actual.len() as u64 - pairs - extra;
        result.older |= member.actual.iter().any(|ban| ban.logged < first);
        let mut deviations: Vec<Deviation> = Vec::new();
        let late = aligned
            .pairs
            .iter()
            .map(|(left, right)| (member.expected[*left], &member.actual[*right]));
        for (time, ban) in late.filter(|(time, ban)| ban.row.is_none() && ban.logged - time > LATE)
        {
            let down = facts.downs.iter().find(|down| {
                (down.from..=down.until + LATE).contains(&time) && ban.logged >= down.until
            });
            deviations.push(Deviation {
                side: Side::Shifted,
                id,
                time: ban.logged,
                logged: Some(ban.place),
                line: line_at(&member.tickets, time),
                reason: down.map_or(Reason::Unexplained, |down| Reason::Down(*down)),
            });
        }
        if keys.is_empty() {
            return deviations;
        }
        for ((side, key), reason) in case.explain(&member.expected, budget) {
            let time = key as f64 / 1000.0;
            let ban =
                (member.actual.iter()).find(|ban| side == Side::Extra && millis(ban.logged) == key);
            deviations.push(Deviation {
                side,
                id,
                time,
                logged: ban.map(|ban| ban.place),
                line: match ban {
                    Some(ban) => line_at(&member.tickets, ban.to),
                    None => line_at(&member.tickets, time),
                },
                reason,
            });
        }
        deviations.retain(|deviation| inside(deviation.time) || deviation.side == Side::Shifted);
        deviations
    }
}

/// The last failure up to a time.
fn line_at(tickets: &[Ticket], time: f64) -> Option<Place> {
    let behind = tickets.partition_point(|ticket| ticket.time <= time + 0.5);
    tickets
        .get(behind.checked_sub(1)?)
        .map(|ticket| ticket.place)
}

fn failures<'a>(
    members: impl Iterator<Item = &'a Member<'a>>,
    (first, last): (f64, f64),
) -> Failures {
    let mut sum = Failures::default();
    let earlier = |known: &mut Option<Place>, place: Place| {
        let before = known.is_none_or(|known| (place.log, place.line) < (known.log, known.line));
        if before {
            *known = Some(place);
        }
    };
    for member in members.filter(|member| member.ignored_by.is_none()) {
        for (ticket, noted) in member.tickets.iter().zip(&member.sightings.noted) {
            if noted.is_some() {
                sum.both += 1;
            } else if (first..=last).contains(&ticket.time) {
                sum.log += 1;
                earlier(&mut sum.first_log, ticket.place);
            }
        }
        for event in &member.sightings.others {
            if event.kind == Kind::Found && (first..=last).contains(&event.time) {
                sum.server += 1;
                earlier(&mut sum.first_server, event.place);
            }
        }
    }
    sum
}

/// Whether a log and a record have next to nothing in common.
fn is_foreign(failures: Failures) -> bool {
    let Failures {
        both, server, log, ..
    } = failures;
    server > 0 && log > 0 && both * 10 < server.min(log)
}

impl JailComparison {
    /// Bans that both have, at times that differ by a clock.
    fn clock(&mut self, id: AddressId, member: &Member, window: (f64, f64), offset: f64) {
        let aligned = align::align(&member.expected, &member.actual);
        for (left, right) in aligned.pairs {
            let (time, ban) = (member.expected[left], &member.actual[right]);
            if !(window.0..=window.1).contains(&time) {
                continue;
            }
            self.agreed -= 1;
            self.deviations.push(Deviation {
                side: Side::Shifted,
                id,
                time: ban.logged,
                logged: Some(ban.place),
                line: line_at(&member.tickets, time),
                reason: Reason::Clock(offset),
            });
        }
    }

    /// How many deviations have a reason, and how many have none.
    pub(crate) fn explained(&self) -> (usize, usize) {
        let none = |deviation: &&Deviation| deviation.reason == Reason::Unexplained;
        let unexplained = self.deviations.iter().filter(none).count();
        (self.deviations.len() - unexplained, unexplained)
    }
}
