//! `--format matches` and `--matches`: the failures of shards as JSON lines, written where
//! the logs are and simulated together.
//!
//! A file begins with a line of its own ([`Head`]), which says of which filter and logs the
//! failures are; a failure ([`Failure`]) is a line. The jail's rules are applied when they
//! are read: ignored addresses are in them too.

use super::args::Args;
use super::asked::Asked;
use super::load::load;
use super::{Jail, Work};
use crate::analysis::merge::{CrossShardEffect, Side, between};
use crate::analysis::run::{BoundaryRecorder, ShardBoundary, TemplateCounts};
use crate::analysis::simulate::{LogRead, Place, Simulation};
use crate::config::Loader;
use crate::engine::address::{Address, AddressKind, Reading};
use crate::engine::{Filter, Session};
use crate::report::escape::{Escaped, Markup};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

/// The number of the form.
const FORM: u32 = 1;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    /// [`FORM`].
    matches: u32,
    /// The version of f2b-regex.
    version: String,
    /// The jail or filter.
    jail: String,
    /// Its failregexes, prefregex and ignoreregexes, resolved.
    regexes: Vec<String>,
    /// The filter as it reads a journal.
    journal: bool,
    /// Lines a regex may span.
    maxlines: usize,
    /// The logs that were read.
    logs: Vec<LogRead>,
    /// Lines tested.
    lines: u64,
    /// Lines an ignoreregex took.
    ignored_lines: u64,
    /// The date templates that found dates.
    date_templates: Vec<TemplateCounts>,
    /// What the ends of the logs have to do with those before and behind them.
    boundary: ShardBoundary,
}

/// A failure.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Failure {
    /// Index of the log in the first line, from 0.
    log: u32,
    /// The line there, from 1.
    line: u32,
    /// Epoch seconds; null where no line up to it has a date.
    time: Option<f64>,
    /// Who failed.
    address: String,
    /// What that is.
    kind: AddressKind,
}

/// The regexes that decide what is found.
fn regexes(filter: &Filter) -> Vec<String> {
    let all = filter.prefregex.iter().chain(&filter.failregexes);
    let all = all.chain(&filter.ignoreregexes);
    all.map(|regex| regex.regex.as_str().to_string()).collect()
}

impl Head {
    /// The first line of a run that has just read its logs.
    pub(crate) fn of(args: &Args, jail: &Jail, session: &Session, watch: BoundaryRecorder) -> Head {
        let filter = &jail.setup.filter;
        let given = [
            ("datepattern", args.source.datepattern.clone()),
            (
                "timezone",
                args.source.timezone.clone().or(jail.rules.timezone.clone()),
            ),
            ("encoding", args.read.encoding.clone()),
            ("usedns", Some(format!("{:?}", jail.rules.usedns))),
            ("now", args.clock.now.clone()),
        ];
        let options: BTreeMap<String, String> = (given.into_iter())
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect();
        let datepattern = args
            .source
            .datepattern
            .as_deref()
            .or(jail.setup.datepattern());
        Head {
            matches: FORM,
            version: env!("CARGO_PKG_VERSION").into(),
            jail: jail.shown.name.clone(),
            regexes: regexes(filter),
            journal: jail.journal,
            maxlines: filter.options.maxlines,
            logs: Vec::new(),
            lines: jail.shown.collector.lines,
            ignored_lines: jail.shown.collector.ignored_lines,
            date_templates: session.detector().map_or(Vec::new(), TemplateCounts::found),
            boundary: watch.finish(session, jail.setup.detector.as_ref(), datepattern, options),
        }
    }

    /// What makes failures of two files those of one simulation.
    fn identity(&self) -> [(&'static str, String); 6] {
        let dates = self.boundary.dates.as_ref();
        [
            ("the version of f2b-regex", self.version.clone()),
            ("the jail or filter", self.jail.clone()),
            ("the regexes", self.regexes.join("\n")),
            ("maxlines", self.maxlines.to_string()),
            ("the options", format!("{:?}", self.boundary.options)),
            (
                "the date templates",
                dates.map_or("a journal's".into(), |dates| dates.fingerprint.clone()),
            ),
        ]
    }

    fn side(&self) -> Side<'_> {
        Side {
            boundary: &self.boundary,
            tested: self.lines,
            read: self.logs.iter().map(|log| log.lines).sum(),
            templates: &self.date_templates,
            maxlines: self.maxlines,
        }
    }

    /// Puts the next file's logs behind.
    fn join(&mut self, next: Head) {
        self.boundary.join(&next.boundary);
        self.lines += next.lines;
        for template in next.date_templates {
            let known = self.date_templates.iter().any(|t| t.name == template.name);
            if !known {
                self.date_templates.push(template);
            }
        }
    }
}

