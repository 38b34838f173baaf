//! What a daemon writes otherwise by the way a client comes: the version of HTTP or of an API, the
//! service of Postfix, the mechanism, the transport, the zone of nginx, how often it was tried, how
//! many bytes were sent, the name of a user where none was known, the address that a machine had
//! once.

use super::tree::replaced;
use super::word::instead_of;
use super::{Case, Offer};
use crate::pattern::Scratch;
use crate::pattern::ast::Span;
use std::net::Ipv4Addr;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let single = [http(case), postfix(case), zone(case)];
    (single.into_iter().flatten())
        .chain(ways(case))
        .chain(numbers(case))
        .chain(dashes(case))
        .chain(api(case))
        .chain(own_address(case))
        .collect()
}

fn span(start: usize, length: usize) -> Span {
    let end = start + length;
    Span { start, end }
}

/// Mechanisms of authentication, transports, and what a router is managed by.
const WAYS: [&[&str]; 3] = [
    &["PLAIN", "LOGIN", "CRAM", "DIGEST", "NTLM", "GSSAPI"],
    &["UDP", "TCP", "TLS", "WS", "WSS"],
    &["ssh", "winbox", "web", "api", "telnet", "ftp", "console"],
];

/// `SASL PLAIN` where the log has `SASL LOGIN`: both are asked for.
fn ways(case: &Case) -> Vec<Offer> {
    let is_part = |c: char| c.is_alphanumeric() || "_\\".contains(c);
    let mut all = Vec::new();
    for (set, way) in WAYS
        .iter()
        .flat_map(|set| set.iter().map(move |way| (set, way)))
    {
        for (start, _) in case.source.match_indices(way) {
            let span = span(start, way.len());
            let is_whole = !case.source[..start].ends_with(is_part)
                && !case.source[span.end..].starts_with(is_part);
            let mut logged = instead_of(case, span).into_iter();
            let logged = logged.find(|logged| set.contains(logged));
            if let Some(logged) = logged.filter(|_| is_whole) {
                let ways = ways_of(case, span, set, logged).join("|");
                all.push(Offer {
                    code: "other-way",
                    why: format!("the client came by `{logged}`, the regex asks for `{way}`"),
                    regex: replaced(case.source, span, &format!("(?:{way}|{ways})")),
                });
            }
        }
    }
    all
}

/// The ways that the lines have at a place of the regex, the one that is known first.
fn ways_of<'c>(case: &'c Case, way: Span, set: &[&str], known: &'c str) -> Vec<&'c str> {
    let mut all = vec![known];
    let ends = case.ends_of(&case.source[..way.start]);
    for (text, end) in ends.into_iter().flatten() {
        let behind = &text[end..];
        let word = behind.split(|c: char| !c.is_alphanumeric()).next();
        let word = word.filter(|word| set.contains(word) && *word != case.tree.text(way));
        all.extend(word.filter(|word| !all.contains(word)));
    }
    all
}

/// What is counted, behind its number.
const COUNTED: [&str; 12] = [
    "attempts", "attempt", "tries", "times", "failures", "failed", "secs", "seconds", "sec", "ms",
    "more", "requests",
];

/// `1 attempts` where the log has `3 attempts`.
fn numbers(case: &Case) -> Vec<Offer> {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut all = Vec::new();
    for spot in case.spots {
        // the regex may give up behind the first digits
        let begin = case.source[..spot.span.start]
            .trim_end_matches(is_digit)
            .len();
        let rest = &case.source[begin..];
        let digits = rest.len() - rest.trim_start_matches(is_digit).len();
        let noun = rest[digits..].trim_start_matches([' ', '\\', 's', '+']);
        let is_counted = COUNTED.iter().any(|word| noun.starts_with(word));
        let is_text = !case.source[..begin].ends_with(['\\', '{', ',', '-', '.']);
        let is_size = is_behind_status(&case.source[..begin]) && !noun.starts_with(['+', '*', '?']);
        if digits > 0 && (is_counted || is_size) && is_text {
            let span = Span {
                start: begin,
                end: begin + digits,
            };
            all.push(Offer {
                code: "other-number",
                why: format!(
                    "the regex asks for `{}`, a number that is another one in other lines",
                    &rest[..digits]
                ),
                regex: replaced(case.source, span, r"\d+"),
            });
        }
    }
    all
}

