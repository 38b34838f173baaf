//! How a pattern is searched for: the strategy, chosen once when it is compiled, and the
//! engine, chosen for each search.
//!
//! ```text
//! attempts: none, one, several     from Strategy, the text's length and its first bytes
//! engine: JIT or machine           the JIT where there is machine code and it may be used
//! may_match                        may say that there is no match; called if the JIT bails out
//! machine                          see `search`
//! ```

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::jit::{Jit, JitOutcome};
use super::program::{NONE, Program, Start};
use super::scratch::{Scratch, StepLimit};
use super::search::{next_start, search_with_machine};

/// Searches of one pattern after which machine code is made of it: about as many as take the time
/// that this takes.
const TRANSLATED_AFTER: u32 = 60;

/// What is said of texts that nobody has ruled out.
pub(super) fn may_match() -> bool {
    true
}

/// Where a pattern can match; known from the pattern alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// At the start of the text: one attempt there is the search.
    TextStart,
    /// At the start of the text, but CPython may skip it: see
    /// [`super::analysis::misread_start`].
    TextStartMisread,
    /// Wherever [`Program::candidate`] finds a place.
    Scan,
}

impl Strategy {
    fn of(program: &Program) -> Strategy {
        match (&program.start, &program.start_misread_by_cpython) {
            (Start::Text, None) => Strategy::TextStart,
            (Start::Text, Some(_)) => Strategy::TextStartMisread,
            _ => Strategy::Scan,
        }
    }
}

/// How many places of a text are tried.
enum Attempts {
    /// None: there is no match.
    None,
    /// The start of the search alone.
    One,
    /// Every candidate from there on.
    Several,
}

/// What runs a search first.
enum Engine<'r> {
    Jit(&'r Jit),
    Machine,
}

/// What machine code says of a search.
enum JitSearch {
    Done(bool),
    /// From this place on it is for the machine.
    BailedOut(usize),
}

/// A program, and what searches for it.
#[derive(Debug)]
pub(super) struct Searcher {
    program: Program,
    strategy: Strategy,
    /// Set once the pattern was searched for often; None inside if there can be no code.
    jit: OnceLock<Option<Jit>>,
    /// Searches that could have used machine code, until there is some.
    searches: AtomicU32,
}

impl Searcher {
    pub(super) fn new(program: Program) -> Searcher {
        Searcher {
            strategy: Strategy::of(&program),
            program,
            jit: OnceLock::new(),
            searches: AtomicU32::new(0),
        }
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    /// Makes the machine code now; whether that could be done.
    pub(super) fn translate(&self) -> bool {
        let translate = || Jit::new(&self.program);
        self.jit.get_or_init(translate).is_some()
    }

    /// Searches from `start` on, or tries `start` alone if `anchored`; the captures are left
    /// in the scratch. `may_match` answers false if there can be no match.
    pub(super) fn search(
        &self,
        text: &[u8],
        (start, anchored): (usize, bool),
        may_match: impl FnOnce() -> bool,
        scratch: &mut Scratch,
    ) -> Result<bool, StepLimit> {
        scratch.steps = 0;
        scratch.room.refuel();
        if text.len() >= NONE as usize {
            return Err(StepLimit);
        }
        let anchored = match self.attempts(text, start, anchored) {
            Attempts::None => return Ok(false),
            Attempts::One => true,
            Attempts::Several => false,
        };
        let mut start = start;
        if let Engine::Jit(jit) = self.engine(scratch) {
            match self.search_with_jit(jit, text, (start, anchored), scratch) {
                JitSearch::Done(found) => return Ok(found),
                JitSearch::BailedOut(at) => start = at,
            }
        }
        if !may_match() {
            return Ok(false);
        }
        search_with_machine(&self.program, text, (start, anchored), scratch)
    }

    /// Most texts fail most patterns by their length or first bytes.
    #[inline]
    fn attempts(&self, text: &[u8], start: usize, anchored: bool) -> Attempts {
        let program = &self.program;
        if start > text.len() || text.len() - start < program.min_width {
            return Attempts::None;
        }
        let first = &program.first;
        let (possible, one) = match self.strategy {
            Strategy::TextStart => (start == 0 && first.may_start_at(text, 0), true),
            Strategy::TextStartMisread => (start == 0 && first.may_start_at(text, 0), anchored),
            Strategy::Scan => (!anchored || first.may_start_at(text, start), anchored),
        };
        match (possible, one) {
            (false, _) => Attempts::None,
            (true, true) => Attempts::One,
            (true, false) => Attempts::Several,
        }
    }

    /// The engine of a search with this scratch.
    #[inline]
    fn engine(&self, scratch: &Scratch) -> Engine<'_> {
        if !scratch.may_use_jit || scratch.memo_from == Some(0) {
            return Engine::Machine;
        }
        let jit = match self.jit.get() {
            Some(jit) => jit.as_ref(),
            None => self.translate_if_due(),
        };
        jit.map_or(Engine::Machine, Engine::Jit)
    }

    #[cold]
    fn translate_if_due(&self) -> Option<&Jit> {
        if self.searches.fetch_add(1, Ordering::Relaxed) < TRANSLATED_AFTER {
            return None;
        }
        self.translate();
        self.jit.get()?.as_ref()
    }

    #[inline]
    fn search_with_jit(
        &self,
        jit: &Jit,
        text: &[u8],
        (start, anchored): (usize, bool),
        scratch: &mut Scratch,
    ) -> JitSearch {
        let program = &self.program;
        let (slots, room) = (&mut scratch.slots, &mut scratch.room);
        if slots.len() < program.slots {
            slots.resize(program.slots, NONE);
        }
        // registers of loops and sub-matches are set before they are read
        slots[..2 * (program.captures() + 1)].fill(NONE);
        let last = if anchored {
            start
        } else {
            program.last_start(text, start).unwrap_or(0)
        };
        let mut at = start;
        loop {
            if !anchored {
                match program.candidate(text, at, last) {
                    Some(candidate) => at = candidate,
                    None => return JitSearch::Done(false),
                }
            }
            match jit.run(text, at as u32, slots, room) {
                JitOutcome::Matched(end) => {
                    (slots[0], slots[1]) = (at as u32, end);
                    return JitSearch::Done(true);
                }
                JitOutcome::Bailout => return JitSearch::BailedOut(at),
                JitOutcome::Failed if anchored => return JitSearch::Done(false),
                JitOutcome::Failed => at = next_start(text, at),
            }
        }
    }
}
