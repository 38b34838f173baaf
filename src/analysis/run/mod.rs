//! The main job's result: counters and what was noticed beside them, as one value
//! ([`RunReport`]).
//!
//! `findings` are what was wrong with lines, in numbers that add up, and the warnings made of
//! them; `boundary` is what the two ends of a run have to do with logs before and behind, which
//! `recorder` gathers while the run goes on.

mod addresses;
mod boundary;
mod findings;
mod logs;
mod outside;
mod recorder;
mod report;
pub(crate) mod unwrapped;

pub(crate) use addresses::{AddressInfo, AddressRows, CountedAddresses, Moment};
pub(crate) use boundary::{DateBoundary, ShardBoundary};
pub(crate) use findings::{FINDING_CODES, Findings, WarningContext, role_name};
pub(crate) use logs::{LOG_CODES, LogContext, LogSummary};
pub(crate) use outside::{DateSpan, Outside, why_no_lines};
pub(crate) use recorder::BoundaryRecorder;
pub(crate) use report::{
    FilterInfo, LogInfo, RegexCounts, RunFacts, RunReport, SCHEMA, TemplateCounts, TemplateRow,
    place,
};
pub(crate) use unwrapped::UnwrapInfo;
