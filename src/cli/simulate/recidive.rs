//! Jails that read fail2ban's own log (`recidive`): the bans of the simulation become the
//! lines a server would have logged, and go through the jail's real filter.

use super::Jail;
use crate::analysis::simulate::{Addresses, BanRecord, Collector, Place, Ticket};
use crate::cli::setup::Setup;
use crate::config::FilterKind;
use crate::date::Clock;
use crate::engine::Session;
use crate::pattern::Scratch;

/// Whether the jail's filter is fail2ban's `recidive`.
pub(crate) fn is_recidive(setup: &Setup) -> bool {
    match setup.source.as_ref().map(|source| &source.kind) {
        Some(FilterKind::Jail { filter, .. }) => filter.as_deref() == Some("recidive"),
        Some(FilterKind::FilterD { name, .. }) => name == "recidive",
        _ => false,
    }
}

/// A jail that reads bans.
pub(crate) struct Reader<'a> {
    number: usize,
    session: Session<'a>,
    scratch: Scratch,
    collector: Collector,
    clock: &'a Clock,
    line: u32,
}

impl<'a> Reader<'a> {
    /// The reader for a jail of that number.
    pub(crate) fn new(number: usize, jail: &'a Jail, clock: &'a Clock) -> Reader<'a> {
        Reader {
            number,
            session: Session::new(&jail.setup.filter, clock, jail.setup.detector.clone()),
            scratch: Scratch::default(),
            collector: jail.shown.collector.clone(),
            clock,
            line: 0,
        }
    }

    /// The failures a ban is for this jail.
    pub(crate) fn read(
        &mut self,
        ban: &BanRecord,
        jail: &str,
        addresses: &mut Addresses,
    ) -> Vec<(usize, Ticket)> {
        let (time, who) = (self.clock.iso(ban.time), addresses.text(ban.id).to_string());
        let line = format!("{time},000 fail2ban.actions        [1]: NOTICE  [{jail}] Ban {who}");
        let outcome = self.session.line(&line, &mut self.scratch);
        self.line += 1;
        // the line that led to the ban says more than that of a log nobody has
        let nowhere = Place {
            log: u32::MAX,
            line: self.line,
        };
        let place = ban.lines.last().copied().unwrap_or(nowhere);
        self.collector
            .line(addresses, place, &outcome, Some(ban.time));
        let new = std::mem::take(&mut self.collector.tickets);
        // the text has whole seconds of local time, which an autumn night has twice
        new.iter()
            .map(|ticket| {
                (
                    self.number,
                    Ticket {
                        time: ban.time,
                        ..ticket
                    },
                )
            })
            .collect()
    }

    /// The jail's number and what it read.
    pub(crate) fn finish(self) -> (usize, Collector) {
        (self.number, self.collector)
    }
}
