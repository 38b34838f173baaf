//! What a match captured, as fail2ban's failure dictionary: named values in order.
//!
//! The order is that of a Python dict, because `--out row` prints it. Names are interned per
//! filter ([`Names`]), values are owned, because sessions outlive their lines.

use crate::python;
use compact_str::CompactString;
use smallvec::SmallVec;
use std::borrow::Cow;

/// An interned group name, valid with the [`Names`] that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u16);

macro_rules! known_keys {
    ($($(#[$doc:meta])* $constant:ident = $index:literal, $name:literal;)*) => {
        /// The names that mean something to fail2ban itself.
        impl Key {
            $($(#[$doc])* pub(crate) const $constant: Key = Key($index);)*
        }
        const KNOWN: &[&str] = &[$($name),*];
    };
}

known_keys! {
    /// The failure id itself (`<F-ID>`).
    FID = 0, "fid";
    /// An IPv4 address.
    IP4 = 1, "ip4";
    /// An IPv6 address.
    IP6 = 2, "ip6";
    /// A host name.
    DNS = 3, "dns";
    /// The prefix length of a network.
    CIDR = 4, "cidr";
    /// The user named by the line.
    USER = 5, "user";
    /// The session id that ties lines together.
    MLFID = 6, "mlfid";
    /// Marks a match that helps but does not count.
    NOFAIL = 7, "nofail";
    /// Ends a session.
    MLFFORGET = 8, "mlfforget";
    /// Clears a session's pending failures.
    MLFGAINED = 9, "mlfgained";
    /// Set on a session with a failure that still lacks an address.
    MLFPENDING = 10, "mlfpending";
    /// All users of a session.
    USERS = 11, "users";
    /// The lines that made the failure.
    MATCHES = 12, "matches";
    /// Lines that will join `matches` if the session fails later.
    NOFAIL_MATCHES = 13, "nofail-matches";
    /// The address where the failure id is another one.
    IP = 14, "ip";
    /// The part of the line prefregex leaves for the failregexes.
    CONTENT = 15, "content";
}

/// Groups that identify a failure, or tie lines together until one of them does, in upstream's
/// order (`FAILURE_ID_PRESENTS`).
pub(crate) const FAILURE_ID_GROUPS: [Key; 5] = [Key::FID, Key::IP4, Key::IP6, Key::DNS, Key::MLFID];

/// Groups that hold an address or a host name.
pub(crate) const HOST_GROUPS: [Key; 3] = [Key::IP4, Key::IP6, Key::DNS];

impl Key {
    /// The name of a key that fail2ban itself knows; None for the others.
    pub(crate) fn known_name(self) -> Option<&'static str> {
        KNOWN.get(self.number()).copied()
    }

    /// Whether this is one of the `groups`, which fail2ban itself knows.
    pub(crate) fn is_among(name: &str, groups: &[Key]) -> bool {
        groups.iter().any(|key| key.known_name() == Some(name))
    }

    /// The place of the key among all names; known keys have the lowest.
    pub(super) const fn number(self) -> usize {
        self.0 as usize
    }
}

/// The group names of one filter.
#[derive(Clone, Debug)]
pub(crate) struct Names(Vec<String>);

impl Default for Names {
    fn default() -> Self {
        Names(KNOWN.iter().map(ToString::to_string).collect())
    }
}

impl Names {
    /// The key of `name`, made on first sight.
    pub(crate) fn intern(&mut self, name: &str) -> Key {
        self.get(name).unwrap_or_else(|| {
            self.0.push(name.to_string());
            Key(u16::try_from(self.0.len() - 1).expect("fewer than 65536 group names"))
        })
    }

    /// The key of `name`, if any regex of the filter has it.
    pub(crate) fn get(&self, name: &str) -> Option<Key> {
        let at = self.0.iter().position(|known| known == name)?;
        u16::try_from(at).ok().map(Key)
    }

    /// The name behind `key`.
    pub(crate) fn name(&self, key: Key) -> &str {
        &self.0[usize::from(key.0)]
    }
}

/// A line as upstream's tuple: before the date, the date, after it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct TupleLine {
    /// The three parts, one behind the other.
    line: String,
    /// Where the date begins and ends; an empty one where none was cut.
    date: (usize, usize),
}

impl TupleLine {
    /// The line of those parts: before the date, the date, after it.
    pub(crate) fn new(parts: [&str; 3]) -> TupleLine {
        let mut tuple = TupleLine::default();
        tuple.set(parts);
        tuple
    }

    /// Makes it the line of other parts, in its own allocation.
    pub(super) fn set(&mut self, parts: [&str; 3]) {
        self.line.clear();
        self.line.reserve(parts.iter().map(|part| part.len()).sum());
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            self.line.push_str(part);
        }
        let [before, date, _] = parts.map(str::len);
        self.date = (before, before + date);
    }

    /// Text before the date.
    pub(crate) fn prefix(&self) -> &str {
        &self.line[..self.date.0]
    }

    /// The date's text; empty where none was cut.
    pub(crate) fn date(&self) -> &str {
        &self.line[self.date.0..self.date.1]
    }

    /// Text after the date.
    pub(crate) fn suffix(&self) -> &str {
        &self.line[self.date.1..]
    }

    /// Its parts: before the date, the date, after it.
    pub(crate) fn parts(&self) -> [&str; 3] {
        [self.prefix(), self.date(), self.suffix()]
    }

    /// The text the regexes see: upstream's `"".join(tuple[::2])`.
    pub(crate) fn without_date(&self) -> Cow<'_, str> {
        let [before, date, behind] = self.parts();
        if date.is_empty() {
            Cow::Borrowed(&self.line)
        } else if before.is_empty() {
            Cow::Borrowed(behind)
        } else {
            Cow::Owned([before, behind].concat())
        }
    }

    /// Bytes of [`TupleLine::without_date`].
    pub(super) fn without_date_len(&self) -> usize {
        self.line.len() - (self.date.1 - self.date.0)
    }

    /// The whole line again.
    pub(crate) fn joined(&self) -> &str {
        &self.line
    }
}

