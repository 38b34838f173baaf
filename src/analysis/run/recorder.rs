//! Gathers the [`ShardBoundary`] of a run while it goes on: fed with the verdicts of its start, in
//! line order, and with the session at its end.

use super::boundary::{
    self, DateBoundary, HEAD_BYTES, HEAD_LINES, LastDate, PrefregexBoundary, SessionBoundary,
    ShardBoundary,
};
use super::findings::Findings;
use crate::date::DateDetector;
use crate::engine::verdict_sink::LineVerdict;
use crate::engine::{Filter, Session};
use std::collections::BTreeMap;

/// What is known of the start of the run so far.
#[derive(Debug)]
pub(crate) struct BoundaryRecorder {
    /// Something of the start is still to be seen.
    watching: bool,
    head: Vec<String>,
    undated_start: u64,
    first_date: Option<f64>,
    /// No line has asked prefregex yet.
    unasked: bool,
    unasked_start: u64,
    has_prefregex: bool,
}

impl BoundaryRecorder {
    /// For a run of that filter.
    pub(crate) fn new(filter: &Filter) -> BoundaryRecorder {
        BoundaryRecorder {
            watching: true,
            head: Vec::new(),
            undated_start: 0,
            first_date: None,
            unasked: true,
            unasked_start: 0,
            has_prefregex: filter.prefregex.is_some(),
        }
    }

    /// Whether the next line is to be shown to [`BoundaryRecorder::line`]; once it is not, none is.
    pub(crate) fn is_watching(&self) -> bool {
        self.watching
    }

    /// The verdict on the next line.
    pub(crate) fn line(&mut self, verdict: &LineVerdict) {
        if !self.watching {
            return;
        }
        if self.head.len() <= HEAD_LINES {
            // a longer line is only known to be one
            let mut end = verdict.line.len().min(HEAD_BYTES + 1);
            while !verdict.line.is_char_boundary(end) {
                end += 1;
            }
            self.head.push(verdict.line[..end].to_string());
        }
        if self.unasked {
            // taken by an ignoreregex before anything else was asked
            self.unasked = verdict.outcome.found.is_empty()
                && !verdict.outcome.ignored_by.is_empty()
                && !verdict.prefregex.matched;
            self.unasked_start += u64::from(self.unasked);
        }
        if self.first_date.is_none() {
            self.first_date = verdict.last_date.map(|date| date.seconds());
            self.undated_start += u64::from(self.first_date.is_none());
        }
        self.watching = self.head.len() <= HEAD_LINES || self.unasked || self.first_date.is_none();
    }

    /// The seam of the run that `session` was. `fresh` is the detector it began with,
    /// `datepattern` what that was made of, `options` the options given.
    pub(crate) fn finish(
        self,
        session: &Session,
        fresh: Option<&DateDetector>,
        datepattern: Option<&str>,
        options: BTreeMap<String, String>,
    ) -> ShardBoundary {
        let dates = (fresh.zip(session.detector())).map(|(fresh, detector)| {
            let last = detector.state().last_place().map(|(template, place)| {
                let template = &detector.all()[template];
                LastDate {
                    template: template.name().to_string(),
                    anchored: template.anchors().line(),
                    place,
                }
            });
            let mut dates = DateBoundary {
                fingerprint: boundary::fingerprint(fresh),
                datepattern: datepattern.map(str::to_string),
                last,
                head: None,
            };
            dates.set_head(self.head, fresh);
            dates
        });
        let start = session.session_start();
        let open: Vec<String> = (session.open_session_ids())
            .map(boundary::session_hash)
            .collect();
        let asked: Vec<String> = (start.asked.iter())
            .map(|(id, peak)| format!("{peak}:{}", boundary::session_hash(id)))
            .collect();
        ShardBoundary {
            options,
            dates,
            undated_start: self.undated_start,
            first_date: self.first_date,
            last_date: session.last_date().map(|date| date.seconds()),
            prefregex: self.has_prefregex.then(|| PrefregexBoundary {
                unasked_start: self.unasked_start,
                matched: (!self.unasked).then(|| session.prefregex().matched),
            }),
            sessions: SessionBoundary {
                open: open.join(" "),
                asked: asked.join(" "),
                more_asked: start.more,
                peak: start.peak,
            },
            buffered: session.buffered().count(),
            findings: Findings::default(),
        }
    }
}
