//! Branches: which of its arms can match here, and the choices that are left of them.

use super::super::super::program::Branch;
use super::Translator;
use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};

/// Arms that are passed over together where none of them can match.
const ARMS_TOGETHER: usize = 4;

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
}
