//! What the dates of neighbouring lines share: mostly all but a few digits.
//!
//! [`MatchCache`] saves the search for such a date, [`LastDate`] the reading of it, [`SameMinute`]
//! both where it begins the line.

mod same_minute;

pub(crate) use same_minute::{SameMinute, SameMinuteDate, SameMinuteLook};

use std::ops::Range;

use super::template::{DateTemplate, Field, Found, seconds_of};
use super::{DetectError, Timestamp};
use crate::pattern::match_guard::CHUNK;
use crate::pattern::{MatchGuard, Regex, Scratch};

/// Where one template found dates last: by searching a part of a line, by searching a whole
/// line, and in a line for which no guard was made.
#[derive(Debug, Default)]
pub(crate) struct MatchCache {
    known: [CachedMatch; 2],
    uncached: CachedMatch,
    latest: Latest,
    kinds: u64,
}

/// Which of [`MatchCache`] was found last.
#[derive(Clone, Copy, Debug, Default)]
enum Latest {
    CachedMatch(usize),
    #[default]
    Uncached,
}

/// A date that was found, and the texts in which it is found again.
#[derive(Debug, Default)]
struct CachedMatch {
    found: Found,
    places: u64,
    guard: Option<MatchGuard>,
    /// The guard's anchor in the line the date was found in.
    anchor: usize,
    /// Whether guards are of use.
    patience: Patience,
}

/// A guard used less often is not worth its making.
const MIN_USES: u32 = 24;

/// When something that saves work is worth being made again: at once where the last was used often,
/// else ever more seldom.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// How often the last one was of use.
    used: u32,
    /// How often another is not made yet, and how often behind the next of no use.
    wait: u32,
    patience: u32,
}

impl Patience {
    const MOST: u32 = 1 << 12;

    /// It was of use, so often.
    #[inline]
    pub(crate) fn used(&mut self, times: u32) {
        self.used = self.used.saturating_add(times);
    }

    /// Whether to make another; one is worth its making if it is used that often.
    pub(crate) fn is_due(&mut self, min_uses: u32) -> bool {
        if self.wait > 0 {
            self.wait -= 1;
            return false;
        }
        self.patience = if self.used >= min_uses {
            0
        } else {
            (self.patience * 2 + 1).min(Self::MOST)
        };
        self.wait = self.patience;
        self.used = 0;
        true
    }
}

impl CachedMatch {
    /// Whether the date stands in `line[..end]` as it did, but at `start`.
    #[inline]
    fn applies(&mut self, line: &str, start: usize, end: usize) -> bool {
        let Some(guard) = &self.guard else {
            return false;
        };
        let Some(anchor) = guard.applies_to(line.as_bytes(), start, end) else {
            return false;
        };
        self.patience.used(1);
        if self.found.start != start || self.anchor != anchor {
            self.found.move_to(start, self.anchor, anchor);
            self.anchor = anchor;
        }
        true
    }
}

impl MatchCache {
    /// The date found last.
    #[inline]
    pub(crate) fn found(&self) -> &Found {
        &self.latest().found
    }

    /// The same for dates whose captures are at the same distances from the date's start.
    #[inline]
    pub(crate) fn places(&self) -> u64 {
        self.latest().places
    }

    #[inline]
    fn latest(&self) -> &CachedMatch {
        match self.latest {
            Latest::CachedMatch(which) => &self.known[which],
            Latest::Uncached => &self.uncached,
        }
    }

    /// The answer of [`DateTemplate::find`] where it is known without a search. The whole
    /// match.
    #[inline]
    pub(crate) fn cached(
        &mut self,
        line: &str,
        part: Option<&Range<usize>>,
    ) -> Option<Range<usize>> {
        let (which, start, end) = match part {
            Some(part) => (0, part.start, part.end),
            None => (1, 0, line.len()),
        };
        let known = &mut self.known[which];
        if known.found.start != start || !known.applies(line, start, end) {
            return None;
        }
        self.latest = Latest::CachedMatch(which);
        Some(known.found.start..known.found.end)
    }

    /// What is known of whole lines would have been of use so often, had it been asked.
    #[inline]
    pub(crate) fn used_unasked(&mut self, times: u32) {
        self.known[1].patience.used(times);
    }

    /// Searches with a template's regex as [`DateTemplate::find`] does. The whole match; the
    /// date itself is [`MatchCache::found`] until the next search.
    ///
    /// Exactness: a match begins at the first place where an attempt succeeds. That is
    /// `start` if the attempt there is known to succeed (`MatchGuard`).
    #[inline]
    pub(crate) fn search(
        &mut self,
        template: &DateTemplate,
        line: &str,
        part: Option<Range<usize>>,
        scratch: &mut Scratch,
    ) -> Result<Option<Range<usize>>, DetectError> {
        match self.cached(line, part.as_ref()) {
            Some(span) => Ok(Some(span)),
            None => self.search_uncached(template, line, part, scratch),
        }
    }

    /// [`MatchCache::search`] where [`MatchCache::cached`] has no answer.
    pub(crate) fn search_uncached(
        &mut self,
        template: &DateTemplate,
        line: &str,
        part: Option<Range<usize>>,
        scratch: &mut Scratch,
    ) -> Result<Option<Range<usize>>, DetectError> {
        let compiled = template.compiled()?;
        let whole = part.is_none();
        let Range { start, end } = part.unwrap_or(0..line.len());
        let which = usize::from(whole);
        let known = &mut self.known[which];
        if known.found.start != start && known.applies(line, start, end) {
            self.latest = Latest::CachedMatch(which);
            return Ok(Some(known.found.start..known.found.end));
        }
        let found = compiled.regex.search_at(&line[..end], start, scratch);
        let found = found.map_err(|_| template.steps())?;
        let Some(found) = found.map(|found| compiled.found(&found)) else {
            return Ok(None);
        };
        let span = found.start..found.end;
        self.keep(which, &compiled.regex, &line[..end], found);
        Ok(Some(span))
    }

