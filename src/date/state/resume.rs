//! The part of a detector's state that matters to a log that follows: where the last date
//! stood. For reports of shards, which are merged long after the detector is gone.

use super::{DetectorState, LastHit};
use serde::{Deserialize, Serialize};

/// Where a date stood in its line, in characters, and what stood at its ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatePlace {
    /// Characters before it.
    pub(crate) start: usize,
    /// Characters up to its end.
    pub(crate) end: usize,
    /// The character before it, its first, its last, and the one after it; null at an end of the line.
    pub(crate) ends: [Option<char>; 4],
}

impl DetectorState {
    /// The template that won the last dated line, and where; None before the first.
    pub(crate) fn last_place(&self) -> Option<(usize, DatePlace)> {
        let last = &self.last;
        let place = DatePlace {
            start: last.start,
            end: last.end,
            ends: [
                last.before_start,
                last.at_start,
                last.before_end,
                last.at_end,
            ],
        };
        Some((self.current()?, place))
    }

    /// A fresh state as it is after lines that `template` alone won, the last one at
    /// `place`. Its hits are counted as one: how many there were decides only between
    /// several templates that win (`reorder`).
    pub(crate) fn behind(mut self, template: usize, place: &DatePlace) -> DetectorState {
        let slot = &mut self.slots[template];
        slot.hits = 1;
        slot.matched = true;
        slot.distance = place.start;
        // the first win of all brings it to the front (`win`)
        if let Some(position) = self.order.iter().position(|&t| t == template) {
            self.order[..=position].rotate_right(1);
        }
        self.first_unused = 1;
        self.current = Some(0);
        let [before_start, at_start, before_end, at_end] = place.ends;
        self.last = LastHit {
            start: place.start,
            before_start,
            at_start,
            end: place.end,
            before_end,
            at_end,
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::date::{Clock, DateDetector};
    use crate::pattern::Scratch;

    #[test]
    fn a_resumed_state_goes_on_like_the_one_it_was_taken_from() {
        let clock = Clock::new(Some(1_795_000_000.0));
        let mut scratch = Scratch::default();
        let mut lived = DateDetector::default_templates(clock.now_year());
        let fresh = lived.state().clone();
        let line =
            |who: &str| format!("{who} - - [20/Nov/2026:10:00:00 +0000] \"GET /2026-01-02 1\"");
        for who in ["192.0.2.1", "192.0.2.17", "192.0.2.3"] {
            lived
                .match_time(&line(who), &mut scratch)
                .expect("a search");
        }
        let (template, place) = lived.state().last_place().expect("there were dates");
        let mut resumed = lived.clone();
        resumed.set_state(fresh.behind(template, &place));
        assert_eq!(resumed.state().order(), lived.state().order());
        for who in [
            "192.0.2.3",
            "10 2026-11-20 09:00:00 x",
            "2026-11-20",
            "192.0.2.100",
        ] {
            let there = lived
                .match_time(&line(who), &mut scratch)
                .expect("a search");
            let here = resumed
                .match_time(&line(who), &mut scratch)
                .expect("a search");
            assert_eq!(format!("{here:?}"), format!("{there:?}"), "{who}");
            assert!(here.is_some());
        }
    }
}
