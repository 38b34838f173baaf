//! A jail's filter, ready to run: made of what the server is told of it.

use crate::config::{Origin, Setting};
use crate::date::{Clock, DateDetector};
use crate::engine::builder::{BuildError, FilterBuilder, Overrides};
use crate::engine::dns::UseDns;
use crate::engine::{Filter, FilterOptions};

/// A filter that runs, and what else its settings say.
pub(super) struct BuiltFilter {
    pub(super) filter: Filter,
    /// Finds the dates of lines; entries of a journal bring theirs along.
    pub(super) detector: DateDetector,
    /// The words of each journalmatch.
    pub(super) journalmatch: Vec<Vec<String>>,
    pub(super) journalmatch_origin: Option<Origin>,
    pub(super) encoding: Option<String>,
}

/// What is put in place of the settings' own.
#[derive(Clone, Copy, Default)]
pub(super) struct Replaced<'a> {
    pub(super) datepattern: Option<&'a str>,
    pub(super) timezone: Option<&'a str>,
    pub(super) maxlines: Option<u32>,
    /// Try every failregex, not only up to the first that matches.
    pub(super) check_all: bool,
    /// A filter built before that has mostly the same regexes.
    pub(super) beside: Option<&'a Filter>,
}

/// Builds a filter; the error is one line, and the place.
pub(super) fn build(
    settings: &[Setting],
    usedns: UseDns,
    replaced: Replaced,
    clock: &Clock,
) -> Result<BuiltFilter, (String, Option<Origin>)> {
    let options = FilterOptions {
        usedns,
        raw: false,
        // a server stops at the first failregex that matches
        check_all: replaced.check_all,
        ignore_pending: false,
        maxlines: 1,
        keep_matches: false,
    };
    let zone = settings.iter().find_map(|setting| match setting {
        Setting::LogTimezone(value) => Some(value.text.as_str()),
        _ => None,
    });
    let given = Overrides {
        timezone: replaced.timezone.or(zone),
        datepattern: replaced.datepattern,
        maxlines: replaced.maxlines.map(i64::from),
    };
    let mut builder = FilterBuilder::beside(replaced.beside, options, clock);
    let mut journalmatch_origin = None;
    builder.overrides(&given, |_| {}).map_err(told)?;
    for setting in settings {
        if let Setting::Journalmatch(_, origin) = setting {
            // a jail's own stands behind that of its filter, and is the one to mend
            journalmatch_origin = origin.clone().or(journalmatch_origin);
        }
        builder.apply(setting).map_err(told)?;
    }
    let built = builder.finish();
    match built.late {
        Some(error) => Err(told(error)),
        None => Ok(BuiltFilter {
            filter: built.filter,
            detector: built.detector,
            journalmatch: built.journalmatch,
            journalmatch_origin,
            encoding: built.log_encoding,
        }),
    }
}

/// What is wrong, without the place, which is told beside it.
fn told(error: BuildError) -> (String, Option<Origin>) {
    let option = match error.option {
        "timezone" => "logtimezone",
        option => option,
    };
    (format!("{option}: {}", error.fault), error.origin)
}
