//! Failures without dictionaries: sessions merged by what decides a verdict, and no more.
//!
//! The everyday form of `mlfid`, for runs that are asked for verdicts alone. Borrows from
//! the line at hand and copies only what a session needs of it.

use super::fifo_map::{FifoMap, SessionStart};
use super::groups::{Groups, Key, Value};
use super::mlfid::MlfidTable;
use compact_str::CompactString;
use smallvec::SmallVec;

/// Groups a verdict depends on: who failed, and what sessions are merged by.
pub(super) const DECIDING_GROUPS: [Key; 10] = [
    Key::FID,
    Key::IP4,
    Key::IP6,
    Key::DNS,
    Key::CIDR,
    Key::USER,
    Key::MLFID,
    Key::NOFAIL,
    Key::MLFFORGET,
    Key::MLFGAINED,
];

/// The first of these are what a session keeps.
const KEPT_GROUPS: usize = 6;

// a deciding key's number is its place among them
const _: () = {
    let mut slot = 0;
    while slot < DECIDING_GROUPS.len() {
        assert!(DECIDING_GROUPS[slot].number() == slot);
        slot += 1;
    }
};

/// The place of a key among the deciding ones.
fn slot_of(key: Key) -> Option<usize> {
    let number = key.number();
    (number < DECIDING_GROUPS.len()).then_some(number)
}

/// The part of a failure dictionary that decides a verdict, borrowed.
///
/// Why verdicts from it are those of the whole dictionary ([`Groups`], `MlfidTable::merge`
/// and `Session::judge_hit`), where the dictionary itself is not asked for and neither are
/// the lines of a failure:
///
/// * These keys are the only ones that a verdict reads, beside the ones that merging itself
///   sets: `mlfpending` and `users` are kept with a session, `ip` is written but never
///   read, `matches` and `nofail-matches` stay empty.
/// * No key is read in a way that tells a group that took no part (`None`) from one that is
///   not in the dictionary, and no order is read: an array of `Option` says all. A group
///   that matched an empty text is something else, and stays `Some("")`.
/// * Every value is a text. A regex that could give another kind (a tuple), or that has a
///   group by one of the names merging sets, has no [`Layout`], and its filter is judged
///   by dictionaries.
/// * Of `nofail`, `mlfforget` and `mlfgained` only the truth is read, and a session forgets
///   the first and the last before it takes in the next line, but for what they say about
///   `matches`; `mlfforget` never gets there. So a session keeps none of them.
/// * The users of a session are a set of texts in their order; each is added when it becomes
///   the latest user of the session, so that as long as there is one it need not be kept
///   twice ([`Users::Latest`]).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct VerdictGroups<'t>([Option<&'t str>; DECIDING_GROUPS.len()]);

impl<'t> VerdictGroups<'t> {
    /// That part of a dictionary whose values are texts.
    pub(crate) fn of(groups: &'t Groups) -> VerdictGroups<'t> {
        VerdictGroups(DECIDING_GROUPS.map(|key| match groups.get(key) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        }))
    }

    /// The text under a deciding key, if its group took part.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&'t str> {
        self.0.get(key.number()).copied().flatten()
    }

    /// Whether there is a text under `key` and it is not empty.
    #[inline]
    pub(crate) fn is_true(&self, key: Key) -> bool {
        self.get(key).is_some_and(|text| !text.is_empty())
    }
}

/// Where the deciding groups of a regex are among those it keeps.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The slot of every kept group; beyond the last one for a mere alternate.
    slots: Vec<u8>,
    /// Alternates in their order: which kept group stands in for which slot.
    alternates: Vec<(u8, u8)>,
}

impl Layout {
    /// The layout of a regex that has the groups `all`, of which the fold gets those of
    /// `kept`; with its alternates and tuples, from and to. None where it needs a dictionary.
    pub(crate) fn new(
        kept: &[Key],
        all: &[Key],
        alternates: &[(Key, Key)],
        tuples: &[(Key, Key)],
    ) -> Option<Layout> {
        let set_by_merging = [
            Key::MLFPENDING,
            Key::USERS,
            Key::MATCHES,
            Key::NOFAIL_MATCHES,
            Key::IP,
        ];
        let touched = |key: &Key| set_by_merging.contains(key);
        let targets = || alternates.iter().chain(tuples).map(|(_, to)| to);
        if all.iter().any(touched)
            || targets().any(touched)
            || tuples.iter().any(|(_, to)| slot_of(*to).is_some())
            // an alternate of an alternate
            || targets().any(|to| alternates.iter().any(|(from, _)| from == to))
        {
            return None;
        }
        let slot = |key: &Key| slot_of(*key).unwrap_or(DECIDING_GROUPS.len()) as u8;
        let of_deciding = alternates.iter().filter(|(_, to)| slot_of(*to).is_some());
        let alternates = of_deciding.map(|(from, to)| {
            let at = kept.iter().position(|key| key == from)?;
            Some((u8::try_from(at).ok()?, slot(to)))
        });
        Some(Layout {
            slots: kept.iter().map(slot).collect(),
            alternates: alternates.collect::<Option<_>>()?,
        })
    }

    /// Lays the groups of a match over others, as `merged` does it with dictionaries:
    /// groups that took no part leave what is there. `text` gives the text of the `n`th
    /// kept group.
    #[inline]
    pub(crate) fn lay<'t>(
        &self,
        text: impl Fn(usize) -> Option<&'t str>,
        onto: &mut VerdictGroups<'t>,
    ) {
        // slots this regex has put a text into that is not empty
        let mut filled = 0u32;
        for (at, &slot) in self.slots.iter().enumerate() {
            if let Some(own) = onto.0.get_mut(usize::from(slot))
                && let Some(text) = text(at)
            {
                *own = Some(text);
                filled |= u32::from(!text.is_empty()) << slot;
            }
        }
        for &(at, slot) in &self.alternates {
            if filled & (1 << slot) == 0
                && let Some(text) = text(usize::from(at)).filter(|text| !text.is_empty())
            {
                onto.0[usize::from(slot)] = Some(text);
                filled |= 1 << slot;
            }
        }
    }
}

