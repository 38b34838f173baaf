//! Sessions: lines that share an `<F-MLFID>` are one failure (upstream's `_mergeFailure`).
//!
//! Holds the last 100 sessions, first in, first out. Upstream also forgets a session five
//! minutes of wall clock after its first line; that is not imitated (SPEC 7), so a run does
//! not depend on how fast it was.

use super::groups::{Groups, Key, TupleLine, Value};
use compact_str::CompactString;
use foldhash::fast::FixedState;
use std::collections::{HashMap, VecDeque};

/// Sessions kept at a time: upstream's `mlfidCache`.
pub const KEPT: usize = 100;

/// Unknown ids noted at the start of a run, at most.
pub const ASKED: usize = 1000;

/// Where a merged failure now lives.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one at a time, short-lived
pub enum Merged {
    /// In the table, at this number: later lines will see what is done to it.
    Kept(u64),
    /// Its session is over, or never began.
    Loose(Groups),
}

/// A session in the table.
#[derive(Debug)]
struct Session {
    id: CompactString,
    failure: Groups,
}

/// The sessions of one run.
#[derive(Debug, Default)]
pub struct MlfidTable {
    /// In order of their begin; None for one that was ended. Sessions are numbered, the
    /// first of these is number `first`.
    sessions: VecDeque<Option<Session>>,
    first: u64,
    /// Sessions that are not ended.
    live: usize,
    numbers: HashMap<CompactString, u64, FixedState>,
    start: SessionStart,
}

/// What the lines so far would have asked of sessions that were there before them: for
/// reports of shards, whose sessions may go on from one into the next.
///
/// The oldest sessions go first, so those of before are all gone once the table is full of
/// the run's own, and of its own none is gone sooner for their sake.
#[derive(Clone, Debug, Default)]
pub struct SessionStart {
    /// Ids asked for and not known, each with the most sessions alive at once before it; as
    /// long as that is below [`KEPT`], and at most [`ASKED`] of them.
    pub asked: Vec<(CompactString, usize)>,
    /// There were more than that.
    pub more: bool,
    /// The most sessions alive at once.
    pub peak: usize,
}

impl SessionStart {
    fn ask(&mut self, mlfid: &str) {
        match self.asked.len() < ASKED {
            _ if self.peak >= KEPT || self.more => {}
            true => self.asked.push((mlfid.into(), self.peak)),
            false => self.more = true,
        }
    }
}

impl MlfidTable {
    /// The sessions in the table, oldest first: id and failure dictionary.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Groups)> {
        let live = self.sessions.iter().flatten();
        live.map(|session| (session.id.as_str(), &session.failure))
    }

    /// What was asked of sessions from before the first line.
    pub fn start(&self) -> &SessionStart {
        &self.start
    }

    /// The failure of a session in the table.
    pub fn failure_mut<'t>(&'t mut self, merged: &'t mut Merged) -> &'t mut Groups {
        match merged {
            Merged::Kept(number) => {
                let session = self.sessions[(*number - self.first) as usize].as_mut();
                &mut session
                    .expect("a session stays until its line is judged")
                    .failure
            }
            Merged::Loose(groups) => groups,
        }
    }

    /// Merges a match into its session (`Filter._mergeFailure`).
    ///
    /// `fail` are the groups of prefregex and failregex together, `lines` the lines that
    /// matched (empty where nobody asks for them).
    pub fn merge(&mut self, mlfid: &str, mut fail: Groups, lines: Vec<TupleLine>) -> Merged {
        let gained = fail.is_true(Key::MLFGAINED);
        let mut nofail = fail.is_true(Key::NOFAIL) || gained;
        if gained
            && !fail.is_true(Key::NOFAIL)
            && let Some(value) = fail.get(Key::MLFGAINED).cloned()
        {
            fail.set(Key::NOFAIL, value);
        }
        let forget = fail.take(Key::MLFFORGET).is_some_and(|v| v.is_true());
        let mut gained = gained;
        let user = fail.get(Key::USER).filter(|v| v.is_true());
        let user = user.map(Value::to_text);
        let known = self.numbers.get(mlfid).copied();
        if known.is_none() {
            self.start.ask(mlfid);
        }
        let mut users = 0;
        let mut merged = match known {
            Some(number) => {
                let mut kept = Merged::Kept(number);
                let session = self.failure_mut(&mut kept);
                users = update_users(session, user);
                let was_nofail = session.take(Key::NOFAIL).is_some_and(|v| v.is_true());
                let was_gained = session.take(Key::MLFGAINED).is_some_and(|v| v.is_true());
                if gained {
                    session.take(Key::MLFPENDING);
                }
                // nothing pending: the matches were handed out before
                if !was_nofail && !was_gained && !session.is_true(Key::MLFPENDING) {
                    session.take(Key::MATCHES);
                }
                session.update_present(fail);
                match forget {
                    true => Merged::Loose(self.remove(number)),
                    false => kept,
                }
            }
            None if forget => Merged::Loose(fail),
            None => {
                users = update_users(&mut fail, user);
                Merged::Kept(self.insert(mlfid, fail))
            }
        };
        let fail = self.failure_mut(&mut merged);
        // a pending failure, or another user's attempt, is a failure whatever this line says
        if fail.take(Key::MLFPENDING).is_some_and(|v| v.is_true()) || users > 1 {
            fail.take(Key::NOFAIL);
            fail.take(Key::MLFGAINED);
            nofail = false;
            gained = false;
        }
        if !nofail {
            let mut all = fail.take_lines(Key::NOFAIL_MATCHES);
            if let Some(Value::Lines(matches)) = fail.get(Key::MATCHES) {
                all.extend_from_slice(matches);
            }
            if !gained {
                all.extend(lines);
            }
            if !all.is_empty() {
                fail.set(Key::MATCHES, Value::Lines(all));
            }
        } else if !forget {
            let mut all = match fail.get(Key::NOFAIL_MATCHES) {
                Some(Value::Lines(all)) => all.clone(),
                _ => Vec::new(),
            };
            all.extend(lines);
            if !all.is_empty() {
                fail.set(Key::NOFAIL_MATCHES, Value::Lines(all));
            }
        }
        merged
    }

    fn insert(&mut self, mlfid: &str, failure: Groups) -> u64 {
        // Utils.Cache.set: the oldest goes, not the one longest unused
        while self.live >= KEPT || matches!(self.sessions.front(), Some(None)) {
            self.first += 1;
            if let Some(Some(oldest)) = self.sessions.pop_front() {
                self.numbers.remove(&oldest.id);
                self.live -= 1;
            }
        }
        let number = self.first + self.sessions.len() as u64;
        let id = CompactString::from(mlfid);
        self.numbers.insert(id.clone(), number);
        self.sessions.push_back(Some(Session { id, failure }));
        self.live += 1;
        self.start.peak = self.start.peak.max(self.live);
        number
    }

    fn remove(&mut self, number: u64) -> Groups {
        let session = self.sessions.get_mut((number - self.first) as usize);
        let Some(session) = session.and_then(Option::take) else {
            return Groups::default();
        };
        self.numbers.remove(&session.id);
        self.live -= 1;
        session.failure
    }
}

/// Adds the user of this line to the session's (`Filter._updateUsers`); returns how many
/// there are now.
fn update_users(session: &mut Groups, user: Option<CompactString>) -> usize {
    if let Some(user) = user {
        session.add_user(user);
    }
    session.users().len()
}
