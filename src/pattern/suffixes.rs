//! Texts that every match of a pattern ends with, where it ends with the text: of a list of robots'
//! names before `"$` the last bytes of a line say more than a look through all of it.

use super::ast::{Anchor, Ast, Kind, Node};

/// Suffixes that are told apart, at most.
const MOST: usize = 1 << 10;
/// Bytes of a suffix that are kept, at most.
const LONGEST: usize = 64;

/// What the text ends with, but for a newline behind it, wherever the pattern matches: one of these,
/// as UTF-8. None where nothing is known.
///
/// Exactness: by induction over the tree, from its end. The last thing that is tested is `$` or `\Z`,
/// and nothing is consumed behind it, so the match ends where that holds: at the text's end, or, for
/// `$`, before a newline there. What a sequence consumes ends with what its last part does, before
/// which stands what the part before that does; an alternation ends as one of its branches, a
/// repetition as its last pass. Where it is not known what stands further in front, the suffix
/// begins. It holds no newline, so it cannot be the newline at the text's end that it ends with.
pub(crate) fn suffixes(ast: &Ast) -> Option<Vec<Vec<u8>>> {
    let mut found = Suffixes::default();
    found.node(&ast.root);
    let mut texts = found.texts;
    texts.iter_mut().for_each(|text| text.reverse());
    texts.sort();
    texts.dedup();
    let is_one = |text: &Vec<u8>| !text.is_empty() && !text.contains(&b'\n');
    (found.at_end && texts.iter().all(is_one)).then_some(texts)
}

/// The suffixes so far, last byte first.
#[derive(Clone)]
struct Suffixes {
    texts: Vec<Vec<u8>>,
    /// Behind them is the end of the text.
    at_end: bool,
}

impl Default for Suffixes {
    fn default() -> Suffixes {
        Suffixes {
            texts: vec![Vec::new()],
            at_end: false,
        }
    }
}

impl Suffixes {
    /// Puts what a node consumes in front; whether what stands before it can be put in front as well.
    fn node(&mut self, node: &Node) -> bool {
        match &node.kind {
            Kind::Anchor(Anchor::TextEnd) => self.at_end = true,
            Kind::Anchor(Anchor::End) => self.at_end |= !node.flags.multi_line,
            Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => {}
            Kind::Concat(nodes) => return nodes.iter().rev().all(|node| self.node(node)),
            Kind::Group(group) => return self.node(&group.node),
            Kind::Alternation(nodes) => return self.one_of(nodes),
            Kind::Repeat(repeat) if repeat.min > 0 => {
                let is_one_pass = repeat.min == 1 && repeat.max == Some(1);
                return self.node(&repeat.node) && is_one_pass;
            }
            Kind::Literal(code) if self.at_end && !node.flags.ignore_case => {
                let Some(c) = char::from_u32(*code) else {
                    return false;
                };
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).as_bytes();
                for text in &mut self.texts {
                    text.extend(bytes.iter().rev());
                }
                return self.texts.iter().all(|text| text.len() < LONGEST);
            }
            _ => return false,
        }
        true
    }

    fn one_of(&mut self, branches: &[Node]) -> bool {
        let behind = std::mem::take(self);
        (self.texts, self.at_end) = (Vec::new(), true);
        let mut goes_on = true;
        for branch in branches {
            let mut one = behind.clone();
            goes_on &= one.node(branch);
            self.at_end &= one.at_end;
            self.texts.append(&mut one.texts);
            if self.texts.len() > MOST {
                *self = behind;
                return false;
            }
        }
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        let texts = suffixes(regex.ast())?.into_iter();
        Some(
            texts
                .map(|t| String::from_utf8(t).expect("UTF-8"))
                .collect(),
        )
    }

    #[test]
    fn what_stands_before_the_end_is_found() {
        let texts = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
        assert_eq!(
            of(r#"^a "[^"]*(?:bot|spider)"$"#),
            texts(&["bot\"", "spider\""])
        );
        assert_eq!(
            of(r"(?:a\db|c)(?:d|ef)\Z"),
            texts(&["bd", "bef", "cd", "cef"])
        );
        assert_eq!(of(r"x(?:ab)+(?=$)$"), texts(&["ab"]));
        assert_eq!(of(r"(?:a$|b$)"), texts(&["a", "b"]));
        for nothing in [
            "ab", "(?m)ab$", "(?i)ab$", "ab?$", "a|b$", "(?:a$)?b", "a\n$", "$a", "a$\n",
        ] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_text_that_ends_otherwise_is_not_matched(
            pattern in r"([abé$]|ab|\\Z|[ab]\?|[abé]\+|\(?:a\|bé\)|\(?:ab\|b\\n\?\)\+|\(a\$\|b\)|\[\^a\]|\(?!b\)|\(?<=a\)|\n){1,7}(\$|\\Z)",
            text in "[abé]{0,6}\n{0,2}",
        ) {
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            let Some(texts) = suffixes(regex.ast()) else { return Ok(()) };
            let found = regex.is_match(&text, &mut Scratch::default()).expect("few steps");
            let line = text.strip_suffix('\n').unwrap_or(&text).as_bytes();
            let allowed = texts.iter().any(|t| line.ends_with(t));
            prop_assert!(!found || allowed, "{:?} on {:?}: {:?}", pattern, text, texts);
        }
    }
}
