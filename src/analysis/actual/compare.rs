//! A record beside a simulation, jail by jail: which bans agree, which do not, and why.

use super::align;
use super::case::{Budget, Case, JailFacts};
use super::comparison::{Comparison, Failures, JailComparison};
use super::reason::{Deviation, Reason, Side};
use super::reasons::millis;
use super::record::{JailId, Kind, Record};
use super::runs::{self, RulesOverTime};
use super::sides::{LATE, Member, Sides};
use crate::analysis::simulate::{AddressId, Place, Simulation, Standing, Ticket};
use std::collections::{BTreeMap, HashMap};

/// Failures that are replayed to find reasons, at most: a hostile record could ask for any number.
const MOST_WORK: u64 = 50_000_000;

/// Compares a record with a simulation of the jails' logs.
pub(crate) fn compare(record: &Record, simulation: &Simulation, purge_age: f64) -> Comparison {
    let mut by_jail: HashMap<JailId, BTreeMap<AddressId, Vec<u32>>> = HashMap::new();
    for (number, event) in (0..).zip(&record.events) {
        let of_jail = by_jail.entry(event.jail).or_default();
        of_jail.entry(event.id).or_default().push(number);
    }
    let mut budget = Budget::new(MOST_WORK);
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
        cut: budget.is_spent(),
    }
}

fn is_ban(record: &Record, number: u32) -> bool {
    (record.events.get(number as usize)).is_some_and(|event| event.kind == Kind::Ban)
}

impl Sides<'_> {
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
        let dropped = self.jail.collector.dropped.values();
        let facts = JailFacts {
            complete,
            names: dropped
                .map(|one| &one.standing)
                .any(|one| *one == Standing::NotResolved),
            downs,
            rules: RulesOverTime::of(self.record, known),
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
                    let same_name = self.has_name_of(&result.reads);
                    deviation.reason = Reason::OtherLog { same_name };
                }
            }
            result.deviations.extend(found);
            if let Some(offset) = offset {
                clock(&mut result, (*id, member), window, offset);
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

    /// Whether a log of the jail, or a rotated sibling of it, has the name of one of these.
    fn has_name_of(&self, paths: &[String]) -> bool {
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let begins = self.jail.collector.begins.iter();
        let mut logs = begins.filter_map(|(log, ..)| self.simulation.logs.get(*log as usize));
        logs.any(|log| {
            paths
                .iter()
                .any(|path| last(&log.name).starts_with(&last(path)))
        })
    }

    fn count_outside(&self, members: &BTreeMap<AddressId, Member>, result: &mut JailComparison) {
        for member in members.values() {
            result.outside.0 += member.expected.len() as u64;
            result.outside.1 += member.actual.len() as u64;
        }
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
        result.agreed -= deviations.len() as u64;
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

/// Bans that both have, at times that differ by a clock: they are counted as such.
fn clock(
    result: &mut JailComparison,
    (id, member): (AddressId, &Member),
    window: (f64, f64),
    offset: f64,
) {
    let aligned = align::align(&member.expected, &member.actual);
    for (left, right) in aligned.pairs {
        let (time, ban) = (member.expected[left], &member.actual[right]);
        if !(window.0..=window.1).contains(&time) {
            continue;
        }
        result.agreed -= 1;
        result.deviations.push(Deviation {
            side: Side::Shifted,
            id,
            time: ban.logged,
            logged: Some(ban.place),
            line: line_at(&member.tickets, time),
            reason: Reason::Clock(offset),
        });
    }
}
