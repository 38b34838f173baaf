//! Which of many patterns may match somewhere in a text, told by one pass over it.
//!
//! It only rules patterns out.

use super::ast::{Anchor, Ast, Kind, Node};
use super::prefix_sets::{character, starts_at_text};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::hybrid::{BuildError, CacheError, LazyStateID};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use std::fmt::Write;

/// More passes of a repeat than this are taken for any number.
const UNROLLED: u32 = 40;
/// Bytes of what is made of one pattern, and of the automaton of all.
const MOST_TEXT: usize = 64 << 10;
const MOST_AUTOMATON: usize = 8 << 20;
/// Bytes of the states that are kept, which are made when they are first needed.
const MOST_STATES: usize = 8 << 20;
/// The search is given up where the states were thrown away that often, and each was of use for
/// fewer bytes than this.
const CLEARED: usize = 4;
const BYTES_PER_STATE: usize = 16;
/// Texts that are not looked at once the search of one was given up.
const REST: u32 = 1 << 10;

/// The automaton of many patterns.
///
/// Exactness: a pattern is ruled out only if the automaton finds no place of the text where it
/// ends. The automaton takes at least what the patterns match, at the same places, by induction
/// over the tree: a character is replaced by a set of characters that holds it, and every digit
/// comes in with one of them; the order in which alternatives and numbers of passes are tried does
/// not matter to whether one of them matches; what the tree says about the text without consuming
/// it (lookarounds, boundaries, the end of the text) is passed over; a conditional takes either
/// branch. A backreference takes what its group does where each match goes through the group,
/// once and before; else any text. Only that a match begins at the start of the text is kept. So
/// it holds for searches in a part of the text too: what matches there is a piece of the text, and
/// begins at its start only where the part does.
#[derive(Debug)]
pub(crate) struct JointAutomaton {
    /// Of the patterns that match at the start of a text alone, and of the others: apart, since
    /// together they would have as many states as both have pairs of states.
    parts: Vec<Part>,
    /// The patterns nothing is known of, a bit each.
    always: Box<[u64]>,
}

/// The automaton of some of the patterns.
#[derive(Debug)]
struct Part {
    automaton: DFA,
    anchored: Anchored,
    /// By pattern of the automaton, its number.
    numbers: Vec<usize>,
}

/// The states of a [`JointAutomaton`] that were needed so far: one per thread.
#[derive(Debug)]
pub(crate) struct JointStates {
    parts: Vec<Cache>,
    /// Texts that are passed over.
    rest: u32,
}

impl JointAutomaton {
    /// Of these patterns, in their order; nothing is known of those that are None.
    ///
    /// # Errors
    ///
    /// They are too large in all.
    pub(crate) fn new<'p>(
        patterns: impl Iterator<Item = Option<&'p Ast>>,
    ) -> Result<JointAutomaton, Box<BuildError>> {
        let mut always = Vec::new();
        let (mut tied, mut free) = (Vec::new(), Vec::new());
        for (number, pattern) in patterns.enumerate() {
            if number / 64 == always.len() {
                always.push(0);
            }
            match pattern.and_then(|ast| Some((superset(ast)?, is_tied(ast)))) {
                Some((text, true)) => tied.push((number, text)),
                Some((text, false)) => free.push((number, text)),
                None => always[number / 64] |= 1 << (number % 64),
            }
        }
        let parts = [(tied, Anchored::Yes), (free, Anchored::No)].into_iter();
        let parts = parts.filter(|(patterns, _)| !patterns.is_empty());
        let parts = parts.map(|(patterns, anchored)| Part::new(patterns, anchored));
        Ok(JointAutomaton {
            parts: parts.collect::<Result<_, _>>()?,
            always: always.into_boxed_slice(),
        })
    }

    /// No state has been needed yet.
    pub(crate) fn states(&self) -> JointStates {
        let parts = self.parts.iter();
        JointStates {
            parts: parts.map(|part| part.automaton.create_cache()).collect(),
            rest: 0,
        }
    }

    /// The words of a mask of all patterns.
    pub(crate) fn words(&self) -> usize {
        self.always.len()
    }

    /// The patterns that may match in `text`, a bit each, in [`JointAutomaton::words`].
    pub(crate) fn may_match(&self, text: &str, states: &mut JointStates, found: &mut [u64]) {
        if states.rest > 0 {
            states.rest -= 1;
            return found.fill(u64::MAX);
        }
        found.copy_from_slice(&self.always);
        for (part, cache) in self.parts.iter().zip(&mut states.parts) {
            cache.search_start(0);
            let read = part.read(text.as_bytes(), cache, found);
            cache.search_finish(text.len());
            if read.is_err() {
                states.rest = REST;
                return found.fill(u64::MAX);
            }
        }
    }
}

