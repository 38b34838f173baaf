//! What stands at an address with nothing between, and is not reckoned with: a port behind it, which
//! of an IPv6 address looks like one more part, or quotes around it.

use super::super::address::{ADDRESS_TAGS, addresses};
use super::super::prefix::escaped;
use super::{Case, Offer};

/// What an address may stand between; square brackets its tag takes by itself.
const PAIRS: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('<', '>'), ('(', ')'), ('{', '}')];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let port = case.texts.iter().find_map(|text| port(text));
    let pair = case.texts.iter().find_map(|text| pair(text));
    let mut all: Vec<Offer> = absent(case).into_iter().collect();
    for tag in ADDRESS_TAGS {
        for (at, _) in case.source.match_indices(tag) {
            let (before, rest) = (&case.source[..at], &case.source[at + tag.len()..]);
            if let Some(port) = port
                && !rest.starts_with(begin_of(port))
                && !rest.starts_with("(?:")
            {
                // `[192.0.2.1]:25`: the port follows the bracket that the regex asks for
                let bracket = [r"\]", "]"].iter().find(|sign| rest.starts_with(**sign));
                let closed = bracket
                    .filter(|_| bracketed(case))
                    .map_or(0, |sign| sign.len());
                let (bracket, rest) = rest.split_at(closed);
                all.push(Offer {
                    code: "port-behind",
                    why: format!("the port `{port}` follows the address at once"),
                    regex: format!("{before}{tag}{bracket}{}{rest}", asked_as(port)),
                });
            }
            if let Some((open, close)) = pair
                && !before.ends_with(open)
            {
                let (first, last) = (escaped(&open.to_string()), escaped(&close.to_string()));
                all.push(Offer {
                    code: "signs-around",
                    why: format!("the address stands between `{open}` and `{close}`"),
                    regex: format!("{before}{first}{tag}{last}{rest}"),
                });
            }
        }
    }
    all
}

/// `\[<HOST>\]:\d+` where a line has no port: it is asked for where it is there, with the address that
/// Exim was asked at (`I=[192.0.2.1]:25`).
fn absent(case: &Case) -> Option<Offer> {
    const INTERFACE: (&str, &str) = (r" I=\[", r"\]:\d+");
    if port(case.text).is_some() {
        return None;
    }
    let mut tags = ADDRESS_TAGS.iter().filter_map(|tag| {
        let at = case.source.find(tag)? + tag.len();
        Some(case.source.split_at(at))
    });
    let (before, rest) = tags.next()?;
    let bracket = [r"\]", "]"].iter().find(|sign| rest.starts_with(**sign));
    let (bracket, rest) = rest.split_at(bracket.map_or(0, |sign| sign.len()));
    let port = [r":\d+", r"\:\d+", r"#\d+", ":[0-9]+"]
        .into_iter()
        .find(|port| rest.starts_with(port))?;
    let behind = &rest[port.len()..];
    let interface = behind
        .starts_with(INTERFACE.0)
        .then(|| behind.find(INTERFACE.1).map(|at| at + INTERFACE.1.len()));
    let (asked, rest) = rest.split_at(port.len() + interface.flatten().unwrap_or(0));
    let regex = format!("{before}{bracket}(?:{asked})?{rest}");
    case.is_matched_by(&regex).then(|| Offer {
        code: "port-not-there",
        why: format!("the regex asks for `{asked}` behind the address, which not every line has"),
        regex,
    })
}

/// The port glued to an address of a line, with its sign; with its brackets, as PostgreSQL writes
/// `192.0.2.1(51234)`.
fn port(text: &str) -> Option<&str> {
    addresses(text).iter().find_map(|seen| {
        let rest = &text[seen.end..];
        let rest = rest.strip_prefix(']').unwrap_or(rest);
        let digits = rest.strip_prefix([':', '#', '('])?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let close = if rest.starts_with('(') { ")" } else { "" };
        let is_port = (1..=5).contains(&length) && digits[length..].starts_with(close);
        is_port.then(|| &rest[..1 + length + close.len()])
    })
}

/// The regex for a port with its sign.
fn asked_as(port: &str) -> String {
    if port.starts_with('(') {
        r"\(\d+\)".into()
    } else {
        format!(r"{}\d+", &port[..1])
    }
}

/// How a regex goes on that asks for a port with this sign.
fn begin_of(port: &str) -> &'static str {
    match &port[..1] {
        "(" => r"\(",
        "#" => r"#\d",
        _ => r":\d",
    }
}

/// Whether the port of a line stands behind a bracket that closes.
fn bracketed(case: &Case) -> bool {
    let closes = |text: &&str| {
        let mut all = addresses(text).into_iter();
        all.any(|seen| text[seen.end..].starts_with("]:") || text[seen.end..].starts_with("]#"))
    };
    case.texts.iter().any(closes)
}

/// The signs an address of a line stands between.
fn pair(text: &str) -> Option<(char, char)> {
    addresses(text).iter().find_map(|seen| {
        let open = text[..seen.start].chars().next_back()?;
        let close = text[seen.end..].chars().next()?;
        PAIRS.iter().copied().find(|pair| *pair == (open, close))
    })
}
