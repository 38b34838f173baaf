//! A log that comes piece by piece.

use super::analysis::{Analysis, Failure, Hint, Line, Verdict, Warning};
use super::filter::Filter;
use crate::analysis::explain::hints::rebuild::Rebuilder;
use crate::analysis::explain::hints::{self, Evidence};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::run::{Findings, TemplateCounts, WarningContext};
use crate::config::FilterSource;
use crate::engine::builder::Overrides;
use crate::engine::stats::{Keep, Retention};
use crate::engine::{self, Stats};
use crate::pattern::Scratch;

impl Filter {
    /// Judges the lines of a log, in order. Empty lines and those that begin with `#` are
    /// skipped, as fail2ban-regex does. Host names are not looked up.
    ///
    /// Each call begins anew: no date, no session of an earlier text is remembered. For a log that
    /// comes piece by piece there is [`Filter::session`].
    pub fn analyze(&self, log: &str) -> Analysis {
        self.session().analyze(log)
    }

    /// Begins a log that comes piece by piece.
    ///
    /// ```
    /// let filter = f2b_regex::Filter::of_failregex(
    ///     r"^ door\[<F-MLFID>\d+</F-MLFID>\]: (?:<F-NOFAIL>call</F-NOFAIL> from <ADDR>|wrong code)$",
    /// )?;
    /// let mut session = filter.session();
    /// assert_eq!(session.analyze("2026-11-20 09:00:05 door[7]: call from 192.0.2.1\n").matched, 0);
    /// let later = session.analyze("2026-11-20 09:00:06 door[7]: wrong code\n");
    /// let (line, failure) = later.failures().next().expect("the same session");
    /// assert_eq!((line.number, failure.id.as_deref()), (2, Some("192.0.2.1")));
    /// # Ok::<(), f2b_regex::Error>(())
    /// ```
    pub fn session(&self) -> Session<'_> {
        let detector = Some(self.detector.clone());
        let nothing = Retention {
            matched: Keep::None,
            ignored: Keep::None,
            missed: Keep::None,
            addresses: 0,
            ..Retention::default()
        };
        let (failregexes, ignoreregexes) = (&self.filter.failregexes, &self.filter.ignoreregexes);
        Session {
            filter: self,
            session: engine::Session::new(&self.filter, &self.clock, detector),
            scratch: Scratch::default(),
            lines: 0,
            stats: Stats::new(failregexes.len(), ignoreregexes.len(), nothing),
            sampler: Sampler::default(),
        }
    }
}

/// A log that comes piece by piece, each piece whole lines: what lines leave behind holds for those
/// that come later. That is the last date, how dates are written, the sessions of `<F-MLFID>` (the
/// last hundred) and the buffer of a multi-line filter. Made by [`Filter::session`]. What it keeps
/// does not grow with the log.
pub struct Session<'f> {
    filter: &'f Filter,
    session: engine::Session<'f>,
    scratch: Scratch,
    /// Lines of all pieces so far.
    lines: usize,
    stats: Stats,
    sampler: Sampler,
}

/// How many lines of all pieces got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Lines that matched; with a multi-line filter, lines before that became part of a match
    /// among them, of earlier pieces too.
    pub matched: usize,
    /// Lines that an ignoreregex or `<F-NOFAIL>` took back.
    pub ignored: usize,
    /// Lines that nothing matched.
    pub missed: usize,
}

impl Session<'_> {
    /// Judges the next lines; they are numbered on from those before. A newline at the end of the
    /// piece ends its last line and begins no other.
    pub fn analyze(&mut self, log: &str) -> Analysis {
        let mut analysis = Analysis::default();
        for line in log.split_terminator('\n') {
            self.lines += 1;
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() || line.starts_with('#') {
                self.stats.skipped += 1;
                continue;
            }
            self.sampler.line(self.lines as u64, line);
            let outcome = self.session.line(line, &mut self.scratch);
            let prefregex = Some(self.session.prefregex());
            self.stats
                .record(line, self.lines as u64, &outcome, prefregex);
            let failures = outcome.failures().map(|found| Failure {
                id: found.id.as_ref().map(|id| id.text.to_string()),
                time: found.date.map(|date| date.seconds()),
                failregex: found.regex,
                users: found.users.iter().map(|user| user.to_string()).collect(),
            });
            let line = Line {
                number: self.lines,
                verdict: Verdict::of(&outcome),
                failures: failures.collect(),
            };
            analysis.count(line.verdict, outcome.taken.len());
            analysis.lines.push(line);
        }
        analysis
    }

    /// The verdicts on all lines so far, those of one run over all pieces.
    pub fn counts(&self) -> Counts {
        let number = |count: i64| usize::try_from(count).unwrap_or_default();
        Counts {
            matched: number(self.stats.matched),
            ignored: number(self.stats.ignored),
            missed: number(self.stats.missed),
        }
    }

    /// What looks wrong with the lines so far: no date in any, matches without one, a regex that
    /// gave no answer. What the filter's files say is [`Filter::warnings`].
    pub fn warnings(&self) -> Vec<Warning> {
        let findings = Findings {
            // no addresses are listed here
            untracked: 0,
            ..Findings::of(&self.session, &self.stats)
        };
        let dates = self.session.detector().map(TemplateCounts::found);
        let warnings = findings.warnings(&WarningContext {
            clock: &self.filter.clock,
            tested: self.stats.tested,
            skipped: self.stats.skipped,
            has_failregex: !self.filter.filter.failregexes.is_empty(),
            dates: dates.map(|all| all.iter().map(|template| template.hits).sum()),
            own_datepattern: false,
            addresses: 0,
        });
        warnings.into_iter().map(Warning::from).collect()
    }

    /// What to change so that more of the lines match, the order in which to do it: tried on the
    /// first lines and the last ones. Nothing is said where nothing helps, or nothing is wrong.
    /// That takes as long as many runs over them do.
    pub fn hints(&self) -> Vec<Hint> {
        let filter = self.filter;
        let source = filter.named.as_ref().map(|named| &named.source);
        let evidence = Evidence {
            lines: self.sampler.clone().finish(0),
            columns: None,
            total: self.lines as u64,
            clock: &filter.clock,
            filter: &filter.filter,
            detector: Some(filter.detector.clone()),
            filter_name: source.map(FilterSource::filter_name),
            files: source.map_or(Vec::new(), |source| source.files.clone()),
            options: source.map_or(Vec::new(), |source| source.given_options.clone()),
            datepattern: None,
            journalmatch: None,
            found_encoding: None,
            begin: None,
            has_timezone: false,
            modified: None,
            is_unwrapped: false,
        };
        let rebuilder = Rebuilder {
            request: filter.request(),
            is_literal: source.is_none(),
            build: |spec: &str, given: &Overrides| {
                let (filter, detector) = filter.rebuilt(spec, given)?;
                Some((filter, Some(detector)))
            },
        };
        let found = hints::diagnose(&evidence, &rebuilder).hints;
        found.into_iter().map(Hint::from).collect()
    }
}
