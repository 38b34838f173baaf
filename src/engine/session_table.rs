//! Sessions: lines that share an `<F-MLFID>` are one failure (upstream's `_mergeFailure`).
//!
//! Borrows from the line at hand and copies only what a session needs of it. The whole
//! dictionary of a session is kept beside it where somebody asks for it ([`FailureRecord`]).

use super::fifo_map::{FifoMap, SessionStart};
use super::groups::{Groups, Key};
use super::record::{FailureRecord, Merge};
use super::verdict_groups::{SESSION_GROUPS, VerdictGroups};
use compact_str::CompactString;
use smallvec::SmallVec;

/// The users of a session.
#[derive(Clone, Debug, Default, PartialEq)]
enum Users {
    /// Nobody yet.
    #[default]
    Nobody,
    /// One: the session's `user`.
    Latest,
    /// These, in order.
    Listed(Vec<CompactString>),
}

/// What a session keeps between its lines.
///
/// Of `nofail`, `mlfforget` and `mlfgained` only the truth is read, and only in the line that
/// has them: a session keeps none of the three. Its users are a set of texts; each is added
/// when it becomes the latest user, so that as long as there is one it need not be kept twice
/// ([`Users::Latest`]).
#[derive(Clone, Debug, Default)]
struct Kept {
    /// The texts of [`SESSION_GROUPS`]; only those in `present` mean something, the others
    /// are room.
    texts: [String; SESSION_GROUPS],
    present: u8,
    /// There was a failure that still lacked an address.
    pending: bool,
    users: Users,
    /// The whole dictionary, where somebody asks for it.
    record: Option<Box<Groups>>,
}

/// The place of `user` among the kept groups.
const USER: usize = 5;

impl Kept {
    fn begin(&mut self, fail: &VerdictGroups) {
        self.present = 0;
        self.pending = false;
        self.record = None;
        self.users = if fail.is_true(Key::USER) {
            Users::Latest
        } else {
            Users::Nobody
        };
        self.update(fail);
    }

    fn update(&mut self, fail: &VerdictGroups) {
        for (slot, text) in self.texts.iter_mut().enumerate() {
            if let Some(new) = fail.0[slot] {
                text.clear();
                text.push_str(new);
                self.present |= 1 << slot;
            }
        }
    }

    /// Adds the user of a line (`Filter._updateUsers`); before `update`.
    fn add_user(&mut self, user: Option<&str>) {
        let Some(user) = user else { return };
        let latest = self.texts[USER].as_str();
        match &mut self.users {
            Users::Nobody if user.is_empty() => {}
            Users::Nobody => self.users = Users::Latest,
            Users::Latest if user == latest => {}
            Users::Latest => {
                let mut users = vec![latest.into()];
                add(&mut users, user);
                self.users = Users::Listed(users);
            }
            Users::Listed(users) => add(users, user),
        }
    }

    /// The users, where there is more than the latest to tell.
    fn listed(&self) -> &[CompactString] {
        match &self.users {
            Users::Listed(users) => users,
            _ => &[],
        }
    }

    fn get(&self, key: Key) -> Option<&str> {
        let slot = key.number();
        let text = self.texts.get(slot)?;
        (self.present & (1 << slot) != 0).then_some(text)
    }
}

/// Equal in what later lines can read; texts that are only room are not compared, nor is the
/// dictionary, which decides nothing.
impl PartialEq for Kept {
    fn eq(&self, other: &Kept) -> bool {
        let mut texts = self.texts.iter().zip(&other.texts).enumerate();
        self.present == other.present
            && self.pending == other.pending
            && self.users == other.users
            && texts.all(|(slot, (a, b))| self.present & (1 << slot) == 0 || a == b)
    }
}

fn add(users: &mut Vec<CompactString>, user: &str) {
    if user.is_empty() {
        return;
    }
    if let Err(at) = users.binary_search_by(|known| known.as_str().cmp(user)) {
        users.insert(at, user.into());
    }
}

/// A match merged into its session.
#[derive(Debug)]
pub(super) struct Merged<'s> {
    known: KnownGroups<'s>,
    /// Helps, but does not count.
    pub(super) nofail: bool,
    /// Where its dictionary is, and whether its session goes on.
    pub(super) place: MergedPlace,
    listed: &'s [CompactString],
}

/// Where a merged failure is kept.
#[derive(Debug)]
pub(super) enum MergedPlace {
    /// In the table, in this place: later lines will see what is done to it.
    Session(usize),
    /// Its session is over, or it never had one; its dictionary, where one is asked for.
    Nowhere(Option<Box<Groups>>),
}

/// What is known of a failure: only of this line, or of its session.
#[derive(Debug)]
enum KnownGroups<'s> {
    Line(&'s VerdictGroups<'s>),
    Session(&'s Kept),
}

impl<'s> Merged<'s> {
    /// What is known now under one of the keys that sessions keep.
    #[inline]
    pub(super) fn get(&self, key: Key) -> Option<&'s str> {
        match self.known {
            KnownGroups::Line(fail) => fail.get(key),
            KnownGroups::Session(kept) => kept.get(key),
        }
    }

    /// The users named so far.
    pub(super) fn users(&self) -> SmallVec<[CompactString; 1]> {
        match self.listed {
            [] => (self.get(Key::USER).filter(|user| !user.is_empty()))
                .map(|user| SmallVec::from_buf([user.into()]))
                .unwrap_or_default(),
            listed => SmallVec::from(listed),
        }
    }
}

