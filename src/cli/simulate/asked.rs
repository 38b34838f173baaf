//! What the command line of a simulation asks for: jails, logs, clock.

use super::actual::RecordFiles;
use super::args::Args;
use crate::cli::logs::{self, encoding_named};
use crate::cli::options::in_zone;
use crate::cli::typed::Typed;
use crate::config::jail_names;
use crate::date::Clock;
use crate::input::{Encoding, ReadOptions};
use crate::report::simulate::plot;

/// What is settled before any jail is read.
pub(super) struct Asked<'a> {
    pub(super) clock: Clock,
    /// `--timezone`, where it is an offset or an abbreviation.
    pub(super) timezone: Option<&'a str>,
    pub(super) options: ReadOptions,
    pub(super) encoding: Option<(String, Encoding)>,
    /// Jails by name, or FILTER.
    pub(super) specs: Vec<String>,
    /// The logs given, or the files of `--matches`.
    pub(super) typed: Typed,
    /// `--actual`.
    pub(super) record: Option<RecordFiles>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(args: &'a Args) -> Result<Asked<'a>, String> {
        let (clock, timezone) = in_zone(args.clock.clock()?, args.source.timezone.as_deref())?;
        if let Some(path) = &args.plot {
            plot::format_of(path)?;
        }
        let encoding = args.read.encoding.as_deref().map(encoding_named);
        let record = RecordFiles::of(&args.actual)?;
        let (specs, typed) = jails_and_logs(args)?;
        Ok(Asked {
            options: logs::options(&args.read, &args.window, &clock)?,
            encoding: encoding.transpose()?,
            clock,
            timezone,
            specs,
            typed,
            record,
        })
    }
}

/// Which jails, by name or FILTER argument, and which logs the command line gives.
fn jails_and_logs(args: &Args) -> Result<(Vec<String>, Typed), String> {
    let instead = !args.read.line.is_empty() || !args.read.logs.is_empty();
    let mut typed = Typed {
        logs: if args.read.line.is_empty() {
            args.read.logs.clone()
        } else {
            args.read.line.clone()
        },
        are_lines: !args.read.line.is_empty(),
        filter: String::new(),
        ignoreregex: None,
    };
    if args.all_jails || !args.jails.is_empty() {
        typed.logs.extend(args.given.iter().cloned());
        let jails = if args.all_jails {
            enabled_jails(args)?
        } else {
            args.jails.clone()
        };
        return Ok((jails, typed));
    }
    if args.history && args.given.is_empty() && !instead {
        return Ok((Vec::new(), typed));
    }
    let expected = "expected LOG and FILTER, or --all-jails. See f2b-regex simulate --help.";
    let Some((filter, logs)) = args.given.split_last() else {
        return Err(expected.into());
    };
    if logs.is_empty() != instead {
        return Err(expected.into());
    }
    typed.logs.extend(logs.iter().cloned());
    typed.filter.clone_from(filter);
    Ok((vec![filter.clone()], typed))
}

/// The jails a server would run.
fn enabled_jails(args: &Args) -> Result<Vec<String>, String> {
    let config = args.source.config_dir();
    let all = jail_names(&config).map_err(|error| error.to_string())?;
    let count = all.len();
    let enabled: Vec<String> = (all.into_iter().filter(|jail| jail.enabled))
        .map(|jail| jail.name)
        .collect();
    if enabled.is_empty() {
        return Err(format!(
            "none of the {count} jails of {} is enabled; --jails NAME,NAME takes them as they are",
            config.display()
        ));
    }
    Ok(enabled)
}
