//! Which date templates can match in a line, for all filters of a set at once.

use crate::date::{DateDetector, DateTemplate};
use crate::pattern::joint_automaton::{JointAutomaton, JointStates};
use std::collections::HashMap;
use std::sync::Arc;

/// Lines of which nothing is told: a few are done before an automaton is made.
const PATIENCE: usize = 16;

/// Templates of a group that a mask has room for.
const MOST: usize = 64;

/// Tells by group which of its templates can match in a line.
///
/// Exactness: whether a template can match depends on its regex and the line alone, so that
/// templates of one regex are asked about once, whatever groups they are in; [`JointAutomaton`]
/// says why what it rules out cannot match. Templates beyond the 64th of a group are never ruled
/// out, nor those whose regex does not compile, of which a search has to say so.
pub(super) struct PossibleDates {
    /// Of different regexes.
    templates: Vec<Arc<DateTemplate>>,
    /// By template, the groups that have it, and as which of their own.
    places: Vec<Vec<(usize, u64)>>,
    /// By group, the templates that are always possible.
    always: Vec<u64>,
    seen: usize,
    automaton: Option<(JointAutomaton, JointStates)>,
}

impl PossibleDates {
    /// For groups with these detectors.
    pub(super) fn new<'d>(detectors: impl Iterator<Item = &'d DateDetector>) -> PossibleDates {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let (mut templates, mut places, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (group, detector) in detectors.enumerate() {
            let is_small = detector.all().len() <= MOST;
            always.push(if is_small { 0 } else { u64::MAX });
            for (bit, template) in detector.all().iter().enumerate().take(MOST) {
                let number = *known.entry(template.regex()).or_insert_with(|| {
                    templates.push(Arc::clone(template));
                    places.push(Vec::new());
                    templates.len() - 1
                });
                places[number].push((group, 1 << bit));
            }
        }
        PossibleDates {
            templates,
            places,
            always,
            seen: 0,
            automaton: None,
        }
    }

    /// Line by line and for each line group by group, the group's templates that can match, a bit
    /// each.
    pub(super) fn of_lines<'l>(
        &mut self,
        lines: impl ExactSizeIterator<Item = &'l str>,
    ) -> Vec<u64> {
        let groups = self.always.len();
        let mut possible = Vec::with_capacity(lines.len() * groups);
        let mut found = Vec::new();
        for line in lines {
            if self.seen < PATIENCE {
                self.seen += 1;
                if self.seen == PATIENCE {
                    self.make();
                }
                possible.resize(possible.len() + groups, u64::MAX);
                continue;
            }
            let Some((automaton, states)) = &mut self.automaton else {
                possible.resize(possible.len() + groups, u64::MAX);
                continue;
            };
            found.resize(automaton.words(), 0);
            automaton.may_match(line, states, &mut found);
            let first = possible.len();
            possible.extend_from_slice(&self.always);
            for (at, word) in found.iter().enumerate() {
                let mut word = *word;
                while word != 0 {
                    let template = at * 64 + word.trailing_zeros() as usize;
                    word &= word - 1;
                    for &(group, bit) in self.places.get(template).into_iter().flatten() {
                        possible[first + group] |= bit;
                    }
                }
            }
        }
        possible
    }

    /// Makes the automaton; where it would be too large, everything stays possible.
    fn make(&mut self) {
        let asts = self.templates.iter().map(|template| {
            let regex = template.compiled_regex().ok()?;
            Some(regex.ast())
        });
        let automaton = JointAutomaton::new(asts).ok();
        self.automaton = automaton.map(|automaton| {
            let states = automaton.states();
            (automaton, states)
        });
    }
}
