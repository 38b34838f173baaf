//! The inputs of a jail: are they there, can they be read, are they the ones that are written.

use super::dated_logs;
use super::files;
use super::finding::{Figures, InputSeen, JailDiagnosis};
use super::journal::{EVER, JournalEntry};
use super::journal_hints;
use super::journal_input::{self, writer_of_matches};
use super::log_level::LogLevel;
use super::log_target::LogTarget;
use super::logpaths;
use super::other_logs::{candidates, configured};
use super::patient::Patient;
use crate::analysis::simulate::duration;
use crate::config::{LogPath, Origin, Source, below, entry_below, glob};
use std::path::Path;

/// Seconds after which a log may be one that nobody writes any more.
pub(super) const OLD: f64 = 2.0 * 86_400.0;

/// How it is known where a service writes.
pub(super) const NAMED: &str = "which the configuration of its service names";

/// Another input, in which the filter finds something.
pub(super) struct OtherInput {
    /// A log by its path, or the journal.
    pub(super) name: String,
    /// What to write into the configuration.
    change: String,
    tried: Figures,
}

impl OtherInput {
    fn log((path, figures): (String, Figures), patient: &Patient) -> OtherInput {
        OtherInput {
            change: format!("{} logpath = {path}", patient.section()),
            name: path,
            tried: figures,
        }
    }

    fn journal(change: String, tried: Figures) -> OtherInput {
        OtherInput {
            name: "the journal".to_owned(),
            change,
            tried,
        }
    }

    /// The change, and what the jail finds with it.
    pub(super) fn change(self) -> (String, Option<Figures>) {
        (self.change, Some(self.tried))
    }
}

/// Looks at the inputs before they are read; false: there is nothing to read.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    match patient.parts.input.source {
        Source::Journal | Source::JournalWithoutLogs => {
            found.inputs.push(InputSeen::new(None));
            journal_input::is_there(found, patient)
        }
        Source::Logs => {
            let logs = patient.logs().into_iter();
            found
                .inputs
                .extend(logs.map(|log| InputSeen::new(Some(log))));
            logpaths::warn(found, patient);
            logs_are_there(found, patient)
        }
        Source::LogsMissing => {
            missing(found, patient, "log-missing");
            false
        }
        Source::Skipped => {
            missing(found, patient, "jail-skipped");
            false
        }
        Source::Nothing => {
            let message = "it has no logpath, and its backend is not systemd".to_owned();
            let place = patient.jail.header.as_ref();
            match in_journal(patient, EVER) {
                Some(other) => found.block_tried("log-missing", place, message, other.change()),
                None => {
                    let change = format!("{} logpath = the log to read", patient.section());
                    found.block("log-missing", place, message, change);
                }
            }
            false
        }
    }
}

/// `backend = systemd`, where the filter finds something in the journal from that time on.
fn in_journal(patient: &Patient, since: f64) -> Option<OtherInput> {
    let section = patient.section();
    let is_own = |entry: &JournalEntry| entry.time >= since && patient.is_selected(entry);
    let own = patient.try_journal(is_own)?.0;
    let change = format!("{section} backend = systemd");
    if own.matched > 0 && !patient.built.journalmatch.is_empty() {
        return Some(OtherInput::journal(change, patient.figures(&own)));
    }
    match writer_of_matches(patient, since) {
        Some((writer, figures)) => {
            let change = format!("{change}, journalmatch = {}", writer.journalmatch());
            Some(OtherInput::journal(change, figures))
        }
        None if own.matched > 0 => Some(OtherInput::journal(change, patient.figures(&own))),
        None if since > EVER => None,
        None => {
            let (change, figures) = journal_hints::find(patient)?;
            Some(OtherInput::journal(change, figures))
        }
    }
}

pub(super) fn logpath_origin<'p>(patient: &'p Patient) -> Option<&'p Origin> {
    let first = patient.parts.input.logs.first();
    let origin = first.and_then(|log| log.origin.as_ref());
    origin.or(patient.jail.header.as_ref())
}

