//! What other tools and languages write in a regex, and Python reads as something else: classes of
//! POSIX, doubled backslashes, `\+` of grep and sed, `/…/`, `*` of a shell.

use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::{Kind, Node, RepeatMode};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let all = [posix, doubled, basic, delimited];
    let mut all: Vec<Offer> = all.iter().filter_map(|rewritten| rewritten(case)).collect();
    all.extend(globs(case));
    all.extend(anchors(case));
    all
}

/// The classes of POSIX, and what stands for each between brackets.
const CLASSES: [(&str, &str); 14] = [
    ("[:digit:]", r"\d"),
    ("[:space:]", r"\s"),
    ("[:word:]", r"\w"),
    ("[:alnum:]", "a-zA-Z0-9"),
    ("[:alpha:]", "a-zA-Z"),
    ("[:lower:]", "a-z"),
    ("[:upper:]", "A-Z"),
    ("[:xdigit:]", "0-9a-fA-F"),
    ("[:blank:]", r" \t"),
    ("[:punct:]", r"!-/:-@\[-`{-~"),
    ("[:graph:]", r"\x21-\x7e"),
    ("[:print:]", r"\x20-\x7e"),
    ("[:cntrl:]", r"\x00-\x1f\x7f"),
    ("[:ascii:]", r"\x00-\x7f"),
];

fn class_of(text: &str) -> Option<(&'static str, &'static str)> {
    CLASSES
        .into_iter()
        .find(|(posix, _)| text.starts_with(posix))
}

/// `[[:digit:]]` as `\d`, `[[:alnum:]_]` as `[a-zA-Z0-9_]`.
fn posix(case: &Case) -> Option<Offer> {
    let mut out = String::new();
    let mut first = None;
    let mut rest = case.source;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => {
                let (class, length, posix) = bracket(rest);
                first = first.or(posix);
                out.push_str(&class);
                rest = &rest[length..];
                continue;
            }
            c => c.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    let posix = first?;
    let (_, python) = class_of(posix)?;
    Some(Offer {
        code: "posix-class",
        why: format!(
            "`{posix}` is a class of POSIX, which Python does not know: `[{python}]` is the same"
        ),
        regex: out,
    })
}

/// The class that a text begins with, as POSIX reads it and as Python writes it; its length; the
/// first class of POSIX in it.
fn bracket(text: &str) -> (String, usize, Option<&'static str>) {
    // `[:digit:]` alone is a heap of letters to POSIX, too, and is not meant so
    if let Some((posix, python)) = class_of(text) {
        return (simple(&format!("[{python}]")), posix.len(), Some(posix));
    }
    let mut at = 1;
    at += usize::from(text[at..].starts_with('^'));
    at += usize::from(text[at..].starts_with(']'));
    let mut class = text[..at].to_string();
    let mut found = None;
    while let Some(c) = text[at..].chars().next() {
        if let Some((posix, python)) = class_of(&text[at..]) {
            found = found.or(Some(posix));
            class.push_str(python);
            at += posix.len();
            continue;
        }
        class.push(c);
        at += c.len_utf8();
        match c {
            ']' => return (simple(&class), at, found),
            '\\' => {
                if let Some(escaped) = text[at..].chars().next() {
                    class.push(escaped);
                    at += escaped.len_utf8();
                }
            }
            _ => {}
        }
    }
    (class, at, found)
}

/// `[\d]` as `\d`, `[^\s]` as `\S`.
fn simple(class: &str) -> String {
    for (written, short) in [
        (r"[\d]", r"\d"),
        (r"[\s]", r"\s"),
        (r"[\w]", r"\w"),
        (r"[^\d]", r"\D"),
        (r"[^\s]", r"\S"),
        (r"[^\w]", r"\W"),
    ] {
        if class == written {
            return short.to_string();
        }
    }
    class.to_string()
}

