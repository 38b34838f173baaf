//! What a run found wrong with lines, in numbers that add up, and the warnings made of them.

use crate::analysis::warning::Warning;
use crate::analysis::wording::{counted, grouped};
use crate::date::Clock;
use crate::engine::RegexRole;
use crate::engine::{Session, Stats};
use serde::{Deserialize, Serialize};

/// How often something happened, and where first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    /// How often.
    pub(crate) count: u64,
    /// Number of the first line (or entry) in its log, from 1.
    pub(crate) first: u64,
}

/// A regex that gave no answer within its step budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepLimit {
    /// `prefregex`, `failregex 3`, `ignoreregex 1`.
    pub(crate) regex: String,
    /// On how many lines.
    pub(crate) lines: Count,
}

/// Lines outside `--since` and `--until`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outside {
    /// How many were read.
    pub(crate) lines: u64,
    /// Lines before them were not read, as they are too early.
    pub(crate) skipped_start: bool,
    /// Earliest and latest date of the logs, epoch seconds, where lines have one.
    pub(crate) dates: Option<(f64, f64)>,
}

/// What was counted that warnings tell of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Findings {
    /// Journal entries without their message.
    pub(crate) cut_messages: u64,
    /// Journal entries that cannot be read, and what is wrong with the first.
    pub(crate) malformed: Option<(Count, String)>,
    /// Why the journalmatch selected nothing, where it did.
    pub(crate) journalmatch: Option<String>,
    /// Matched lines without a date.
    pub(crate) undated_matches: Option<Count>,
    /// Regexes that gave no answer.
    pub(crate) step_limits: Vec<StepLimit>,
    /// Dates that cannot be read: how many, and what is wrong with the first.
    pub(crate) date_faults: Option<(u64, String)>,
    /// Host names without an address, in order of appearance.
    pub(crate) unresolved: Vec<String>,
    /// What the window left out; null where there is none.
    #[serde(default)]
    pub(crate) outside: Option<Outside>,
    /// Hits of addresses beyond the most that are listed (`--max-addresses`).
    #[serde(default)]
    pub(crate) untracked: u64,
}

/// What the warnings depend on besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WarningContext<'c> {
    /// For the dates that are told.
    pub(crate) clock: &'c Clock,
    /// Lines tested.
    pub(crate) tested: u64,
    /// Lines skipped.
    pub(crate) skipped: u64,
    /// The filter has failregexes.
    pub(crate) has_failregex: bool,
    /// Dates found; None where none were looked for.
    pub(crate) dates: Option<u64>,
    /// The datepattern is that of `-d`.
    pub(crate) own_datepattern: bool,
    /// Addresses listed.
    pub(crate) addresses: u64,
}

/// The codes of [`Findings::warnings`].
pub(crate) const FINDING_CODES: [&str; 11] = [
    "cut-message",
    "malformed-entry",
    "no-failregex",
    "journalmatch",
    "no-lines",
    "no-date",
    "undated-match",
    "step-limit",
    "date-fault",
    "unresolved-host",
    "max-addresses",
];

impl Findings {
    /// The warnings, in the order of the report.
    pub(crate) fn warnings(&self, context: &WarningContext) -> Vec<Warning> {
        let mut all = self.of_journal();
        if !context.has_failregex {
            let message = "the filter has no failregex: nothing can match";
            all.push(Warning::new("no-failregex", message));
        }
        all.extend(self.of_lines(context));
        all.extend(self.of_dates(context));
        all.extend(self.of_limits(context));
        all
    }

    /// Entries of a journal that are not read whole.
    fn of_journal(&self) -> Vec<Warning> {
        let mut all = Vec::new();
        if self.cut_messages > 0 {
            let their = if self.cut_messages == 1 {
                "its"
            } else {
                "their"
            };
            let message = format!(
                "{} without {their} message, which was too long: export with journalctl --all",
                counted(self.cut_messages, "entry came", "entries came"),
            );
            all.push(Warning::new("cut-message", message));
        }
        if let Some((Count { count, first }, why)) = &self.malformed {
            let message = format!(
                "{} cannot be read; the first is entry {first}: {why}",
                counted(*count, "journal entry", "journal entries")
            );
            all.push(Warning::new("malformed-entry", message));
        }
        all
    }

    /// That no line was tested, and why.
    fn of_lines(&self, context: &WarningContext) -> Option<Warning> {
        if context.tested > 0 {
            return None;
        }
        Some(match &self.journalmatch {
            Some(why) => Warning::new("journalmatch", why.clone()),
            None => {
                let why = self.why_no_lines(context);
                Warning::new("no-lines", format!("no line was tested: {why}"))
            }
        })
    }

    /// Dates that are missing, or the dates of matched lines.
    fn of_dates(&self, context: &WarningContext) -> Option<Warning> {
        if context.tested > 0 && context.dates == Some(0) {
            let advice = if context.own_datepattern {
                "the datepattern of -d finds none: leave it out, or change it"
            } else {
                "set a datepattern (-d)"
            };
            let message = format!(
                "no date detected in any line; a fail2ban server would not count matches at \
                 their own time: {advice}"
            );
            return Some(Warning::new("no-date", message));
        }
        let Count { count, first } = self.undated_matches.as_ref()?;
        let message = format!(
            "{} without a date, the first is line {first}",
            counted(*count, "matched line", "matched lines")
        );
        Some(Warning::new("undated-match", message))
    }

