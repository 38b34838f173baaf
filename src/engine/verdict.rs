//! What becomes of a line.

use super::session::LineOutcome;

/// What becomes of a line.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No failregex matches.
    #[default]
    Missed,
    /// An ignoreregex took the failure back, or it does not count (`<F-NOFAIL>`).
    Ignored,
    /// A failregex found a failure.
    Matched,
}

impl Verdict {
    /// As fail2ban-regex counts an outcome (`Fail2banRegex.process`).
    #[inline]
    pub(crate) fn of(outcome: &LineOutcome) -> Verdict {
        if outcome.is_ignored() {
            Verdict::Ignored
        } else if outcome.failures().next().is_some() {
            Verdict::Matched
        } else {
            Verdict::Missed
        }
    }

    /// The verdict as a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Matched => "matched",
            Verdict::Ignored => "ignored",
            Verdict::Missed => "missed",
        }
    }
}