/// `" 401 `: the number behind the status of a request that was refused is how many bytes were sent.
fn is_behind_status(before: &str) -> bool {
    let status = before
        .strip_suffix(' ')
        .and_then(|rest| rest.rsplit_once("\" "));
    status.is_some_and(|(_, status)| {
        status.len() == 3 && status.starts_with('4') && status.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `<HOST> - - ` where the log has a name in place of a dash.
fn dashes(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for spot in case.spots {
        let start = spot.span.start;
        let rest = &case.source[start..];
        let dash = ["-", r"\-"].into_iter().find(|dash| rest.starts_with(dash));
        let Some(dash) = dash else { continue };
        let span = span(start, dash.len());
        let is_alone =
            case.source[..start].ends_with(' ') && case.source[span.end..].starts_with(' ');
        let logged = case.text.get(spot.at.1..).unwrap_or_default();
        let logged = logged.split(' ').next().unwrap_or_default();
        if is_alone && !logged.is_empty() {
            all.push(Offer {
                code: "other-than-dash",
                why: format!("`-` stands for what is not known, and the log has `{logged}` there"),
                regex: replaced(case.source, span, r"\S+"),
            });
        }
    }
    all
}

/// `/client/r0/login` where the log has `/client/v3/login`: the version of what is called.
fn api(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    let mut start = 0;
    for part in case.source.split('/') {
        let span = span(start, part.len());
        start = span.end + 1;
        let number = part.strip_prefix(['r', 'v']).unwrap_or_default();
        let is_inside = span.start > 0 && span.end < case.source.len();
        if !is_inside || number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let regex = replaced(case.source, span, r"[rv]\d+");
        if case.is_matched_by(&regex) {
            all.push(Offer {
                code: "other-version",
                why: format!("the log has another version than `{part}` in the path"),
                regex,
            });
        }
    }
    all
}

/// `\[<HOST>, 172\.17\.0\.1\]` where the log has `172.18.0.1`: a network of containers, a server that
/// has moved.
fn own_address(case: &Case) -> Vec<Offer> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '\\';
    let mut all = Vec::new();
    let mut behind = 0;
    while let Some(found) = case.source[behind..].find(|c: char| c.is_ascii_digit()) {
        let start = behind + found;
        let rest = &case.source[start..];
        let run = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let run = run.trim_end_matches(['.', '\\']);
        behind = start + run.len();
        let Ok(address) = run.replace('\\', "").parse::<Ipv4Addr>() else {
            continue;
        };
        let regex = replaced(case.source, span(start, run.len()), r"[\d.]+");
        if case.is_matched_by(&regex) {
            all.push(Offer {
                code: "other-address",
                why: format!("the log has another address where the regex asks for {address}"),
                regex,
            });
        }
    }
    all
}

/// `zone "one"` where nginx's configuration names its zone otherwise.
fn zone(case: &Case) -> Option<Offer> {
    const NAME: &str = "zone \"";
    let start = case.source.find(NAME)? + NAME.len();
    let asked = case.source[start..].split('"').next()?;
    let logged = case.text.split(NAME).nth(1)?.split('"').next()?;
    let is_name = |name: &str| {
        let mut chars = name.chars();
        !name.is_empty() && chars.all(|c| c.is_alphanumeric() || "_-".contains(c))
    };
    (asked != logged && is_name(asked) && is_name(logged)).then(|| Offer {
        code: "other-zone",
        why: format!("nginx's zone is `{logged}`, the regex asks for `{asked}`"),
        regex: replaced(case.source, span(start, asked.len()), "[^\"]+"),
    })
}

/// `HTTP/1\.1` where the log has `HTTP/2.0`.
fn http(case: &Case) -> Option<Offer> {
    const NAME: &str = "HTTP/";
    let start = case.source.find(NAME)? + NAME.len();
    let rest = &case.source[start..];
    let is_version = |c: char| c.is_ascii_digit() || r"\.[]|".contains(c);
    let length = rest.find(|c| !is_version(c)).unwrap_or(rest.len());
    let span = span(start, length);
    let asked = (case.compile)(&format!("^{}$", case.source.get(span.start..span.end)?))?;
    let logged = &case.text[case.text.find(NAME)? + NAME.len()..];
    let end = logged.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let logged = &logged[..end];
    let mut scratch = Scratch::default();
    let is_same = asked.is_match(logged, &mut scratch).unwrap_or(true);
    (!is_same && length > 0 && !logged.is_empty()).then(|| Offer {
        code: "http-version",
        why: format!(
            "the client came by `HTTP/{logged}`, the regex asks for `HTTP/{}`",
            &case.source[span.start..span.end]
        ),
        regex: replaced(case.source, span, r"[\d.]+"),
    })
}

/// `postfix/smtpd` where the log has `postfix/submission/smtpd`.
fn postfix(case: &Case) -> Option<Offer> {
    const ASKED: &str = "postfix/smtpd";
    let start = case.source.find(ASKED)?;
    let logged = case.text.split("postfix/").nth(1)?;
    let service = logged.split("/smtpd").next()?;
    let is_name = !service.is_empty() && service.chars().all(|c| c.is_alphanumeric() || c == '-');
    (is_name && service.len() < logged.len()).then(|| Offer {
        code: "postfix-service",
        why: format!("the log writes `postfix/{service}/smtpd`, the regex asks for `{ASKED}`"),
        regex: replaced(
            case.source,
            span(start, ASKED.len()),
            r"postfix/(?:[\w-]+/)?smtpd",
        ),
    })
}
