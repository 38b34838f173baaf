//! Whose an address of a line is: the client's, or one that the client spoke to. The word before it
//! tells (`SRC=`, `to`, `RemoteAddress="IPV4/UDP/`). What the other lines tell is in
//! [`super::sample_sides`].

use super::address::{Seen, addresses, parsed};

/// The end of a connection an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// What was asked for, or was in between.
    Server,
    /// Who asked.
    Client,
    /// Who asked, as a proxy tells it: `X-Forwarded-For`.
    Forwarded,
}

/// Words for who asked; `s` and `c` are those of `s-ip` and `c-ip`.
const CLIENT: [&str; 18] = [
    "from", "client", "src", "source", "c", "rip", "rhost", "raddr", "peer", "remote", "saddr",
    "orig", "origin", "caller", "attacker", "offender", "sender", "visitor",
];
/// Words for who asked, said by a proxy.
const FORWARDED: [&str; 4] = ["forwarded", "xff", "real", "realip"];
/// Words for what was asked for, or is in between.
const SERVER: [&str; 37] = [
    "to",
    "dst",
    "dest",
    "destination",
    "into",
    "toward",
    "towards",
    "server",
    "s",
    "r",
    "lip",
    "lhost",
    "laddr",
    "daddr",
    "dip",
    "local",
    "target",
    "upstream",
    "backend",
    "listen",
    "listener",
    "listening",
    "bind",
    "bound",
    "proxy",
    "gateway",
    "relay",
    "via",
    "vhost",
    "on",
    "resp",
    "node",
    "responder",
    "virtual",
    "interface",
    // who a mail client says that it is, which is often this server
    "helo",
    "ehlo",
];
/// Words that say nothing of it.
const NEUTRAL: [&str; 27] = [
    "ip", "ips", "ipv4", "ipv6", "ip4", "ip6", "inet", "inet6", "af", "address", "addr", "network",
    "host", "hostname", "udp", "tcp", "tls", "ssl", "http", "https", "ws", "wss", "the", "unknown",
    "machine", "for", "endpoint",
];
/// Ends of words that say nothing of it: `clientip`, `dstaddr`.
const ENDS: [&str; 4] = ["address", "addr", "host", "ip"];

/// Characters before an address in which a URL begins.
const FAR: usize = 200;
/// Words looked at before an address.
const WORDS_BEFORE: usize = 4;
/// Signs that may stand between such words.
const JOINTS: &str = " \t=:\"'<>([{/@\\";

/// What stands around an address tells its side.
pub(super) fn side(line: &str, seen: &Seen) -> Option<Side> {
    let before = &line[..seen.start];
    // as Exim writes the address that a client came to
    let is_interface = before.ends_with(" I=[");
    if is_interface || is_led_by_arrow(before) || is_asked_for(before) {
        return Some(Side::Server);
    }
    if is_followed_by_arrow(&line[seen.end..]) {
        return Some(Side::Client);
    }
    let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut rest = before;
    for nth in 0..WORDS_BEFORE {
        let word_end = rest.trim_end_matches(|c| JOINTS.contains(c)).len();
        let gap = &rest[word_end..];
        let word_start = rest[..word_end].trim_end_matches(is_part).len();
        let word = rest[word_start..word_end].trim_matches(['-', '.', '_']);
        // two quotes with a blank between are the end of one field and the begin of another
        let is_joint = !gap.contains("\" \"") && !gap.contains("' '");
        if word.is_empty() || !is_joint || gap.matches(['"', '\'']).count() > 3 {
            return None;
        }
        match meaning(word) {
            Meaning::Of(side) => return Some(side),
            Meaning::Neutral => {}
            // `outside:192.0.2.1`, `mail.example.org[192.0.2.1]`: the word before is asked
            Meaning::Unknown => {
                let is_glued = nth == 0 && !gap.contains(char::is_whitespace);
                let is_name = word.contains('.') && word.contains(char::is_alphabetic);
                if !is_name && (!is_glued || gap.contains(['=', '"'])) {
                    return None;
                }
            }
        }
        rest = &rest[..word_start];
    }
    None
}

/// `-> 192.0.2.1`.
fn is_led_by_arrow(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '[', '"']);
    ["->", "=>", "→"]
        .iter()
        .any(|arrow| before.ends_with(arrow))
}

/// `192.0.2.1:5000 -> `; the bracket of `<[192.0.2.1]>` is none.
fn is_followed_by_arrow(behind: &str) -> bool {
    let arrow = behind.trim_start_matches(|c: char| c.is_ascii_digit() || ":/]#\" ".contains(c));
    let is_apart = behind[..behind.len() - arrow.len()].ends_with(' ');
    if arrow.starts_with('>') && !is_apart {
        return false;
    }
    let behind = arrow.trim_start_matches('-');
    [">", "=>", "→"].iter().any(|head| behind.starts_with(head))
}