    fn keep(&mut self, which: usize, regex: &Regex, text: &str, found: Found) {
        let like = |known: &&CachedMatch| known.found.is_alike(&found) && known.places > 0;
        let known = self.known.iter().chain([&self.uncached]).find(like);
        let places = known.map(|known| known.places).unwrap_or_else(|| {
            self.kinds += 1;
            self.kinds
        });
        let due = self.known[which].patience.is_due(MIN_USES);
        let (known, guard) = if due {
            self.latest = Latest::CachedMatch(which);
            let guard = regex.match_guard(text, found.start);
            (&mut self.known[which], guard)
        } else {
            self.latest = Latest::Uncached;
            (&mut self.uncached, None)
        };
        known.guard = guard.filter(|guard| found.can_move(guard.anchor()));
        known.anchor = known.guard.as_ref().map_or(0, MatchGuard::anchor);
        (known.found, known.places) = (found, places);
    }
}

/// Bytes of a date that are compared at once, at most.
const ROOM: usize = 64;

/// The last date read with a template, for those that differ from it by seconds alone.
#[derive(Debug)]
pub(crate) struct LastDate {
    found: Found,
    /// [`MatchCache::places`] then.
    places: u64,
    text: String,
    date: Timestamp,
    delta: Option<SecondsDelta>,
}

/// How a date whose captures stand at the same places differs by its seconds.
#[derive(Debug)]
struct SecondsDelta {
    /// The date's first bytes, and by byte all bits if it is read and no digit of the
    /// seconds.
    text: [u8; ROOM],
    read: [u8; ROOM],
    /// Bytes that matter.
    length: usize,
    /// Where the two digits of the seconds stand, and what they say.
    seconds: Option<(usize, i64)>,
}

impl LastDate {
    /// A date whose text is all that is read, and whose seconds alone tell it from others of
    /// the same minute.
    pub(crate) fn new(
        template: &DateTemplate,
        line: &str,
        last: &MatchCache,
        date: Timestamp,
    ) -> LastDate {
        let found = last.found().clone();
        let text = line[found.date()].to_string();
        LastDate {
            places: last.places(),
            delta: SecondsDelta::new(template, &found, &text),
            found,
            text,
            date,
        }
    }

    /// The date that was just found, if only its seconds are others.
    #[inline]
    pub(crate) fn later(
        &self,
        template: &DateTemplate,
        line: &str,
        last: &MatchCache,
    ) -> Option<Timestamp> {
        let found = last.found();
        let seconds = match &self.delta {
            Some(delta) if self.places == last.places() => {
                delta.seconds_to(&line.as_bytes()[found.date().start..])?
            }
            _ => template.seconds_between(&self.text, &self.found, line, found)?,
        };
        Some(self.date.later(seconds))
    }
}

/// Whether two texts differ in bytes that are read.
#[inline(always)]
fn differ(here: &[u8], text: &[u8], read: &[u8]) -> bool {
    let differ = |byte: u8, other: u8, read: u8| (byte ^ other) & read;
    if let (Some(here), Some(text), Some(read)) = (
        here.first_chunk::<CHUNK>(),
        text.first_chunk::<CHUNK>(),
        read.first_chunk::<CHUNK>(),
    ) {
        // all of them, without a branch: vector instructions
        return (0..CHUNK).fold(0, |any, n| any | differ(here[n], text[n], read[n])) != 0;
    }
    let others = text.iter().zip(read);
    let mut bytes = here.iter().zip(others);
    bytes.any(|(&byte, (&other, &read))| differ(byte, other, read) != 0)
}

impl SecondsDelta {
    fn new(template: &DateTemplate, found: &Found, date: &str) -> Option<SecondsDelta> {
        let (mut text, mut read) = ([0; ROOM], [0; ROOM]);
        let (mut length, mut seconds) = (0, None);
        for (field, capture) in template.captures_of(found) {
            let place = found.inside(capture)?;
            length = length.max(place.end);
            if field == Some(Field::Second) {
                // a second group of seconds: not two of them are told apart
                if seconds.is_some() {
                    return None;
                }
                seconds = Some((place.start, seconds_of(date.as_bytes().get(place)?)?));
            } else {
                read.get_mut(place)?.fill(u8::MAX);
            }
        }
        text.get_mut(..length)?
            .copy_from_slice(date.as_bytes().get(..length)?);
        Some(SecondsDelta {
            text,
            read,
            length,
            seconds,
        })
    }

    /// How many seconds later the date is that `here` begins with; its captures stand at
    /// the same places.
    #[inline]
    fn seconds_to(&self, here: &[u8]) -> Option<i64> {
        let mut at = 0;
        while at < self.length {
            let (text, read) = (&self.text[at..at + CHUNK], &self.read[at..at + CHUNK]);
            let here = here.get(at..at + CHUNK).or(here.get(at..self.length))?;
            if differ(here, text, read) {
                return None;
            }
            at += CHUNK;
        }
        let Some((place, then)) = self.seconds else {
            return Some(0);
        };
        Some(seconds_of(here.get(place..place + 2)?)? - then)
    }
}
