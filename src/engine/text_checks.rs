//! What is known of a line before any regex is searched for, and before its text is put together.

use super::filter::Filter;
use super::line_fact::{LineFact, PrefregexFact};
use super::prefilter::{AdaptivePrefilter, TextCheck};
use super::texts::{Span, Texts};

/// Whether what prefregex and what the failregexes require stands in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextChecks {
    pub(super) prefregex: TextCheck,
    pub(super) failregexes: TextCheck,
}

impl TextChecks {
    /// Nothing has been looked for.
    pub(super) const NOT_MADE: TextChecks = TextChecks {
        prefregex: TextCheck::NotMade,
        failregexes: TextCheck::NotMade,
    };

    /// Looks for it in a line of a block: what stands `before` its date, and `behind` it. The fact
    /// of the line where that settles it, as far as verdicts go; most lines of a log are missed.
    ///
    /// Exactness: where an ignoreregex comes first, nothing is looked for. A prefregex leaves a
    /// part of the line to the failregexes, so what does not stand in the line does not stand in
    /// that part. Whether prefregex matches is counted: it has to match every line, or to lack
    /// something itself.
    #[inline]
    pub(super) fn of_line(
        filter: &Filter,
        texts: &Texts,
        [before, behind]: [Span; 2],
        adaptive: &mut AdaptivePrefilter,
    ) -> Result<LineFact, TextChecks> {
        let mut checks = TextChecks::NOT_MADE;
        if filter.ignores_first() {
            return Err(checks);
        }
        let said = match &filter.prefregex {
            None => PrefregexFact::NotTried,
            Some(regex) if regex.matches_every_line => {
                if before.start == before.end && behind.start == behind.end {
                    return Err(checks);
                }
                PrefregexFact::MATCHED
            }
            Some(_) => PrefregexFact::Missed,
        };
        if let PrefregexFact::Missed = said
            && let Some(prefilter) = filter.prefregex_prefilter()
        {
            let state = &mut adaptive.prefregex;
            checks.prefregex = prefilter.check_line(texts, before, behind, state);
            if prefilter.rules_out(checks.prefregex) {
                return Ok(LineFact::missed(said));
            }
        }
        let (prefilter, state) = (filter.prefilter(), &mut adaptive.failregexes);
        checks.failregexes = prefilter.check_line(texts, before, behind, state);
        if said != PrefregexFact::Missed && prefilter.rules_out(checks.failregexes) {
            return Ok(LineFact::missed(said));
        }
        Err(checks)
    }
}
