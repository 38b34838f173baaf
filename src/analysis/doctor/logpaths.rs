//! A logpath that is not written as fail2ban reads it: quotes are a part of the path, commas too,
//! and what stands behind a blank says where to begin. Paths are parted by line breaks alone.

use super::finding::JailDiagnosis;
use super::patient::Patient;
use crate::config::{LogPath, Origin, glob};

/// A line of logpath that was meant otherwise.
pub(super) struct Misread {
    /// What fail2ban makes of it.
    pub(super) message: String,
    /// What to write.
    pub(super) change: String,
    /// The logs that are meant and are there.
    pub(super) logs: Vec<String>,
    pub(super) place: Option<Origin>,
}

/// The first such line of a jail.
pub(super) fn misread(patient: &Patient) -> Option<Misread> {
    let mut logs = patient.parts.input.logs.iter();
    logs.find_map(|log| of_line(patient, log))
}

fn of_line(patient: &Patient, log: &LogPath) -> Option<Misread> {
    const QUOTES: [char; 2] = ['"', '\''];
    let is_start = |word: &str| ["head", "tail"].contains(&word);
    let behind = (!is_start(&log.start)).then_some(log.start.as_str());
    let behind = behind.filter(|word| word.trim_start_matches(QUOTES).starts_with('/'));
    let is_quoted = log.pattern.starts_with(QUOTES);
    let comment = log.pattern.find(" #");
    let pattern = &log.pattern[..comment.unwrap_or(log.pattern.len())];
    let has_comma = pattern.contains(',');
    let is_home = pattern.starts_with("~/");
    let is_odd = is_quoted || has_comma || is_home || comment.is_some();
    if behind.is_none() && (!log.found.is_empty() || !is_odd) {
        return None;
    }
    let line = format!("{pattern} {}", behind.unwrap_or_default());
    let line = line.replace("~/", "/root/");
    let words = line.split([',', ' ']).map(|word| word.trim_matches(QUOTES));
    let root = patient.doctor().root;
    let is_there = |word: &&str| word.starts_with('/') && !glob(root, word).is_empty();
    let meant: Vec<&str> = words.filter(is_there).collect();
    let logs: Vec<String> = meant.iter().flat_map(|path| glob(root, path)).collect();
    if logs.is_empty() || logs.iter().all(|path| log.found.contains(path)) {
        return None;
    }
    let mut faults = Vec::new();
    if is_quoted {
        faults.push("the quotation marks are a part of the path".to_owned());
    }
    if has_comma {
        faults.push("a comma does not part paths".to_owned());
    }
    if is_home {
        faults.push("`~` stands for no directory".to_owned());
    }
    if comment.is_some() {
        faults.push("a comment needs a line of its own".to_owned());
    }
    if let Some(behind) = behind {
        faults.push(format!(
            "{behind} behind the blank is taken for where reading begins, and is not read"
        ));
    }
    let mut change = format!("{} logpath = {}", patient.section(), meant.first()?);
    if meant.len() > 1 {
        let others = meant.get(1..)?.join(", ");
        change += &format!(", and on indented lines of their own below it: {others}");
    }
    Some(Misread {
        message: faults.join(", and "),
        change,
        logs,
        place: log.origin.clone(),
    })
}

/// Warns of a log that is not read for that.
pub(super) fn warn(found: &mut JailDiagnosis, patient: &Patient) {
    if let Some(misread) = misread(patient) {
        let message = format!("{}: {}", misread.message, misread.change);
        found.warn("log-missing", message);
    }
}

/// Says so where nothing matches, and would in a log that is not read for that; whether it has.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, message: &str) -> bool {
    let Some(misread) = misread(patient) else {
        return false;
    };
    let Some(read) = patient
        .try_logs(&misread.logs)
        .filter(|read| read.matched > 0)
    else {
        return false;
    };
    let message = format!("{message}: {}", misread.message);
    let tried = (misread.change, Some(patient.figures(&read)));
    found.block_tried("no-match", misread.place.as_ref(), message, tried);
    true
}

/// A glob for logs in place of one that takes directories along: `/var/log/nginx/*.log` for
/// `/var/log/nginx/*`.
pub(super) fn without_directories(log: &LogPath) -> Option<String> {
    let directory = log.pattern.strip_suffix("/*")?;
    Some(format!("{directory}/*.log"))
}
