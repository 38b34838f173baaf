//! What the two ends of a run have to do with logs before and behind them.
//!
//! One run over several logs carries state from each into the next: where the last date
//! stood, the last date itself, sessions, the lines of a multi-line filter, what prefregex
//! said last. A report of one shard began without any; its seam says what it left behind
//! and what it would have asked for, so that `carry` can tell whether that matters.

use super::findings::Findings;
use crate::date::{Clock, DateDetector, DatePlace};
use crate::engine::{SESSIONS_ASKED, SESSIONS_KEPT};
use crate::pattern::Scratch;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lines kept up to the first date, and their length in bytes, at most.
pub(crate) const HEAD_LINES: usize = 64;
pub(crate) const HEAD_BYTES: usize = 2048;

/// The ends of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShardBoundary {
    /// The options given that decide verdicts or what is kept, but for the filter's own.
    pub(crate) options: BTreeMap<String, String>,
    /// How dates are found; null where lines bring their own (journals).
    pub(crate) dates: Option<DateBoundary>,
    /// Lines tested before the first that has a date.
    pub(crate) undated_start: u64,
    /// The first date seen, epoch seconds.
    pub(crate) first_date: Option<f64>,
    /// The last date seen, epoch seconds.
    pub(crate) last_date: Option<f64>,
    /// What prefregex said; null where the filter has none.
    pub(crate) prefregex: Option<PrefregexBoundary>,
    /// Sessions (`<F-MLFID>`).
    pub(crate) sessions: SessionBoundary,
    /// Earlier lines a multi-line filter still looks at.
    pub(crate) buffered: usize,
    /// What the warnings about lines are made of.
    pub(crate) findings: Findings,
}

/// How dates are found, and where the last one stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DateBoundary {
    /// Tells whether two runs look for the same dates.
    pub(crate) fingerprint: String,
    /// The datepattern of the filter or of `-d`; null for the default ones.
    pub(crate) datepattern: Option<String>,
    /// The last date found.
    pub(crate) last: Option<LastDate>,
    /// The lines tested up to the first with a date; none where the template of the last
    /// date is tied to an end of the line, as its search then depends on no line before.
    /// Null where they are too many or too long.
    pub(crate) head: Option<Vec<String>>,
}

/// A date and the template that found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LastDate {
    /// The template's name.
    pub(crate) template: String,
    /// It is tied to the begin or the end of the line.
    pub(crate) anchored: bool,
    /// Where the date stood.
    pub(crate) place: DatePlace,
}

/// What prefregex said last. A line that an ignoreregex takes first counts as one that
/// prefregex matched if it matched the line before (fail2ban-regex does not ask it again).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrefregexBoundary {
    /// Lines taken by an ignoreregex before prefregex was first asked.
    pub(crate) unasked_start: u64,
    /// Its last answer; null where it was never asked.
    pub(crate) matched: Option<bool>,
}

/// Sessions, by hashes of their ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionBoundary {
    /// Those still open at the end, oldest first, separated by blanks.
    pub(crate) open: String,
    /// Those that lines would have gone on with, had they been open at the start:
    /// `PEAK:HASH`, with the most sessions open at once up to there.
    pub(crate) asked: String,
    /// There were more of these than are noted.
    pub(crate) more_asked: bool,
    /// The most sessions open at once.
    pub(crate) peak: usize,
}

/// A hash that is the same everywhere (FNV-1a).
#[derive(Clone, Copy, Debug)]
struct Fnv(u64);

impl Fnv {
    const START: Fnv = Fnv(0xcbf2_9ce4_8422_2325);

    fn text(self, text: &str) -> Fnv {
        // 0xff is in no UTF-8 text: it parts this text from the next
        let bytes = text.bytes().chain([0xff]);
        Fnv(bytes.fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        }))
    }

    fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// The name of a session in a seam.
pub(crate) fn session_hash(id: &str) -> String {
    Fnv::START.text(id).hex()
}

/// Tells detectors apart by what they look for.
pub(crate) fn fingerprint(detector: &DateDetector) -> String {
    let all = detector.all().iter();
    all.fold(Fnv::START, |hash, template| hash.text(template.regex()))
        .hex()
}

impl DateBoundary {
    /// The detector the run began with; None where this program makes another of the same
    /// datepattern (another version, another year).
    pub(crate) fn detector(&self, clock: &Clock) -> Option<DateDetector> {
        let detector = match &self.datepattern {
            Some(pattern) => DateDetector::from_datepattern(pattern, clock).ok()?,
            None => DateDetector::default_templates(clock.now_year()),
        };
        (fingerprint(&detector) == self.fingerprint).then_some(detector)
    }

    /// Cuts the first lines of a run behind the first that has a date.
    pub(crate) fn set_head(&mut self, mut lines: Vec<String>, fresh: &DateDetector) {
        if self.last.as_ref().is_some_and(|last| last.anchored) {
            self.head = Some(Vec::new());
            return;
        }
        let mut detector = fresh.clone();
        let mut scratch = Scratch::default();
        let dated = lines.iter().position(|line| {
            let found = detector.match_time(line, &mut scratch);
            found.is_ok_and(|found| found.is_some())
        });
        if let Some(at) = dated {
            lines.truncate(at + 1);
        }
        // without a date among them they must be all there are
        let whole = dated.is_some() || self.last.is_none();
        self.head = Some(lines).filter(|lines| whole && fits(lines));
    }

