//! Which date templates can match a line, before any is searched for.

use super::block::template_bit;
use crate::date::DateTemplate;
use crate::engine::prefilter::Prefilter;
use std::sync::Arc;

/// Which date templates may match somewhere in a line: made once enough lines asked for it.
///
/// Exactness: [`Prefilter`] says why what it rules out cannot match.
#[derive(Debug, Default)]
pub(super) struct DatePrefilter {
    asked: u32,
    prefilter: Option<Prefilter>,
}

impl DatePrefilter {
    /// Lines that are searched without: a few are done before one is made.
    const PATIENCE: u32 = 16;

    /// A bit per template, by its number.
    pub(super) fn possible(&mut self, templates: &[Arc<DateTemplate>], line: &str) -> u64 {
        self.asked = self.asked.saturating_add(1);
        if self.asked == Self::PATIENCE {
            let regexes = templates.iter().map(|t| t.compiled_regex());
            let regexes: Result<Vec<_>, _> = regexes.collect();
            self.prefilter = regexes.ok().map(|all| Prefilter::new(all.into_iter()));
        }
        match &self.prefilter {
            Some(prefilter) if templates.len() <= 64 => {
                let possible = prefilter.candidates(line);
                possible.fold(0, |bits, at| bits | template_bit(at))
            }
            _ => u64::MAX,
        }
    }
}
