//! Translating a program for x86-64.
//!
//! | register | what it holds |
//! |---|---|
//! | `rdi`, `rdx` | the text and its length |
//! | `rsi` | where in the text the attempt is |
//! | `r8` | the program's registers |
//! | `r9`, `r10`, `r13` | the stack's top, its bottom, the last place with room |
//! | `r11`, `r14` | the log's end, the end of its room |
//! | `r12` | fuel, in bytes scanned |
//! | `r15` | the context |
//! | `rbp` | what a choice keeps besides its place: the end of a run that is left to try, passes left, arms left |
//! | `rax`, `rbx`, `rcx` | anything |
//!
//! A choice is three words: the address to go on at, the log's end, and `esi` with `ebp`.
//! An entry of the log is a register's number and its old value. Nothing is called.

use super::super::program::{Branch, Inst, NONE, Program};
use super::CHOICE;
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, ExecutableBuffer, dynasm, x64};

/// What the code returns for a failed attempt.
pub(super) const FAILED: u64 = u64::MAX;
/// And for one that it leaves to the machine.
pub(super) const BAILOUT: u64 = u64::MAX - 1;

/// Instructions of a program that is translated, at most.
const MOST_INSTS: usize = 4_000;
/// Arms of a branch, at most.
const MOST_ARMS: usize = 32;

/// Where the fields of a context are.
mod context {
    use super::super::Context;
    use std::mem::offset_of;

    pub(super) const TEXT: i32 = offset_of!(Context, text) as i32;
    pub(super) const LENGTH: i32 = offset_of!(Context, length) as i32;
    pub(super) const SLOTS: i32 = offset_of!(Context, slots) as i32;
    pub(super) const STACK: i32 = offset_of!(Context, stack) as i32;
    pub(super) const STACK_LAST: i32 = offset_of!(Context, stack_last) as i32;
    pub(super) const LOG: i32 = offset_of!(Context, log) as i32;
    pub(super) const LOG_END: i32 = offset_of!(Context, log_end) as i32;
    pub(super) const FUEL: i32 = offset_of!(Context, fuel) as i32;
    pub(super) const NEWLINE: i32 = offset_of!(Context, newline) as i32;
}

macro_rules! asm {
    ($this:expr; $($code:tt)*) => {
        dynasm!($this.ops ; .arch x64 ; $($code)*)
    };
}

mod branch;
mod char_loop;
mod conditions;
mod sub_matches;

/// The program as machine code, its entry first; None if it has something rare.
pub(super) fn translate(program: &Program) -> Option<ExecutableBuffer> {
    let insts = &program.insts[..];
    let many = |branch: &Branch| branch.targets.len() > MOST_ARMS;
    if program.stale_captures.is_some()
        || insts.len() > MOST_INSTS
        || program.branches.iter().any(many)
        || program.slots > 1 << 12
    {
        return None;
    }
    let mut ops = x64::Assembler::new().ok()?;
    let labels = (0..=insts.len()).map(|_| ops.new_dynamic_label()).collect();
    let (fail, bailout) = (ops.new_dynamic_label(), ops.new_dynamic_label());
    let mut translator = Translator {
        program,
        ops,
        labels,
        fail,
        bailout,
        tables: Vec::new(),
        shuffles: is_x86_feature_detected!("ssse3"),
    };
    translator.enter();
    for (pc, inst) in insts.iter().enumerate() {
        translator.inst(pc, *inst);
    }
    translator.leave();
    translator.ops.finalize().ok()
}

struct Translator<'p> {
    program: &'p Program,
    ops: x64::Assembler,
    /// By instruction; one more for the end.
    labels: Vec<DynamicLabel>,
    /// Back to the last choice.
    fail: DynamicLabel,
    bailout: DynamicLabel,
    /// Tables that the code looks into, behind it.
    tables: Vec<(Vec<u8>, DynamicLabel)>,
    /// The processor has SSSE3.
    shuffles: bool,
}

