//! A jail's filter, ready to run: made of what the server is told of it.

use crate::config::{Origin, Setting};
use crate::date::{Clock, DateDetector};
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
    /// Try every failregex, not only up to the first that matches.
    pub(super) check_all: bool,
}

/// Builds a filter; the error is one line with the place.
pub(super) fn build<'s>(
    settings: impl Iterator<Item = &'s Setting>,
    usedns: UseDns,
    replaced: Replaced,
    clock: &Clock,
) -> Result<BuiltFilter, (String, Option<Origin>)> {
    let mut filter = Filter::new(FilterOptions {
        usedns,
        raw: false,
        // a server stops at the first failregex that matches
        check_all: replaced.check_all,
        ignore_pending: false,
        maxlines: 1,
        keep_matches: false,
    });
    let mut datepattern = replaced.datepattern.map(str::to_owned);
    let mut timezone = replaced.timezone.map(str::to_owned);
    let mut encoding = None;
    let mut journalmatch = Vec::new();
    let mut journalmatch_origin = None;
    let mut origin = None;
    for setting in settings {
        match setting {
            Setting::Prefregex(value) => filter
                .set_prefregex(value.clone())
                .map_err(|e| (e.one_line(), value.origin.clone()))?,
            Setting::Failregex(value) => filter
                .add_failregex(value.clone())
                .map_err(|e| (e.one_line(), value.origin.clone()))?,
            Setting::Ignoreregex(value) => filter
                .add_ignoreregex(value.clone())
                .map_err(|e| (e.one_line(), value.origin.clone()))?,
            Setting::Maxlines(value) => {
                let lines = value.text.trim().parse::<usize>().unwrap_or(1);
                filter.options.maxlines = lines.max(1);
            }
            Setting::Datepattern(value) => {
                datepattern.get_or_insert_with(|| value.text.clone());
                origin.clone_from(&value.origin);
            }
            Setting::LogTimezone(value) => {
                timezone.get_or_insert_with(|| value.text.clone());
            }
            Setting::LogEncoding(value) => encoding = Some(value.text.clone()),
            Setting::Journalmatch(words, origin) => {
                journalmatch.push(words.clone());
                journalmatch_origin = journalmatch_origin.or_else(|| origin.clone());
            }
            Setting::UseDns(_) => {}
        }
    }
    let mut detector = match datepattern.filter(|pattern| !pattern.is_empty()) {
        None => DateDetector::default_templates(clock.now_year()),
        Some(pattern) => {
            let wrong = |error: &dyn std::fmt::Display| (error.to_string(), origin.clone());
            let own = DateDetector::from_datepattern(&pattern, clock).map_err(|e| wrong(&e))?;
            for template in own.all().iter().filter(|template| !template.is_default()) {
                template.compiled_regex().map_err(|e| wrong(&e))?;
            }
            own
        }
    };
    if let Some(zone) = timezone.filter(|zone| !zone.is_empty()) {
        let set = detector.set_default_tz(&zone);
        set.map_err(|error| (error.to_string(), None))?;
    }
    Ok(BuiltFilter {
        filter,
        detector,
        journalmatch,
        journalmatch_origin,
        encoding,
    })
}
