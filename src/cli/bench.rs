//! `f2b-regex bench LOG FILTER`: what a filter costs, and how two filters differ.

mod args;
mod side;

use super::Status;
use super::setup::{self, SetupRequest};
use super::terminal::{self, print_error};
use crate::analysis::bench::report::{self, BenchLog, BenchReport, Budget, Machine, Ratio};
use crate::analysis::bench::revision::Checkout;
use crate::analysis::bench::{Bencher, Effort, FilterTiming, Log, compare};
use crate::analysis::warning::{Tool, Warning};
use crate::date::Clock;
use crate::engine::dns::UseDns;
use crate::input::{Encoding, ReadOptions, encoding};
use crate::report::Format as _;
use crate::report::bench::markdown::Markdown;
use crate::report::bench::table::Table;
use crate::report::json::Json;
use crate::report::text::{counted, grouped};
use args::{BenchArgs, Format};
use clap::CommandFactory;
use side::{Prepared, is_bare_file_name, path_of};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    BenchArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<BenchArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let report = match Bench::new(&args).and_then(|bench| bench.run()) {
        Ok(report) => report,
        Err(message) => {
            print_error(format!("f2b-regex bench: {message}"));
            return Ok(Status::Error);
        }
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        Format::Table => Table(terminal::screen(args.color)).write(&report, &mut out)?,
        Format::Json => Json.write(&report, &mut out)?,
        Format::Markdown => Markdown.write(&report, &mut out)?,
    }
    out.flush()?;
    Ok(status(&args, &report))
}

fn status(args: &BenchArgs, report: &BenchReport) -> Status {
    let changed = report.comparison.as_ref().is_some_and(|c| !c.unchanged);
    if args.fail_on_change && changed {
        print_error("f2b-regex bench: the filters differ in meaning (--fail-on-change)");
        return Status::Condition;
    }
    let mut status = Status::Ran;
    for budget in report.budgets.iter().filter(|budget| !budget.held) {
        let Budget {
            option,
            limit,
            measured,
            ..
        } = budget;
        print_error(format!(
            "f2b-regex bench: {option} {limit} exceeded: {measured:.2}"
        ));
        status = Status::Condition;
    }
    status
}

struct Bench<'a> {
    args: &'a BenchArgs,
    clock: Clock,
    encoding: Encoding,
    usedns: UseDns,
}

