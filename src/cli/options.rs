//! The options that several commands take: one definition, one name, one meaning each.

use super::setup::SetupRequest;
use super::terminal::ColorChoice;
use crate::config::{Lookup, config_dir};
use crate::date::{Clock, TimeZone, is_fixed_zone};
use crate::engine::dns::UseDns;
use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;

/// Headings of `--help`.
pub(super) const READ: &str = "What to read";
/// See [`READ`].
pub(super) const FILTER: &str = "The filter";
/// See [`READ`].
pub(super) const PRINT: &str = "What to print";
/// See [`READ`].
pub(super) const SPEED: &str = "Speed and progress";
/// See [`READ`].
pub(super) const STATUS: &str = "Exit status";
/// See [`READ`].
pub(super) const HELP: &str = "Help";

/// Forms of a report that is for people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
}

/// Forms of a report that may be put into a pull request, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DocumentFormat {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
    /// For a pull request or a wiki
    Markdown,
    /// A page: one file, to look at and to pass on
    Html,
}

/// The first two arguments.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GivenArgs {
    /// A log file, directory, quoted pattern, - or a log line as text
    #[arg(value_name = "LOG")]
    pub(crate) log: Option<String>,

    /// A filter file, a jail or filter, perhaps with [options], or a failregex
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Option<String>,
}

/// What is read, in place of LOG or besides.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = READ)]
pub(crate) struct LogArgs {
    /// A log, directory or quoted pattern in place of LOG (repeatable)
    #[arg(long = "log", value_name = "LOG", conflicts_with = "line")]
    pub(crate) logs: Vec<String>,

    /// A log line as text, whatever it looks like, in place of LOG (repeatable)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) line: Vec<String>,

    /// Encoding of the log [default: the locale's]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,

    /// Journal matches in place of the filter's
    #[arg(short = 'm', long, value_name = "MATCH")]
    pub(crate) journalmatch: Option<String>,

    /// Take ANSI colour codes out of lines before matching
    #[arg(long)]
    pub(crate) strip_ansi: bool,

    #[command(flatten)]
    pub(crate) wrapping: WrapArgs,
}

/// Lines that are wrapped.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = READ)]
pub(crate) struct WrapArgs {
    /// Read the lines inside of wrapped ones; KIND is docker, cri, syslog (a
    /// second header) or json:FIELD; without KIND, whatever the log is
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true,
        default_missing_value = "auto")]
    pub(crate) unwrap: Option<String>,
}

/// Which part of it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = READ)]
pub(crate) struct WindowArgs {
    /// Only lines from that time on: 2026-11-20, -2h, yesterday, RFC 3339
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,

    /// Only lines before that time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,

    /// Only the last N lines
    #[arg(long, value_name = "N", conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u64>,
}

/// Hints made to the run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = PRINT)]
pub(crate) struct ApplyArgs {
    /// Run with hint N applied (N,M: both): the report is that of the changed
    /// filter
    #[arg(long, value_name = "N", value_delimiter = ',',
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) apply: Vec<u64>,

    /// With --apply: put the change into the filter's .local (twice: over a value
    /// it has)
    #[arg(long, action = ArgAction::Count, requires = "apply")]
    pub(crate) write: u8,
}

/// The clock.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = READ)]
pub(crate) struct ClockArgs {
    /// The clock, for dates without a year and reproducible runs (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
}

/// Where the filter is, and how it finds dates.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = FILTER)]
pub(crate) struct FilterArgs {
    /// Configuration directory with filter.d and jail.conf [default:
    /// /etc/fail2ban, or the nearest directory upwards that holds filter.d]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) config: Option<PathBuf>,

    /// Pattern(s) that find the date, in place of the filter's
    #[arg(short, long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub(crate) datepattern: Option<String>,

    /// Zone of dates that name none: Europe/Berlin, UTC[+-]hhmm, CET
    #[arg(
        long,
        visible_alias = "TZ",
        value_name = "ZONE",
        allow_hyphen_values = true
    )]
    pub(crate) timezone: Option<String>,
}

/// How a filter's regexes are run.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = FILTER)]
pub(crate) struct MatchArgs {
    /// Lines a regex may span; for multi-line filters
    #[arg(short = 'L', long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) maxlines: Option<i64>,

    /// Host names: yes and warn resolve them, no takes addresses only, raw
    /// keeps them [default: raw]
    #[arg(long, value_name = "yes|warn|no|raw")]
    pub(crate) usedns: Option<String>,

