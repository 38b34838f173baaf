//! Is the log written in another encoding than the one the jail reads it in?

use super::filter::{self, Replaced};
use super::finding::{Figures, JailDiagnosis};
use super::patient::Patient;
use super::reading::Reading;
use crate::config::{Setting, Sourced};

/// Encodings that are tried. One that is not the log's finds no more than the jail's own does.
const TRIED: [&str; 4] = ["utf-8", "latin-1", "utf-16-le", "utf-16-be"];

/// Says so where the filter finds failures in another encoding than the jail's that it does not
/// find in the jail's own, as `reading` has it.
pub(super) fn check(
    found: &mut JailDiagnosis,
    (patient, reading): (&Patient, &Reading),
    code: &'static str,
) -> bool {
    let own = patient.sets_itself("logencoding");
    let Some((name, figures)) = better(patient, own, reading.matched) else {
        return false;
    };
    let read_in = patient.built.encoding.as_deref().unwrap_or("auto");
    let message = format!(
        "it reads its log in {read_in}: in that encoding no line of it matches, in {name} lines do"
    );
    let section = patient.section();
    let wanted = if own && name == "utf-8" { "auto" } else { name };
    let change = format!("{section} logencoding = {wanted}");
    let place = if own {
        patient.place("logencoding")
    } else {
        None
    };
    let place = place.or(patient.jail.header.as_ref());
    found.block_tried(code, place, message, (change, Some(figures)));
    true
}

/// The encoding in which more failures than `known` are found, and what the jail finds with it.
fn better(patient: &Patient, own: bool, known: u64) -> Option<(&'static str, Figures)> {
    if patient.reads_journal() {
        return None;
    }
    let settings = patient.settings(false, &patient.jail.name)?;
    let others = settings
        .into_iter()
        .filter(|setting| !matches!(setting, Setting::LogEncoding(_)));
    let others: Vec<Setting> = others.collect();
    // without one of its own the jail reads UTF-8
    let tried = &TRIED[usize::from(!own)..];
    tried.iter().find_map(|name| {
        let mut settings = others.clone();
        settings.push(Setting::LogEncoding(Sourced::given(name)));
        let (usedns, clock) = (patient.usedns(), patient.doctor().clock);
        let built = filter::build(&settings, usedns, Replaced::default(), clock).ok()?;
        let figures = patient.figures(&patient.read_with(&built));
        (figures.matched > known).then_some((*name, figures))
    })
}
