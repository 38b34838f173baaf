//! Translating a program for x86-64.
//!
//! | register | what it holds |
//! |---|---|
//! | `rdi`, `rdx` | the text and its length |
//! | `rsi` | where in the text the attempt is |
//! | `r8` | the program's registers |
//! | `r9`, `r10`, `r13` | the stack's top, its bottom, the last place with room |
//! | `r11`, `r14` | the log's end, the end of its room |
//! | `r12` | fuel |
//! | `r15` | the context |
//! | `rbp` | what a choice keeps besides its place: the end of a run that is left to try, passes left, arms left |
//! | `rax`, `rbx`, `rcx` | anything |
//!
//! A choice is three words: the address to go on at, the log's end, and `esi` with `ebp`.
//! An entry of the log is a register's number and its old value. Nothing is called.

use super::super::ast::RepeatMode;
use super::super::charset::{CharSet, Fold, NO, SLOW};
use super::super::first::First;
use super::super::lower::At;
use super::super::program::{
    Branch, Inst, Look, Loop, NONE, One, Possessive, Program, Scan, Split,
};
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, ExecutableBuffer, dynasm, x64};

/// What the code returns for a failed attempt.
pub(super) const FAILED: u64 = u64::MAX;
/// And for one that it leaves to the machine.
pub(super) const GAVE_UP: u64 = u64::MAX - 1;

/// Instructions of a program that is translated, at most.
const MOST_INSTS: usize = 4_000;
/// Arms of a branch, at most.
const MOST_ARMS: usize = 32;
/// Arms that are passed over together where none of them can match.
const ARMS_TOGETHER: usize = 4;
/// Repetitions written out one by one.
const WRITTEN_OUT: u32 = 4;
/// Literals of a lead this short are not looked for: `First` does not either.
const LEAD: usize = 3;

macro_rules! asm {
    ($this:expr; $($code:tt)*) => {
        dynasm!($this.ops ; .arch x64 ; $($code)*)
    };
}

