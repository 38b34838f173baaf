//! Texts that every match of a pattern contains: the second prefilter.
//!
//! It only rules texts out: a text without any of them cannot match.

use super::ast::{Ast, Kind, Node, RepeatMode};

/// Alternatives of a list that is the only one looked for; a longer list rejects little.
const MOST: usize = 128;
/// Alternatives of any list.
const MOST_OF_ANY: usize = 1 << 12;
/// Bytes that the texts of a further list have at least.
const SHORTEST: usize = 3;

/// What every match contains: at least one of these texts, as UTF-8. None where nothing is
/// known.
///
/// Exactness: by induction over the tree. A run of literals in a sequence is matched as it
/// stands, so its text is in the match; a sequence matches each of its parts, so what one of
/// them requires, the whole requires; an alternation matches one of its branches, so it
/// requires one of what they require, if all require something; a repetition of at least one
/// pass requires what one pass requires. Nothing is required of what consumes no text
/// (lookarounds look at text outside of the match), of branches of conditionals, of
/// backreferences, or where case is ignored.
pub(crate) fn required(ast: &Ast) -> Option<Vec<Vec<u8>>> {
    required_of(&ast.root)
}

/// Further such lists, of each of which every match contains a text: those that rule out most come
/// first. They are for patterns that take long to search for: the list of [`required`] may be in all
/// lines of a log, as `HTTP` is.
pub(crate) fn also_required(ast: &Ast, most: usize) -> Vec<Vec<Vec<u8>>> {
    let mut lists = Search::of(&ast.root);
    if let Some(best) = best_of(&lists) {
        lists.remove(best);
    }
    lists.retain(|texts| selectivity(texts).0 >= SHORTEST);
    lists.sort_by_key(|texts| std::cmp::Reverse(selectivity(texts)));
    lists.truncate(most);
    lists
}

fn required_of(node: &Node) -> Option<Vec<Vec<u8>>> {
    let mut lists = Search::of(node);
    best_of(&lists).map(|best| lists.swap_remove(best))
}

/// The first of those lists that rule out most and are not too long.
fn best_of(lists: &[Vec<Vec<u8>>]) -> Option<usize> {
    let usable = lists.iter().enumerate().rev();
    let usable = usable.filter(|(_, texts)| texts.len() <= MOST);
    usable
        .max_by_key(|(_, texts)| selectivity(texts))
        .map(|(at, _)| at)
}

/// How much a list rules out: the length of its shortest text, the fewer the better.
fn selectivity(texts: &[Vec<u8>]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = texts.iter().map(Vec::len).min().unwrap_or(0);
    (shortest, std::cmp::Reverse(texts.len()))
}

#[derive(Default)]
struct Search {
    lists: Vec<Vec<Vec<u8>>>,
    run: Vec<u8>,
}

impl Search {
    fn of(node: &Node) -> Vec<Vec<Vec<u8>>> {
        let mut search = Search::default();
        search.node(node);
        search.end_run();
        search.lists
    }

    fn offer(&mut self, texts: Vec<Vec<u8>>) {
        if texts.len() <= MOST_OF_ANY && texts.iter().all(|t| !t.is_empty()) {
            self.lists.push(texts);
        }
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            let run = std::mem::take(&mut self.run);
            self.offer(vec![run]);
        }
    }

    /// Goes through a sequence; the run of literals goes on from node to node.
    fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::Literal(code) if !node.flags.ignore_case => match char::from_u32(*code) {
                Some(c) => {
                    let mut bytes = [0; 4];
                    self.run
                        .extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
                }
                None => self.end_run(),
            },
            Kind::Concat(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Kind::Group(group) => self.node(&group.node),
            // nothing is consumed, the run goes on
            Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => {}
            Kind::Repeat(repeat) if repeat.min == 1 && repeat.max == Some(1) => {
                self.node(&repeat.node);
            }
            Kind::Repeat(repeat) if repeat.min > 0 => {
                debug_assert!(matches!(
                    repeat.mode,
                    RepeatMode::Greedy | RepeatMode::Lazy | RepeatMode::Possessive
                ));
                self.end_run();
                if let Some(texts) = required_of(&repeat.node) {
                    self.offer(texts);
                }
            }
            Kind::Alternation(nodes) => {
                self.end_run();
                let branches: Option<Vec<Vec<Vec<u8>>>> = nodes.iter().map(required_of).collect();
                if let Some(branches) = branches {
                    let mut texts = branches.concat();
                    texts.sort();
                    texts.dedup();
                    self.offer(texts);
                }
            }
            _ => self.end_run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        let texts = required(regex.ast())?;
        Some(
            texts
                .into_iter()
                .map(|t| String::from_utf8(t).expect("UTF-8"))
                .collect(),
        )
    }

    fn texts(list: &[&str]) -> Option<Vec<String>> {
        Some(list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_longest_run_is_found() {
        assert_eq!(of(r"^a\d+ not allowed (?:x)?b"), texts(&[" not allowed "]));
        assert_eq!(of(r"(?:foo|barbaz)+"), texts(&["barbaz", "foo"]));
        assert_eq!(of(r"(?:foo|b?)+"), None);
        assert_eq!(of(r"(?i)foo"), None);
        assert_eq!(of(r"a(?=foo)b"), texts(&["ab"]));
        assert_eq!(of(r"(?:foo)?"), None);
        assert_eq!(of(r"(a)?(?(1)foo|bar)"), None);
    }

    #[test]
    fn further_lists_are_those_of_other_parts() {
        let names = "robot|spider|crawler";
        let pattern = format!(r#"^\S+ "(?:GET|POST) .* HTTP/\d" "[^"]*(?:{names})[^"]*"$"#);
        let regex = Regex::new(&pattern, Flags::default()).expect("compiles");
        assert_eq!(required(regex.ast()), Some(vec![b" HTTP/".to_vec()]));
        let lists = also_required(regex.ast(), 3);
        let one_of = |list: &[&str]| list.iter().map(|t| t.as_bytes().to_vec()).collect();
        let lists_of: [Vec<Vec<u8>>; 3] = [
            one_of(&["crawler", "robot", "spider"]),
            one_of(&["\" \""]),
            one_of(&["GET", "POST"]),
        ];
        assert_eq!(lists, lists_of);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What the literals rule out, the machine does not match.
        #[test]
        fn literals_never_rule_out_a_match(
            pattern in r"([abé]|ab|\\w|[ab]\?|[abé]\+|[a1]\{2,3\}|\(?:a\|bé\)|\(?:ab\|b\)\+|\[\^a\]|\(?!b\)|\(?<=a\)|\(a\)\?\(\?\(1\)b\|c\)){1,8}",
            text in "[abcé1]{0,14}",
        ) {
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            let found = regex.search(&text, &mut Scratch::default()).expect("few steps").is_some();
            for texts in required(regex.ast()).into_iter().chain(Search::of(&regex.ast().root)) {
                let allowed = texts.iter().any(|t| memchr::memmem::find(text.as_bytes(), t).is_some());
                prop_assert!(!found || allowed, "{} on {:?}: {:?}", pattern, text, texts);
            }
        }
    }
}
