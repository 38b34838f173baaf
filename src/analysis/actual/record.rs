//! What a server did, as its log or its database has it: events in order of time.

pub(crate) use super::message::{Deed as Kind, Rule};
use crate::analysis::simulate::{AddressId, Addresses, LogRead, Place};
use crate::engine::address::{Address, AddressKind, Reading};
use indexmap::IndexSet;
use std::net::IpAddr;

/// More events than this are refused: the memory they take is bounded.
pub(crate) const MOST_EVENTS: usize = 4_000_000;

/// A longer name is none of a jail.
const LONGEST_NAME: usize = 256;

/// A jail of the record, by its number in [`Record::jails`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct JailId(pub(crate) u16);

/// Something that happened to an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Where.
    pub(crate) jail: JailId,
    /// What.
    pub(crate) kind: Kind,
    /// Who.
    pub(crate) id: AddressId,
    /// When it was logged, epoch seconds. Of a database: when the ban began.
    pub(crate) time: f64,
    /// The time told with it, epoch seconds: of the failure, or the end of the longer ban.
    pub(crate) told: Option<f64>,
    /// The line, or the row of the database.
    pub(crate) place: Place,
}

/// Something that happened to the server or a jail.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerEvent {
    /// When, epoch seconds.
    pub(crate) time: f64,
    /// The line.
    pub(crate) place: Place,
    /// What.
    pub(crate) what: Server,
}

/// What happens to a server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Server {
    /// It starts. The time of the line before it, where that is no end: a server that crashed.
    Starting(Option<f64>),
    /// It has ended.
    Exiting,
    /// A jail works.
    JailStarted(JailId),
    /// An option of a jail; None: of some jail, set while the server ran.
    Setting(Option<JailId>, Rule, f64),
    /// A jail reads a log.
    LogAdded(JailId, String),
}

/// The number of an address as a record or a user writes it. What it is, no record says.
pub(crate) fn address_id(addresses: &mut Addresses, text: &str) -> AddressId {
    let address = Address::new(text, Reading::Any);
    let kind = match address.ip() {
        Some(IpAddr::V4(_)) => AddressKind::Ip4,
        Some(IpAddr::V6(_)) => AddressKind::Ip6,
        None => AddressKind::Id,
    };
    addresses.id(&address.text, kind)
}

/// What a database says of a ban beside its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    /// Seconds it lasts; -1 for ever, None where a version before 0.10 did not note it.
    pub(crate) bantime: Option<f64>,
    /// Failures that led to it; 0 for a ban by hand.
    pub(crate) failures: Option<i64>,
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// fail2ban.log.
    #[default]
    Log,
    /// fail2ban.sqlite3.
    Database,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// What it was read from.
    pub(crate) source: Source,
    /// The files.
    pub(crate) files: Vec<LogRead>,
    /// The names of the jails.
    pub(crate) jails: IndexSet<String>,
    /// What happened to addresses, in order of the lines.
    pub(crate) events: Vec<Event>,
    /// What happened to the server.
    pub(crate) server: Vec<ServerEvent>,
    /// Of a database: what else is known of a ban; as many as `events`.
    pub(crate) rows: Vec<Row>,
    /// Logs that jails read, by the database.
    pub(crate) logs: Vec<(JailId, String)>,
    /// First and last time, epoch seconds.
    pub(crate) span: Option<(f64, f64)>,
    /// Lines of fail2ban without a time that can be read.
    pub(crate) undated: u64,
    /// Bans were logged by a server of which no line of level INFO is there: it does not note
    /// failures (`loglevel = NOTICE`).
    pub(crate) terse: bool,
}

impl Record {
    /// The number of a jail, given on first sight; None for more jails than any server has.
    pub(crate) fn jail(&mut self, name: &str) -> Option<JailId> {
        if let Some(at) = self.jails.get_index_of(name) {
            return u16::try_from(at).ok().map(JailId);
        }
        let at = u16::try_from(self.jails.len()).ok()?;
        if name.len() > LONGEST_NAME {
            return None;
        }
        self.jails.insert(name.to_owned());
        Some(JailId(at))
    }

    /// The number of a jail the record knows.
    pub(crate) fn known_jail(&self, name: &str) -> Option<JailId> {
        let at = self.jails.get_index_of(name)?;
        u16::try_from(at).ok().map(JailId)
    }

    /// Widens the span.
    pub(crate) fn saw(&mut self, time: f64) {
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
    }

    /// The logs a jail reads, by the record; each once.
    pub(crate) fn logs_of(&self, jail: JailId) -> Vec<&str> {
        let added = self.server.iter().filter_map(|event| match &event.what {
            Server::LogAdded(of, path) if *of == jail => Some(path.as_str()),
            _ => None,
        });
        let noted = self.logs.iter().filter(|(of, _)| *of == jail);
        let all = added.chain(noted.map(|(_, path)| path.as_str()));
        all.collect::<IndexSet<&str>>().into_iter().collect()
    }

    /// Whether failures are noted: a log of level INFO, or deeper, all the time.
    pub(crate) fn has_failures(&self) -> bool {
        let mut events = self.events.iter();
        !self.terse && events.any(|event| matches!(event.kind, Kind::Found | Kind::Ignore))
    }
}
