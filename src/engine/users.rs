//! User names tried from addresses, each kept once for all of them.

use compact_str::CompactString;
use foldhash::fast::RandomState;
use indexmap::IndexSet;

/// All names of a run, by number.
pub(crate) type AllUsers = IndexSet<CompactString, RandomState>;

/// Names an address keeps in its own record.
const FEW: usize = 3;

/// Distinct users, first seen first, as numbers of [`AllUsers`].
///
/// Most addresses try few names; where there are more they are put elsewhere, with a set of
/// bits: attackers try the same names from everywhere, so most are among the first of a run,
/// and a bit says whether the address has tried one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// Up to three.
    Few { count: u8, numbers: [u32; FEW] },
    /// More.
    Many(Box<ManyUsers>),
}

/// The users of an address that has tried more than a few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManyUsers {
    /// Which of the first 64 names of the run are among them.
    early: u64,
    numbers: Vec<u32>,
}

impl ManyUsers {
    fn push(&mut self, number: u32) {
        if number < u64::BITS {
            self.early |= 1 << number;
        }
        self.numbers.push(number);
    }
}

impl Default for Users {
    fn default() -> Self {
        Users::Few {
            count: 0,
            numbers: [0; FEW],
        }
    }
}

impl Users {
    /// The numbers in order.
    fn numbers(&self) -> &[u32] {
        match self {
            Users::Few { count, numbers } => &numbers[..usize::from(*count)],
            Users::Many(many) => &many.numbers,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers().len()
    }

    /// The names in order; `all` is what they were added with.
    pub(crate) fn names<'a>(&'a self, all: &'a AllUsers) -> impl Iterator<Item = &'a str> {
        let numbers = self.numbers().iter();
        numbers.filter_map(|&number| Some(all.get_index(number as usize)?.as_str()))
    }

    /// Adds a name if it is not among them; false if there are `most` already.
    #[inline]
    pub(crate) fn add(&mut self, user: &CompactString, all: &mut AllUsers, most: usize) -> bool {
        let known = all.get_index_of(user);
        if known.is_some_and(|number| self.has(number)) {
            return true;
        }
        if self.len() >= most {
            return false;
        }
        let number = known.unwrap_or_else(|| all.insert_full(user.clone()).0);
        self.push(number as u32);
        true
    }

    /// Adds the names of `other`, which are numbers of another list, in their order; false if
    /// there are `most` already and more to add. `renumber` gives the number of a name of that
    /// list in ours, and adds the name if it is told to.
    pub(crate) fn absorb(
        &mut self,
        other: &Users,
        most: usize,
        mut renumber: impl FnMut(u32, bool) -> Option<u32>,
    ) -> bool {
        let mut all_added = true;
        for &number in other.numbers() {
            let has_room = self.len() < most;
            match renumber(number, has_room) {
                Some(number) if self.has(number as usize) => {}
                Some(number) if has_room => self.push(number),
                _ => all_added = false,
            }
        }
        all_added
    }

    fn push(&mut self, number: u32) {
        match self {
            Users::Few { count, numbers } if usize::from(*count) < FEW => {
                numbers[usize::from(*count)] = number;
                *count += 1;
            }
            Users::Few { numbers, .. } => {
                let mut many = ManyUsers {
                    early: 0,
                    numbers: Vec::with_capacity(2 * FEW + 2),
                };
                numbers.iter().for_each(|&known| many.push(known));
                many.push(number);
                *self = Users::Many(Box::new(many));
            }
            Users::Many(many) => many.push(number),
        }
    }

    #[inline]
    fn has(&self, number: usize) -> bool {
        match self {
            Users::Many(many) if number < 64 => many.early >> number & 1 != 0,
            _ => self.numbers().contains(&(number as u32)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_stand_once() {
        let mut all = AllUsers::default();
        // some names are taken by another address first, out of order
        let mut other = Users::default();
        for n in (0..90).rev().step_by(3) {
            other.add(&CompactString::from(format!("user{n}")), &mut all, 100);
        }
        let mut users = Users::default();
        let mut list: Vec<CompactString> = Vec::new();
        for n in 0..200 {
            let name = CompactString::from(format!("user{}", n * 7 % 90));
            let room = list.len() < 80;
            let known = list.contains(&name);
            assert_eq!(users.add(&name, &mut all, 80), known || room, "{name}");
            if !known && room {
                list.push(name);
            }
            assert!(users.names(&all).eq(list.iter().map(CompactString::as_str)));
        }
        assert_eq!(users.len(), 80);
        assert_eq!(other.len(), 30);
    }
}
