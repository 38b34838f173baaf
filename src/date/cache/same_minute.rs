//! Lines that begin with the date of the line before, but for its seconds.

use super::{CHUNK, LastDate, Latest, MatchCache, differ};
use crate::date::Timestamp;
use crate::date::template::seconds_of;
use std::ops::Range;

/// What a template finds and reads in lines that begin as a given one did, but perhaps for the
/// digits of its seconds: known by one look at the first bytes.
///
/// Exactness: it holds where a [`MatchGuard`](crate::pattern::MatchGuard) and a [`LastDate`] of
/// that line hold, and says what they say. The bytes either of them looks at are compared with those
/// of the line, for which both hold; the digits of the seconds have to be among those the guard
/// allows there. Neither depends on what comes behind them.
#[derive(Debug)]
pub(crate) struct SameMinute {
    text: [u8; CHUNK],
    /// By byte, all bits if it has to be the same.
    matters: [u8; CHUNK],
    seconds: Option<Seconds>,
    found: Range<usize>,
    date: Range<usize>,
    time: Timestamp,
}

/// The two digits of the seconds.
#[derive(Debug)]
struct Seconds {
    place: usize,
    /// The least byte that is allowed for each, and how many more are.
    low: [u8; 2],
    spread: [u8; 2],
    /// What they said then.
    then: i64,
}

/// A date at the begin of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DateAtBegin {
    /// The whole match.
    pub(crate) found: Range<usize>,
    /// What is cut out of the line.
    pub(crate) date: Range<usize>,
    /// When.
    pub(crate) time: Timestamp,
}

impl SameMinute {
    /// For lines like this one, whose date was found last; None where the first bytes do not
    /// decide.
    pub(crate) fn new(matches: &MatchCache, last: &LastDate, line: &str) -> Option<SameMinute> {
        let Latest::CachedMatch(which) = matches.latest else {
            return None;
        };
        let known = &matches.known[which];
        let delta = (last.delta.as_ref()).filter(|_| last.places == known.places)?;
        let text = line.as_bytes().first_chunk::<CHUNK>()?;
        let date = known.found.group1.clone().filter(|date| !date.is_empty())?;
        let guard = known.guard.as_ref()?;
        guard.applies_to(line.as_bytes(), 0, line.len())?;
        let (low, spread) = guard.first_bytes(CHUNK)?;
        let later = delta.seconds_to(&line.as_bytes()[date.start..])?;
        let mut matters = [0; CHUNK];
        matters.get_mut(..low.len())?.fill(u8::MAX);
        let read = matters.get_mut(date.start..date.start + delta.length)?;
        for (matters, read) in read.iter_mut().zip(&delta.read) {
            *matters |= read;
        }
        let seconds = match delta.seconds {
            None => None,
            Some((at, then)) => {
                let place = date.start + at;
                matters.get_mut(place..place + 2)?.fill(0);
                let byte =
                    |bytes: &[u8], or| [place, place + 1].map(|at| *bytes.get(at).unwrap_or(&or));
                Some(Seconds {
                    place,
                    low: byte(low, 0),
                    spread: byte(spread, u8::MAX),
                    then: then + later,
                })
            }
        };
        Some(SameMinute {
            text: *text,
            matters,
            seconds,
            found: known.found.start..known.found.end,
            date,
            time: last.date.later(later),
        })
    }

    /// The date of a line, if it is the same but for the seconds.
    #[inline]
    pub(crate) fn of(&self, line: &str) -> Option<DateAtBegin> {
        let here = line.as_bytes().first_chunk::<CHUNK>()?;
        if differ(here, &self.text, &self.matters) {
            return None;
        }
        let mut time = self.time;
        if let Some(seconds) = &self.seconds {
            let digits = here.get(seconds.place..seconds.place + 2)?;
            let allowed =
                |at: usize| digits[at].wrapping_sub(seconds.low[at]) <= seconds.spread[at];
            if !allowed(0) || !allowed(1) {
                return None;
            }
            time = time.later(seconds_of(digits)? - seconds.then);
        }
        Some(DateAtBegin {
            found: self.found.clone(),
            date: self.date.clone(),
            time,
        })
    }
}
