//! Which bytes a match of a pattern can begin with, place by place: the cheapest prefilter. It
//! only rules texts out.

use super::ast::{Anchor, Ast, Class, ClassItem, GroupKind, Kind, Node};
use super::unicode;

/// Places looked at.
pub(crate) const PLACES: usize = 24;

/// A set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub(crate) const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    pub(super) fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn join(&mut self, other: ByteSet) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    /// Calls `each` with the bytes of the set.
    pub(crate) fn each(&self, mut each: impl FnMut(u8)) {
        for (at, mut word) in (0..).zip(self.0) {
            while word != 0 {
                each(at * 64 + word.trailing_zeros() as u8);
                word &= word - 1;
            }
        }
    }

    /// Whether the byte is in the set.
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
    }
}

/// For each of the first bytes of a text the bytes that may stand there.
pub(crate) type PrefixSets = [ByteSet; PLACES];

/// For each of the first [`PLACES`] bytes of a text the bytes that may stand there if the
/// pattern matches the text; None where a match may begin elsewhere than at the start.
///
/// Exactness: the sets hold every byte of every match, by induction over the tree. A place
/// set (`Places`) is every number of bytes that may have been matched before a node;
/// a node adds the bytes it may match at each of them and answers with the places after it.
/// What the tree says about the text without consuming it (lookarounds, boundaries) is
/// ignored, a conditional may take either branch, a backreference may match anything, and
/// beyond the end of a match everything is allowed. Each of these only adds bytes. A text
/// that has a byte outside the set of its place is therefore matched by no path.
pub(crate) fn prefix_sets(ast: &Ast) -> Option<PrefixSets> {
    if ast.flags.multi_line || !starts_at_text(&ast.root) {
        return None;
    }
    let mut prefix_sets = PrefixWalk {
        sets: [ByteSet::default(); PLACES],
        visits: 0,
    };
    let ends = prefix_sets.node(&ast.root, 1);
    if prefix_sets.visits > MOST_VISITS {
        return Some([ByteSet::ALL; PLACES]);
    }
    for place in 0..PLACES {
        if ends & ((1u64 << (place + 1)) - 1) != 0 {
            prefix_sets.sets[place] = ByteSet::ALL;
        }
    }
    Some(prefix_sets.sets)
}

/// Whether every match of the node begins at the start of the text.
pub(super) fn starts_at_text(node: &Node) -> bool {
    match &node.kind {
        Kind::Anchor(Anchor::TextStart) => true,
        Kind::Anchor(Anchor::Start) => !node.flags.multi_line,
        Kind::Concat(nodes) => {
            let mut nodes = nodes.iter();
            let first = nodes.find(|n| !(n.width.max == 0 && !starts_at_text(n) && is_free(n)));
            first.is_some_and(starts_at_text)
        }
        Kind::Alternation(nodes) => nodes.iter().all(starts_at_text),
        Kind::Group(group) => starts_at_text(&group.node),
        _ => false,
    }
}

/// A node that matches nothing and may be skipped when looking for the anchor.
fn is_free(node: &Node) -> bool {
    matches!(node.kind, Kind::Empty | Kind::Look(_) | Kind::Anchor(_))
}

/// Bit `n`: `n` bytes may have been matched; places from [`PLACES`] on are dropped.
type Places = u64;

const KEPT: Places = (1 << PLACES) - 1;

/// Nodes visited for one pattern, passes of repeats counted. `(?:(?:a?){30}){30}` visits its
/// inside a few times for each place; nested ten deep that would be billions.
const MOST_VISITS: u32 = 200_000;

/// A walk through a pattern's tree.
struct PrefixWalk {
    sets: [ByteSet; PLACES],
    visits: u32,
}

