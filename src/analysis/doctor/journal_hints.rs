//! What would make a filter find something in the journal whose logs have nothing: a daemon that
//! goes by another name there.

use super::filter::{self, Replaced};
use super::finding::Figures;
use super::hints::{self, Rebuild, names_address, replaced};
use super::journal::JournalEntry;
use super::patient::Patient;
use super::reading;
use crate::analysis::explain::hints::change::change_settings;
use crate::analysis::explain::hints::{diagnose, tells_refusal};
use crate::analysis::explain::sample::SampledLine;

/// Entries looked at: those that tell of somebody who was turned away, the last ones.
const ENTRIES: usize = 100;

/// The journal with a change of the filter, and what is found there.
pub(super) fn find(patient: &Patient) -> Option<(String, Figures)> {
    let journal = patient.ward.journal();
    let tells = |entry: &&JournalEntry| {
        let text = entry.text.to_lowercase();
        tells_refusal(&text) && names_address(&text)
    };
    let told: Vec<&JournalEntry> = journal.all().iter().filter(tells).collect();
    let told = &told[told.len().saturating_sub(ENTRIES)..];
    if told.is_empty() {
        return None;
    }
    let built = patient.rebuilt(true, Replaced::default())?;
    let lines = told.iter().zip(1..).map(|(entry, number)| SampledLine {
        number,
        text: entry.text.clone(),
        time: Some(entry.time),
    });
    let rebuild = Rebuild {
        patient,
        journal: true,
    };
    let evidence = hints::evidence(patient, (&built.filter, None), lines.collect());
    let hint = diagnose(&evidence, &rebuild).hints.into_iter().next()?;
    let changes = hint.apply?;
    let words: Option<Vec<String>> = changes
        .iter()
        .map(|change| hints::in_words(patient, change))
        .collect();
    let mut settings = rebuild.settings(&changes)?;
    change_settings(&mut settings, &changes);
    let clock = patient.doctor().clock;
    let built = filter::build(&settings, patient.usedns(), replaced(&changes), clock).ok()?;
    let read = |entries: &[&JournalEntry]| {
        reading::of_entries(&built, &patient.rules, entries.iter().copied(), clock)
    };
    let found = read(told);
    let matching = found.matching.iter().filter_map(|at| told.get(*at));
    let matching: Vec<&JournalEntry> = matching.copied().collect();
    let writer = journal.writer_of(&matching)?;
    let own: Vec<&JournalEntry> = journal.all().iter().filter(|e| writer.wrote(e)).collect();
    let found = read(&own);
    let section = patient.section();
    let change = format!(
        "{section} backend = systemd, journalmatch = {}; {}",
        writer.journalmatch(),
        words?.join("; ")
    );
    (found.matched > 0).then(|| (change, patient.figures(&found)))
}
