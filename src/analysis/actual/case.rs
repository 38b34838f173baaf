//! An address whose bans are not those of the rules, and all that the record tells of it that may be
//! the reason: what each would change in a replay of its failures.

use super::align::Actual;
use super::course::Step;
use super::reason::Reason;
use super::record::{Event, Kind, Rule};
use super::runs::{Down, OtherSetting, RulesOverTime};
use super::sighting::Sightings;
use crate::analysis::simulate::{AddressId, Place, Settings, Ticket};
use std::collections::BTreeMap;

/// A change of what is replayed, and what it is the reason of.
pub(super) struct Candidate {
    /// Failures of the log that the server did not take, by their number.
    pub(super) drop: Vec<usize>,
    /// Those that it took and the rules do not.
    pub(super) restore: bool,
    /// What else happened.
    pub(super) steps: Vec<(f64, Step)>,
    pub(super) cause: Cause,
}

/// What a candidate is made of; the reason depends on what it explains.
pub(super) enum Cause {
    ByHand,
    Unbans,
    Plain(Reason),
}

/// How much of the work of explanations is left: failures that are replayed, and facts looked at.
pub(super) struct Budget(u64);

impl Budget {
    pub(super) fn new(work: u64) -> Budget {
        Budget(work)
    }

    pub(super) fn spend(&mut self, work: u64) {
        self.0 = self.0.saturating_sub(work);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }
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
    /// Failures of host names, which are not resolved, are left out.
    pub(super) names: bool,
    pub(super) downs: Vec<Down>,
    pub(super) settings: Vec<OtherSetting>,
    pub(super) rules: RulesOverTime,
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

impl Case<'_> {
    /// All that the record tells of the address, the surest first.
    pub(super) fn candidates(&self, budget: &mut Budget) -> Vec<Candidate> {
        let mut all = Vec::new();
        let facts = self.jail.downs.len() + self.jail.settings.len() + self.jail.tails.len();
        budget.spend(facts as u64);
        if let Some(entry) = self.ignored_by {
            all.push(Candidate {
                restore: true,
                ..Candidate::plain(Reason::IgnoredNow(entry.to_owned()))
            });
        }
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
        self.by_hand(&mut all);
        self.ignored(&mut all);
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
        let mut retries: BTreeMap<(i64, bool), (&Actual, &Actual)> = BTreeMap::new();
        let mut bantimes: BTreeMap<i64, (&Actual, &Actual)> = BTreeMap::new();
        let now = self.settings.maxretry;
        for ban in self.actual {
            let noted = i64::try_from(ban.noted)
                .ok()
                .filter(|_| ban.by_hand == Some(false));
            let of_row = ban.row.and_then(|row| row.failures);
            if let Some(then) = of_row.or(noted).filter(|then| (1..now).contains(then)) {
                retries
                    .entry((then, of_row.is_some()))
                    .or_insert((ban, ban))
                    .1 = ban;
            }
            let bantime = ban.row.and_then(|row| row.bantime);
            if let Some(then) = bantime.filter(|then| *then != self.settings.bantime.trunc()) {
                bantimes.entry(then as i64).or_insert((ban, ban)).1 = ban;
            }
        }
        let findtime = self.settings.findtime;
        for ((then, sure), (first, last)) in retries {
            let set = |value: i64| Step::Set(Rule::MaxRetry, value as f64);
            let steps = vec![(first.from - findtime, set(then)), (last.logged, set(now))];
            all.push(Candidate {
                steps,
                ..Candidate::plain(Reason::FewerFailures { then, now, sure })
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
        let others = &self.sightings.others;
        let unnoted: Vec<usize> = self.unnoted().collect();
        let steps = others.iter().map(|event| (event.time, self.failure(event)));
        let steps: Vec<(f64, Step)> = steps.collect();
        match (others.first(), unnoted.first()) {
            (Some(event), None) => all.push(Candidate {
                steps,
                ..Candidate::plain(Reason::OnlyServer {
                    first: event.place,
                    names: self.jail.names,
                })
            }),
            (None, Some(_)) if self.jail.complete => all.push(Candidate {
                drop: unnoted,
                ..Candidate::plain(Reason::NotNoted)
            }),
            // as many on both sides: a line that is more than a minute off is taken for one of now
            (Some(event), Some(at)) if others.len() == unnoted.len() => {
                let offset = event.told.unwrap_or(event.time) - self.tickets[*at].time;
                if offset.abs() > READ_LATENCY {
                    all.push(Candidate {
                        drop: unnoted,
                        steps,
                        ..Candidate::plain(Reason::Clock(offset))
                    });
                }
            }
            _ => {}
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