/// No log of the logpath is there.
fn missing(found: &mut JailDiagnosis, patient: &Patient, code: &'static str) {
    let root = patient.doctor().root;
    let logs = &patient.parts.input.logs;
    let patterns = patient.log_patterns();
    let mut message = match patterns.as_slice() {
        [] => "its logpath is empty".to_owned(),
        all => format!("there is no {}", all.join(", ")),
    };
    let dangling: Vec<&str> = logs
        .iter()
        .flat_map(|l| &l.dangling)
        .map(String::as_str)
        .collect();
    if let Some((link, stream)) = dangling.iter().find_map(|link| printed(root, link)) {
        printed_by_container(found, patient, code, (link, &stream));
        return;
    }
    if !dangling.is_empty() {
        message = format!(
            "{} leads nowhere: a link to a file that is gone",
            dangling.join(", ")
        );
    }
    message += match code {
        "jail-skipped" => "; with skip_if_nologs the jail is left out without a word",
        _ => "; the server does not start with such a jail",
    };
    if let Some(misread) = logpaths::misread(patient) {
        message += &format!("; {}", misread.message);
        let read = patient.try_logs(&misread.logs);
        let tried = read.map(|read| patient.figures(&read));
        found.block_tried(
            code,
            misread.place.as_ref(),
            message,
            (misread.change, tried),
        );
        return;
    }
    if let Some(day) = dated_logs::of_name(patient) {
        message += &format!("; {}", day.told());
        let change = (day.change(patient), day.figures(patient));
        found.block_tried(code, logpath_origin(patient), message, change);
        return;
    }
    let candidates = candidates(patient, logs);
    let target = LogTarget::of(patient);
    if let Some(target) = &target {
        message += &format!("; {}", target.told(patient));
    } else if let Some(near) = candidates
        .first()
        .filter(|path| below(root, path).is_file())
    {
        message += &format!("; there is {near}");
    }
    let place = logpath_origin(patient);
    if let Some(other) = other_input(patient, &candidates, EVER) {
        found.block_tried(code, place, message, other.change());
        return;
    }
    if let Some(target) = target {
        found.block(code, place, message, target.change(patient));
        return;
    }
    if let Some(log) = configured(patient) {
        let change = format!("{} logpath = {log}, {NAMED}", patient.section());
        found.block(code, place, message, change);
        return;
    }
    let change = format!(
        "{} logpath = the log its service writes ({})",
        patient.section(),
        match candidates.first() {
            Some(near) => format!("{near} has no line that its filter matches"),
            None => "no log found here has a line that its filter matches".to_owned(),
        }
    );
    found.block(code, place, message, change);
}

/// A link to what a process prints, as images of containers have them in place of logs, and where it
/// leads.
fn printed<'l>(root: &Path, link: &'l str) -> Option<(&'l str, String)> {
    let target = std::fs::read_link(entry_below(root, link)).ok()?;
    let target = target.to_str()?.to_owned();
    let places = ["/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/"];
    let is_stream = places.iter().any(|place| target.starts_with(place));
    is_stream.then_some((link, target))
}

/// Says that what is written to such a link is in no file.
fn printed_by_container(
    found: &mut JailDiagnosis,
    patient: &Patient,
    code: &'static str,
    (link, stream): (&str, &str),
) {
    let message = format!(
        "{link} is a link to {stream}: its service prints what it has to say, and that is the container's output, in no file"
    );
    let place = logpath_origin(patient);
    match in_journal(patient, EVER) {
        Some(other) => found.block_tried(code, place, message, other.change()),
        None => {
            let change = format!("a file in place of {link}, which the service writes");
            found.block(code, place, message, change);
        }
    }
}

/// Another log, or the journal from that time on, where the filter finds something: that with more
/// of it.
pub(super) fn other_input(
    patient: &Patient,
    candidates: &[String],
    since: f64,
) -> Option<OtherInput> {
    let log = patient.best_log(candidates);
    let log = log.map(|found| OtherInput::log(found, patient));
    let journal = in_journal(patient, since);
    let matched = |other: &Option<OtherInput>| other.as_ref().map_or(0, |o| o.tried.matched);
    if matched(&journal) > matched(&log) {
        journal
    } else {
        log
    }
}

