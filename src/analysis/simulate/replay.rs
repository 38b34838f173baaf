//! Failures in order of time through one or several jails: the bans, and per address how
//! near it came to one.

use super::jail::{Event, JailState, Settings};
use super::{AddressId, BanHistory, Place, Ticket, Tickets};
use std::collections::VecDeque;

/// A jail and its failures.
#[derive(Clone, Debug)]
pub(crate) struct JailInput<'a> {
    /// The rules.
    pub(crate) settings: Settings,
    /// The failures, in order of time.
    pub(crate) tickets: &'a Tickets,
}

/// A ban as it came about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BanRecord {
    /// Index of the jail.
    pub(crate) jail: usize,
    /// Who.
    pub(crate) id: AddressId,
    /// When, epoch seconds.
    pub(crate) time: f64,
    /// Its end, epoch seconds; infinite for a permanent ban. Where the address goes on
    /// failing and the ban becomes longer, the last end.
    pub(crate) end: f64,
    /// The how many-eth ban of the address it is.
    pub(crate) count: i64,
    /// Failures that led to it.
    pub(crate) attempts: i64,
    /// The last lines of them, at most maxmatches.
    pub(crate) lines: Vec<Place>,
    /// Failures of the address while it was banned: what the ban would have stopped.
    pub(crate) prevented: u64,
    /// How often it reached maxretry again meanwhile ("already banned").
    pub(crate) again: u64,
}

/// What is known of an address in a jail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tally {
    /// Its failures.
    pub(crate) hits: u64,
    /// Those while it was banned.
    pub(crate) prevented: u64,
    /// Its bans.
    pub(crate) bans: u64,
    /// First failure, epoch seconds.
    pub(crate) first: f64,
    /// Last failure, epoch seconds.
    pub(crate) last: f64,
    /// The highest count it reached outside of a ban.
    pub(crate) peak: i64,
    /// When it first did.
    pub(crate) peak_time: f64,
    /// Its last ban in [`Replay::bans`].
    last_ban: Option<u32>,
}

/// What a replay shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replay {
    /// All bans in order of time.
    pub(crate) bans: Vec<BanRecord>,
    /// By jail, then by the number of the address.
    pub(crate) tallies: Vec<Vec<Option<Tally>>>,
    /// Failures that bans themselves were for other jails, per jail (`recidive`).
    pub(crate) fed: Vec<Tickets>,
    /// Whether the address was banned then, per jail of each failure.
    pub(crate) stopped: Vec<Vec<bool>>,
}

impl Replay {
    /// The addresses of a jail with their tallies, in order of appearance.
    pub(crate) fn addresses(&self, jail: usize) -> impl Iterator<Item = (AddressId, &Tally)> {
        let tallies = self.tallies.get(jail).into_iter().flatten();
        tallies
            .zip(0..)
            .filter_map(|(tally, id)| Some((AddressId(id), tally.as_ref()?)))
    }
}

struct Player {
    jails: Vec<JailState>,
    history: BanHistory,
    replay: Replay,
}

/// Replays the failures of all jails together, the earliest first.
///
/// `purge_age` is the database's, in seconds. `on_ban` hears of every ban and answers with
/// the failures it is for other jails, by their index: the log lines `recidive` reads.
pub(crate) fn replay(
    inputs: &[JailInput],
    purge_age: f64,
    mut on_ban: impl FnMut(&BanRecord) -> Vec<(usize, Ticket)>,
) -> Replay {
    let jails = inputs.iter().enumerate();
    let mut player = Player {
        jails: jails
            .map(|(n, input)| JailState::new(n, input.settings.clone()))
            .collect(),
        history: BanHistory::new(purge_age),
        replay: Replay {
            tallies: vec![Vec::new(); inputs.len()],
            fed: vec![Tickets::default(); inputs.len()],
            stopped: vec![Vec::new(); inputs.len()],
            ..Replay::default()
        },
    };
    let all = inputs.iter().map(|input| input.tickets.iter().peekable());
    let mut all: Vec<_> = all.collect();
    let mut queue = VecDeque::new();
    loop {
        let ahead = all.iter_mut().enumerate();
        let ahead = ahead.filter_map(|(jail, tickets)| Some((jail, tickets.peek()?.time)));
        let earliest = ahead.min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((jail, ticket)) = earliest.and_then(|(jail, _)| Some((jail, all[jail].next()?)))
        else {
            return player.replay;
        };
        queue.push_back((jail, ticket));
        while let Some((jail, ticket)) = queue.pop_front() {
            let Some(ban) = player.feed(jail, &ticket) else {
                continue;
            };
            for (jail, ticket) in on_ban(&player.replay.bans[ban]) {
                player.replay.fed[jail].push(ticket.id, ticket.time, ticket.place);
                queue.push_back((jail, ticket));
            }
        }
    }
}

impl Player {
    /// Feeds one failure; returns the ban it led to.
    fn feed(&mut self, jail: usize, ticket: &Ticket) -> Option<usize> {
        let bans = &mut self.replay.bans;
        let tallies = &mut self.replay.tallies[jail];
        let at = ticket.id.index();
        if tallies.len() <= at {
            tallies.resize(at + 1, None);
        }
        let tally = tallies[at].get_or_insert(Tally {
            hits: 0,
            prevented: 0,
            bans: 0,
            first: ticket.time,
            last: ticket.time,
            peak: 0,
            peak_time: ticket.time,
            last_ban: None,
        });
        let mut banned = None;
        let taken = self.jails[jail].feed(ticket, &mut self.history, |manager, event| {
            let id = ticket.id;
            let Some(ban) = manager.get(id) else { return };
            let end = ban.end(manager.bantime());
            match event {
                Event::Ban(_) => {
                    banned = Some(bans.len());
                    bans.push(BanRecord {
                        jail,
                        id,
                        time: ban.failures.time,
                        end,
                        count: ban.failures.ban_count,
                        attempts: ban.failures.attempts,
                        lines: ban.failures.matches.to_vec(),
                        prevented: 0,
                        again: 0,
                    });
                }
                Event::JournalRetry(_) => {
                    if let Some(record) = tally.last_ban.and_then(|at| bans.get_mut(at as usize)) {
                        record.end = end;
                        record.again += 1;
                    }
                }
                Event::Expired(_) => {}
            }
        });
        tally.hits += 1;
        tally.last = tally.last.max(ticket.time);
        self.replay.stopped[jail].push(taken.banned);
        if taken.banned {
            tally.prevented += 1;
            if let Some(record) = tally.last_ban.and_then(|at| bans.get_mut(at as usize)) {
                record.prevented += 1;
            }
        } else if taken.retry > tally.peak {
            tally.peak = taken.retry;
            tally.peak_time = ticket.time;
        }
        if let Some(at) = banned {
            tally.bans += 1;
            tally.last_ban = u32::try_from(at).ok();
        }
        banned
    }
}