/// A value of the failure dictionary.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A group that took no part.
    None,
    /// Captured text.
    Text(CompactString),
    /// Several captures joined by `<F-TUPLE_…>`.
    Tuple(Vec<Value>),
    /// The users of a session, in order of their text.
    Users(Vec<CompactString>),
    /// A counter (`mlfpending`).
    Number(i64),
    /// Lines (`matches`).
    Lines(Vec<TupleLine>),
}

impl Value {
    /// Python's truth of the value.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Value::None => false,
            Value::Text(text) => !text.is_empty(),
            Value::Tuple(values) => !values.is_empty(),
            Value::Users(users) => !users.is_empty(),
            Value::Number(number) => *number != 0,
            Value::Lines(lines) => !lines.is_empty(),
        }
    }

    /// `str(value)`.
    pub(crate) fn to_text(&self) -> CompactString {
        match self {
            Value::Text(text) => text.clone(),
            other => other.to_repr().into(),
        }
    }

    /// `repr(value)`; a set is written in sorted order, as Python's order is random.
    pub(crate) fn to_repr(&self) -> String {
        let list = |open: &str, close: &str, items: Vec<String>| {
            format!("{open}{}{close}", items.join(", "))
        };
        match self {
            Value::None => "None".into(),
            Value::Text(text) => python::repr(text),
            Value::Number(number) => number.to_string(),
            Value::Tuple(values) if values.len() == 1 => format!("({},)", values[0].to_repr()),
            Value::Tuple(values) => list("(", ")", values.iter().map(Value::to_repr).collect()),
            Value::Users(users) if users.is_empty() => "set()".into(),
            Value::Users(users) => list("{", "}", users.iter().map(|u| python::repr(u)).collect()),
            Value::Lines(lines) => list(
                "[",
                "]",
                lines
                    .iter()
                    .map(|l| {
                        let [a, b, c] = l.parts().map(python::repr);
                        format!("({a}, {b}, {c})")
                    })
                    .collect(),
            ),
        }
    }
}

/// A failure dictionary: at most one value per key, in order of first insertion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Groups(SmallVec<[(Key, Value); 6]>);

impl Groups {
    /// The value under `key`; None also where nothing is stored.
    pub(crate) fn get(&self, key: Key) -> Option<&Value> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// The value under `key` unless it is [`Value::None`].
    pub(crate) fn present(&self, key: Key) -> Option<&Value> {
        self.get(key).filter(|v| **v != Value::None)
    }

    /// Whether the value under `key` is there and true, as Python's `if d.get(key)`.
    pub(crate) fn is_true(&self, key: Key) -> bool {
        self.get(key).is_some_and(Value::is_true)
    }

    /// Stores a value under a key that is not there yet.
    pub(super) fn push(&mut self, key: Key, value: Value) {
        debug_assert!(self.get(key).is_none(), "group names are distinct");
        self.0.push((key, value));
    }

    /// Stores a value; an existing key keeps its place.
    pub(crate) fn set(&mut self, key: Key, value: Value) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Removes and returns the value under `key`.
    pub(crate) fn take(&mut self, key: Key) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| *k == key)?;
        Some(self.0.remove(at).1)
    }

    /// Removes and returns the lines under `key`; empty where there are none.
    pub(crate) fn take_lines(&mut self, key: Key) -> Vec<TupleLine> {
        match self.take(key) {
            Some(Value::Lines(lines)) => lines,
            _ => Vec::new(),
        }
    }

    /// Adds a user to the session's; an existing set keeps its place.
    pub(crate) fn add_user(&mut self, user: CompactString) {
        for (key, value) in &mut self.0 {
            if let (Key::USERS, Value::Users(users)) = (*key, value) {
                if let Err(at) = users.binary_search(&user) {
                    users.insert(at, user);
                }
                return;
            }
        }
        self.set(Key::USERS, Value::Users(vec![user]));
    }

    /// The users of a session.
    #[cfg(test)]
    pub(crate) fn users(&self) -> &[CompactString] {
        match self.get(Key::USERS) {
            Some(Value::Users(users)) => users,
            _ => &[],
        }
    }

    /// Stores every value of `other` that is not [`Value::None`].
    pub(crate) fn update_present(&mut self, other: Groups) {
        for (key, value) in other.0 {
            if value != Value::None {
                self.set(key, value);
            }
        }
    }

    /// These groups, of a failregex, on top of prefregex's: groups that took no part do not
    /// overwrite (`Filter.findFailure`).
    pub(crate) fn over(self, prefregex: &Groups) -> Groups {
        if prefregex.0.is_empty() {
            return self;
        }
        let mut all = prefregex.clone();
        all.update_present(self);
        all
    }

    /// Whether they hold a failure id or a session id.
    pub(super) fn identify(&self) -> bool {
        [Key::MLFID, Key::FID, Key::IP4, Key::IP6, Key::DNS]
            .iter()
            .any(|key| self.present(*key).is_some())
    }

    /// The entries in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &Value)> {
        self.0.iter().map(|(k, v)| (*k, v))
    }
}
