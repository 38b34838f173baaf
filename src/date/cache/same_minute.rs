//! Lines that have the date of the line before, but for its seconds.

use super::{CHUNK, LastDate, Latest, MatchCache, differ};
use crate::date::Timestamp;
use crate::date::template::seconds_of;
use crate::pattern::match_guard::{ROOM, outside};
use std::ops::Range;

/// What a template finds and reads in lines that begin as a given one did, but perhaps for the
/// digits of its seconds: known by one look at the first bytes. Of a pattern that begins with a run
/// up to a byte (`^[^\[]*\[`) these are the first from that byte on.
///
/// Exactness: it holds where a [`MatchGuard`](crate::pattern::MatchGuard) and a [`LastDate`] of
/// that line hold, and says what they say: it makes the tests of both. Neither depends on what comes
/// behind those bytes. All that is found stands behind the guard's anchor and moves with it.
#[derive(Debug)]
pub(crate) struct SameMinute {
    /// The guard's: the byte the anchor is at, if that is not the line's begin; the least byte that
    /// is allowed from there on, and how many more are.
    run_to: Option<u8>,
    low: [u8; ROOM],
    spread: [u8; ROOM],
    /// The bytes of the line, and by byte all bits if it is read and no digit of the seconds.
    text: [u8; ROOM],
    read: [u8; ROOM],
    /// How many of these decide, at least [`CHUNK`].
    length: usize,
    /// Where the two digits of the seconds stand, and what they said. All places are counted from
    /// the anchor.
    seconds: Option<(usize, i64)>,
    found_end: usize,
    date: Range<usize>,
    time: Timestamp,
}

/// A date in a line that is not searched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SameMinuteDate {
    /// The whole match.
    pub(crate) found: Range<usize>,
    /// What is cut out of the line.
    pub(crate) date: Range<usize>,
    /// When.
    pub(crate) time: Timestamp,
}

/// What a look at the first bytes of a line told of its date: where the anchor is, and how many
/// seconds it is later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SameMinuteLook {
    anchor: usize,
    later: i64,
}

impl SameMinute {
    /// For lines like this one, whose date was found last; None where the first bytes do not
    /// decide.
    pub(crate) fn new(matches: &MatchCache, last: &LastDate, line: &str) -> Option<SameMinute> {
        let Latest::CachedMatch(which) = matches.latest else {
            return None;
        };
        let known = Some(&matches.known[which]).filter(|known| known.found.start == 0)?;
        let delta = (last.delta.as_ref()).filter(|_| last.places == known.places)?;
        let date = known.found.group1.clone().filter(|date| !date.is_empty())?;
        let guard = known.guard.as_ref()?;
        let first = guard.first_bytes()?;
        let anchor = guard.applies_to(line.as_bytes(), 0, line.len())?;
        let from_anchor = |at: usize| at.checked_sub(anchor);
        let here = &line.as_bytes()[anchor..];
        let date = from_anchor(date.start)?..from_anchor(date.end)?;
        let later = delta.seconds_to(&here[date.start..])?;
        let (mut text, mut read) = ([0; ROOM], [0; ROOM]);
        let place = date.start..date.start + delta.length;
        let length = first.checked.max(place.end).max(CHUNK);
        (text.get_mut(..length)?).copy_from_slice(here.get(..length)?);
        (read.get_mut(place)?).copy_from_slice(&delta.read[..delta.length]);
        let seconds = delta
            .seconds
            .map(|(at, then)| (date.start + at, then + later));
        Some(SameMinute {
            run_to: first.run_to,
            low: *first.low,
            spread: *first.spread,
            text,
            read,
            length,
            seconds,
            found_end: from_anchor(known.found.end)?,
            date,
            time: last.date.later(later),
        })
    }

    /// The date of a line, if it is the same but for the seconds.
    #[inline(always)] // once for every line: a call costs as much as what it does
    pub(crate) fn of(&self, line: &[u8]) -> Option<SameMinuteDate> {
        Some(self.date(self.look(line)?))
    }

    /// One look at the first bytes of a line: whether it has the same date but for the seconds.
    #[inline(always)] // as above
    pub(crate) fn look(&self, line: &[u8]) -> Option<SameMinuteLook> {
        let anchor = match self.run_to {
            None => 0,
            Some(byte) => memchr::memchr(byte, line)?,
        };
        let here = line.get(anchor..)?.get(..self.length)?;
        if !self.allows(here, 0..CHUNK) || here.len() > CHUNK && !self.allows_rest(here) {
            return None;
        }
        let later = match self.seconds {
            Some((place, then)) => seconds_of(here.get(place..place + 2)?)? - then,
            None => 0,
        };
        Some(SameMinuteLook { anchor, later })
    }

    /// What is cut out of a line.
    #[inline(always)]
    pub(crate) fn cut(&self, SameMinuteLook { anchor, .. }: SameMinuteLook) -> Range<usize> {
        anchor + self.date.start..anchor + self.date.end
    }

    /// The date of a line.
    #[inline(always)]
    pub(crate) fn date(&self, look: SameMinuteLook) -> SameMinuteDate {
        let time = match self.seconds {
            Some(_) => self.time.later(look.later),
            None => self.time,
        };
        SameMinuteDate {
            found: 0..look.anchor + self.found_end,
            date: self.cut(look),
            time,
        }
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