    fn join(&mut self, next: &DateBoundary) {
        let head = match (&self.last, self.head.take(), &next.head) {
            (Some(_), head, _) => head,
            (None, Some(mut lines), Some(more)) => {
                lines.extend(more.iter().cloned());
                Some(lines).filter(|lines| fits(lines))
            }
            _ => None,
        };
        if next.last.is_some() {
            self.last.clone_from(&next.last);
        }
        let anchored = self.last.as_ref().is_some_and(|last| last.anchored);
        self.head = if anchored { Some(Vec::new()) } else { head };
    }
}

fn fits(lines: &[String]) -> bool {
    lines.len() <= HEAD_LINES && lines.iter().all(|line| line.len() <= HEAD_BYTES)
}

impl SessionBoundary {
    /// The sessions of `before` that were open behind it and that this run's lines would
    /// have gone on with; `more_asked` aside.
    pub(crate) fn continued(&self, before: &SessionBoundary) -> usize {
        let open: Vec<&str> = before.open.split(' ').filter(|id| !id.is_empty()).collect();
        let newest_first: Vec<&str> = open.into_iter().rev().collect();
        let asked = self
            .asked
            .split(' ')
            .filter_map(|item| item.split_once(':'));
        asked
            .filter(|(peak, id)| {
                // the run's own sessions take the place of the oldest
                let left = SESSIONS_KEPT.saturating_sub(peak.parse().unwrap_or(0));
                newest_first.iter().take(left).any(|open| open == id)
            })
            .count()
    }

    /// Whether any session is open at the end.
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    fn join(&mut self, next: &SessionBoundary) {
        let open: Vec<&str> = self.open.split(' ').filter(|id| !id.is_empty()).collect();
        let peak_with = |peak: usize| match peak {
            0 => self.peak,
            _ => self.peak.max((open.len() + peak).min(SESSIONS_KEPT)),
        };
        let mut asked: Vec<String> = (self.asked.split(' '))
            .filter(|item| !item.is_empty())
            .map(str::to_string)
            .collect();
        let mut more = self.more_asked;
        for (peak, id) in next
            .asked
            .split(' ')
            .filter_map(|item| item.split_once(':'))
        {
            let peak = peak_with(peak.parse().unwrap_or(0));
            match asked.len() < SESSIONS_ASKED {
                _ if peak >= SESSIONS_KEPT || more => break,
                true => asked.push(format!("{peak}:{id}")),
                false => more = true,
            }
        }
        let peak = peak_with(next.peak);
        more |= next.more_asked && peak < SESSIONS_KEPT;
        // the next run's sessions push the oldest out
        let left = SESSIONS_KEPT.saturating_sub(next.peak).min(open.len());
        let open = open[open.len() - left..].iter().copied();
        let open: Vec<&str> = open
            .chain(next.open.split(' ').filter(|id| !id.is_empty()))
            .collect();
        *self = SessionBoundary {
            open: open.join(" "),
            asked: asked.join(" "),
            more_asked: more,
            peak,
        };
    }
}

impl ShardBoundary {
    /// Lines an ignoreregex took first that count for prefregex only behind `before`.
    pub(crate) fn prefregex_gain(&self, before: &ShardBoundary) -> u64 {
        match (&before.prefregex, &self.prefregex) {
            (Some(before), Some(own)) if before.matched == Some(true) => own.unasked_start,
            _ => 0,
        }
    }

    /// The seam of the runs one after the other, where nothing carried over changed a
    /// verdict.
    pub(crate) fn join(&mut self, next: &ShardBoundary) {
        if let (Some(dates), Some(more)) = (&mut self.dates, &next.dates) {
            dates.join(more);
        }
        if self.last_date.is_none() {
            self.undated_start += next.undated_start;
            self.first_date = next.first_date;
        }
        self.last_date = next.last_date.or(self.last_date);
        if let (Some(own), Some(next)) = (&mut self.prefregex, &next.prefregex) {
            if own.matched.is_none() {
                own.unasked_start += next.unasked_start;
            }
            own.matched = next.matched.or(own.matched);
        }
        self.sessions.join(&next.sessions);
        self.buffered = self.buffered.max(next.buffered);
        self.findings.join(&next.findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(open: &[usize], asked: &str, peak: usize) -> SessionBoundary {
        let open: Vec<String> = open.iter().map(|id| format!("s{id}")).collect();
        SessionBoundary {
            open: open.join(" "),
            asked: asked.into(),
            more_asked: false,
            peak,
        }
    }

    #[test]
    fn a_session_goes_on_only_if_it_was_not_pushed_out_by_then() {
        let before = sessions(&(0..100).collect::<Vec<_>>(), "", 100);
        assert_eq!(sessions(&[], "0:s0", 1).continued(&before), 1);
        assert_eq!(sessions(&[], "1:s0", 1).continued(&before), 0);
        assert_eq!(sessions(&[], "1:s1", 1).continued(&before), 1);
        assert_eq!(sessions(&[], "99:s99 100:s99", 1).continued(&before), 1);
        assert_eq!(sessions(&[], "0:other", 1).continued(&before), 0);
    }

    #[test]
    fn joined_sessions_are_those_of_one_run() {
        let mut joined = sessions(&[1, 2, 3], "0:s1 1:s2 2:s3", 3);
        joined.join(&sessions(&[5], "0:s4 1:s5 99:s6", 99));
        assert_eq!(joined, sessions(&[3, 5], "0:s1 1:s2 2:s3 3:s4 4:s5", 100));
        let mut quiet = sessions(&[1], "0:s1", 1);
        quiet.join(&SessionBoundary::default());
        assert_eq!(quiet, sessions(&[1], "0:s1", 1));
    }
}
