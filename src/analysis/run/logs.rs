//! What a run tells of each log, gathered block by block, in order ([`LogSummary`]).

use super::findings::{Count, Findings};
use super::outside::{DateSpan, Outside};
use super::report::LogInfo;
use super::unwrapped::{UNWRAP_CODES, UnwrapInfo};
use crate::analysis::warning::Warning;
use crate::analysis::wording::counted;
use crate::engine::Stats;
use crate::engine::block::BlockFacts;
use crate::input::unwrap::Unwrapped;
use crate::input::{Encoding, InputAnomalies, LogError, LogHead, LogKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Warnings about one log; where there are several logs they name it.
pub(crate) const LOG_CODES: [&str; 11] = [
    "log-error",
    "invalid-encoding",
    "binary-input",
    "ansi-colors",
    "nul-padding",
    "byte-order-mark",
    "utf-16",
    "overlong-line",
    UNWRAP_CODES[0],
    UNWRAP_CODES[1],
    UNWRAP_CODES[2],
];

/// How logs were read, as far as the warnings about them depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogContext<'c> {
    /// ANSI sequences were taken out.
    pub(crate) strip_ansi: bool,
    /// `logencoding` of the jail.
    pub(crate) jail_encoding: Option<&'c str>,
    /// Marks and padding were left in (`--format classic`).
    pub(crate) keep_noise: bool,
}

/// What the report says of each log, gathered block by block, in order.
#[derive(Default)]
pub(crate) struct LogSummary {
    /// The logs so far.
    pub(crate) infos: Vec<LogInfo>,
    /// Their places among them.
    by_path: HashMap<String, usize>,
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
            if let Some(path) = &info.path {
                self.by_path.insert(path.clone(), head.index);
            }
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

    /// What became of wrapped lines, by log.
    pub(crate) fn unwrapped(&mut self, logs: &[Unwrapped]) {
        for (info, log) in self.infos.iter_mut().zip(logs) {
            info.unwrapped = Some(UnwrapInfo::from(log));
        }
    }

    /// A log could not be read, or not to its end.
    pub(crate) fn fail(&mut self, error: &LogError) {
        self.failed = true;
        let path = error.path();
        let known = self.by_path.get(path);
        match known.and_then(|index| self.infos.get_mut(*index)) {
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

    /// Adds what journals had wrong, and with a window what was outside of it.
    pub(crate) fn findings(&self, mut findings: Findings, window: Option<&DateSpan>) -> Findings {
        findings.outside = window.map(|dates| Outside {
            lines: self.infos.iter().map(|info| info.outside).sum(),
            skipped_start: self.infos.iter().any(|info| info.start > 0),
            dates: dates.get(),
        });
        findings.cut_messages = self.cut;
        findings.malformed =
            (self.malformed.clone()).map(|(count, first, why)| (Count { count, first }, why));
        findings
    }

    /// What looks wrong with each log.
    pub(crate) fn warnings(&self, context: &LogContext) -> Vec<Warning> {
        let mut all = Vec::new();
        for (info, noise) in self.infos.iter().zip(&self.noise) {
            let name = info.path.as_deref().filter(|_| self.infos.len() > 1);
            all.extend(
                about(info, noise, context)
                    .into_iter()
                    .map(|warning| Warning {
                        file: name.map(str::to_string),
                        ..warning
                    }),
            );
        }
        all
    }
}

/// What looks wrong with a log.
fn about(info: &LogInfo, noise: &InputAnomalies, context: &LogContext) -> Vec<Warning> {
    let mut all = Vec::new();
    let mut warn = |code: &str, message: String| all.push(Warning::new(code, message));
    if let Some(error) = &info.error {
        warn("log-error", error.clone());
    }
    if info.invalid > 0 {
        let try_it = match context.jail_encoding {
            Some(name) if name != "auto" => format!("the jail's logencoding: -e {name}"),
            _ => "-e with the log's encoding".into(),
        };
        let places = counted(info.invalid, "place is", "places are");
        let encoding = &info.encoding;
        warn(
            "invalid-encoding",
            format!("{places} not valid {encoding}, read as U+FFFD: try {try_it}"),
        );
    }
    let is_binary = noise.binary > 0 && noise.binary * 10 >= info.lines;
    if is_binary {
        warn(
            "binary-input",
            "this looks like a binary file, not like a text log: many lines have NUL bytes in \
             them (UTF-16? try -e utf-16)"
                .into(),
        );
    }
    if noise.colored > 0 && !context.strip_ansi {
        warn(
            "ansi-colors",
            format!(
                "{} ANSI colour codes, on which most regexes fail: try --strip-ansi",
                counted(noise.colored, "line has", "lines have")
            ),
        );
    }
    let left_out = if context.keep_noise {
        "kept, as fail2ban does, which"
    } else {
        "left out here, while fail2ban keeps them and"
    };
    if noise.padded > 0 && !is_binary {
        warn(
            "nul-padding",
            format!(
                "{} with NUL bytes (a log truncated under its writer); {left_out} may find no date",
                counted(noise.padded, "line begins", "lines begin")
            ),
        );
    }
    if noise.mark {
        warn(
            "byte-order-mark",
            format!(
                "the log begins with a byte order mark; {} may find no date in the first line",
                left_out.replace("them", "it")
            ),
        );
    }
    if let Some(message) = utf16(info, noise).filter(|_| !context.keep_noise) {
        warn("utf-16", message);
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
    all.extend(info.unwrapped.iter().flat_map(UnwrapInfo::warnings));
    all
}

/// What fail2ban does otherwise with a log in UTF-16.
fn utf16(info: &LogInfo, noise: &InputAnomalies) -> Option<String> {
    if noise.told_by_mark {
        return Some(format!(
            "the log begins with the mark of {}, and is read in it; fail2ban does so only with \
             logencoding (-e), and else finds nothing",
            info.encoding
        ));
    }
    let encoding = Encoding::for_label(&info.encoding)?;
    (encoding.is_utf16() && info.lines > 1).then(|| {
        "UTF-16 is read as one text here; fail2ban decodes each line by itself, and may lose \
         characters or all lines but the first (--format classic shows what it sees)"
            .into()
    })
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