impl<'a> Bench<'a> {
    fn new(args: &'a BenchArgs) -> Result<Self, String> {
        let now = match &args.now {
            Some(text) => {
                let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
                    format!("--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)")
                })?;
                Some(time.timestamp_millis() as f64 / 1000.0)
            }
            None => None,
        };
        let name = args
            .encoding
            .clone()
            .unwrap_or_else(encoding::preferred_name);
        Ok(Bench {
            args,
            clock: Clock::new(now),
            encoding: Encoding::for_label(&name).ok_or_else(|| {
                format!(
                    "--encoding {name}: unknown encoding; expected a name such as UTF-8, \
                     latin-1 or windows-1252"
                )
            })?,
            usedns: UseDns::parse(&args.usedns).ok_or_else(|| {
                format!("--usedns {}: expected yes, warn, no or raw", args.usedns)
            })?,
        })
    }

    fn run(&self) -> Result<BenchReport, String> {
        let args = self.args;
        let name = args.encoding.clone();
        let options = ReadOptions {
            encoding: self.encoding,
            encoding_name: name.unwrap_or_else(encoding::preferred_name),
            encoding_given: args.encoding.is_some(),
            journal_offset: self.clock.local(self.clock.now_epoch()).offset,
            ..ReadOptions::default()
        };
        // what is wrong with the log is said after what is wrong with the filter
        let log = Log::read(&args.log, options, args.lines).map_err(|error| error.to_string());
        let journal = log.as_ref().is_ok_and(|log| log.is_journal);
        let filter = self.prepare(
            &args.filter,
            &args.config,
            args.filter.clone(),
            None,
            journal,
        )?;
        let against = match args.against.as_deref() {
            Some(spec) => Some(match spec.strip_prefix("git:") {
                Some(revision) => self.revision(revision, &filter, journal)?,
                None => self.prepare(spec, &args.config, spec.to_string(), None, journal)?,
            }),
            None => None,
        };
        let log = log?;
        let comparison = against.as_ref().map(|against| {
            let (mine, theirs) = (
                filter.candidate(&self.clock),
                against.candidate(&self.clock),
            );
            compare(mine, theirs, &log, args.examples)
        });
        let timing = |side: &Prepared| match args.no_time {
            true => Ok(None),
            false => self.time(side, &log).map(Some),
        };
        let (mine, theirs) = (
            timing(&filter)?,
            against.as_ref().map(timing).transpose()?.flatten(),
        );
        let ratio = mine
            .as_ref()
            .zip(theirs.as_ref())
            .and_then(|(a, b)| Ratio::of(a, b));
        let budgets = self.budgets(mine.as_ref(), ratio.as_ref());
        let mut warnings = self.warnings(&filter, against.as_ref(), &log);
        let other = against.as_ref().zip(theirs.as_ref());
        for (side, timing) in [mine.as_ref().map(|mine| (&filter, mine)), other]
            .into_iter()
            .flatten()
        {
            let of_side = |message| format!("{}: {message}", side.name);
            let found = timing.warnings();
            warnings.extend(found.map(|(code, message)| Warning::new(code, of_side(message))));
        }
        Ok(BenchReport {
            schema: report::SCHEMA,
            tool: Tool::this(),
            log: BenchLog::from(&log),
            filter: filter.side(mine),
            against: against.as_ref().map(|against| against.side(theirs)),
            comparison,
            ratio,
            machine: (!args.no_time).then(Machine::now),
            budgets,
            warnings,
        })
    }

    fn time(&self, side: &Prepared, log: &Log) -> Result<FilterTiming, String> {
        let args = self.args;
        let patience = Duration::try_from_secs_f64(args.patience)
            .map_err(|_| format!("--patience {}: expected seconds", args.patience))?;
        let bencher = Bencher {
            candidate: side.candidate(&self.clock),
            log,
            effort: Effort {
                runs: args.runs as usize,
                warmup: args.warmup as usize,
                patience,
            },
            slowest: args.slowest,
            python: args.python.as_deref(),
        };
        bencher.run().map_err(|error| error.to_string())
    }

    fn budgets(&self, timing: Option<&FilterTiming>, ratio: Option<&Ratio>) -> Vec<Budget> {
        let line = timing.map(|t| t.whole.median_ns.0);
        let line = self.args.max_ns_per_line.zip(line);
        let line = line.map(|(limit, ns)| Budget::new("--max-ns-per-line", limit, ns));
        let ratio = self.args.max_ratio.zip(ratio.map(|ratio| ratio.whole));
        let ratio = ratio.map(|(limit, ratio)| Budget::new("--max-ratio", limit, ratio));
        line.into_iter().chain(ratio).collect()
    }

    fn prepare(
        &self,
        spec: &str,
        config_dir: &Path,
        name: String,
        checkout: Option<Checkout>,
        journal: bool,
    ) -> Result<Prepared, String> {
        let here = self.local_file(spec);
        let request = SetupRequest {
            changes: &[],
            spec: here.as_deref().unwrap_or(spec),
            ignoreregex: None,
            config_dir,
            datepattern: self.args.datepattern.as_deref(),
            timezone: self.args.timezone.as_deref(),
            usedns: self.usedns,
            raw: self.args.raw,
            maxlines: self.args.maxlines,
            check_all: !self.args.no_check_all,
            rows: false,
            systemd: journal,
            verbosity: 0,
        };
        let setup = setup::build(&request, &self.clock, &mut Vec::new());
        let setup = setup.map_err(|error| match &checkout {
            Some(checkout) => checkout.shown_in(&error.message),
            None => error.message,
        })?;
        Ok(Prepared {
            setup,
            name,
            checkout,
        })
    }

    /// `./old.conf` for `old.conf`, where only the current directory has such a file.
    /// fail2ban-regex looks for a name without `/` in the configuration directory alone;
    /// that directory still comes first here.
    fn local_file(&self, spec: &str) -> Option<String> {
        let path = path_of(spec);
        let there = self.args.config.join("filter.d").join(path);
        (is_bare_file_name(path) && Path::new(path).is_file() && !there.is_file())
            .then(|| format!("./{spec}"))
    }

    /// The filter as a revision of its repository has it: file, includes and, if it is in
    /// the repository too, the configuration directory.
    fn revision(
        &self,
        revision: &str,
        filter: &Prepared,
        journal: bool,
    ) -> Result<Prepared, String> {
        let source = filter.setup.source.as_ref();
        let Some(file) = source.and_then(|source| source.main_file()) else {
            return Err(format!(
                "--against git:{revision}: {} is no file, it has no revisions",
                self.args.filter
            ));
        };
        let checkout = Checkout::of(revision, file).map_err(|error| error.to_string())?;
        let there = checkout.file(file).map_err(|error| error.to_string())?;
        let config = checkout
            .place(&self.args.config)
            .filter(|place| place.is_dir());
        let config = config.unwrap_or_else(|| self.args.config.clone());
        // a path leads to its counterpart; a name is looked up in that configuration
        let spec = &self.args.filter;
        let (path, options) = spec.split_at(path_of(spec).len());
        let named = path.contains('/') || self.local_file(spec).is_some();
        let spec = match named && Path::new(path).is_file() {
            true => format!("{}{options}", there.display()),
            false => spec.clone(),
        };
        let name = format!("git:{revision}");
        self.prepare(&spec, &config, name, Some(checkout), journal)
    }

    fn warnings(&self, filter: &Prepared, against: Option<&Prepared>, log: &Log) -> Vec<Warning> {
        let mut all = Vec::new();
        let mut warn = |code: &str, message: String| all.push(Warning::new(code, message));
        for side in [Some(filter), against].into_iter().flatten() {
            if side.setup.filter.failregexes.is_empty() {
                let name = &side.name;
                warn(
                    "no-failregex",
                    format!("{name} has no failregex: nothing can match"),
                );
            }
            let path = path_of(&side.name);
            let there = self.args.config.join("filter.d").join(path);
            if is_bare_file_name(path) && Path::new(path).is_file() && there.is_file() {
                let there = there.display();
                warn(
                    "shadowed-file",
                    format!("{path} is {there}; write ./{path} to read the file here"),
                );
            }
            for warning in &side.setup.warnings {
                warn(warning.kind.name(), warning.message.clone());
            }
        }
        if log.cut {
            let used = match log.lines.len() {
                1 => "line of the log is".to_owned(),
                n => format!("{} lines of the log are", grouped(n as u64)),
            };
            warn("cut-log", format!("only the first {used} used (--lines)"));
        }
        if log.lines.is_empty() {
            warn(
                "no-lines",
                format!("no line was tested: {} has none", log.name),
            );
        }
        if log.invalid > 0 {
            let places = counted(log.invalid, "place of the log is", "places of the log are");
            warn(
                "invalid-encoding",
                format!("{places} not valid in its encoding (-e)"),
            );
        }
        all
    }
}
