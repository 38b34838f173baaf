//! One jail at work: its fail manager, its ban manager and the observer between them, fed
//! failure by failure (upstream's `Filter.processLineAndAdd`, `Actions.__checkBan` and
//! `ObserverThread`).
//!
//! A server leaves some order to chance: threads, and how often they wake. Here it is
//! settled, as in the recordings the tests compare with (tools/record_simulate.py): the
//! filter forgets old failures in the last whole second before a failure, bans that have
//! ended are lifted at the failure's time, and observer events are handled at once.

use super::banmanager::AddBan;
use super::{AddressId, BanHistory, BanIncrement, BanManager, FailManager, Failures, Ticket};

/// The options of a jail that decide on bans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Failures that lead to a ban.
    pub(crate) maxretry: i64,
    /// Seconds in which they must happen.
    pub(crate) findtime: f64,
    /// Lines remembered with a ban.
    pub(crate) maxmatches: usize,
    /// Seconds a ban lasts; -1 for ever.
    pub(crate) bantime: f64,
    /// `bantime.increment`, if on.
    pub(crate) increment: Option<BanIncrement>,
    /// A banned address is out of the game: its lines neither count nor make the ban
    /// longer. Off: every line counts, as for a server that sees this log.
    pub(crate) blocking: bool,
}

impl Default for Settings {
    /// The values of fail2ban's stock jail.conf.
    fn default() -> Settings {
        Settings {
            maxretry: 5,
            findtime: 600.0,
            maxmatches: 5,
            bantime: 600.0,
            increment: None,
            blocking: false,
        }
    }
}

/// What a failure led to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A ban; [`JailState::bans`] has it.
    Ban(AddressId),
    /// Enough failures again of an address that is banned ("already banned").
    JournalRetry(AddressId),
    /// A ban that would have been over before it began.
    Expired(AddressId),
}

/// How a failure was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The address was banned at that time: a ban that works had kept the failure away.
    pub(crate) banned: bool,
    /// The address's count with this failure; 0 where it was not counted.
    pub(crate) retry: i64,
}

/// A jail at work.
#[derive(Clone, Debug)]
pub(crate) struct JailState {
    number: usize,
    settings: Settings,
    fails: FailManager,
    bans: BanManager,
}

impl JailState {
    /// A fresh jail; `number` tells it from the other jails of the same history.
    pub(crate) fn new(number: usize, settings: Settings) -> JailState {
        JailState {
            number,
            fails: FailManager::new(settings.maxretry, settings.findtime, settings.maxmatches),
            bans: BanManager::new(settings.bantime),
            settings,
        }
    }

    /// The failures that are counted.
    #[cfg(test)]
    pub(crate) fn fails(&self) -> &FailManager {
        &self.fails
    }

    /// The bans in force.
    #[cfg(test)]
    pub(crate) fn bans(&self) -> &BanManager {
        &self.bans
    }

    /// Lifts the bans that ended before `now`.
    #[cfg(test)]
    pub(crate) fn lift(&mut self, now: f64) -> Vec<super::banmanager::Ban> {
        self.bans.lift(now)
    }

    /// The server has started anew: what it had counted is forgotten.
    pub(crate) fn restart(&mut self) {
        let settings = &self.settings;
        self.fails = FailManager::new(settings.maxretry, settings.findtime, settings.maxmatches);
    }

