//! Is what a jail reads still written, or does its service write elsewhere by now?

use super::finding::JailDiagnosis;
use super::input::{NAMED, OLD, logpath_origin, other_input};
use super::journal::EVER;
use super::journal_input::writer_of_matches;
use super::log_target::LogTarget;
use super::other_logs::{candidates, configured};
use super::patient::Patient;
use super::reading::Reading;
use super::{dated_logs, hints};
use crate::analysis::simulate::duration;

/// Seconds after which an input is one that nobody writes any more, even where no other is found
/// that has what the jail looks for.
const STALE: f64 = 7.0 * 86_400.0;

/// Looks at how old the last line is; false: it stops here.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    let Some(newest) = reading.newest() else {
        return true;
    };
    let age = patient.doctor().clock.now_epoch() - newest;
    if age < OLD {
        return true;
    }
    // something newer by that much was not written by the way
    let since = newest + OLD / 2.0;
    let age = Age {
        seconds: age,
        shown: duration::show((age / 3600.0).floor() * 3600.0),
    };
    if patient.reads_journal() {
        return journal(found, patient, &age, since);
    }
    logs(found, patient, &age, since)
}

/// How old the last line is.
struct Age {
    seconds: f64,
    shown: String,
}

/// Those of some logs that have lines from that time on.
fn newer(patient: &Patient, logs: Vec<String>, since: f64) -> Vec<String> {
    let is_newer = |path: &String| {
        let read = patient.try_logs(std::slice::from_ref(path));
        let newest = read.and_then(|read| read.newest());
        newest.is_some_and(|time| time > since)
    };
    logs.into_iter().filter(is_newer).collect()
}

/// A log that is named for its day, of which the jail reads an old one; whether it is.
fn log_of_a_day(found: &mut JailDiagnosis, patient: &Patient, age: &Age, since: f64) -> bool {
    let Some(later) = dated_logs::later(patient) else {
        return false;
    };
    if newer(patient, vec![later.path.clone()], since).is_empty() {
        return false;
    }
    let message = format!(
        "the last line of {} is {} old: {}",
        patient.logs().join(", "),
        age.shown,
        later.told()
    );
    let change = (later.change(patient), later.figures(patient));
    found.block_tried("log-stale", logpath_origin(patient), message, change);
    true
}

fn logs(found: &mut JailDiagnosis, patient: &Patient, age: &Age, since: f64) -> bool {
    if log_of_a_day(found, patient, age, since) {
        return false;
    }
    let candidates = candidates(patient, &patient.parts.input.logs);
    let newer = newer(patient, candidates, since);
    let better = other_input(patient, &newer, EVER);
    let target = LogTarget::of(patient);
    let configured = configured(patient).filter(|log| newer.contains(log));
    let is_known = better.is_some() || target.is_some() || configured.is_some();
    if !is_known && age.seconds < STALE {
        return true;
    }
    let logs = patient.logs().join(", ");
    let elsewhere = match &target {
        Some(target) => target.told(patient),
        None if is_ahead_of_year(patient, age) => {
            "its service writes elsewhere, or its dates, which have no year, are ahead of now: a clock is wrong then".to_owned()
        }
        None => "its service writes elsewhere, or not at all".to_owned(),
    };
    let message = format!("the last line of {logs} is {} old: {elsewhere}", age.shown);
    let place = logpath_origin(patient);
    match better {
        Some(other) => found.block_tried("log-stale", place, message, other.change()),
        None => {
            let change = match (target, configured) {
                (Some(target), _) => target.change(patient),
                (None, Some(log)) => format!("{} logpath = {log}, {NAMED}", patient.section()),
                (None, None) => format!(
                    "{} logpath = the log its service writes now",
                    patient.section()
                ),
            };
            found.block("log-stale", place, message, change);
        }
    }
    false
}

/// Whether the dates of a log may be of the next days: without a year they are taken for those of last
/// year.
fn is_ahead_of_year(patient: &Patient, age: &Age) -> bool {
    const YEAR: f64 = 366.0 * 86_400.0;
    const DAYS: f64 = 15.0 * 86_400.0;
    if !(YEAR - DAYS..YEAR).contains(&age.seconds) {
        return false;
    }
    let now = patient.doctor().clock.now_epoch();
    let year = patient.doctor().clock.local(now - age.seconds).year;
    let sample = hints::sample(patient);
    let last = sample.last();
    last.is_some_and(|line| !line.text.contains(&year.to_string()))
}

/// Of a journal only where something else has what the jail looks for: a quiet service writes
/// nothing.
fn journal(found: &mut JailDiagnosis, patient: &Patient, age: &Age, since: f64) -> bool {
    let words = patient.built.journalmatch.iter().map(|w| w.join(" "));
    let words = words.collect::<Vec<_>>().join("; ");
    let last = match words.as_str() {
        "" => "the last entry of the journal".to_owned(),
        words => format!("the last entry that journalmatch {words} selects"),
    };
    let backend = patient.place("backend");
    if let Some((writer, figures)) = writer_of_matches(patient, since) {
        let writer = writer.journalmatch();
        let message = format!(
            "{last} is {} old; those that its filter matches since then are of {writer}",
            age.shown
        );
        let place = patient.built.journalmatch_origin.as_ref().or(backend);
        let change = format!("{} journalmatch = {writer}", patient.section());
        found.block_tried("log-stale", place, message, (change, Some(figures)));
        return false;
    }
    let own = patient.logs();
    let mut all = own.clone();
    all.extend(candidates(patient, &patient.parts.input.logs));
    let Some((path, figures)) = patient.best_log(&newer(patient, all, since)) else {
        return true;
    };
    let message = format!(
        "{last} is {} old, while {path} has newer lines that its filter matches",
        age.shown
    );
    let mut change = format!("{} backend = auto", patient.section());
    if !own.contains(&path) {
        change += &format!(", logpath = {path}");
    }
    found.block_tried("log-stale", backend, message, (change, Some(figures)));
    false
}
