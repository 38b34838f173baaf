//! Lines that begin with the date of the line before, but for its seconds.

use super::{CHUNK, LastDate, Latest, MatchCache, differ};
use crate::date::Timestamp;
use crate::date::template::seconds_of;
use crate::pattern::match_guard::{ROOM, outside};
use std::ops::Range;

/// What a template finds and reads in lines that begin as a given one did, but perhaps for the
/// digits of its seconds: known by one look at the first bytes.
///
/// Exactness: it holds where a [`MatchGuard`](crate::pattern::MatchGuard) and a [`LastDate`] of
/// that line hold, and says what they say: it makes the tests of both. Neither depends on what comes
/// behind the first bytes.
#[derive(Debug)]
pub(crate) struct SameMinute {
    /// The guard's: the least byte that is allowed, and how many more are.
    low: [u8; ROOM],
    spread: [u8; ROOM],
    /// The first bytes of the line, and by byte all bits if it is read and no digit of the seconds.
    text: [u8; ROOM],
    read: [u8; ROOM],
    /// How many of these decide, at least [`CHUNK`].
    length: usize,
    /// Where the two digits of the seconds stand, and what they said.
    seconds: Option<(usize, i64)>,
    found: Range<usize>,
    date: Range<usize>,
    time: Timestamp,
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
        let date = known.found.group1.clone().filter(|date| !date.is_empty())?;
        let guard = known.guard.as_ref()?;
        guard.applies_to(line.as_bytes(), 0, line.len())?;
        let (low, spread, checked) = guard.first_bytes()?;
        let later = delta.seconds_to(&line.as_bytes()[date.start..])?;
        let (mut text, mut read) = ([0; ROOM], [0; ROOM]);
        let place = date.start..date.start + delta.length;
        let length = checked.max(place.end).max(CHUNK);
        (text.get_mut(..length)?).copy_from_slice(line.as_bytes().get(..length)?);
        (read.get_mut(place)?).copy_from_slice(&delta.read[..delta.length]);
        let seconds = delta
            .seconds
            .map(|(at, then)| (date.start + at, then + later));
        Some(SameMinute {
            low: *low,
            spread: *spread,
            text,
            read,
            length,
            seconds,
            found: known.found.start..known.found.end,
            date,
            time: last.date.later(later),
        })
    }

    /// The date of a line, if it is the same but for the seconds.
    #[inline]
    pub(crate) fn of(&self, line: &str) -> Option<DateAtBegin> {
        let here = line.as_bytes().get(..self.length)?;
        if !self.allows(here, 0..CHUNK) || here.len() > CHUNK && !self.allows_rest(here) {
            return None;
        }
        let mut time = self.time;
        if let Some((place, then)) = self.seconds {
            time = time.later(seconds_of(here.get(place..place + 2)?)? - then);
        }
        Some(DateAtBegin {
            found: self.found.clone(),
            date: self.date.clone(),
            time,
        })
    }

    /// Whether these bytes of a line are as they must be.
    #[inline(always)]
    fn allows(&self, here: &[u8], part: Range<usize>) -> bool {
        let (low, spread) = (&self.low[part.clone()], &self.spread[part.clone()]);
        let (text, read) = (&self.text[part.clone()], &self.read[part.clone()]);
        let here = &here[part];
        !outside(here, low, spread) && !differ(here, text, read)
    }

    /// The same of those behind the first: few, of dates with a zone and parts of a second.
    #[inline(never)]
    fn allows_rest(&self, here: &[u8]) -> bool {
        self.allows(here, CHUNK..here.len())
    }
}
