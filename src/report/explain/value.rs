//! What reports of `explain` are written from, the table and JSON (`"schema": 1`) alike.
//!
//! Offsets are bytes: of the line for the date, of the text for prefregex, of the content (or the
//! text) for failregexes, of `regex` for pieces of it. No text of a log is here whole where it is
//! longer than 64 KiB.

use crate::analysis::explain::hints::Hint;
use crate::analysis::explain::missed::VerdictCounts;
use crate::analysis::explain::steps::SessionState;
use crate::analysis::run::{FilterInfo, Moment};
use crate::analysis::warning::Tool;
use crate::engine::Verdict;
use serde::{Serialize, Serializer};

/// One line explained.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineReport {
    /// `analysis::run::SCHEMA`.
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// The line.
    #[serde(flatten)]
    pub(crate) line: LineValue,
    /// What would help.
    pub(crate) hints: Vec<Hint>,
    /// Lines the hints were tried on, of how many.
    #[serde(skip)]
    pub(crate) sample: (u64, u64),
}

/// All missed lines of a log, in groups (`--all`).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroupsReport {
    /// `analysis::run::SCHEMA`.
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// Lines by verdict.
    pub(crate) lines: VerdictCounts,
    /// Missed lines in groups, the largest first.
    pub(crate) groups: Vec<GroupValue>,
    /// Missed lines in none of them: longer than 64 KiB, or of too many kinds.
    pub(crate) ungrouped: u64,
    /// With `--failures`: missed lines that do not look like failures.
    pub(crate) left_out: u64,
    /// What would help.
    pub(crate) hints: Vec<Hint>,
    /// Lines the hints were tried on, of how many.
    #[serde(skip)]
    pub(crate) sample: (u64, u64),
}

/// Missed lines that stop at the same place.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroupValue {
    /// How many.
    pub(crate) lines: u64,
    /// Number of the first.
    pub(crate) first: u64,
    /// Number of the last.
    pub(crate) last: u64,
    /// The regex they stop in, such as `failregex 3`; null: none comes near.
    pub(crate) regex: Option<String>,
    /// One of them explained.
    pub(crate) example: LineValue,
}

/// A line, step by step.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineValue {
    /// The line, its first 64 KiB.
    pub(crate) line: String,
    /// Bytes of all of it.
    pub(crate) line_bytes: usize,
    /// Its number in the log, from 1.
    pub(crate) number: Option<u64>,
    /// `matched`, `ignored` or `missed`.
    pub(crate) verdict: Verdict,
    /// The verdict in words, with its reason.
    pub(crate) why: String,
    /// Where its date is.
    pub(crate) date: DateValue,
    /// What the regexes see, its first 64 KiB.
    pub(crate) text: String,
    /// The ignoreregexes were tried before anything else, and one matched.
    pub(crate) ignored_first: bool,
    /// The prefregex, if it was tried.
    pub(crate) prefregex: Option<RegexValue>,
    /// What it left for the failregexes; null: all of `text`.
    pub(crate) content: Option<String>,
    /// The failregexes in order; empty if they were not tried.
    pub(crate) failregex: Vec<RegexValue>,
    /// The ignoreregexes that were tried.
    pub(crate) ignoreregex: Vec<RegexValue>,
    /// Numbers of the failregexes that missed, the nearest first.
    pub(crate) nearest: Vec<usize>,
    /// The session of the line.
    pub(crate) session: Option<SessionValue>,
    /// The later line that completes it: its session, or a match over several lines.
    pub(crate) completed_by: Option<LaterLine>,
    /// Failures, helpers among them.
    pub(crate) failures: Vec<FailureValue>,
}

/// A later line of the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LaterLine {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The line, its first 64 KiB.
    pub(crate) line: String,
}

/// Where the date is.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct DateValue {
    /// It was searched: entries of a journal bring theirs along.
    pub(crate) searched: bool,
    /// A template found it.
    pub(crate) found: bool,
    /// That template, or the one that came nearest.
    pub(crate) template: Option<String>,
    /// What was cut out of the line.
    pub(crate) text: Option<String>,
    /// Where that stands.
    pub(crate) start: Option<usize>,
    /// Its end.
    pub(crate) end: Option<usize>,
    /// The time that counts for the line.
    pub(crate) time: Option<Moment>,
    /// How near the nearest template came.
    pub(crate) near: Option<NearValue>,
    /// The time as the table has it.
    #[serde(skip)]
    pub(crate) local: Option<String>,
    /// The line around the date.
    #[serde(skip)]
    pub(crate) seen: Option<Seen>,
}

/// A part of a text, around the place that matters.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Seen {
    /// Where it begins in the text.
    pub(crate) start: usize,
    /// The part.
    pub(crate) text: String,
}

/// A regex tried.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegexValue {
    /// Number in its list, from 1.
    pub(crate) number: usize,
    /// As written in the filter.
    pub(crate) regex: String,
    /// The file it stands in.
    pub(crate) file: Option<String>,
    /// The line there, from 1.
    pub(crate) line: Option<u32>,
    /// It matched.
    pub(crate) matched: bool,
    /// It gave no answer within its budget of steps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) exhausted: bool,
    /// What its named groups caught, the first 64 KiB of each.
    #[serde(serialize_with = "as_object")]
    pub(crate) groups: Vec<(String, String)>,
    /// How near it came, if it missed.
    pub(crate) near: Option<NearValue>,
    /// `failregex 3`.
    #[serde(skip)]
    pub(crate) name: String,
}

/// A near miss.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NearValue {
    /// Where the expected pieces were first tried.
    pub(crate) at: usize,
    /// The same as a column, in characters from 1.
    pub(crate) column: usize,
    /// Where they were last tried.
    pub(crate) last: usize,
    /// How far any path got.
    pub(crate) furthest: usize,
    /// To compare near misses on one text.
    pub(crate) score: u64,
    /// All paths were walked.
    pub(crate) exact: bool,
    /// The pieces, any of which would have gone on.
    pub(crate) expected: Vec<PieceValue>,
    /// The text around that place.
    pub(crate) seen: Seen,
}

/// A piece of a regex.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceValue {
    /// As written.
    pub(crate) piece: String,
    /// Where it stands in the regex as written (of a date template: as compiled).
    pub(crate) start: usize,
    /// Its end.
    pub(crate) end: usize,
    /// The named group around it.
    pub(crate) group: Option<String>,
}

/// A session.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SessionValue {
    /// Its id.
    pub(crate) id: String,
    /// Before the line; null: the line begins it.
    pub(crate) before: Option<SessionState>,
    /// After it; null: the line ends it.
    pub(crate) after: Option<SessionState>,
    /// Number of the line that completes it.
    pub(crate) completed_by: Option<u64>,
}

/// A failure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FailureValue {
    /// Number of the failregex, from 1.
    pub(crate) failregex: usize,
    /// The address or id.
    pub(crate) id: Option<String>,
    /// `ip4`, `ip6`, `dns` or `id`.
    pub(crate) kind: String,
    /// Users named.
    pub(crate) users: Vec<String>,
    /// When.
    pub(crate) time: Option<Moment>,
    /// A helper that does not count.
    pub(crate) nofail: bool,
    /// The time as the table has it.
    #[serde(skip)]
    pub(crate) local: Option<String>,
}

/// Names and values as an object, in their order.
fn as_object<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
