//! Why the server's bans of an address are not those of the rules: each thing the record tells is
//! put into a replay of the failures, and is the reason of what no longer differs then.

use super::align::{Actual, align};
use super::course::{self, Outcome, Step};
use super::record::{Event, Kind, Rule};
use super::runs::{Down, OtherSetting};
use super::sighting::Sightings;
use crate::analysis::simulate::{AddressId, Place, Settings, Ticket};
use std::collections::{BTreeMap, BTreeSet};

/// A ban that only one side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// The server banned though the rules say no.
    Extra,
    /// It did not though they say yes.
    Missing,
    /// It did at another time.
    Shifted,
}

/// Something the server did otherwise than the rules say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deviation {
    /// What.
    pub(crate) side: Side,
    /// Who.
    pub(crate) id: AddressId,
    /// When: of the ban, or of the failure that should have led to it; epoch seconds.
    pub(crate) time: f64,
    /// Where the record has the ban.
    pub(crate) logged: Option<Place>,
    /// The last of the failures that should have led to it, in the jail's log.
    pub(crate) line: Option<Place>,
    /// Why.
    pub(crate) reason: Reason,
}

/// Why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    /// Banned by hand: there is no failure before it.
    ByHand,
    /// A ban by hand was in force.
    BannedByHand(Place),
    /// Its ban was lifted by hand.
    LiftedByHand(Place),
    /// Its ban ended between the failure and the reading of its line.
    EndedMeanwhile(Place),
    /// The server did not run when the failures were logged.
    Down(Down),
    /// The server was started anew amid the failures: it counts from nothing then.
    Restarted(Down),
    /// The server ignored the address; the line about the first failure ignored.
    IgnoredThen(Place),
    /// The address is ignored now; the entry.
    IgnoredNow(String),
    /// An option was another.
    Setting(OtherSetting),
    /// The ban came of so few failures that maxretry was no more than that.
    FewerFailures {
        /// How many.
        then: i64,
        /// What maxretry is.
        now: i64,
    },
    /// The log was rotated before its last lines were read; the first line of the next file.
    Rotated(Place),
    /// The log's times are not those of the server, by so many seconds.
    Clock(f64),
    /// The log is not the one that the jail reads.
    OtherLog,
    /// The server noted failures that the log has not; the first of them.
    OnlyServer(Place),
    /// The server noted none of the failures, though it ran.
    NotNoted,
    /// None of these.
    Unexplained,
}

/// A change of what is replayed, and what it is the reason of.
struct Candidate {
    /// Failures of the log that the server did not take, by their number.
    drop: Vec<usize>,
    /// Those that it took and the rules do not.
    restore: bool,
    /// What else happened.
    steps: Vec<(f64, Step)>,
    cause: Cause,
}

/// What a candidate is made of; the reason depends on what it explains.
enum Cause {
    ByHand,
    Unbans,
    Plain(Reason),
}

/// An address whose bans differ.
pub(super) struct Case<'a> {
    pub(super) id: AddressId,
    pub(super) settings: &'a Settings,
    pub(super) purge_age: f64,
    /// Its failures in the log.
    pub(super) tickets: &'a [Ticket],
    /// The entry by which they do not count now.
    pub(super) ignored_by: Option<&'a str>,
    pub(super) sightings: &'a Sightings,
    /// Its events in the record.
    pub(super) events: &'a [Event],
    pub(super) actual: &'a [Actual],
    pub(super) jail: &'a JailFacts,
}

/// What is known of a jail and its record.
pub(super) struct JailFacts {
    /// The record tells of failures.
    pub(super) complete: bool,
    pub(super) downs: Vec<Down>,
    pub(super) settings: Vec<OtherSetting>,
    /// Ends of logs that were rotated before they were read.
    pub(super) tails: Vec<Tail>,
    /// Which times are compared.
    pub(super) window: (f64, f64),
}

/// The end of a log, behind the last failure that the server noted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    /// The log.
    pub(super) log: u32,
    /// Behind this line.
    pub(super) behind: u32,
    /// From this time on, epoch seconds.
    pub(super) from: f64,
    /// The first line of the next log.
    pub(super) next: Place,
}

/// What differs: a ban of one side, by its time in milliseconds.
type Key = (Side, i64);

/// How much of the work of explanations is left: failures that are replayed.
pub(super) struct Budget(pub(super) u64);

