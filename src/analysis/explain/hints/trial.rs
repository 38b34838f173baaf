//! How a sample fared under some changes: the lines that count, and for whom.

use crate::config::Sourced;
use crate::engine::address::AddressKind;

/// How one line fared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TrialLine {
    /// A failure that counts.
    pub(crate) counts: bool,
    /// Taken back, or a helper only.
    pub(crate) ignored: bool,
    /// A match that does not count because it is a helper (`<F-NOFAIL>`).
    pub(crate) helper: bool,
    /// Bytes of the (edited) line the date was cut from.
    pub(crate) cut: Option<(usize, usize)>,
    /// The time of the date in the line, epoch seconds.
    pub(crate) time: Option<f64>,
    /// The ids that count, with their kinds.
    pub(crate) ids: Vec<(String, AddressKind)>,
    /// Indexes of the ignoreregexes that took it back.
    pub(crate) ignored_by: Vec<usize>,
    /// Index of the first failregex that matched.
    pub(crate) regex: Option<usize>,
    /// What the regexes saw.
    pub(crate) text: String,
}

/// How the sample fared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trial {
    pub(crate) lines: Vec<TrialLine>,
    /// Dates were searched.
    pub(crate) searched: bool,
    /// The sources of the failregexes that ran.
    pub(crate) regexes: Vec<Sourced>,
    /// The source of the prefregex.
    pub(crate) prefregex: Option<Sourced>,
    /// The sources of the ignoreregexes.
    pub(crate) ignoreregexes: Vec<Sourced>,
}

impl Trial {
    /// Lines that count.
    pub(crate) fn counting(&self) -> usize {
        self.lines.iter().filter(|line| line.counts).count()
    }

    /// The regex that decides whether a line matches: the prefregex, or the failregex that did.
    pub(crate) fn source_of(&self, line: usize) -> Option<&Sourced> {
        match &self.prefregex {
            Some(prefregex) => Some(prefregex),
            None => self.regexes.get(self.lines[line].regex?),
        }
    }

    /// Lines that count and that this failregex was the first to match.
    pub(crate) fn found_by(&self, regex: &str) -> usize {
        let is_it = |line: &&TrialLine| {
            let found = line.regex.and_then(|index| self.regexes.get(index));
            line.counts && found.is_some_and(|source| source.text == regex)
        };
        self.lines.iter().filter(is_it).count()
    }

    /// Indexes of the lines that count here and did not before.
    pub(crate) fn gained(&self, before: &Trial) -> Vec<usize> {
        let pairs = self.lines.iter().zip(&before.lines).enumerate();
        pairs
            .filter(|(_, (now, then))| now.counts && !then.counts)
            .map(|(at, _)| at)
            .collect()
    }

    /// Lines that counted before and do not here.
    pub(crate) fn lost(&self, before: &Trial) -> usize {
        before.gained(self).len()
    }

    /// Indexes of the lines that have a date here and had none before.
    pub(crate) fn newly_dated(&self, before: &Trial) -> Vec<usize> {
        let pairs = self.lines.iter().zip(&before.lines).enumerate();
        pairs
            .filter(|(_, (now, then))| now.time.is_some() && then.time.is_none())
            .map(|(at, _)| at)
            .collect()
    }
}
