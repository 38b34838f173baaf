//! Makes lines a regex is likely to match, from its tree. Not exact: lookarounds are passed
//! over, so whoever uses a line asks the regex itself about it first.

use super::chars;
use crate::pattern::ast::{Conditional, GroupKind, Kind, Node, Repeat};
use crate::pattern::{Regex, Scratch};

/// Bytes of a text that is made up, at most: longer than any line worth showing.
const MOST_TEXT: usize = 16 << 10;

/// Nodes visited for one text, repeats counted: `(?:(?:a{1000}){1000}){1000}` would be a
/// billion.
const MOST_NODES: usize = 50_000;

/// Steps of a search that asks whether a text that was made up matches.
pub(crate) const STEP_BUDGET: u64 = 500_000;

/// The address put where a regex takes one.
pub(crate) const ADDRESS: &str = "192.0.2.1";

/// How choices are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices {
    /// Which branch of an alternation is taken: this one, counted round.
    pub(crate) branch: usize,
    /// How often a repeat is taken, if it may be.
    pub(crate) repeats: u32,
    /// The character put first where a set may be several.
    pub(crate) fill: char,
}

/// The choices tried, plain ones first.
pub(crate) const CHOICES: &[Choices] = &[
    Choices {
        branch: 0,
        repeats: 1,
        fill: 'a',
    },
    Choices {
        branch: 0,
        repeats: 0,
        fill: 'a',
    },
    Choices {
        branch: 1,
        repeats: 1,
        fill: 'x',
    },
    Choices {
        branch: 1,
        repeats: 2,
        fill: '1',
    },
    Choices {
        branch: 2,
        repeats: 1,
        fill: ' ',
    },
    Choices {
        branch: 2,
        repeats: 0,
        fill: ':',
    },
    Choices {
        branch: 3,
        repeats: 2,
        fill: 'a',
    },
    Choices {
        branch: 4,
        repeats: 1,
        fill: '-',
    },
    Choices {
        branch: 5,
        repeats: 0,
        fill: 'x',
    },
    Choices {
        branch: 6,
        repeats: 2,
        fill: '.',
    },
];

/// A text in the making, and what its groups caught.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    /// The text so far.
    pub(crate) text: String,
    choices: Choices,
    /// Whether what may stand around an address is left out: brackets, `::ffff:`.
    is_plain: bool,
    /// Whether free text is several words.
    has_phrases: bool,
    groups: Vec<(usize, String)>,
    nodes: usize,
}

impl Sampler {
    /// An empty text.
    pub(crate) fn new(choices: Choices) -> Sampler {
        Sampler {
            text: String::new(),
            choices,
            is_plain: false,
            has_phrases: false,
            groups: Vec::new(),
            nodes: 0,
        }
    }

    /// The same, for a line to be shown: its address is as logs have it.
    pub(crate) fn plain(choices: Choices) -> Sampler {
        Sampler {
            is_plain: true,
            ..Sampler::new(choices)
        }
    }

    /// Adds what `node` may match. None where it can be nothing we know of, or too much.
    pub(crate) fn add(&mut self, node: &Node) -> Option<()> {
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.text.len() > MOST_TEXT {
            return None;
        }
        match &node.kind {
            Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => {}
            Kind::Literal(code) => self.text.push(char::from_u32(*code)?),
            Kind::Any | Kind::Class(_) => {
                self.text.push(chars::pick(node, &[self.choices.fill])?);
            }
            Kind::Concat(nodes) => {
                for node in nodes {
                    self.add(node)?;
                }
            }
            Kind::Alternation(branches) => {
                // an address is an address: the choices are about the rest of the line
                let branch = if branches.first().is_some_and(holds_address) {
                    0
                } else {
                    self.choices.branch % branches.len().max(1)
                };
                self.add(branches.get(branch)?)?;
            }
            Kind::Repeat(repeat) if self.is_plain && is_around_address(repeat) => {}
            Kind::Repeat(repeat) if self.has_phrases && takes_phrase(repeat) => {
                self.text.push_str(PHRASE);
            }
            Kind::Repeat(repeat) => {
                for _ in 0..times(repeat, self.choices.repeats) {
                    self.add(&repeat.node)?;
                }
            }
            Kind::Group(group) => match &group.kind {
                GroupKind::Capture { index, name } => {
                    let start = self.text.len();
                    match name.as_deref() {
                        Some("ip4") => self.text.push_str(ADDRESS),
                        Some("ip6") => self.text.push_str("2001:db8::1"),
                        Some("dns") => self.text.push_str("host.example"),
                        _ => self.add(&group.node)?,
                    }
                    let caught = self.text.get(start..)?.to_string();
                    self.groups.push((*index, caught));
                }
                _ => self.add(&group.node)?,
            },
            Kind::Backreference(index) => {
                let caught = self.groups.iter().rfind(|(group, _)| group == index);
                let text = caught.map(|(_, text)| text.clone())?;
                self.text.push_str(&text);
            }
            Kind::Conditional(Conditional { group, yes, no }) => {
                match (self.groups.iter().any(|(g, _)| g == group), no) {
                    (true, _) => self.add(yes)?,
                    (false, Some(no)) => self.add(no)?,
                    (false, None) => {}
                }
            }
        }
        Some(())
    }
}

