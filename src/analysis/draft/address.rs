//! Which address of a line is the client's.

use super::Given;
use crate::analysis::explain::hints::address::{Seen, addresses};
use std::collections::{HashMap, HashSet};

/// Words before the client's address.
const CLIENT: [&str; 17] = [
    "from",
    "client",
    "rhost",
    "rip",
    "remote",
    "source",
    "src",
    "peer",
    "attacker",
    "clientip",
    "clientaddr",
    "remoteip",
    "remoteaddr",
    "srcip",
    "userip",
    "raddr",
    "clienthost",
];
/// Words before an address of the server's own, or of something between.
const SERVER: [&str; 20] = [
    "to",
    "lip",
    "local",
    "server",
    "dst",
    "dest",
    "destination",
    "proxy",
    "upstream",
    "via",
    "forwarded",
    "listen",
    "laddr",
    "hostname",
    "localip",
    "serverip",
    "on",
    "target",
    "backend",
    "version",
];

/// Words of the client's that only say that it is an address.
const KINDS: [&str; 2] = ["ip", "address"];
/// What the words of keys begin with: `RemoteAddress`, `LocalAddress`.
const CLIENTS: [&str; 3] = ["remote", "client", "peer"];
const SERVERS: [&str; 4] = ["local", "server", "dest", "listen"];
/// Words that say what kind an address is, and not whose: `IPV4/UDP/192.0.2.1`.
const PROTOCOLS: [&str; 7] = ["IPV4", "IPV6", "UDP", "TCP", "TLS", "WS", "WSS"];

/// An address of a line, and what speaks for it.
#[derive(Clone, Copy, Debug)]
struct Place {
    seen: Seen,
    score: i32,
}

/// The client's address in each line.
#[derive(Debug)]
pub(super) struct Chosen {
    /// By line, its bytes; None where there is no address.
    pub(super) places: Vec<Option<Seen>>,
    /// A line in which another address might be meant: its number, and its addresses.
    pub(super) unsure: Option<(usize, Vec<String>)>,
}

impl Chosen {
    /// What is not sure.
    pub(super) fn said(&self, lines: &[Given]) -> Option<String> {
        let (line, addresses) = self.unsure.as_ref()?;
        Some(format!(
            "line {} has the addresses {}: nothing says which is the client's; --address N takes \
             the Nth",
            lines[*line].number,
            addresses.join(", ")
        ))
    }
}

/// Chooses the client's address of each line: the `nth` of it, from 1, or the one at the likeliest
/// place.
pub(super) fn choose(lines: &[&str], nth: Option<usize>) -> Chosen {
    let seen: Vec<Vec<Seen>> = lines.iter().map(|line| addresses(line)).collect();
    let mut lines_of: HashMap<std::net::IpAddr, usize> = HashMap::new();
    for line in &seen {
        let own: HashSet<_> = line.iter().map(|seen| seen.ip).collect();
        own.into_iter()
            .for_each(|ip| *lines_of.entry(ip).or_default() += 1);
    }
    // the address of every line is the server's, where others change
    let changes = lines_of.len() > 1;
    let everywhere =
        |seen: &Seen| lines.len() > 2 && changes && lines_of.get(&seen.ip) == Some(&lines.len());
    let mut unsure = None;
    let places = seen.iter().enumerate().map(|(number, of_line)| {
        if let Some(nth) = nth {
            return of_line.get(nth - 1).copied();
        }
        let mut places: Vec<Place> = of_line
            .iter()
            .map(|seen| Place {
                seen: *seen,
                score: score(lines[number], seen) - if everywhere(seen) { 4 } else { 0 },
            })
            .collect();
        resolved(lines[number], &mut places);
        // a stable sort: of equal ones the first
        places.sort_by_key(|place| std::cmp::Reverse(place.score));
        if let [first, second, ..] = places.as_slice()
            && first.seen.ip != second.seen.ip
            && (first.score == second.score || in_list(lines[number], first.seen, of_line))
            && unsure.is_none()
        {
            let texts = of_line
                .iter()
                .map(|s| lines[number][s.start..s.end].to_owned());
            unsure = Some((number, texts.collect()));
        }
        places.first().map(|place| place.seen)
    });
    Chosen {
        places: places.collect(),
        unsure,
    }
}

/// The server's address in the log of an IIS: before the method, and before the client's.
fn is_of_iis(line: &str, seen: &Seen) -> bool {
    let mut words = line[seen.end..].split_whitespace();
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let port = words.nth(1).unwrap_or_default();
    let client = words.nth(1).unwrap_or_default();
    line[seen.end..].starts_with(' ')
        && !method.is_empty()
        && method.bytes().all(|b| b.is_ascii_uppercase())
        && path.starts_with('/')
        && port.parse::<u16>().is_ok()
        && client.parse::<std::net::IpAddr>().is_ok()
}

