//! What a filter says of lines.

use crate::analysis::explain::hints;
use crate::analysis::warning;
pub use crate::engine::Verdict;

/// What a filter says of a text.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Analysis {
    /// The lines judged, in order.
    pub lines: Vec<Line>,
    /// How many lines matched; with a multi-line filter, lines before that became part of a
    /// match among them.
    pub matched: usize,
    /// How many an ignoreregex or `<F-NOFAIL>` took back.
    pub ignored: usize,
    /// How many nothing matched.
    pub missed: usize,
}

impl Analysis {
    /// The failures, each with its line.
    pub fn failures(&self) -> impl Iterator<Item = (&Line, &Failure)> {
        let of = |line: &'_ Line| line.verdict == Verdict::Matched;
        let lines = self.lines.iter().filter(move |line| of(line));
        lines.flat_map(|line| line.failures.iter().map(move |failure| (line, failure)))
    }

    /// Counts a line; `taken` missed lines before it are part of its match.
    pub(super) fn count(&mut self, verdict: Verdict, taken: usize) {
        match verdict {
            Verdict::Matched => self.matched += 1,
            Verdict::Ignored => self.ignored += 1,
            Verdict::Missed => self.missed += 1,
        }
        // of an earlier piece's lines they were counted as missed there
        let here = taken.min(self.missed);
        self.missed -= here;
        self.matched += here;
    }
}

/// One line and its verdict.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Its number in the text, from 1, skipped lines counted.
    pub number: usize,
    /// What became of it. A line that is part of a match only together with a later one is
    /// missed here; the later one is matched.
    pub verdict: Verdict,
    /// What was found in it; also where an ignoreregex took one of several back.
    pub failures: Vec<Failure>,
}

/// A failure: who, and when.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The failure id, mostly an address. None while a session has named none yet.
    pub id: Option<String>,
    /// Seconds since 1970; None where neither the line nor one before it has a date.
    pub time: Option<f64>,
    /// Which failregex found it, from 0.
    pub failregex: usize,
    /// The users named (`<F-USER>`); of the whole session, if there is one.
    pub users: Vec<String>,
}

/// Something about a filter or its lines that its user hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// A name that stays the same: `unused-given-option`, `no-date`.
    pub code: String,
    /// What it is and what to do, in one line.
    pub message: String,
    /// The file it is about.
    pub file: Option<String>,
    /// The line there, from 1.
    pub line: Option<u32>,
}

/// What to change so that more lines match. It was tried on the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// A name that stays the same.
    pub code: String,
    /// What was found, and what to change, in one line.
    pub message: String,
    /// The text to write, where there is one: an option, a datepattern, a regex.
    pub change: Option<String>,
    /// How many of the lines tried it is about.
    pub lines: u64,
    /// The first of them, its number and its text.
    pub example: Option<(u64, String)>,
}

impl From<warning::Warning> for Warning {
    fn from(warning: warning::Warning) -> Warning {
        let warning::Warning {
            code,
            message,
            file,
            line,
        } = warning;
        Warning {
            code,
            message,
            file,
            line,
        }
    }
}

impl From<hints::Hint> for Hint {
    fn from(hint: hints::Hint) -> Hint {
        Hint {
            code: hint.code,
            message: hint.message,
            change: hint.change,
            lines: hint.lines,
            example: hint.example.map(|line| (line.number, line.text)),
        }
    }
}
