//! `f2b-regex draft`: a filter for lines that should match. From arguments to a [`Proposal`], and
//! from there to files; making it is `analysis::draft`'s.

use super::Status;
use super::fit::{UNKNOWN_LOG, path_of};
use super::logs;
use super::options::{ClockArgs, FILTER, FormatName, LogArgs, PRINT, READ, ScreenArgs, WrapArgs};
use super::terminal;
use crate::analysis::draft::{self, Draft, Given, Proposal, Request};
use crate::config::{Lookup, config_dir};
use crate::date::Clock;
use crate::files;
use crate::input::{LogSet, LogSource, ReadOptions, Words};
use crate::report::Format as _;
use crate::report::draft::table::Table;
use crate::report::draft::{DraftReport, json};
use crate::report::json::Json;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// Lines given, at most.
const LINES: usize = 100_000;
/// Bytes of them, at most.
const BYTES: usize = 64 << 20;

/// Writes a filter for lines that should match: NAME.conf, and NAME.yaml with the lines as
/// samples for `f2b-regex check`; shows the jail. Each line given must match with its address, no
/// good line may, and `check` must find no fault: else no filter is written, and the lines that
/// stand against it are shown. Where a filter of the configuration matches the lines, it is named
/// instead.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex draft",
    infer_long_args = true,
    override_usage = "f2b-regex draft [OPTIONS] LOG...\n       f2b-regex draft [OPTIONS] --line TEXT",
    after_help = "Every line of LOG must match: give it failures only (grep 'login failed' app.log \
        | f2b-regex draft -).\n\nExit status: 0 there is a filter; 1 none could be made; 2 an error."
)]
struct DraftArgs {
    /// Logs of lines that must match: files, quoted patterns, - for standard input
    #[arg(value_name = "LOG")]
    log: Vec<String>,

    /// A line that must match, as text (repeatable)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = READ)]
    line: Vec<String>,

    /// A log of which no line may match (repeatable)
    #[arg(long, value_name = "LOG", help_heading = READ)]
    good: Vec<String>,

    /// Encoding of the logs [default: the locale's]
    #[arg(short, long, value_name = "NAME", help_heading = READ)]
    encoding: Option<String>,

    /// Which address of a line is the client's, from 1 [default: by what stands before it]
    #[arg(long, value_name = "N", help_heading = FILTER,
          value_parser = clap::value_parser!(u16).range(1..))]
    address: Option<u16>,

    /// The filter's name [default: the daemon's]
    #[arg(long, value_name = "NAME", help_heading = FILTER)]
    name: Option<String>,

    /// Configuration directory whose filters are tried first [default:
    /// /etc/fail2ban, or the nearest directory upwards that holds filter.d]
    #[arg(short, long, value_name = "DIR", help_heading = FILTER)]
    config: Option<PathBuf>,

    /// Write one though a filter of the configuration matches the lines
    #[arg(long, help_heading = FILTER)]
    anew: bool,

    #[command(flatten)]
    wrapping: WrapArgs,

    #[command(flatten)]
    clock: ClockArgs,

    /// Where the files are written
    #[arg(short, long, value_name = "DIR", default_value = ".", help_heading = PRINT)]
    output: PathBuf,

    /// Show the files, write none
    #[arg(long, help_heading = PRINT)]
    dry_run: bool,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, help_heading = PRINT)]
    format: FormatName,

    #[command(flatten)]
    screen: ScreenArgs,
}

/// What the command takes.
pub(super) fn arguments() -> clap::Command {
    DraftArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(super) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<DraftArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    match draft(&args) {
        Ok((proposal, written)) => write(&args, &proposal, written),
        Err(message) => {
            terminal::print_error(format!("f2b-regex: {message}"));
            Ok(Status::Error)
        }
    }
}

fn write(args: &DraftArgs, proposal: &Proposal, written: Vec<PathBuf>) -> io::Result<Status> {
    let report = DraftReport { proposal, written };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        FormatName::Table => {
            let screen = terminal::screen(args.screen.color);
            Table(screen).write(&report, &mut out)?;
        }
        FormatName::Json => Json.write(&json::object(&report), &mut out)?,
    }
    out.flush()?;
    Ok(match proposal {
        Proposal::Existing { .. } | Proposal::Draft(_) => Status::Ran,
        Proposal::None(_) => Status::Condition,
    })
}