impl PrefixWalk {
    fn node(&mut self, node: &Node, from: Places) -> Places {
        self.visits += 1;
        if from == 0 || self.visits > MOST_VISITS {
            return 0;
        }
        match &node.kind {
            Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => from,
            Kind::Literal(code) => self.literal(*code, node.flags.ignore_case, from),
            Kind::Any | Kind::Class(_) => {
                let (set, wide) = character(node).unwrap_or((ByteSet::ALL, true));
                self.class(set, wide, from)
            }
            Kind::Concat(nodes) => nodes.iter().fold(from, |from, node| self.node(node, from)),
            Kind::Alternation(nodes) => nodes.iter().fold(0, |to, node| to | self.node(node, from)),
            Kind::Group(group) => match group.kind {
                GroupKind::Capture { .. }
                | GroupKind::Plain
                | GroupKind::Flags
                | GroupKind::Atomic => self.node(&group.node, from),
            },
            Kind::Repeat(repeat) => {
                let mut at = from;
                let mut to = if repeat.min == 0 { from } else { 0 };
                let mut seen: Places = 0;
                for pass in 1..=repeat.max.unwrap_or(u32::MAX) {
                    let before = at;
                    at = self.node(&repeat.node, at);
                    if at == before {
                        // so will all further passes, the least number of them too
                        to |= at;
                        break;
                    }
                    if pass >= repeat.min {
                        to |= at;
                    }
                    // no new place: further passes bring nothing new
                    if at & !seen == 0 && pass >= repeat.min.min(PLACES as u32 + 1) {
                        if repeat.min > pass {
                            to |= at;
                        }
                        break;
                    }
                    seen |= at;
                }
                to
            }
            Kind::Conditional(conditional) => {
                let no = match &conditional.no {
                    Some(no) => self.node(no, from),
                    None => from,
                };
                self.node(&conditional.yes, from) | no
            }
            Kind::Backreference(_) => {
                let first = from.trailing_zeros();
                for place in first as usize..PLACES {
                    self.sets[place] = ByteSet::ALL;
                }
                KEPT & !((1 << first) - 1)
            }
        }
    }

    /// One character of a class; `wide`: it may be one of several bytes.
    fn class(&mut self, mut set: ByteSet, wide: bool, from: Places) -> Places {
        let mut to = from << 1;
        if wide {
            for byte in 0x80..=0xff {
                set.add(byte);
            }
            to |= from << 2 | from << 3 | from << 4;
            let mut rest = ByteSet::default();
            (0x80..=0xbf).for_each(|byte| rest.add(byte));
            for shift in 1..4 {
                self.allow(from << shift, rest);
            }
        }
        self.allow(from, set);
        to & KEPT
    }

    fn allow(&mut self, places: Places, set: ByteSet) {
        for place in 0..PLACES {
            if places >> place & 1 == 1 {
                self.sets[place].join(set);
            }
        }
    }

    fn literal(&mut self, code: u32, ignore_case: bool, from: Places) -> Places {
        let mut set = ByteSet::default();
        if !ignore_case && let Some(c) = char::from_u32(code) {
            let mut bytes = [0; 4];
            let mut at = from;
            for &byte in c.encode_utf8(&mut bytes).as_bytes() {
                set = ByteSet::default();
                set.add(byte);
                self.allow(at, set);
                at <<= 1;
            }
            return at & KEPT;
        }
        let wide = add_char(&mut set, code, ignore_case);
        self.class(set, wide, from)
    }
}

/// The ASCII characters that a node of one character may match, and whether it may match others,
/// which are several bytes each; None for nodes of another kind. Neither leaves one out.
pub(super) fn character(node: &Node) -> Option<(ByteSet, bool)> {
    let flags = node.flags;
    match &node.kind {
        Kind::Literal(code) => {
            let mut set = ByteSet::default();
            let wide = add_char(&mut set, *code, flags.ignore_case);
            Some((set, wide))
        }
        Kind::Any => {
            let mut set = ByteSet([u64::MAX, u64::MAX, 0, 0]);
            if !flags.dot_all {
                set.0[0] &= !(1 << b'\n');
            }
            Some((set, true))
        }
        Kind::Class(class) => Some(class_bytes(class, flags.ignore_case, flags.ascii)),
        _ => None,
    }
}

/// Adds the ASCII characters `code` matches; true if it may match others.
fn add_char(set: &mut ByteSet, code: u32, ignore_case: bool) -> bool {
    let Some(byte) = u8::try_from(code).ok().filter(u8::is_ascii) else {
        // a letter beyond ASCII may fold to one inside (the Kelvin sign)
        if ignore_case {
            (b'A'..=b'z').for_each(|byte| set.add(byte));
        }
        return true;
    };
    set.add(byte);
    if ignore_case {
        set.add(byte.to_ascii_lowercase());
        set.add(byte.to_ascii_uppercase());
        // and the other way round
        return byte.is_ascii_alphabetic();
    }
    false
}

