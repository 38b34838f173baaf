//! When a journalmatch selects no entry at all: what is in the journal instead. The
//! commonest fault on Debian and Ubuntu is a unit of another name.

use crate::analysis::explain::hints::JournalTrial;
use crate::date::Clock;
use crate::engine::{Filter, Session};
use crate::input::journal::{JournalMatch, push_date};
use crate::input::set::Remembered;
use crate::input::{Encoding, LogSet, LogSource, RawBlock, ReadOptions};
use crate::pattern::Scratch;
use crate::report::text::{counted, grouped};
use std::collections::{BTreeMap, HashMap};

/// Fields that say where entries come from, besides those of the journalmatch.
const ORIGINS: [&str; 3] = ["_SYSTEMD_UNIT", "_COMM", "SYSLOG_IDENTIFIER"];

/// What was read, and how to read it again.
pub(crate) struct JournalRetry {
    pub(crate) sources: Vec<LogSource>,
    pub(crate) options: ReadOptions,
    /// Of standard input, which cannot be read again.
    pub(crate) remembered: Remembered,
}

impl JournalRetry {
    /// What to remember of the logs before they are read.
    pub(crate) fn of(logs: &mut LogSet) -> Option<JournalRetry> {
        let options = logs.options_mut().clone();
        options.matches.is_some().then(|| JournalRetry {
            sources: logs.sources().to_vec(),
            options,
            remembered: logs.remembered(),
        })
    }

    /// The message for a journalmatch that selected no entry.
    pub(crate) fn explain(&self, filter: &Filter, clock: &Clock) -> JournalAnswer {
        let Some(matches) = &self.options.matches else {
            return JournalAnswer::default();
        };
        let mut found = Found::new(matches, filter, clock, &self.options);
        let files: Vec<LogSource> = self
            .sources
            .iter()
            .filter(|s| !matches!(s, LogSource::Stdin))
            .cloned()
            .collect();
        if files.len() < self.sources.len()
            && let Ok(blocks) = self.remembered.lock()
        {
            blocks.iter().for_each(|raw| found.look(raw));
        }
        let options = ReadOptions {
            matches: None,
            ..self.options.clone()
        };
        let mut logs = LogSet::new(files, options);
        // errors were reported at the first reading
        while let Ok(Some(raw)) = logs.next_block() {
            found.look(&raw);
        }
        let message = found.message(matches);
        let instead = found
            .instead(matches)
            .map(|(instead, entries)| JournalTrial {
                instead,
                entries,
                message: message.clone(),
            });
        JournalAnswer { message, instead }
    }
}

/// What is said of a journalmatch that selected no entry.
#[derive(Default)]
pub(crate) struct JournalAnswer {
    pub(crate) message: String,
    /// One that would select entries the filter finds failures in.
    pub(crate) instead: Option<JournalTrial>,
}

/// The filter on all entries, and where those that match come from.
struct Found<'f> {
    session: Session<'f>,
    scratch: Scratch,
    offset: i64,
    encoding: Encoding,
    names: Vec<String>,
    entries: u64,
    matched: u64,
    /// Matched entries by the values of their fields.
    origins: HashMap<Vec<String>, u64>,
}

impl<'f> Found<'f> {
    fn new(
        matches: &JournalMatch,
        filter: &'f Filter,
        clock: &'f Clock,
        options: &ReadOptions,
    ) -> Self {
        let mut names = matches.names();
        for origin in ORIGINS {
            if !names.iter().any(|name| name == origin) {
                names.push(origin.to_string());
            }
        }
        Found {
            session: Session::new(filter, clock, None),
            scratch: Scratch::default(),
            offset: options.journal_offset,
            encoding: options.encoding,
            names,
            entries: 0,
            matched: 0,
            origins: HashMap::new(),
        }
    }

    fn look(&mut self, raw: &RawBlock) {
        let names = self.names.clone();
        let mut text = String::new();
        raw.for_each_entry(&names, |entry| {
            let Some(time) = entry.time() else { return };
            self.entries += 1;
            text.clear();
            push_date(time, self.offset, &mut text);
            entry.write_line(self.encoding, &mut text);
            let line = text.trim_end_matches('\n');
            let outcome = self.session.entry(line, time, &mut self.scratch);
            if outcome.is_ignored() || outcome.failures().next().is_none() {
                return;
            }
            self.matched += 1;
            let values = names.iter().map(|name| {
                let first = entry.values(name).first();
                first
                    .map(|v| String::from_utf8_lossy(v).into_owned())
                    .unwrap_or_default()
            });
            *self.origins.entry(values.collect()).or_default() += 1;
        });
    }

    /// The journalmatch of the same fields, or of the first that says where an entry comes from,
    /// that most entries with failures have, and how many; None where two places are as likely.
    fn instead(&self, matches: &JournalMatch) -> Option<(String, u64)> {
        let asked = matches.names();
        let of = |values: &Vec<String>| -> Option<String> {
            let fields = || {
                self.names
                    .iter()
                    .zip(values)
                    .filter(|(_, value)| !value.is_empty())
            };
            let terms: Vec<String> = fields()
                .filter(|(name, _)| asked.contains(name))
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            if !terms.is_empty() {
                return Some(terms.join(" "));
            }
            let (name, value) = fields().find(|(name, _)| ORIGINS.contains(&name.as_str()))?;
            Some(format!("{name}={value}"))
        };
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        for (values, number) in &self.origins {
            *numbers.entry(of(values)?).or_default() += number;
        }
        let mut all: Vec<(String, u64)> = numbers.into_iter().collect();
        all.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let many = |at: usize| all.get(at).map_or(0, |(_, number)| *number);
        let is_likeliest = many(0) > many(1);
        is_likeliest.then(|| all.swap_remove(0))
    }

    fn message(&self, matches: &JournalMatch) -> String {
        let mut text = format!(
            "0 of {} `{matches}`",
            counted(self.entries, "entry matches", "entries match")
        );
        if self.matched == 0 {
            return match self.entries {
                0 => "the journal has no entries".into(),
                _ => text + "; without it no entry matches a failregex either",
            };
        }
        let mut origins: Vec<(&Vec<String>, u64)> =
            self.origins.iter().map(|(k, n)| (k, *n)).collect();
        origins.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        text += &format!(
            "; {} a failregex without it, ",
            counted(self.matched, "entry matches", "entries match")
        );
        let many = origins.len() > 1;
        // the identifier is mostly the command again
        let asked = matches.names();
        let is_told = |name: &String, value: &String| {
            !value.is_empty() && (name != "SYSLOG_IDENTIFIER" || asked.contains(name))
        };
        let shown: Vec<String> = (origins.iter().take(3))
            .map(|(values, count)| {
                let fields = self.names.iter().zip(values.iter());
                let named: Vec<String> = (fields.filter(|(name, value)| is_told(name, value)))
                    .map(|(name, value)| format!("`{name}={value}`"))
                    .collect();
                if many {
                    format!("{} from {}", grouped(*count), named.join(" "))
                } else {
                    format!("from {}", named.join(" "))
                }
            })
            .collect();
        text += &shown.join(", ");
        if origins.len() > 3 {
            text += &format!(" and {} more places", origins.len() - 3);
        }
        text + ": give -m with one of these, or set journalmatch in the filter's .local"
    }
}
