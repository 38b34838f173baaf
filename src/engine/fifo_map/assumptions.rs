//! A run over a guessed table, and its take-over by the true one.
//!
//! The lines of a block can be judged before anybody knows what stands in the table in front of
//! them: [`FifoMap::assume`] makes a table a guess, and what the lines then ask of it is noted.
//! [`FifoMap::adopt`] compares that with the true table, and where nothing contradicts, the true
//! table becomes what it would have become had the lines been judged with it.

use super::{FifoMap, KEPT};

/// Where an entry of a run over a guessed table comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// The run made it.
    #[default]
    Own,
    /// It is part of the guess, and was not asked for.
    Guessed,
    /// It is part of the guess and was used: its number in [`Assumptions::used`].
    Used(u8),
}

/// What a run over a guessed table relied on, and what it did.
///
/// Why a run over a guess may be taken over. *Growth* is the number of entries the run has made
/// less those it has ended itself, and a table drops its oldest entry exactly where it would
/// hold more than [`KEPT`]. So with `n` entries to begin with, it has dropped
/// `max(0, n + greatest growth - KEPT)` of them at any time: the oldest, whatever they are. The
/// run over the true table does what the run over the guess did, line by line, if each id it
/// asks for is found in both or in neither:
///
/// * An id that was found in the guess is in the true table with an equal value, and at its last
///   use not so many had been dropped that it would have been one of them.
/// * An id that was not found was not in the true table at the start, or has been dropped or
///   ended there by then.
/// * An id that the run made itself is there as long in both: it is dropped when all older
///   entries are gone and 99 younger ones stand behind it, and the younger ones are the run's.
///
/// What the true table is afterwards follows: of its own entries the used ones have the run's
/// values or are ended, and as many of the oldest are dropped as the growth asks for; behind
/// them stand the run's. An entry that the guess dropped after its last use, but the true table
/// keeps, has lost its value, and contradicts.
#[derive(Clone, Debug)]
pub(super) struct Assumptions<V> {
    /// Hashes of ids that had no entry and that no line had ended, each with the greatest growth
    /// before; none where that was [`KEPT`] or more, as nothing of the true table is left then.
    /// Ids with the same hash contradict more often, never less.
    absent: Vec<(u64, i64)>,
    used: Vec<Used<V>>,
    /// How many of those were ended by a line.
    ended: usize,
    growth: i64,
    most_growth: i64,
    /// Own entries that were dropped.
    own_dropped: i64,
}

/// An entry of the guess that was used.
#[derive(Clone, Debug)]
struct Used<V> {
    /// Its place in the run's table as long as it is alive.
    at: usize,
    hash: u64,
    id: String,
    /// Its value in the guess.
    before: V,
    /// The greatest growth up to its last use.
    last_use: i64,
    state: UsedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsedState {
    Alive,
    /// By a line.
    Ended,
    /// As the oldest.
    Dropped,
}

impl<V> Default for Assumptions<V> {
    fn default() -> Self {
        Assumptions {
            absent: Vec::new(),
            used: Vec::new(),
            ended: 0,
            growth: 0,
            most_growth: 0,
            own_dropped: 0,
        }
    }
}

impl<V> Assumptions<V> {
    /// An id was asked for and has no entry.
    pub(super) fn ask(&mut self, id: &str, hash: u64) {
        if self.most_growth >= KEPT as i64 {
            return;
        }
        // what a line has ended is gone from the true table too
        let is_ended = |used: &Used<V>| used.state == UsedState::Ended && used.id == id;
        if self.ended == 0 || !self.used.iter().any(is_ended) {
            self.absent.push((hash, self.most_growth));
        }
    }

    /// An entry was made.
    #[inline]
    pub(super) fn grow(&mut self) {
        self.growth += 1;
        self.most_growth = self.most_growth.max(self.growth);
    }

    /// A line ended an entry.
    pub(super) fn end(&mut self, origin: Origin) {
        self.growth -= 1;
        if let Origin::Used(number) = origin {
            self.used[usize::from(number)].state = UsedState::Ended;
            self.ended += 1;
        }
    }

    /// The oldest entry was dropped.
    pub(super) fn evict(&mut self, origin: Origin) {
        match origin {
            Origin::Own => self.own_dropped += 1,
            Origin::Guessed => {}
            Origin::Used(number) => self.used[usize::from(number)].state = UsedState::Dropped,
        }
    }
}

impl<V: Clone + Default + PartialEq> FifoMap<V> {
    /// Makes the table a guess: from here on is noted what is asked of it.
    pub(crate) fn assume(&mut self) {
        for entry in &mut self.entries {
            entry.origin = Origin::Guessed;
        }
        self.assumptions = Some(Box::default());
    }

