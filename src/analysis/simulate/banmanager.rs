//! Who is banned until when: upstream's `BanManager` and `BanTicket`.

use super::{AddressId, Failures};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A ban: the failures that led to it, and how long it lasts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ban {
    /// The failures; the ban begins with the last of them.
    pub(crate) failures: Failures,
    /// Seconds from there, -1 for ever; None: the jail's bantime.
    pub(crate) ban_time: Option<f64>,
}

impl Ban {
    /// When it ends, epoch seconds; infinite for a permanent ban.
    pub(crate) fn end(&self, bantime: f64) -> f64 {
        match self.ban_time.unwrap_or(bantime) {
            -1.0 => f64::INFINITY,
            seconds => self.failures.time + seconds,
        }
    }
}

/// What became of failures that reached maxretry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddBan {
    /// The address is banned now.
    Banned,
    /// It was already; its ban may have become longer.
    Already,
    /// The ban would have ended before now.
    Expired,
}

/// An end of a ban in order of time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End(f64, AddressId);

impl Eq for End {}

impl Ord for End {
    fn cmp(&self, other: &End) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &End) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The bans of one jail.
#[derive(Clone, Debug)]
pub(crate) struct BanManager {
    bantime: f64,
    /// By the number of the address: looked at for every failure.
    bans: Vec<Option<Box<Ban>>>,
    /// Every end a ban has had; those that are no longer a ban's are passed over.
    ends: BinaryHeap<Reverse<End>>,
    /// Before this moment upstream does not look for bans that have ended. It is not told
    /// when `bantime.maxtime` makes a ban shorter: such a ban is lifted late.
    next_lift: f64,
}

impl BanManager {
    /// Nobody banned yet. `bantime` in seconds, -1 for ever; a fraction is cut off, as in
    /// `BanManager.setBanTime`.
    pub(crate) fn new(bantime: f64) -> BanManager {
        BanManager {
            bantime: bantime.trunc(),
            bans: Vec::new(),
            ends: BinaryHeap::new(),
            next_lift: f64::INFINITY,
        }
    }

    /// Sets the bantime, of bans without one of their own too (`BanManager.setBanTime`).
    pub(crate) fn change(&mut self, bantime: f64) {
        self.bantime = bantime.trunc();
        let bans = self.bans.iter().flatten();
        self.ends =
            (bans.map(|ban| Reverse(End(ban.end(self.bantime), ban.failures.id)))).collect();
        let first = self.ends.peek();
        self.next_lift = first.map_or(f64::INFINITY, |Reverse(End(end, _))| *end);
    }

    /// Lifts the ban of an address, whenever it ends.
    pub(crate) fn remove(&mut self, id: AddressId) {
        if let Some(ban) = self.bans.get_mut(id.index()) {
            *ban = None;
        }
    }

    /// The jail's bantime, whole seconds.
    pub(crate) fn bantime(&self) -> f64 {
        self.bantime
    }

    /// The ban of an address, if it is banned.
    pub(crate) fn get(&self, id: AddressId) -> Option<&Ban> {
        self.bans.get(id.index())?.as_deref()
    }

    /// The ban of an address, to be changed; tell [`BanManager::moved`] of a new end.
    pub(crate) fn get_mut(&mut self, id: AddressId) -> Option<&mut Ban> {
        self.bans.get_mut(id.index())?.as_deref_mut()
    }

    /// Notes that a ban's end has changed.
    pub(crate) fn moved(&mut self, id: AddressId) {
        if let Some(ban) = self.get(id) {
            self.ends.push(Reverse(End(ban.end(self.bantime), id)));
        }
    }

    /// Bans, unless the address is banned (`BanManager.addBanTicket`): then a later end of
    /// the new ban becomes that of the old one.
    pub(crate) fn add(&mut self, failures: Failures, now: f64) -> AddBan {
        let new = Ban {
            failures,
            ban_time: None,
        };
        let end = new.end(self.bantime);
        if end < now {
            return AddBan::Expired;
        }
        let id = new.failures.id;
        if self.bans.len() <= id.index() {
            self.bans.resize(id.index() + 1, None);
        }
        let Some(old) = &mut self.bans[id.index()] else {
            let mut new = new;
            new.failures.ban_count += 1;
            self.bans[id.index()] = Some(Box::new(new));
            self.moved(id);
            self.next_lift = self.next_lift.min(end);
            return AddBan::Banned;
        };
        if end > old.end(self.bantime) {
            let mut seconds = self.bantime;
            if seconds != -1.0 {
                seconds += (new.failures.time - old.failures.time).max(0.0);
            }
            old.ban_time = Some(seconds);
            self.moved(id);
        }
        AddBan::Already
    }

    /// Lifts the bans that ended before `now` (`BanManager.unBanList`).
    pub(crate) fn lift(&mut self, now: f64) -> Vec<Ban> {
        let mut lifted = Vec::new();
        if self.next_lift > now {
            return lifted;
        }
        self.next_lift = f64::INFINITY;
        while let Some(Reverse(End(end, id))) = self.ends.peek().copied() {
            let current = self.get(id).is_some_and(|ban| ban.end(self.bantime) == end);
            if current && end >= now {
                self.next_lift = end;
                break;
            }
            self.ends.pop();
            if current && let Some(ban) = self.bans[id.index()].take() {
                lifted.push(*ban);
            }
        }
        lifted
    }
}
