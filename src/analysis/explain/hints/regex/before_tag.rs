//! Text that the log has right before the address, where the regex goes on with its tag.

use super::super::address::{ADDRESS_TAGS, addresses};
use super::super::sides::{Side, side};
use super::outcome::Piece;
use super::tree::{has_wildcard, tag_length};
use super::{Case, Offer, begin, opened};
use crate::pattern::Scratch;

/// Bytes of such a text: what is farther away is told of something else.
const LONGEST: usize = 40;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let places = case.spots.iter().map(|spot| spot.span.start);
    places.filter_map(|at| inserted(case, at)).collect()
}

fn inserted(case: &Case, at: usize) -> Option<Offer> {
    let (open, rest) = (case.source.get(..at)?, case.source.get(at..)?);
    let tag = &rest[..tag_length(rest)?];
    let is_tag = ADDRESS_TAGS.contains(&tag);
    // a blank or a sign leads to the text; in front of all, and behind `.*`, it is a client's
    let is_led = open.ends_with([' ', ':', '=', '"', '\'']) && open.len() > 3;
    if !is_tag || !is_led || has_wildcard(open) {
        return None;
    }
    let goes_on = (case.compile)(&format!("^(?:{rest})"))?;
    let mut scratch = Scratch::default();
    let mut pieces: Vec<Piece> = Vec::new();
    for (text, end) in case.ends_of(open)? {
        let (before, behind) = text.split_at(end);
        let Some(seen) = addresses(behind).into_iter().next() else {
            continue;
        };
        let line = format!("{}\n", &behind[seen.start..]);
        if !goes_on.is_match(&line, &mut scratch).unwrap_or(false) {
            continue;
        }
        // of two the first may be the server's
        let whole = addresses(text);
        let place = whole.iter().find(|place| place.start == end + seen.start)?;
        if whole.len() > 1 && side(text, place) <= Some(Side::Server) {
            return None;
        }
        let piece = &behind[..seen.start];
        // what ends in a letter or a quote is a name, or quotes one
        let is_apart = piece.ends_with([' ', ']', ')', ':', '@', '/']);
        let is_short = (1..=LONGEST).contains(&piece.len());
        if !is_apart || !is_short || piece.contains(['"', '\'']) || begin::has_date(case, piece) {
            return None;
        }
        let behind = &behind[seen.start..];
        pieces.push(Piece {
            before,
            text: piece,
            behind,
        });
    }
    let opened = opened::failing(case, &pieces, false)?;
    Some(Offer {
        code: "text-between",
        why: format!(
            "the log has `{}` in front of the address{}",
            opened.example.trim(),
            opened.left_out()
        ),
        regex: format!("{open}{}{rest}", opened.regex),
    })
}