    /// Notes that an entry was found and is about to be used.
    #[inline]
    pub(crate) fn touch(&mut self, at: usize) {
        if let Some(assumptions) = &mut self.assumptions {
            let entry = &mut self.entries[at];
            match entry.origin {
                Origin::Own => {}
                Origin::Used(number) => {
                    assumptions.used[usize::from(number)].last_use = assumptions.most_growth;
                }
                Origin::Guessed => {
                    entry.origin = Origin::Used(assumptions.used.len() as u8);
                    assumptions.used.push(Used {
                        at,
                        hash: entry.hash,
                        id: entry.id.clone(),
                        before: entry.value.clone(),
                        last_use: assumptions.most_growth,
                        state: UsedState::Alive,
                    });
                }
            }
        }
    }

    /// Makes this table what it would be behind the lines of `run`, which began with a guess of
    /// it, and takes the run's entries for that. False, and nothing is changed, where something
    /// contradicts ([`Assumptions`]).
    pub(crate) fn adopt(&mut self, run: &mut FifoMap<V>) -> bool {
        let Some(assumed) = run.assumptions.take() else {
            return false;
        };
        let adopted = self.adopt_assumed(run, &assumed);
        run.assumptions = Some(assumed);
        adopted
    }

    fn adopt_assumed(&mut self, run: &mut FifoMap<V>, assumed: &Assumptions<V>) -> bool {
        // oldest first
        let places: Vec<usize> = self.places().collect();
        let dropped_at = |growth: i64| (places.len() as i64 + growth - KEPT as i64).max(0);
        let has_absent = assumed.absent.iter().any(|(hash, growth)| {
            let mut ages = (0..).zip(&places);
            ages.any(|(age, at)| self.entries[*at].hash == *hash && dropped_at(*growth) <= age)
        });
        if has_absent || !assumed.absent.is_empty() && !self.start.is_over() {
            return false;
        }
        // what becomes of each: the number of its use in the run
        let mut uses = vec![None; places.len()];
        for (number, used) in assumed.used.iter().enumerate() {
            let Ok(at) = self.find_hashed(&used.id, used.hash) else {
                return false;
            };
            if self.entries[at].value != used.before {
                return false;
            }
            let age = places.iter().position(|place| *place == at);
            if let Some(age) = age {
                uses[age] = Some(number);
            }
        }
        let is_ended = |number: &Option<usize>| {
            number.is_some_and(|number| assumed.used[number].state == UsedState::Ended)
        };
        let mut ended_before = 0;
        for (age, number) in uses.iter().enumerate() {
            if let Some(number) = number {
                // so many of the older ones can be dropped before it is its turn
                if dropped_at(assumed.used[*number].last_use) > age as i64 - ended_before {
                    return false;
                }
            }
            ended_before += i64::from(is_ended(number));
        }
        let mut to_drop = dropped_at(assumed.most_growth) - assumed.own_dropped;
        let dropped: Vec<bool> = uses
            .iter()
            .map(|number| {
                let drops = !is_ended(number) && to_drop > 0;
                to_drop -= i64::from(drops);
                drops
            })
            .collect();
        let lost = uses.iter().zip(&dropped).any(|(number, dropped)| {
            let state = number.map(|number| assumed.used[number].state);
            state == Some(UsedState::Dropped) && !dropped
        });
        if to_drop != 0 || lost {
            return false;
        }
        for ((at, number), dropped) in places.into_iter().zip(&uses).zip(dropped) {
            if dropped || is_ended(number) {
                self.unlink(at);
            } else if let Some(used) = number.map(|number| &assumed.used[number]) {
                let value = &mut run.entries[used.at].value;
                std::mem::swap(&mut self.entries[at].value, value);
            }
        }
        let own: Vec<usize> = run
            .places()
            .filter(|at| run.entries[*at].origin == Origin::Own)
            .collect();
        for at in own {
            let entry = &mut run.entries[at];
            let new = self.add(&entry.id, entry.hash);
            std::mem::swap(&mut self.entries[new].value, &mut entry.value);
        }
        true
    }

