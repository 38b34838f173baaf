//! A regex asks in front for what the text has not: the prefregex has taken it, or the log is the
//! daemon's own file, without the host and daemon of syslog.

use super::super::words::is_told_by_words;
use super::{Case, Offer};

/// Begins that are left out one after the other, at most.
const MOST: usize = 12;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(begin) = case.source.strip_prefix('^') else {
        return Vec::new();
    };
    let pieces = case.tree.pieces();
    let blanks = pieces.iter().filter(|piece| {
        let text = case.tree.text(piece.span);
        // a blank behind a sign goes with it
        let behind = &case.source[piece.span.end..];
        let ends = !behind.starts_with(' ') && !behind.starts_with(r"\s");
        (ends || text.starts_with([' ', '\\']))
            && [" ", r"\s", r"\s+", r"\s*", ",", ";", ":"].contains(&text)
            && piece.span.start > 0
    });
    for blank in blanks.take(MOST) {
        let (left_out, rest) = (
            &case.source[1..blank.span.end],
            &case.source[blank.span.end..],
        );
        if !is_told_by_words(rest) || names_status(left_out) {
            break;
        }
        // a blank that the date leaves stays
        let kept = if case.text.starts_with(' ') {
            r"\s*"
        } else {
            ""
        };
        let regex = format!("^{kept}{rest}");
        if case.is_matched_by(&regex) && left_out.trim() != begin.trim() {
            return vec![Offer {
                code: "not-in-front",
                why: format!(
                    "the regex asks for `{}` in front, which stands not there (a prefregex takes \
                     it, or the log is not syslog's)",
                    left_out.trim()
                ),
                regex,
            }];
        }
    }
    Vec::new()
}

/// Whether a part of a regex asks for the status of a request, which says which requests are meant:
/// `404`, `4\d\d`, `[45]\d\d`.
fn names_status(left_out: &str) -> bool {
    let mut places = left_out.match_indices(['4', '5']);
    places.any(|(at, class)| {
        let behind = &left_out[at + class.len()..];
        let mut digits = behind.bytes().take_while(u8::is_ascii_digit);
        digits.nth(1).is_some() || behind.trim_start_matches(['5', ']']).starts_with(r"\d\d")
    })
}
