//! How often a piece may stand, written so that Python takes it for text or for a class: `\d{1, 3}`
//! with a blank, `\d{3` without its end, `\d[1,3]`.

use super::{Case, Offer};
use regex::Regex;
use std::sync::LazyLock;

/// What is repeated: an escape such as `\d`, a class, a group, any character.
const PIECE: &str = r"(\\[dswDSW]|\]|\)|\.)";

/// How it is written wrongly; the numbers are the groups behind the first.
static WRITTEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let kinds = [
        // blanks
        r"\{ *([0-9]*)( *, *)([0-9]*) *\}",
        // no end
        r"\{([0-9]+)(,?)([0-9]*)(?:[^0-9,}]|$)",
        // brackets of another kind
        r"\[([0-9]+)(,)([0-9]*)\]",
        r"\(([0-9]+)(,)([0-9]*)\)",
    ];
    let all = kinds
        .iter()
        .filter_map(|kind| Regex::new(&format!("{PIECE}{kind}")).ok());
    all.collect()
});

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for regex in WRITTEN.iter() {
        for found in regex.captures_iter(case.source) {
            let group = |n: usize| found.get(n).map_or("", |group| group.as_str());
            let comma = if group(3).contains(',') { "," } else { "" };
            let right = format!("{{{}{comma}{}}}", group(2), group(4));
            let (Some(piece), Some(last)) = (found.get(1), found.get(4)) else {
                continue;
            };
            // up to the sign that closes it, where there is one
            let closing = case.source[last.end()..].trim_start_matches(' ');
            let is_closed = closing.starts_with(['}', ']', ')']);
            let end = if is_closed {
                case.source.len() - closing.len() + 1
            } else {
                last.end()
            };
            let written = &case.source[piece.end()..end];
            if written == right {
                continue;
            }
            all.push(Offer {
                code: "not-a-quantifier",
                why: format!("`{written}` is not read as a number of times, which is `{right}`"),
                regex: format!(
                    "{}{right}{}",
                    &case.source[..piece.end()],
                    &case.source[end..]
                ),
            });
        }
    }
    all
}