    /// Places of the entries, oldest first.
    fn places(&self) -> impl Iterator<Item = usize> {
        let in_use = |at: u8| (usize::from(at) < self.entries.len()).then_some(usize::from(at));
        std::iter::successors(in_use(self.oldest), move |at| {
            in_use(self.entries[*at].newer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Vacant;
    use super::*;
    use proptest::prelude::*;

    /// What a line does to an id: it looks it up, and if it has no entry, makes one or not; the
    /// value tells of all lines, so that a line left out shows.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Use(u32),
        End(u32),
    }

    fn apply(table: &mut FifoMap<Vec<u32>>, steps: &[Step], from: u32) -> Vec<Option<Vec<u32>>> {
        let mut seen = Vec::new();
        for (stamp, step) in (from..).zip(steps) {
            let (number, ends) = match *step {
                Step::Use(number) => (number, false),
                Step::End(number) => (number, true),
            };
            let id = number.to_string();
            match table.find(&id) {
                Ok(at) => {
                    table.touch(at);
                    if ends {
                        table.remove(at);
                    }
                    table.value_mut(at).push(stamp);
                    seen.push(Some(table.value(at).clone()));
                }
                Err(vacant) if ends => {
                    table.ask(&id, vacant);
                    seen.push(None);
                }
                Err(vacant) => {
                    insert(table, &id, vacant, stamp);
                    seen.push(None);
                }
            }
        }
        seen
    }

    fn insert(table: &mut FifoMap<Vec<u32>>, id: &str, vacant: Vacant, stamp: u32) {
        let at = table.insert(id, vacant);
        let value = table.value_mut(at);
        value.clear();
        value.push(stamp);
    }

    fn entries(table: &FifoMap<Vec<u32>>) -> Vec<(String, Vec<u32>)> {
        let all = table.iter();
        all.map(|(id, value)| (id.to_string(), value.clone()))
            .collect()
    }

    /// Steps on ids near to a number that grows, rarely on older ones.
    fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
        let behind = prop_oneof![8 => 0u32..5, 4 => 0u32..60, 1 => 90u32..160];
        let step = (behind, prop_oneof![3 => Just(0u32), 2 => Just(1)], 0u32..5);
        prop::collection::vec(step, 0..most).prop_map(|steps| {
            let mut newest = 0;
            let steps = steps.into_iter().map(|(behind, new, what)| {
                newest += new;
                let number = newest.saturating_sub(behind);
                if what == 0 {
                    Step::End(number)
                } else {
                    Step::Use(number)
                }
            });
            steps.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        /// A run over a guess that is taken over saw what the true table would have shown, and
        /// leaves behind what it would have become; one that is not changes nothing.
        #[test]
        fn what_is_taken_over_is_what_would_have_been(
            all in steps(700),
            cut in 0.0..1.0f64,
            tail in 0usize..200,
        ) {
            let begun: Vec<Step> = (1_000_000..1_000_150).map(Step::Use).collect();
            let cut = (all.len() as f64 * cut) as usize;
            let (before, block) = all.split_at(cut);
            let mut truth = FifoMap::default();
            apply(&mut truth, &begun, 0);
            apply(&mut truth, before, 1000);
            let tail = cut.saturating_sub(tail);
            let mut guess = FifoMap::default();
            apply(&mut guess, &before[tail..], 1000 + tail as u32);
            guess.assume();
            let guessed = apply(&mut guess, block, 9000);
            let mut expected = truth.clone();
            let seen = apply(&mut expected, block, 9000);
            let unchanged = entries(&truth);
            if truth.adopt(&mut guess) {
                prop_assert_eq!(seen, guessed);
                prop_assert_eq!(entries(&truth), entries(&expected));
            } else {
                prop_assert_eq!(entries(&truth), unchanged);
            }
        }
    }

    /// A guess that knows all that is asked of it is taken over.
    #[test]
    fn a_right_guess_is_taken_over() {
        let begun: Vec<Step> = (0..150).map(Step::Use).collect();
        let mut truth = FifoMap::default();
        apply(&mut truth, &begun, 0);
        let mut guess = FifoMap::default();
        apply(&mut guess, &begun[100..], 100);
        guess.assume();
        // on with one, an end of another, told of again, and more new ones than there is room for
        let mut block = vec![
            Step::Use(149),
            Step::End(130),
            Step::Use(130),
            Step::End(7000),
        ];
        block.extend((200..350).map(Step::Use));
        let seen = apply(&mut guess, &block, 1000);
        let mut expected = truth.clone();
        assert_eq!(apply(&mut expected, &block, 1000), seen);
        assert!(truth.adopt(&mut guess));
        assert_eq!(entries(&truth), entries(&expected));
    }
}
