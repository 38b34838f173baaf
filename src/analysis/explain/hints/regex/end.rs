//! `$` where the line goes on: the rest of the line is asked for, too.

use super::super::address::addresses;
use super::{Case, Offer, begin};
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
    let mut rests: Vec<&str> = Vec::new();
    for text in case.texts {
        if let Ok(Some(found)) = regex.search(text, &mut scratch) {
            rests.push(&text[found.end()..]);
        }
    }
    if rests.is_empty() || rests.iter().all(|rest| rest.trim().is_empty()) {
        return Vec::new();
    }
    // what names another may be written by a client
    if rests.iter().any(|rest| !addresses(rest).is_empty()) {
        return Vec::new();
    }
    if case.cut.is_none() && rests.iter().any(|rest| begin::has_date(case, rest)) {
        return Vec::new();
    }
    let why = format!(
        "`$` stands for the end of the line, but `{}` follows",
        crate::analysis::explain::hints::shortened(rests[0].trim(), 60)
    );
    let offer = |regex| Offer {
        code: "text-behind",
        why: why.clone(),
        regex,
    };
    if let Some(common) = begin::common(&rests, false) {
        return vec![offer(format!("{open}{common}$"))];
    }
    // what a client may write in front of the address, it may end with an address of its choice
    let free = [".*", ".+"].iter().any(|free| open.contains(free));
    let blank = rests
        .iter()
        .all(|rest| rest.is_empty() || rest.starts_with(' '));
    if blank && !free {
        vec![offer(format!("{open}(?: .*)?$"))]
    } else {
        Vec::new()
    }
}