impl Translator<'_> {
    fn enter(&mut self) {
        asm!(self
            ; push rbx ; push rbp ; push r12 ; push r13 ; push r14 ; push r15
            ; mov r15, rdi
            ; mov rdi, [r15 + context::TEXT]
            ; mov rdx, [r15 + context::LENGTH]
            ; mov r8, [r15 + context::SLOTS]
            ; mov r9, [r15 + context::STACK]
            ; mov r10, r9
            ; mov r13, [r15 + context::STACK_LAST]
            ; mov r11, [r15 + context::LOG]
            ; mov r14, [r15 + context::LOG_END]
            ; mov r12, [r15 + context::FUEL]
        );
    }

    /// What all ways out share, and the tables.
    fn leave(&mut self) {
        let (fail, bailout) = (self.fail, self.bailout);
        let end = self.labels[self.program.insts.len()];
        asm!(self
            ; =>end
            ; =>fail
            ; cmp r9, r10
            ; je >failed
            ; sub r12, CHOICE as i32
            ; js =>bailout
            ; sub r9, 24
            ; mov esi, [r9 + 16]
            ; mov ebp, [r9 + 20]
            ; mov rax, [r9 + 8]
        );
        self.undo();
        asm!(self
            ; jmp QWORD [r9]
            ; =>bailout
            ; mov rax, BAILOUT as i32
            ; jmp >out
            ; failed:
            ; mov rax, [r15 + context::LOG]
        );
        self.undo();
        asm!(self
            ; mov rax, FAILED as i32
            ; jmp >out
            ; ->matched:
            ; mov eax, esi
            ; out:
            ; mov [r15 + context::FUEL], r12
            ; pop r15 ; pop r14 ; pop r13 ; pop r12 ; pop rbp ; pop rbx
            ; ret
            ; .align 64
        );
        for (bytes, label) in std::mem::take(&mut self.tables) {
            // vector instructions read from them
            asm!(self ; .align 16 ; =>label ; .bytes bytes);
        }
    }

    /// Gives the program's registers back their values, down to the log's entry at `rax`.
    fn undo(&mut self) {
        asm!(self
            ; again:
            ; cmp r11, rax
            ; je >done
            ; sub r11, 8
            ; mov ecx, [r11]
            ; mov ebx, [r11 + 4]
            ; mov [r8 + rcx * 4], ebx
            ; jmp <again
            ; done:
        );
    }

    fn label(&mut self) -> DynamicLabel {
        self.ops.new_dynamic_label()
    }

    fn table(&mut self, bytes: Vec<u8>) -> DynamicLabel {
        if let Some((_, label)) = self.tables.iter().find(|(known, _)| *known == bytes) {
            return *label;
        }
        let label = self.label();
        self.tables.push((bytes, label));
        label
    }

    fn inst(&mut self, pc: usize, inst: Inst) {
        let (here, fail) = (self.labels[pc], self.fail);
        asm!(self ; =>here);
        let program = self.program;
        match inst {
            Inst::Match => asm!(self ; jmp ->matched),
            Inst::Byte(byte) => asm!(self
                ; cmp rsi, rdx
                ; jae =>fail
                ; cmp BYTE [rdi + rsi], byte as i8
                ; jne =>fail
                ; inc rsi
            ),
            Inst::Bytes(start, length) => {
                let bytes = &program.bytes[start as usize..(start + length) as usize];
                self.unless_literal(bytes, fail);
                asm!(self ; add rsi, length as i32);
            }
            Inst::Set(set) => self.step(&program.sets[set as usize], fail),
            Inst::Sets(start, length) => {
                for &set in &program.sets_in_row[start as usize..(start + length) as usize] {
                    self.step(&program.sets[set as usize], fail);
                }
            }
            Inst::At(place) => self.place(place),
            Inst::Save(slot) => self.set_slot_to_place(slot),
            Inst::Jump(to) => self.jump(to),
            Inst::Branch(i) => self.branch(&program.branches[i as usize]),
            Inst::CharLoop(i) => self.char_loop(&program.char_loops[i as usize]),
            Inst::Split(i) => self.split(&program.splits[i as usize]),
            Inst::LoopStart(i) => {
                let all = &program.loops[i as usize];
                self.set_slot_to(all.count, 0);
                self.set_slot_to(all.last, NONE);
                self.jump(all.until);
            }
            Inst::Until(i) => self.until(&program.loops[i as usize]),
            Inst::AtomicStart(height) => self.note_height(height),
            Inst::AtomicEnd(height) => self.cut_stack(height),
            Inst::PossessiveStart(i) => {
                let all = &program.possessives[i as usize];
                self.set_slot_to(all.count, 0);
                self.set_slot_to(all.last, NONE);
                self.note_height(all.height);
            }
            Inst::PossessiveNext(i) => self.possessive_next(&program.possessives[i as usize]),
            Inst::PossessiveEnd(i) => {
                let all = &program.possessives[i as usize];
                self.cut_stack(all.height);
                let full = self.label();
                asm!(self
                    ; mov eax, [r8 + offset(all.count)]
                    ; cmp eax, (NONE - 1) as i32
                    ; jae =>full
                    ; inc eax
                    ; =>full
                );
                self.set_slot_to_eax(all.count);
                self.jump(all.next);
            }
            Inst::Look(i) => self.look(&program.looks[i as usize]),
            Inst::LookEnd(i) => {
                let look = &program.looks[i as usize];
                self.cut_stack(look.height);
                asm!(self ; mov esi, [r8 + offset(look.position)]);
            }
            Inst::NotEnd(i) => {
                self.cut_stack(program.looks[i as usize].height);
                asm!(self ; jmp =>fail);
            }
            Inst::ContainsLiteral(i) => self.ahead(program.literals_ahead[i as usize].needle()),
            Inst::Conditional(group, otherwise) => {
                let otherwise = self.labels[otherwise as usize];
                self.group(group, otherwise);
            }
            Inst::Backreference(group, fold) => self.again(group, fold),
            Inst::Fail | Inst::Forget => asm!(self ; jmp =>fail),
        }
    }

    fn jump(&mut self, to: u32) {
        let to = self.labels[to as usize];
        asm!(self ; jmp =>to);
    }

    /// A choice to come back to: at `resume`, with the place and `ebp` as they are now.
    fn push(&mut self, resume: DynamicLabel) {
        let bailout = self.bailout;
        asm!(self
            ; cmp r9, r13
            ; ja =>bailout
            ; lea rax, [=>resume]
            ; mov [r9], rax
            ; mov [r9 + 8], r11
            ; mov [r9 + 16], esi
            ; mov [r9 + 20], ebp
            ; add r9, 24
        );
    }

    /// Writes the old value of a register to the log.
    fn log(&mut self, slot: u32) {
        let bailout = self.bailout;
        asm!(self
            ; cmp r11, r14
            ; jae =>bailout
            ; mov ecx, [r8 + offset(slot)]
            ; mov DWORD [r11], slot as i32
            ; mov [r11 + 4], ecx
            ; add r11, 8
        );
    }

    fn set_slot_to_place(&mut self, slot: u32) {
        self.log(slot);
        asm!(self ; mov [r8 + offset(slot)], esi);
    }

    fn set_slot_to_eax(&mut self, slot: u32) {
        self.log(slot);
        asm!(self ; mov [r8 + offset(slot)], eax);
    }

    fn set_slot_to(&mut self, slot: u32, value: u32) {
        self.log(slot);
        asm!(self ; mov DWORD [r8 + offset(slot)], value as i32);
    }

    /// The stack's height into a register of the program.
    fn note_height(&mut self, slot: u32) {
        asm!(self
            ; mov rax, r9
            ; sub rax, r10
        );
        self.set_slot_to_eax(slot);
    }

    fn cut_stack(&mut self, slot: u32) {
        asm!(self
            ; mov eax, [r8 + offset(slot)]
            ; lea r9, [r10 + rax]
        );
    }
}

/// Where a register of the program is, from `r8` on.
fn offset(slot: u32) -> i32 {
    slot as i32 * 4
}
