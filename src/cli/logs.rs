//! The logs of the main job: from arguments to a [`LogSet`], and what the report says of
//! each log ([`LogSummary`]).

use super::options::{LogArgs, WindowArgs};
use super::setup::Setup;
use crate::analysis::merge::{Count, Findings};
use crate::config::shlex_split;
use crate::date::{Clock, TimeCache};
use crate::engine::Stats;
use crate::engine::block::BlockFacts;
use crate::input::journal::JournalMatch;
use crate::input::window::{self, Dates};
use crate::input::{
    Encoding, InputAnomalies, LogError, LogHead, LogKind, LogSet, LogSource, ReadOptions, Window,
    encoding,
};
use crate::pattern::Scratch;
use crate::report::run::classic::short;
use crate::report::run::json::{LogInfo, Warning};
use crate::report::text::counted;
use std::sync::Arc;

/// How the logs are read: what the options say of them.
pub(super) fn options(
    read: &LogArgs,
    window: &WindowArgs,
    clock: &Clock,
) -> Result<ReadOptions, String> {
    let (encoding_name, encoding) = match &read.encoding {
        Some(name) => encoding_named(name)?,
        None => preferred_encoding(),
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
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    })
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

/// Gives the logs what only the filter knows: the journalmatch, or how dates are told. The words
/// of the journalmatch as they were given, for those who announce them.
pub(super) fn begin(
    logs: &mut LogSet,
    journalmatch: Option<&str>,
    setup: &Setup,
    clock: &Clock,
    is_journal: bool,
) -> Result<Option<String>, String> {
    if is_journal {
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
        logs.set_dates(dates(setup, clock)?);
    }
    Ok(None)
}

