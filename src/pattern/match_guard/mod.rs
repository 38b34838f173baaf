//! Texts that match as another one did, without a search.
//!
//! Lines of a log mostly begin as the line before did, but for some digits. Where a pattern
//! matched `2026-11-21 20:03:15` in one of them, it matches `2026-11-21 20:03:16` at the same
//! place of the next: a [`MatchGuard`] says for which texts that is so, as the guards of a
//! tracing JIT say for which values a trace may be run again.
//!
//! `walk` finds out what a match depends on.

mod walk;

use super::item::At;
use super::program::{Inst, NONE, Program, Scan};
pub(crate) use walk::ROOM;
use walk::{BEFORE, Dependencies, dependencies};

/// Bytes compared at a time; divides [`ROOM`].
pub(crate) const CHUNK: usize = 32;

/// Texts in which an attempt to match at one place ends as it did in a given text: with the
/// same captures, at the same distances from the start.
///
/// Exactness: where an attempt ends is decided by the order of the pattern's paths and by the
/// tests on them: is the character here in this set, does the text begin or end here, is this
/// the text of that group. (First bytes, runs, the table of failures and machine code only
/// skip paths that fail.) [`walk`] goes along every path of the program on the given text,
/// whichever the attempt would prefer: loops any number of times, lookarounds both ways. For
/// each byte it keeps the ASCII bytes for which all tests of this byte come out the same. In a
/// text that has one of these bytes at each place, all tests on all paths come out the same,
/// so the attempt ends in the same way. `\d{2}:` on `12:` depends on three bytes: any digit,
/// any digit, a colon. Characters beyond ASCII and the text of groups that are referenced must
/// be the same bytes. A pattern with parts the walk does not know (a literal somewhere ahead,
/// stale captures, a start that CPython misreads) has no guard.
///
/// A pattern that begins with a run up to a byte (`[^\[]*\[`) goes on at that byte or fails:
/// what follows cannot begin inside the run (`CharLoop::no_backtrack`). The walk begins there,
/// at the guard's anchor. What was captured from there on stands at the same distances from
/// the anchor, what was captured before at the same distances from the start: `[^\[]*\[(\d)`
/// matched `abc [1`, so it matches `abcdef [7`, with the group behind the new bracket.
#[derive(Clone, Debug)]
pub(crate) struct MatchGuard {
    /// The byte that ends a run from the start to the anchor; None: the start is the anchor.
    run_to: Option<u8>,
    /// Where the anchor was.
    anchor: usize,
    /// The bytes, from `before` bytes before the start on, are from `low` to `low + spread`.
    low: [u8; ROOM],
    spread: [u8; ROOM],
    before: usize,
    /// Bytes from there on that the match depends on.
    checked: usize,
    /// The match depends on where the text begins: the start must be this.
    begin: Option<usize>,
    /// The match depends on where the text ends: so many bytes behind the anchor.
    end: Option<usize>,
}

/// What [`MatchGuard::first_bytes`] says.
pub(crate) struct FirstBytes<'g> {
    /// The byte that ends the run to the anchor.
    pub(crate) run_to: Option<u8>,
    /// From the anchor on: the least byte that is allowed, and how many more are.
    pub(crate) low: &'g [u8; ROOM],
    pub(crate) spread: &'g [u8; ROOM],
    /// How many of these matter.
    pub(crate) checked: usize,
}

impl MatchGuard {
    /// The guard of an attempt at `start` in `text`; None where what it depends on is not known.
    pub(super) fn new(program: &Program, text: &[u8], start: usize) -> Option<MatchGuard> {
        let mut begin = false;
        for (pc, inst) in program.insts.iter().enumerate() {
            match inst {
                Inst::At(At::TextStart | At::LineStart) if start == 0 => begin = true,
                Inst::Save(_) => {}
                Inst::CharLoop(one) => {
                    let one = &program.char_loops[*one as usize];
                    let Scan::UntilByte(byte) = one.scan else {
                        break;
                    };
                    let run = memchr::memchr(byte, &text[start..]);
                    let plain = one.min == 0 && one.max == NONE && one.never.is_none();
                    let (true, true, Some(run @ 1..)) = (one.no_backtrack, plain, run) else {
                        break;
                    };
                    let found = dependencies(program, text, start + run, pc as u32 + 1)?;
                    return MatchGuard::after_run(&found, begin.then_some(start), byte);
                }
                _ => break,
            }
        }
        let found = dependencies(program, text, start, 0)?;
        MatchGuard::of(&found)
    }

