//! The report for people: a line per jail, then each thing that stops one, once.

use super::DoctorReport;
use crate::analysis::doctor::{Blocker, InputSeen, JailDiagnosis};
use crate::analysis::simulate::duration;
use crate::report::Format;
use crate::report::columns::{keep_whole, print, right_align, sharing_table};
use crate::report::text::{Screen, counted, fit, grouped, printable, wrapped};
use std::io::{self, Write};

/// See the module.
pub(super) struct Table(pub(super) Screen);

impl Format<DoctorReport<'_>> for Table {
    fn write(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        if report.jails.is_empty() {
            return writeln!(out, "No jail is enabled: fail2ban would watch nothing.");
        }
        self.jails(report, out)?;
        self.blockers(report, out)?;
        self.warnings(report, out)?;
        self.sums(report, out)
    }
}

impl Table {
    fn jails(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        let mut table = sharing_table(self.0);
        table.set_header([
            "Jail", "Input", "Age", "Lines", "Dated", "Match", "Bans", "Verdict",
        ]);
        for jail in &report.jails {
            let number = |number: Option<u64>| number.map_or("-".to_owned(), grouped);
            let bans = jail.bans.as_ref().map(|bans| bans.len() as u64);
            table.add_row([
                fit(&jail.name, 16),
                input(jail, 15),
                age(report, jail),
                number(jail.lines),
                number(jail.dated),
                number(jail.matched),
                number(bans),
                verdict(jail).to_owned(),
            ]);
        }
        right_align(&mut table, &[2, 3, 4, 5, 6]);
        keep_whole(&mut table, &[2, 3, 4, 5, 6]);
        print(out, &table)
    }

    /// Each blocker once, with the jails it stops.
    fn blockers(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        let mut told: Vec<(&Blocker, Vec<&str>)> = Vec::new();
        for jail in &report.jails {
            for blocker in &jail.blockers {
                let same = told.iter_mut().find(|(known, _)| {
                    known.code == blocker.code
                        && known.place == blocker.place
                        && known.message == blocker.message
                });
                match same {
                    Some((_, jails)) => jails.push(&jail.name),
                    None => told.push((blocker, vec![&jail.name])),
                }
            }
        }
        for (blocker, jails) in told {
            let place = blocker.place.as_ref();
            let place = place.map(|place| format!("  {}", place.within(report.directory)));
            let head = format!(
                "{}: {}{}",
                jails.join(", "),
                blocker.code,
                place.unwrap_or_default()
            );
            writeln!(out)?;
            // many jails may have the same fault
            for line in wrapped(&printable(&head), self.0.width.saturating_sub(1), 2) {
                writeln!(out, "{}", self.0.heading(&line))?;
            }
            self.paragraph("  ", &blocker.message, out)?;
            let tried = blocker.tried.map_or(String::new(), |tried| {
                format!(
                    " (tried: {}, {})",
                    counted(tried.matched, "match", "matches"),
                    counted(tried.bans, "ban", "bans")
                )
            });
            self.paragraph("  -> ", &format!("{}{tried}", blocker.change), out)?;
        }
        Ok(())
    }

    fn warnings(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        for jail in &report.jails {
            for warning in &jail.warnings {
                let head = format!("{}: {} (a warning)", jail.name, warning.code);
                writeln!(out, "\n{}", self.0.warning(&printable(&head)))?;
                self.paragraph("  ", &warning.message, out)?;
            }
        }
        Ok(())
    }

    fn sums(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        let working = report.jails.iter().filter(|jail| jail.works()).count() as u64;
        let read = report.jails.iter().any(|jail| jail.lines.is_some());
        let tail = if read {
            format!(
                "; read: the last {} of each input",
                counted(report.lines, "line", "lines")
            )
        } else {
            String::new()
        };
        let all = counted(report.jails.len() as u64, "jail", "jails");
        writeln!(out, "\n{} of {all} would ban{tail}", grouped(working))
    }

    fn paragraph(&self, lead: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let width = self.0.width.saturating_sub(1 + lead.len());
        let mut lead = lead.to_owned();
        for line in wrapped(&printable(text), width, 0) {
            writeln!(out, "{lead}{line}")?;
            lead = " ".repeat(lead.len());
        }
        Ok(())
    }
}

/// What a jail reads; names of at most so many columns.
pub(super) fn input(jail: &JailDiagnosis, columns: usize) -> String {
    let short = |path: &str| fit(path.rsplit('/').next().unwrap_or(path), columns);
    // its path is told below, where it matters
    match jail.inputs.as_slice() {
        [] => "none".to_owned(),
        [InputSeen { path: None, .. }] => "journal".to_owned(),
        [only] => short(only.path.as_deref().unwrap_or_default()),
        [first, rest @ ..] => {
            let first = short(first.path.as_deref().unwrap_or_default());
            format!("{first} +{}", rest.len())
        }
    }
}

/// How old the newest line is, in its largest unit.
pub(super) fn age(report: &DoctorReport, jail: &JailDiagnosis) -> String {
    let newest = jail.inputs.iter().filter_map(|input| input.newest);
    let Some(newest) = newest.max_by(f64::total_cmp) else {
        return "-".to_owned();
    };
    let age = (report.clock.now_epoch() - newest).round();
    let unit = match age.abs() {
        age if age >= 86_400.0 => 86_400.0,
        age if age >= 3600.0 => 3600.0,
        age if age >= 60.0 => 60.0,
        _ => 1.0,
    };
    let shown = duration::show((age / unit).round() * unit);
    // weeks have days, and the rest is rounded away
    shown.split(' ').next().unwrap_or_default().to_owned()
}

/// The first thing that stops it, in words.
pub(super) fn verdict(jail: &JailDiagnosis) -> &'static str {
    let Some(first) = jail.blockers.first() else {
        return match &jail.bans {
            Some(bans) if !bans.is_empty() => "bans",
            Some(_) => "nobody to ban",
            None => "not looked at",
        };
    };
    word(first.code).unwrap_or(first.code)
}

/// A blocker in two or three words.
fn word(code: &str) -> Option<&'static str> {
    Some(match code {
        "config-refused" => "refused",
        "jail-skipped" => "left out",
        "log-missing" => "no log",
        "log-unreadable" => "not readable",
        "log-empty" => "log is empty",
        "log-stale" => "log is old",
        "logpath-ignored" => "reads journal",
        "journal-none-selected" => "wrong match",
        "no-date" => "no dates",
        "clock-skew" => "clock is off",
        "filter-missing" => "no such filter",
        "no-match" => "no match",
        "nofail-only" => "helpers only",
        "below-maxretry" => "too few",
        "ban-expired" => "bans are over",
        "exempt" => "exempt",
        "hostname-only" => "names only",
        "proxy-address" => "bans proxy",
        "action-missing" => "no action",
        "command-missing" => "no command",
        "port-mismatch" => "wrong port",
        "chain-docker" => "wrong chain",
        "disabled" => "not enabled",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::word;

    /// The schema is what programs rely on; the table has a word for each of its codes.
    #[test]
    fn every_blocker_has_a_word() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/doctor.schema.json")).expect("JSON");
        let codes = &schema["$defs"]["Blocker"]["properties"]["code"]["enum"];
        let codes = codes.as_array().expect("a list of codes");
        for code in codes.iter().filter_map(|code| code.as_str()) {
            assert!(word(code).is_some(), "{code}");
        }
        assert!(codes.len() > 10);
    }
}
