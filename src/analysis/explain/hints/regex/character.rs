//! A blank, a quote or another sign too many, too few, or another one, where the regex gave up.

use super::super::prefix::escaped;
use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::{Category, ClassItem, Kind, Node, Span};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for spot in case.spots {
        let mut places = vec![spot.at.1, spot.at.0];
        places.dedup();
        for at in places {
            let Some(rest) = case.text.get(at..) else {
                continue;
            };
            inserted(case, spot.span.start, rest, &mut all);
            if let Some(token) = case
                .tree
                .token_at(spot.span.start)
                .filter(|node| is_sign(node))
            {
                replaced_or_left_out(case, token, rest, &mut all);
            }
        }
        // the walk may have gone on beyond what is too much
        if let Some(before) = token_before(case, spot.span.start).filter(|node| is_sign(node)) {
            all.push(left_out(case, before));
        }
    }
    all
}

/// The one or two signs of the text that stand where the regex wants something else.
fn inserted(case: &Case, at: usize, rest: &str, all: &mut Vec<Offer>) {
    let place = Span { start: at, end: at };
    let signs: String = rest
        .chars()
        .take_while(|c| !c.is_alphanumeric())
        .take(2)
        .collect();
    let lengths = signs.char_indices().map(|(at, c)| at + c.len_utf8());
    for end in lengths {
        let text = &signs[..end];
        let blank = text.chars().all(char::is_whitespace);
        let regex = if blank && text.len() > 1 {
            r"\s+".to_string()
        } else {
            escaped(text)
        };
        all.push(Offer {
            code: if blank {
                "blank-missing"
            } else {
                "sign-missing"
            },
            why: format!(
                "the log has {} where the regex goes on with `{}`",
                shown(text),
                crate::analysis::explain::hints::shortened(&case.source[at..], 30)
            ),
            regex: replaced(case.source, place, &regex),
        });
    }
    // more blanks than one
    if rest.starts_with([' ', '\t'])
        && let Some(before) = token_before(case, at)
        && is_blank(before)
    {
        all.push(Offer {
            code: "blank-missing",
            why: "the log has several blanks where the regex has one".into(),
            regex: replaced(case.source, before.span, r"\s+"),
        });
    }
}

fn replaced_or_left_out(case: &Case, token: &Node, rest: &str, all: &mut Vec<Offer>) {
    if let Some(c) = rest.chars().next().filter(|c| !c.is_alphanumeric()) {
        let regex = if c.is_whitespace() {
            r"\s+".to_string()
        } else {
            escaped(&c.to_string())
        };
        all.push(Offer {
            code: "other-sign",
            why: format!(
                "the log has {} where the regex asks for `{}`",
                shown(&c.to_string()),
                case.tree.text(token.span)
            ),
            regex: replaced(case.source, token.span, &regex),
        });
    }
    all.push(left_out(case, token));
}

fn left_out(case: &Case, token: &Node) -> Offer {
    let text = case.tree.text(token.span);
    Offer {
        code: if is_blank(token) {
            "blank-too-many"
        } else {
            "sign-too-many"
        },
        why: format!(
            "the regex asks for {}, which the log has not there",
            shown(text)
        ),
        regex: replaced(case.source, token.span, ""),
    }
}

fn shown(text: &str) -> String {
    match text {
        " " => "a blank".into(),
        "\t" => "a tab".into(),
        text => format!("`{text}`"),
    }
}

/// The character that stands right before a place of the regex.
fn token_before<'c>(case: &Case<'c>, at: usize) -> Option<&'c Node> {
    let nodes = case.tree.nodes().into_iter();
    let mut ending = nodes.filter(|node| node.span.end == at && at > 0);
    ending.find(|node| matches!(node.kind, Kind::Literal(_) | Kind::Class(_)))
}

/// A character that is no letter or digit, or `\s`; not a part of a tag.
fn is_sign(node: &Node) -> bool {
    match &node.kind {
        Kind::Literal(code) => {
            char::from_u32(*code).is_some_and(|c| !c.is_alphanumeric() && c != '<' && c != '>')
        }
        Kind::Class(_) => is_blank(node),
        _ => false,
    }
}

fn is_blank(node: &Node) -> bool {
    match &node.kind {
        Kind::Literal(code) => char::from_u32(*code).is_some_and(char::is_whitespace),
        Kind::Class(class) => matches!(
            class.items[..],
            [ClassItem::Category {
                category: Category::Space,
                negated: false
            }] if !class.negated
        ),
        _ => false,
    }
}
