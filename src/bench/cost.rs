//! What a regex costs in steps: deterministic, whatever else the machine does.
//!
//! The machine's steps with its memory off, which is what a plain backtracking engine such
//! as CPython's goes through; nothing gates it. A search that would never end is cut off.

use crate::pattern::{Regex, Scratch};
use serde::Serialize;

/// A search is given up after so many steps; CPython would go on.
pub const MOST_STEPS: u64 = 2_000_000;

/// Steps of one search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Steps(pub u64);

/// Counts steps.
#[derive(Debug)]
pub struct StepCounter {
    scratch: Scratch,
}

impl Default for StepCounter {
    fn default() -> Self {
        let mut scratch = Scratch::default();
        scratch.set_memory(None);
        scratch.set_step_budget(MOST_STEPS);
        StepCounter { scratch }
    }
}

impl StepCounter {
    /// Steps of one search; [`MOST_STEPS`] or more where it was given up.
    pub fn count(&mut self, regex: &Regex, text: &str) -> Steps {
        let searched = regex.search(text, &mut self.scratch).is_ok();
        let steps = self.scratch.steps();
        Steps(if searched { steps } else { steps.max(MOST_STEPS) })
    }
}
