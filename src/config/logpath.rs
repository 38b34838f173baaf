//! The logs of a jail: which files its `logpath` finds, and whether it reads them or the
//! journal (`logpath` in upstream's `JailReader.convert`). The files are not opened.

use std::path::Path;

use super::glob;
use super::text::{Origin, Text};
use super::value::{Options, Value};

/// One line of `logpath`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogPath {
    /// A path, maybe with wildcards.
    pub(crate) pattern: String,
    /// Where reading begins: `head`, or the word behind the path, of which the server knows `tail`.
    pub(crate) start: String,
    /// Where it is written.
    pub(crate) origin: Option<Origin>,
    /// The files found, as the server is told of them: without the root they were looked for in.
    pub(crate) found: Vec<String>,
    /// Symbolic links that lead nowhere; fail2ban leaves them out.
    pub(crate) dangling: Vec<String>,
}

/// What a jail reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The journal: the backend says so. `logpath` does not count.
    Journal,
    /// The journal, because no log is there: the backend is `auto` and the jail has a journalmatch.
    JournalWithoutLogs,
    /// The logs that were found.
    Logs,
    /// No log is there: a server does not start with such a jail.
    LogsMissing,
    /// No log is there, and the jail is left out for that (`skip_if_nologs`).
    Skipped,
    /// There is no `logpath`.
    Nothing,
}

/// What a jail reads, and what it would read.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// `backend`, as it is configured.
    pub(crate) configured: String,
    pub(crate) source: Source,
    /// The lines of `logpath`, whether they count or not.
    pub(crate) logs: Vec<LogPath>,
}

impl Input {
    /// What the options of a jail ask for; logs are looked for below `root`.
    pub(crate) fn of(options: &Options, root: &Path) -> Input {
        let text = |name: &str| options.get(name).map(Value::to_text);
        let configured = text("backend").unwrap_or(Text::plain("auto"));
        let configured = configured.as_str().to_owned();
        let logpath = text("logpath");
        let logs = logpath.as_ref().map(|lines| find(lines, root));
        let source = match &logs {
            _ if configured.starts_with("systemd") => Source::Journal,
            None => Source::Nothing,
            Some(logs) if logs.iter().any(|log| !log.found.is_empty()) => Source::Logs,
            Some(_) => without_logs(options, &configured),
        };
        Input {
            configured,
            source,
            logs: logs.unwrap_or_default(),
        }
    }

    /// The backend the server is told of.
    pub(crate) fn backend(&self) -> &str {
        match self.source {
            Source::JournalWithoutLogs => "systemd",
            _ => &self.configured,
        }
    }
}

fn without_logs(options: &Options, backend: &str) -> Source {
    let set = |name: &str| options.get(name).is_some_and(Value::is_truthy);
    // only a journalmatch of the jail itself counts, even an empty one; not the filter's
    let journalmatch = options.get("journalmatch");
    let journalmatch = journalmatch.is_some_and(|value| !value.is_none());
    if backend.starts_with("auto") && set("systemd_if_nologs") && journalmatch {
        Source::JournalWithoutLogs
    } else if set("skip_if_nologs") {
        Source::Skipped
    } else {
        Source::LogsMissing
    }
}

fn find(lines: &Text, root: &Path) -> Vec<LogPath> {
    let lines = lines.lines().filter(|(line, _)| !line.is_empty());
    let paths = lines.map(|(line, origin)| {
        let (pattern, start) = line.rsplit_once(' ').unwrap_or((line, "head"));
        let found = glob::glob(root, pattern);
        let there = |path: &String| glob::below(root, path).exists();
        let (found, dangling) = found.into_iter().partition(there);
        LogPath {
            pattern: pattern.to_owned(),
            start: start.to_owned(),
            origin: origin.cloned(),
            found,
            dangling,
        }
    });
    paths.collect()
}
