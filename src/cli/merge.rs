//! `f2b-regex merge`: reports of shards in, the report of one run over all of them out.
//! The adding up is `crate::analysis::merge`'s.

use super::options::{PRINT, STATUS, ScreenArgs, instant};
use super::{Status, terminal};
use crate::analysis::merge::{Merger, read};
use crate::config::{Origin, Sourced};
use crate::date::Clock;
use crate::engine::address::AddressKind;
use crate::engine::dns::UseDns;
use crate::engine::stats::{AddressStats, Keep, RegexStats, Retention, SampleLine};
use crate::engine::users::{AllUsers, Users};
use crate::engine::{Filter, FilterOptions, Stats};
use crate::report::run::json::{self, AddressInfo, JsonReport, RegexCounts};
use crate::report::run::table;
use crate::report::{Report, RunInfo, Show, TemplateRow};
use clap::{CommandFactory, Parser, ValueEnum};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// How the result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: the one object that a run over all logs would write.
    Json,
}

/// Add up JSON reports of shards: the report of one run over all of them.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex merge",
    disable_version_flag = true,
    infer_long_args = true,
    override_usage = "f2b-regex merge [OPTIONS] REPORT...",
    after_help = "REPORT is what f2b-regex LOG... FILTER --format json wrote, or several of these\n\
        one behind the other (JSON lines too); - is standard input. Give them in the order\n\
        of their logs, oldest first: that is the order of the one run.\n\n\
        The reports must be of the same filter and options. The result has no hints, and\n\
        is else that of one run, byte for byte, but for the time taken. Where a run over\n\
        all logs may have carried something from one log into the next that changes a\n\
        verdict, a warning says so (code merge-carry); with --strict the status is 1.\n\n\
        Exit status: 0 merged; 1 a condition asked for did not hold; 2 an error."
)]
struct Args {
    /// JSON reports, in the order of their logs
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,

    /// How the result is written
    #[arg(long, value_enum, default_value = "json", help_heading = PRINT)]
    format: Format,

    /// Addresses shown in the table
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = PRINT)]
    top: usize,

    /// Show more in the table: every regex
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = PRINT)]
    verbose: u8,

    #[command(flatten)]
    screen: ScreenArgs,

    /// The clock of the one run (RFC 3339) [default: that of the reports, or now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// Treat warnings as failures: status 1
    #[arg(long, help_heading = STATUS)]
    strict: bool,

    /// Status 1 where nothing matched
    #[arg(long, help_heading = STATUS)]
    require_match: bool,
}

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    Args::command()
}

/// Runs the command; `arguments` begin with its name. The error is one of writing.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<Args>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let (report, clock) = match merged(&args) {
        Ok(merged) => merged,
        Err(message) => {
            terminal::print_error(format!("f2b-regex: {message}"));
            return Ok(Status::Error);
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => {
            for warning in &report.warnings {
                if warning.code == "merge-carry" {
                    eprintln!("f2b-regex: warning: {}", warning.message);
                }
            }
            json::write(&mut out, &report)?;
        }
        Format::Table => {
            if let Err(message) = write_table(&mut out, &args, &report, &clock)? {
                terminal::print_error(format!("f2b-regex: {message}"));
                return Ok(Status::Error);
            }
        }
    }
    out.flush()?;
    let failed = report.logs.iter().any(|log| log.error.is_some());
    let nothing = args.require_match && report.lines.matched <= 0;
    let strict = args.strict && !report.warnings.is_empty();
    Ok(match failed {
        true => Status::Error,
        false if nothing || strict => Status::Condition,
        false => Status::Ran,
    })
}

/// Reads and adds up all reports.
fn merged(args: &Args) -> Result<(JsonReport, Clock), String> {
    let given = args.now.as_deref().map(instant).transpose()?;
    let mut clock = Clock::new(given);
    let mut merger: Option<Merger> = None;
    for file in &args.reports {
        let input: Box<dyn BufRead> = match file.as_str() {
            "-" => Box::new(io::stdin().lock()),
            path => {
                let opened = File::open(path).map_err(|error| format!("{path}: {error}"))?;
                Box::new(BufReader::new(opened))
            }
        };
        let name = if file == "-" { "standard input" } else { file };
        read(input, name, |report, place| {
            let merger = merger.get_or_insert_with(|| {
                // the clock the reports were made by, if they were given one
                let options = report.seam.as_ref().map(|seam| &seam.options);
                let now = options.and_then(|options| instant(options.get("now")?).ok());
                clock = Clock::new(given.or(now));
                Merger::new(clock.clone())
            });
            merger.add(report, place).map_err(|error| error.to_string())
        })
        .map_err(|error| error.to_string())?;
    }
    let report = merger.and_then(Merger::finish);
    Ok((report.ok_or("no report to merge")?, clock))
}