/// The sessions of one run: the last 100, first in, first out. Upstream also forgets a session
/// five minutes of wall clock after its first line; that is not imitated, so a run does not
/// depend on how fast it was.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionTable {
    sessions: FifoMap<Kept>,
}

impl SessionTable {
    /// The ids of the sessions in the table, oldest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.sessions.iter().map(|(id, _)| id)
    }

    /// Those of them that have their dictionaries beside them.
    pub(super) fn records(&self) -> impl Iterator<Item = (&str, &Groups)> {
        let all = self.sessions.iter();
        all.filter_map(|(id, kept)| Some((id, kept.record.as_deref()?)))
    }

    /// What was asked of sessions from before the first line.
    pub(super) fn start(&self) -> &SessionStart {
        self.sessions.start()
    }

    /// Makes the table a guess ([`FifoMap::assume`]).
    pub(super) fn assume(&mut self) {
        self.sessions.assume();
    }

    /// Takes over what the lines behind a guess of this table made of it, if nothing
    /// contradicts ([`FifoMap::adopt`]).
    pub(super) fn adopt(&mut self, run: &mut SessionTable) -> bool {
        self.sessions.adopt(&mut run.sessions)
    }

    /// Merges a match into its session, if it has one (`Filter._mergeFailure`). `record` is
    /// its dictionary, which is kept beside and decides nothing.
    pub(super) fn merge<'s>(
        &'s mut self,
        fail: &'s VerdictGroups<'s>,
        record: Option<Box<FailureRecord>>,
    ) -> Merged<'s> {
        let mut merge = Merge {
            gained: fail.is_true(Key::MLFGAINED),
            forget: fail.is_true(Key::MLFFORGET),
            nofail: fail.is_true(Key::NOFAIL),
            overruled: false,
        };
        let Some(id) = fail.get(Key::MLFID) else {
            return Merged::of_line(fail, merge.nofail, record.map(|record| record.alone()));
        };
        merge.nofail |= merge.gained;
        // a regex may say so with a group of that name
        let says_pending = fail.get(Key::MLFPENDING).map(|text| !text.is_empty());
        let at = match self.sessions.find(id) {
            Ok(at) => {
                self.sessions.touch(at);
                at
            }
            Err(vacant) => {
                merge.overrule_if(says_pending == Some(true));
                let record = record.map(|record| merge.open(*record));
                if merge.forget {
                    self.sessions.ask(id, vacant);
                    return Merged::of_line(fail, merge.nofail, record);
                }
                let at = self.sessions.insert(id, vacant);
                let kept = self.sessions.value_mut(at);
                kept.begin(fail);
                kept.record = record;
                return Merged {
                    place: MergedPlace::Session(at),
                    ..Merged::of_line(fail, merge.nofail, None)
                };
            }
        };
        if merge.forget {
            self.sessions.remove(at);
        }
        let kept = self.sessions.value_mut(at);
        kept.add_user(fail.get(Key::USER));
        kept.update(fail);
        let pending = std::mem::take(&mut kept.pending) && !merge.gained;
        let listed = kept.listed().len();
        merge.overrule_if(says_pending.unwrap_or(pending) || listed > 1);
        if let Some(record) = record {
            let session = kept.record.get_or_insert_default();
            merge.go_on(session, *record);
        }
        let place = if merge.forget {
            MergedPlace::Nowhere(kept.record.take())
        } else {
            MergedPlace::Session(at)
        };
        let kept = self.sessions.value(at);
        Merged {
            known: KnownGroups::Session(kept),
            nofail: merge.nofail,
            place,
            listed: kept.listed(),
        }
    }

    /// Notes that a session has a failure that still lacks an address.
    pub(super) fn set_pending(&mut self, session: usize) {
        self.sessions.value_mut(session).pending = true;
    }

    /// The dictionary of a session.
    pub(super) fn record_mut(&mut self, session: usize) -> Option<&mut Groups> {
        self.sessions.value_mut(session).record.as_deref_mut()
    }
}

impl<'s> Merged<'s> {
    fn of_line(
        fail: &'s VerdictGroups<'s>,
        nofail: bool,
        record: Option<Box<Groups>>,
    ) -> Merged<'s> {
        Merged {
            known: KnownGroups::Line(fail),
            nofail,
            place: MergedPlace::Nowhere(record),
            listed: &[],
        }
    }
}

#[cfg(test)]
impl SessionTable {
    /// What is kept, oldest first: id, texts, pending, users.
    pub(super) fn kept(&self) -> Vec<(String, String, bool, Vec<String>)> {
        let sessions = self.sessions.iter().map(|(id, kept)| {
            let users = match &kept.users {
                Users::Nobody => Vec::new(),
                Users::Latest => vec![kept.texts[USER].clone()],
                Users::Listed(users) => users.iter().map(ToString::to_string).collect(),
            };
            let texts = super::verdict_groups::VERDICT_GROUPS[..SESSION_GROUPS]
                .iter()
                .map(|key| kept.get(*key));
            let texts = format!("{:?}", texts.collect::<Vec<_>>());
            (id.to_string(), texts, kept.pending, users)
        });
        sessions.collect()
    }
}
