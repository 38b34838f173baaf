//! The report as a page: all jails in a table, then a card for each, what stops it first.

use super::{DoctorReport, json, table};
use crate::analysis::doctor::{Blocker, Figures, JailDiagnosis, Notice};
use crate::date::Clock;
use crate::report::Format;
use crate::report::html::{self, filters};
use crate::report::text::{counted, grouped};
use askama::Template;
use indexmap::IndexSet;
use std::io::{self, Write};

/// Addresses told that would be banned.
const BANS: usize = 20;

/// See the module.
pub(super) struct Html;

impl Format<DoctorReport<'_>> for Html {
    fn write(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(&json::object(report))?;
        html::write(&Page::of(report, data, has_data), out)
    }
}

#[derive(Template)]
#[template(path = "doctor.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    directory: &'a str,
    now: String,
    refused: &'a [String],
    working: usize,
    stopped: usize,
    shares: String,
    read: String,
    jails: Vec<Jail<'a>>,
}

struct Jail<'a> {
    name: &'a str,
    enabled: bool,
    works: bool,
    verdict: &'static str,
    class: &'static str,
    input: String,
    age: String,
    lines: Option<u64>,
    dated: Option<u64>,
    matched: Option<u64>,
    bans: Option<u64>,
    backend: String,
    inputs: Vec<Input<'a>>,
    blockers: Vec<Stop<'a>>,
    warnings: &'a [Notice],
    banned: String,
    closest: String,
}

struct Input<'a> {
    name: &'a str,
    lines: Option<u64>,
    newest: String,
}

struct Stop<'a> {
    code: &'a str,
    message: &'a str,
    place: String,
    change: &'a str,
    tried: String,
}

impl<'a> Page<'a> {
    fn of(report: &'a DoctorReport, data: String, has_data: bool) -> Page<'a> {
        let all = report.jails.len();
        let working = report.jails.iter().filter(|jail| jail.works()).count();
        let mut jails: Vec<Jail> = report
            .jails
            .iter()
            .map(|jail| Jail::of(jail, report))
            .collect();
        // what needs somebody's hand stands first
        jails.sort_by_key(|jail| (jail.works, !jail.enabled));
        Page {
            data,
            has_data,
            directory: report.directory,
            now: report.clock.iso(report.clock.now_epoch()),
            refused: &report.refused,
            working,
            stopped: all - working,
            shares: html::share(&[
                (working as u64, "f-good"),
                ((all - working) as u64, "f-bad"),
            ]),
            read: if report.jails.iter().any(|jail| jail.lines.is_some()) {
                let lines = counted(report.lines, "line", "lines");
                format!("Read: the last {lines} of each input.")
            } else {
                String::new()
            },
            jails,
        }
    }
}

impl<'a> Jail<'a> {
    fn of(jail: &'a JailDiagnosis, report: &DoctorReport) -> Jail<'a> {
        let bans = jail.bans.as_deref();
        let banned: IndexSet<&str> = bans.into_iter().flatten().map(String::as_str).collect();
        let more = match banned.len().saturating_sub(BANS) {
            0 => String::new(),
            rest => format!(" and {} more", grouped(rest as u64)),
        };
        let shown: Vec<&str> = banned.iter().take(BANS).copied().collect();
        Jail {
            name: &jail.name,
            enabled: jail.enabled,
            works: jail.works(),
            verdict: table::verdict(jail),
            class: match (jail.works(), banned.is_empty()) {
                (false, _) => "bad",
                (true, true) => "none",
                (true, false) => "good",
            },
            input: table::input(jail, 60),
            age: table::age(report, jail),
            lines: jail.lines,
            dated: jail.dated,
            matched: jail.matched,
            bans: bans.map(|bans| bans.len() as u64),
            backend: match &jail.backend {
                Some((configured, effective)) if configured == effective => configured.clone(),
                Some((configured, effective)) => format!("{configured}: {effective}"),
                None => String::new(),
            },
            inputs: (jail.inputs.iter())
                .map(|input| Input {
                    name: input.path.as_deref().unwrap_or("the journal"),
                    lines: input.lines,
                    newest: newest(input.newest, report.clock),
                })
                .collect(),
            blockers: (jail.blockers.iter())
                .map(|blocker| Stop::of(blocker, report.directory))
                .collect(),
            warnings: &jail.warnings,
            banned: format!("{}{more}", shown.join(", ")),
            closest: (jail.closest.as_ref()).map_or(String::new(), |closest| {
                format!(
                    "Nearest to a ban: {}, {} within findtime, {} in all.",
                    closest.address,
                    closest.count,
                    counted(closest.failures, "failure", "failures")
                )
            }),
        }
    }
}

fn newest(time: Option<f64>, clock: &Clock) -> String {
    time.map_or("no date".into(), |time| clock.iso(time))
}

impl<'a> Stop<'a> {
    fn of(blocker: &'a Blocker, directory: &str) -> Stop<'a> {
        let place = blocker.place.as_ref();
        Stop {
            code: blocker.code,
            message: &blocker.message,
            place: place.map_or(String::new(), |place| place.within(directory)),
            change: &blocker.change,
            tried: blocker.tried.map_or(String::new(), tried),
        }
    }
}

fn tried(figures: Figures) -> String {
    format!(
        "Tried: {}, {}.",
        counted(figures.matched, "match", "matches"),
        counted(figures.bans, "ban", "bans")
    )
}