/// Writes the report as the main job writes its table.
fn write_table(
    out: &mut dyn Write,
    args: &Args,
    report: &JsonReport,
    clock: &Clock,
) -> io::Result<Result<(), String>> {
    let filter = match filter(report) {
        Ok(filter) => filter,
        Err(message) => return Ok(Err(message)),
    };
    let templates = report.date_templates.iter().map(|template| TemplateRow {
        name: template.name.clone(),
        hits: template.hits,
        weight: 0.0,
        base_weight: 0.0,
        pattern: template.pattern.clone(),
        regex: String::new(),
    });
    let searched = report
        .seam
        .as_ref()
        .is_some_and(|seam| seam.dates.is_some());
    let samples = &report.samples;
    let show = Show {
        verbose: args.verbose,
        limit: 20,
        all_matched: !samples.matched.is_empty(),
        all_missed: !samples.missed.is_empty(),
        all_ignored: !samples.ignored.is_empty(),
        top: args.top,
        ..Show::default()
    };
    let info = RunInfo {
        filter: report.filter.clone(),
        logs: report.logs.clone(),
        partial: report.partial,
        warnings: report.warnings.clone(),
        show,
        ..RunInfo::default()
    };
    let whole = Report {
        filter: &filter,
        stats: &stats(report),
        templates: searched.then(|| templates.collect()),
        elapsed: Duration::try_from_secs_f64(report.timing.seconds).unwrap_or_default(),
    };
    table::write(
        out,
        &whole,
        &info,
        clock,
        terminal::screen(args.screen.color),
    )
    .map(Ok)
}

/// The filter of a report, as far as tables show it.
fn filter(report: &JsonReport) -> Result<Filter, String> {
    let options = report.seam.as_ref().map(|seam| &seam.options);
    let usedns = options.and_then(|options| UseDns::parse(options.get("usedns")?));
    let mut filter = Filter::new(FilterOptions {
        usedns: usedns.unwrap_or(UseDns::Raw),
        maxlines: report.filter.maxlines,
        ..FilterOptions::default()
    });
    let sourced = |regex: &RegexCounts| Sourced {
        text: regex.regex.clone(),
        origin: regex
            .file
            .clone()
            .zip(regex.line)
            .map(|(file, line)| Origin {
                file: Path::new(&file).into(),
                line,
                option: "failregex".into(),
            }),
    };
    let mut failed = None;
    let mut check = |added: Result<(), crate::engine::RegexError>, regex: &RegexCounts| {
        if let Err(error) = added {
            failed.get_or_insert_with(|| {
                format!(
                    "regex {} of the reports: {}",
                    regex.number,
                    error.one_line()
                )
            });
        }
    };
    if let Some(regex) = &report.prefregex {
        check(filter.set_prefregex(sourced(regex)), regex);
    }
    for regex in &report.failregex {
        check(filter.add_failregex(sourced(regex)), regex);
    }
    for regex in &report.ignoreregex {
        check(filter.add_ignoreregex(sourced(regex)), regex);
    }
    match failed {
        Some(message) => Err(message),
        None => Ok(filter),
    }
}

/// The counters of a report.
fn stats(report: &JsonReport) -> Stats {
    let retention = Retention {
        matched: Keep::All,
        ..Retention::default()
    };
    let lines = |texts: &[String]| -> Vec<SampleLine> {
        let each = texts.iter().map(|line| SampleLine {
            line: line.clone(),
            extracted: line.clone(),
        });
        each.collect()
    };
    let counted = &report.lines;
    let mut users = AllUsers::default();
    let addresses = (report.addresses.iter())
        .map(|address| {
            (
                address.address.as_str().into(),
                address_stats(address, &mut users),
            )
        })
        .collect();
    Stats {
        tested: counted.total,
        skipped: counted.skipped,
        matched: counted.matched,
        ignored: counted.ignored,
        missed: counted.missed,
        prefregex_hits: report.prefregex.as_ref().map_or(0, |regex| regex.hits),
        failregexes: (report.failregex.iter())
            .map(|regex| RegexStats {
                hits: regex.hits,
                ..RegexStats::default()
            })
            .collect(),
        ignoreregexes: report.ignoreregex.iter().map(|regex| regex.hits).collect(),
        addresses,
        users,
        matched_lines: lines(&report.samples.matched),
        ignored_lines: lines(&report.samples.ignored),
        missed_lines: lines(&report.samples.missed),
        ..Stats::new(0, 0, retention)
    }
}

fn address_stats(address: &AddressInfo, all: &mut AllUsers) -> AddressStats {
    let epoch = |moment: &Option<json::Moment>| moment.as_ref().map(|moment| moment.epoch);
    let mut users = Users::default();
    for user in &address.users {
        users.add(&user.as_str().into(), all, usize::MAX);
    }
    AddressStats {
        kind: match address.kind.as_str() {
            "ip4" => AddressKind::Ip4,
            "ip6" => AddressKind::Ip6,
            "dns" => AddressKind::Dns,
            _ => AddressKind::Id,
        },
        hits: address.hits,
        span: epoch(&address.first).zip(epoch(&address.last)),
        failregexes: address
            .failregex
            .iter()
            .map(|number| *number as u32 - 1)
            .collect(),
        users,
        more_users: address.more_users,
    }
}