/// Tells dates as the run itself will, with a detector of its own.
pub(super) fn dates(setup: &Setup, clock: &Clock) -> Result<Dates, String> {
    let Some(mut detector) = setup.detector.clone() else {
        return Err("--since and --until need dates, and this filter searches none".into());
    };
    let clock = clock.clone();
    let mut scratch = Scratch::default();
    let mut cache = TimeCache::default();
    Ok(Box::new(move |line| {
        let found = detector.match_time(line, &mut scratch).ok()??;
        let time = detector.time_of(line, &found, &clock, &mut cache).ok()?;
        Some(time.seconds())
    }))
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

/// What the report says of each log, gathered block by block, in order.
#[derive(Default)]
pub(super) struct LogSummary {
    /// The logs so far.
    pub(crate) infos: Vec<LogInfo>,
    noise: Vec<InputAnomalies>,
    cut: u64,
    malformed: Option<(u64, u64, String)>,
    /// Counters behind the block before: what a block adds is the difference.
    before: (u64, i64, i64, i64),
    position: u64,
    done: u64,
    failed: bool,
}

impl LogSummary {
    /// A block was tested; `stats` are the counters behind it.
    pub(crate) fn add(&mut self, facts: &BlockFacts, stats: &Stats) {
        let block = &facts.block;
        let head = &block.head;
        while self.infos.len() <= head.index {
            self.infos.push(LogInfo::default());
            self.noise.push(InputAnomalies::default());
            self.done += self.position;
            self.position = 0;
        }
        let info = &mut self.infos[head.index];
        if info.kind.is_empty() {
            describe(info, head);
        }
        let (tested, ignored, matched, missed) = self.before;
        self.before = counters(stats);
        info.lines += facts.line_count;
        info.bytes += block.bytes;
        info.invalid += block.invalid;
        info.outside += block.outside;
        info.tested += stats.tested - tested;
        info.ignored += stats.ignored - ignored;
        info.matched += stats.matched - matched;
        info.missed += stats.missed - missed;
        self.noise[head.index] += block.noise;
        if let Some(entries) = &block.entries {
            info.unselected += entries.unselected;
            self.cut += entries.cut;
            if let Some((count, number, why)) = &entries.malformed {
                let (all, ..) = self.malformed.get_or_insert((0, *number, why.clone()));
                *all += count;
            }
        }
        self.position = self.position.max(block.position);
    }

    /// A log could not be read, or not to its end.
    pub(crate) fn fail(&mut self, error: &LogError) {
        self.failed = true;
        let path = error.path();
        let known = self
            .infos
            .iter_mut()
            .rev()
            .find(|i| i.path.as_deref() == Some(path));
        match known {
            Some(info) => info.error = Some(error.to_string()),
            None => {
                self.noise.push(InputAnomalies::default());
                self.infos.push(LogInfo {
                    path: Some(path.to_string()),
                    kind: "file".into(),
                    error: Some(error.to_string()),
                    ..LogInfo::default()
                });
            }
        }
    }

    /// Whether a log could not be read, or not to its end.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Bytes of the inputs read so far.
    pub(crate) fn position(&self) -> u64 {
        self.done + self.position
    }

    /// Entries of journals seen: those selected, and those not.
    pub(crate) fn entries(&self) -> (u64, u64) {
        let journals = self.infos.iter().filter(|info| info.journal.is_some());
        journals.fold((0, 0), |(lines, others), info| {
            (lines + info.lines, others + info.unselected)
        })
    }

    /// Adds what journals had wrong.
    pub(crate) fn findings(&self, mut findings: Findings) -> Findings {
        findings.cut_messages = self.cut;
        findings.malformed =
            (self.malformed.clone()).map(|(count, first, why)| (Count { count, first }, why));
        findings
    }

    /// What looks wrong with each log.
    pub(crate) fn warnings(&self, strip_ansi: bool, jail_encoding: Option<&str>) -> Vec<Warning> {
        let mut all = Vec::new();
        for (info, noise) in self.infos.iter().zip(&self.noise) {
            let name = info.path.as_deref().filter(|_| self.infos.len() > 1);
            let mut warn = |code: &str, message: String| {
                let file = name.map(str::to_string);
                all.push(Warning {
                    file,
                    ..Warning::new(code, message)
                });
            };
            if let Some(error) = &info.error {
                warn("log-error", error.clone());
            }
            if info.invalid > 0 {
                let try_it = match jail_encoding {
                    Some(name) if name != "auto" => format!("the jail's logencoding: -e {name}"),
                    _ => "-e with the log's encoding".into(),
                };
                warn(
                    "invalid-encoding",
                    format!(
                        "{} not valid {}, read as U+FFFD: try {try_it}",
                        counted(info.invalid, "place is", "places are"),
                        info.encoding
                    ),
                );
            }
            let is_binary = noise.binary > 0 && noise.binary * 10 >= info.lines;
            if is_binary {
                warn(
                    "binary-input",
                    "this looks like a binary file, not like a text log: many lines have NUL \
                     bytes in them (UTF-16? try -e utf-16)"
                        .into(),
                );
            }
            if noise.colored > 0 && !strip_ansi {
                warn(
                    "ansi-colors",
                    format!(
                        "{} ANSI colour codes, on which most regexes fail: try --strip-ansi",
                        counted(noise.colored, "line has", "lines have")
                    ),
                );
            }
            if noise.padded > 0 && !is_binary {
                warn(
                    "nul-padding",
                    format!(
                        "{} with NUL bytes (a log truncated under its writer); left out here, \
                         while fail2ban keeps them and may find no date",
                        counted(noise.padded, "line begins", "lines begin")
                    ),
                );
            }
            if noise.mark {
                warn(
                    "byte-order-mark",
                    "the log begins with a byte order mark; left out here, while fail2ban keeps \
                     it and may find no date in the first line"
                        .into(),
                );
            }
            if noise.overlong > 0 {
                warn(
                    "overlong-line",
                    format!(
                        "{} too long and cut",
                        counted(noise.overlong, "line was", "lines were")
                    ),
                );
            }
        }
        all
    }
}

fn counters(stats: &Stats) -> (u64, i64, i64, i64) {
    (stats.tested, stats.ignored, stats.matched, stats.missed)
}

fn describe(info: &mut LogInfo, head: &Arc<LogHead>) {
    info.kind = match head.kind {
        LogKind::File => "file",
        LogKind::Stdin => "stdin",
        LogKind::Literal => "line",
        LogKind::Journal => "journal",
    }
    .into();
    info.path = match head.kind {
        LogKind::File | LogKind::Journal => Some(head.name.clone()),
        LogKind::Stdin | LogKind::Literal => None,
    };
    info.compression = head.compression.map(|c| c.name().to_string());
    info.journal = head.form.is_journal().then(|| head.form.name().to_string());
    info.encoding.clone_from(&head.encoding);
    info.start = head.start;
}
