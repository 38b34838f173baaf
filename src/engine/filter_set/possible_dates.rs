//! Which date templates can match in a line, for all filters of a set at once.

use super::templates::Templates;
use crate::engine::text_masks::numbers;
use crate::pattern::joint_automaton::{JointAutomaton, JointStates};

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
    /// By template, the groups that have it, and as which of their own.
    places: Vec<Vec<(usize, u64)>>,
    /// By group, the templates that are always possible.
    always: Vec<u64>,
    seen: usize,
    automaton: Option<(JointAutomaton, JointStates)>,
    found: Vec<u64>,
}

impl PossibleDates {
    /// For so many templates, and groups that have those of these numbers.
    pub(super) fn new<'n>(
        templates: usize,
        groups: impl Iterator<Item = &'n [usize]>,
    ) -> PossibleDates {
        let mut places = vec![Vec::new(); templates];
        let groups = groups.enumerate().map(|(group, numbers)| {
            for (bit, number) in numbers.iter().enumerate().take(MOST) {
                places[*number].push((group, 1 << bit));
            }
            if numbers.len() > MOST { u64::MAX } else { 0 }
        });
        PossibleDates {
            always: groups.collect(),
            places,
            seen: 0,
            automaton: None,
            found: Vec::new(),
        }
    }

    /// Group by group, the group's templates that can match in a line, a bit each.
    pub(super) fn of_line(&mut self, line: &str, templates: &Templates, possible: &mut Vec<u64>) {
        possible.clear();
        if self.seen < PATIENCE {
            self.seen += 1;
            if self.seen == PATIENCE {
                self.make(templates);
            }
        }
        let Some((automaton, states)) = &mut self.automaton else {
            return possible.resize(self.always.len(), u64::MAX);
        };
        possible.extend_from_slice(&self.always);
        automaton.may_match(line, states, &mut self.found);
        for template in numbers(&self.found) {
            for &(group, bit) in self.places.get(template).into_iter().flatten() {
                possible[group] |= bit;
            }
        }
    }

    /// Makes the automaton; where it would be too large, everything stays possible.
    fn make(&mut self, templates: &Templates) {
        let asts = templates.all().map(|template| {
            let regex = template.compiled_regex().ok()?;
            Some(regex.ast())
        });
        let automaton = JointAutomaton::new(asts).ok();
        self.automaton = automaton.map(|automaton| {
            self.found = vec![0; automaton.words()];
            let states = automaton.states();
            (automaton, states)
        });
    }
}
