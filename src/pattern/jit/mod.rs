//! Programs as machine code: what [`super::machine`] does, without looking up at every step what
//! the next instruction is.
//!
//! Only for x86-64. All instructions are translated; [`Jit::new`] refuses programs whose stale
//! captures matter, very large ones (the limits stand there), and a system that allows no code to
//! be made. The machine then does it all.

#[cfg(target_arch = "x86_64")]
mod x64;

use super::program::Program;
use std::fmt;

/// Bytes of a text that is tried at most: beyond, the scans by themselves take longer than the fuel
/// accounts for.
const LONGEST: usize = 1 << 12;
/// Bytes that are scanned for what going back to a choice costs.
const CHOICE: i64 = 64;
/// Choices gone back to, and as many bytes scanned as [`CHOICE`] says, before the machine takes
/// over, which memoizes failures.
const FUEL: i64 = 2_000 * CHOICE;
/// 64-bit words for choices, three each.
const STACK_WORDS: usize = 3 << 12;
/// 64-bit words for old values of registers.
const LOG_WORDS: usize = 1 << 12;

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JitOutcome {
    /// It matched, up to here.
    Matched(u32),
    Failed,
    /// It is for the machine to decide.
    Bailout,
}

/// A program in machine code.
///
/// # Why the result is the same
///
/// Each instruction is translated by itself into what [`super::machine::Machine`] does for
/// it without memo: the same tests of the same bytes, the same choices pushed in the same
/// order, registers written through the same kind of log, so that going back restores what
/// the machine would restore. Three things differ, and none can decide a verdict:
///
/// * Where the machine leaves out a try that is known to fail ([`super::first::FirstSet`]),
///   this code leaves it out by the same sets or by larger ones, and may try in vain.
/// * Whatever it cannot do (a character whose class needs the tables of Unicode, a stack or
///   log that is full, fuel that has run out) ends in [`JitOutcome::Bailout`], and the machine
///   makes the whole attempt anew.
/// * Where the text is known to be a line, the end of a run up to a newline is known, too,
///   and not looked for.
///
/// Programs whose stale captures matter (`Program::stale_captures`) are not translated. The code reads
/// no byte outside of the text, and writes to nothing but registers, stack and log, whose
/// limits it checks.
///
/// `tests/internal/jit.rs` compares it with the machine, on recorded patterns and random ones.
pub(super) struct Jit {
    #[cfg(target_arch = "x86_64")]
    entry: Entry,
    /// What holds the code that is entered.
    #[cfg(target_arch = "x86_64")]
    _code: dynasmrt::ExecutableBuffer,
    /// Registers it needs.
    #[cfg(target_arch = "x86_64")]
    slots: usize,
}

impl fmt::Debug for Jit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jit")
    }
}

/// Takes an attempt at a place of a text; gives where the match ends, [`x64::FAILED`] or
/// [`x64::BAILOUT`].
#[cfg(target_arch = "x86_64")]
type Entry = unsafe extern "sysv64" fn(*mut Context, u64) -> u64;

/// What an attempt works on, as the code finds it.
#[repr(C)]
#[cfg(target_arch = "x86_64")]
struct Context {
    text: *const u8,
    length: usize,
    slots: *mut u32,
    stack: *mut u64,
    /// The last place on the stack where a choice fits.
    stack_last: *mut u64,
    log: *mut u64,
    log_end: *mut u64,
    fuel: i64,
    /// Where the text's first newline is; 0 if that is not known.
    newline: usize,
}

/// Room the code works in; used over again.
#[derive(Debug)]
pub(super) struct Room {
    stack: Vec<u64>,
    log: Vec<u64>,
    /// Left of a search's fuel.
    fuel: i64,
    /// The texts have no newline but perhaps their last byte.
    lines: bool,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            stack: Vec::new(),
            log: Vec::new(),
            fuel: FUEL,
            lines: false,
        }
    }
}

impl Room {
    /// A new search.
    #[inline]
    pub(super) fn refuel(&mut self) {
        self.fuel = FUEL;
    }

    /// From now on the texts have no newline but perhaps as their last byte: it is not looked
    /// for.
    pub(super) fn expect_lines(&mut self) {
        self.lines = true;
    }

    /// Where the text's first newline is or would be; 0 if that is not known.
    #[inline]
    fn newline(&self, text: &[u8]) -> usize {
        let newline = match text {
            _ if !self.lines => 0,
            [before @ .., b'\n'] => before.len(),
            all => all.len(),
        };
        debug_assert!(memchr::memchr(b'\n', &text[..newline]).is_none());
        newline
    }

    /// What of the fuel the search has used.
    #[inline]
    pub(super) fn fuel_used(&self) -> u64 {
        FUEL.abs_diff(self.fuel) / CHOICE.unsigned_abs()
    }
}

#[cfg(target_arch = "x86_64")]
impl Jit {
    /// Translates a program; None where that cannot be done.
    pub(super) fn new(program: &Program) -> Option<Jit> {
        let code = x64::translate(program)?;
        // SAFETY: `x64::translate` made this code for this calling convention, and it is not
        // freed before the pointer to it.
        #[allow(unsafe_code)]
        let entry = unsafe {
            std::mem::transmute::<*const u8, Entry>(code.ptr(dynasmrt::AssemblyOffset(0)))
        };
        Some(Jit {
            entry,
            _code: code,
            slots: program.slots,
        })
    }

    /// An attempt at `start`. `slots` are the program's registers; after a match they hold
    /// its captures but for group 0, after a failure what they held before.
    #[inline(always)] // with its context made where it is used
    pub(super) fn run(
        &self,
        text: &[u8],
        start: u32,
        slots: &mut [u32],
        room: &mut Room,
    ) -> JitOutcome {
        if text.len() > LONGEST || start as usize > text.len() || slots.len() < self.slots {
            return JitOutcome::Bailout;
        }
        if room.stack.is_empty() {
            room.stack.resize(STACK_WORDS, 0);
            room.log.resize(LOG_WORDS, 0);
        }
        let stack = room.stack.as_mut_ptr_range();
        let log = room.log.as_mut_ptr_range();
        let mut context = Context {
            text: text.as_ptr(),
            length: text.len(),
            slots: slots.as_mut_ptr(),
            stack: stack.start,
            stack_last: stack.end.wrapping_sub(3),
            log: log.start,
            log_end: log.end,
            fuel: room.fuel,
            newline: room.newline(text),
        };
        // SAFETY: the code reads `length` bytes from `text`, reads and writes `self.slots`
        // registers, and writes to the stack and the log within the limits of the context; all of
        // them outlive the call and nothing else refers to them meanwhile.
        #[allow(unsafe_code)]
        let told = unsafe { (self.entry)(&raw mut context, u64::from(start)) };
        room.fuel = context.fuel;
        match told {
            x64::FAILED => JitOutcome::Failed,
            x64::BAILOUT => JitOutcome::Bailout,
            end => JitOutcome::Matched(end as u32),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Jit {
    /// There is no translation for this processor.
    pub(super) fn new(_: &Program) -> Option<Jit> {
        None
    }

    /// Never called: there is no value of this type.
    pub(super) fn run(&self, _: &[u8], _: u32, _: &mut [u32], _: &mut Room) -> JitOutcome {
        JitOutcome::Bailout
    }
}
