//! A compiled pattern, and searching with it.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use memchr::{memchr, memchr2, memchr3};

use super::Flags;
use super::ast::{Ast, Node};
use super::compile::compile;
use super::error::PatternError;
use super::jit::{Jit, JitOutcome, Room};
use super::lower::lower;
use super::machine::{Frame, Machine, Outcome};
use super::match_guard::MatchGuard;
use super::memo::MemoTable;
use super::parse::parse;
use super::program::{NONE, Program, Start};

/// Steps of a pattern whose failures cannot all be remembered before it is given up.
const STEP_BUDGET: u64 = 50_000_000;

/// Searches of one pattern after which it is worth machine code.
const WORTH_TRANSLATING: u32 = 200;

/// A pattern of Python's `re`, compiled.
#[derive(Debug)]
pub(crate) struct Regex {
    pattern: String,
    ast: Ast,
    program: Program,
    /// Set once it was searched for often; None inside if that cannot be done.
    native: OnceLock<Option<Jit>>,
    /// Searches that would have liked machine code, until there is some.
    wanted: AtomicU32,
}

/// A match: byte offsets into the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match<'s> {
    slots: &'s [u32],
}

/// When a search is to ask whether a text is ruled out: a question whose answer false says
/// that there is no match.
#[derive(Debug)]
pub(crate) enum PrefilterTiming<Q> {
    /// Before anything else.
    First(Q),
    /// Before the machine takes over what machine code could not do.
    BeforeMachine(Q),
}

/// For texts nobody has ruled out.
const NOT_RULED_OUT: PrefilterTiming<fn() -> bool> = PrefilterTiming::First(|| true);

/// The captures of a match, kept beyond the search.
#[derive(Debug, Default)]
pub(crate) struct Captures(Vec<u32>);

impl Captures {
    /// Takes those of another match.
    #[inline]
    pub(crate) fn set(&mut self, found: &Match) {
        self.0.clear();
        self.0.extend_from_slice(found.slots);
    }

    /// The match.
    #[inline]
    pub(crate) fn get(&self) -> Match<'_> {
        Match { slots: &self.0 }
    }
}

/// What a search needs besides the pattern and the text: stacks, registers,
/// memory. Any pattern can use it; after a few searches nothing is allocated.
#[derive(Debug)]
pub(crate) struct Scratch {
    slots: Vec<u32>,
    stack: Vec<Frame>,
    log: Vec<(u32, u32)>,
    memory: MemoTable,
    steps: u64,
    budget: u64,
    memory_from: Option<u64>,
    native: bool,
    room: Room,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            slots: Vec::new(),
            stack: Vec::new(),
            log: Vec::new(),
            memory: MemoTable::default(),
            steps: 0,
            budget: STEP_BUDGET,
            memory_from: Some(2_000),
            native: false,
            room: Room::default(),
        }
    }
}

impl Scratch {
    /// For many searches whose steps nobody asks for: in machine code, where there is some.
    pub(crate) fn fast() -> Scratch {
        Scratch {
            native: true,
            ..Scratch::default()
        }
    }

    /// [`Scratch::fast`] for texts without a newline but perhaps as the last byte.
    pub(crate) fn for_lines() -> Scratch {
        let mut scratch = Scratch::fast();
        scratch.room.expect_lines();
        scratch
    }

    /// Steps the last search took: instructions, choices gone back to, and one per
    /// 64 bytes of a run over one character. What machine code did is not counted.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// What the last search took, in machine code or by the machine: choices gone back to,
    /// 64 bytes of runs, steps.
    #[inline]
    pub(crate) fn effort(&self) -> u64 {
        self.room.fuel_used() + self.steps
    }

    /// From which step on failures are remembered; `None`: never, to see what a
    /// plain backtracking engine would do. 2 000 at first.
    pub(crate) fn set_memory(&mut self, from: Option<u64>) {
        self.memory_from = from;
    }

    /// After how many steps a search is given up, if its failures cannot all be
    /// remembered or must not be.
    pub(crate) fn set_step_budget(&mut self, steps: u64) {
        self.budget = steps;
    }
}