/// The program as machine code, its entry first; None if it has something rare.
pub(super) fn translate(program: &Program) -> Option<ExecutableBuffer> {
    let insts = &program.insts[..];
    let many = |branch: &Branch| branch.targets.len() > MOST_ARMS;
    if program.loose.is_some()
        || insts.len() > MOST_INSTS
        || program.branches.iter().any(many)
        || program.slots > 1 << 12
    {
        return None;
    }
    let mut ops = x64::Assembler::new().ok()?;
    let labels = (0..=insts.len()).map(|_| ops.new_dynamic_label()).collect();
    let (fail, give_up) = (ops.new_dynamic_label(), ops.new_dynamic_label());
    let mut translator = Translator {
        program,
        ops,
        labels,
        fail,
        give_up,
        tables: Vec::new(),
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
    give_up: DynamicLabel,
    /// Tables that the code looks into, behind it.
    tables: Vec<(Vec<u8>, DynamicLabel)>,
}

impl Translator<'_> {
    fn enter(&mut self) {
        asm!(self
            ; push rbx ; push rbp ; push r12 ; push r13 ; push r14 ; push r15
            ; mov r15, rdi
            ; mov rdi, [r15]
            ; mov rdx, [r15 + 8]
            ; mov r8, [r15 + 16]
            ; mov r9, [r15 + 24]
            ; mov r10, r9
            ; mov r13, [r15 + 32]
            ; mov r11, [r15 + 40]
            ; mov r14, [r15 + 48]
            ; mov r12, [r15 + 56]
        );
    }

    /// What all ways out share, and the tables.
    fn leave(&mut self) {
        let (fail, give_up) = (self.fail, self.give_up);
        let end = self.labels[self.program.insts.len()];
        asm!(self
            ; =>end
            ; =>fail
            ; cmp r9, r10
            ; je >failed
            ; sub r12, 1
            ; js =>give_up
            ; sub r9, 24
            ; mov esi, [r9 + 16]
            ; mov ebp, [r9 + 20]
            ; mov rax, [r9 + 8]
            ; undo:
            ; cmp r11, rax
            ; je >done
            ; sub r11, 8
            ; mov ecx, [r11]
            ; mov ebx, [r11 + 4]
            ; mov [r8 + rcx * 4], ebx
            ; jmp <undo
            ; done:
            ; jmp QWORD [r9]
            ; =>give_up
            ; mov rax, -2
            ; jmp >out
            ; failed:
            ; mov rbp, [r15 + 40]
            ; again:
            ; cmp r11, rbp
            ; je >clean
            ; sub r11, 8
            ; mov ecx, [r11]
            ; mov ebx, [r11 + 4]
            ; mov [r8 + rcx * 4], ebx
            ; jmp <again
            ; clean:
            ; mov rax, -1
            ; jmp >out
            ; ->matched:
            ; mov eax, esi
            ; out:
            ; mov [r15 + 56], r12
            ; pop r15 ; pop r14 ; pop r13 ; pop r12 ; pop rbp ; pop rbx
            ; ret
            ; .align 64
        );
        for (bytes, label) in std::mem::take(&mut self.tables) {
            asm!(self ; .align 4 ; =>label ; .bytes bytes);
        }
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
            Inst::One(i) => self.one(&program.ones[i as usize]),
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
            Inst::Ahead(i) => self.ahead(program.aheads[i as usize].needle()),
            Inst::Conditional(group, otherwise) => {
                let otherwise = self.labels[otherwise as usize];
                // a register without a value is the greatest number
                asm!(self
                    ; mov eax, [r8 + offset(2 * group)]
                    ; mov ecx, [r8 + offset(2 * group + 1)]
                    ; cmp eax, -1
                    ; je =>otherwise
                    ; cmp ecx, -1
                    ; je =>otherwise
                    ; cmp eax, ecx
                    ; ja =>otherwise
                );
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
        let give_up = self.give_up;
        asm!(self
            ; cmp r9, r13
            ; ja =>give_up
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
        let give_up = self.give_up;
        asm!(self
            ; cmp r11, r14
            ; jae =>give_up
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

    /// Goes on if these bytes stand here, and stays at the place.
    fn unless_literal(&mut self, bytes: &[u8], no: DynamicLabel) {
        asm!(self
            ; lea rax, [rsi + bytes.len() as i32]
            ; cmp rax, rdx
            ; ja =>no
        );
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let from = at as i32;
            if let Some(eight) = rest.first_chunk::<8>() {
                asm!(self
                    ; mov rax, QWORD i64::from_le_bytes(*eight)
                    ; cmp [rdi + rsi + from], rax
                    ; jne =>no
                );
                at += 8;
            } else if let Some(four) = rest.first_chunk::<4>() {
                asm!(self
                    ; cmp DWORD [rdi + rsi + from], i32::from_le_bytes(*four)
                    ; jne =>no
                );
                at += 4;
            } else {
                asm!(self
                    ; cmp BYTE [rdi + rsi + from], rest[0] as i8
                    ; jne =>no
                );
                at += 1;
            }
        }
    }

    /// Past one character of the set.
    fn step(&mut self, set: &CharSet, no: DynamicLabel) {
        let give_up = self.give_up;
        let table = self.table(set.table.to_vec());
        asm!(self
            ; cmp rsi, rdx
            ; jae =>no
            ; movzx eax, BYTE [rdi + rsi]
            ; lea rcx, [=>table]
            ; movzx eax, BYTE [rcx + rax]
            ; test eax, eax
            ; jz =>no
        );
        if set.table.contains(&SLOW) {
            asm!(self ; cmp eax, SLOW.into() ; je =>give_up);
        }
        match set.table.iter().any(|&width| width > 1 && width != SLOW) {
            true => asm!(self ; add rsi, rax),
            false => asm!(self ; inc rsi),
        }
    }

    /// Past one character of a loop.
    fn pass(&mut self, one: &One, no: DynamicLabel) {
        if let Some(never) = &one.never {
            let other = self.label();
            self.unless_literal(never.needle(), other);
            asm!(self ; jmp =>no ; =>other);
        }
        self.step(&self.program.sets[one.set as usize], no);
    }

    /// Goes on if a match may begin here. `aligned`: a character begins here for sure.
    fn worth(&mut self, first: &First, aligned: bool, no: DynamicLabel) {
        if first.lead().len() >= LEAD {
            return self.unless_literal(first.lead(), no);
        }
        let (table, ends) = first.table();
        let any_second = first.any_second();
        if first.is_anything() && any_second && aligned {
            return;
        }
        let yes = self.label();
        match ends {
            true => asm!(self ; cmp rsi, rdx ; jae =>yes),
            false => asm!(self ; cmp rsi, rdx ; jae =>no),
        }
        match first.few_bytes().as_deref() {
            Some(&[byte]) => asm!(self ; cmp BYTE [rdi + rsi], byte as i8 ; jne =>no),
            _ => {
                let table = self.table(table.to_vec());
                asm!(self
                    ; movzx eax, BYTE [rdi + rsi]
                    ; lea rcx, [=>table]
                    ; test BYTE [rcx + rax], 1
                    ; jz =>no
                );
            }
        }
        if !any_second {
            let table = self.table(table.to_vec());
            asm!(self ; lea rax, [rsi + 1] ; cmp rax, rdx);
            match first.second_ends() {
                true => asm!(self ; jae =>yes),
                false => asm!(self ; jae =>no),
            }
            asm!(self
                ; movzx eax, BYTE [rdi + rsi + 1]
                ; lea rcx, [=>table]
                ; test BYTE [rcx + rax], 2
                ; jz =>no
            );
        }
        asm!(self ; =>yes);
    }

    fn place(&mut self, place: At) {
        let fail = self.fail;
        let yes = self.label();
        match place {
            At::TextStart => asm!(self ; test rsi, rsi ; jnz =>fail),
            At::LineStart => asm!(self
                ; test rsi, rsi
                ; jz =>yes
                ; cmp BYTE [rdi + rsi - 1], b'\n' as i8
                ; jne =>fail
            ),
            At::TextEnd => asm!(self ; cmp rsi, rdx ; jne =>fail),
            At::End => asm!(self
                ; cmp rsi, rdx
                ; je =>yes
                ; lea rax, [rsi + 1]
                ; cmp rax, rdx
                ; jne =>fail
                ; cmp BYTE [rdi + rsi], b'\n' as i8
                ; jne =>fail
            ),
            At::LineEnd => asm!(self
                ; cmp rsi, rdx
                ; je =>yes
                ; cmp BYTE [rdi + rsi], b'\n' as i8
                ; jne =>fail
            ),
            At::Boundary { ascii, negated } => {
                asm!(self ; test rdx, rdx ; jz =>fail);
                self.word_before(ascii);
                self.word_after(ascii);
                asm!(self ; cmp ebp, ebx);
                match negated {
                    true => asm!(self ; jne =>fail),
                    false => asm!(self ; je =>fail),
                }
            }
            At::Apart { ascii } => {
                self.word_before(ascii);
                self.word_after(ascii);
                asm!(self ; test ebp, ebx ; jnz =>fail);
            }
        }
        asm!(self ; =>yes);
    }

    fn words(&mut self, ascii: bool) -> DynamicLabel {
        let says = |byte: u8| match byte {
            128.. if ascii => 0,
            128.. => SLOW,
            _ => u8::from(byte.is_ascii_alphanumeric() || byte == b'_'),
        };
        self.table((0..=255).map(says).collect())
    }

    /// Whether a word character stands before here, into `ebp`.
    fn word_before(&mut self, ascii: bool) {
        let (give_up, none, table) = (self.give_up, self.label(), self.words(ascii));
        asm!(self
            ; xor ebp, ebp
            ; test rsi, rsi
            ; jz =>none
            ; movzx eax, BYTE [rdi + rsi - 1]
            ; lea rcx, [=>table]
            ; movzx ebp, BYTE [rcx + rax]
            ; cmp ebp, SLOW.into()
            ; je =>give_up
            ; =>none
        );
    }

    /// Whether a word character stands here, into `ebx`.
    fn word_after(&mut self, ascii: bool) {
        let (give_up, none, table) = (self.give_up, self.label(), self.words(ascii));
        asm!(self
            ; xor ebx, ebx
            ; cmp rsi, rdx
            ; jae =>none
            ; movzx eax, BYTE [rdi + rsi]
            ; lea rcx, [=>table]
            ; movzx ebx, BYTE [rcx + rax]
            ; cmp ebx, SLOW.into()
            ; je =>give_up
            ; =>none
        );
    }

    /// The arms that can match here as bits of `ebp`; then one after the other.
    fn branch(&mut self, branch: &Branch) {
        let fail = self.fail;
        let (ends, known) = (self.label(), self.label());
        asm!(self
            ; cmp rsi, rdx
            ; jae =>ends
            ; movzx eax, BYTE [rdi + rsi]
        );
        self.arms(&branch.arms, |this| asm!(this ; mov ebp, eax));
        let all = (1u64 << branch.targets.len()) - 1;
        if branch.seconds.iter().any(|arms| arms & all != all) {
            let (last, seconds) = (self.label(), branch.seconds[256] as i32);
            // the second byte is asked only where the first leaves a choice
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
    fn arms(&mut self, arms: &[u64; 257], take: impl FnOnce(&mut Self)) {
        let narrow = arms.iter().all(|&arms| arms < 256);
        let bytes = |arms: &u64| match narrow {
            true => vec![*arms as u8],
            false => (*arms as u32).to_le_bytes().to_vec(),
        };
        let table = self.table(arms[..256].iter().flat_map(bytes).collect());
        asm!(self ; lea rcx, [=>table]);
        match narrow {
            true => asm!(self ; movzx eax, BYTE [rcx + rax]),
            false => asm!(self ; mov eax, [rcx + rax * 4]),
        }
        take(self);
    }

    fn one(&mut self, one: &One) {
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
        if one.mode == RepeatMode::Lazy && !one.alone {
            return self.one_lazy(one);
        }
        asm!(self ; mov ebp, esi);
        self.run(one);
        asm!(self
            ; mov eax, esi
            ; sub eax, ebp
            ; shr eax, 6
            ; sub r12, rax
        );
        if one.mode == RepeatMode::Possessive {
            return;
        }
        if one.alone {
            return self.worth(&one.next, true, fail);
        }
        let (here, down, only) = (self.label(), self.label(), self.label());
        asm!(self
            ; jmp =>here
            ; =>down
            ; cmp esi, ebp
            ; je =>fail
            ; dec rsi
            ; =>here
        );
        self.worth(&one.next, false, down);
        asm!(self ; cmp esi, ebp ; je =>only);
        self.push(down);
        asm!(self ; =>only);
    }

    /// To the end of a loop's characters.
    fn run(&mut self, one: &One) {
        let (again, end) = (self.label(), self.label());
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
            Scan::UntilByte(byte) => self.find_byte(byte, end),
            Scan::Table => {
                let set = &self.program.sets[one.set as usize];
                let table = self.table(set.table.to_vec());
                let (test, give_up) = (self.label(), self.give_up);
                if let Some((low, high)) = widest_range(&set.table) {
                    self.run_range(low, high);
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
                        ; je =>give_up
                        ; add rsi, rax
                        ; jmp =>test
                    );
                }
            }
        }
        asm!(self ; =>end);
    }

    /// Past bytes from `low` to `high`, 16 at a time; some may be left.
    fn run_range(&mut self, low: u8, high: u8) {
        let (blocks, end) = (self.label(), self.label());
        let ranges = [[low; 16], [high - low; 16]].concat();
        let ranges = self.table(ranges);
        asm!(self
            ; lea rcx, [=>ranges]
            ; movdqu xmm0, [rcx]
            ; movdqu xmm2, [rcx + 16]
            ; =>blocks
            ; lea rax, [rsi + 16]
            ; cmp rax, rdx
            ; ja =>end
            ; movdqu xmm1, [rdi + rsi]
            ; psubb xmm1, xmm0
            ; movdqa xmm3, xmm1
            ; pminub xmm3, xmm2
            ; pcmpeqb xmm3, xmm1
            ; pmovmskb eax, xmm3
            ; xor eax, 0xffff
            ; jnz >hit
            ; add rsi, 16
            ; jmp =>blocks
            ; hit:
            ; bsf eax, eax
            ; add rsi, rax
            ; =>end
        );
    }

    /// To the next such byte, where it jumps to `found`, or else to the end of the text.
    fn find_byte(&mut self, byte: u8, found: DynamicLabel) {
        let (blocks, rest, hit, test) = (self.label(), self.label(), self.label(), self.label());
        asm!(self
            ; mov eax, i32::from_le_bytes([byte; 4])
            ; movd xmm0, eax
            ; pshufd xmm0, xmm0, 0
            ; =>blocks
            ; lea rax, [rsi + 16]
            ; cmp rax, rdx
            ; ja =>test
            ; movdqu xmm1, [rdi + rsi]
            ; pcmpeqb xmm1, xmm0
            ; pmovmskb eax, xmm1
            ; test eax, eax
            ; jnz =>hit
            ; add rsi, 16
            ; jmp =>blocks
            ; =>hit
            ; bsf eax, eax
            ; add rsi, rax
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

    fn one_lazy(&mut self, one: &One) {
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
        self.worth(&one.next, true, more);
        self.push(more);
    }

    fn split(&mut self, split: &Split) {
        let fail = self.fail;
        let [body, exit] = [split.body, split.exit].map(|pc| self.labels[pc as usize]);
        let (first, second) = match split.lazy {
            true => ((&split.exit_first, exit), (&split.body_first, body)),
            false => ((&split.body_first, body), (&split.exit_first, exit)),
        };
        let (only_second, only_first) = (self.label(), self.label());
        self.worth(first.0, true, only_second);
        self.worth(second.0, true, only_first);
        self.push(second.1);
        let (to_first, to_second) = (first.1, second.1);
        asm!(self ; =>only_first ; jmp =>to_first ; =>only_second);
        self.worth(second.0, true, fail);
        asm!(self ; jmp =>to_second);
    }

    fn until(&mut self, all: &Loop) {
        let fail = self.fail;
        let [body, exit] = [all.body, all.exit].map(|pc| self.labels[pc as usize]);
        if all.min > 0 {
            let enough = self.label();
            asm!(self
                ; mov eax, [r8 + offset(all.count)]
                ; cmp eax, all.min as i32
                ; jae =>enough
                ; inc eax
            );
            self.set_slot_to_eax(all.count);
            asm!(self ; jmp =>body ; =>enough);
        }
        let (no_more, no_exit, again) = (self.label(), self.label(), self.label());
        if all.max != NONE {
            asm!(self
                ; mov eax, [r8 + offset(all.count)]
                ; cmp eax, all.max as i32
                ; jae =>no_more
            );
        }
        asm!(self ; cmp [r8 + offset(all.last)], esi ; je =>no_more);
        self.worth(&all.body_first, true, no_more);
        self.worth(&all.exit_first, true, no_exit);
        if all.lazy {
            self.push(again);
            asm!(self ; jmp =>exit ; =>again);
        } else {
            self.push(exit);
        }
        asm!(self ; =>no_exit);
        if all.max != NONE {
            asm!(self ; mov eax, [r8 + offset(all.count)] ; inc eax);
            self.set_slot_to_eax(all.count);
        }
        self.set_slot_to_place(all.last);
        asm!(self ; jmp =>body ; =>no_more);
        self.worth(&all.exit_first, true, fail);
        asm!(self ; jmp =>exit);
    }

    fn possessive_next(&mut self, all: &Possessive) {
        let exit = self.labels[all.exit as usize];
        let inside = self.label();
        asm!(self ; mov eax, [r8 + offset(all.count)]);
        if all.min > 0 {
            asm!(self ; cmp eax, all.min as i32 ; jb =>inside);
        }
        if all.max != NONE {
            asm!(self ; cmp eax, all.max as i32 ; jae =>exit);
        }
        asm!(self ; cmp [r8 + offset(all.last)], esi ; je =>exit);
        self.push(exit);
        self.set_slot_to_place(all.last);
        asm!(self ; =>inside);
    }

    fn look(&mut self, look: &Look) {
        let (fail, give_up) = (self.fail, self.give_up);
        self.note_height(look.height);
        match look.negated {
            true => {
                let exit = self.labels[look.exit as usize];
                self.push(exit);
            }
            false => self.set_slot_to_place(look.position),
        }
        if look.behind == 0 {
            return;
        }
        let again = self.label();
        // characters of more than a byte are the machine's
        asm!(self
            ; cmp rsi, look.behind as i32
            ; jb =>fail
            ; mov ebx, look.behind as i32
            ; =>again
            ; dec rsi
            ; cmp BYTE [rdi + rsi], 0
            ; jl =>give_up
            ; dec ebx
            ; jnz =>again
        );
    }

    /// Past the text of a group that took part. ASCII letters are compared as lower case
    /// where case does not matter; other characters that differ are the machine's then.
    fn again(&mut self, group: u32, fold: Fold) {
        let (fail, give_up) = (self.fail, self.give_up);
        let (byte, same, done) = (self.label(), self.label(), self.label());
        asm!(self
            ; mov ecx, [r8 + offset(2 * group)]
            ; mov ebx, [r8 + offset(2 * group + 1)]
            ; cmp ecx, -1
            ; je =>fail
            ; cmp ebx, -1
            ; je =>fail
            ; cmp ecx, ebx
            ; ja =>fail
            ; =>byte
            ; cmp ecx, ebx
            ; jae =>done
            ; cmp rsi, rdx
            ; jae =>fail
            ; movzx eax, BYTE [rdi + rcx]
            ; movzx ebp, BYTE [rdi + rsi]
            ; cmp eax, ebp
            ; je =>same
        );
        if fold == Fold::None {
            asm!(self ; jmp =>fail);
        } else {
            let lower = self.table((0..=255u8).map(|byte| byte.to_ascii_lowercase()).collect());
            asm!(self
                ; cmp eax, 128
                ; jae =>give_up
                ; cmp ebp, 128
                ; jae =>give_up
                ; push rdx
                ; lea rdx, [=>lower]
                ; movzx eax, BYTE [rdx + rax]
                ; cmp al, [rdx + rbp]
                ; pop rdx
                ; jne =>fail
            );
        }
        asm!(self ; =>same ; inc rcx ; inc rsi ; jmp =>byte ; =>done);
    }

    /// Whether a literal stands anywhere from here on.
    fn ahead(&mut self, needle: &[u8]) {
        let fail = self.fail;
        let (found, again, hit, missed) = (self.label(), self.label(), self.label(), self.label());
        let Some(&byte) = needle.first() else {
            return;
        };
        asm!(self ; mov ebp, esi ; =>again);
        self.find_byte(byte, hit);
        asm!(self ; jmp =>fail ; =>hit);
        self.unless_literal(needle, missed);
        asm!(self ; jmp =>found ; =>missed ; inc rsi ; jmp =>again ; =>found ; mov esi, ebp);
    }
}

/// The most ASCII bytes in a row that a table has.
fn widest_range(table: &[u8; 256]) -> Option<(u8, u8)> {
    let (mut widest, mut from) = (None, 0);
    for byte in 0..128u8 {
        if table[usize::from(byte)] != 1 {
            from = byte + 1;
        } else if widest.is_none_or(|(low, high)| byte - from > high - low) {
            widest = Some((from, byte));
        }
    }
    widest.filter(|(low, high)| high - low >= 9)
}

/// Where a register of the program is, from `r8` on.
fn offset(slot: u32) -> i32 {
    slot as i32 * 4
}
