//! The logs of the main job: from arguments to a [`LogSet`].

use super::args::{Args, Format};
use super::setup::Setup;
use crate::analysis::run::DateSpan;
use crate::config::shlex_split;
use crate::date::{Clock, TimeCache};
use crate::input::journal::JournalMatch;
use crate::input::window::{self, Dates};
use crate::input::{Encoding, LogSet, LogSource, ReadOptions, Window, encoding};
use crate::pattern::Scratch;
use crate::report::run::classic::short;

/// The logs the arguments name (`--line` gives lines), not yet opened.
pub(super) fn open(
    args: &Args,
    names: &[String],
    format: Format,
    clock: &Clock,
) -> Result<LogSet, String> {
    let encoding_name = args
        .encoding
        .clone()
        .unwrap_or_else(encoding::preferred_name);
    let encoding = Encoding::for_label(&encoding_name).ok_or_else(|| {
        format!(
            "--encoding {encoding_name}: unknown encoding; expected a name such as UTF-8, \
             latin-1 or windows-1252"
        )
    })?;
    let sources = match args.line.is_empty() {
        true => LogSource::of_all(names).map_err(|error| error.to_string())?,
        false => vec![LogSource::Literal(names.join("\n"))],
    };
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
        since: time("--since", &args.since)?,
        until: time("--until", &args.until)?,
    };
    if let (Some(since), Some(until)) = (window.since, window.until)
        && since >= until
    {
        return Err("--since is not before --until: no line can be between".into());
    }
    let options = ReadOptions {
        encoding,
        encoding_name,
        encoding_given: args.encoding.is_some(),
        strip_ansi: args.strip_ansi,
        keep_noise: format == Format::Classic,
        window,
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    };
    let mut logs = LogSet::new(sources, options);
    if let Some(last) = args.last {
        logs.keep_last(last);
    }
    Ok(logs)
}

/// The words of `-m`, or the journalmatch of the filter.
fn match_lines(args: &Args, setup: &Setup) -> Result<Vec<Vec<String>>, String> {
    match &args.journalmatch {
        Some(text) => {
            let words = shlex_split(text).map_err(|why| format!("--journalmatch {text}: {why}"))?;
            Ok(vec![words])
        }
        None => Ok(setup.journalmatch.clone()),
    }
}

/// Gives the logs what only the filter knows: the journalmatch, or how dates are told, which
/// `span` learns of.
pub(super) fn begin(
    logs: &mut LogSet,
    args: &Args,
    setup: &Setup,
    clock: &Clock,
    is_journal: bool,
    span: &DateSpan,
) -> Result<(), String> {
    if is_journal {
        let lines = match_lines(args, setup)?;
        let matches = JournalMatch::parse(&lines).map_err(|error| error.to_string())?;
        logs.options_mut().matches = matches;
    } else if logs.options_mut().window.is_limited() {
        logs.set_dates(dates(setup, clock, span.clone())?);
    }
    Ok(())
}

/// Tells dates as the run itself will, with a detector of its own.
fn dates(setup: &Setup, clock: &Clock, span: DateSpan) -> Result<Dates, String> {
    let Some(mut detector) = setup.detector.clone() else {
        return Err("--since and --until need dates, and this filter searches none".into());
    };
    let clock = clock.clone();
    let mut scratch = Scratch::default();
    let mut cache = TimeCache::default();
    Ok(Box::new(move |line| {
        let found = detector.match_time(line, &mut scratch).ok()??;
        let time = detector.time_of(line, &found, &clock, &mut cache).ok()?;
        span.add(time.seconds());
        Some(time.seconds())
    }))
}

/// Upstream's announcement of the logs.
pub(super) fn announce(logs: &mut LogSet, setup: &Setup, notes: &mut Vec<String>) {
    let options = logs.options_mut();
    let encoding = options.encoding_name.clone();
    let matches = options.matches.as_ref().map(ToString::to_string);
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
    if let Some(matches) = matches {
        notes.push(format!("Use    journal match : {matches}"));
    }
}