impl Case<'_> {
    /// The deviations that are left where these candidates hold.
    fn differing(&self, applied: &[&Candidate], budget: &mut Budget) -> BTreeSet<Key> {
        let bans = self.replay(applied, budget);
        let times: Vec<f64> = bans.iter().map(|ban| ban.time).collect();
        self.keys(&times)
    }

    /// What differs where the rules lead to bans at these times.
    pub(super) fn keys(&self, times: &[f64]) -> BTreeSet<Key> {
        let aligned = align(times, self.actual);
        let (first, last) = self.jail.window;
        let inside = |time: f64| (first..=last).contains(&time);
        let missing = aligned.missing.iter().map(|at| (Side::Missing, times[*at]));
        let extra = aligned.extra.iter().map(|at| &self.actual[*at]);
        let extra = extra.filter(|ban| !self.began_before(ban, first));
        let extra = extra.map(|ban| (Side::Extra, ban.logged));
        let all = missing.chain(extra).filter(|(_, time)| inside(*time));
        all.map(|(side, time)| (side, millis(time))).collect()
    }

    /// Whether failures that led to a ban are perhaps older than what is compared.
    fn began_before(&self, ban: &Actual, first: f64) -> bool {
        let begin = ban.from - self.settings.findtime;
        if ban.by_hand == Some(true) || begin >= first {
            return false;
        }
        let older = |event: &Event| {
            let time = event.told.unwrap_or(event.time);
            event.kind == Kind::Found && (begin..first).contains(&time)
        };
        ban.from < first || !self.jail.complete || self.events.iter().any(older)
    }

    fn replay(&self, applied: &[&Candidate], budget: &mut Budget) -> Vec<Outcome> {
        let ignored = self.ignored_by.is_some() && !applied.iter().any(|one| one.restore);
        let mut steps: Vec<(f64, Step)> = Vec::new();
        if !ignored {
            let mut kept = vec![true; self.tickets.len()];
            for at in applied.iter().flat_map(|one| &one.drop) {
                kept[*at] = false;
            }
            let tickets = self.tickets.iter().zip(&self.sightings.noted).zip(kept);
            steps.extend(
                tickets
                    .filter(|(_, kept)| *kept)
                    .map(|((ticket, noted), _)| {
                        let read = noted.map_or(ticket.time, |(time, _)| time);
                        (read, Step::Failure(*ticket))
                    }),
            );
        }
        steps.extend(applied.iter().flat_map(|one| one.steps.iter().copied()));
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        budget.0 = budget.0.saturating_sub(steps.len() as u64 + 1);
        course::run(self.id, self.settings, self.purge_age, &steps)
    }

    /// The reasons of what differs, where the rules lead to bans at `times`.
    pub(super) fn explain(&self, times: &[f64], budget: &mut Budget) -> Vec<(Key, Reason)> {
        let all = self.keys(times);
        let mut reasons: Vec<(Key, Reason)> = Vec::new();
        let candidates = self.candidates();
        let plain = self.replay(&[], budget);
        let mut left: BTreeSet<Key> = self.differing(&[], budget);
        // what this replay of one address does not have is none of its matter
        left.retain(|key| all.contains(key));
        let mut applied: Vec<&Candidate> = Vec::new();
        let mut open: Vec<&Candidate> = candidates.iter().collect();
        while !left.is_empty() && budget.0 > 0 {
            let better = open.iter().position(|candidate| {
                let with: Vec<&Candidate> = applied.iter().copied().chain([*candidate]).collect();
                let rest = self.differing(&with, budget);
                rest.len() < left.len() && rest.is_subset(&left)
            });
            let Some(at) = better else { break };
            let candidate = open.remove(at);
            applied.push(candidate);
            let rest = self.differing(&applied, budget);
            for key in left.difference(&rest) {
                reasons.push((*key, self.reason(candidate, *key, &plain)));
            }
            left = rest;
        }
        let explained: BTreeSet<Key> = reasons.iter().map(|(key, _)| *key).collect();
        let rest = all.difference(&explained);
        reasons.extend(rest.map(|key| (*key, Reason::Unexplained)));
        reasons.sort_by_key(|(key, _)| (key.1, key.0));
        reasons
    }

    /// What a candidate is the reason of, where a deviation is gone with it.
    fn reason(&self, candidate: &Candidate, (side, time): Key, plain: &[Outcome]) -> Reason {
        let time = time as f64 / 1000.0;
        let before = |event: &&Event| event.time <= time + 1.0;
        match &candidate.cause {
            Cause::Plain(reason) => reason.clone(),
            Cause::ByHand => {
                let hand = |ban: &&Actual| ban.by_hand == Some(true);
                let ban = self
                    .actual
                    .iter()
                    .filter(hand)
                    .rfind(|ban| ban.logged <= time + 1.0);
                match ban {
                    Some(ban) if side == Side::Extra && millis(ban.logged) == millis(time) => {
                        Reason::ByHand
                    }
                    Some(ban) => Reason::BannedByHand(ban.place),
                    None => Reason::Unexplained,
                }
            }
            Cause::Unbans => {
                let unbans = self.events.iter().filter(|event| event.kind == Kind::Unban);
                let Some(unban) = unbans.filter(before).last() else {
                    return Reason::Unexplained;
                };
                let covers = |ban: &&Outcome| ban.time <= unban.time;
                let early = plain.iter().rev().find(covers);
                if early.is_some_and(|ban| unban.time < ban.end - EARLY) {
                    Reason::LiftedByHand(unban.place)
                } else {
                    Reason::EndedMeanwhile(unban.place)
                }
            }
        }
    }

    /// All that the record tells of the address, the surest first.
    fn candidates(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        if let Some(entry) = self.ignored_by {
            all.push(Candidate {
                restore: true,
                ..Candidate::plain(Reason::IgnoredNow(entry.to_owned()))
            });
        }
        self.by_hand(&mut all);
        self.ignored(&mut all);
        for setting in &self.jail.settings {
            if !self.has_failure(setting.from - self.settings.findtime, setting.until) {
                continue;
            }
            let back = (setting.until, Step::Set(setting.rule, setting.now));
            let mut steps = vec![(setting.from, Step::Set(setting.rule, setting.then))];
            steps.extend(setting.until.is_finite().then_some(back));
            all.push(Candidate {
                steps,
                ..Candidate::plain(Reason::Setting(*setting))
            });
        }
        self.down(&mut all);
        self.rotated(&mut all);
        self.fewer(&mut all);
        self.strangers(&mut all);
        all
    }

    fn has_failure(&self, from: f64, until: f64) -> bool {
        let first = self.tickets.partition_point(|ticket| ticket.time < from);
        (self.tickets.get(first)).is_some_and(|ticket| ticket.time <= until)
    }

    /// Bans and unbans that no rule leads to.
    fn by_hand(&self, all: &mut Vec<Candidate>) {
        let bans = self.actual.iter().filter(|ban| ban.by_hand == Some(true));
        let bans: Vec<(f64, Step)> = bans.map(|ban| (ban.logged, Step::Ban)).collect();
        let unbans = self.events.iter().filter(|event| event.kind == Kind::Unban);
        let unbans: Vec<(f64, Step)> = unbans.map(|event| (event.time, Step::Lift)).collect();
        for (steps, cause) in [(bans, Cause::ByHand), (unbans, Cause::Unbans)] {
            if !steps.is_empty() {
                all.push(Candidate {
                    steps,
                    cause,
                    ..Candidate::plain(Reason::Unexplained)
                });
            }
        }
    }

    /// Failures that the server ignored.
    fn ignored(&self, all: &mut Vec<Candidate>) {
        let mut lines = self
            .events
            .iter()
            .filter(|event| event.kind == Kind::Ignore);
        let Some(first) = lines.clone().next() else {
            return;
        };
        let mut drop = Vec::new();
        let mut line = lines.next();
        for at in self.unnoted() {
            let time = self.tickets[at].time;
            // a line is read within a minute
            while line.is_some_and(|event| event.time < time - 1.0) {
                line = lines.next();
            }
            if line.is_some_and(|event| event.time <= time + READ_LATENCY) {
                drop.push(at);
                line = lines.next();
            }
        }
        all.push(Candidate {
            drop,
            ..Candidate::plain(Reason::IgnoredThen(first.place))
        });
    }

    /// Failures of the log that the server has not noted.
    fn unnoted(&self) -> impl Iterator<Item = usize> {
        let noted = self.sightings.noted.iter().enumerate();
        noted.filter(|(_, noted)| noted.is_none()).map(|(at, _)| at)
    }

    /// What was logged while the server did not run, and counts it lost.
    fn down(&self, all: &mut Vec<Candidate>) {
        for down in &self.jail.downs {
            let findtime = self.settings.findtime;
            if !self.has_failure(down.from - findtime, down.until + findtime) {
                continue;
            }
            let missed = |at: &usize| {
                let time = self.tickets[*at].time;
                if self.jail.complete {
                    // the last lines before the end are read after the start
                    (down.from - STOPPING..=down.until).contains(&time)
                } else {
                    down.from <= time && time < down.until - findtime
                }
            };
            let drop: Vec<usize> = self.unnoted().filter(missed).collect();
            let mut steps = self.lost_bans(down);
            if down.until.is_finite() {
                steps.push((down.until, Step::Restart));
            }
            // lines that are read again
            let again = self.sightings.others.iter().filter(|event| {
                let told = event.told.unwrap_or(event.time);
                event.time >= down.until && told < down.until && self.has_failure(told, told)
            });
            steps.extend(again.map(|event| (event.time, self.failure(event))));
            let reason = if drop.is_empty() {
                Reason::Restarted(*down)
            } else {
                Reason::Down(*down)
            };
            all.push(Candidate {
                drop,
                steps,
                ..Candidate::plain(reason)
            });
        }
    }

    /// Bans that were lifted at the end of the server and not restored.
    fn lost_bans(&self, down: &Down) -> Vec<(f64, Step)> {
        let restored = self.events.iter().any(|event| {
            event.kind == Kind::Restore
                && (down.from..down.until + READ_LATENCY).contains(&event.time)
        });
        let repealed = (self.events.iter()).find(|event| {
            event.kind == Kind::Repeal && (down.from - STOPPING..=down.from).contains(&event.time)
        });
        let lost = repealed.filter(|_| !restored);
        lost.map(|event| (event.time, Step::Lift))
            .into_iter()
            .collect()
    }

    fn failure(&self, event: &Event) -> Step {
        Step::Failure(Ticket {
            id: self.id,
            time: event.told.unwrap_or(event.time),
            attempts: 0,
            place: event.place,
        })
    }

    /// The last lines of a log that was rotated.
    fn rotated(&self, all: &mut Vec<Candidate>) {
        for tail in &self.jail.tails {
            let in_tail = |at: &usize| {
                let ticket = &self.tickets[*at];
                ticket.place.log == tail.log
                    && ticket.place.line > tail.behind
                    && ticket.time >= tail.from
            };
            let drop: Vec<usize> = self.unnoted().filter(in_tail).collect();
            if !drop.is_empty() {
                all.push(Candidate {
                    drop,
                    ..Candidate::plain(Reason::Rotated(tail.next))
                });
            }
        }
    }

    /// Bans after fewer failures than the rules ask for, or of another length.
    fn fewer(&self, all: &mut Vec<Candidate>) {
        if self.settings.increment.is_some() {
            return;
        }
        // by what an option was then: the first and the last ban
        let mut retries: BTreeMap<i64, (&Actual, &Actual)> = BTreeMap::new();
        let mut bantimes: BTreeMap<i64, (&Actual, &Actual)> = BTreeMap::new();
        let now = self.settings.maxretry;
        for ban in self.actual {
            let noted = i64::try_from(ban.noted).ok().filter(|_| self.jail.complete);
            let then = ban.row.and_then(|row| row.failures).or(noted);
            if let Some(then) = then.filter(|then| (1..now).contains(then)) {
                retries.entry(then).or_insert((ban, ban)).1 = ban;
            }
            let bantime = ban.row.and_then(|row| row.bantime);
            if let Some(then) = bantime.filter(|then| *then != self.settings.bantime.trunc()) {
                bantimes.entry(then as i64).or_insert((ban, ban)).1 = ban;
            }
        }
        let findtime = self.settings.findtime;
        for (then, (first, last)) in retries {
            let set = |value: i64| Step::Set(Rule::MaxRetry, value as f64);
            let steps = vec![(first.from - findtime, set(then)), (last.logged, set(now))];
            all.push(Candidate {
                steps,
                ..Candidate::plain(Reason::FewerFailures { then, now })
            });
        }
        for (then, (first, _)) in bantimes {
            let setting = OtherSetting {
                rule: Rule::BanTime,
                then: then as f64,
                now: self.settings.bantime,
                from: first.from - 1.0,
                until: f64::INFINITY,
                place: first.place,
            };
            all.push(Candidate {
                steps: vec![(setting.from, Step::Set(Rule::BanTime, setting.then))],
                ..Candidate::plain(Reason::Setting(setting))
            });
        }
    }

    /// What only one side has of the failures.
    fn strangers(&self, all: &mut Vec<Candidate>) {
        if let Some(first) = self.sightings.others.first() {
            let others = self.sightings.others.iter();
            all.push(Candidate {
                steps: others
                    .map(|event| (event.time, self.failure(event)))
                    .collect(),
                ..Candidate::plain(Reason::OnlyServer(first.place))
            });
        }
        if self.jail.complete {
            all.push(Candidate {
                drop: self.unnoted().collect(),
                ..Candidate::plain(Reason::NotNoted)
            });
        }
    }
}

impl Candidate {
    fn plain(reason: Reason) -> Candidate {
        Candidate {
            drop: Vec::new(),
            restore: false,
            steps: Vec::new(),
            cause: Cause::Plain(reason),
        }
    }
}

/// A server reads a line within so many seconds.
const READ_LATENCY: f64 = 60.0;

/// So many seconds before its end a server may read no more.
const STOPPING: f64 = 10.0;

/// A ban lifted more than so many seconds before its end was lifted by hand.
const EARLY: f64 = 2.0;

pub(super) fn millis(time: f64) -> i64 {
    (time * 1000.0).round() as i64
}
