//! Tests of the text: literals, characters, places, whether a match may begin.

use super::super::super::charset::{CharSet, Fold, SLOW};
use super::super::super::first::FirstSet;
use super::super::super::item::At;
use super::super::super::program::CharLoop;
use super::{Translator, offset};
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, dynasm};

/// Leads shorter than this are not looked for: `FirstSet` does not either.
const LEAD: usize = 3;

impl Translator<'_> {
    /// Goes on if these bytes stand here, and stays at the place.
    pub(super) fn unless_literal(&mut self, bytes: &[u8], no: DynamicLabel) {
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
    pub(super) fn step(&mut self, set: &CharSet, no: DynamicLabel) {
        let bailout = self.bailout;
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
            asm!(self ; cmp eax, SLOW.into() ; je =>bailout);
        }
        if set.table.iter().any(|&width| width > 1 && width != SLOW) {
            asm!(self ; add rsi, rax);
        } else {
            asm!(self ; inc rsi);
        }
    }

    /// Past one character of a loop.
    pub(super) fn pass(&mut self, one: &CharLoop, no: DynamicLabel) {
        if let Some(never) = &one.never {
            let other = self.label();
            self.unless_literal(never.needle(), other);
            asm!(self ; jmp =>no ; =>other);
        }
        self.step(&self.program.sets[one.set as usize], no);
    }

    /// Goes on if a match may begin here. `aligned`: a character begins here for sure.
    pub(super) fn unless_may_start(&mut self, first: &FirstSet, aligned: bool, no: DynamicLabel) {
        if first.lead().len() >= LEAD {
            return self.unless_literal(first.lead(), no);
        }
        let (table, ends) = first.table();
        let any_second = first.any_second();
        if first.is_anything() && any_second && aligned {
            return;
        }
        let yes = self.label();
        let at_end = if ends { yes } else { no };
        asm!(self ; cmp rsi, rdx ; jae =>at_end);
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
            let at_end = if first.second_ends() { yes } else { no };
            asm!(self ; jae =>at_end);
            asm!(self
                ; movzx eax, BYTE [rdi + rsi + 1]
                ; lea rcx, [=>table]
                ; test BYTE [rcx + rax], 2
                ; jz =>no
            );
        }
        asm!(self ; =>yes);
    }

    pub(super) fn place(&mut self, place: At) {
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
                if negated {
                    asm!(self ; jne =>fail);
                } else {
                    asm!(self ; je =>fail);
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

    pub(super) fn words(&mut self, ascii: bool) -> DynamicLabel {
        let says = |byte: u8| match byte {
            128.. if ascii => 0,
            128.. => SLOW,
            _ => u8::from(byte.is_ascii_alphanumeric() || byte == b'_'),
        };
        self.table((0..=255).map(says).collect())
    }

    /// Whether a word character stands before here, into `ebp`.
    pub(super) fn word_before(&mut self, ascii: bool) {
        let (bailout, none, table) = (self.bailout, self.label(), self.words(ascii));
        asm!(self
            ; xor ebp, ebp
            ; test rsi, rsi
            ; jz =>none
            ; movzx eax, BYTE [rdi + rsi - 1]
            ; lea rcx, [=>table]
            ; movzx ebp, BYTE [rcx + rax]
            ; cmp ebp, SLOW.into()
            ; je =>bailout
            ; =>none
        );
    }

    /// Whether a word character stands here, into `ebx`.
    pub(super) fn word_after(&mut self, ascii: bool) {
        let (bailout, none, table) = (self.bailout, self.label(), self.words(ascii));
        asm!(self
            ; xor ebx, ebx
            ; cmp rsi, rdx
            ; jae =>none
            ; movzx eax, BYTE [rdi + rsi]
            ; lea rcx, [=>table]
            ; movzx ebx, BYTE [rcx + rax]
            ; cmp ebx, SLOW.into()
            ; je =>bailout
            ; =>none
        );
    }

    /// The ends of a group into `ecx` and `ebx`; `none`: it took no part.
    pub(super) fn group(&mut self, group: u32, none: DynamicLabel) {
        // a register without a value is the greatest number
        asm!(self
            ; mov ecx, [r8 + offset(2 * group)]
            ; mov ebx, [r8 + offset(2 * group + 1)]
            ; cmp ecx, -1
            ; je =>none
            ; cmp ebx, -1
            ; je =>none
            ; cmp ecx, ebx
            ; ja =>none
        );
    }

    /// Past the text of a group that took part. ASCII letters are compared as lower case
    /// where case does not matter; other characters that differ are the machine's then.
    pub(super) fn again(&mut self, group: u32, fold: Fold) {
        let (fail, bailout) = (self.fail, self.bailout);
        let (byte, same, done) = (self.label(), self.label(), self.label());
        self.group(group, fail);
        asm!(self
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
                ; jae =>bailout
                ; cmp ebp, 128
                ; jae =>bailout
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
    pub(super) fn ahead(&mut self, needle: &[u8]) {
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
