//! What is known of a line before any regex is searched for, and before its text is put together.

use super::adaptive_prefilter::AdaptivePrefilter;
use super::filter::Filter;
use super::line_fact::PrefregexFact;
use super::prefilter::TextCheck;
use super::settled_lines::Settled;
use super::texts::{Span, Texts};
use crate::pattern::Scratch;

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

    /// Looks for it in a line of a block: what stands `before` its date, and `behind` it. What
    /// prefregex says where that settles the line, as far as verdicts go: it is missed then, as most
    /// lines of a log are.
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
    ) -> Result<PrefregexFact, TextChecks> {
        match adaptive.settled(texts.block().as_bytes(), [before, behind]) {
            Some(Settled::Missed(said)) => Ok(said),
            Some(Settled::ForFailregexes) => Err(TextChecks {
                prefregex: TextCheck::MayMatch,
                failregexes: TextCheck::NoText,
            }),
            None => TextChecks::of_other_line(filter, texts, [before, behind], adaptive),
        }
    }

    #[inline(never)]
    fn of_other_line(
        filter: &Filter,
        texts: &Texts,
        [before, behind]: [Span; 2],
        adaptive: &mut AdaptivePrefilter,
    ) -> Result<PrefregexFact, TextChecks> {
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
                let seam = prefilter.seam(texts, before, behind);
                adaptive.settle(before.start, Settled::Missed(said), seam);
                return Ok(said);
            }
        }
        let (prefilter, state) = (filter.prefilter(), &mut adaptive.failregexes);
        checks.failregexes = prefilter.check_line(texts, before, behind, state);
        if !prefilter.rules_out(checks.failregexes) {
            return Err(checks);
        }
        let seam = prefilter.seam(texts, before, behind);
        if said != PrefregexFact::Missed {
            adaptive.settle(before.start, Settled::Missed(said), seam);
            return Ok(said);
        }
        let prefregex = filter.prefregex_prefilter();
        if !prefregex.is_some_and(|prefilter| adaptive.looks_for_prefregex(prefilter)) {
            adaptive.settle(before.start, Settled::ForFailregexes, seam);
        }
        Err(checks)
    }

    /// What prefregex says of a line that nothing a failregex requires stands in: nobody will ask for
    /// more. None where a failregex may match, or this takes too many steps.
    #[inline]
    pub(super) fn prefregex_alone(
        self,
        filter: &Filter,
        (texts, text): (&Texts, Span),
        scratch: &mut Scratch,
    ) -> Option<PrefregexFact> {
        if !filter.prefilter().rules_out(self.failregexes) {
            return None;
        }
        let regex = filter.prefregex.as_ref()?;
        let matches = regex.regex.has_match(texts.bytes(text), scratch).ok()?;
        Some(if matches {
            PrefregexFact::MATCHED
        } else {
            PrefregexFact::Missed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::filter::FilterOptions;
    use proptest::prelude::*;

    proptest! {
        /// What is said of the lines of a block, in their order, is what is said of each alone: where
        /// texts are looked for, whatever stands before dates.
        #[test]
        fn lines_before_them_change_nothing(
            lines in prop::collection::vec(
                (prop_oneof![4 => "", 1 => "[ab]{1,2}"], "[xab\r]{0,9}"),
                1..400,
            ),
            prefregex in prop::sample::select(vec!["", "^.*$", "ab", "^x.*bb", "[^a]*a", "."]),
            failregexes in prop::sample::subsequence(vec!["aab<HOST>", "ba.*<HOST>", "<HOST>"], 1..3),
        ) {
            let mut filter = Filter::new(FilterOptions::default());
            filter.set_prefregex(Sourced::given(prefregex)).expect("it compiles");
            for regex in failregexes {
                filter.add_failregex(Sourced::given(regex)).expect("it compiles");
            }
            let date = "1.2.2026";
            let block = lines.iter().map(|(before, behind)| format!("{before}{date}{behind}\n"));
            let texts = Texts::new(block.collect());
            let mut ahead = AdaptivePrefilter::default();
            ahead.begin_block();
            let mut start = 0;
            for (before, behind) in &lines {
                let middle = start + before.len();
                let behind_date = middle + date.len();
                let end = behind_date + behind.len();
                let parts = [Span::new(start, middle), Span::new(behind_date, end)];
                let said = TextChecks::of_line(&filter, &texts, parts, &mut ahead);
                let alone = &mut AdaptivePrefilter::default();
                let of_alone = TextChecks::of_line(&filter, &texts, parts, alone);
                // most lines may pass, and then they do so unasked
                if said.is_ok() || of_alone.is_ok() && ahead.checks_all() {
                    prop_assert_eq!(said.ok(), of_alone.ok());
                }
                let none = |checks: TextChecks| checks.failregexes == TextCheck::NoText;
                if said.err().is_some_and(none) {
                    prop_assert!(of_alone.is_ok() || of_alone.err().is_some_and(none));
                }
                start = end + 1;
            }
        }
    }
}
