//! Reading and compiling patterns of Python's `re`, with fail2ban's tags.
//!
//! Input: flags (some of `imsxa`) on the first line, the pattern behind it.

use crate::pattern::ast::{Kind, Node};
use crate::pattern::tags::{HostTag, resolve};
use crate::pattern::{Flags, Regex, literals, prefix_sets};

/// One input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (letters, pattern) = text.split_once('\n').unwrap_or(("", &text));
    let flags = flags(letters);
    check(pattern, flags);
    for host in [HostTag::Any, HostTag::AddressOnly] {
        check(&resolve(pattern, host), flags);
    }
}

/// Flags by their letters.
pub(crate) fn flags(letters: &str) -> Flags {
    Flags {
        ignore_case: letters.contains('i'),
        multi_line: letters.contains('m'),
        dot_all: letters.contains('s'),
        verbose: letters.contains('x'),
        ascii: letters.contains('a'),
    }
}

fn check(pattern: &str, flags: Flags) {
    let regex = match Regex::new(pattern, flags) {
        Ok(regex) => regex,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let Some(position) = error.position {
                let length = pattern.chars().count();
                assert!(position <= length, "{error} in {length} characters");
            }
            return;
        }
    };
    assert_eq!(regex.as_str(), pattern);
    let ast = regex.ast();
    for (name, index) in regex.group_names() {
        assert!((1..=regex.group_count()).contains(index));
        assert_eq!(regex.group_index(name), Some(*index));
    }
    node(&ast.root, pattern, ast.groups);
    if let Some(texts) = literals::required(ast) {
        assert!(!texts.is_empty() && texts.iter().all(|text| !text.is_empty()));
    }
    let _ = prefix_sets::prefix_sets(ast);
}

/// Every node stands inside its parent, on character boundaries.
fn node(of: &Node, pattern: &str, groups: usize) {
    let span = of.span;
    assert!(
        pattern.get(span.start..span.end).is_some(),
        "{span:?} of {} bytes",
        pattern.len()
    );
    assert!(of.width.min <= of.width.max);
    let children: Vec<&Node> = match &of.kind {
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().collect(),
        Kind::Repeat(repeat) => {
            assert!(repeat.max.is_none_or(|max| repeat.min <= max));
            vec![&repeat.node]
        }
        Kind::Group(group) => vec![&group.node],
        Kind::Look(look) => vec![&look.node],
        Kind::Conditional(condition) => {
            assert!(condition.group <= groups);
            let no = condition.no.iter().map(|no| &**no);
            std::iter::once(&*condition.yes).chain(no).collect()
        }
        Kind::Backreference(group) => {
            assert!((1..=groups).contains(group));
            Vec::new()
        }
        Kind::Empty | Kind::Literal(_) | Kind::Any | Kind::Class(_) | Kind::Anchor(_) => Vec::new(),
    };
    for child in children {
        assert!(
            child.span.start >= span.start && child.span.end <= span.end,
            "{:?} in {span:?}",
            child.span
        );
        node(child, pattern, groups);
    }
}
