//! A jail under diagnosis: its filter and rules, and how changes to what it reads are tried.

use super::files;
use super::filter::{self, BuiltFilter, Replaced};
use super::finding::Figures;
use super::journal::JournalEntry;
use super::place::to_mend;
use super::reading::{self, Reading};
use super::rules::Rules;
use super::ward::{Doctor, Ward};
use crate::analysis::explain::hints::Hint;
use crate::config::{EffectiveOption, JailConfig, JailParts, Loader, Origin, Setting, Source};
use crate::date::Clock;
use crate::engine::dns::UseDns;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Lines of a log that is only tried.
const TRIED_LINES: u64 = 5_000;

/// A jail under diagnosis.
pub(super) struct Patient<'a> {
    pub(super) ward: &'a Ward<'a>,
    pub(super) jail: &'a JailConfig,
    pub(super) parts: &'a JailParts,
    /// Which of the journalmatches given to the journal is its own.
    pub(super) number: usize,
    pub(super) rules: Rules,
    pub(super) built: BuiltFilter,
    /// The hints for what it reads, which several steps ask for (`hints::all`).
    pub(super) hints: OnceLock<Vec<Hint>>,
}

impl<'a> Patient<'a> {
    /// Builds the jail's filter; the error is what is wrong with it, and where.
    pub(super) fn admit(
        ward: &'a Ward<'a>,
        jail: &'a JailConfig,
        parts: &'a JailParts,
        number: usize,
    ) -> Result<Patient<'a>, (String, Option<Origin>)> {
        let rules = Rules::of(jail, ward.is_copy());
        let settings = own_settings(jail, parts);
        let clock = ward.doctor.clock;
        let built = filter::build(&settings, rules.usedns, Replaced::default(), clock);
        let built = built.map_err(|(message, origin)| {
            let zone = jail
                .option("logtimezone")
                .and_then(|zone| zone.written.clone());
            (message, origin.or(zone))
        })?;
        Ok(Patient {
            ward,
            jail,
            parts,
            number,
            rules,
            built,
            hints: OnceLock::new(),
        })
    }

    pub(super) fn doctor(&self) -> &Doctor<'a> {
        self.ward.doctor
    }

    /// Whether it reads the journal.
    pub(super) fn reads_journal(&self) -> bool {
        let source = self.parts.input.source;
        matches!(source, Source::Journal | Source::JournalWithoutLogs)
    }

    /// Where an option of the jail is set.
    pub(super) fn place(&self, option: &str) -> Option<&Origin> {
        let option = self.jail.option(option)?;
        to_mend(option).or(self.jail.header.as_ref())
    }

    /// Whether the jail sets an option itself, in its section or in `[DEFAULT]`.
    pub(super) fn sets_itself(&self, option: &str) -> bool {
        let option = self.jail.option(option);
        option.is_some_and(|option| option.written.is_some() && !option.value.is_none())
    }

    pub(super) fn option(&self, name: &str) -> Option<&EffectiveOption> {
        self.jail.option(name)
    }

    /// The logs that its logpath finds, as fail2ban names them.
    pub(super) fn logs(&self) -> Vec<String> {
        let logs = self.parts.input.logs.iter();
        logs.flat_map(|log| log.found.iter().cloned()).collect()
    }

    /// What its logpath names.
    pub(super) fn log_patterns(&self) -> Vec<&str> {
        let logs = self.parts.input.logs.iter();
        logs.map(|log| log.pattern.as_str()).collect()
    }

    /// The settings of its filter as the filter reads a journal, or a log.
    pub(super) fn settings(&self, journal: bool, spec: &str) -> Option<Vec<Setting>> {
        if journal == self.reads_journal() && spec == self.jail.name {
            return Some(own_settings(self.jail, self.parts));
        }
        self.ward.settings(&Loader::default(), spec, journal)
    }

    /// The filter with other settings; `None` if that cannot be built.
    pub(super) fn rebuilt(&self, journal: bool, replaced: Replaced) -> Option<BuiltFilter> {
        let settings = self.settings(journal, &self.jail.name)?;
        let (usedns, clock) = (self.rules.usedns, self.doctor().clock);
        filter::build(&settings, usedns, replaced, clock).ok()
    }

    /// The same filter without its datepattern: with fail2ban's own templates.
    pub(super) fn without_datepattern(&self) -> Option<BuiltFilter> {
        self.without(|setting| matches!(setting, Setting::Datepattern(_)))
    }

    /// The same filter without a zone of the jail's own.
    pub(super) fn without_timezone(&self) -> Option<BuiltFilter> {
        self.without(|setting| matches!(setting, Setting::LogTimezone(_)))
    }

    /// The same filter without its ignoreregexes.
    pub(super) fn without_ignoreregex(&self) -> Option<BuiltFilter> {
        self.without(|setting| matches!(setting, Setting::Ignoreregex(_)))
    }

    fn without(&self, is_left_out: impl Fn(&Setting) -> bool) -> Option<BuiltFilter> {
        let mut settings = self.settings(self.reads_journal(), &self.jail.name)?;
        settings.retain(|setting| !is_left_out(setting));
        self.build(&settings)
    }

    /// A filter of these settings; `None` if that cannot be built.
    pub(super) fn build(&self, settings: &[Setting]) -> Option<BuiltFilter> {
        let (usedns, clock) = (self.rules.usedns, self.doctor().clock);
        filter::build(settings, usedns, Replaced::default(), clock).ok()
    }

    /// Where its datepattern is set, if it has one.
    pub(super) fn datepattern_origin(&self) -> Option<&Origin> {
        let mut settings = self.parts.filter_commands.iter().flatten();
        settings.find_map(|setting| match setting {
            Setting::Datepattern(value) => value.origin.as_ref(),
            _ => None,
        })
    }

    /// What it would find if host names were taken for failure ids.
    pub(super) fn read_names(&self) -> Option<Reading> {
        let settings = self.settings(self.reads_journal(), &self.jail.name)?;
        let (clock, replaced) = (self.doctor().clock, Replaced::default());
        let built = filter::build(&settings, UseDns::Raw, replaced, clock).ok()?;
        let rules = Rules {
            usedns: UseDns::Raw,
            names_count: false,
            ..self.rules.clone()
        };
        Some(self.read_by(&built, &rules))
    }

    /// What it reads, through its filter.
    pub(super) fn read(&self) -> Reading {
        self.read_with(&self.built)
    }

    /// What it reads, through another filter.
    pub(super) fn read_with(&self, built: &BuiltFilter) -> Reading {
        self.read_by(built, &self.rules)
    }

    /// What it reads, under other rules.
    pub(super) fn read_under(&self, rules: &Rules) -> Reading {
        self.read_by(&self.built, rules)
    }

    /// Lines that match as helpers. A server keeps them to itself until their session is told of
    /// another way; a run that tries every regex tells of them.
    pub(super) fn helpers(&self) -> u64 {
        let replaced = Replaced {
            check_all: true,
            ..Replaced::default()
        };
        let built = self.rebuilt(self.reads_journal(), replaced);
        built.map_or(0, |built| self.read_with(&built).helpers)
    }

    fn read_by(&self, built: &BuiltFilter, rules: &Rules) -> Reading {
        if self.reads_journal() {
            let entries = self.ward.journal().all().iter();
            let own = entries.filter(|entry| entry.is_selected(self.number));
            return reading::of_entries(built, rules, own, self.doctor().clock);
        }
        let logs = files::on_disk(self.doctor().root, &self.logs());
        reading::of_logs(built, rules, &logs, self.doctor().lines, self.at())
    }

    /// When it is, and on how many threads a log is read.
    pub(super) fn at(&self) -> (&'a Clock, usize) {
        (self.doctor().clock, self.ward.threads)
    }

    /// What it would find in other logs.
    pub(super) fn try_logs(&self, logs: &[String]) -> Option<Reading> {
        let built = self.rebuilt(false, Replaced::default())?;
        let logs: Vec<PathBuf> = files::on_disk(self.doctor().root, logs);
        let lines = TRIED_LINES.min(self.doctor().lines);
        Some(reading::of_logs(
            &built,
            &self.rules,
            &logs,
            lines,
            self.at(),
        ))
    }

    /// What it would find in the entries of the journal that `is_wanted` says.
    pub(super) fn try_journal(
        &self,
        is_wanted: impl Fn(&JournalEntry) -> bool,
    ) -> Option<(Reading, Vec<&JournalEntry>)> {
        let built = self.rebuilt(true, Replaced::default())?;
        let all = self.ward.journal().all().iter();
        let entries: Vec<&JournalEntry> = all.filter(|entry| is_wanted(entry)).collect();
        let clock = self.doctor().clock;
        let read = reading::of_entries(&built, &self.rules, entries.iter().copied(), clock);
        Some((read, entries))
    }

    /// What its own journalmatch selects.
    pub(super) fn is_selected(&self, entry: &JournalEntry) -> bool {
        entry.is_selected(self.number)
    }

    /// A reading in figures.
    pub(super) fn figures(&self, reading: &Reading) -> Figures {
        Figures {
            lines: reading.lines,
            matched: reading.matched,
            bans: reading.replay(&self.rules.settings).bans.len() as u64,
        }
    }

    /// Of some logs, the one in which most failures are found, if any.
    pub(super) fn best_log(&self, paths: &[String]) -> Option<(String, Figures)> {
        let tried = paths.iter().filter_map(|path| {
            let reading = self.try_logs(std::slice::from_ref(path))?;
            (reading.matched > 0).then(|| (path.clone(), self.figures(&reading)))
        });
        // the first of equals is the likeliest
        tried.reduce(|best, next| {
            if next.1.matched > best.1.matched {
                next
            } else {
                best
            }
        })
    }

    /// How its filter treats host names.
    pub(super) fn usedns(&self) -> UseDns {
        self.rules.usedns
    }

    /// Its name in brackets, as a section of jail.local begins.
    pub(super) fn section(&self) -> String {
        format!("[{}]", self.jail.name)
    }
}

/// What the server is told of a jail's filter, and what it is told of the jail's log.
pub(super) fn own_settings(jail: &JailConfig, parts: &JailParts) -> Vec<Setting> {
    let of_filter = parts.filter_commands.iter().flatten().cloned();
    let set = jail.options.iter().filter(|option| !option.value.is_none());
    let of_log = set.filter_map(|option| match option.name.as_str() {
        "logencoding" => Some(Setting::LogEncoding(option.value.sourced())),
        "logtimezone" => Some(Setting::LogTimezone(option.value.sourced())),
        _ => None,
    });
    of_filter.chain(of_log).collect()
}
