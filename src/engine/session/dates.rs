//! The date that holds for a line: its own, or the last one (`Filter.processLine`).

use super::Session;
use super::outcome::DateCut;
use crate::date::{DateMatch, InvalidDate, Timestamp};
use crate::engine::groups::TupleLine;
use crate::pattern::Scratch;

impl Session<'_> {
    /// The last date, if it is younger than a minute: upstream takes it for lines without
    /// one (`Filter.processLine`).
    pub(in crate::engine) fn recent_date(&self) -> Option<Timestamp> {
        let date = self.last_date?;
        let seconds = date.seconds();
        (seconds != 0.0 && seconds > self.clock.now_epoch() - 60.0).then_some(date)
    }

    /// Finds, reads and cuts the date (`Filter.processLine`).
    pub(super) fn cut_date(&mut self, line: &str, scratch: &mut Scratch) -> DateCut {
        let found = match &mut self.detector {
            Some(detector) => detector.match_time(line, scratch).unwrap_or_else(|fault| {
                self.date_faults.add(&fault);
                None
            }),
            None => None,
        };
        self.cut_found(line, found)
    }

    /// Reads and cuts a date that was found.
    pub(in crate::engine) fn cut_found(&mut self, line: &str, found: Option<DateMatch>) -> DateCut {
        let mut cut = DateCut::default();
        let mut parts = ["", "", line];
        if let (Some(found), Some(detector)) = (found, &self.detector) {
            let (start, end) = found
                .group1()
                .map_or((0, 0), |range| (range.start, range.end));
            let text = &line[start..end];
            parts = [&line[..start], text, &line[end..]];
            if text.is_empty() {
                let (date, last_text) = self.optional_date();
                if self.recent_date().is_some() {
                    parts = ["", &last_text, line];
                }
                cut.date = Some(date);
                cut.tuple = TupleLine::new(parts);
                return cut;
            }
            match detector.time_of(line, &found, self.clock, &mut self.time_cache) {
                Ok(date) => {
                    self.saw_date(date, text);
                    cut.date = Some(date);
                    cut.tuple = TupleLine::new(parts);
                    return cut;
                }
                Err(InvalidDate::Value) => {}
                Err(fault) => self.date_faults.add(&fault),
            }
        }
        cut.no_date = true;
        if let Some(date) = self.recent_date() {
            parts = ["", &self.last_time_text, line];
            cut.date = Some(date);
        }
        cut.tuple = TupleLine::new(parts);
        cut
    }

    /// The date of a line in which a template matched an empty text: the last one known, or
    /// now; and the text that stands for it.
    pub(in crate::engine) fn optional_date(&self) -> (Timestamp, String) {
        match self.recent_date() {
            Some(date) => (date, self.last_time_text.clone()),
            None => (Timestamp::Float(self.clock.now_epoch()), String::new()),
        }
    }

    /// Remembers the last date.
    pub(in crate::engine) fn saw_date(&mut self, date: Timestamp, text: &str) {
        self.last_date = Some(date);
        // else nobody will read its text: by the clock it is too old, and stays so
        if self.recent_date().is_some() {
            self.last_time_text.clear();
            self.last_time_text.push_str(text);
        }
    }
}
