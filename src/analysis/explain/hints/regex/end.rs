//! `$` where the line goes on: the rest of the line is asked for, too.

use super::super::words::tells_failure;
use super::outcome::Piece;
use super::tree::has_wildcard;
use super::{Case, Offer, begin, opened};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(open) = case
        .source
        .strip_suffix('$')
        .filter(|open| !open.ends_with('\\'))
    else {
        return Vec::new();
    };
    let Some(ends) = case.ends_of(open) else {
        return Vec::new();
    };
    let rests = ends.map(|(text, end)| Piece {
        before: &text[..end],
        text: &text[end..],
        behind: "",
    });
    let rests: Vec<Piece> = rests.collect();
    if rests.iter().all(|rest| rest.text.trim().is_empty()) {
        return Vec::new();
    }
    // what names another may be written by a client
    if rests.iter().any(Piece::names_another) {
        return Vec::new();
    }
    if case.cut.is_none() && rests.iter().any(|rest| begin::has_date(case, rest.text)) {
        return Vec::new();
    }
    if let Some(opened) = opened::failing(case, &rests, false) {
        return vec![offer(
            opened.example,
            &opened.left_out(),
            format!("{open}{}$", opened.regex),
        )];
    }
    if rests.iter().all(is_reason) {
        return vec![offer(rests[0].text, "", format!(r"{open}\s+\([^()]*\)$"))];
    }
    // what a client may write in front of the address, it may end with an address of its choice
    let free = has_wildcard(open);
    let is_blank = |rest: &Piece| rest.text.is_empty() || rest.text.starts_with(' ');
    if free || !rests.iter().all(is_blank) {
        return Vec::new();
    }
    if let Some(opened) = opened::failing_begin(case, &rests) {
        return vec![offer(
            opened.example,
            &opened.left_out(),
            format!("{open}{}$", opened.regex),
        )];
    }
    if opened::are_alike(&rests) {
        vec![offer(rests[0].text, "", format!("{open}(?: .*)?$"))]
    } else {
        Vec::new()
    }
}

/// ` (User not found)`: why somebody was turned away, which is no text of his.
fn is_reason(rest: &Piece) -> bool {
    let inside = rest
        .text
        .strip_prefix(" (")
        .and_then(|text| text.strip_suffix(')'));
    inside.is_some_and(|reason| {
        tells_failure(reason)
            && reason
                .chars()
                .all(|c| c.is_alphabetic() || " '-".contains(c))
    })
}

fn offer(rest: &str, others: &str, regex: String) -> Offer {
    Offer {
        code: "text-behind",
        why: format!(
            "`$` stands for the end of the line, but `{}` follows{others}",
            crate::analysis::explain::hints::shortened(rest.trim(), 60)
        ),
        regex,
    }
}
