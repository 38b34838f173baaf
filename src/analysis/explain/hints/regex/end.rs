//! `$` where the line goes on: the rest of the line is asked for, too.

use super::super::address::addresses;
use super::outcome::Piece;
use super::{Case, Offer, begin, opened};
use crate::pattern::Scratch;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(open) = case
        .source
        .strip_suffix('$')
        .filter(|open| !open.ends_with('\\'))
    else {
        return Vec::new();
    };
    let Some(regex) = (case.compile)(open) else {
        return Vec::new();
    };
    let mut scratch = Scratch::default();
    let mut rests: Vec<Piece> = Vec::new();
    for text in case.texts {
        if let Ok(Some(found)) = regex.search(text, &mut scratch) {
            let (before, text) = text.split_at(found.end());
            let behind = "";
            rests.push(Piece {
                before,
                text,
                behind,
            });
        }
    }
    if rests.iter().all(|rest| rest.text.trim().is_empty()) {
        return Vec::new();
    }
    // what names another may be written by a client
    if rests.iter().any(|rest| !addresses(rest.text).is_empty()) {
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
    // what a client may write in front of the address, it may end with an address of its choice
    let free = [".*", ".+"].iter().any(|free| open.contains(free));
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
