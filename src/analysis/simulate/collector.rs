//! From verdicts on lines to failures: what fail2ban's server makes of a match
//! (`Filter.processLineAndAdd` up to the fail manager).
//!
//! Fed in line order, one verdict at a time; keeps some bytes per failure ([`Tickets`]), nothing
//! of the lines. The filter must run as the server's does: `check_all` off.

use super::{AddressId, Ignores, Place, Tickets};
use crate::engine::LineOutcome;
use crate::engine::address::{Address, AddressKind, Reading};
use compact_str::CompactString;
use indexmap::{IndexMap, IndexSet};
use std::num::NonZeroU32;

/// The addresses and other ids of a run, numbered as they appear.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses(IndexMap<CompactString, AddressKind>);

impl Addresses {
    /// The number of an address, given on first sight.
    pub(crate) fn id(&mut self, text: &str, kind: AddressKind) -> AddressId {
        let at = match self.0.get_index_of(text) {
            Some(at) => at,
            // IPv4 and most IPv6 addresses need no room of their own
            None => self.0.insert_full(CompactString::new(text), kind).0,
        };
        // fewer than 2^32 addresses: they would not fit into memory
        AddressId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The number of an address that has one.
    pub(crate) fn find(&self, text: &str) -> Option<AddressId> {
        let at = self.0.get_index_of(text)?;
        u32::try_from(at).ok().map(AddressId)
    }

    /// The text of an address.
    pub(crate) fn text(&self, id: AddressId) -> &str {
        self.0.get_index(id.index()).map_or("", |(text, _)| text)
    }

    /// What it is.
    pub(crate) fn kind(&self, id: AddressId) -> AddressKind {
        self.0
            .get_index(id.index())
            .map_or(AddressKind::Id, |(_, kind)| *kind)
    }
}

/// Whether an address's failures count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Standing {
    /// They do.
    Counts,
    /// `ignoreip` or `ignoreself`; the entry as written.
    IgnoredBy(String),
    /// A host name that a server would resolve and this run does not.
    NotResolved,
}

/// Failures that do not count.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dropped {
    /// Why not.
    pub(crate) standing: Standing,
    /// How many.
    pub(crate) hits: u64,
    /// First and last, epoch seconds; None where no time is known.
    pub(crate) span: Option<(f64, f64)>,
}

/// The failures of one jail.
#[derive(Clone, Debug)]
pub(crate) struct Collector {
    ignores: Ignores,
    names_count: bool,
    /// By the number of the address; an index into `known_standings`, plus one.
    standings: Vec<Option<NonZeroU32>>,
    known_standings: IndexSet<Standing>,
    /// Failures that count, in line order until [`Collector::sort`].
    pub(crate) tickets: Tickets,
    /// Those that do not, by address.
    pub(crate) dropped: IndexMap<AddressId, Dropped>,
    /// Failures without any date so far: no place in time for them.
    pub(crate) undated: u64,
    /// Lines an ignoreregex took.
    pub(crate) ignored_lines: u64,
    /// Lines of the log.
    pub(crate) lines: u64,
    /// Every failure as found, before any rule of the jail, in place of tickets: with
    /// [`Collector::keep_rows`]. The time is no number where no line up to it has a date.
    pub(crate) rows: Option<Tickets>,
    /// Failures of addresses that `ignoreip` names, with [`Collector::keep_ignored`].
    pub(crate) ignored: Option<Tickets>,
    /// The first line with a date of each log: the log, the line, the date.
    pub(crate) begins: Vec<(u32, u32, f64)>,
    /// First and last date of the lines, epoch seconds.
    pub(crate) span: Option<(f64, f64)>,
    /// The failregexes that found failures of the address that is watched, with
    /// [`Collector::watch`].
    pub(crate) regexes: Option<Vec<(Place, usize)>>,
    watched: Option<AddressId>,
}

impl Collector {
    /// `names_count`: host names are ids of their own (`usedns = raw`).
    pub(crate) fn new(ignores: Ignores, names_count: bool) -> Collector {
        Collector {
            ignores,
            names_count,
            standings: Vec::new(),
            known_standings: IndexSet::new(),
            tickets: Tickets::default(),
            dropped: IndexMap::new(),
            undated: 0,
            ignored_lines: 0,
            lines: 0,
            rows: None,
            ignored: None,
            span: None,
            regexes: None,
            watched: None,
            begins: Vec::new(),
        }
    }

    /// Remembers which failregex finds the failures of an address.
    pub(crate) fn watch(&mut self, id: AddressId) {
        (self.regexes, self.watched) = (Some(Vec::new()), Some(id));
    }

    /// Keeps the failures of ignored addresses too: a server may not have ignored them.
    pub(crate) fn keep_ignored(&mut self) {
        self.ignored = Some(Tickets::default());
    }

    /// Only gathers rows: who failed and when.
    pub(crate) fn keep_rows(mut self) -> Collector {
        self.rows = Some(Tickets::default());
        self
    }

