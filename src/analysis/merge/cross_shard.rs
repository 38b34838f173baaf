//! What one run would have carried from one shard into the next, and whether it can have
//! changed a verdict there.
//!
//! Says nothing only where it certainly has not. Per part of the state:
//!
//! * *The date detector.* If only one template found dates on both sides and it is tied to
//!   an end of the line, it is tried first and wins, whatever was before. Else the lines up
//!   to the first date are searched again, once by a fresh detector and once by one in the
//!   state behind the shard before: if both find the same, they are in the same state from
//!   there on. (Hits and weights decide only between several templates that win.)
//! * *The last date* counts for lines without one only within a minute of now.
//! * *Sessions*: whether a line asks for one that was open; see
//!   [`SessionStart`](crate::engine::SessionStart).
//! * *The buffer* of a multi-line filter: any lines left in it may become part of a match.
//! * *mktime* remembers an offset, which decides in an hour the clock repeats.

use crate::analysis::run::{DateBoundary, RunReport, ShardBoundary, TemplateCounts};
use crate::date::Clock;
use crate::pattern::Scratch;

/// What may have been carried over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CrossShardEffect {
    /// The choice of a date template.
    DateTemplate,
    /// The last date, for lines without one.
    LastDate,
    /// An hour the zone's clock repeats or skips.
    ClockChange,
    /// Sessions that go on.
    Sessions,
    /// Sessions of which too many began to be noted all.
    ManySessions,
    /// Lines that a regex may span.
    Buffer,
    /// `--since` and `--until`: lines without a date follow those before.
    Window,
}

impl CrossShardEffect {
    /// For the report.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            CrossShardEffect::DateTemplate => {
                "dates in several formats or places: which date template is taken depends on the \
                 lines before"
            }
            CrossShardEffect::LastDate => {
                "lines without a date at the start, which take the last one, of less than a \
                 minute ago"
            }
            CrossShardEffect::ClockChange => {
                "it begins where the zone's clock is changed: local times there depend on the \
                 times before"
            }
            CrossShardEffect::Sessions => "sessions (<F-MLFID>) of the log before go on in it",
            CrossShardEffect::ManySessions => {
                "sessions (<F-MLFID>) were open before, and it has more than are noted: whether \
                 one goes on cannot be told"
            }
            CrossShardEffect::Buffer => "a regex may span lines of both logs (maxlines)",
            CrossShardEffect::Window => {
                "--since or --until was given, which goes by the lines before"
            }
        }
    }
}

/// A run, as far as its neighbours are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    /// Its ends.
    pub(crate) boundary: &'a ShardBoundary,
    /// Lines tested.
    pub(crate) tested: u64,
    /// Lines read, tested or not.
    pub(crate) read: u64,
    /// The date templates that found dates.
    pub(crate) templates: &'a [TemplateCounts],
    /// Lines a regex may span.
    pub(crate) maxlines: usize,
}

impl<'a> Side<'a> {
    /// The run of a report, and its boundary.
    pub(super) fn of(report: &'a RunReport, boundary: &'a ShardBoundary) -> Side<'a> {
        Side {
            boundary,
            tested: report.lines.total,
            read: report.logs.iter().map(|log| log.lines + log.outside).sum(),
            templates: &report.date_templates,
            maxlines: report.filter.maxlines,
        }
    }
}

/// What one run over `before` and then `next` may have carried over.
pub(crate) fn between(before: Side, next: Side, clock: &Clock) -> Vec<CrossShardEffect> {
    let mut all = Vec::new();
    let (own, theirs) = (before.boundary, next.boundary);
    let windowed = ["since", "until"].map(|name| own.options.contains_key(name));
    if windowed.contains(&true) && before.read > 0 {
        all.push(CrossShardEffect::Window);
    }
    if before.tested == 0 || next.tested == 0 {
        return all;
    }
    if let (Some(a), Some(b)) = (&own.dates, &theirs.dates)
        && !same_dates((before.templates, a), (next.templates, b), clock)
    {
        all.push(CrossShardEffect::DateTemplate);
    }
    let recent = own
        .last_date
        .filter(|date| *date > clock.now_epoch() - 60.0);
    if recent.is_some() && theirs.undated_start > 0 {
        all.push(CrossShardEffect::LastDate);
    }
    if let (Some(_), Some(first)) = (own.last_date, theirs.first_date)
        && own.dates.is_some()
    {
        let offset = |hours: f64| clock.local(first + hours * 3600.0).offset;
        if offset(-4.0) != offset(4.0) {
            all.push(CrossShardEffect::ClockChange);
        }
    }
    if theirs.sessions.continued(&own.sessions) > 0 {
        all.push(CrossShardEffect::Sessions);
    } else if theirs.sessions.more_asked && own.sessions.has_open() {
        all.push(CrossShardEffect::ManySessions);
    }
    if next.maxlines > 1 && own.buffered > 0 {
        all.push(CrossShardEffect::Buffer);
    }
    all
}

/// Whether the dates of `next` are found as they would have been behind `before`.
fn same_dates(
    (before, own): (&[TemplateCounts], &DateBoundary),
    (next, theirs): (&[TemplateCounts], &DateBoundary),
    clock: &Clock,
) -> bool {
    let Some(first) = before.first() else {
        // no template has won a line: the detector was as at the start
        return own.last.is_none();
    };
    let alone = |templates: &[TemplateCounts]| templates.iter().all(|t| t.name == first.name);
    let last = own.last.as_ref().filter(|last| last.template == first.name);
    let Some(last) = last.filter(|_| alone(before) && alone(next)) else {
        return false;
    };
    if last.anchored {
        return true;
    }
    let (Some(head), Some(mut fresh)) = (&theirs.head, theirs.detector(clock)) else {
        return false;
    };
    let template = (fresh.all().iter()).position(|t| t.name() == last.template);
    let Some(template) = template else {
        return false;
    };
    let mut behind = fresh.clone();
    behind.set_state(fresh.state().clone().behind(template, &last.place));
    let mut scratch = Scratch::default();
    head.iter().all(|line| {
        let here = fresh.match_time(line, &mut scratch);
        let there = behind.match_time(line, &mut scratch);
        match (here, there) {
            (Ok(None), Ok(None)) => true,
            (Ok(Some(a)), Ok(Some(b))) => a.template == b.template && a.found == b.found,
            _ => false,
        }
    })
}