/// `\\d` as `\d`: doubled as in a string of C or Java.
fn doubled(case: &Case) -> Option<Offer> {
    if case.text.contains('\\') {
        return None;
    }
    let mut out = String::new();
    let mut shown = None;
    let mut rest = case.source;
    while let Some(c) = rest.chars().next() {
        let escaped = rest[c.len_utf8()..].chars().next();
        let length = match (c, escaped) {
            ('\\', Some('\\')) => {
                let meant = rest[2..].chars().next();
                let is_meant = |c: char| r#"dswDSWbB.[](){}+*?|^$/-":"#.contains(c);
                let meant = meant.filter(|c| is_meant(*c));
                shown = shown.or(meant);
                out.push_str(if meant.is_some() { r"\" } else { r"\\" });
                rest = &rest[2..];
                // what is escaped now is not looked at again
                meant.map_or(0, char::len_utf8)
            }
            ('\\', Some(escaped)) => 1 + escaped.len_utf8(),
            _ => c.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    let sign = shown?;
    Some(Offer {
        code: "doubled-backslash",
        why: format!(
            r"`\\{sign}` stands for a backslash and what follows it; what is meant is `\{sign}`: in a filter a backslash is not doubled"
        ),
        regex: out,
    })
}

/// `\+`, `\?`, `\|`, `\{3\}`, `\<` as grep and sed read them: to Python they are the signs
/// themselves, which the log has not.
fn basic(case: &Case) -> Option<Offer> {
    let tokens = tokens(case.source);
    let has_not = |sign: char| !case.text.contains(sign);
    let mut out: Vec<String> = tokens.iter().map(|token| (*token).to_string()).collect();
    let mut shown = None;
    for (at, token) in tokens.iter().enumerate() {
        let as_python = match *token {
            r"\+" | r"\?" if at > 0 && has_not(token.chars().nth(1)?) => &token[1..],
            r"\{" | r"\}" if has_not('{') && has_not('}') => &token[1..],
            r"\<" if has_not('<') => r"\b",
            r"\>" if has_not('>') => r"\b",
            r"\|" if has_not('|') => "|",
            _ => continue,
        };
        shown.get_or_insert((*token, as_python));
        out[at] = as_python.to_string();
        if as_python == "|" {
            let open = (0..at).rev().find(|&at| tokens[at] == r"\(");
            let close = (at..tokens.len()).find(|&at| tokens[at] == r"\)");
            if let (Some(open), Some(close)) = (open, close) {
                out[open] = "(?:".into();
                out[close] = ")".into();
            }
        }
    }
    let (token, as_python) = shown?;
    Some(Offer {
        code: "other-dialect",
        why: format!(
            "`{token}` is what grep and sed write; to Python it is the sign itself, and what is meant is `{as_python}`"
        ),
        regex: out.concat(),
    })
}

/// The characters of a regex, each with the backslash before it.
fn tokens(source: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let escaped = rest[c.len_utf8()..].chars().next().filter(|_| c == '\\');
        let (token, behind) = rest.split_at(c.len_utf8() + escaped.map_or(0, char::len_utf8));
        all.push(token);
        rest = behind;
    }
    all
}

/// `/…/i` of Perl, JavaScript and sed, `r"…"` of Python.
fn delimited(case: &Case) -> Option<Offer> {
    let (inside, flags) = match case.source.strip_prefix('/') {
        Some(rest) => rest.rsplit_once('/')?,
        None => {
            let quoted = case.source.strip_prefix('r')?;
            let quote = quoted.chars().next().filter(|c| "\"'".contains(*c))?;
            (quoted.strip_prefix(quote)?.strip_suffix(quote)?, "")
        }
    };
    if inside.is_empty() || !flags.chars().all(|c| "gimsux".contains(c)) {
        return None;
    }
    let flag = if flags.contains('i') { "(?i)" } else { "" };
    Some(Offer {
        code: "delimiters",
        why: "in a filter a regex stands alone: what is written around it is a part of it".into(),
        regex: format!("{flag}{inside}"),
    })
}

/// `for * from` as a shell reads it: to Python it is any number of blanks.
fn globs(case: &Case) -> Vec<Offer> {
    let mut nodes: Vec<&Node> = case.tree.nodes();
    nodes.retain(|node| is_literal_repeated(node) && case.tree.text(node.span).ends_with('*'));
    nodes.sort_by_key(|node| std::cmp::Reverse(node.span.start));
    let rewritten = |source: &str, node: &Node| {
        let written = case.tree.text(node.span);
        let one = &written[..written.len() - 1];
        let any = if one.trim().is_empty() {
            r"\S+"
        } else {
            r"\S*"
        };
        replaced(source, node.span, &format!("{one}{any}"))
    };
    let offer = |node: &Node, regex: String| Offer {
        code: "not-a-glob",
        why: format!(
            "`*` repeats what stands before it, `{}` is any number of that; anything but a blank is `\\S+`",
            case.tree.text(node.span)
        ),
        regex,
    };
    let single = nodes
        .iter()
        .map(|node| offer(node, rewritten(case.source, node)));
    let mut all: Vec<Offer> = single.collect();
    if let [first, _, ..] = nodes.as_slice() {
        // from the last to the first, so that places hold
        let regex = nodes.iter().fold(case.source.to_string(), |source, node| {
            rewritten(&source, node)
        });
        all.push(offer(first, regex));
    }
    all
}

fn is_literal_repeated(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat(repeat) => {
            repeat.mode == RepeatMode::Greedy && matches!(repeat.node.kind, Kind::Literal(_))
        }
        _ => false,
    }
}

/// `$` or `^` in the midst of the regex, where the line neither ends nor begins.
fn anchors(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for node in case.tree.nodes() {
        let sign = case.tree.text(node.span);
        let (before, behind) = case.source.split_at(node.span.start);
        let behind = &behind[sign.len().min(behind.len())..];
        let is_inner = match sign {
            "$" => !behind.is_empty() && !behind.starts_with([')', '|']),
            "^" => !before.is_empty() && !before.ends_with(['(', '|', ')', ':']),
            _ => false,
        };
        if !is_inner || !matches!(node.kind, Kind::Anchor(_)) {
            continue;
        }
        let where_it_is = if sign == "$" { "end" } else { "begin" };
        for (instead, what) in [("", "it goes"), (sign, "the sign itself is escaped")] {
            let escape = if instead.is_empty() { "" } else { r"\" };
            all.push(Offer {
                code: "anchor-inside",
                why: format!("`{sign}` stands for the {where_it_is} of the line, and more of the line is asked for {}: {what}", if sign == "$" { "behind it" } else { "before it" }),
                regex: replaced(case.source, node.span, &format!("{escape}{instead}")),
            });
        }
    }
    all
}
