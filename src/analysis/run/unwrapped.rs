//! What `--unwrap` made of a log, as reports tell it, and the warnings about it.

use crate::analysis::warning::Warning;
use crate::analysis::wording::counted;
use crate::input::unwrap::{Asked, UnwrapCounts, Unwrapped};
use serde::{Deserialize, Serialize};

/// The codes of [`UnwrapInfo::warnings`].
pub(crate) const UNWRAP_CODES: [&str; 3] = ["not-wrapped", "outer-date", "open-record"];

/// What `--unwrap` made of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnwrapInfo {
    /// `docker`, `cri`, `syslog` or `json:FIELD`; null where its lines are not wrapped.
    pub(crate) kind: Option<String>,
    /// A kind it may be of.
    #[serde(skip)]
    pub(crate) likely: Option<String>,
    /// How many lines became what.
    #[serde(flatten)]
    pub(crate) counts: UnwrapCounts,
}

impl From<&Unwrapped> for UnwrapInfo {
    fn from(log: &Unwrapped) -> UnwrapInfo {
        UnwrapInfo {
            kind: log.kind.as_ref().map(ToString::to_string),
            likely: log.likely.as_ref().map(ToString::to_string),
            counts: log.counts,
        }
    }
}

impl UnwrapInfo {
    /// What its user hardly expected.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let mut all = Vec::new();
        let mut warn = |code: &str, message: String| all.push(Warning::new(code, message));
        let lines = |count| counted(count, "line is", "lines are");
        match &self.kind {
            None if self.counts.unchanged > 0 => warn(
                "not-wrapped",
                format!(
                    "its first lines are not wrapped in a form that --unwrap knows (docker, cri, \
                     syslog), so they are read without a change; where a field of JSON holds the \
                     line, name it: --unwrap={}",
                    self.likely.as_deref().unwrap_or("json:FIELD")
                ),
            ),
            Some(kind) if self.counts.unchanged > 0 => warn(
                "not-wrapped",
                format!(
                    "{} not wrapped so (--unwrap={kind}), and read without a change",
                    lines(self.counts.unchanged)
                ),
            ),
            _ => {}
        }
        if self.counts.undated > 0 {
            let message = format!(
                "{} without a date, and the filter reads none that their records have",
                lines(self.counts.undated)
            );
            warn("outer-date", message);
        }
        if self.counts.open > 0 {
            let message = format!(
                "{} open at the end of the log: the record that ends it is not there",
                lines(self.counts.open)
            );
            warn("open-record", message);
        }
        all
    }

    /// What was done, in words.
    pub(crate) fn done(&self) -> Option<String> {
        let kind = self.kind.as_deref().filter(|_| self.counts.records > 0)?;
        match Asked::parse(kind) {
            Ok(Asked::Kind(kind)) => Some(format!("unwrapped from {}", kind.title())),
            _ => None,
        }
    }

    /// The same for a command without a report of its logs: fail2ban does not do it.
    pub(super) fn note(&self, name: &str) -> Option<String> {
        let done = self.done()?;
        let records = counted(self.counts.records, "line", "lines");
        Some(format!(
            "{name}: {records} {done}; fail2ban itself does not unwrap (f2b-regex LOG FILTER --unwrap \
             says how it sees the same)"
        ))
    }
}

/// What a command without a report of its logs says of them.
pub(crate) fn notes(logs: &[Unwrapped]) -> Vec<String> {
    let mut all = Vec::new();
    for log in logs {
        let info = UnwrapInfo::from(log);
        all.extend(info.note(&log.name));
        let warnings = info.warnings().into_iter();
        all.extend(warnings.map(|warning| format!("{}: {}", log.name, warning.message)));
    }
    all
}
