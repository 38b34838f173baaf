//! What a diagnosis goes by: the lines, the run's filter, what the command line knows of it.

use super::change::Change;
use crate::analysis::explain::sample::SampledLine;
use crate::config::Setting;
use crate::date::{Clock, DateDetector};
use crate::engine::Filter;
use crate::input::RawBlock;
use std::path::PathBuf;

/// Builds the run's filter anew: what the command line knows how to do.
pub(crate) trait FilterRebuilder {
    /// The filter and its date detector with these changes to options, datepattern and zone
    /// (others are none of its business); None if that cannot be built.
    fn build(&self, changes: &[Change]) -> Option<(Filter, Option<DateDetector>)>;

    /// The regexes the filter would have, as written: cheap, nothing is compiled.
    fn regexes(&self, changes: &[Change]) -> Option<RegexSources>;
}

/// The regexes of a filter as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RegexSources {
    /// The prefregex.
    pub(crate) prefregex: Option<String>,
    /// The failregexes.
    pub(crate) failregexes: Vec<String>,
    /// The ignoreregexes.
    pub(crate) ignoreregexes: Vec<String>,
    /// The datepattern.
    pub(crate) datepattern: Option<String>,
}

impl RegexSources {
    /// Those of a filter's settings; of one that is set twice, the last.
    pub(crate) fn of(settings: impl IntoIterator<Item = Setting>) -> RegexSources {
        let mut written = RegexSources::default();
        for setting in settings {
            match setting {
                Setting::Prefregex(value) => written.prefregex = Some(value.text),
                Setting::Failregex(value) => written.failregexes.push(value.text),
                Setting::Ignoreregex(value) => written.ignoreregexes.push(value.text),
                Setting::Datepattern(value) => written.datepattern = Some(value.text),
                _ => {}
            }
        }
        written
    }
}

/// A journalmatch that selects no entry, and one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalTrial {
    /// The journalmatch that would select entries the filter finds failures in.
    pub(crate) instead: String,
    /// How many of them.
    pub(crate) entries: u64,
    /// The message of the report for it.
    pub(crate) message: String,
}

/// What a diagnosis goes by.
pub(crate) struct Evidence<'a> {
    /// The sample, in order.
    pub(crate) lines: Vec<SampledLine>,
    /// The line that names the columns of the log: `#Fields: date time c-ip`.
    pub(crate) columns: Option<String>,
    /// Lines of the log.
    pub(crate) total: u64,
    /// The clock of the run.
    pub(crate) clock: &'a Clock,
    /// The run's filter.
    pub(crate) filter: &'a Filter,
    /// Its date detector, before the first line; None where lines bring their dates.
    pub(crate) detector: Option<DateDetector>,
    /// The filter's name; None for a regex given as text.
    pub(crate) filter_name: Option<String>,
    /// The files the filter was read from.
    pub(crate) files: Vec<PathBuf>,
    /// Options already given to the filter.
    pub(crate) options: Vec<(String, String)>,
    /// `--datepattern`.
    pub(crate) datepattern: Option<String>,
    /// `-m`, or the journalmatch of the filter.
    pub(crate) journalmatch: Option<JournalTrial>,
    /// The encoding the log was found to be in, not asked for by `-e`: UTF-16.
    pub(crate) found_encoding: Option<String>,
    /// The first lines as they were read, where another encoding may make something else of them.
    pub(crate) begin: Option<RawBlock>,
    /// `--timezone` is given.
    pub(crate) has_timezone: bool,
    /// When the log was last written, epoch seconds.
    pub(crate) modified: Option<f64>,
    /// The lines are not as the log has them (`--unwrap`), or cannot be had so.
    pub(crate) is_unwrapped: bool,
}