    /// The guard of a pattern that begins with a run up to `byte`. `begin`: where the run
    /// began, if the pattern wants that to be the start of the text or of a line.
    fn after_run(found: &Dependencies, begin: Option<usize>, byte: u8) -> Option<MatchGuard> {
        if found.begin {
            // where the walk began is not where the text begins
            return None;
        }
        Some(MatchGuard {
            run_to: Some(byte),
            begin,
            ..MatchGuard::of(found)?
        })
    }

    fn of(found: &Dependencies) -> Option<MatchGuard> {
        let allowed = &found.allowed;
        let first = allowed.iter().position(Option::is_some);
        let first = first.unwrap_or(BEFORE).min(BEFORE);
        let last = allowed.iter().rposition(Option::is_some);
        let checked = last.map_or(0, |last| last + 1).saturating_sub(first);
        let base = (found.start + first).checked_sub(BEFORE)?;
        let (mut low, mut spread) = ([0; ROOM], [u8::MAX; ROOM]);
        for (n, allowed) in allowed[first..].iter().enumerate() {
            let Some(allowed) = *allowed else { continue };
            // of the allowed bytes those around the one that stood there
            let byte = found.text[base + n];
            let has = |byte: u8| byte.is_ascii() && allowed >> byte & 1 == 1;
            let (mut from, mut to) = (byte, byte);
            while from > 0 && has(from - 1) {
                from -= 1;
            }
            while has(to + 1) {
                to += 1;
            }
            (low[n], spread[n]) = (from, to - from);
        }
        Some(MatchGuard {
            run_to: None,
            anchor: found.start,
            low,
            spread,
            before: BEFORE - first,
            checked,
            begin: found.begin.then_some(found.start),
            end: found.end.then(|| found.text.len() - found.start),
        })
    }

    /// The anchor in the text this was made of.
    pub(crate) fn anchor(&self) -> usize {
        self.anchor
    }

    /// What an attempt at the start of a text depends on: the byte that ends the run to the anchor,
    /// if there is one; the least byte that is allowed in each of the first places from the anchor
    /// on, how many more are, and how many of the places matter. None where it depends on more than
    /// these, or on where the text ends.
    pub(crate) fn first_bytes(&self) -> Option<FirstBytes<'_>> {
        let at_start = self.run_to.is_some() || self.anchor == 0;
        let no_others = self.before == 0 && self.end.is_none();
        // all bytes are allowed behind those that are checked
        (at_start && no_others && self.begin.is_none_or(|at| at == 0)).then_some(FirstBytes {
            run_to: self.run_to,
            low: &self.low,
            spread: &self.spread,
            checked: self.checked,
        })
    }

    /// The anchor in `text[..end]` if an attempt at `start` ends there as it did in the text
    /// this was made of.
    #[inline]
    pub(crate) fn applies_to(&self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        let anchor = match self.run_to {
            None => start,
            Some(byte) => start + memchr::memchr(byte, &text[start..end])?,
        };
        let base = anchor.checked_sub(self.before)?;
        let fits = match self.end {
            Some(distance) => anchor + distance == end,
            None => base + self.checked <= end,
        };
        if !fits || self.begin.is_some_and(|begin| begin != start) {
            return None;
        }
        let mut at = 0;
        while at < self.checked {
            let (low, spread) = (&self.low[at..at + CHUNK], &self.spread[at..at + CHUNK]);
            let here = text.get(base + at..base + at + CHUNK);
            // no byte beyond the text's end is checked
            let here = here.unwrap_or_else(|| &text[base + at..base + self.checked]);
            if outside(here, low, spread) {
                return None;
            }
            at += CHUNK;
        }
        Some(anchor)
    }
}

/// Whether any byte is not from `low` to `low + spread`.
#[inline(always)]
pub(crate) fn outside(here: &[u8], low: &[u8], spread: &[u8]) -> bool {
    // zero inside; there are vector instructions for this, for comparing bytes without a sign none
    let beyond = |byte: u8, low: u8, spread: u8| byte.wrapping_sub(low).saturating_sub(spread);
    if let (Some(here), Some(low), Some(spread)) = (
        here.first_chunk::<CHUNK>(),
        low.first_chunk::<CHUNK>(),
        spread.first_chunk::<CHUNK>(),
    ) {
        // all of them, without a branch
        return (0..CHUNK).fold(0, |any, n| any | beyond(here[n], low[n], spread[n])) != 0;
    }
    let bounds = low.iter().zip(spread);
    let mut bytes = here.iter().zip(bounds);
    bytes.any(|(&byte, (&low, &spread))| beyond(byte, low, spread) != 0)
}
