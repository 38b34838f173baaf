//! `--actual`: what the server did, read from its log or its database, beside the simulation.

use super::args::{Args, Format};
use crate::analysis::actual::geo::Geo;
use crate::analysis::actual::story::stories;
use crate::analysis::actual::{self, Record, database, history};
use crate::analysis::simulate::{Addresses, Simulation};
use crate::cli::logs::default_dates;
use crate::cli::terminal;
use crate::date::Clock;
use crate::engine::address::{Address, Reading};
use crate::input::{LogSet, LogSource, ReadOptions, Window, Words};
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::simulate::actual::{self as report, Why};
use crate::report::simulate::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// The files of a record, none read.
pub(super) enum RecordFiles {
    /// fail2ban.log and its rotated siblings.
    Logs(Vec<LogSource>),
    /// fail2ban.sqlite3.
    Database(PathBuf),
}

impl RecordFiles {
    /// The files of `--actual`, if it is given.
    pub(super) fn of(given: &[String]) -> Result<Option<RecordFiles>, String> {
        if given.is_empty() {
            return Ok(None);
        }
        let sources = LogSource::of_all(given, Words::AreFiles);
        let sources = sources.map_err(|error| format!("--actual {error}"))?;
        let mut databases = sources.iter().filter_map(database_of);
        let Some(path) = databases.next() else {
            if let Some(odd) = sources
                .iter()
                .find(|one| !matches!(one, LogSource::File(_)))
            {
                let name = odd.name();
                return Err(format!(
                    "--actual {name}: expected a file: fail2ban.log or fail2ban.sqlite3"
                ));
            }
            return Ok(Some(RecordFiles::Logs(sources)));
        };
        if sources.len() > 1 {
            return Err(format!(
                "--actual {}: a database is a record of its own: give it alone, or the logs",
                path.display()
            ));
        }
        Ok(Some(RecordFiles::Database(path)))
    }

    /// The logs, where they are that.
    pub(super) fn logs(&self) -> Option<&[LogSource]> {
        match self {
            RecordFiles::Logs(logs) => Some(logs),
            RecordFiles::Database(_) => None,
        }
    }

    /// Reads them.
    pub(super) fn read(&self, addresses: &mut Addresses, clock: &Clock) -> Result<Record, String> {
        match self {
            RecordFiles::Logs(logs) => {
                let logs = LogSet::new(logs.clone(), ReadOptions::default());
                actual::log::read(logs, addresses, clock, default_dates(clock))
            }
            RecordFiles::Database(path) => database::read(path, addresses),
        }
    }
}

/// The database that a source is, if it is one.
fn database_of(source: &LogSource) -> Option<PathBuf> {
    match source {
        LogSource::File(path) if database::is_database(path) => Some(path.clone()),
        _ => None,
    }
}

/// A database where a log belongs.
pub(super) fn refuse_databases(logs: &[LogSource]) -> Result<(), String> {
    match logs.iter().find_map(database_of) {
        None => Ok(()),
        Some(path) => {
            let path = path.display();
            Err(format!(
                "{path}: is a database and no log: what the server did goes behind --actual: \
                 f2b-regex simulate --actual {path} LOG FILTER"
            ))
        }
    }
}

/// A rotated sibling of the record where a log belongs: a pattern that the shell has spread.
pub(super) fn refuse_siblings(
    record: Option<&RecordFiles>,
    logs: &[LogSource],
) -> Result<(), String> {
    let record = record.and_then(RecordFiles::logs).unwrap_or_default();
    let names = record.iter().map(LogSource::name);
    let names: Vec<String> = names.map(|name| format!("{name}.")).collect();
    let is_sibling = |log: &String| names.iter().any(|name| log.starts_with(name));
    match logs.iter().map(LogSource::name).find(is_sibling) {
        None => Ok(()),
        Some(log) => Err(format!(
            "{log}: is a rotated sibling of the record and no log of a jail: quote the pattern \
             behind --actual ('{}*')",
            record.first().map_or(String::new(), LogSource::name)
        )),
    }
}

/// Writes what the record and the simulation say together.
///
/// # Errors
///
/// The outer one is of writing, the inner one of what was asked for.
pub(super) fn write(
    out: &mut dyn Write,
    args: &Args,
    (record, simulation): (&Record, &Simulation),
    (clock, window): (&Clock, Window),
) -> io::Result<Result<(), String>> {
    let comparison = actual::compare(record, simulation, args.dbpurgeage);
    let why = args.why.as_deref().map(|who| {
        let id = simulation
            .addresses
            .find(&Address::new(who.trim(), Reading::Any).text);
        let told = id.map(|id| stories(record, simulation, &comparison, id, args.dbpurgeage));
        Why {
            address: who.to_owned(),
            stories: told.unwrap_or_default(),
        }
    });
    let history = args.history.then(|| {
        let geo = Geo::open(&args.mmdb)?;
        history::history(record, &simulation.addresses, clock, (window, &geo))
    });
    let history = match history.transpose() {
        Ok(history) => history,
        Err(message) => return Ok(Err(message)),
    };
    let result = report::Result {
        record,
        simulation,
        comparison: &comparison,
        why,
        history,
        clock,
        // the data of a page is what JSON has
        whole_names: matches!(args.format, Format::Json | Format::Html),
    };
    if args.format == Format::Json {
        let actual = Some(report::json::object(&result));
        let whole = json::object(simulation, actual, clock);
        return Json.write(&whole, out).map(Ok);
    }
    let screen = terminal::screen(args.screen.color);
    let top = args.top;
    if args.format == Format::Html {
        return report::html::Html { top }.write(&result, out).map(Ok);
    }
    if let Some(by) = args.group_by {
        let history = result.history.as_ref();
        if let Some(lack) = history.and_then(|history| report::history::lacks(history, by)) {
            return Ok(Err(lack.to_owned()));
        }
        let table = report::history::OneTable { by, screen };
        return table.write(&result, out).map(Ok);
    }
    if result.history.is_some() {
        report::history::Table { top, screen }.write(&result, out)?;
    } else if result.why.is_some() {
        report::story::Table { top, screen }.write(&result, out)?;
    } else {
        report::table::Table { top, screen }.write(&result, out)?;
    }
    Ok(Ok(()))
}
