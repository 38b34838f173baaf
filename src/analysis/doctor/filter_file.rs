//! What stands in the files of a filter in a form that fail2ban never reads: an include that is not
//! there, a misspelt `[Definition]` or `failregex`. It loads such a filter without a word.

use super::choices::left_tags;
use super::finding::JailDiagnosis;
use super::hints::{self, files_of};
use super::overrides::{is_of_filter, with_files};
use super::patient::Patient;
use super::ward::Ward;
use crate::analysis::check::{FileFault, RawFile, filter_faults};
use crate::config::{JailConfig, Setting};

/// The faults in the files of a jail's filter, each once.
pub(super) fn faults(ward: &Ward, jail: &JailConfig) -> Vec<FileFault> {
    let files = files_of(ward, &jail.name).into_iter();
    let of_filter = files.filter(|file| is_of_filter(file));
    let mut found: Vec<FileFault> = Vec::new();
    for fault in of_filter.flat_map(|file| filter_faults(&file)) {
        let same = |known: &FileFault| known.place == fault.place;
        if !found.iter().any(same) {
            found.push(fault);
        }
    }
    found
}

/// What to write instead, in words.
pub(super) fn change(fault: &FileFault, directory: &str) -> String {
    match &fault.mended {
        Some(line) => format!("{}: {}", fault.place.within(directory), line.trim()),
        None => fault.help.clone(),
    }
}

/// Says so where nothing matches because of such a fault; whether it has.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, message: &str) -> bool {
    let directory = &patient.ward.machine.directory;
    let faults = faults(patient.ward, patient.jail);
    for fault in &faults {
        let Some(settings) = mended(patient, fault) else {
            continue;
        };
        let Some(built) = patient.build(&settings) else {
            continue;
        };
        let figures = patient.figures(&patient.read_with(&built));
        if figures.matched == 0 {
            continue;
        }
        let message = format!("{message}: {}", fault.message);
        let tried = (change(fault, directory), Some(figures));
        found.block_tried("no-match", Some(&fault.place), message, tried);
        return true;
    }
    // a fault that cannot be tried is why only where nothing else is
    let is_empty = patient.built.filter.failregexes.is_empty();
    let has_tags = !left_tags(patient.jail, patient.parts).is_empty();
    let mut faults = faults.iter();
    let fault = faults.find(|fault| is_empty || has_tags && fault.is_include);
    let Some(fault) = fault.filter(|_| hints::all(patient).is_empty()) else {
        return false;
    };
    let (why, change) = if fault.is_include {
        let change = "an include of a file that is there, or no include";
        ("; what it would set is missing", change.to_owned())
    } else {
        ("", change(fault, directory))
    };
    let message = format!("{message}: {}{why}", fault.message);
    found.block("no-match", Some(&fault.place), message, change);
    true
}

/// The settings of the filter without a fault.
fn mended(patient: &Patient, fault: &FileFault) -> Option<Vec<Setting>> {
    let mut file = RawFile::read(&fault.place.file);
    let line = (fault.place.line as usize).checked_sub(1)?;
    fault.mended.as_ref()?.clone_into(file.lines.get_mut(line)?);
    with_files(patient.ward, patient.jail, patient.reads_journal(), &[file])
}