    /// The entry of `ignoreip` by which the failures of an address do not count.
    pub(crate) fn ignored_by(&self, id: AddressId) -> Option<&str> {
        match &self.dropped.get(&id)?.standing {
            Standing::IgnoredBy(entry) => Some(entry),
            Standing::NotResolved | Standing::Counts => None,
        }
    }

    /// The ignore list.
    pub(crate) fn ignores(&self) -> &Ignores {
        &self.ignores
    }

    /// Takes the verdict on a line. Every failure found counts: the server drops those a
    /// session marks NOFAIL before this, and knows no other. `last_date` is the last date
    /// seen, epoch seconds.
    pub(crate) fn line(
        &mut self,
        addresses: &mut Addresses,
        place: Place,
        outcome: &LineOutcome,
        last_date: Option<f64>,
    ) {
        self.lines += 1;
        self.ignored_lines += u64::from(!outcome.ignored_by.is_empty());
        if let Some(date) = last_date {
            let (first, last) = self.span.unwrap_or((date, date));
            self.span = Some((first.min(date), last.max(date)));
            if self.begins.last().is_none_or(|(log, ..)| *log != place.log) {
                self.begins.push((place.log, place.line, date));
            }
        }
        for found in &outcome.found {
            let Some(address) = &found.id else { continue };
            if let (Some(id), Some(regexes)) = (self.watched, &mut self.regexes)
                && addresses.text(id) == address.text
            {
                regexes.push((place, found.regex));
            }
            let time = found.date.map(|date| date.seconds());
            // a server takes such a line to have happened when it was read: after the last
            self.failure(addresses, place, address, found.kind, time.or(last_date));
        }
    }

    /// Takes a failure; `time` is None where no line up to it has a date.
    pub(crate) fn failure(
        &mut self,
        addresses: &mut Addresses,
        place: Place,
        address: &Address,
        kind: AddressKind,
        time: Option<f64>,
    ) {
        let id = addresses.id(&address.text, kind);
        if let Some(rows) = &mut self.rows {
            rows.push(id, time.unwrap_or(f64::NAN), place);
            return;
        }
        let standing = self.standing(id, address, kind);
        if standing != Standing::Counts {
            let is_listed = matches!(standing, Standing::IgnoredBy(_));
            if let (Some(ignored), Some(time)) = (&mut self.ignored, time.filter(|_| is_listed)) {
                ignored.push(id, time, place);
            }
            self.drop(id, standing, time);
            return;
        }
        match time {
            Some(time) => self.tickets.push(id, time, place),
            None => self.undated += 1,
        }
    }

    fn standing(&mut self, id: AddressId, address: &Address, kind: AddressKind) -> Standing {
        if self.standings.len() <= id.index() {
            self.standings.resize(id.index() + 1, None);
        }
        let known = self.standings[id.index()].map(|number| number.get() as usize - 1);
        if let Some(standing) = known.and_then(|at| self.known_standings.get_index(at)) {
            return standing.clone();
        }
        let standing = self.settle(address, kind);
        let (at, _) = self.known_standings.insert_full(standing.clone());
        self.standings[id.index()] = u32::try_from(at + 1).ok().and_then(NonZeroU32::new);
        standing
    }

    /// Finds out whether an address counts.
    fn settle(&self, address: &Address, kind: AddressKind) -> Standing {
        if kind == AddressKind::Dns && !self.names_count {
            return Standing::NotResolved;
        }
        // an id that is an address is one for ignoreip as well
        let parsed = match address.ip() {
            Some(_) => None,
            None => Some(Address::new(&address.text, Reading::Any)),
        };
        match (self.ignores).ignoring(parsed.as_ref().unwrap_or(address)) {
            Some(entry) => Standing::IgnoredBy(entry.to_string()),
            None => Standing::Counts,
        }
    }

    fn drop(&mut self, id: AddressId, standing: Standing, time: Option<f64>) {
        let dropped = self.dropped.entry(id).or_insert(Dropped {
            standing,
            hits: 0,
            span: None,
        });
        dropped.hits += 1;
        if let Some(time) = time {
            let (first, last) = dropped.span.unwrap_or((time, time));
            dropped.span = Some((first.min(time), last.max(time)));
        }
    }

    /// Brings the failures into the order of time; those of one moment keep that of their
    /// lines. Returns whether they were in it.
    pub(crate) fn sort(&mut self) -> bool {
        if let Some(ignored) = &mut self.ignored {
            ignored.sort();
        }
        let were_in_order = self.tickets.is_in_order();
        self.tickets.sort();
        were_in_order
    }

    /// Gives the logs other numbers.
    pub(crate) fn renumber_logs(&mut self, number: impl Fn(u32) -> u32) {
        self.tickets.renumber_logs(&number);
        let more = self.rows.iter_mut().chain(&mut self.ignored);
        more.for_each(|tickets| tickets.renumber_logs(&number));
        for (log, ..) in &mut self.begins {
            *log = number(*log);
        }
        for (place, _) in self.regexes.iter_mut().flatten() {
            place.log = number(place.log);
        }
    }
}