/// The ASCII characters of a class, and whether it may match others.
fn class_bytes(class: &Class, ignore_case: bool, ascii: bool) -> (ByteSet, bool) {
    let mut set = ByteSet::default();
    let mut wide = class.negated;
    for code in 0..128u32 {
        let matches = |code: u32| class.items.iter().any(|item| item_has(item, code));
        let mut is_in = matches(code);
        if ignore_case {
            let byte = code as u8;
            is_in |= matches(u32::from(byte.to_ascii_lowercase()));
            is_in |= matches(u32::from(byte.to_ascii_uppercase()));
            // a character beyond ASCII in the class may fold to a letter
            let beyond = class.items.iter().any(reaches_beyond_ascii);
            let uncertain = byte.is_ascii_alphabetic() && beyond;
            if class.negated {
                // keep what is surely not excluded: only characters without case
                is_in &= !byte.is_ascii_alphabetic();
            } else {
                is_in |= uncertain;
            }
        }
        if is_in != class.negated {
            set.add(code as u8);
        }
    }
    wide |= class.items.iter().any(|item| match item {
        ClassItem::Category { negated, .. } => *negated || !ascii,
        other => reaches_beyond_ascii(other),
    });
    wide |= ignore_case;
    (set, wide)
}

fn reaches_beyond_ascii(item: &ClassItem) -> bool {
    match item {
        ClassItem::Char(code) => *code >= 128,
        ClassItem::Range(_, high) => *high >= 128,
        ClassItem::Category { .. } => false,
    }
}

/// Whether an ASCII character is in a class item, case not folded.
fn item_has(item: &ClassItem, code: u32) -> bool {
    use super::ast::Category;
    match item {
        ClassItem::Char(char) => *char == code,
        ClassItem::Range(low, high) => (*low..=*high).contains(&code),
        ClassItem::Category { category, negated } => {
            let is_in = match category {
                Category::Digit => unicode::is_digit(code),
                // what Python calls a space and what it calls one in ASCII mode differ
                Category::Space if *negated => {
                    unicode::is_space(code) && unicode::is_ascii_space(code)
                }
                Category::Space => unicode::is_space(code) || unicode::is_ascii_space(code),
                Category::Word => unicode::is_word(code),
            };
            is_in != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    fn allows(prefix_sets: &PrefixSets, text: &str) -> bool {
        text.bytes()
            .zip(prefix_sets)
            .all(|(byte, set)| set.has(byte))
    }

    #[test]
    fn prefixes_tell_patterns_apart() {
        let of = |pattern: &str| {
            let regex = Regex::new(pattern, Flags::default()).expect("compiles");
            prefix_sets(regex.ast()).expect("is anchored")
        };
        assert!(allows(&of("^Failed \\S+ for"), "Failed password for x"));
        assert!(!allows(&of("^Failed \\S+ for"), "Failure password for x"));
        assert!(!allows(&of("^[iI](?:llegal|nvalid) user"), "Invalix user"));
        assert!(!allows(&of("^(?:a|b)c"), "ad"));
        assert!(allows(&of("^a?b*c"), "abbbbc"));
        assert!(allows(&of("^a"), "abcdefghijklmnopqrstuvwxyz0123"));
        let free = Regex::new("a|^b", Flags::default()).expect("compiles");
        assert!(prefix_sets(free.ast()).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What the prefix sets rule out, the machine does not match.
        #[test]
        fn prefix_sets_never_rule_out_a_match(
            pattern in r"\^(\(\?i\))?([abA1é. ]|\\w|\\S|\\d|[ab]\?|[abé]\*|[a1]\{2,3\}|\(\?:a\|bé\)|\[\^a\]|\[a-c\]\+|\(\?!b\)|\(a\)\?\(\?\(1\)b\|c\)|\\b){1,8}\$?",
            text in "[abcA1é K\u{212a}]{0,12}",
        ) {
            let pattern = match pattern.strip_prefix("^(?i)") {
                Some(rest) => format!("(?i)^{rest}"),
                None => pattern,
            };
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            let Some(prefix_sets) = prefix_sets(regex.ast()) else { return Ok(()) };
            let found = regex.search(&text, &mut Scratch::default()).expect("few steps").is_some();
            prop_assert!(!found || allows(&prefix_sets, &text), "{} on {:?}", pattern, text);
        }
    }
}
