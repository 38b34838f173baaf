//! The journal as a jail's input: is it there, does the jail's journalmatch select what it is for.

use super::finding::{Figures, JailDiagnosis};
use super::journal::{EVER, JournalEntry, Writer};
use super::other_logs::candidates;
use super::patient::Patient;
use super::reading::Reading;
use super::units::{base, instead_of};
use crate::analysis::wording::counted;

/// Who writes the entries that the filter matches, from that time on, and what it finds in all that
/// they write.
pub(super) fn writer_of_matches(patient: &Patient, since: f64) -> Option<(Writer, Figures)> {
    let (reading, entries) = patient.try_journal(|entry| entry.time >= since)?;
    let matching = reading.matching.iter().filter_map(|at| entries.get(*at));
    let matching: Vec<_> = matching.copied().collect();
    let writer = patient.ward.journal().writer_of(&matching)?;
    let (read, _) = patient.try_journal(|entry| writer.wrote(entry))?;
    (read.matched > 0).then(|| (writer, patient.figures(&read)))
}

/// The names of the service that a jail's journalmatch asks for, and of its filter.
fn names_of_service<'p>(patient: &'p Patient) -> Vec<&'p str> {
    const FIELDS: [&str; 4] = [
        "_SYSTEMD_UNIT",
        "CONTAINER_NAME",
        "_COMM",
        "SYSLOG_IDENTIFIER",
    ];
    let words = patient.built.journalmatch.iter().flatten();
    let asked = words.filter_map(|word| word.split_once('='));
    let asked = asked.filter(|(field, _)| FIELDS.contains(field));
    let filter = patient
        .parts
        .filter
        .iter()
        .map(|filter| filter.name.as_str());
    let names = asked.map(|(_, value)| base(value)).chain(filter);
    names.filter(|name| name.len() > 2).collect()
}

/// Who writes the entries of a jail's service, where its journalmatch selects none of them, and how
/// many there are: by the names of units, programs and containers.
fn likely_writer(patient: &Patient) -> Option<(String, u64)> {
    let names = names_of_service(patient);
    let journal = patient.ward.journal();
    let entries = journal.all().iter();
    let own: Vec<&JournalEntry> = entries
        .filter(|entry| names.iter().any(|name| entry.is_of(name)))
        .collect();
    let writer = journal.writer_of(&own)?.journalmatch();
    Some((writer, own.len() as u64))
}

/// The journalmatch of units that are on the machine, in place of one of units that all are not.
fn units_instead(patient: &Patient) -> Option<(String, String)> {
    let root = patient.doctor().root;
    let words = patient.built.journalmatch.iter().flatten();
    let mut asked = Vec::new();
    let mut meant = Vec::new();
    for word in words.filter(|word| *word != "+") {
        let unit = word.strip_prefix("_SYSTEMD_UNIT=")?;
        asked.push(unit);
        meant.push(format!("_SYSTEMD_UNIT={}", instead_of(root, unit)?));
    }
    meant.dedup();
    (!asked.is_empty()).then(|| (asked.join(", "), meant.join(" ")))
}

/// Whether there is a journal to be read.
pub(super) fn is_there(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    let journal = patient.ward.journal();
    if journal.entries.is_some() {
        return true;
    }
    if ignored_logpath(found, patient, "there is no journal here") {
        return false;
    }
    if let Some((asked, meant)) = units_instead(patient) {
        let message = format!(
            "its journalmatch asks for {asked}, by which name nothing is written to the journal: this machine has {}",
            meant.replace("_SYSTEMD_UNIT=", "")
        );
        let place = patient.built.journalmatch_origin.as_ref();
        let place = place.or(patient.place("backend"));
        let change = format!("{} journalmatch = {meant}", patient.section());
        found.block("journal-none-selected", place, message, change);
        return false;
    }
    let why = journal.problem.as_deref();
    let why = why.unwrap_or("there is none among the files");
    let message = format!("it reads the journal, which could not be looked at: {why}");
    found.warn("journal-unread", message);
    false
}