    /// Changes an option while the jail runs; what is counted stays.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        let settings = &self.settings;
        self.fails.change(settings.maxretry, settings.findtime);
        self.bans.change(settings.bantime);
    }

    /// Bans an address by hand (`Actions.addBannedIP`); the end of the ban, None where it is
    /// banned already.
    pub(crate) fn ban(
        &mut self,
        id: AddressId,
        time: f64,
        history: &mut BanHistory,
    ) -> Option<f64> {
        self.bans.lift(time);
        if self.bans.add(Failures::none(id, time), time) != AddBan::Banned {
            return None;
        }
        self.observe_ban(id, time, history);
        let bantime = self.bans.bantime();
        self.bans.get(id).map(|ban| ban.end(bantime))
    }

    /// Until when an address is banned, epoch seconds.
    pub(crate) fn banned_until(&self, id: AddressId) -> Option<f64> {
        self.bans.get(id).map(|ban| ban.end(self.bans.bantime()))
    }

    /// Lifts a ban before its end.
    pub(crate) fn unban(&mut self, id: AddressId) {
        self.bans.remove(id);
    }

    /// Takes a failure; it must not be older than the one before. `tell` hears what it
    /// leads to, with this jail's bans as they are then.
    pub(crate) fn feed(
        &mut self,
        ticket: &Ticket,
        history: &mut BanHistory,
        mut tell: impl FnMut(&BanManager, Event),
    ) -> Taken {
        self.fails.cleanup(ticket.time.ceil() - 1.0);
        self.bans.lift(ticket.time);
        let banned = self.bans.get(ticket.id).is_some();
        if banned && self.settings.blocking {
            return Taken { banned, retry: 0 };
        }
        let added = self.fails.add(ticket);
        let mut taken = Taken {
            banned,
            retry: added.retry,
        };
        let mut ready = None;
        if added.retry >= self.settings.maxretry {
            ready = self.fails.take_ban(ticket.id);
        }
        if self.settings.increment.is_some() && ready.is_none() {
            let observed = self.observe_failure(ticket, added.opened, history);
            taken.retry = observed.unwrap_or(taken.retry);
            if observed.is_some_and(|retry| retry >= self.settings.maxretry) {
                ready = self.fails.take_ban(ticket.id);
            }
        }
        if let Some(failures) = ready {
            let id = failures.id;
            let event = match self.bans.add(failures, ticket.time) {
                AddBan::Banned => {
                    self.observe_ban(id, ticket.time, history);
                    Event::Ban(id)
                }
                AddBan::Already => Event::JournalRetry(id),
                AddBan::Expired => Event::Expired(id),
            };
            tell(&self.bans, event);
        }
        taken
    }

    /// Counts failures of known offenders several times (`ObserverThread.failureFound`): 2
    /// for one ban before, then 3, 5, 9. Returns the count then, if it changed. After a ban
    /// by the failure itself upstream's observer finds nothing to count.
    fn observe_failure(
        &mut self,
        ticket: &Ticket,
        opened: bool,
        history: &mut BanHistory,
    ) -> Option<i64> {
        let known = history.known(ticket.id, Some(self.number), ticket.time)?;
        let count = (1 << known.count.clamp(0, 20)) / 2 + 1;
        let count = count.min(self.settings.maxretry);
        if ticket.time <= known.time || count <= 1 {
            return None;
        }
        let retry = self.fails.add_observed(ticket, count - 1, opened)?;
        // the entry is the ticket itself only where the ticket opened it
        if opened && let Some(failures) = self.fails.get(ticket.id) {
            failures.ban_count = failures.ban_count.max(known.count);
        }
        Some(retry)
    }

    /// Makes the ban of a known offender longer and remembers it
    /// (`ObserverThread.banFound`, `incrBanTime`).
    fn observe_ban(&mut self, id: AddressId, now: f64, history: &mut BanHistory) {
        let bantime = self.bans.bantime();
        let Some(ban) = self.bans.get_mut(id) else {
            return;
        };
        let mut time = bantime;
        let mut restored = false;
        if bantime > 0.0
            && let Some(increment) = &self.settings.increment
        {
            let jail = (!increment.overall_jails).then_some(self.number);
            if let Some(known) = history.known(id, jail, now) {
                if known.count >= ban.failures.ban_count {
                    ban.failures.ban_count = known.count + 1;
                }
                if known.count > 0 {
                    time = increment.ban_time(bantime, known.count).unwrap_or(bantime);
                }
                ban.ban_time = Some(time);
                restored = ban.failures.time <= known.time;
            }
        }
        let began = ban.failures.time;
        let count = ban.failures.ban_count;
        self.bans.moved(id);
        if !restored && (time == -1.0 || began + time >= now) {
            history.add(id, self.number, began, time, count);
        }
    }
}
