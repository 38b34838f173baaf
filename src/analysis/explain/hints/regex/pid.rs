//! `shop\[\d+\]:` where the log has no number of the process, `shop:`, or has it otherwise.

use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::Span;

/// Ways to ask for the number.
const NUMBERS: [&str; 4] = [r"\[\d+\]", r"\[[0-9]+\]", r"\[\d*\]", r"\[[0-9]*\]"];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let places = NUMBERS.iter().flat_map(|number| {
        let found = case.source.match_indices(number);
        found.map(|(start, number)| Span {
            start,
            end: start + number.len(),
        })
    });
    places.filter_map(|place| offer(case, place)).collect()
}

fn offer(case: &Case, place: Span) -> Option<Offer> {
    let (before, behind) = (&case.source[..place.start], &case.source[place.end..]);
    let is_of_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let name = &before[before.trim_end_matches(is_of_name).len()..];
    let is_missing = case.text.contains(&format!("{name}:"));
    let rest = behind.strip_prefix(':')?;
    if let Some(regex) = rfc5424(case.text, (before, name, rest)) {
        return Some(regex);
    }
    (!name.is_empty() && is_missing).then(|| Offer {
        code: "no-process-number",
        why: format!(
            "the log has no number of a process behind `{name}`, for which the regex asks"
        ),
        regex: replaced(case.source, place, r"(?:\[\d+\])?"),
    })
}

/// `shop 71 - - `: the number of the process, the id of the message and the structured data, as
/// RFC 5424 has them behind the name.
fn rfc5424(text: &str, (before, name, rest): (&str, &str, &str)) -> Option<Offer> {
    let behind = text.split_once(&format!(" {name} "))?.1;
    let mut words = behind.splitn(3, ' ');
    let (number, id) = (words.next()?, words.next()?);
    let is_number = number == "-" || number.bytes().all(|b| b.is_ascii_digit());
    let data = words.next().filter(|data| data.starts_with(['-', '[']));
    let logged = format!("{name} {number} {id} {}", &data?[..1]);
    (!name.is_empty() && is_number).then(|| Offer {
        code: "rfc-5424",
        why: format!("the lines are of RFC 5424, `{logged}`, and the regex asks for `{name}[…]:`"),
        regex: format!(r"{before} \S+ \S+ (?:-|\[[^\]]*\]){rest}"),
    })
}
