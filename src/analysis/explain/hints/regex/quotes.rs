//! Quotes: around the whole regex, of another kind than the log's, escaped there (`\"`, in JSON inside
//! of JSON), or no longer in the log.

use super::{Case, Offer};
use crate::pattern::ast::Kind;

const QUOTES: [char; 3] = ['"', '\'', '`'];
/// A quote inside of a text in quotes, and how JSON begins there.
const ESCAPED: &str = r#"\""#;
const NESTED: &str = r#""{\""#;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for quote in QUOTES {
        let around = case
            .source
            .strip_prefix(quote)
            .and_then(|s| s.strip_suffix(quote));
        if let Some(inside) = around {
            all.push(Offer {
                code: "quoted-regex",
                why: format!("the quotes `{quote}` around the regex are asked for in the log"),
                regex: inside.to_string(),
            });
        }
        let places = places(case, quote);
        if places.is_empty() {
            continue;
        }
        for other in QUOTES.into_iter().filter(|other| *other != quote) {
            if case.text.contains(other) {
                all.push(Offer {
                    code: "other-quotes",
                    why: format!("the log writes `{other}`, the regex asks for `{quote}`"),
                    regex: edited(case.source, &places, &other.to_string()),
                });
            }
        }
        // a client may write single ones into its name
        if quote == '"' && case.text.contains(NESTED) {
            all.push(Offer {
                code: "escaped-quotes",
                why: format!("the log writes `{ESCAPED}`, the regex asks for `{quote}`"),
                regex: edited(case.source, &places, r#"\\?""#),
            });
        }
        all.push(Offer {
            code: "no-quotes",
            why: format!("the regex asks for quotes `{quote}` that the log does not write there"),
            regex: edited(case.source, &places, ""),
        });
    }
    all
}

/// The places of a quote among the regex's characters; those in classes are no such.
fn places(case: &Case, quote: char) -> Vec<(usize, usize)> {
    let is_quote = |kind: &Kind| matches!(kind, Kind::Literal(c) if *c == u32::from(quote));
    let nodes = case.tree.nodes().into_iter();
    let mut places: Vec<(usize, usize)> = nodes
        .filter(|node| is_quote(&node.kind))
        .map(|node| (node.span.start, node.span.end))
        .collect();
    places.sort_unstable();
    places
}

fn edited(source: &str, places: &[(usize, usize)], with: &str) -> String {
    let mut text = source.to_string();
    for (start, end) in places.iter().rev() {
        text.replace_range(*start..*end, with);
    }
    text
}