    /// Keep failure ids as text: no address is parsed, no name resolved
    #[arg(short, long)]
    pub(crate) raw: bool,
}

/// How the report looks.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = PRINT)]
pub(crate) struct ScreenArgs {
    /// Colours in the table
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

/// How many threads work.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = SPEED)]
pub(crate) struct ThreadArgs {
    /// Threads [default: one per core]; any number gives the same result
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// Whether progress is shown.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = SPEED)]
pub(crate) struct ProgressArgs {
    /// No progress bar
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// An RFC 3339 time as epoch seconds, to the microsecond.
pub(super) fn instant(text: &str) -> Result<f64, String> {
    let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
        format!("--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)")
    })?;
    Ok(time.timestamp_micros() as f64 / 1e6)
}

impl ClockArgs {
    /// The clock of the run, in the machine's zone.
    pub(super) fn clock(&self) -> Result<Clock, String> {
        let now = self.now.as_deref().map(instant).transpose()?;
        Ok(Clock::new(now))
    }
}

/// The clock in the zone of a `--timezone` that names a place, and what is left of that option
/// for upstream's rules: an offset or abbreviation.
pub(super) fn in_zone(
    clock: Clock,
    timezone: Option<&str>,
) -> Result<(Clock, Option<&str>), String> {
    match timezone.filter(|zone| !zone.is_empty()) {
        Some(zone) if !is_fixed_zone(zone) => {
            let place = TimeZone::place(zone).ok_or_else(|| {
                format!(
                    "--timezone {zone}: expected a place such as Europe/Berlin, an offset such \
                     as UTC+0200, or an abbreviation such as CET"
                )
            })?;
            Ok((Clock::in_zone(clock.now_epoch(), place), None))
        }
        fixed => Ok((clock, fixed)),
    }
}

impl MatchArgs {
    /// `--usedns`; `raw` where it is not given.
    pub(super) fn usedns(&self) -> Result<UseDns, String> {
        let Some(text) = self.usedns.as_deref() else {
            return Ok(UseDns::Raw);
        };
        UseDns::parse(text).ok_or_else(|| format!("--usedns {text}: expected yes, warn, no or raw"))
    }
}

impl FilterArgs {
    /// The configuration directory in which names are looked up.
    pub(super) fn config_dir(&self) -> PathBuf {
        config_dir(self.config.as_deref(), None, Lookup::TypedFirst)
    }

    /// What these ask for, of the filter `spec`; the rest is as the main job has it.
    pub(super) fn request<'a>(
        &'a self,
        spec: &'a str,
        timezone: Option<&'a str>,
    ) -> SetupRequest<'a> {
        SetupRequest {
            spec,
            ignoreregex: None,
            config_dir: self.config.as_deref(),
            lookup: Lookup::TypedFirst,
            datepattern: self.datepattern.as_deref(),
            timezone,
            usedns: UseDns::Raw,
            raw: false,
            maxlines: None,
            check_all: true,
            rows: false,
            systemd: false,
            verbosity: 0,
            changes: &[],
            beside: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_keeps_microseconds() {
        assert_eq!(
            instant("2026-11-20T12:00:00.000123Z"),
            Ok(1_795_176_000.000_123)
        );
        assert!(instant("noon").is_err_and(|error| error.contains("RFC 3339")));
    }

    #[test]
    fn a_zone_is_an_offset_or_a_place() {
        let clock = || Clock::in_zone(1_795_176_000.0, TimeZone::utc());
        for fixed in ["CET", "UTC+0200", "-05:00"] {
            let (clock, rest) = in_zone(clock(), Some(fixed)).expect("a zone");
            assert_eq!((clock.local(0.0).offset, rest), (0, Some(fixed)));
        }
        // winter, and summer: a rule, so that no zone file is needed
        let (clock, rest) = in_zone(clock(), Some("CET-1CEST,M3.5.0,M10.5.0/3")).expect("a rule");
        assert_eq!(rest, None);
        assert_eq!(clock.local(1_795_176_000.0).offset, 3600);
        assert_eq!(clock.local(1_782_000_000.0).offset, 7200);
        for wrong in ["Europe/Berln", "/etc/passwd", "../zone", "Mars", "cet"] {
            let said = in_zone(Clock::in_zone(0.0, TimeZone::utc()), Some(wrong));
            let said = said.expect_err(wrong);
            assert!(said.contains("Europe/Berlin"), "{said}");
        }
    }
}
