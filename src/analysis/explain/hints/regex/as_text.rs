//! Parentheses, brackets, `?` or `+` of the log that stand unescaped in the regex, where they
//! mean something else.

use super::opened::numbers;
use super::tree::{class, replaced, unnamed};
use super::{Case, Offer};
use crate::pattern::Scratch;
use crate::pattern::ast::{Kind, Node, Span};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    let mut together: Vec<(Span, String)> = Vec::new();
    for node in case.tree.nodes() {
        let written = case.tree.text(node.span);
        let text = if unnamed(node).is_some() {
            group(case, node)
        } else if is_class(node, written) || is_sign_repeated(node) {
            // the number in it may be another in every line
            let shape = numbers(written);
            let regex = (case.compile)(&shape);
            let stands = regex.is_some_and(|regex| {
                regex
                    .is_match(case.text, &mut Scratch::default())
                    .unwrap_or(false)
            });
            stands.then_some(shape).or_else(|| bracket(case, written))
        } else {
            None
        };
        let Some(text) = text else { continue };
        all.push(offer(written, replaced(case.source, node.span, &text)));
        let apart =
            |(span, _): &(Span, String)| span.end <= node.span.start || node.span.end <= span.start;
        if together.iter().all(apart) {
            together.push((node.span, text));
        }
    }
    if together.len() > 1 {
        together.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut regex = case.source.to_string();
        for (span, text) in &together {
            regex.replace_range(span.start..span.end, text);
        }
        let last = together
            .last()
            .map_or("", |(span, _)| case.tree.text(*span));
        all.push(offer(last, regex));
    }
    all
}

fn offer(written: &str, regex: String) -> Offer {
    Offer {
        code: "not-escaped",
        why: format!(
            "`{written}` stands in the log as it is; in a regex its signs mean something else \
             unless a `\\` stands before each"
        ),
        regex,
    }
}

/// `[\d+]`: the brackets are the log's, what is in them is a regex.
fn bracket(case: &Case, written: &str) -> Option<String> {
    let inside = written.strip_prefix('[')?.strip_suffix(']')?;
    let text = format!(r"\[{inside}\]");
    let regex = (case.compile)(&text).filter(|_| inside.starts_with('\\'))?;
    let stands = regex.is_match(case.text, &mut Scratch::default());
    stands.unwrap_or(false).then_some(text)
}

fn is_class(node: &Node, written: &str) -> bool {
    class(node).is_some() && written.starts_with('[')
}

/// `(Remote IP: <HOST>)`: the text has the parenthesis and what follows it.
fn group(case: &Case, node: &Node) -> Option<String> {
    let written = case.tree.text(node.span);
    let inside = written.strip_prefix('(')?.strip_suffix(')')?;
    let first = inside
        .split(['<', '\\', '[', '(', '.', '*', '|'])
        .next()
        .unwrap_or("");
    let stands = case.text.contains(&format!("({first}"));
    stands.then(|| format!(r"\({inside}\)"))
}

/// `x?`, `x+`, `x*`, `x++` of one character.
fn is_sign_repeated(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat(repeat) => matches!(repeat.node.kind, Kind::Literal(_)),
        _ => false,
    }
}
