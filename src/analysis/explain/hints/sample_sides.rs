//! Whose the addresses of a line are, as the whole sample tells: by the names of the log's columns, by
//! which of them stand in lines that are no failures, too, or in every line.

use super::address::{Seen, addresses, is_private};
use super::sides::{Meaning, Side, meaning, side};
use super::trial::Trial;
use super::{Search, words};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Addresses of a line that is looked at.
const MOST_ADDRESSES: usize = 32;

/// What the sample tells of the addresses in the lines that count.
pub(super) struct Sides {
    /// The sides of the log's columns, where it names them.
    columns: Vec<Option<Side>>,
    /// Commas part the columns, not blanks.
    by_commas: bool,
    /// Addresses of lines that are no failures.
    bystanders: BTreeSet<IpAddr>,
    /// Addresses of lines that do not count.
    elsewhere: BTreeSet<IpAddr>,
    /// Of the addresses of each line that counts, the one that is the client's.
    place: Option<usize>,
    /// Addresses in every line that counts, where others change.
    everywhere: BTreeSet<IpAddr>,
    /// How many different addresses the others are.
    others: usize,
}

/// So many different addresses beside one that is in every line are clients' of one server.
const MANY: usize = 3;

impl Sides {
    pub(super) fn of(search: &Search) -> Sides {
        let sampled = &search.evidence.lines;
        let counting = counting(&search.now);
        let texts = counting
            .iter()
            .map(|&at| search.now.lines[at].text.as_str());
        let seen: Vec<Vec<Seen>> = texts.map(addresses).collect();
        let is_quiet =
            |at: &usize| !search.now.lines[*at].counts && !words::tells_failure(&sampled[*at].text);
        let of_lines = |those: &dyn Fn(&usize) -> bool| -> BTreeSet<IpAddr> {
            let lines = (0..sampled.len()).filter(those);
            let all = lines.flat_map(|at| addresses(&sampled[at].text));
            all.map(|seen| seen.ip).collect()
        };
        let bystanders = of_lines(&is_quiet);
        let mut lines_of: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for line in &seen {
            let own: BTreeSet<IpAddr> = line.iter().map(|seen| seen.ip).collect();
            own.into_iter()
                .for_each(|ip| *lines_of.entry(ip).or_default() += 1);
        }
        let is_everywhere = |ip: &IpAddr| seen.len() > 1 && lines_of[ip] == seen.len();
        let (everywhere, others): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) =
            lines_of.keys().partition(|ip| is_everywhere(ip));
        let header = search.evidence.columns.as_deref().unwrap_or_default();
        Sides {
            columns: column_sides(header),
            by_commas: header.contains(','),
            place: client_place(&seen, &bystanders),
            bystanders,
            elsewhere: of_lines(&|at| !search.now.lines[*at].counts),
            everywhere,
            others: others.len(),
        }
    }

    /// Whether an address is in every line that counts.
    pub(super) fn is_everywhere(&self, ip: IpAddr) -> bool {
        self.everywhere.contains(&ip)
    }

    /// Whether an address that is in every line that counts meets so many others, or stands in
    /// other lines, too, that it is no client's.
    pub(super) fn is_common(&self, ip: IpAddr) -> bool {
        self.others >= MANY || self.others > 1 && self.elsewhere.contains(&ip)
    }

    /// The side of an address of a line: what the line says of it, or the header of its column.
    pub(super) fn side(&self, search: &Search, at: usize, seen: &Seen) -> Option<Side> {
        let line = &search.evidence.lines[at].text;
        let place = (!self.columns.is_empty())
            .then(|| {
                addresses(line)
                    .into_iter()
                    .find(|other| other.ip == seen.ip)
            })
            .flatten();
        let of_column = place.and_then(|place| {
            let before = &line[..place.start];
            let column = match self.by_commas {
                true => before.matches(',').count(),
                false => {
                    let is_inside = !before.ends_with(char::is_whitespace);
                    let words = before.split_whitespace().count();
                    words.saturating_sub(usize::from(is_inside))
                }
            };
            *self.columns.get(column)?
        });
        of_column.or_else(|| side(&search.now.lines[at].text, seen))
    }

    /// The addresses of a line that may be the client's: those that are said to be, or else those
    /// of which nothing says that they are not.
    pub(super) fn clients(&self, search: &Search, at: usize) -> Vec<Seen> {
        let text = &search.now.lines[at].text;
        let mut all = addresses(text);
        all.truncate(MOST_ADDRESSES);
        let sides: Vec<Option<Side>> = (all.iter())
            .map(|seen| self.side(search, at, seen))
            .collect();
        let best = sides.iter().flatten().max().copied();
        let told = best.filter(|side| *side != Side::Server);
        let mut clients: Vec<Seen> = match (told, self.place) {
            (None, Some(place)) if sides.iter().all(Option::is_none) => {
                all.get(place).copied().into_iter().collect()
            }
            _ => (all.iter().zip(&sides))
                .filter(|(_, side)| **side == told)
                .map(|(seen, _)| *seen)
                .collect(),
        };
        let proxies = proxies(text, &all);
        clients.retain(|seen| !proxies.contains(seen));
        if clients.iter().any(|seen| !self.is_own(seen.ip)) {
            clients.retain(|seen| !self.is_own(seen.ip));
        }
        clients
    }

    /// Whether it is the address of this machine, or of a proxy: it is in every line, and others
    /// change. One client may meet a server of two addresses, though.
    fn is_own(&self, ip: IpAddr) -> bool {
        let is_known = is_private(ip) || self.bystanders.contains(&ip) || self.others >= MANY;
        self.is_everywhere(ip) && is_known
    }
}

