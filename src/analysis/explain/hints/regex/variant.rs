//! What a daemon writes otherwise by the way a client comes: the version of HTTP, the service of
//! Postfix.

use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::Scratch;
use crate::pattern::ast::Span;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    http(case).into_iter().chain(postfix(case)).collect()
}

/// `HTTP/1\.1` where the log has `HTTP/2.0`.
fn http(case: &Case) -> Option<Offer> {
    const NAME: &str = "HTTP/";
    let start = case.source.find(NAME)? + NAME.len();
    let rest = &case.source[start..];
    let is_version = |c: char| c.is_ascii_digit() || r"\.[]|".contains(c);
    let length = rest.find(|c| !is_version(c)).unwrap_or(rest.len());
    let span = Span {
        start,
        end: start + length,
    };
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
            Span {
                start,
                end: start + ASKED.len(),
            },
            r"postfix/(?:[\w-]+/)?smtpd",
        ),
    })
}
