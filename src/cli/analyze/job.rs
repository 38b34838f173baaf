//! A run of the main job, from its arguments to logs and filter that are ready.

use crate::analysis::explain::hints::Change;
use crate::analysis::run::{DateSpan, FilterInfo};
use crate::cli::Status;
use crate::cli::args::{Args, Format};
use crate::cli::journalmatch::JournalRetry;
use crate::cli::logs;
use crate::cli::setup::{self, Setup, SetupError, SetupRequest};
use crate::config::FilterKind;
use crate::date::{Clock, DateDetector};
use crate::engine::dns::UseDns;
use crate::input::{LogSet, LogSource};
use crate::report::run::Show;
use std::collections::BTreeMap;
use std::io;

/// Addresses the table shows.
pub(crate) const TOP: usize = 10;

/// Why a run ends without a report.
pub(super) enum Stop {
    /// It could not be written.
    Io(io::Error),
    /// Something is wrong with the arguments, the filter, or the logs.
    Failure(Failure),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(failure)
    }
}

/// An error that ends the run, in one line.
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) classic: Vec<String>,
    pub(super) status: Status,
}

impl Failure {
    pub(super) fn new(message: impl ToString) -> Failure {
        let message = message.to_string();
        Failure {
            classic: vec![format!("ERROR: {message}")],
            message,
            status: Status::ClassicError,
        }
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Failure {
        Failure {
            message: error.message,
            classic: error.classic,
            status: match error.uncaught {
                true => Status::Condition,
                false => Status::ClassicError,
            },
        }
    }
}

/// LOG and FILTER, and no options that exclude each other.
pub(super) fn usage(args: &Args) -> Result<(Vec<String>, &str, Option<&str>), String> {
    if args.print_no_missed && args.print_all_missed {
        return Err("--print-no-missed and --print-all-missed are mutually exclusive.".into());
    }
    if args.print_no_ignored && args.print_all_ignored {
        return Err("--print-no-ignored and --print-all-ignored are mutually exclusive.".into());
    }
    let given: Vec<&str> = [&args.log, &args.filter, &args.ignoreregex]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    // with --line or --log the log is given: the positionals are FILTER and IGNOREREGEX
    let (logs, rest) = match given.as_slice() {
        rest if !args.line.is_empty() => (args.line.clone(), rest),
        rest if !args.more_logs.is_empty() => (args.more_logs.clone(), rest),
        [log, rest @ ..] => (vec![log.to_string()], rest),
        [] => (Vec::new(), &[][..]),
    };
    match (rest, args.surplus.is_empty()) {
        ([filter], true) => Ok((logs, filter, None)),
        ([filter, ignore], true) => Ok((logs, filter, Some(ignore))),
        _ if args
            .surplus
            .iter()
            .chain(&args.ignoreregex)
            .any(|a| std::path::Path::new(a).is_file()) =>
        {
            Err(
                "more than LOG, FILTER and IGNOREREGEX: several logs are a quoted pattern \
                 ('/var/log/mail.log*') or --log for each."
                    .into(),
            )
        }
        _ => Err("provide both <LOG> and <REGEX>.".into()),
    }
}

pub(super) struct Run<'a> {
    pub(super) args: &'a Args,
    pub(super) format: Format,
    pub(super) clock: Clock,
    pub(super) logs: Vec<String>,
    pub(super) spec: &'a str,
    pub(super) ignoreregex: Option<&'a str>,
    /// The changes of hints to the regexes.
    pub(super) changes: &'a [Change],
}

impl<'a> Run<'a> {
    pub(super) fn new(
        args: &'a Args,
        format: Format,
        changes: &'a [Change],
    ) -> Result<Self, Failure> {
        let (logs, spec, ignoreregex) = usage(args).map_err(|message| Failure {
            message: format!("{message} See f2b-regex --help."),
            classic: Vec::new(),
            status: Status::ClassicError,
        })?;
        let now = match &args.now {
            Some(text) => Some(instant(text).ok_or_else(|| {
                Failure::new(format!(
                    "--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)"
                ))
            })?),
            None => None,
        };
        Ok(Run {
            args,
            format,
            clock: Clock::new(now),
            logs,
            spec,
            ignoreregex,
            changes,
        })
    }

    /// Opens the logs and builds the filter.
    pub(super) fn prepare(
        &self,
        notes: &mut Vec<String>,
    ) -> Result<(Prepared<'_>, LogSet), Failure> {
        let args = self.args;
        let opened = logs::open(args, &self.logs, self.format, &self.clock);
        // what is wrong with the log is said after what is wrong with the filter
        let opened = opened.and_then(|mut logs| match logs.is_journal() {
            Ok(journal) => Ok((logs, journal)),
            Err(error) => Err(error.to_string()),
        });
        let request = SetupRequest {
            spec: self.spec,
            ignoreregex: self.ignoreregex,
            config_dir: &args.config,
            datepattern: args.datepattern.as_deref(),
            timezone: args.timezone.as_deref(),
            usedns: self.usedns()?,
            raw: args.raw,
            maxlines: args.maxlines,
            check_all: !args.no_check_all,
            rows: args.out.is_some(),
            systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
            verbosity: args.verbosity(),
            changes: self.changes,
        };
        let setup = setup::build(&request, &self.clock, notes)?;
        let (mut logs, is_journal) = opened.map_err(Failure::new)?;
        let span = DateSpan::default();
        logs::begin(&mut logs, args, &setup, &self.clock, is_journal, &span)
            .map_err(Failure::new)?;
        logs::announce(&mut logs, &setup, notes);
        let prepared = Prepared {
            request,
            setup,
            is_journal,
            window: logs.options_mut().window.is_limited().then_some(span),
            retry: JournalRetry::of(&mut logs),
            sources: logs.sources().to_vec(),
        };
        Ok((prepared, logs))
    }

