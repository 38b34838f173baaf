//! Loops over one character: what runs ahead of a choice, and goes back to it.

use super::super::super::ast::RepeatMode;
use super::super::super::charset::{NO, SLOW};
use super::super::super::program::{CharLoop, NONE, Scan};
use super::{Translator, context};
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, dynasm};

/// Repetitions written out one by one.
const WRITTEN_OUT: u32 = 4;
/// Characters of a loop that take no fuel.
const UNPAID: u32 = 64;
/// Sets of so few ASCII bytes are not looked for 16 bytes at a time: those of white space are ten.
const FEW: usize = 12;

impl Translator<'_> {
    pub(super) fn char_loop(&mut self, one: &CharLoop) {
        let lazy = one.mode == RepeatMode::Lazy && !one.no_backtrack;
        let done = self.label();
        if !lazy {
            self.few_at_once(one, done);
        }
        if lazy || one.min != 1 || one.max != NONE || one.never.is_some() {
            self.pass_least(one);
            if lazy {
                return self.char_loop_lazy(one);
            }
            asm!(self ; mov ebp, esi);
            self.run(one);
            if one.max == NONE || one.max - one.min >= UNPAID {
                self.pay();
            }
        } else {
            self.run_from_first(one);
        }
        asm!(self ; =>done);
        if keeps_all(one) {
            return;
        }
        let fail = self.fail;
        let (here, down, only) = (self.label(), self.label(), self.label());
        asm!(self
            ; jmp =>here
            ; =>down
            ; cmp esi, ebp
            ; je =>fail
        );
        match one.next.few_bytes().as_deref() {
            Some(&[byte]) => self.back_to_byte(byte, here),
            _ => asm!(self ; dec rsi),
        }
        asm!(self ; =>here);
        self.unless_may_start(&one.next, false, down);
        asm!(self ; cmp esi, ebp ; je =>only);
        self.push(down);
        asm!(self ; =>only);
    }

    /// Past the characters a loop must have.
    fn pass_least(&mut self, one: &CharLoop) {
        let fail = self.fail;
        if one.min <= WRITTEN_OUT {
            for _ in 0..one.min {
                self.pass(one, fail);
            }
        } else {
            let again = self.label();
            asm!(self ; mov ebx, one.min as i32 ; =>again);
            self.pass(one, fail);
            asm!(self ; dec ebx ; jnz =>again);
        }
    }

    /// A loop over one character or more: whether there was one is seen at its end. What its
    /// choices come back to at last is the place behind the first, in `ebp`.
    fn run_from_first(&mut self, one: &CharLoop) {
        let fail = self.fail;
        asm!(self ; mov ebp, esi);
        self.run(one);
        asm!(self ; cmp esi, ebp ; je =>fail);
        self.pay();
        if keeps_all(one) {
            return;
        }
        let set = &self.program.sets[one.set as usize].table;
        if set.iter().all(|&width| width <= 1) {
            return asm!(self ; inc ebp);
        }
        // it was passed, so the table has its width
        let table = self.table(set.to_vec());
        asm!(self
            ; movzx eax, BYTE [rdi + rbp]
            ; lea rcx, [=>table]
            ; movzx eax, BYTE [rcx + rax]
            ; add ebp, eax
        );
    }

    /// Fuel for the way from `ebp` to here.
    fn pay(&mut self) {
        asm!(self ; sub r12, rsi ; add r12, rbp);
    }

    /// A loop over a few characters of an ASCII range, such as `\d{1,3}`, without a jump that
    /// depends on how many there are: on to `done`, with `ebp` behind those it must have. Where the
    /// text ends too soon, it goes on at the place it came to.
    fn few_at_once(&mut self, one: &CharLoop, done: DynamicLabel) {
        let set = &self.program.sets[one.set as usize].table;
        let Some((low, high, true)) = widest_range(set) else {
            return;
        };
        if one.min > 1 || !(2..8).contains(&one.max) || one.never.is_some() {
            return;
        }
        let (slow, none, fail) = (self.label(), self.label(), self.fail);
        let bailout = self.bailout;
        let is_ascii = set[128..].iter().all(|&width| width == NO);
        let most = one.max as i32;
        let bytes = if one.max < 4 { 4 } else { 8 };
        asm!(self ; lea rax, [rsi + bytes] ; cmp rax, rdx ; ja =>slow);
        if bytes == 4 {
            asm!(self ; movd xmm1, [rdi + rsi]);
        } else {
            asm!(self ; movq xmm1, [rdi + rsi]);
        }
        self.find_in_range(low, high);
        // bits beyond those of the vector say that it ends
        asm!(self
            ; not eax
            ; bsf eax, eax
            ; mov ecx, most
            ; cmp eax, ecx
            ; cmova eax, ecx
        );
        if one.min == 1 {
            asm!(self ; test eax, eax ; jz =>none);
        }
        asm!(self ; lea ebp, [rsi + one.min as i32] ; add rsi, rax);
        if !is_ascii {
            asm!(self ; cmp BYTE [rdi + rsi], 0 ; jl =>bailout);
        }
        asm!(self ; jmp =>done ; =>none);
        if one.min == 1 {
            if !is_ascii {
                asm!(self ; cmp BYTE [rdi + rsi], 0 ; jl =>bailout);
            }
            asm!(self ; jmp =>fail);
        }
        asm!(self ; =>slow);
    }

    /// To the end of a loop's characters.
    fn run(&mut self, one: &CharLoop) {
        let (again, end) = (self.label(), self.label());
        if one.max != NONE && one.max - one.min <= WRITTEN_OUT {
            for _ in one.min..one.max {
                self.pass(one, end);
            }
            asm!(self ; =>end);
            return;
        }
        if one.max != NONE {
            asm!(self
                ; mov ebx, (one.max - one.min) as i32
                ; =>again
                ; test ebx, ebx
                ; jz =>end
            );
            self.pass(one, end);
            asm!(self ; dec ebx ; jmp =>again ; =>end);
            return;
        }
        if one.never.is_some() {
            asm!(self ; =>again);
            self.pass(one, end);
            asm!(self ; jmp =>again ; =>end);
            return;
        }
        match one.scan {
            Scan::All => asm!(self ; mov rsi, rdx),
            Scan::UntilByte(byte) => {
                if byte == b'\n' {
                    self.jump_to_known_newline(end);
                }
                self.find_byte(byte, end);
            }
            Scan::Table => {
                let set = &self.program.sets[one.set as usize];
                let table = self.table(set.table.to_vec());
                let (test, bailout) = (self.label(), self.bailout);
                let ascii = set.table[..128].iter().filter(|&&width| width == 1).count();
                match widest_range(&set.table) {
                    Some((low, high, true)) => {
                        self.run_range(low, high, |this| this.unless_beyond_ascii(&set.table, end));
                    }
                    // runs of such sets are short: blanks
                    _ if ascii <= FEW => {}
                    _ if self.shuffles => {
                        self.run_set(&set.table, |this| this.unless_beyond_ascii(&set.table, end));
                    }
                    Some((low, high, _)) => self.run_range(low, high, |_| {}),
                    None => {}
                }
                asm!(self
                    ; lea rcx, [=>table]
                    ; jmp =>test
                    ; =>again
                    ; inc rsi
                    ; =>test
                    ; cmp rsi, rdx
                    ; jae =>end
                    ; movzx eax, BYTE [rdi + rsi]
                    ; movzx eax, BYTE [rcx + rax]
                    ; cmp eax, 1
                    ; je =>again
                );
                if set.table.iter().any(|&width| width > 1) {
                    asm!(self
                        ; cmp eax, NO.into()
                        ; je =>end
                        ; cmp eax, SLOW.into()
                        ; je =>bailout
                        ; add rsi, rax
                        ; jmp =>test
                    );
                }
            }
        }
        asm!(self ; =>end);
    }

    /// Goes on to `end` from the first byte that is no ASCII byte of the set, if it is ASCII or the
    /// set has no others.
    fn unless_beyond_ascii(&mut self, set: &[u8; 256], end: DynamicLabel) {
        if set[128..].iter().all(|&width| width == NO) {
            asm!(self ; jmp =>end);
        } else {
            asm!(self ; cmp BYTE [rdi + rsi], 0 ; jge =>end);
        }
    }

    /// Past bytes from `low` to `high`, 16 at a time; some may be left. `beyond` is done at the
    /// first other byte.
    fn run_range(&mut self, low: u8, high: u8, beyond: impl FnOnce(&mut Self)) {
        let end = self.label();
        self.blocks(end, |this| {
            this.find_in_range(low, high);
            asm!(this ; xor eax, 0xffff);
        });
        beyond(self);
        asm!(self ; =>end);
    }

    /// A bit into `eax` for each byte of `xmm1` that is from `low` to `high`.
    fn find_in_range(&mut self, low: u8, high: u8) {
        let (lows, widths) = (self.table(vec![low; 16]), self.table(vec![high - low; 16]));
        asm!(self
            ; psubb xmm1, [=>lows]
            ; movdqa xmm3, xmm1
            ; pminub xmm3, [=>widths]
            ; pcmpeqb xmm3, xmm1
            ; pmovmskb eax, xmm3
        );
    }

    /// To the first byte that `wanted` says yes to, 16 bytes at a time; to `short`, at the
    /// place it came to, where fewer are left. `wanted` finds the bytes in `xmm1`, and leaves
    /// a bit for each yes in `eax`, and the flags as they are for that.
    fn blocks(&mut self, short: DynamicLabel, wanted: impl FnOnce(&mut Self)) {
        let (blocks, hit) = (self.label(), self.label());
        asm!(self
            ; =>blocks
            ; lea rax, [rsi + 16]
            ; cmp rax, rdx
            ; ja =>short
            ; movdqu xmm1, [rdi + rsi]
        );
        wanted(self);
        asm!(self
            ; jnz =>hit
            ; add rsi, 16
            ; jmp =>blocks
            ; =>hit
            ; bsf eax, eax
            ; add rsi, rax
        );
    }

    /// Past ASCII bytes of a set, 16 at a time; some may be left. `beyond` is done at the first
    /// other byte. A byte's upper half says which bit to look at of what stands for its lower half.
    fn run_set(&mut self, set: &[u8; 256], beyond: impl FnOnce(&mut Self)) {
        let end = self.label();
        let mut lower = [0u8; 16];
        for byte in (0..128u8).filter(|&byte| set[usize::from(byte)] == 1) {
            lower[usize::from(byte & 15)] |= 1 << (byte >> 4);
        }
        let upper = std::array::from_fn(|half| 1u8.checked_shl(half as u32).unwrap_or(0));
        let [lower, upper, fifteens] =
            [lower, upper, [15; 16]].map(|bytes: [u8; 16]| self.table(bytes.to_vec()));
        asm!(self ; pxor xmm7, xmm7);
        self.blocks(end, |this| {
            asm!(this
                ; movdqa xmm3, xmm1
                ; psrlw xmm3, 4
                ; pand xmm3, [=>fifteens]
                ; movdqa xmm5, [=>lower]
                ; pshufb xmm5, xmm1
                ; movdqa xmm6, [=>upper]
                ; pshufb xmm6, xmm3
                ; pand xmm5, xmm6
                ; pcmpeqb xmm5, xmm7
                ; pmovmskb eax, xmm5
                ; test eax, eax
            );
        });
        beyond(self);
        asm!(self ; =>end);
    }

    /// To the text's first newline, if it is known and ahead, and on to `found`.
    fn jump_to_known_newline(&mut self, found: DynamicLabel) {
        let unknown = self.label();
        asm!(self
            ; mov rax, [r15 + context::NEWLINE]
            ; cmp rsi, rax
            ; jae =>unknown
            ; mov rsi, rax
            ; jmp =>found
            ; =>unknown
        );
    }

    /// To the next such byte, where it jumps to `found`, or else to the end of the text.
    pub(super) fn find_byte(&mut self, byte: u8, found: DynamicLabel) {
        let (rest, test) = (self.label(), self.label());
        self.spread_byte(byte);
        self.blocks(test, |this| {
            asm!(this
                ; pcmpeqb xmm1, xmm0
                ; pmovmskb eax, xmm1
                ; test eax, eax
            );
        });
        asm!(self
            ; jmp =>found
            ; =>rest
            ; cmp BYTE [rdi + rsi], byte as i8
            ; je =>found
            ; inc rsi
            ; =>test
            ; cmp rsi, rdx
            ; jb =>rest
        );
    }

    /// Back to the byte before, or to the one before it that is such a byte: there it jumps to
    /// `found`. Not below `ebp`: there the attempt fails.
    fn back_to_byte(&mut self, byte: u8, found: DynamicLabel) {
        let (blocks, hit, near, fail) = (self.label(), self.label(), self.label(), self.fail);
        self.spread_byte(byte);
        asm!(self
            ; =>blocks
            ; cmp rsi, 16
            ; jb =>near
            ; movdqu xmm1, [rdi + rsi - 16]
            ; pcmpeqb xmm1, xmm0
            ; pmovmskb eax, xmm1
            ; test eax, eax
            ; jnz =>hit
            ; sub rsi, 16
            ; cmp esi, ebp
            ; ja =>blocks
            ; jmp =>fail
            ; =>hit
            ; bsr eax, eax
            ; lea rsi, [rsi + rax - 16]
            ; cmp esi, ebp
            ; jae =>found
            ; jmp =>fail
            ; =>near
            ; dec rsi
        );
    }

    /// The byte into all of `xmm0`.
    fn spread_byte(&mut self, byte: u8) {
        asm!(self
            ; mov eax, i32::from_le_bytes([byte; 4])
            ; movd xmm0, eax
            ; pshufd xmm0, xmm0, 0
        );
    }

    pub(super) fn char_loop_lazy(&mut self, one: &CharLoop) {
        let fail = self.fail;
        let (more, here) = (self.label(), self.label());
        let limited = one.max != NONE;
        if limited {
            asm!(self ; mov ebp, (one.max - one.min) as i32);
        }
        asm!(self ; jmp =>here ; =>more);
        if limited {
            asm!(self ; test ebp, ebp ; jz =>fail ; dec ebp);
        }
        self.pass(one, fail);
        asm!(self ; =>here);
        self.unless_may_start(&one.next, true, more);
        self.push(more);
    }
}

/// Whether a loop never gives back what it has passed.
fn keeps_all(one: &CharLoop) -> bool {
    one.mode == RepeatMode::Possessive || one.no_backtrack
}

/// The most ASCII bytes in a row that a table has, and whether it has no others.
fn widest_range(table: &[u8; 256]) -> Option<(u8, u8, bool)> {
    let (mut widest, mut from) = (None, 0);
    for byte in 0..128u8 {
        if table[usize::from(byte)] != 1 {
            from = byte + 1;
        } else if widest.is_none_or(|(low, high)| byte - from > high - low) {
            widest = Some((from, byte));
        }
    }
    let all = (0..128).filter(|&byte| table[byte] == 1).count();
    let (low, high) = widest.filter(|(low, high)| high - low >= 9)?;
    Some((low, high, usize::from(high - low) + 1 == all))
}
