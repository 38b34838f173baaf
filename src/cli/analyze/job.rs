//! A run of the main job, from its arguments to logs and filter that are ready.

use crate::analysis::explain::hints::Change;
use crate::analysis::run::{DateSpan, FilterInfo};
use crate::cli::Status;
use crate::cli::args::{self, Args, Format};
use crate::cli::journalmatch::JournalRetry;
use crate::cli::logs;
use crate::cli::options::in_zone;
use crate::cli::setup::{self, Setup, SetupError, SetupRequest};
use crate::cli::typed::{self, Typed, misspelt_command};
use crate::config::{FilterKind, Lookup};
use crate::date::{Clock, DateDetector};
use crate::engine::dns::UseDns;
use crate::input::{Encoding, LogSet, LogSource, Unwrapping, Words};
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
            status: if error.uncaught {
                Status::Condition
            } else {
                Status::ClassicError
            },
        }
    }
}

/// LOG and FILTER, and no options that exclude each other.
pub(super) fn usage(args: &Args) -> Result<Typed, String> {
    if args.print_no_missed && args.print_all_missed {
        return Err("--print-no-missed and --print-all-missed are mutually exclusive.".into());
    }
    if args.print_no_ignored && args.print_all_ignored {
        return Err("--print-no-ignored and --print-all-ignored are mutually exclusive.".into());
    }
    let given = [&args.given.log, &args.given.filter, &args.ignoreregex];
    let given = given.into_iter().flatten().chain(&args.surplus);
    let given: Vec<&str> = given.map(String::as_str).collect();
    Typed::of(&args.read, &given)
}

/// What a single argument is perhaps meant to be: a command.
fn alone(args: &Args) -> Option<String> {
    let word = args
        .given
        .log
        .as_deref()
        .filter(|_| args.given.filter.is_none())?;
    let command = misspelt_command(word, crate::cli::command_names())?;
    Some(no_command(word, command))
}

fn no_command(word: &str, command: &str) -> String {
    format!("{word}: no such log file, and no command; is it f2b-regex {command}?")
}

/// Upstream's words where LOG or FILTER is missing.
fn upstream_usage(message: &str) -> &str {
    if message == typed::BOTH {
        "provide both <LOG> and <REGEX>."
    } else {
        message
    }
}

/// In what order FILTER is looked up: the classic report is upstream's.
fn lookup(format: Format) -> Lookup {
    match (format, args::default_format()) {
        (Format::Classic, Format::Classic) => Lookup::Upstream,
        (Format::Classic, _) => Lookup::UpstreamFirst,
        _ => Lookup::TypedFirst,
    }
}

pub(super) struct Run<'a> {
    pub(super) args: &'a Args,
    pub(super) format: Format,
    pub(super) clock: Clock,
    /// `--timezone`, where it is an offset or an abbreviation.
    timezone: Option<&'a str>,
    pub(super) typed: Typed,
    /// The changes of hints to the regexes.
    changes: &'a [Change],
}

impl<'a> Run<'a> {
    pub(super) fn new(
        args: &'a Args,
        format: Format,
        changes: &'a [Change],
    ) -> Result<Self, Failure> {
        let typed = usage(args).map_err(|message| Failure {
            // what fail2ban-regex says there is known to those who use its name
            message: match format {
                Format::Classic => format!("{} See f2b-regex --help.", upstream_usage(&message)),
                _ => alone(args).unwrap_or(format!("{message} See f2b-regex --help.")),
            },
            classic: Vec::new(),
            status: Status::ClassicError,
        })?;
        let clock = args.clock.clock().map_err(Failure::new)?;
        let timezone = args.source.timezone.as_deref();
        let (clock, timezone) = match format {
            // upstream knows no places
            Format::Classic => (clock, timezone),
            _ => in_zone(clock, timezone).map_err(Failure::new)?,
        };
        Ok(Run {
            args,
            format,
            clock,
            timezone,
            typed,
            changes,
        })
    }