/// Writes the failures that were found.
pub(crate) fn write(out: &mut dyn Write, head: Head, simulation: &Simulation) -> io::Result<()> {
    let head = Head {
        // a log given twice is there once, as the failures have it
        logs: simulation.logs.clone(),
        ..head
    };
    let mut out = Escaped::new(out, Markup::Json);
    serde_json::to_writer(&mut out, &head)?;
    writeln!(out)?;
    let rows = simulation
        .jails
        .iter()
        .flat_map(|jail| jail.collector.rows.iter().flatten());
    for row in rows {
        let failure = Failure {
            log: row.place.log,
            line: row.place.line,
            time: (!row.time.is_nan()).then_some(row.time),
            address: simulation.addresses.text(row.id).to_string(),
            kind: simulation.addresses.kind(row.id),
        };
        serde_json::to_writer(&mut out, &failure)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Reads the failures of all files into the one jail there is.
pub(crate) fn read(
    work: &mut Work,
    args: &Args,
    asked: &Asked,
    specs: &[String],
    files: &[String],
) -> Result<(), String> {
    let [spec] = specs else {
        return Err("--matches is for one jail".into());
    };
    let mut reading = Reader {
        spec,
        args,
        asked,
        first: String::new(),
        sum: None,
        carries: BTreeSet::new(),
    };
    for file in files {
        let input: Box<dyn BufRead> = match file.as_str() {
            "-" => Box::new(io::stdin().lock()),
            path => {
                let opened = File::open(path).map_err(|error| format!("{path}: {error}"))?;
                Box::new(BufReader::new(opened))
            }
        };
        let name = if file == "-" { "standard input" } else { file };
        reading.file(work, input, name)?;
    }
    let messages = reading.carries.iter().map(|carry| {
        format!(
            "failures may differ from those of one run over all logs: {}",
            carry.describe()
        )
    });
    work.warnings.extend(messages);
    if let [jail] = work.jails.as_mut_slice() {
        jail.unordered = !jail.shown.collector.sort();
    }
    Ok(())
}

struct Reader<'a> {
    spec: &'a str,
    args: &'a Args,
    asked: &'a Asked<'a>,
    /// The first file.
    first: String,
    /// Its first line, and those of the files since.
    sum: Option<Head>,
    carries: BTreeSet<CrossShardEffect>,
}

impl Reader<'_> {
    fn file(&mut self, work: &mut Work, input: impl BufRead, file: &str) -> Result<(), String> {
        let expected = "expected what f2b-regex simulate --format matches writes";
        let mut last_date = self.sum.as_ref().and_then(|head| head.boundary.last_date);
        // index of the file's first log among all
        let mut base = None;
        for (number, line) in input.lines().enumerate() {
            let line = line.map_err(|error| format!("{file}: {error}"))?;
            let wrong =
                |error: serde_json::Error| format!("{file}:{}: {expected}: {error}", number + 1);
            // files put one behind the other have several first lines
            let Some(logs) = base.filter(|_| !line.starts_with("{\"matches\":")) else {
                let head: Head = serde_json::from_str(&line).map_err(wrong)?;
                last_date = self.sum.as_ref().and_then(|head| head.boundary.last_date);
                let logs = u32::try_from(work.logs.len()).unwrap_or(u32::MAX);
                self.head(work, head, file, number + 1)?;
                base = Some(logs);
                continue;
            };
            let failure: Failure = serde_json::from_str(&line).map_err(wrong)?;
            let Some(jail) = work.jails.last_mut() else {
                return Err(format!("{file}: {expected}"));
            };
            let place = Place {
                log: logs.saturating_add(failure.log),
                line: failure.line,
            };
            let address = Address::new(&failure.address, Reading::Raw);
            let time = failure.time.or(last_date);
            (jail.shown.collector).failure(
                &mut work.addresses,
                place,
                &address,
                failure.kind,
                time,
            );
        }
        match base {
            Some(_) => Ok(()),
            None => Err(format!("{file}: empty; {expected}")),
        }
    }

    fn head(&mut self, work: &mut Work, head: Head, file: &str, line: usize) -> Result<(), String> {
        if head.matches != FORM {
            let form = head.matches;
            return Err(format!(
                "{file}:{line}: failures in form {form}; this program knows {FORM}"
            ));
        }
        if work.jails.is_empty() {
            let loader = Loader::default();
            let jail = load(&loader, self.args, self.asked, self.spec, head.journal)?;
            if regexes(&jail.setup.filter) != head.regexes {
                return Err(format!(
                    "{file}:{line}: failures of {}, found by other regexes than those {} has here",
                    head.jail, self.spec
                ));
            }
            work.jails.push(jail);
        }
        if let Some(jail) = work.jails.last_mut() {
            jail.shown.collector.lines += head.lines;
            jail.shown.collector.ignored_lines += head.ignored_lines;
        }
        work.logs.extend(head.logs.iter().cloned());
        match &mut self.sum {
            None => {
                self.first = format!("{file}:{line}");
                self.sum = Some(head);
            }
            Some(sum) => {
                let pairs = sum.identity().into_iter().zip(head.identity());
                if let Some(((what, there), (_, here))) = pairs.into_iter().find(|(a, b)| a != b) {
                    return Err(format!(
                        "{file}:{line}: not made as {}: {what}: `{here}`, there `{there}`",
                        self.first
                    ));
                }
                (self.carries).extend(between(sum.side(), head.side(), &self.asked.clock));
                sum.join(head);
            }
        }
        Ok(())
    }
}
