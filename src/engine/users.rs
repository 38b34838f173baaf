//! User names tried from addresses, each kept once for all of them.

use compact_str::CompactString;
use foldhash::fast::RandomState;
use indexmap::IndexSet;
use smallvec::SmallVec;

/// All names of a run, by number.
pub(crate) type AllUsers = IndexSet<CompactString, RandomState>;

/// Distinct users, first seen first, as numbers of [`AllUsers`].
///
/// Attackers try the same names from everywhere, so most are among the first of a run: a
/// bit says whether an address has tried one of these, without a look at any name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Users {
    /// Which of the first 64 names of the run are among them.
    early: u64,
    numbers: SmallVec<[u32; 4]>,
}

impl Users {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The names in order; `all` is what they were added with.
    pub(crate) fn names<'a>(&'a self, all: &'a AllUsers) -> impl Iterator<Item = &'a str> {
        let numbers = self.numbers.iter();
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
        if number < 64 {
            self.early |= 1 << number;
        }
        self.numbers.push(number as u32);
        true
    }

    #[inline]
    fn has(&self, number: usize) -> bool {
        match number {
            0..64 => self.early >> number & 1 != 0,
            _ => self.numbers.contains(&(number as u32)),
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
