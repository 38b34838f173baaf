//! The regex repeats the date, which is cut out of the line before a regex sees it.

use super::{Case, Offer};
use crate::pattern::Scratch;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some((_, cut_end)) = case.cut else {
        return Vec::new();
    };
    let tied = case.source.starts_with('^');
    let pieces = case.tree.pieces();
    let mut scratch = Scratch::default();
    // where the date ends, or with what closes its brackets
    const FURTHER: usize = 3;
    let mut offers = Vec::new();
    for piece in &pieces {
        if piece.node.is_none() {
            break;
        }
        let (head, rest) = case.source.split_at(piece.span.end);
        let begin = if tied {
            head.to_string()
        } else {
            format!("^.{{0,2}}?{head}")
        };
        let Some(regex) = (case.compile)(&begin) else {
            continue;
        };
        let Ok(Some(found)) = regex.match_at(case.line, 0, &mut scratch) else {
            continue;
        };
        let text = &case.line[..found.end()];
        if found.end() < cut_end || !text.bytes().any(|b| b.is_ascii_digit()) {
            continue;
        }
        let rest = rest
            .trim_start_matches(' ')
            .trim_start_matches(r"\s+")
            .trim_start_matches(r"\s*");
        let left = ["[]", "()", "<>"]
            .iter()
            .find(|left| case.text.starts_with(**left));
        let left = left.map_or(String::new(), |left| super::super::prefix::escaped(left));
        let begin = if tied { "^" } else { "" };
        offers.push(Offer {
            code: "date-in-regex",
            why: format!(
                "`{}` asks for the date, which is cut out of the line before the regex sees it",
                head.trim_start_matches('^').trim()
            ),
            regex: format!(r"{begin}{left}\s*{rest}"),
        });
        if offers.len() >= FURTHER {
            break;
        }
    }
    offers
}