/// Whether another address stands beside one, with a comma only between: what proxies say of each
/// other.
fn in_list(line: &str, one: Seen, all: &[Seen]) -> bool {
    all.windows(2).any(|two| {
        let between = line.get(two[0].end..two[1].start).map(str::trim);
        two.contains(&one) && two[0].ip != two[1].ip && between == Some(",")
    })
}

/// Of `name (192.0.2.1)` the address in brackets is the client's, also where its name is written like
/// one: whoever has a network says how its addresses are called.
fn resolved(line: &str, places: &mut [Place]) {
    for at in 1..places.len() {
        let (name, address) = (places[at - 1], places[at]);
        let between = line.get(name.seen.end..address.seen.start);
        if name.seen.ip == address.seen.ip
            && between.is_some_and(|between| ["(", " (", "[", " ["].contains(&between))
        {
            places[at].score = name.score.max(address.score) + 1;
        }
    }
}

/// What stands before an address says whose it is.
fn score(line: &str, seen: &Seen) -> i32 {
    let before = &line[..seen.start];
    let mut words = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.chars().all(|c| c.is_ascii_digit()))
        .filter(|word| !PROTOCOLS.contains(word));
    let mut score = 0;
    // the word right before weighs most
    for weight in [4, 2] {
        let Some(word) = words.next() else {
            // a line that begins with an address is a client's
            score += i32::from(weight == 4) * 2;
            break;
        };
        let word = word.to_lowercase();
        // `remote_ip`, `local address`: the word before says whose
        if KINDS.contains(&word.as_str()) {
            score += weight / 2;
            continue;
        }
        if CLIENT.contains(&word.as_str()) || CLIENTS.iter().any(|of| word.starts_with(of)) {
            score += weight;
            break;
        }
        if SERVER.contains(&word.as_str())
            || word != "localhost" && SERVERS.iter().any(|of| word.starts_with(of))
        {
            score -= weight;
            break;
        }
    }
    if is_of_iis(line, seen) {
        score -= 4;
    }
    if seen.ip.is_loopback() {
        score -= 3;
    }
    // `host (what it calls itself) [what it is]`
    score + i32::from(before.ends_with('[')) - i32::from(before.ends_with('('))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(lines: &[&str], nth: Option<usize>) -> Vec<String> {
        let chosen = choose(lines, nth);
        let texts = chosen
            .places
            .iter()
            .zip(lines)
            .map(|(place, line)| match place {
                Some(seen) => line[seen.start..seen.end].to_owned(),
                None => String::new(),
            });
        texts.collect()
    }

    #[test]
    fn the_client_is_told_by_its_place() {
        let line = "login: rip=192.0.2.7, lip=198.51.100.1, proxy 203.0.113.1 for bob";
        assert_eq!(chosen(&[line], None), ["192.0.2.7"]);
        assert_eq!(chosen(&[line], Some(3)), ["203.0.113.1"]);
        assert_eq!(chosen(&[line], Some(4)), [""]);
        let line = "connection to 198.51.100.1 refused: bad key from [192.0.2.7]:22";
        assert_eq!(chosen(&[line], None), ["192.0.2.7"]);
    }

    #[test]
    fn the_server_is_told_by_its_key_or_its_format() {
        let line = r#"Local="IPV4/UDP/198.51.100.1/5060",RemoteAddress="IPV4/UDP/192.0.2.7/22""#;
        assert_eq!(chosen(&[line], None), ["192.0.2.7"]);
        let line = " 198.51.100.1 POST /owa/auth.owa - 443 eve 192.0.2.7 curl/8.5 - 401 1 1 7";
        assert_eq!(chosen(&[line], None), ["192.0.2.7"]);
        let line = "login failed local_address=198.51.100.1 remote_address=192.0.2.7";
        assert_eq!(chosen(&[line], None), ["192.0.2.7"]);
        let list = "login failed from [192.0.2.7, 192.0.2.8]";
        assert!(choose(&[list], None).unsure.is_some());
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let line = "a 192.0.2.7 b 198.51.100.1";
        assert!(choose(&[line], None).unsure.is_some());
        // the one that is always there is the server's
        let lines = ["a 198.51.100.1 b 192.0.2.7", "a 198.51.100.1 b 192.0.2.8"];
        let lines = [lines[0], lines[1], "a 198.51.100.1 b 192.0.2.9"];
        assert_eq!(
            chosen(&lines, None),
            ["192.0.2.7", "192.0.2.8", "192.0.2.9"]
        );
        assert!(choose(&lines, None).unsure.is_none());
    }
}