impl Part {
    fn new(patterns: Vec<(usize, String)>, anchored: Anchored) -> Result<Part, Box<BuildError>> {
        let (numbers, texts): (_, Vec<String>) = patterns.into_iter().unzip();
        let of_nfa = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(MOST_AUTOMATON))
            .which_captures(WhichCaptures::None);
        let of_dfa = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(MOST_STATES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(CLEARED))
            .minimum_bytes_per_state(Some(BYTES_PER_STATE));
        let automaton = DFA::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(of_nfa)
            .configure(of_dfa)
            .build_many(&texts)?;
        Ok(Part {
            automaton,
            anchored,
            numbers,
        })
    }

    /// Adds the patterns that end somewhere in `text`. An error: too many states were needed.
    fn read(&self, text: &[u8], cache: &mut Cache, found: &mut [u64]) -> Result<(), CacheError> {
        let automaton = &self.automaton;
        let input = Input::new(text).anchored(self.anchored);
        let Ok(mut state) = automaton.start_state_forward(cache, &input) else {
            found.fill(u64::MAX);
            return Ok(());
        };
        for &byte in text {
            state = automaton.next_state(cache, state, byte)?;
            if state.is_tagged() {
                if state.is_dead() {
                    return Ok(());
                }
                if state.is_match() {
                    // told of once the byte behind its end is read
                    self.add(cache, state, found);
                }
            }
        }
        state = automaton.next_eoi_state(cache, state)?;
        if state.is_match() {
            self.add(cache, state, found);
        }
        Ok(())
    }

    fn add(&self, cache: &Cache, state: LazyStateID, found: &mut [u64]) {
        for at in 0..self.automaton.match_len(cache, state) {
            let pattern = self.automaton.match_pattern(cache, state, at);
            let number = self.numbers[pattern.as_usize()];
            found[number / 64] |= 1 << (number % 64);
        }
    }
}

/// A pattern, in the syntax of the automaton, that takes at least what this one does at the same
/// places; None where that would be too long.
fn superset(ast: &Ast) -> Option<String> {
    let mut writer = Writer {
        certain: Vec::new(),
        out: String::new(),
        depth: 0,
    };
    writer.note_certain(&ast.root);
    writer.node(&ast.root)?;
    Some(writer.out)
}

/// Whether it matches at the start of a text alone.
fn is_tied(ast: &Ast) -> bool {
    !ast.flags.multi_line && starts_at_text(&ast.root)
}

/// Trees of more levels are left to the search.
const MOST_LEVELS: u32 = 60;

struct Writer<'a> {
    /// The groups that each match goes through once, with their numbers.
    certain: Vec<(usize, &'a Node)>,
    out: String,
    depth: u32,
}

