//! Loops over more than a character, possessive loops, lookarounds.

use super::super::super::program::{Look, Loop, NONE, Possessive, Split};
use super::{Translator, offset};
use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};

impl Translator<'_> {
    pub(super) fn split(&mut self, split: &Split) {
        let fail = self.fail;
        let [body, exit] = [split.body, split.exit].map(|pc| self.labels[pc as usize]);
        let (mut first, mut second) = ((&split.body_first, body), (&split.exit_first, exit));
        if split.lazy {
            std::mem::swap(&mut first, &mut second);
        }
        let (only_second, only_first) = (self.label(), self.label());
        self.unless_may_start(first.0, true, only_second);
        self.unless_may_start(second.0, true, only_first);
        self.push(second.1);
        let (to_first, to_second) = (first.1, second.1);
        asm!(self ; =>only_first ; jmp =>to_first ; =>only_second);
        self.unless_may_start(second.0, true, fail);
        asm!(self ; jmp =>to_second);
    }

    pub(super) fn until(&mut self, all: &Loop) {
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
        self.unless_may_start(&all.body_first, true, no_more);
        self.unless_may_start(&all.exit_first, true, no_exit);
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
        self.unless_may_start(&all.exit_first, true, fail);
        asm!(self ; jmp =>exit);
    }

    pub(super) fn possessive_next(&mut self, all: &Possessive) {
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

    pub(super) fn look(&mut self, look: &Look) {
        let (fail, bailout) = (self.fail, self.bailout);
        self.note_height(look.height);
        if look.negated {
            let exit = self.labels[look.exit as usize];
            self.push(exit);
        } else {
            self.set_slot_to_place(look.position);
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
            ; jl =>bailout
            ; dec ebx
            ; jnz =>again
        );
    }
}
