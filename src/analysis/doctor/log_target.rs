//! Where fail2ban itself writes, for a jail that reads that: recidive.

use super::files;
use super::patient::Patient;
use crate::config::{Origin, below};
use std::path::Path;

/// The filter of those who are banned again and again.
pub(super) const FILTER: &str = "recidive";

/// A `logtarget` that the logs of a jail for fail2ban's own log leave out.
pub(super) struct LogTarget {
    /// As the server takes it, without options in brackets.
    value: String,
    /// Where it is set; `None` for fail2ban's preset.
    place: Option<Origin>,
}

impl LogTarget {
    /// The target of the server that a jail for its log does not read.
    pub(super) fn of(patient: &Patient) -> Option<LogTarget> {
        let filter = patient.parts.filter.as_ref()?;
        if filter.name != FILTER {
            return None;
        }
        let mut options = patient.ward.machine.server.options.iter();
        let option = options.find(|option| option.name == "logtarget")?;
        let text = option.value.to_text();
        // `SYSLOG[facility=local0]`, `file[format="…"]` (upstream's extractOptions)
        let value = text.as_str().split('[').next().unwrap_or_default().trim();
        let target = LogTarget {
            value: value.to_owned(),
            place: option.written.clone(),
        };
        let root = patient.doctor().root;
        let real = |path: &str| below(root, path).canonicalize().ok();
        let same = |log: &String| real(log).is_some_and(|file| real(value) == Some(file));
        // it may be what is to be read and not be there yet
        let means = |pattern: &str| {
            let begin = pattern.split(['*', '?', '[']).next().unwrap_or_default();
            pattern == value || (begin != pattern && value.starts_with(begin))
        };
        let mut logs = patient.parts.input.logs.iter();
        let is_read = match target.kind() {
            Kind::File => logs.any(|log| means(&log.pattern)) || patient.logs().iter().any(same),
            Kind::Syslog => patient.logs().iter().any(|log| files::is_shared(log)),
            Kind::Journal => patient.reads_journal(),
            Kind::Printed => patient.reads_journal(),
        };
        (!is_read).then_some(target)
    }

    fn kind(&self) -> Kind {
        // upstream's Server.setLogTarget
        match self.value.to_uppercase().as_str() {
            "SYSLOG" => Kind::Syslog,
            "SYSTEMD-JOURNAL" => Kind::Journal,
            "STDOUT" | "STDERR" | "SYSOUT" => Kind::Printed,
            _ => Kind::File,
        }
    }

    /// The logs below `root` in which its lines are.
    pub(super) fn logs(&self, root: &Path) -> Vec<String> {
        let is_there = |path: &String| below(root, path).is_file();
        match self.kind() {
            Kind::File => Some(self.value.clone())
                .filter(is_there)
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Where fail2ban writes, and where that is said.
    pub(super) fn told(&self, patient: &Patient) -> String {
        let directory = &patient.ward.machine.directory;
        let place = self.place.as_ref();
        let place = place.map_or(String::new(), |place| {
            format!(" ({})", place.within(directory))
        });
        format!(
            "fail2ban writes its log to logtarget = {}{place}",
            self.value
        )
    }

    /// What to write into the jail, or in place of it.
    pub(super) fn change(&self, patient: &Patient) -> String {
        let section = patient.section();
        match self.kind() {
            Kind::File => format!("{section} logpath = {}", self.value),
            Kind::Syslog => format!("{section} logpath = the log of syslog that has its lines"),
            Kind::Journal => format!("{section} backend = systemd"),
            Kind::Printed => {
                let logs = &patient.parts.input.logs;
                let log = logs
                    .first()
                    .map_or("/var/log/fail2ban.log", |log| &log.pattern);
                format!("[Definition] of fail2ban.local: logtarget = {log}")
            }
        }
    }
}

/// Where a log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Syslog,
    Journal,
    /// systemd takes what a service prints into the journal.
    Printed,
}