impl<'a> Writer<'a> {
    fn note_certain(&mut self, node: &'a Node) {
        match &node.kind {
            Kind::Concat(nodes) => nodes.iter().for_each(|node| self.note_certain(node)),
            Kind::Group(group) => {
                if let super::ast::GroupKind::Capture { index, .. } = group.kind {
                    self.certain.push((index, &group.node));
                }
                self.note_certain(&group.node);
            }
            _ => {}
        }
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        self.depth += 1;
        if self.depth > MOST_LEVELS || self.out.len() > MOST_TEXT {
            return None;
        }
        match &node.kind {
            Kind::Empty | Kind::Look(_) => {}
            Kind::Anchor(Anchor::TextStart) => self.out.push_str(r"\A"),
            Kind::Anchor(Anchor::Start) if !node.flags.multi_line => self.out.push_str(r"\A"),
            Kind::Anchor(_) => {}
            Kind::Literal(_) | Kind::Any | Kind::Class(_) => self.character(node)?,
            Kind::Concat(nodes) => nodes.iter().try_for_each(|node| self.node(node))?,
            Kind::Alternation(nodes) => self.one_of(nodes.iter())?,
            Kind::Group(group) => self.one_of([&*group.node].into_iter())?,
            Kind::Conditional(conditional) => {
                self.out.push_str("(?:");
                self.node(&conditional.yes)?;
                self.out.push('|');
                if let Some(no) = &conditional.no {
                    self.node(no)?;
                }
                self.out.push(')');
            }
            Kind::Repeat(repeat) => {
                self.one_of([&*repeat.node].into_iter())?;
                let min = repeat.min.min(UNROLLED);
                match repeat.max.filter(|max| *max <= UNROLLED) {
                    Some(max) => write!(self.out, "{{{min},{max}}}").ok()?,
                    None => write!(self.out, "{{{min},}}").ok()?,
                }
            }
            Kind::Backreference(group) => {
                let known = self.certain.iter().find(|(index, _)| index == group);
                match known.filter(|_| !node.flags.ignore_case) {
                    Some(&(_, group)) => self.one_of([group].into_iter())?,
                    None => self.out.push_str(r"[\x00-\xff]*"),
                }
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn one_of<'n>(&mut self, nodes: impl Iterator<Item = &'n Node>) -> Option<()> {
        self.out.push_str("(?:");
        for (at, node) in nodes.enumerate() {
            if at > 0 {
                self.out.push('|');
            }
            self.node(node)?;
        }
        self.out.push(')');
        Some(())
    }

    fn character(&mut self, node: &Node) -> Option<()> {
        let (mut set, wide) = character(node)?;
        if (b'0'..=b'9').any(|digit| set.has(digit)) {
            // fewer kinds of bytes, fewer states
            (b'0'..=b'9').for_each(|digit| set.add(digit));
        }
        let mut ranges: Vec<(u8, u8)> = Vec::new();
        set.each(|byte| match ranges.last_mut() {
            _ if !byte.is_ascii() => {}
            Some((_, last)) if *last + 1 == byte => *last = byte,
            _ => ranges.push((byte, byte)),
        });
        if ranges.is_empty() {
            // no class is empty
            self.out.push_str(r"(?:[^\x00-\xff]");
        } else {
            self.out.push_str("(?:[");
            for (first, last) in ranges {
                write!(self.out, r"\x{first:02x}-\x{last:02x}").ok()?;
            }
            self.out.push(']');
        }
        if wide {
            self.out.push_str(r"|[\xc2-\xf4][\x80-\xbf]{1,3}");
        }
        self.out.push(')');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    fn of(patterns: &[&str], text: &str) -> u64 {
        let regexes = patterns.iter().map(|p| Regex::new(p, Flags::default()));
        let regexes: Vec<_> = regexes.map(|regex| regex.expect("compiles")).collect();
        let automaton = JointAutomaton::new(regexes.iter().map(|regex| Some(regex.ast())));
        let automaton = automaton.expect("is small");
        let mut found = [0];
        automaton.may_match(text, &mut automaton.states(), &mut found);
        found[0]
    }

    #[test]
    fn what_cannot_match_is_ruled_out() {
        let patterns = [
            r"^\d{4}-\d\d",
            r"(?P<s>[-/.])\d(?P=s)",
            r"\bend$",
            r"(a)?(?(1)b|c)",
        ];
        assert_eq!(of(&patterns, "2026-11 the end"), 0b0101);
        assert_eq!(of(&patterns, "on 2026-11/1-"), 0b0010);
        assert_eq!(of(&patterns, "é"), 0);
        assert_eq!(of(&patterns, "xb"), 0b1000);
        // one of which nothing is known
        let regex = Regex::new("x", Flags::default()).expect("compiles");
        let automaton = JointAutomaton::new([None, Some(regex.ast())].into_iter());
        let automaton = automaton.expect("is small");
        let mut found = [0];
        automaton.may_match("y", &mut automaton.states(), &mut found);
        assert_eq!(found, [1]);
    }

    #[test]
    fn patterns_beyond_all_bounds_are_an_error_or_always_possible() {
        let regex = |pattern: &str| Regex::new(pattern, Flags::default()).expect("compiles");
        let nested = regex(r"(?:(?:(?:(?:a?){30}){30}){30}){30}");
        assert!(JointAutomaton::new([Some(nested.ast())].into_iter()).is_err());
        let deep = regex(&format!("{}x{}", "(?:y|".repeat(80), ")".repeat(80)));
        let automaton = JointAutomaton::new([Some(deep.ast())].into_iter()).expect("has none");
        let mut found = [0];
        automaton.may_match("z", &mut automaton.states(), &mut found);
        assert_eq!(found, [1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What the automaton rules out, the machine does not match, in whole texts and in parts.
        #[test]
        fn the_automaton_never_rules_out_a_match(
            pattern in r"(\(\?i\))?\^?([abA1é. ]|\\w|\\S|\\d|\\W|[ab]\?|[abé]\*|[a1]\{2,3\}|\(\?:a\|bé\)|\[\^a\]|\[a-c\]\+|\(\?!b\)|\(a\)\?\(\?\(1\)b\|c\)|\\b|\(\?P<g>[ab]+\)-\(\?P=g\)|\(\?>a\+\)|\(\?<=a\)|[ab]\+\?){1,8}\$?",
            text in "[abcA1é K\u{212a}-]{0,14}",
        ) {
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            let automaton = JointAutomaton::new([Some(regex.ast())].into_iter()).expect("is small");
            let mut found = [0];
            automaton.may_match(&text, &mut automaton.states(), &mut found);
            let scratch = &mut Scratch::default();
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for &start in &places {
                for &end in places.iter().filter(|end| **end >= start) {
                    let matches = regex.search_at(&text[..end], start, scratch).expect("few steps").is_some();
                    prop_assert!(!matches || found[0] == 1, "{} on {:?} in {}..{}", pattern, text, start, end);
                }
            }
        }
    }
}
