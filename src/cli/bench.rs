//! `f2b-regex bench LOG FILTER`: what a filter costs, and how two filters differ.

mod args;
mod side;

use super::Status;
use super::logs;
use super::options::{DocumentFormat, in_zone};
use super::progress::Progress;
use super::setup::{self, SetupRequest};
use super::terminal::{self, print_error};
use super::typed::Typed;
use crate::analysis::bench::report::{self, BenchLog, BenchReport, Budget, Machine, Ratio};
use crate::analysis::bench::revision::Checkout;
use crate::analysis::bench::{Bencher, Effort, FilterTiming, Log, compare};
use crate::analysis::explain::hints::Change;
use crate::analysis::run::{DateSpan, why_no_lines};
use crate::analysis::warning::{Tool, Warning};
use crate::config::{Loader, Lookup, config_dir, typed_path};
use crate::date::Clock;
use crate::engine::dns::UseDns;
use crate::input::{LogSet, Words};
use crate::report::Format as _;
use crate::report::bench::html::Html;
use crate::report::bench::markdown::Markdown;
use crate::report::bench::table::Table;
use crate::report::json::Json;
use crate::report::text::{counted, grouped};
use args::BenchArgs;
use clap::CommandFactory;
use side::Prepared;
use std::cell::RefCell;
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
    let report = args.with_hints().and_then(|(changed, changes)| {
        let bench = Bench::new(&changed, &changes)?;
        bench.run(&args)
    });
    let report = match report {
        Ok(report) => report,
        Err(message) => {
            print_error(format!("f2b-regex bench: {message}"));
            return Ok(Status::Error);
        }
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        DocumentFormat::Table => {
            Table(terminal::screen(args.screen.color)).write(&report, &mut out)?
        }
        DocumentFormat::Json => Json.write(&report, &mut out)?,
        DocumentFormat::Html => Html.write(&report, &mut out)?,
        DocumentFormat::Markdown => Markdown.write(&report, &mut out)?,
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
    /// The changes of hints to the filter's regexes.
    changes: &'a [Change],
    clock: Clock,
    /// `--timezone`, where it is an offset or an abbreviation.
    timezone: Option<&'a str>,
    typed: Typed,
    usedns: UseDns,
}

impl<'a> Bench<'a> {
    fn new(args: &'a BenchArgs, changes: &'a [Change]) -> Result<Self, String> {
        let timezone = args.source.timezone.as_deref();
        let (clock, timezone) = in_zone(args.clock.clock()?, timezone)?;
        let given = [&args.given.log, &args.given.filter].into_iter().flatten();
        let given: Vec<&str> = given.map(String::as_str).collect();
        let typed = Typed::of(&args.read, &given);
        let typed = typed.and_then(|typed| match typed.ignoreregex {
            Some(_) => Err("more than LOG and FILTER.".into()),
            None => Ok(typed),
        });
        Ok(Bench {
            args,
            changes,
            clock,
            timezone,
            typed: typed.map_err(|message| format!("{message} See f2b-regex bench --help."))?,
            usedns: args.matching.usedns()?,
        })
    }

    /// The logs, and whether they are journals.
    fn open(&self) -> Result<(LogSet, bool), String> {
        let options = logs::options(&self.args.read, &self.args.window, &self.clock)?;
        let sources = self.typed.sources(Words::AreLogs)?;
        let mut logs = logs::open(sources, options, self.args.window.last);
        let journal = logs.is_journal().map_err(|error| error.to_string())?;
        Ok((logs, journal))
    }