/// `CONNECT 192.0.2.1:443`, `http://192.0.2.1/`, `sip:100@192.0.2.1`: whom a request is for.
fn is_asked_for(before: &str) -> bool {
    let near = before.char_indices().rev().nth(FAR);
    let before = &before[near.map_or(0, |(at, _)| at)..];
    let is_end = |c: char| c.is_whitespace() || "\"'<>()".contains(c);
    let run = &before[before.trim_end_matches(|c| !is_end(c)).len()..];
    let authority = run.trim_end_matches('[').rsplit_once("://");
    let is_url = authority.is_some_and(|(scheme, user)| {
        !user.contains('/')
            && !["tcp", "udp", "tls", "ssl"]
                .iter()
                .any(|s| scheme.ends_with(s))
    });
    let is_sip = run.ends_with('@') && (run.contains("sip:") || run.contains("sips:"));
    let method = before.trim_end_matches([' ', '[']);
    is_url || is_sip || method.ends_with("CONNECT") && method.len() < before.len()
}

pub(super) enum Meaning {
    Of(Side),
    Neutral,
    Unknown,
}

/// What a word or the name of a field says: of `remote_server_ip` the last that says something.
pub(super) fn meaning(word: &str) -> Meaning {
    let parts = parts(word);
    for part in parts.iter().rev() {
        match meaning_of_part(part, parts.len()) {
            Meaning::Of(side) => return Meaning::Of(side),
            Meaning::Neutral => {}
            Meaning::Unknown => return Meaning::Unknown,
        }
    }
    Meaning::Neutral
}

fn meaning_of_part(part: &str, parts: usize) -> Meaning {
    if NEUTRAL.contains(&part) {
        return Meaning::Neutral;
    }
    let cut = |end: &&str| part.strip_suffix(*end).filter(|rest| rest.len() > 2);
    let stem = ENDS.iter().find_map(cut);
    for word in [Some(part), stem].into_iter().flatten() {
        // a letter is a word where another part stands beside it: `c-ip`
        if word.len() == 1 && parts == 1 {
            continue;
        }
        if FORWARDED.contains(&word) {
            return Meaning::Of(Side::Forwarded);
        }
        if CLIENT.contains(&word) {
            return Meaning::Of(Side::Client);
        }
        if SERVER.contains(&word) {
            return Meaning::Of(Side::Server);
        }
    }
    Meaning::Unknown
}

/// The words a name is made of, in small letters: `src_ip`, `RemoteAddress`, `id.orig_h`.
fn parts(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in word.chars() {
        let is_sign = !c.is_alphanumeric();
        if is_sign || c.is_uppercase() && was_small {
            parts.push(String::new());
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
        if !is_sign && let Some(last) = parts.last_mut() {
            last.extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The address an id names, where it stands in the line.
pub(super) fn place_of(text: &str, id: &str) -> Option<Seen> {
    let ip = parsed(id)?;
    addresses(text).into_iter().find(|seen| seen.ip == ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(line: &str) -> Vec<Option<Side>> {
        addresses(line)
            .iter()
            .map(|seen| side(line, seen))
            .collect()
    }

    #[test]
    fn the_word_before_an_address_tells_its_side() {
        let (client, server) = (Some(Side::Client), Some(Side::Server));
        for line in [
            "DROP IN=eth1 SRC=192.0.2.7 DST=198.51.100.1 PROTO=TCP",
            "block from 192.0.2.7 to 198.51.100.1",
            "tcp 192.0.2.7:5000 -> 198.51.100.1:22 denied",
            "rip=192.0.2.7, lip=198.51.100.1",
            "RCPT from unknown[192.0.2.7]: helo=<[198.51.100.1]>",
            "from a.example.net[192.0.2.7]:41 relay=b.example.net[198.51.100.1]:25",
            "src outside:192.0.2.7/51000 dst inside:198.51.100.1/22",
            r#"{"src_ip":"192.0.2.7","dest_ip":"198.51.100.1"}"#,
            r#"clientip="192.0.2.7" LocalAddress="IPV4/UDP/198.51.100.1/5060""#,
        ] {
            assert_eq!(sides(line), [client, server], "{line}");
        }
        assert_eq!(
            sides("192.0.2.7 DENIED/407 CONNECT 198.51.100.1:443 http://198.51.100.2/"),
            [None, server, server]
        );
        assert_eq!(
            sides(r#"192.0.2.7 "GET / HTTP/1.1" 404 5 "-" x-forwarded-for="192.0.2.9""#),
            [None, Some(Side::Forwarded)]
        );
        assert_eq!(sides("to anna, 192.0.2.7 (to) 192.0.2.8"), [None, None]);
    }
}