/// The proposal, and the files that were written.
fn draft(args: &DraftArgs) -> Result<(Proposal, Vec<PathBuf>), String> {
    let clock = args.clock.clock()?;
    if let Some(name) = &args.name
        && (name.is_empty()
            || !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)))
    {
        return Err(format!("--name {name}: expected letters, digits, - and _"));
    }
    let sources = LogSource::of_all(&args.log, Words::AreLogs).map_err(|e| e.to_string())?;
    let logs: Vec<String> = sources.iter().map(path_of).collect();
    let (mut sources, mut given) = (sources, args.line.clone());
    if args.wrapping.unwrap.is_some() && !given.is_empty() {
        let text = std::mem::take(&mut given).join("\n");
        sources.push(LogSource::Literal(text));
    }
    let (mut lines, are_wrapped) = read(args, sources, &clock)?;
    for line in &given {
        let number = lines.len() as u64 + 1;
        let text = line.clone();
        lines.push(Given { number, text });
    }
    if lines.is_empty() {
        return Err("expected LOG with lines that must match, or --line TEXT".into());
    }
    let good = LogSource::of_all(&args.good, Words::AreLogs).map_err(|error| error.to_string())?;
    let (good, _) = read(args, good, &clock)?;
    let config = config_dir(args.config.as_deref(), None, Lookup::TypedFirst);
    let unknown = [UNKNOWN_LOG.to_owned()];
    let proposal = draft::propose(&Request {
        lines: &lines,
        good: &good,
        address: args.address.map(usize::from),
        name: args.name.as_deref(),
        // a jail for a wrapped log would find nothing in it
        logs: if logs.is_empty() || are_wrapped {
            &unknown
        } else {
            &logs
        },
        config: &config,
        anew: args.anew,
        clock: &clock,
    })?;
    let written = match &proposal {
        Proposal::Draft(draft) if !args.dry_run => save(args, draft)?,
        _ => Vec::new(),
    };
    Ok((proposal, written))
}

/// Writes the files of a draft; one that is there already stays.
fn save(args: &DraftArgs, draft: &Draft) -> Result<Vec<PathBuf>, String> {
    let files = [("conf", &draft.conf), ("yaml", &draft.samples)];
    let files = files.map(|(extension, text)| {
        (
            args.output.join(format!("{}.{extension}", draft.name)),
            text,
        )
    });
    if let Some((path, _)) = files
        .iter()
        .find(|(path, _)| path.symlink_metadata().is_ok())
    {
        return Err(format!(
            "{}: is there already: give another --name or --output, or --dry-run",
            path.display()
        ));
    }
    for (path, text) in &files {
        let written = files::replace(path, text.as_bytes());
        written.map_err(|error| format!("{}: cannot be written: {error}", path.display()))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The lines of logs that fail2ban would test.
fn read(
    args: &DraftArgs,
    sources: Vec<LogSource>,
    clock: &Clock,
) -> Result<(Vec<Given>, bool), String> {
    let unwrapping = logs::unwrapping(&args.wrapping)?;
    if let Some(unwrapping) = &unwrapping {
        unwrapping.set_dates(logs::default_dates(clock));
    }
    let read = LogArgs {
        encoding: args.encoding.clone(),
        ..LogArgs::default()
    };
    let (encoding_name, encoding) = logs::encoding_of(&read)?;
    let options = ReadOptions {
        encoding,
        encoding_name,
        encoding_given: args.encoding.is_some(),
        unwrap: unwrapping.clone(),
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    };
    let mut set = LogSet::new(sources, options);
    if set.is_journal().map_err(|error| error.to_string())? {
        return Err("a journal is no text log: give its lines as journalctl prints them".into());
    }
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while let Some(block) = set.next_block().map_err(|error| error.to_string())? {
        let block = block.decode();
        for (_, text, _) in block.timed_lines() {
            bytes += text.len();
            if lines.len() == LINES || bytes > BYTES {
                return Err(format!(
                    "more than {LINES} lines, or {} MiB: some hundred of each kind are enough",
                    BYTES >> 20
                ));
            }
            let number = lines.len() as u64 + 1;
            let text = text.to_owned();
            lines.push(Given { number, text });
        }
    }
    logs::say_unwrapped(unwrapping.as_ref());
    Ok((lines, logs::are_wrapped(unwrapping.as_ref())))
}