/// The logs that were found: directories, unreadable, empty.
fn logs_are_there(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    let root = patient.doctor().root;
    let mut readable = 0;
    let mut filled = 0;
    let mut problems = Vec::new();
    let mut compressed = Vec::new();
    for log in patient.parts.input.logs.iter() {
        for path in &log.found {
            let file = below(root, path);
            match files::unreadable(&file) {
                Some(why) => problems.push((log, format!("{path} {why}"))),
                None => {
                    readable += 1;
                    filled += u64::from(!files::is_blank(&file));
                    if let Some(form) = files::compression(&file) {
                        let why = "which fail2ban does not unpack";
                        compressed.push((
                            log,
                            format!("{path} is compressed ({}), {why}", form.name()),
                        ));
                    }
                }
            }
        }
    }
    // of a glob that takes old logs along only the others count
    if compressed.len() == readable {
        problems.append(&mut compressed);
    }
    if let Some((log, message)) = problems.into_iter().next() {
        let place = log.origin.as_ref();
        let alone = log.found.len() == 1;
        let more = "; logpath takes it along, and the server does not start";
        let message = message + if alone { "" } else { more };
        if let Some((change, figures)) = other_glob(patient, log) {
            found.block_tried("log-unreadable", place, message, (change, Some(figures)));
            return false;
        }
        let known = std::slice::from_ref(log);
        match other_input(patient, &candidates(patient, known), EVER) {
            Some(other) => found.block_tried("log-unreadable", place, message, other.change()),
            None => {
                let change = "a logpath that names files which root can read";
                found.block("log-unreadable", place, message, change);
            }
        }
        return false;
    }
    if readable > 0 && filled == 0 {
        if just_rotated(found, patient) {
            return false;
        }
        let logs = patient.logs().join(", ");
        let mut message = format!("{logs} is empty: nothing is written there");
        let candidates = candidates(patient, &patient.parts.input.logs);
        let place = logpath_origin(patient);
        let target = LogTarget::of(patient);
        if let Some(target) = &target {
            message += &format!("; {}", target.told(patient));
        } else if let Some(level) = LogLevel::of_fail2ban(patient) {
            message += &format!("; {}", level.message);
            found.block("log-empty", level.place.as_ref(), message, level.change);
            return false;
        }
        match other_input(patient, &candidates, EVER) {
            Some(other) => found.block_tried("log-empty", place, message, other.change()),
            None => {
                let change = match target {
                    Some(target) => target.change(patient),
                    None => format!("{} logpath = a log that is written", patient.section()),
                };
                found.block("log-empty", place, message, change);
            }
        }
        return false;
    }
    true
}

/// A glob in place of one that takes directories along, and what is found with it.
fn other_glob(patient: &Patient, log: &LogPath) -> Option<(String, Figures)> {
    let root = patient.doctor().root;
    let pattern = logpaths::without_directories(log)?;
    let logs = glob(root, &pattern);
    if logs
        .iter()
        .any(|path| files::unreadable(&below(root, path)).is_some())
    {
        return None;
    }
    let read = patient.try_logs(&logs).filter(|read| read.matched > 0)?;
    let change = format!("{} logpath = {pattern}", patient.section());
    Some((change, patient.figures(&read)))
}

/// Says so where a log is empty because it was rotated: the file it was before has lines of late.
fn just_rotated(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    let root = patient.doctor().root;
    let now = patient.doctor().clock.now_epoch();
    let rotated = patient.logs().into_iter().flat_map(|log| {
        let before = files::rotated(root, &log).into_iter();
        before.map(move |before| (log.clone(), before))
    });
    let newest = |path: &String| patient.try_logs(std::slice::from_ref(path))?.newest();
    let dated = rotated.filter_map(|(log, before)| Some((newest(&before)?, log, before)));
    let Some((time, log, before)) = dated.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return false;
    };
    let age = now - time;
    if age > OLD {
        return false;
    }
    let message = format!(
        "{log} is empty since it was rotated: the last line of {before} is {} old. Should its service still write there, it has to be told to open its log anew",
        duration::show((age.max(0.0) / 60.0).floor() * 60.0)
    );
    found.warn("log-empty", message);
    true
}
