//! The regex repeats the date, which is cut out of the line before a regex sees it.

use super::{Case, Offer};
use crate::pattern::Scratch;
use crate::pattern::ast::Span;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some((cut_start, cut_end)) = case.cut else {
        return Vec::new();
    };
    let mut offers = amid(case, cut_start, cut_end);
    let tied = case.source.starts_with('^');
    let pieces = case.tree.pieces();
    let mut scratch = Scratch::default();
    // where the date ends, or with what closes its brackets
    const FURTHER: usize = 3;
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

/// Pieces of a regex that a date takes at the most.
const PIECES: usize = 24;

/// The date amid the line: pieces of the regex that match it and nothing else are cut out.
fn amid(case: &Case, cut_start: usize, cut_end: usize) -> Vec<Offer> {
    let pieces = case.tree.pieces();
    let Some(date) = case.line.get(cut_start..cut_end) else {
        return Vec::new();
    };
    let stops_here = |spot: &&super::Spot| spot.at.0 == cut_start || spot.at.1 == cut_start;
    let mut scratch = Scratch::default();
    let mut offers = Vec::new();
    for spot in case.spots.iter().filter(stops_here) {
        let within = |span: Span| span.start <= spot.span.start && spot.span.start < span.end;
        let Some(first) = pieces.iter().position(|piece| within(piece.span)) else {
            continue;
        };
        for last in &pieces[first..pieces.len().min(first + PIECES)] {
            let start = pieces[first].span.start;
            let of_date = &case.source[start..last.span.end];
            let Some(regex) = (case.compile)(of_date) else {
                continue;
            };
            let found = regex.match_at(date, 0, &mut scratch).ok().flatten();
            if found.is_some_and(|found| found.end() == date.len()) {
                let rest = &case.source[last.span.end..];
                offers.push(Offer {
                    code: "date-in-regex",
                    why: format!(
                        "`{of_date}` asks for the date, which is cut out of the line before the \
                         regex sees it"
                    ),
                    regex: format!("{}{rest}", &case.source[..start]),
                });
            }
        }
    }
    offers
}
