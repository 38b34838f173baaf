//! Sessions: lines that share an `<F-MLFID>` are one failure (upstream's `_mergeFailure`).
//!
//! Holds the last 100 sessions, first in, first out. Upstream also forgets a session five
//! minutes of wall clock after its first line; that is not imitated (SPEC 7), so a run does
//! not depend on how fast it was.

use super::fifo_map::{FifoMap, SessionStart};
use super::groups::{Groups, Key, TupleLine, Value};
use compact_str::CompactString;

/// Where a merged failure now lives.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one at a time, short-lived
pub(crate) enum Merged {
    /// In the table, in this place: later lines will see what is done to it.
    Kept(usize),
    /// Its session is over, or never began.
    Loose(Groups),
}

/// The sessions of one run.
#[derive(Debug, Default)]
pub(crate) struct MlfidTable {
    sessions: FifoMap<Groups>,
}

impl MlfidTable {
    /// The sessions in the table, oldest first: id and failure dictionary.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Groups)> {
        self.sessions.iter()
    }

    /// What was asked of sessions from before the first line.
    pub(crate) fn start(&self) -> &SessionStart {
        self.sessions.start()
    }

    /// The failure of a session in the table.
    pub(crate) fn failure_mut<'t>(&'t mut self, merged: &'t mut Merged) -> &'t mut Groups {
        match merged {
            Merged::Kept(at) => self.sessions.value_mut(*at),
            Merged::Loose(groups) => groups,
        }
    }

    /// Merges a match into its session (`Filter._mergeFailure`).
    ///
    /// `fail` are the groups of prefregex and failregex together, `lines` the lines that
    /// matched (empty where nobody asks for them).
    pub(crate) fn merge(&mut self, mlfid: &str, mut fail: Groups, lines: Vec<TupleLine>) -> Merged {
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
        let mut users = 0;
        let mut merged = match self.sessions.find(mlfid) {
            Ok(at) => {
                let session = self.sessions.value_mut(at);
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
                    true => {
                        let session = std::mem::take(session);
                        self.sessions.remove(at);
                        Merged::Loose(session)
                    }
                    false => Merged::Kept(at),
                }
            }
            Err(_) if forget => {
                self.sessions.ask(mlfid);
                Merged::Loose(fail)
            }
            Err(vacant) => {
                users = update_users(&mut fail, user);
                let at = self.sessions.insert(mlfid, vacant);
                *self.sessions.value_mut(at) = fail;
                Merged::Kept(at)
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
}

/// Adds the user of this line to the session's (`Filter._updateUsers`); returns how many
/// there are now.
fn update_users(session: &mut Groups, user: Option<CompactString>) -> usize {
    if let Some(user) = user {
        session.add_user(user);
    }
    session.users().len()
}