    /// The lines in memory, those the filter is meant for.
    fn read(&self, mut logs: LogSet, filter: &Prepared) -> Result<Log, String> {
        let journalmatch = self.args.read.journalmatch.as_deref();
        let (setup, clock, dates) = (&filter.setup, &self.clock, DateSpan::default());
        logs::begin(&mut logs, journalmatch, setup, clock, &dates)?;
        let name = match (logs.sources(), self.typed.logs.as_slice()) {
            ([one], _) => one.name(),
            (_, names) => names.join(" "),
        };
        let mut progress = Progress::new(!self.args.progress.no_progress, logs.size());
        let unwrapping = logs.options_mut().unwrap.clone();
        let told = |position, lines| progress.show(position, lines, 0);
        let log = Log::read(name, logs, self.args.lines, told);
        progress.finish();
        logs::say_unwrapped(unwrapping.as_ref());
        let mut log = log.map_err(|error| error.to_string())?;
        log.outside.dates = dates.get();
        Ok(log)
    }

    /// `typed`: the arguments without the changes of hints, as the filter compared against has
    /// them.
    fn run(&self, typed: &BenchArgs) -> Result<BenchReport, String> {
        let args = self.args;
        // what is wrong with the log is said after what is wrong with the filter
        let opened = self.open();
        let journal = opened.as_ref().is_ok_and(|(_, journal)| *journal);
        let config = args.source.config.as_deref();
        let spec = &self.typed.filter;
        let explain = |message| self.typed.explain(message, Some("bench"));
        let filter = self
            .prepare(spec, config, spec.clone(), None, journal)
            .map_err(explain)?;
        let other = Bench::new(typed, &[])?;
        let against = match args.against.as_deref() {
            Some(spec) => Some(match spec.strip_prefix("git:") {
                Some(revision) => other.revision(revision, &filter, journal)?,
                None => other.prepare(spec, config, spec.to_string(), None, journal)?,
            }),
            None => None,
        };
        let (logs, _) = opened.map_err(explain)?;
        let log = self.read(logs, &filter)?;
        let comparison = against.as_ref().map(|against| {
            let (mine, theirs) = (
                filter.candidate(&self.clock),
                against.candidate(&self.clock),
            );
            compare(mine, theirs, &log, args.examples)
        });
        let timing = |side: &Prepared| {
            if args.no_time {
                Ok(None)
            } else {
                self.time(side, &log).map(Some)
            }
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
        let rounds = u64::from(args.warmup) + u64::from(args.runs);
        let progress = RefCell::new(Progress::new(!args.progress.no_progress, None));
        let message = format!("timing {}", side.name);
        let began = |round| (progress.borrow_mut()).round(round as u64, rounds, &message);
        let bencher = Bencher {
            progress: &began,
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
        let timing = bencher.run().map_err(|error| error.to_string());
        progress.borrow_mut().finish();
        timing
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
        config_dir: Option<&Path>,
        name: String,
        checkout: Option<Checkout>,
        journal: bool,
    ) -> Result<Prepared, String> {
        let request = SetupRequest {
            config_dir,
            usedns: self.usedns,
            raw: self.args.matching.raw,
            maxlines: self.args.matching.maxlines,
            check_all: !self.args.no_check_all,
            systemd: journal,
            changes: self.changes,
            ..self.args.source.request(spec, self.timezone)
        };
        let setup = setup::build_strict(&Loader::default(), &request, &self.clock);
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
                self.typed.filter
            ));
        };
        let checkout = Checkout::of(revision, file).map_err(|error| error.to_string())?;
        let there = checkout.file(file).map_err(|error| error.to_string())?;
        // a path leads to its counterpart; a name is looked up in that configuration
        let spec = &self.typed.filter;
        let given = self.args.source.config.as_deref();
        let used = config_dir(given, Some(file), Lookup::TypedFirst);
        let config = checkout.place(&used).filter(|place| place.is_dir());
        let config = config.unwrap_or(used);
        let spec = match typed_path(spec) {
            Some((_, options)) => format!("{}{options}", there.display()),
            None => spec.clone(),
        };
        let name = format!("git:{revision}");
        self.prepare(&spec, Some(&config), name, Some(checkout), journal)
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
            let why = why_no_lines(Some(&log.outside), log.skipped, &self.clock);
            warn("no-lines", format!("no line was tested: {why}"));
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