    /// What was given up, could not be read, or is not listed.
    fn of_limits(&self, context: &WarningContext) -> Vec<Warning> {
        let mut all = Vec::new();
        for StepLimit { regex, lines } in &self.step_limits {
            let Count { count, first } = lines;
            let message = format!(
                "{regex} gave no answer within its step budget on {}, the first is line \
                 {first}: counted as not matched by it",
                counted(*count, "line", "lines")
            );
            all.push(Warning::new("step-limit", message));
        }
        if let Some((count, first)) = &self.date_faults {
            let message = format!(
                "{} cannot be read, taken as none; first: {first}",
                counted(*count, "date", "dates")
            );
            all.push(Warning::new("date-fault", message));
        }
        if !self.unresolved.is_empty() {
            let message = format!("no address found for {}", self.unresolved.join(", "));
            all.push(Warning::new("unresolved-host", message));
        }
        if self.untracked > 0 {
            let message = format!(
                "{} are listed, the first ones (--max-addresses); {} of others are in all counts \
                 but theirs",
                counted(context.addresses, "address", "addresses"),
                counted(self.untracked, "hit", "hits")
            );
            all.push(Warning::new("max-addresses", message));
        }
        all
    }

    /// Why no line was tested.
    fn why_no_lines(&self, context: &WarningContext) -> String {
        let outside = self.outside.as_ref();
        let Some(outside) = outside.filter(|all| all.lines > 0 || all.skipped_start) else {
            return match context.skipped {
                0 => "the log is empty".to_string(),
                1 => "the one line of the log is empty or begins with #".to_string(),
                n => format!(
                    "all {} lines of the log are empty or begin with #",
                    grouped(n)
                ),
            };
        };
        let lines = match outside.lines {
            _ if outside.skipped_start => "all lines of the log are".into(),
            1 => "the one line of the log is".into(),
            n => format!("all {} lines of the log are", grouped(n)),
        };
        let dates = match outside.dates {
            Some((first, last)) => {
                let clock = context.clock;
                format!("; it goes from {} to {}", clock.iso(first), clock.iso(last))
            }
            None => String::new(),
        };
        format!("{lines} outside --since and --until{dates}")
    }

    /// What session and counters of a run tell; of logs its caller adds the rest.
    pub(crate) fn of(session: &Session, stats: &Stats) -> Findings {
        let count = |&(count, first): &(u64, u64)| Count { count, first };
        let faults = session.date_faults();
        Findings {
            undated_matches: stats.undated_matches.as_ref().map(count),
            step_limits: (stats.exhausted.iter())
                .map(|(role, lines)| StepLimit {
                    regex: role_name(*role),
                    lines: count(lines),
                })
                .collect(),
            date_faults: (faults.first.clone()).map(|first| (faults.count, first)),
            unresolved: session.unresolved().to_vec(),
            untracked: stats.untracked,
            ..Findings::default()
        }
    }

    /// Adds what the next run found.
    pub(super) fn join(&mut self, next: &Findings) {
        self.cut_messages += next.cut_messages;
        if let Some((lines, why)) = &next.malformed {
            let own = (self.malformed).get_or_insert_with(|| (none_yet(lines), why.clone()));
            own.0.count += lines.count;
        }
        if self.journalmatch.is_none() {
            self.journalmatch.clone_from(&next.journalmatch);
        }
        if let Some(lines) = &next.undated_matches {
            let own = (self.undated_matches).get_or_insert_with(|| none_yet(lines));
            own.count += lines.count;
        }
        for limit in &next.step_limits {
            let known = self.step_limits.iter_mut().find(|l| l.regex == limit.regex);
            match known {
                Some(own) => own.lines.count += limit.lines.count,
                None => self.step_limits.push(limit.clone()),
            }
        }
        self.step_limits.sort_by_key(|limit| rank(&limit.regex));
        if let Some((count, first)) = &next.date_faults {
            let own = self.date_faults.get_or_insert_with(|| (0, first.clone()));
            own.0 += count;
        }
        for name in &next.unresolved {
            if !self.unresolved.contains(name) {
                self.unresolved.push(name.clone());
            }
        }
        if let Some(outside) = &next.outside {
            let own = self.outside.get_or_insert_default();
            own.lines += outside.lines;
            own.skipped_start |= outside.skipped_start;
            own.dates = match (own.dates, outside.dates) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (own, next) => own.or(next),
            };
        }
        self.untracked += next.untracked;
    }
}

fn none_yet(lines: &Count) -> Count {
    Count {
        count: 0,
        first: lines.first,
    }
}

/// How messages name a regex of the filter.
pub(crate) fn role_name(role: RegexRole) -> String {
    match role {
        RegexRole::Prefregex => "prefregex".into(),
        RegexRole::Failregex(index) => format!("failregex {}", index + 1),
        RegexRole::Ignoreregex(index) => format!("ignoreregex {}", index + 1),
    }
}

/// The order of regexes in reports: prefregex, failregexes, ignoreregexes.
fn rank(regex: &str) -> (usize, usize) {
    let (name, number) = regex.split_once(' ').unwrap_or((regex, ""));
    let kind = match name {
        "prefregex" => 0,
        "failregex" => 1,
        _ => 2,
    };
    (kind, number.parse().unwrap_or(0))
}
