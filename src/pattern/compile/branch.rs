//! Alternatives.
//!
//! Which arms can match is looked up by the next two bytes. Arms from the 64th on are a
//! branch of their own behind the last bit, and so on; what those can begin with is joined
//! from the last one forwards, so that a hundred thousand arms take linear time.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::Compiler;
use crate::pattern::first::FirstSet;
use crate::pattern::item::Seq;
use crate::pattern::program::{ArmTable, Branch, Inst};

/// Arms with a bit of their own.
const DIRECT: usize = 63;

/// Different tables of one program: beyond, a branch tries all of its arms.
const MOST_TABLES: usize = 1 << 13;

/// The tables of a program's branches; equal ones are shared.
#[derive(Default)]
pub(super) struct Tables {
    known: HashMap<Box<ArmTable>, Arc<ArmTable>, FixedState>,
}

impl Tables {
    fn share(&mut self, table: ArmTable, all: u64) -> Arc<ArmTable> {
        if let Some(known) = self.known.get(&table) {
            return Arc::clone(known);
        }
        let table = if self.known.len() < MOST_TABLES {
            table
        } else {
            [all; 257]
        };
        let shared = self.known.entry(Box::new(table));
        shared.or_insert_with(|| Arc::new(table)).clone()
    }
}

/// All of so many arms, as bits.
fn all_of(arms: usize) -> u64 {
    if arms > DIRECT {
        u64::MAX
    } else {
        (1 << arms) - 1
    }
}

impl Compiler {
    /// Alternatives in order of preference; none is the empty one.
    pub(super) fn branch(&mut self, arms: &[Option<&Seq>], follow: FirstSet) {
        let firsts: Vec<FirstSet> = arms
            .iter()
            .map(|arm| arm.map_or(follow, |arm| arm.first.then(follow)))
            .collect();
        // what the arms of this chunk and of all later ones can begin with
        let mut later: Vec<FirstSet> = Vec::new();
        for chunk in firsts.chunks(DIRECT).rev() {
            let behind = later.last().copied().unwrap_or(FirstSet::NOTHING);
            later.push(chunk.iter().fold(behind, |all, first| all.union(*first)));
        }
        let mut jumps = Vec::new();
        for (n, arms) in arms.chunks(DIRECT).enumerate() {
            later.pop();
            let firsts = &firsts[n * DIRECT..n * DIRECT + arms.len()];
            let index = self.branch_head(firsts, later.last());
            let is_last = later.is_empty();
            let mut targets = Vec::with_capacity(arms.len() + 1);
            for (at, arm) in arms.iter().enumerate() {
                targets.push(self.here());
                if let Some(arm) = arm {
                    self.sequence(arm, follow);
                }
                if !is_last || at + 1 < arms.len() {
                    jumps.push(self.emit(Inst::Fail));
                }
            }
            if !is_last {
                targets.push(self.here());
            }
            self.program.branches[index].targets = targets;
        }
        let end = self.here();
        for jump in jumps {
            self.program.insts[jump as usize] = Inst::Jump(end);
        }
    }

    /// A branch over arms that begin so, and over what `later` ones begin with.
    fn branch_head(&mut self, firsts: &[FirstSet], later: Option<&FirstSet>) -> usize {
        let point = self.point();
        let index = self.program.branches.len();
        let all = all_of(firsts.len() + usize::from(later.is_some()));
        let (mut arms, mut seconds) = ([0u64; 257], [0u64; 257]);
        if self.program.stale_captures.is_some() {
            (arms, seconds) = ([all; 257], [all; 257]);
        } else {
            for (at, first) in firsts.iter().chain(later).enumerate() {
                let bit = 1u64 << at;
                first.each(|next| arms[next] |= bit);
                first.each_second(|next| seconds[next] |= bit);
            }
        }
        self.program.branches.push(Branch {
            targets: Vec::new(),
            arms: self.tables.share(arms, all),
            seconds: self.tables.share(seconds, all),
            point,
        });
        self.emit(Inst::Branch(index as u32));
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;
    use crate::pattern::compile::compile;
    use crate::pattern::lower::lower;
    use crate::pattern::parse::parse;
    use std::collections::HashSet;

    /// Instructions, and tables that are not shared.
    fn size(pattern: &str) -> (usize, usize) {
        let ast = parse(pattern, Flags::default()).expect("parses");
        let program = compile(&lower(&ast), 0, 0, false);
        let tables = program.branches.iter().flat_map(|b| [&b.arms, &b.seconds]);
        let distinct: HashSet<*const ArmTable> = tables.map(Arc::as_ptr).collect();
        (program.insts.len(), distinct.len())
    }

    #[test]
    fn many_alternatives_are_linear() {
        for arm in ["|", "ab|", "a?|"] {
            let few = size(&format!("(?:{})", arm.repeat(10_000)));
            let many = size(&format!("(?:{})", arm.repeat(100_000)));
            assert!(many.0 < 11 * few.0, "{arm}: {few:?}, {many:?}");
            // one pair of tables for all but the last branches
            assert!(many.1 < 10, "{arm}: {many:?}");
        }
        let different: String = (0..20_000).map(|n| format!("(?:{n}|b{n}c)")).collect();
        assert!(size(&different).1 <= MOST_TABLES + 128);
    }
}
