//! Reads fail2ban.sqlite3: the tables `bans`, `jails` and `logs`. The file is never changed, and
//! nothing is made beside it; nothing in it is trusted.

use super::record::{Event, Kind, MOST_EVENTS, Record, Row, Source, address_id};
use crate::analysis::simulate::{Addresses, LogRead, Place};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What every database of SQLite begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The longest text that is read of a field: the lines of a ban are in one.
const LONGEST_FIELD: i32 = 16 << 20;

/// Instructions of SQLite's machine that a query may take, in steps of [`STEP`]: what a file can
/// make us compute is bounded.
const MOST_STEPS: u64 = 40_000_000;
const STEP: i32 = 1_000;

/// The largest database that is copied, where it cannot be read in place.
const LARGEST_COPY: u64 = 4 << 30;

/// Whether a file is a database of SQLite.
pub(crate) fn is_database(path: &Path) -> bool {
    let mut start = [0; 16];
    let is_file = path.metadata().is_ok_and(|about| about.is_file());
    is_file
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == MAGIC
}

/// Reads the database.
///
/// # Errors
///
/// Where it is none of fail2ban's, damaged, or has a field that cannot be read: table and row are
/// named.
pub(crate) fn read(path: &Path, addresses: &mut Addresses) -> Result<Record, String> {
    let name = path.display().to_string();
    let wrong = |error: &dyn std::fmt::Display| format!("{name}: {error}");
    let opened = Opened::of(path).map_err(|error| wrong(&error))?;
    let database = opened.connect().map_err(|error| wrong(&said(&error)))?;
    let mut record = Record {
        source: Source::Database,
        files: vec![LogRead {
            name: name.clone(),
            bytes: path.metadata().map_or(0, |about| about.len()),
            ..LogRead::default()
        }],
        ..Record::default()
    };
    let tables = tables(&database).map_err(|error| wrong(&said(&error)))?;
    if !tables.iter().any(|(table, _)| table == "bans") {
        return Err(format!(
            "{name}: it has no table \"bans\"; expected fail2ban's database (fail2ban.sqlite3)"
        ));
    }
    bans(&database, &tables, &mut record, addresses).map_err(|error| wrong(&error))?;
    if has(&tables, "logs") {
        logs(&database, &mut record).map_err(|error| wrong(&error))?;
    }
    record.files[0].lines = record.events.len() as u64;
    Ok(record)
}

/// How a database can be read without a change of anything.
enum Opened {
    /// In place, under SQLite's locks.
    InPlace(PathBuf),
    /// In place, as a file that does not change: a database in WAL mode that has no log beside it;
    /// to open it otherwise would make one.
    Still(PathBuf),
    /// A copy, with its log beside it.
    Copy(tempfile::TempDir),
}

impl Opened {
    fn of(path: &Path) -> io::Result<Opened> {
        let mut header = [0; 20];
        File::open(path)?.read_exact(&mut header).map_err(|_| {
            io::Error::other("it is no database of SQLite: shorter than a header of one")
        })?;
        if !header.starts_with(MAGIC) {
            return Err(io::Error::other("it is no database of SQLite"));
        }
        let path = path.canonicalize()?;
        let beside = |ending: &str| {
            let mut name = OsString::from(&path);
            name.push(ending);
            let file = PathBuf::from(name);
            let filled = file.metadata().is_ok_and(|about| about.len() > 0);
            filled.then_some(file)
        };
        // bytes 18 and 19 of the header: 2 is a database with a write-ahead log
        let log = if header[18] == 2 {
            beside("-wal").map(|file| (file, "-wal"))
        } else {
            beside("-journal").map(|file| (file, "-journal"))
        };
        let Some((log, ending)) = log else {
            return Ok(if header[18] == 2 {
                Opened::Still(path)
            } else {
                Opened::InPlace(path)
            });
        };
        let size = path.metadata()?.len() + log.metadata()?.len();
        if size > LARGEST_COPY {
            let most = LARGEST_COPY >> 30;
            return Err(io::Error::other(format!(
                "it has a log beside it ({}) and is larger than the {most} GiB that are copied",
                log.display()
            )));
        }
        let copy = tempfile::tempdir()?;
        std::fs::copy(&path, copy.path().join("copy"))?;
        std::fs::copy(&log, copy.path().join(format!("copy{ending}")))?;
        Ok(Opened::Copy(copy))
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let only_read = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = match self {
            Opened::InPlace(path) => Connection::open_with_flags(path, only_read)?,
            Opened::Still(path) => {
                let address = format!("file:{}?immutable=1", escaped(path));
                Connection::open_with_flags(address, only_read | OpenFlags::SQLITE_OPEN_URI)?
            }
            // our own copy: its log is taken in
            Opened::Copy(place) => Connection::open_with_flags(
                place.path().join("copy"),
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?,
        };
        // what is in the file is data, and calls nothing
        database.pragma_update(None, "trusted_schema", false)?;
        database.pragma_update(None, "cell_size_check", true)?;
        database.pragma_update(None, "query_only", true)?;
        database.pragma_update(None, "temp_store", "MEMORY")?;
        database.busy_timeout(std::time::Duration::from_secs(5))?;
        database.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_FIELD)?;
        let mut steps = 0;
        let count = move || {
            steps += 1;
            steps > MOST_STEPS / STEP as u64
        };
        database.progress_handler(STEP, Some(count))?;
        Ok(database)
    }
}

/// A path in a URI of SQLite.
fn escaped(path: &Path) -> String {
    let text = path.to_string_lossy();
    let escape = |c: char| match c {
        '%' => "%25".to_owned(),
        '?' => "%3f".to_owned(),
        '#' => "%23".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// SQLite's words, those of ours where they need it.
fn said(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => {
            "it takes too long to read: more work than any of fail2ban's makes".into()
        }
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            "the server is writing to it; try again, or copy it".into()
        }
        _ => error.to_string(),
    }
}

