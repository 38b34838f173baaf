//! The failures of a jail: a long log has millions, so each is kept as what differs from the one
//! before, in some five bytes.

use super::{AddressId, Place, Ticket};

/// Failures in the order they were pushed in.
///
/// Of each: the number of the address; the way to its line from the one before, with a bit that says
/// how the time follows; the way to its time, where that has whole seconds, else the time.
/// Numbers have seven bits a byte, the lowest first. Logs stand beside, as runs: they change
/// seldom.
#[derive(Clone, Debug)]
pub(crate) struct Tickets {
    bytes: Vec<u8>,
    count: usize,
    /// From which failure on a log is that of all, up to the next such entry.
    logs: Vec<(usize, u32)>,
    before: Before,
    /// Of the first and the last.
    times: Option<(f64, f64)>,
    in_order: bool,
}

/// What a failure is told from.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    line: u32,
    /// The last time of whole seconds.
    second: i64,
}

impl Default for Tickets {
    fn default() -> Tickets {
        Tickets {
            bytes: Vec::new(),
            count: 0,
            logs: Vec::new(),
            before: Before::default(),
            times: None,
            in_order: true,
        }
    }
}

impl Tickets {
    /// Appends a failure that a filter found: it says nothing of how many it stands for.
    pub(crate) fn push(&mut self, id: AddressId, time: f64, place: Place) {
        if self.logs.last().is_none_or(|(_, log)| *log != place.log) {
            self.logs.push((self.count, place.log));
        }
        let Before { line, second } = self.before;
        put(&mut self.bytes, u64::from(id.0));
        let way = zigzag(i64::from(place.line) - i64::from(line)) << 1;
        match whole_second(time) {
            Some(whole) => {
                put(&mut self.bytes, way | 1);
                put(&mut self.bytes, zigzag(whole.wrapping_sub(second)));
                self.before.second = whole;
            }
            None => {
                put(&mut self.bytes, way);
                self.bytes.extend_from_slice(&time.to_bits().to_le_bytes());
            }
        }
        self.before.line = place.line;
        self.count += 1;
        let (first, last) = self.times.unwrap_or((time, time));
        self.in_order &= last <= time;
        self.times = Some((first, time));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The times of the first and the last, epoch seconds.
    pub(crate) fn times(&self) -> Option<(f64, f64)> {
        self.times
    }

    /// Whether they are in the order of time.
    pub(crate) fn is_in_order(&self) -> bool {
        self.in_order
    }

    /// All of them.
    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter {
            rest: &self.bytes,
            logs: &self.logs,
            number: 0,
            before: Before::default(),
        }
    }

    /// Gives the logs other numbers.
    pub(crate) fn renumber_logs(&mut self, number: impl Fn(u32) -> u32) {
        for (_, log) in &mut self.logs {
            *log = number(*log);
        }
    }

    /// Brings them into the order of time; those of one moment keep theirs.
    pub(crate) fn sort(&mut self) {
        if self.in_order {
            return;
        }
        let mut all: Vec<Ticket> = self.iter().collect();
        all.sort_by(|a, b| a.time.total_cmp(&b.time));
        *self = Tickets::default();
        for ticket in all {
            self.push(ticket.id, ticket.time, ticket.place);
        }
    }
}

/// The failures of [`Tickets`].
#[derive(Clone, Debug)]
pub(crate) struct Iter<'t> {
    rest: &'t [u8],
    logs: &'t [(usize, u32)],
    number: usize,
    before: Before,
}

impl Iterator for Iter<'_> {
    type Item = Ticket;

    fn next(&mut self) -> Option<Ticket> {
        let id = take(&mut self.rest)?;
        let way = take(&mut self.rest)?;
        let time = if way & 1 == 1 {
            let way = unzigzag(take(&mut self.rest)?);
            self.before.second = self.before.second.wrapping_add(way);
            self.before.second as f64
        } else {
            let (bits, rest) = self.rest.split_first_chunk()?;
            self.rest = rest;
            f64::from_bits(u64::from_le_bytes(*bits))
        };
        let line = i64::from(self.before.line) + unzigzag(way >> 1);
        self.before.line = u32::try_from(line).ok()?;
        while let [_, (from, _), ..] = self.logs
            && *from <= self.number
        {
            self.logs = &self.logs[1..];
        }
        let (_, log) = self.logs.first()?;
        self.number += 1;
        Some(Ticket {
            id: AddressId(u32::try_from(id).ok()?),
            time,
            attempts: 0,
            place: Place {
                log: *log,
                line: self.before.line,
            },
        })
    }
}

impl<'t> IntoIterator for &'t Tickets {
    type Item = Ticket;
    type IntoIter = Iter<'t>;

    fn into_iter(self) -> Iter<'t> {
        self.iter()
    }
}

/// A time as whole seconds, where it is just that.
fn whole_second(time: f64) -> Option<i64> {
    let whole = time as i64;
    ((whole as f64).to_bits() == time.to_bits()).then_some(whole)
}

/// Small numbers of either sign as small ones.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[inline]
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time() -> impl Strategy<Value = f64> {
        prop_oneof![
            6 => (1_700_000_000i64..1_800_000_000).prop_map(|second| second as f64),
            2 => any::<i64>().prop_map(|second| second as f64),
            2 => any::<u64>().prop_map(f64::from_bits),
            1 => Just(-0.0),
            1 => Just(1_700_000_000.25),
        ]
    }

    fn bits(tickets: impl IntoIterator<Item = Ticket>) -> Vec<(u32, u64, Place)> {
        let tickets = tickets.into_iter();
        tickets
            .map(|ticket| (ticket.id.0, ticket.time.to_bits(), ticket.place))
            .collect()
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(
            given in prop::collection::vec((any::<u32>(), time(), 0u32..3, any::<u32>()), 0..40)
        ) {
            let given: Vec<Ticket> = given
                .into_iter()
                .map(|(id, time, log, line)| Ticket {
                    id: AddressId(id),
                    time,
                    attempts: 0,
                    place: Place { log, line },
                })
                .collect();
            let mut tickets = Tickets::default();
            for ticket in &given {
                tickets.push(ticket.id, ticket.time, ticket.place);
            }
            prop_assert_eq!(tickets.len(), given.len());
            prop_assert_eq!(bits(&tickets), bits(given.iter().copied()));
            let times = given.first().zip(given.last()).map(|(a, b)| (a.time.to_bits(), b.time.to_bits()));
            prop_assert_eq!(tickets.times().map(|(a, b)| (a.to_bits(), b.to_bits())), times);
            let in_order = given.is_sorted_by(|a, b| a.time <= b.time);
            // one alone that is no number is in any order
            prop_assert!(tickets.is_in_order() == in_order || given.len() == 1);
            let mut sorted = given;
            if !in_order {
                sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
            }
            tickets.sort();
            prop_assert_eq!(bits(&tickets), bits(sorted.iter().copied()));
            tickets.renumber_logs(|log| log + 7);
            let moved = sorted.into_iter().map(|mut ticket| {
                ticket.place.log += 7;
                ticket
            });
            prop_assert_eq!(bits(&tickets), bits(moved));
        }
    }

    #[test]
    fn failures_of_a_log_take_few_bytes() {
        let mut tickets = Tickets::default();
        for number in 0..10_000 {
            let time = 1_700_000_000.0 + f64::from(number / 3);
            let place = Place {
                log: 0,
                line: 2 * number,
            };
            tickets.push(AddressId(number * 7919 % 20_000), time, place);
        }
        assert!(tickets.bytes.len() < 10_000 * 6, "{}", tickets.bytes.len());
    }
}
