//! Reads fail2ban.log, rotated siblings and compressed ones among them.

use super::message::{self, Deed, Message};
use super::record::{Event, JailId, MOST_EVENTS, Record, Server, ServerEvent, address_id};
use crate::analysis::simulate::{Addresses, LogRead, Place};
use crate::date::Clock;
use crate::input::window::{self, Dates};
use crate::input::{Block, LogSet};

/// An id longer than this is not kept: no address and no user is.
const LONGEST_ID: usize = 512;

/// A longer path is none.
const LONGEST_PATH: usize = 4_096;

/// Reads the log. `dates` tells the time of a line that does not begin with one as fail2ban writes it.
///
/// # Errors
///
/// Where a log cannot be read, where none of the lines is fail2ban's, or where there are too many.
pub(crate) fn read(
    mut logs: LogSet,
    addresses: &mut Addresses,
    clock: &Clock,
    dates: Dates,
) -> Result<Record, String> {
    let mut reader = Reader {
        record: Record::default(),
        addresses,
        clock,
        dates,
        telling: None,
        last: None,
        up: false,
        tells: false,
        bans: false,
    };
    while let Some(raw) = logs.next_block().map_err(|error| error.to_string())? {
        reader.block(&raw.decode())?;
    }
    reader.next_server();
    let lines: u64 = reader.record.files.iter().map(|file| file.lines).sum();
    if reader.record.span.is_none() {
        let names: Vec<&str> = (reader.record.files.iter())
            .map(|file| file.name.as_str())
            .collect();
        let names = names.join(", ");
        return Err(match (lines, reader.record.undated) {
            (0, _) => format!("{names}: empty; expected fail2ban.log or fail2ban.sqlite3"),
            (_, 0) => format!(
                "{names}: no line is one of fail2ban's log; expected fail2ban.log or \
                 fail2ban.sqlite3 behind --actual, and the jails' own logs as LOG"
            ),
            _ => format!(
                "{names}: its lines have no time (logtarget with datetime=off?); expected lines \
                 such as \"2026-11-28 18:19:17,786 fail2ban.actions [1]: NOTICE [sshd] Ban …\""
            ),
        });
    }
    Ok(reader.record)
}

struct Reader<'a> {
    record: Record,
    addresses: &'a mut Addresses,
    clock: &'a Clock,
    dates: Dates,
    /// The jail whose options are being told.
    telling: Option<JailId>,
    /// Time of the last line.
    last: Option<f64>,
    /// A server runs, as far as is known.
    up: bool,
    /// The running server has logged something of level INFO.
    tells: bool,
    /// It has banned.
    bans: bool,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block) -> Result<(), String> {
        let files = &mut self.record.files;
        if files.last().is_none_or(|file| file.name != block.head.name) {
            files.push(LogRead {
                name: block.head.name.clone(),
                ..LogRead::default()
            });
        }
        if let Some(file) = files.last_mut() {
            file.lines += block.line_count();
            file.bytes += block.bytes;
            file.invalid += block.invalid;
        }
        let log = u32::try_from(self.record.files.len() - 1).unwrap_or(u32::MAX);
        for (number, line, _) in block.timed_lines() {
            let Some((head, text)) = message::split(line) else {
                continue;
            };
            // a server draws a line before it says that it starts
            if text.starts_with("-----") {
                continue;
            }
            let message = message::read(text);
            let is_fail2bans = message != Message::Other || head.contains("fail2ban");
            let Some(time) = is_fail2bans.then(|| self.time(line)) else {
                continue;
            };
            let Some(time) = time else {
                self.record.undated += 1;
                continue;
            };
            let line = u32::try_from(number).unwrap_or(u32::MAX);
            let place = Place { log, line };
            self.record.saw(time);
            // what is told of the start of a server is of that server
            if matches!(message, Message::Starting(_)) {
                self.next_server();
            }
            self.tells |= head.contains("INFO");
            self.message(message, time, place);
            self.last = Some(time);
        }
        if self.record.events.len() + self.record.server.len() > MOST_EVENTS {
            let name = &block.head.name;
            return Err(format!(
                "{name}: more than {MOST_EVENTS} events; give a part of it, or its rotated \
                 siblings one by one"
            ));
        }
        Ok(())
    }

    /// `2026-11-28 18:19:17,786` at the begin, or what else fail2ban takes for a date.
    fn time(&mut self, line: &str) -> Option<f64> {
        let line = line.trim_start();
        let own = line.get(..19).filter(|text| text.as_bytes()[4] == b'-');
        if let Some(time) = own.and_then(|text| window::moment(text, self.clock)) {
            let millis = line.get(19..23).and_then(|text| {
                let digits = text.strip_prefix([',', '.'])?;
                digits.parse::<u16>().ok()
            });
            return Some(time + f64::from(millis.unwrap_or(0)) / 1000.0);
        }
        (self.dates)(line)
    }

    fn message(&mut self, message: Message, time: f64, place: Place) {
        let what = match message {
            Message::Deed {
                jail,
                deed,
                id,
                time: told,
            } => {
                self.deed((jail, deed, id), time, told, place);
                return;
            }
            Message::Starting(_) => {
                let crashed = self.last.filter(|_| self.up);
                (self.up, self.telling) = (true, None);
                Server::Starting(crashed)
            }
            Message::Exiting => {
                self.up = false;
                self.next_server();
                Server::Exiting
            }
            Message::Options(name) => {
                self.telling = self.record.jail(name);
                return;
            }
            Message::JailStarted(name) => {
                // what is set from now on is set by hand, of a jail that is not named
                self.telling = None;
                self.up = true;
                match self.record.jail(name) {
                    Some(jail) => Server::JailStarted(jail),
                    None => return,
                }
            }
            Message::Setting(rule, value) => Server::Setting(self.telling, rule, value),
            Message::LogAdded(path) => match self.telling {
                Some(jail) if path.len() <= LONGEST_PATH => Server::LogAdded(jail, path.to_owned()),
                _ => return,
            },
            Message::Other => return,
        };
        self.record.server.push(ServerEvent { time, place, what });
    }

    /// Settles what is known of the server whose lines end here.
    fn next_server(&mut self) {
        self.record.terse |= self.bans && !self.tells;
        (self.bans, self.tells) = (false, false);
    }

    fn deed(
        &mut self,
        (jail, deed, id): (&str, Deed, &str),
        time: f64,
        told: Option<&str>,
        place: Place,
    ) {
        self.up = true;
        self.bans |= deed == Deed::Ban;
        if id.len() > LONGEST_ID {
            return;
        }
        let Some(jail) = self.record.jail(jail) else {
            return;
        };
        let id = address_id(self.addresses, id);
        let told = told.and_then(|text| window::moment(text, self.clock));
        self.record.events.push(Event {
            jail,
            kind: deed,
            id,
            time,
            told,
            place,
        });
    }
}