    /// Opens the logs and builds the filter.
    pub(super) fn prepare(
        &self,
        notes: &mut Vec<String>,
    ) -> Result<(Prepared<'_>, LogSet), Failure> {
        let args = self.args;
        // what is wrong with the log is said after what is wrong with the filter
        let opened = self.open();
        let request = SetupRequest {
            ignoreregex: self.typed.ignoreregex.as_deref(),
            lookup: lookup(self.format),
            usedns: self.usedns()?,
            raw: args.matching.raw,
            maxlines: args.matching.maxlines,
            check_all: !args.no_check_all,
            rows: args.out.is_some(),
            systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
            verbosity: args.verbosity(),
            changes: self.changes,
            ..args.source.request(&self.typed.filter, self.timezone)
        };
        let setup = setup::build(&request, &self.clock, notes);
        let mut setup = setup.map_err(|error| self.explain(error.into()))?;
        if self.format != Format::Classic
            && let Some(error) = setup.late.take()
        {
            return Err(error.into());
        }
        let opened = opened.map_err(|message| self.explain(Failure::new(message)));
        let (mut logs, is_journal) = opened?;
        let span = DateSpan::default();
        let journalmatch = args.read.journalmatch.as_deref();
        let matches = logs::begin(&mut logs, journalmatch, &setup, &self.clock, &span)
            .map_err(Failure::new)?;
        logs::announce(&mut logs, &setup, matches, notes);
        let prepared = Prepared {
            request,
            setup,
            is_journal,
            window: logs.options_mut().window.is_limited().then_some(span),
            retry: JournalRetry::of(&mut logs),
            sources: logs.sources().to_vec(),
            unwrapping: logs.options_mut().unwrap.clone(),
        };
        Ok((prepared, logs))
    }

    /// The logs, and whether they are journals.
    fn open(&self) -> Result<(LogSet, bool), String> {
        let classic = self.format == Format::Classic;
        let words = if classic {
            Words::MayBeLines
        } else {
            Words::AreLogs
        };
        let args = self.args;
        let mut options = logs::options(&args.read, &args.window, &self.clock)?;
        options.keep_noise = classic;
        let mut logs = logs::open(self.typed.sources(words)?, options, args.window.last);
        let journal = logs.is_journal().map_err(|error| error.to_string())?;
        Ok((logs, journal))
    }

    /// An error about LOG or FILTER, or what it is a sign of.
    fn explain(&self, failure: Failure) -> Failure {
        let first = self.args.given.log.as_deref();
        let first = first.filter(|first| self.typed.logs == [*first]);
        let command = first.and_then(|word| misspelt_command(word, crate::cli::command_names()));
        let message = match (command, first) {
            (Some(command), Some(word)) => no_command(word, command),
            _ => self.typed.explain(failure.message, None),
        };
        Failure { message, ..failure }
    }

    fn usedns(&self) -> Result<UseDns, Failure> {
        match self.args.matching.usedns() {
            // any other word means `no` upstream (Filter.setUseDns)
            Err(_) if self.format == Format::Classic => Ok(UseDns::No),
            usedns => usedns.map_err(Failure::new),
        }
    }

    /// The options given that reports to be merged must share.
    pub(super) fn seam_options(&self) -> BTreeMap<String, String> {
        let args = self.args;
        let flag = |given: bool| given.then(|| "given".to_string());
        let all = [
            ("datepattern", args.source.datepattern.clone()),
            ("timezone", args.source.timezone.clone()),
            ("encoding", args.read.encoding.clone()),
            ("raw", flag(args.matching.raw)),
            ("usedns", args.matching.usedns.clone()),
            ("maxlines", args.matching.maxlines.map(|n| n.to_string())),
            ("journalmatch", args.read.journalmatch.clone()),
            ("no-check-all", flag(args.no_check_all)),
            (
                "max-addresses",
                args.max_addresses.map(|most| most.to_string()),
            ),
            ("print-all-matched", flag(args.print_all_matched)),
            ("print-all-missed", flag(args.print_all_missed)),
            ("print-all-ignored", flag(args.print_all_ignored)),
            ("now", args.clock.now.clone()),
            ("since", args.window.since.clone()),
            ("until", args.window.until.clone()),
            ("last", args.window.last.map(|lines| lines.to_string())),
            ("strip-ansi", flag(args.read.strip_ansi)),
            ("unwrap", args.read.wrapping.unwrap.clone()),
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
            encoding: logs::encoding_of(&args.read)
                .map_or(Encoding::Utf8, |(_, encoding)| encoding),
            usedns_no: args.matching.usedns.as_deref() == Some("no"),
            limit: match args.matching.maxlines {
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
    /// `--unwrap`, and what it made of the logs.
    pub(super) unwrapping: Option<Unwrapping>,
}

impl Prepared<'_> {
    /// The detector that searches lines for dates; a journal's entries bring their times.
    pub(super) fn searched(&self) -> Option<&DateDetector> {
        self.setup.detector.as_ref().filter(|_| !self.is_journal)
    }
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
