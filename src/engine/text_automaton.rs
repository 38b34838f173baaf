//! One look at a text for many texts.

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous;
use aho_corasick::{Anchored, BuildError, MatchError, dfa};
use std::ops::ControlFlow;

/// Finds all texts of a list. The engines of `aho_corasick` themselves: behind the common face that
/// the library has for them each byte costs a call.
#[derive(Debug)]
pub(super) enum TextAutomaton {
    Dense(dfa::DFA),
    Compact(contiguous::NFA),
}

impl TextAutomaton {
    /// Of texts with more bytes than `dense` in all, no table of all states is made: they are found
    /// more slowly, but sooner. Errors: there are too many texts.
    pub(super) fn new<T: AsRef<[u8]>>(
        texts: impl Iterator<Item = T> + Clone,
        dense: usize,
    ) -> Result<TextAutomaton, BuildError> {
        let bytes: usize = texts.clone().map(|text| text.as_ref().len()).sum();
        Ok(if bytes < dense {
            TextAutomaton::Dense(dfa::DFA::new(texts)?)
        } else {
            TextAutomaton::Compact(contiguous::NFA::new(texts)?)
        })
    }

    /// Calls `found` with the number of each text that stands in a text, in the order of their ends,
    /// until it breaks. Errors: the automaton cannot search so, which none of ours says.
    #[inline]
    pub(super) fn each_in(
        &self,
        text: &[u8],
        found: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, MatchError> {
        match self {
            TextAutomaton::Dense(automaton) => each_of(automaton, text, found),
            TextAutomaton::Compact(automaton) => each_of(automaton, text, found),
        }
    }
}

#[inline]
fn each_of(
    automaton: &impl Automaton,
    text: &[u8],
    mut found: impl FnMut(usize) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, MatchError> {
    let mut state = automaton.start_state(Anchored::No)?;
    for &byte in text {
        state = automaton.next_state(Anchored::No, state, byte);
        if automaton.is_special(state) && automaton.is_match(state) {
            for at in 0..automaton.match_len(state) {
                if found(automaton.match_pattern(state, at).as_usize()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}
