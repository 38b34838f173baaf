//! Failures in the journal that a jail's journalmatch leaves out, of a service that has two units.

use super::finding::JailDiagnosis;
use super::journal::JournalEntry;
use super::patient::Patient;
use crate::analysis::simulate::Replay;
use crate::analysis::wording::counted;

/// Warns where more would be banned with those who fail at a unit that neither this jail nor another
/// one reads: who goes from one to the other fails too rarely at each.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, replay: &Replay) {
    if !patient.reads_journal() || patient.built.journalmatch.is_empty() {
        return;
    }
    let all = patient.ward.matches.iter().enumerate();
    let reading: Vec<usize> = all
        .filter(|(_, wanted)| wanted.is_some())
        .map(|(n, _)| n)
        .collect();
    let is_left_out =
        |entry: &JournalEntry| !reading.iter().any(|number| entry.is_selected(*number));
    let Some((left_out, entries)) = patient.try_journal(is_left_out) else {
        return;
    };
    if left_out.matched == 0 {
        return;
    }
    let matching = left_out.matching.iter().filter_map(|at| entries.get(*at));
    let matching: Vec<_> = matching.copied().collect();
    let Some(writer) = patient.ward.journal().writer_of(&matching) else {
        return;
    };
    let both = |entry: &JournalEntry| patient.is_selected(entry) || writer.wrote(entry);
    let Some((with, _)) = patient.try_journal(both) else {
        return;
    };
    let with = with.replay(&patient.rules.settings).bans.len();
    if with <= replay.bans.len() {
        return;
    }
    let message = format!(
        "its journalmatch leaves out {} that its filter matches, of {1}: [{2}] journalmatch = {3} + {1} (tried: {4})",
        counted(matching.len() as u64, "entry", "entries"),
        writer.journalmatch(),
        patient.jail.name,
        words(patient),
        counted(with as u64, "ban", "bans"),
    );
    found.warn("journal-unselected", message);
}

/// The journalmatch in force, as it is written.
fn words(patient: &Patient) -> String {
    let parts = patient.built.journalmatch.iter();
    let parts: Vec<String> = parts.map(|words| words.join(" ")).collect();
    parts.join(" + ")
}