/// The users of a session.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug, Default)]
struct Kept {
    /// The texts of [`KEPT_GROUPS`]; only those in `present` mean something, the others
    /// are room.
    texts: [String; KEPT_GROUPS],
    present: u8,
    /// There was a failure that still lacked an address.
    pending: bool,
    users: Users,
}

/// The place of `user` among the kept groups.
const USER: usize = 5;

impl Kept {
    fn begin(&mut self, fail: &VerdictGroups) {
        self.present = 0;
        self.pending = false;
        self.users = match fail.is_true(Key::USER) {
            true => Users::Latest,
            false => Users::Nobody,
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

    fn get(&self, key: Key) -> Option<&str> {
        let slot = key.number();
        let text = self.texts.get(slot)?;
        (self.present & (1 << slot) != 0).then_some(text)
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
pub(crate) struct LeanMerged<'s> {
    known: Known<'s>,
    /// Helps, but does not count.
    pub(crate) nofail: bool,
    /// The session, while it goes on.
    pub(crate) session: Option<usize>,
    listed: &'s [CompactString],
}

/// What is known of a failure: only of this line, or of its session.
#[derive(Debug)]
enum Known<'s> {
    Line(&'s VerdictGroups<'s>),
    Session(&'s Kept),
}

impl<'s> LeanMerged<'s> {
    /// What is known now under one of the keys that sessions keep.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&'s str> {
        match self.known {
            Known::Line(fail) => fail.get(key),
            Known::Session(kept) => kept.get(key),
        }
    }

    /// The users named so far.
    pub(crate) fn users(&self) -> SmallVec<[CompactString; 1]> {
        match self.listed {
            [] => (self.get(Key::USER).filter(|user| !user.is_empty()))
                .map(|user| SmallVec::from_buf([user.into()]))
                .unwrap_or_default(),
            listed => SmallVec::from(listed),
        }
    }
}

/// The sessions of one run.
#[derive(Debug, Default)]
pub(crate) struct SessionTable {
    sessions: FifoMap<Kept>,
}

impl From<&MlfidTable> for SessionTable {
    fn from(general: &MlfidTable) -> SessionTable {
        let mut table = SessionTable::default();
        for (id, groups) in general.iter() {
            if let Err(vacant) = table.sessions.find(id) {
                let at = table.sessions.insert(id, vacant);
                let kept = table.sessions.value_mut(at);
                kept.begin(&VerdictGroups::of(groups));
                kept.pending = groups.is_true(Key::MLFPENDING);
                kept.users = match groups.users() {
                    [] => Users::Nobody,
                    users => Users::Listed(users.to_vec()),
                };
            }
        }
        // what was asked was asked of that table
        table.sessions.set_start(general.start().clone());
        table
    }
}

impl SessionTable {
    /// The ids of the sessions in the table, oldest first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.sessions.iter().map(|(id, _)| id)
    }

    /// What was asked of sessions from before the first line.
    pub(crate) fn start(&self) -> &SessionStart {
        self.sessions.start()
    }

    /// Merges a match into its session, if it has one (`Filter._mergeFailure`; see
    /// `MlfidTable::merge` for how that goes with dictionaries).
    pub(crate) fn merge<'s>(&'s mut self, fail: &'s VerdictGroups<'s>) -> LeanMerged<'s> {
        let nofail = fail.is_true(Key::NOFAIL);
        let alone = |nofail: bool| LeanMerged {
            known: Known::Line(fail),
            nofail,
            session: None,
            listed: &[],
        };
        let Some(id) = fail.get(Key::MLFID) else {
            return alone(nofail);
        };
        let gained = fail.is_true(Key::MLFGAINED);
        let forget = fail.is_true(Key::MLFFORGET);
        let mut nofail = nofail || gained;
        let at = match self.sessions.find(id) {
            Ok(at) => at,
            Err(_) if forget => {
                self.sessions.ask(id);
                return alone(nofail);
            }
            Err(vacant) => {
                let at = self.sessions.insert(id, vacant);
                self.sessions.value_mut(at).begin(fail);
                return LeanMerged {
                    session: Some(at),
                    ..alone(nofail)
                };
            }
        };
        if forget {
            self.sessions.remove(at);
        }
        let kept = self.sessions.value_mut(at);
        kept.add_user(fail.get(Key::USER));
        kept.update(fail);
        // a pending failure, or another user's attempt, is a failure whatever this line says
        let pending = std::mem::take(&mut kept.pending) && !gained;
        let kept = self.sessions.value(at);
        let listed = match &kept.users {
            Users::Listed(users) => users.as_slice(),
            _ => &[],
        };
        if pending || listed.len() > 1 {
            nofail = false;
        }
        LeanMerged {
            known: Known::Session(kept),
            nofail,
            session: (!forget).then_some(at),
            listed,
        }
    }

    /// Notes that a session has a failure that still lacks an address.
    pub(crate) fn set_pending(&mut self, session: usize) {
        self.sessions.value_mut(session).pending = true;
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
            let texts = DECIDING_GROUPS[..KEPT_GROUPS]
                .iter()
                .map(|key| kept.get(*key));
            let texts = format!("{:?}", texts.collect::<Vec<_>>());
            (id.to_string(), texts, kept.pending, users)
        });
        sessions.collect()
    }
}