/// The ordinary tables with their columns. A view of that name could make us compute anything.
fn tables(database: &Connection) -> rusqlite::Result<Vec<(String, Vec<String>)>> {
    let mut query = database.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' LIMIT 100",
    )?;
    let names: rusqlite::Result<Vec<String>> = query.query_map([], |row| row.get(0))?.collect();
    names?
        .into_iter()
        .map(|name| {
            let mut query = database.prepare("SELECT name FROM pragma_table_info(?1) LIMIT 100")?;
            let columns = query.query_map([&name], |row| row.get(0))?;
            Ok((name, columns.collect::<rusqlite::Result<Vec<String>>>()?))
        })
        .collect()
}

fn has(tables: &[(String, Vec<String>)], table: &str) -> bool {
    tables.iter().any(|(name, _)| name == table)
}

/// The bans in order of time. Before version 3 of the schema they had no bantime.
fn bans(
    database: &Connection,
    tables: &[(String, Vec<String>)],
    record: &mut Record,
    addresses: &mut Addresses,
) -> Result<(), String> {
    let columns = tables.iter().find(|(name, _)| name == "bans");
    let has_bantime = columns.is_some_and(|(_, all)| all.iter().any(|name| name == "bantime"));
    let bantime = if has_bantime { "bantime" } else { "NULL" };
    let text = format!(
        "SELECT rowid, jail, ip, timeofban, {bantime}, data FROM bans ORDER BY timeofban, rowid"
    );
    let mut query = database.prepare(&text).map_err(|error| said(&error))?;
    let mut rows = query.query([]).map_err(|error| said(&error))?;
    let mut expected = None;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(()),
            Err(error) => {
                let behind = expected.map_or(String::new(), |row| format!(" behind row {row}"));
                return Err(format!("table bans{behind}: {}", said(&error)));
            }
        };
        let number: i64 = row.get(0).map_err(|error| said(&error))?;
        expected = Some(number);
        let wrong =
            |column: &str, what: &str| format!("table bans, row {number}: {column}: {what}");
        let value = |at: usize| row.get_ref(at).map_err(|error| said(&error));
        let jail = text_of(value(1)?).map_err(|what| wrong("jail", &what))?;
        let ip = text_of(value(2)?).map_err(|what| wrong("ip", &what))?;
        let time = number_of(value(3)?).map_err(|what| wrong("timeofban", &what))?;
        let time = time.ok_or_else(|| wrong("timeofban", "expected a number, found NULL"))?;
        let bantime = number_of(value(4)?).map_err(|what| wrong("bantime", &what))?;
        let failures = failures(value(5)?).map_err(|what| wrong("data", &what))?;
        if record.events.len() >= MOST_EVENTS {
            return Err(format!("table bans: more than {MOST_EVENTS} rows"));
        }
        let Some(jail) = record.jail(&jail) else {
            return Err(wrong("jail", "more jails than any server has"));
        };
        record.saw(time);
        record.events.push(Event {
            jail,
            kind: Kind::Ban,
            id: address_id(addresses, &ip),
            time,
            told: Some(time),
            place: Place {
                log: 0,
                line: u32::try_from(number).unwrap_or(u32::MAX),
            },
        });
        record.rows.push(Row {
            // upstream writes -2 for what an older version did not note
            bantime: bantime.filter(|seconds| *seconds != -2.0),
            failures,
        });
    }
}

fn logs(database: &Connection, record: &mut Record) -> Result<(), String> {
    let mut query = database
        .prepare("SELECT rowid, jail, path FROM logs LIMIT 100000")
        .map_err(|error| said(&error))?;
    let mut rows = query.query([]).map_err(|error| said(&error))?;
    while let Some(row) = rows.next().map_err(|error| said(&error))? {
        let number: i64 = row.get(0).map_err(|error| said(&error))?;
        let wrong =
            |column: &str, what: &str| format!("table logs, row {number}: {column}: {what}");
        let value = |at: usize| row.get_ref(at).map_err(|error| said(&error));
        let jail = text_of(value(1)?).map_err(|what| wrong("jail", &what))?;
        let path = text_of(value(2)?).map_err(|what| wrong("path", &what))?;
        if let Some(jail) = record.jail(&jail) {
            record.logs.push((jail, path));
        }
    }
    Ok(())
}

/// A text of UTF-8.
fn text_of(value: ValueRef) -> Result<String, String> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let text = std::str::from_utf8(bytes);
            let text = text.map_err(|error| format!("expected UTF-8: {error}"))?;
            Ok(text.to_owned())
        }
        other => Err(format!("expected text, found {}", other.data_type())),
    }
}

/// A number; None for NULL.
fn number_of(value: ValueRef) -> Result<Option<f64>, String> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number as f64)),
        ValueRef::Real(number) if number.is_finite() => Ok(Some(number)),
        other => Err(format!("expected a number, found {}", other.data_type())),
    }
}

/// What `data` says of the failures: `{"matches": […], "failures": 3}`.
fn failures(value: ValueRef) -> Result<Option<i64>, String> {
    let text = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        other => return Err(format!("expected JSON, found {}", other.data_type())),
    };
    let text = std::str::from_utf8(text).map_err(|error| format!("expected UTF-8: {error}"))?;
    #[derive(serde::Deserialize)]
    struct Data {
        failures: Option<i64>,
    }
    let data: Data =
        serde_json::from_str(text).map_err(|error| format!("expected JSON: {error}"))?;
    Ok(data.failures)
}
