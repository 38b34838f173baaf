//! The whole dictionary of a failure, for `--out`, `-v` and explanations.
//!
//! Written along while a match is merged into its session. Nothing here decides: what counts,
//! and when a session ends, has been settled by then ([`Merge`]).

use super::groups::{Groups, Key, TupleLine, Value};

/// What merging a match into its session comes to (`Filter._mergeFailure`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Merge {
    /// The line says that the session went well.
    pub(super) gained: bool,
    /// The line ends the session.
    pub(super) forget: bool,
    /// The match helps, but does not count.
    pub(super) nofail: bool,
    /// It counts whatever the line says.
    pub(super) overruled: bool,
}

impl Merge {
    /// A pending failure, or another user's attempt, is a failure whatever this line says.
    pub(super) fn overrule_if(&mut self, overrule: bool) {
        if overrule {
            self.overruled = true;
            self.nofail = false;
        }
    }

    /// The dictionary of a session that begins.
    pub(super) fn open(self, record: FailureRecord) -> Box<Groups> {
        let mut session = Box::new(self.prepared(record.groups));
        if !self.forget {
            add_user(&mut session);
        }
        self.add_lines(&mut session, record.lines);
        session
    }

    /// Goes on with the dictionary of a session.
    pub(super) fn go_on(self, session: &mut Groups, record: FailureRecord) {
        let fail = self.prepared(record.groups);
        if let Some(user) = fail.get(Key::USER).filter(|user| user.is_true()) {
            session.add_user(user.to_text());
        }
        let mut was = |key| session.take(key).is_some_and(|value| value.is_true());
        let helped = was(Key::NOFAIL) | was(Key::MLFGAINED);
        if self.gained {
            session.take(Key::MLFPENDING);
        }
        // nothing pending: the matches were handed out before
        if !helped && !session.is_true(Key::MLFPENDING) {
            session.take(Key::MATCHES);
        }
        session.update_present(fail);
        self.add_lines(session, record.lines);
    }

    fn prepared(self, mut fail: Groups) -> Groups {
        if self.gained
            && !fail.is_true(Key::NOFAIL)
            && let Some(value) = fail.get(Key::MLFGAINED).cloned()
        {
            fail.set(Key::NOFAIL, value);
        }
        fail.take(Key::MLFFORGET);
        fail
    }

    fn add_lines(self, session: &mut Groups, lines: Vec<TupleLine>) {
        session.take(Key::MLFPENDING);
        if self.overruled {
            session.take(Key::NOFAIL);
            session.take(Key::MLFGAINED);
        }
        let kept = |session: &Groups, key| match session.get(key) {
            Some(Value::Lines(lines)) => lines.clone(),
            _ => Vec::new(),
        };
        if !self.nofail {
            let mut all = session.take_lines(Key::NOFAIL_MATCHES);
            all.extend(kept(session, Key::MATCHES));
            all.extend(lines);
            if !all.is_empty() {
                session.set(Key::MATCHES, Value::Lines(all));
            }
        } else if !self.forget {
            let mut all = kept(session, Key::NOFAIL_MATCHES);
            all.extend(lines);
            if !all.is_empty() {
                session.set(Key::NOFAIL_MATCHES, Value::Lines(all));
            }
        }
    }
}

fn add_user(session: &mut Groups) {
    if let Some(user) = session.get(Key::USER).filter(|user| user.is_true()) {
        let user = user.to_text();
        session.add_user(user);
    }
}

/// A match's dictionary, and the lines that made it (none where nobody asks for them).
#[derive(Clone, Debug)]
pub(super) struct FailureRecord {
    /// The groups of prefregex and failregex together.
    pub(super) groups: Groups,
    /// The lines that matched.
    pub(super) lines: Vec<TupleLine>,
}

impl FailureRecord {
    /// The dictionary of a failure without a session.
    pub(super) fn alone(self) -> Box<Groups> {
        let mut groups = self.groups;
        let mut all = groups.take_lines(Key::MATCHES);
        all.extend(self.lines);
        if !all.is_empty() {
            groups.set(Key::MATCHES, Value::Lines(all));
        }
        Box::new(groups)
    }
}