/// Whether this is what may stand around an address in a tag: `\[?`, `(?:::f{4,6}:)?`, `\]?`.
fn is_around_address(repeat: &Repeat) -> bool {
    if (repeat.min, repeat.max) != (0, Some(1)) {
        return false;
    }
    let is =
        |node: &Node, c: char| matches!(&node.kind, Kind::Literal(code) if *code == u32::from(c));
    match &repeat.node.kind {
        Kind::Literal(_) => is(&repeat.node, '[') || is(&repeat.node, ']'),
        Kind::Group(group) => match &group.node.kind {
            Kind::Concat(nodes) => nodes.len() > 2 && nodes[..2].iter().all(|node| is(node, ':')),
            _ => false,
        },
        _ => false,
    }
}

/// Several words, as a user name may be.
const PHRASE: &str = "x y";

fn takes_phrase(repeat: &Repeat) -> bool {
    let takes = |c: char| chars::takes(&repeat.node, c) == Some(true);
    repeat.min <= 3 && repeat.max.is_none_or(|max| max >= 3) && PHRASE.chars().all(takes)
}

fn times(repeat: &Repeat, wanted: u32) -> u32 {
    // at most a few dozen: `.{1000}` need not be filled to be understood
    wanted
        .clamp(repeat.min, repeat.max.unwrap_or(u32::MAX))
        .min(2_000)
}

/// Whether the node is one that takes an IPv4 address.
fn holds_address(node: &Node) -> bool {
    match &node.kind {
        Kind::Group(group) => {
            let is_ip4 = matches!(&group.kind,
                GroupKind::Capture { name: Some(name), .. } if name == "ip4");
            is_ip4 || holds_address(&group.node)
        }
        Kind::Concat(nodes) => nodes.iter().any(holds_address),
        Kind::Alternation(branches) => branches.iter().any(holds_address),
        _ => false,
    }
}

/// Lines the regex does match, made up with several choices, each once.
pub(crate) fn lines(regex: &Regex, scratch: &mut Scratch) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut samplers: Vec<Sampler> = CHOICES.iter().map(|one| Sampler::new(*one)).collect();
    samplers.push(Sampler {
        has_phrases: true,
        ..Sampler::new(CHOICES[0])
    });
    for mut sampler in samplers {
        if sampler.add(&regex.ast().root).is_none() {
            continue;
        }
        let text = sampler.text;
        let ended = format!("{text}\n");
        if !text.contains('\n')
            && !found.contains(&text)
            && regex.is_match(&ended, scratch).unwrap_or(false)
        {
            found.push(text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;
    use crate::pattern::tags::{self, HostTag};

    #[test]
    fn nested_counts_make_no_text() {
        let regex = "(?:(?:(?:a?){1000}){1000}){1000} x";
        let regex = Regex::new(regex, Flags::default()).unwrap();
        let mut sampler = Sampler::new(CHOICES[0]);
        assert_eq!(sampler.add(&regex.ast().root), None);
        assert!(sampler.nodes <= MOST_NODES + 1 && sampler.text.len() <= MOST_TEXT + 1);
    }

    #[test]
    fn lines_match_their_regex() {
        let text =
            r"^(?P<x>[^\[ ]+) (?:fail|err(?:or)?) \S+ (?(x)for \w{2,3}|no) (?P=x) <HOST>(?! b)$";
        let regex = Regex::new(&tags::resolve(text, HostTag::Any), Flags::default()).unwrap();
        let found = lines(&regex, &mut Scratch::default());
        assert!(found.len() >= 3, "{found:?}");
        for line in &found {
            let text = format!("{line}\n");
            let matches = regex.is_match(&text, &mut Scratch::default());
            assert!(matches.is_ok_and(|m| m), "{line}");
        }
        assert!(found.iter().any(|line| line.contains("fail")), "{found:?}");
        assert!(found.iter().any(|line| line.contains("err")), "{found:?}");
    }
}
