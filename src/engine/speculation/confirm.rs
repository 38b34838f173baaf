//! Whether the date a worker found in a line is the one the true state of the date detector leads
//! to.

use super::block::{BlockFacts, BlockLine, NotedAnswer, all_of, template_bit};
use crate::date::{self, DateMatch, DetectError, Found};
use crate::engine::session::Session;
use crate::pattern::Scratch;
use std::ops::Range;

/// An answer the state machine got: noted by the worker, or just searched.
enum ProbeResult {
    Noted(u32, Range<usize>),
    Searched(Found),
}

impl date::Span for ProbeResult {
    fn span(&self) -> Range<usize> {
        match self {
            ProbeResult::Noted(_, span) => span.clone(),
            ProbeResult::Searched(found) => found.start..found.end,
        }
    }
}

/// Whether the worker's facts of a line hold.
pub(super) enum TakeOver {
    /// They do.
    Holds,
    /// They do not: the line is to be judged anew, with this date. The date detector has been
    /// moved on over it.
    Redo(Option<DateMatch>),
}

impl Session<'_> {
    /// Moves the detector on over the block, if it stands where the worker's began: then each of
    /// the worker's steps was a true one. One thread alone always knows the true state.
    pub(super) fn adopt_detector(&mut self, block: &BlockFacts) -> bool {
        let Some((detector, [before, behind])) =
            self.detector.as_mut().zip(block.detectors.as_ref())
        else {
            return false;
        };
        let is_same = detector.state() == before;
        if is_same && !block.entries.is_empty() {
            detector.advance_to(behind);
        }
        is_same
    }

    /// Moves the detector on over a line, with the worker's answers where it asked the same.
    /// The facts do not hold where another answer than the worker's gives the date.
    pub(super) fn confirm_winner(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
    ) -> TakeOver {
        if let Some(said) = self.confirm_lone_winner(block, line, text) {
            return said;
        }
        let step = self.step(block, line, text, scratch);
        let (template, found) = match step {
            Ok(None) if line.winner.is_none() => return TakeOver::Holds,
            Ok(None) => return TakeOver::Redo(None),
            Ok(Some((_, ProbeResult::Noted(index, _)))) if line.winner == Some(index) => {
                return TakeOver::Holds;
            }
            Ok(Some((template, ProbeResult::Noted(index, _)))) => {
                (template, self.search_again(block, index, text, scratch))
            }
            Ok(Some((template, ProbeResult::Searched(found)))) => (template, Some(found)),
            Err(fault) => {
                self.date_faults.add(&fault);
                return TakeOver::Redo(None);
            }
        };
        TakeOver::Redo(found.map(|found| DateMatch { template, found }))
    }

    /// The same where the worker knows of all templates but the winner that they match nowhere
    /// in the line: none of them need be asked. None where that is not known to be enough.
    fn confirm_lone_winner(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
    ) -> Option<TakeOver> {
        let detector = self.detector.as_mut()?;
        let winner = line.winner.map(|winner| &block.answers[winner as usize]);
        let whole = winner.is_none_or(|answer| answer.probe.part.is_none());
        let bit = winner.map_or(0, |answer| template_bit(answer.probe.template));
        let templates = detector.all().len();
        if !whole || templates > 64 || line.no_match | bit != all_of(templates) {
            return None;
        }
        let only = match winner {
            Some(answer) => Some((answer.probe.template, answer.found.clone()?)),
            None => None,
        };
        match detector.step_alone(text, only)? {
            Ok(()) => Some(TakeOver::Holds),
            Err(fault) => {
                self.date_faults.add(&fault);
                Some(TakeOver::Redo(None))
            }
        }
    }

    /// Runs the detector's state machine over a line with the worker's answers.
    fn step(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
    ) -> Result<Option<(usize, ProbeResult)>, DetectError> {
        let Some(detector) = &mut self.detector else {
            return Ok(None);
        };
        detector.step(text, |template, probe| match block.answer(line, &probe) {
            NotedAnswer::Match(index, span) => Ok(Some(ProbeResult::Noted(index, span))),
            NotedAnswer::NoMatch => Ok(None),
            NotedAnswer::Unknown => {
                let found = template.find(text, probe.part, scratch)?;
                Ok(found.map(ProbeResult::Searched))
            }
        })
    }

    /// The worker's match of the date, with its groups.
    pub(super) fn noted_winner(
        &self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
    ) -> Option<DateMatch> {
        let winner = line.winner?;
        let template = block.probe(winner).template;
        let found = self.search_again(block, winner, text, scratch)?;
        Some(DateMatch { template, found })
    }

    fn search_again(
        &self,
        block: &BlockFacts,
        answer: u32,
        text: &str,
        scratch: &mut Scratch,
    ) -> Option<Found> {
        let probe = block.probe(answer);
        let template = &self.detector.as_ref()?.all()[probe.template];
        template.find(text, probe.part, scratch).ok().flatten()
    }
}