/// A search was given up: it backtracks too much and its failures cannot all be
/// remembered, or the text is 4 GiB or longer.
///
/// They cannot be where the pattern reads captures (backreference, conditional), in
/// a possessive loop that has both groups and choices in it, whose stale captures
/// are kept as CPython keeps them, and for nested counts in the thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepLimit;

impl fmt::Display for StepLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the search took too many steps")
    }
}

impl std::error::Error for StepLimit {}

impl Match<'_> {
    /// Start and end of a group in bytes; none if it took no part. Group 0 is all.
    pub(crate) fn span(&self, group: usize) -> Option<(usize, usize)> {
        let start = *self.slots.get(2 * group)?;
        let end = *self.slots.get(2 * group + 1)?;
        (start != NONE && end != NONE && start <= end).then_some((start as usize, end as usize))
    }

    /// Where the match begins, in bytes.
    pub(crate) fn start(&self) -> usize {
        self.slots[0] as usize
    }

    /// Where the match ends, in bytes.
    pub(crate) fn end(&self) -> usize {
        self.slots[1] as usize
    }
}

impl Regex {
    /// Compile a pattern.
    ///
    /// # Errors
    ///
    /// What CPython's `re.compile` raises.
    pub(crate) fn new(pattern: &str, flags: Flags) -> Result<Regex, PatternError> {
        Regex::compile(pattern, parse(pattern, flags)?)
    }

    fn compile(pattern: &str, ast: Ast) -> Result<Regex, PatternError> {
        let program = compile(
            &lower(&ast)?,
            ast.groups,
            ast.root.width.min,
            ast.flags.ascii,
        );
        Ok(Regex {
            pattern: pattern.to_string(),
            ast,
            program,
            native: OnceLock::new(),
            wanted: AtomicU32::new(0),
        })
    }

    /// One node of this pattern's tree as a regex of its own, groups numbered as here: for
    /// explanations, which try the pieces of a pattern one by one.
    ///
    /// # Errors
    ///
    /// None for a node of this tree; the signature is that of compiling.
    pub(crate) fn part(&self, node: &Node) -> Result<Regex, PatternError> {
        let ast = Ast {
            root: node.clone(),
            flags: self.ast.flags,
            groups: self.ast.groups,
            names: self.ast.names.clone(),
        };
        Regex::compile(&self.pattern[node.span.start..node.span.end], ast)
    }

    /// The machine code, if it is worth having.
    #[inline]
    fn native(&self) -> Option<&Jit> {
        match self.native.get() {
            Some(native) => native.as_ref(),
            None => self.translated(),
        }
    }

    /// Makes the machine code now; whether that could be done.
    pub(crate) fn translate(&self) -> bool {
        let translate = || Jit::new(&self.program);
        self.native.get_or_init(translate).is_some()
    }

    #[cold]
    fn translated(&self) -> Option<&Jit> {
        if self.wanted.fetch_add(1, Ordering::Relaxed) < WORTH_TRANSLATING {
            return None;
        }
        self.translate();
        self.native.get()?.as_ref()
    }

    /// The pattern as given.
    pub(crate) fn as_str(&self) -> &str {
        &self.pattern
    }

    /// The pattern's tree.
    pub(crate) fn ast(&self) -> &Ast {
        &self.ast
    }

