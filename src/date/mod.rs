//! Dates of log lines, exactly as fail2ban finds and reads them.
//!
//! A `datepattern` (or the default list) becomes [`DateTemplate`]s (`catalog`,
//! with `fields`, `percent` and `boundary`); for each line [`DetectorState`]
//! chooses the template; the template finds the date and tells its time
//! (`template`, `strptime`, `zone`, [`Clock`]). [`DateDetector`] is all of it.
//!
//! Templates are immutable and shared between threads; the state is small, and
//! driven by a callback that says where a template matches, so that the searching
//! can be done elsewhere and beforehand.

mod boundary;
mod cache;
mod catalog;
mod chars;
mod civil;
mod clock;
mod detector;
mod fields;
mod localtime;
mod percent;
use crate::python;
mod show;
mod state;
mod strptime;
mod template;
mod zone;

pub(crate) use cache::{
    LastDate, MatchCache, Patience, SameMinute, SameMinuteDate, SameMinuteLook,
};
pub(crate) use clock::{Clock, TimeCache};
pub(crate) use detector::{DateDetector, DateMatch};
pub(crate) use localtime::TimeZone;
pub(crate) use state::{
    DatePlace, DetectorKey, DetectorState, EmptyAtEnd, LastWinnerStep, Probe, Span,
};
pub(crate) use strptime::ReadDate;
pub(crate) use template::{DateTemplate, Found};

/// Whether upstream takes the text for a zone: an abbreviation or an offset, the same all the year.
pub(crate) fn is_fixed_zone(zone: &str) -> bool {
    zone::offset_minutes(zone).is_ok()
}

/// A datepattern or a time zone that cannot be used; upstream's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct DateError {
    message: String,
    exception: Exception,
}

/// The Python exception upstream raises; what `fail2ban-regex` prints around its
/// text depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exception {
    /// Two templates of one name, a zone of no known form.
    Value,
    /// A bad `%` field.
    Type,
    /// An unknown zone abbreviation.
    Key,
}

impl DateError {
    fn new(exception: Exception, message: String) -> DateError {
        DateError { message, exception }
    }

    /// Which Python exception it is to upstream.
    pub(crate) fn exception(&self) -> Exception {
        self.exception
    }
}

/// Why a line could not be searched for a date. Upstream ends with a traceback
/// in every such case (status 1), after the header of its report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DetectError {
    /// The regex of a template does not compile; it is compiled at its first use.
    #[error("date template {name}: {error}, in {regex}")]
    Regex {
        /// The template's name, as reports show it.
        name: String,
        /// Its regex.
        regex: String,
        /// What is wrong with it, in CPython's words.
        error: String,
    },
    /// The search was given up.
    #[error("date template {name}: too many steps")]
    Steps {
        /// The template's name, as reports show it.
        name: String,
    },
    /// A template matched nothing at the very end of the line.
    #[error("IndexError: string index out of range")]
    EmptyAtEnd,
}

impl From<EmptyAtEnd> for DetectError {
    fn from(EmptyAtEnd: EmptyAtEnd) -> DetectError {
        DetectError::EmptyAtEnd
    }
}

/// Why the text of a date has no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidDate {
    /// 30 February and its like: upstream goes on as if there were no date.
    #[error("not a date")]
    Value,
    /// Upstream does not expect this exception and ends with a traceback (status
    /// 1): an unknown zone abbreviation, a month without a day, `%I` with an
    /// optional `%p` that is not there, a year beyond all bounds.
    #[error("{0}")]
    Uncaught(String),
}

/// The time of a date, in epoch seconds. Python prints whole numbers of the first
/// kind without a fraction (`--out row`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Timestamp {
    /// Of a text with a zone, or with `--timezone`, or TAI64N.
    Int(i64),
    /// Of local time or an epoch.
    Float(f64),
}

impl Timestamp {
    /// The seconds since 1970, whichever kind it is.
    pub(crate) fn seconds(self) -> f64 {
        match self {
            Timestamp::Int(seconds) => seconds as f64,
            Timestamp::Float(seconds) => seconds,
        }
    }

    /// So many seconds later.
    pub(crate) fn later(self, seconds: i64) -> Timestamp {
        match self {
            Timestamp::Int(time) => Timestamp::Int(time + seconds),
            Timestamp::Float(time) => Timestamp::Float(time + seconds as f64),
        }
    }
}
