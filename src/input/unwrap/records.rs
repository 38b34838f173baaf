//! A record taken apart, whatever its kind; and which kind a line is of.

use super::kind::{Record, WrapKind};
use super::{cri, json, syslog};

impl WrapKind {
    /// How a line is wrapped, of which nothing is known.
    pub(crate) fn of(line: &str) -> Option<WrapKind> {
        if line.starts_with('{') {
            return json::recognise(line);
        }
        if cri::record(line).is_some() {
            return Some(WrapKind::Cri);
        }
        syslog::record(line).map(|_| WrapKind::Syslog)
    }

    /// How a line that is none of these may be wrapped: a field that often holds one.
    pub(super) fn likely(line: &str) -> Option<WrapKind> {
        json::likely(line)
    }

    /// Takes a line apart as [`Self::record`] does; `has_date` tells of what may be a line
    /// whether it is dated, which lines are.
    pub(super) fn record_by_date<'l>(
        &self,
        line: &'l str,
        has_date: impl FnOnce(&str) -> bool,
    ) -> Option<Record<'l>> {
        let record = self.record(line);
        if record.is_some() || *self != WrapKind::Syslog {
            return record;
        }
        syslog::behind_header(line).filter(|record| has_date(&record.text))
    }

    /// Takes a line apart; None where it is not wrapped so.
    pub(crate) fn record<'l>(&self, line: &'l str) -> Option<Record<'l>> {
        match self {
            WrapKind::Docker => json::docker(line),
            WrapKind::Cri => cri::record(line),
            WrapKind::Syslog => syslog::record(line),
            WrapKind::Json(path) => json::field(line, path),
        }
    }
}