    /// Number of groups, group 0 not counted.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn group_count(&self) -> usize {
        self.ast.groups
    }

    /// Names and indexes of the named groups, in the order they open.
    pub(crate) fn group_names(&self) -> &[(String, usize)] {
        &self.ast.names
    }

    /// The index of a named group.
    pub(crate) fn group_index(&self, name: &str) -> Option<usize> {
        self.ast
            .names
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, index)| index)
    }

    /// `re.search`.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search<'s>(
        &self,
        text: &str,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        self.search_at(text, 0, scratch)
    }

    /// `pattern.search(text, start)`: `^` and `\A` hold only at the real start, and
    /// lookbehinds see what is before `start`. `start` is a character boundary.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search_at<'s>(
        &self,
        text: &str,
        start: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text, start, false, NOT_RULED_OUT, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// [`Regex::search`] in a text that may be ruled out without one.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search_unless<'s>(
        &self,
        text: &str,
        may_match: PrefilterTiming<impl FnOnce() -> bool>,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text, 0, false, may_match, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// The texts in which an attempt at `start` ends as in this one; None where that cannot
    /// be told.
    pub(crate) fn likeness(&self, text: &str, start: usize) -> Option<MatchGuard> {
        MatchGuard::new(&self.program, text.as_bytes(), start)
    }

    /// `pattern.match(text, start)`: a match that begins at `start`.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn match_at<'s>(
        &self,
        text: &str,
        start: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text, start, true, NOT_RULED_OUT, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// Whether the pattern matches somewhere.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn is_match(&self, text: &str, scratch: &mut Scratch) -> Result<bool, StepLimit> {
        self.find(text, 0, false, NOT_RULED_OUT, scratch)
    }

    fn found<'s>(&self, scratch: &'s Scratch) -> Match<'s> {
        Match {
            slots: &scratch.slots[..2 * (self.ast.groups + 1)],
        }
    }

    /// Search, or match at `start` only; the captures are left in the scratch.
    fn find(
        &self,
        text: &str,
        start: usize,
        only_here: bool,
        may_match: PrefilterTiming<impl FnOnce() -> bool>,
        scratch: &mut Scratch,
    ) -> Result<bool, StepLimit> {
        scratch.steps = 0;
        scratch.room.refuel();
        let text = text.as_bytes();
        if text.len() >= NONE as usize {
            return Err(StepLimit);
        }
        let program = &self.program;
        if start > text.len() || ((text.len() - start) as u128) < program.min_width {
            return Ok(false);
        }
        let mut only_here = only_here;
        // Most lines fail most patterns at their first byte: say so at once.
        if matches!(program.start, Start::Text) {
            if start > 0 || !program.first.worth(text, 0) {
                return Ok(false);
            }
            // a search there is a match there, but for where CPython misreads its start
            only_here |= program.start_misread_by_cpython.is_none();
        } else if only_here && !program.first.worth(text, start) {
            return Ok(false);
        }
        let (mut may_match, later) = match may_match {
            PrefilterTiming::First(question) => (Some(question), false),
            PrefilterTiming::BeforeMachine(question) => (Some(question), true),
        };
        let mut ruled_out = || may_match.take().is_some_and(|question| !question());
        if !later && ruled_out() {
            return Ok(false);
        }
        let mut start = start;
        if scratch.native
            && scratch.memory_from != Some(0)
            && let Some(native) = self.native()
        {
            match self.find_native(native, text, start, only_here, scratch) {
                Ok(found) => return Ok(found),
                Err(at) => start = at,
            }
        }
        if ruled_out() {
            return Ok(false);
        }
        scratch.slots.clear();
        scratch.slots.resize(program.slots, NONE);
        scratch.stack.clear();
        scratch.log.clear();
        let memory_from = match (scratch.memory_from, program.rows) {
            (Some(0), Some(_)) => Some(0),
            // The table must be cheaper than the steps already taken.
            (Some(from), Some(rows)) => {
                Some(from.max(((u64::from(rows) * text.len() as u64) >> 9).min(1 << 18)))
            }
            _ => None,
        };
        let mut attempt = Attempt {
            machine: Machine {
                program,
                text,
                slots: &mut scratch.slots,
                stack: &mut scratch.stack,
                log: &mut scratch.log,
                memory: &mut scratch.memory,
                steps: 0,
                limit: memory_from.unwrap_or(u64::MAX).min(scratch.budget),
            },
            remembers: false,
            memory_from,
            budget: scratch.budget,
        };
        let found = attempt.search(start, only_here);
        let (steps, remembers) = (attempt.machine.steps, attempt.remembers);
        scratch.steps = steps;
        if remembers {
            scratch.memory.shrink();
        }
        found
    }

    /// [`Regex::find`] in machine code; Err with the place from which on it is for the machine.
    #[inline]
    fn find_native(
        &self,
        native: &Jit,
        text: &[u8],
        start: usize,
        only_here: bool,
        scratch: &mut Scratch,
    ) -> Result<bool, usize> {
        let program = &self.program;
        let (slots, room) = (&mut scratch.slots, &mut scratch.room);
        if slots.len() < program.slots {
            slots.resize(program.slots, NONE);
        }
        // registers of loops and sub-matches are set before they are read
        slots[..2 * (program.captures() + 1)].fill(NONE);
        let last = program.last_start(text, start).unwrap_or(0);
        let mut at = start;
        loop {
            if !only_here {
                match program.candidate(text, at, last) {
                    Some(candidate) => at = candidate,
                    None => return Ok(false),
                }
            }
            match native.run(text, at as u32, slots, room) {
                JitOutcome::Matched(end) => {
                    (slots[0], slots[1]) = (at as u32, end);
                    return Ok(true);
                }
                JitOutcome::Bailout => return Err(at),
                JitOutcome::Failed if only_here => return Ok(false),
                JitOutcome::Failed => at = next_start(text, at),
            }
        }
    }
}

