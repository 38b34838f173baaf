//! Branches and loops: what leaves a choice to come back to, and what runs ahead of one.

use super::super::super::ast::RepeatMode;
use super::super::super::charset::{NO, SLOW};
use super::super::super::program::{Branch, CharLoop, NONE, Scan};
use super::{Translator, context};
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, dynasm};

/// Arms that are passed over together where none of them can match.
const ARMS_TOGETHER: usize = 4;
/// Repetitions written out one by one.
const WRITTEN_OUT: u32 = 4;
/// Characters of a loop that take no fuel.
const UNPAID: u32 = 64;
/// Sets of so few ASCII bytes are not looked for 16 bytes at a time: those of white space are ten.
const FEW: usize = 12;

impl Translator<'_> {
    /// The arms that can match here as bits of `ebp`; then one after the other.
    pub(super) fn branch(&mut self, branch: &Branch) {
        let fail = self.fail;
        let (ends, known) = (self.label(), self.label());
        asm!(self
            ; cmp rsi, rdx
            ; jae =>ends
            ; movzx eax, BYTE [rdi + rsi]
        );
        let second = branch.targets.get(1).filter(|_| branch.targets.len() == 2);
        let second = second.map(|&target| self.labels[target as usize]);
        self.arms(&branch.arms, |this| {
            if let Some(second) = second {
                // something optional that is not there
                asm!(this ; cmp eax, 2 ; je =>second);
            }
            asm!(this ; mov ebp, eax);
        });
        let all = (1u64 << branch.targets.len()) - 1;
        if branch.seconds.iter().any(|arms| arms & all != all) {
            let (last, seconds) = (self.label(), branch.seconds[256] as i32);
            // the second byte is looked at only where the first leaves a choice
            asm!(self
                ; lea eax, [rbp - 1]
                ; test eax, ebp
                ; jz =>known
                ; lea rax, [rsi + 1]
                ; cmp rax, rdx
                ; jae =>last
                ; movzx eax, BYTE [rdi + rsi + 1]
            );
            self.arms(&branch.seconds, |this| asm!(this ; and ebp, eax));
            asm!(self
                ; jmp =>known
                ; =>last
                ; and ebp, seconds
                ; jmp =>known
            );
        } else {
            asm!(self ; jmp =>known);
        }
        asm!(self
            ; =>ends
            ; mov ebp, branch.arms[256] as i32
            ; =>known
        );
        let (mut left, mut group) = (all, self.label());
        for (arm, &target) in branch.targets.iter().enumerate() {
            let target = self.labels[target as usize];
            if arm % ARMS_TOGETHER == 0 && branch.targets.len() > ARMS_TOGETHER {
                asm!(self ; =>group);
                group = self.label();
                let here = all & (((1 << ARMS_TOGETHER) - 1) << arm);
                if left != here {
                    asm!(self ; test ebp, here as i32 ; jz =>group);
                }
            }
            let next = self.label();
            left &= !(1 << arm);
            asm!(self ; test ebp, 1 << arm);
            if left == 0 {
                asm!(self ; jz =>fail ; jmp =>target);
                break;
            }
            asm!(self
                ; jz =>next
                ; test ebp, left as i32
                ; jz =>target
            );
            self.push(next);
            asm!(self ; jmp =>target ; =>next);
        }
    }

    /// What a table of arms says of the byte in `eax`, into `eax`.
    pub(super) fn arms(&mut self, arms: &[u64; 257], take: impl FnOnce(&mut Self)) {
        let narrow = arms.iter().all(|&arms| arms < 256);
        let width = if narrow { 1 } else { 4 };
        let bytes = |arms: &u64| (*arms as u32).to_le_bytes().into_iter().take(width);
        let table = self.table(arms[..256].iter().flat_map(bytes).collect());
        asm!(self ; lea rcx, [=>table]);
        if narrow {
            asm!(self ; movzx eax, BYTE [rcx + rax]);
        } else {
            asm!(self ; mov eax, [rcx + rax * 4]);
        }
        take(self);
    }

    pub(super) fn char_loop(&mut self, one: &CharLoop) {
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
        if one.mode == RepeatMode::Lazy && !one.no_backtrack {
            return self.char_loop_lazy(one);
        }
        asm!(self ; mov ebp, esi);
        self.run(one);
        if one.max == NONE || one.max - one.min >= UNPAID {
            asm!(self
                ; mov eax, esi
                ; sub eax, ebp
                ; shr eax, 6
                ; sub r12, rax
            );
        }
        if one.mode == RepeatMode::Possessive || one.no_backtrack {
            return;
        }
        let (here, down, only) = (self.label(), self.label(), self.label());
        asm!(self
            ; jmp =>here
            ; =>down
            ; cmp esi, ebp
            ; je =>fail
        );
        match one.next.lead() {
            // for less than a literal a step back is tested in as few instructions
            &[byte, _, _, ..] => self.back_to_byte(byte, here),
            _ => asm!(self ; dec rsi),
        }
        asm!(self ; =>here);
        self.unless_may_start(&one.next, false, down);
        asm!(self ; cmp esi, ebp ; je =>only);
        self.push(down);
        asm!(self ; =>only);
    }

    /// To the end of a loop's characters.
    pub(super) fn run(&mut self, one: &CharLoop) {
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
        let ranges = [[low; 16], [high - low; 16]].concat();
        let ranges = self.table(ranges);
        asm!(self
            ; lea rcx, [=>ranges]
            ; movdqu xmm0, [rcx]
            ; movdqu xmm2, [rcx + 16]
        );
        self.blocks(end, |this| {
            asm!(this
                ; psubb xmm1, xmm0
                ; movdqa xmm3, xmm1
                ; pminub xmm3, xmm2
                ; pcmpeqb xmm3, xmm1
                ; pmovmskb eax, xmm3
                ; xor eax, 0xffff
            );
        });
        beyond(self);
        asm!(self ; =>end);
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
        let halves = self.table([lower, upper, [15; 16]].concat());
        asm!(self
            ; lea rcx, [=>halves]
            ; movdqu xmm0, [rcx]
            ; movdqu xmm2, [rcx + 16]
            ; movdqu xmm4, [rcx + 32]
            ; pxor xmm7, xmm7
        );
        self.blocks(end, |this| {
            asm!(this
                ; movdqa xmm3, xmm1
                ; psrlw xmm3, 4
                ; pand xmm3, xmm4
                ; movdqa xmm5, xmm0
                ; pshufb xmm5, xmm1
                ; movdqa xmm6, xmm2
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
