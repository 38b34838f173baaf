//! The logs of the main job: from arguments to a [`LogSet`].

use super::options::{LogArgs, WindowArgs, WrapArgs};
use super::setup::Setup;
use super::terminal::print_error;
use crate::analysis::run::{DateSpan, unwrapped};
use crate::config::shlex_split;
use crate::date::{Clock, DateDetector};
use crate::input::journal::JournalMatch;
use crate::input::unwrap::{Asked, Unwrapping};
use crate::input::window::{self, Dates};
use crate::input::{Encoding, LogSet, LogSource, ReadOptions, Window, encoding};
use crate::report::run::classic::short;

/// How the logs are read: what the options say of them.
pub(super) fn options(
    read: &LogArgs,
    window: &WindowArgs,
    clock: &Clock,
) -> Result<ReadOptions, String> {
    let (encoding_name, encoding) = encoding_of(read)?;
    let time = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => window::moment(text, clock).map(Some).ok_or_else(|| {
            format!(
                "{option} {text}: expected a time such as 2026-11-20, \"2026-11-20 14:30\", \
                 2026-11-20T14:30:00Z, -2h or yesterday"
            )
        }),
    };
    let window = Window {
        since: time("--since", &window.since)?,
        until: time("--until", &window.until)?,
    };
    if let (Some(since), Some(until)) = (window.since, window.until)
        && since >= until
    {
        return Err("--since is not before --until: no line can be between".into());
    }
    Ok(ReadOptions {
        encoding,
        encoding_name,
        encoding_given: read.encoding.is_some(),
        strip_ansi: read.strip_ansi,
        window,
        unwrap: unwrapping(&read.wrapping)?,
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    })
}

/// What `--unwrap` asks for.
pub(super) fn unwrapping(args: &WrapArgs) -> Result<Option<Unwrapping>, String> {
    let asked = args.unwrap.as_deref().map(Asked::parse).transpose()?;
    Ok(asked.map(Unwrapping::new))
}

/// What is said of unwrapped logs beside a report that has no place for it.
pub(super) fn say_unwrapped(unwrapping: Option<&Unwrapping>) {
    let logs = unwrapping.map(Unwrapping::logs).unwrap_or_default();
    for note in unwrapped::notes(&logs) {
        print_error(format!("f2b-regex: {note}"));
    }
}

/// Whether a log is wrapped: fail2ban would not find in it what was found.
pub(super) fn are_wrapped(unwrapping: Option<&Unwrapping>) -> bool {
    let logs = unwrapping.map(Unwrapping::logs).unwrap_or_default();
    logs.iter().any(|log| log.found().is_some())
}

/// The encoding the logs are read in, with its name.
pub(super) fn encoding_of(read: &LogArgs) -> Result<(String, Encoding), String> {
    match &read.encoding {
        Some(name) => encoding_named(name),
        None => Ok(preferred_encoding()),
    }
}

/// The encoding of `--encoding`.
pub(super) fn encoding_named(name: &str) -> Result<(String, Encoding), String> {
    let encoding = Encoding::for_label(name).ok_or_else(|| {
        format!(
            "--encoding {name}: unknown encoding; expected a name such as UTF-8, latin-1 or \
             windows-1252"
        )
    })?;
    Ok((name.to_owned(), encoding))
}

/// The locale's encoding.
pub(super) fn preferred_encoding() -> (String, Encoding) {
    let name = encoding::preferred_name();
    match Encoding::for_label(&name) {
        Some(encoding) => (name, encoding),
        None => ("UTF-8".into(), Encoding::Utf8),
    }
}

/// The logs, not yet opened.
pub(super) fn open(sources: Vec<LogSource>, options: ReadOptions, last: Option<u64>) -> LogSet {
    let mut logs = LogSet::new(sources, options);
    if let Some(last) = last {
        logs.keep_last(last);
    }
    logs
}

/// The words of `-m`, or the journalmatch of the filter.
pub(super) fn match_lines(given: Option<&str>, setup: &Setup) -> Result<Vec<Vec<String>>, String> {
    match given {
        Some(text) => {
            let words = shlex_split(text).map_err(|why| format!("--journalmatch {text}: {why}"))?;
            Ok(vec![words])
        }
        None => Ok(setup.journalmatch.clone()),
    }
}

/// Gives the logs what only the filter knows: the journalmatch, or how dates are told, which
/// `span` learns of. The journalmatch as it was given, for those who announce it.
pub(super) fn begin(
    logs: &mut LogSet,
    journalmatch: Option<&str>,
    setup: &Setup,
    clock: &Clock,
    span: &DateSpan,
) -> Result<Option<String>, String> {
    if logs.is_journal().map_err(|error| error.to_string())? {
        let lines = match_lines(journalmatch, setup)?;
        let matches = JournalMatch::parse(&lines).map_err(|error| error.to_string())?;
        let given = lines.iter().map(|words| words.join(" "));
        let given = matches
            .is_some()
            .then(|| given.collect::<Vec<_>>().join(" + "));
        logs.options_mut().matches = matches;
        return Ok(given);
    }
    if logs.options_mut().window.is_limited() {
        logs.set_dates(dates(setup, clock, span.clone())?);
    }
    if let (Some(unwrapping), Some(detector)) = (&logs.options_mut().unwrap, &setup.detector) {
        unwrapping.set_dates(window::dates_of(detector, clock, |_| {}));
    }
    Ok(None)
}

/// Tells dates as the run itself will, with a detector of its own.
pub(super) fn dates(setup: &Setup, clock: &Clock, span: DateSpan) -> Result<Dates, String> {
    match &setup.detector {
        Some(detector) => Ok(window::dates_of(detector, clock, move |time| {
            span.add(time)
        })),
        None => Err("--since and --until need dates, and this filter searches none".into()),
    }
}

/// Tells dates by fail2ban's own templates, where no filter is known.
pub(super) fn default_dates(clock: &Clock) -> Dates {
    let detector = DateDetector::default_templates(clock.now_year());
    window::dates_of(&detector, clock, |_| {})
}

/// Upstream's announcement of the logs.
pub(super) fn announce(
    logs: &mut LogSet,
    setup: &Setup,
    journalmatch: Option<String>,
    notes: &mut Vec<String>,
) {
    let encoding = logs.options_mut().encoding_name.clone();
    let mut text = false;
    for source in logs.sources() {
        match source {
            LogSource::Literal(text)
                if setup.filter.options.maxlines <= 1 && !text.contains('\n') =>
            {
                notes.push(format!("Use      single line : {}", short(text)));
            }
            LogSource::Literal(text) => {
                let lines: Vec<&str> = text.split('\n').collect();
                notes.push(format!("Use      multi line : {} line(s)", lines.len()));
                for (index, line) in lines.iter().enumerate() {
                    if index >= 5 {
                        notes.push("| ...".into());
                        break;
                    }
                    notes.push(format!("| {:>2}: {}", index + 1, short(line)));
                }
                notes.push("`-".into());
            }
            LogSource::Stdin => {
                notes.push("Use         log file : -".into());
                text = true;
            }
            LogSource::File(path) => {
                notes.push(format!("Use         log file : {}", path.display()));
                text = true;
            }
            LogSource::Journal(_) => {
                notes.push("Use         systemd journal".into());
                text = true;
            }
        }
    }
    if text {
        notes.push(format!("Use         encoding : {encoding}"));
    }
    if let Some(matches) = journalmatch {
        notes.push(format!("Use    journal match : {matches}"));
    }
}