/// The start of the next character.
#[inline(always)]
fn next_start(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < text.len() && text[at] & 0xc0 == 0x80 {
        at += 1;
    }
    at
}

impl Program {
    /// The last place a match could begin at, if there is one from `start` on.
    #[inline]
    fn last_start(&self, text: &[u8], start: usize) -> Option<usize> {
        let room = text.len().checked_sub(start)?;
        let fits = room as u128 >= self.min_width;
        fits.then(|| text.len() - self.min_width as usize)
    }

    /// The next place, from `at` to `last`, where an attempt is worth its while.
    #[inline]
    fn candidate(&self, text: &[u8], at: usize, last: usize) -> Option<usize> {
        let mut at = at;
        while at <= last {
            let candidate = match &self.start {
                Start::Anywhere => Some(at),
                Start::Text => (at == 0).then_some(0),
                Start::Line if at == 0 || text[at - 1] == b'\n' => Some(at),
                Start::Line => memchr(b'\n', &text[at..]).map(|n| at + n + 1),
                Start::Literal(finder) => finder.find(&text[at..]).map(|n| at + n),
                Start::Bytes(bytes) => match bytes[..] {
                    [a] => memchr(a, &text[at..]),
                    [a, b] => memchr2(a, b, &text[at..]),
                    [a, b, c] => memchr3(a, b, c, &text[at..]),
                    _ => None,
                }
                .map(|n| at + n),
                Start::Set => text[at..]
                    .iter()
                    .position(|&byte| self.first.has(byte))
                    .map(|n| at + n)
                    .or_else(|| self.first.end.then_some(text.len())),
            }?;
            if candidate > last {
                return None;
            }
            if !self.first.worth(text, candidate) {
                at = candidate + 1;
                continue;
            }
            match &self.start_misread_by_cpython {
                Some(set) if set.step(text, candidate).is_none() => {
                    at = next_start(text, candidate)
                }
                _ => return Some(candidate),
            }
        }
        None
    }
}

/// One search under way.
struct Attempt<'m> {
    machine: Machine<'m>,
    remembers: bool,
    memory_from: Option<u64>,
    budget: u64,
}

impl Attempt<'_> {
    fn search(&mut self, start: usize, only_here: bool) -> Result<bool, StepLimit> {
        let program = self.machine.program;
        let text = self.machine.text;
        if self.memory_from == Some(0) {
            self.remember();
        }
        if only_here {
            return self.at(start);
        }
        let Some(last) = program.last_start(text, start) else {
            return Ok(false);
        };
        let mut at = start;
        while let Some(candidate) = program.candidate(text, at, last) {
            if self.at(candidate)? {
                return Ok(true);
            }
            at = next_start(text, candidate);
        }
        Ok(false)
    }

    fn remember(&mut self) {
        let program = self.machine.program;
        self.machine.memory.begin(program, self.machine.text.len());
        self.remembers = true;
        self.machine.limit = if program.fully_memoized {
            u64::MAX
        } else {
            self.budget
        };
    }

    /// Try one start.
    fn at(&mut self, start: usize) -> Result<bool, StepLimit> {
        let mut outcome = if self.remembers {
            self.machine.run::<true>(start as u32)
        } else {
            self.machine.run::<false>(start as u32)
        };
        while outcome == Outcome::Limit {
            if self.remembers || self.memory_from.is_none_or(|from| from >= self.budget) {
                return Err(StepLimit);
            }
            self.remember();
            outcome = self.machine.go_on::<true>();
        }
        match outcome {
            Outcome::Matched(end) => {
                self.machine.slots[0] = start as u32;
                self.machine.slots[1] = end;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