    fn usedns(&self) -> Result<UseDns, Failure> {
        let Some(text) = self.args.usedns.as_deref() else {
            return Ok(UseDns::Raw);
        };
        match UseDns::parse(text) {
            Some(usedns) => Ok(usedns),
            // any other word means `no` upstream (Filter.setUseDns)
            None if self.format == Format::Classic => Ok(UseDns::No),
            None => Err(Failure::new(format!(
                "--usedns {text}: expected yes, warn, no or raw"
            ))),
        }
    }

    /// The options given that reports to be merged must share.
    pub(super) fn seam_options(&self) -> BTreeMap<String, String> {
        let args = self.args;
        let flag = |given: bool| given.then(|| "given".to_string());
        let all = [
            ("datepattern", args.datepattern.clone()),
            ("timezone", args.timezone.clone()),
            ("encoding", args.encoding.clone()),
            ("raw", flag(args.raw)),
            ("usedns", args.usedns.clone()),
            ("maxlines", args.maxlines.map(|lines| lines.to_string())),
            ("journalmatch", args.journalmatch.clone()),
            ("no-check-all", flag(args.no_check_all)),
            (
                "max-addresses",
                args.max_addresses.map(|most| most.to_string()),
            ),
            ("print-all-matched", flag(args.print_all_matched)),
            ("print-all-missed", flag(args.print_all_missed)),
            ("print-all-ignored", flag(args.print_all_ignored)),
            ("now", args.now.clone()),
            ("since", args.since.clone()),
            ("until", args.until.clone()),
            ("last", args.last.map(|lines| lines.to_string())),
            ("strip-ansi", flag(args.strip_ansi)),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect()
    }

    pub(super) fn show(&self) -> Show {
        let args = self.args;
        Show {
            verbose: args.verbosity(),
            verbose_date: args.verbose_date,
            debuggex: args.debuggex,
            usedns_no: args.usedns.as_deref() == Some("no"),
            limit: match args.maxlines {
                Some(lines) if lines > 0 => usize::try_from(lines).unwrap_or(20),
                _ => 20,
            },
            no_missed: args.print_no_missed,
            no_ignored: args.print_no_ignored,
            all_matched: args.print_all_matched,
            all_missed: args.print_all_missed,
            all_ignored: args.print_all_ignored,
            top: args.top.unwrap_or(TOP),
        }
    }

    pub(super) fn wants_hints(&self) -> bool {
        !self.args.no_hints && self.format != Format::Classic && self.args.out.is_none()
    }
}

/// What is settled before the first line.
pub(super) struct Prepared<'a> {
    pub(super) request: SetupRequest<'a>,
    pub(super) setup: Setup,
    pub(super) is_journal: bool,
    /// With `--since` and `--until`: the dates the logs have.
    pub(super) window: Option<DateSpan>,
    /// To look at a journal again, where nothing of it was selected.
    pub(super) retry: Option<JournalRetry>,
    pub(super) sources: Vec<LogSource>,
}

impl Prepared<'_> {
    /// The detector that searches lines for dates; a journal's entries bring their times.
    pub(super) fn searched(&self) -> Option<&DateDetector> {
        self.setup.detector.as_ref().filter(|_| !self.is_journal)
    }
}

/// An RFC 3339 time as epoch seconds.
pub(crate) fn instant(text: &str) -> Option<f64> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_millis() as f64 / 1000.0)
}

/// What reports tell of the filter.
pub(crate) fn filter_info(spec: &str, setup: &Setup) -> FilterInfo {
    let maxlines = setup.filter.options.maxlines;
    let Some(source) = &setup.source else {
        return FilterInfo {
            kind: "literal".into(),
            name: spec.to_string(),
            maxlines,
            ..FilterInfo::default()
        };
    };
    let (kind, name) = match &source.kind {
        FilterKind::Jail { name, .. } => ("jail", name),
        FilterKind::FilterD { name, .. } => ("filter", name),
        FilterKind::Foreign { name, .. } => ("file", name),
    };
    let files: Vec<String> = source
        .files
        .iter()
        .map(|f| f.display().to_string())
        .collect();
    FilterInfo {
        kind: kind.into(),
        name: name.clone(),
        file: source.main_file().map(|f| f.display().to_string()),
        files,
        options: source.given_options.iter().cloned().collect(),
        maxlines,
    }
}