/// Says that a jail without a journalmatch reads each entry, and what would select its own.
fn reads_all(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let writer = writer_of_matches(patient, EVER);
    let written = match writer {
        Some((writer, _)) => format!(": journalmatch = {}", writer.journalmatch()),
        None => String::new(),
    };
    let all = counted(reading.lines, "entry", "entries");
    let message = format!(
        "it has no journalmatch, so each of {all} of the journal goes through its filter; one selects what it is for{written}"
    );
    found.warn("journalmatch-missing", message);
}

/// Whether the journal has something for the jail, once it is read; false: it stops here.
pub(super) fn check_read(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    if !patient.reads_journal() {
        return true;
    }
    let has_match = !patient.built.journalmatch.is_empty();
    if reading.matched > 0 {
        if !has_match {
            reads_all(found, patient, reading);
        }
        return true;
    }
    let place = patient.built.journalmatch_origin.as_ref();
    let place = place.or(patient.place("backend"));
    let words: Vec<String> = patient
        .built
        .journalmatch
        .iter()
        .map(|w| w.join(" "))
        .collect();
    let words = words.join("; ");
    let all = counted(
        patient.ward.journal().all().len() as u64,
        "entry",
        "entries",
    );
    let writer = has_match.then(|| writer_of_matches(patient, EVER));
    if let Some((writer, figures)) = writer.flatten() {
        let writer = writer.journalmatch();
        let change = format!("{} journalmatch = {writer}", patient.section());
        let wrote = format!("the entries its filter matches are of {writer}");
        let tried = (change, Some(figures));
        if reading.lines == 0 {
            let message = format!("journalmatch {words} selects none of {all}; {wrote}");
            found.block_tried("journal-none-selected", place, message, tried);
        } else {
            let selected = counted(reading.lines, "entry", "entries");
            let message =
                format!("journalmatch {words} selects {selected}, none of which matches; {wrote}");
            found.block_tried("no-match", place, message, tried);
        }
        return false;
    }
    let why = match (reading.lines, has_match) {
        (0, true) => format!("its journalmatch {words} selects none of {all}"),
        (0, false) => "the journal is empty".to_owned(),
        _ => "nothing in the journal matches its filter".to_owned(),
    };
    if ignored_logpath(found, patient, &why) {
        return false;
    }
    if reading.lines == 0 {
        let mut message = format!("{why}, and no entry of the journal matches its filter");
        let likely = likely_writer(patient).filter(|_| has_match);
        let instead = units_instead(patient).filter(|_| likely.is_none());
        let change = if let Some((writer, entries)) = likely {
            let entries = counted(entries, "entry is", "entries are");
            message += &format!("; {entries} of {writer}");
            format!("{} journalmatch = {writer}", patient.section())
        } else if let Some((_, meant)) = instead {
            message += &format!("; this machine has {}", meant.replace("_SYSTEMD_UNIT=", ""));
            format!("{} journalmatch = {meant}", patient.section())
        } else if has_match {
            format!(
                "{} journalmatch = the unit its service runs as",
                patient.section()
            )
        } else {
            format!(
                "{} backend = auto, with the logpath of its service",
                patient.section()
            )
        };
        found.block("journal-none-selected", place, message, change);
        return false;
    }
    true
}

/// The logs at logpath have what the jail looks for, and it does not read them.
fn ignored_logpath(found: &mut JailDiagnosis, patient: &Patient, why: &str) -> bool {
    let mut logs = patient.logs();
    logs.extend(candidates(patient, &patient.parts.input.logs));
    let Some((path, _)) = patient.best_log(&logs) else {
        return false;
    };
    let own = patient.logs();
    let (paths, change) = if own.contains(&path) {
        (own, format!("{} backend = auto", patient.section()))
    } else {
        let change = format!("{} backend = auto, logpath = {path}", patient.section());
        (vec![path.clone()], change)
    };
    let tried = patient.try_logs(&paths).map(|read| patient.figures(&read));
    let message = format!(
        "it reads the journal (backend = {}), so its logpath is not read: {why}, while {path} has what it looks for",
        patient.parts.input.configured
    );
    let place = patient.place("backend");
    found.block_tried("logpath-ignored", place, message, (change, tried));
    true
}