fn counting(trial: &Trial) -> Vec<usize> {
    let counts = |at: &usize| trial.lines[*at].counts && !trial.lines[*at].ids.is_empty();
    (0..trial.lines.len()).filter(counts).collect()
}

/// `#Fields: date time s-ip c-ip`, `#Fields: date-time,local-endpoint,remote-endpoint`: which
/// columns are whose.
fn column_sides(header: &str) -> Vec<Option<Side>> {
    let side_of = |name| match meaning(name) {
        Meaning::Of(side) => Some(side),
        _ => None,
    };
    let names = header
        .split_once(char::is_whitespace)
        .map_or("", |(_, names)| names);
    let names = names
        .split([',', ' ', '\t'])
        .filter(|name| !name.is_empty());
    names.map(side_of).collect()
}

/// The place among the addresses of a line whose addresses stand in failures alone, where all
/// others of its places have such that stand elsewhere, too: the machine's own.
fn client_place(seen: &[Vec<Seen>], bystanders: &BTreeSet<IpAddr>) -> Option<usize> {
    let places = seen.first()?.len();
    if places < 2 || seen.iter().any(|line| line.len() != places) {
        return None;
    }
    let is_client = |place: &usize| {
        seen.iter()
            .all(|line| !bystanders.contains(&line[*place].ip))
    };
    let mut clients = (0..places).filter(is_client);
    clients.next().filter(|_| clients.next().is_none())
}

/// The proxies behind the client they speak for: `192.0.2.1, 10.0.0.7, 10.0.0.9`.
fn proxies(text: &str, all: &[Seen]) -> Vec<Seen> {
    let mut proxies = Vec::new();
    let mut is_led = false;
    for (nth, seen) in all.iter().enumerate() {
        let before = nth.checked_sub(1).map(|before| all[before].end);
        let follows = before.is_some_and(|end| text[end..seen.start].trim() == ",");
        if !follows {
            is_led = !is_private(seen.ip);
        } else if is_led && is_private(seen.ip) {
            proxies.push(*seen);
        }
    }
    proxies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_stand_behind_the_client_they_speak_for() {
        let text = "192.0.2.7, 10.0.0.7, 10.0.0.9 10.0.0.1";
        let all = addresses(text);
        assert_eq!(proxies(text, &all), all[1..3]);
    }
}
