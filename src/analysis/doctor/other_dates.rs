//! Dates that are not when a line was written, though it says when: the datepattern leaves out the
//! zone behind the time, or the line has two dates, and fail2ban takes the other one.

use super::datepattern;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::reading::Reading;
use crate::config::{Origin, Setting, Sourced};

/// The least that zones differ by; seconds.
const HALF_HOUR: f64 = 1800.0;
/// A line that was just written is not older; seconds.
const JUST_NOW: f64 = 1200.0;
/// A log in which nothing was written for longer says nothing of the present; seconds.
const DAY: f64 = 86_400.0;

/// Says so where the jail's datepattern leaves out the zone that its lines have; whether it does.
pub(super) fn without_zone(
    found: &mut JailDiagnosis,
    patient: &Patient,
    reading: &Reading,
) -> bool {
    let Some(own) = own_datepattern(patient) else {
        return false;
    };
    let Some(last) = datepattern::last_line(patient) else {
        return false;
    };
    let now = patient.doctor().clock.now_epoch();
    let with_zone = |zone: &str| {
        let pattern = format!("{}{zone}", own.text);
        let built = datepattern::dating(patient, &pattern, &last)?;
        let read = patient.read_with(&built);
        let (by, newest) = (read.newest()? - reading.newest()?, read.newest()?);
        let is_off = by.abs() >= HALF_HOUR && newest <= now + JUST_NOW;
        (is_no_loss(&read, reading) && is_off).then_some((pattern, read, by))
    };
    let Some((pattern, read, by)) = ["%z", " %z", r"(?:[.,]\d+)?%z"]
        .into_iter()
        .find_map(with_zone)
    else {
        return false;
    };
    let how = if by > 0.0 { "earlier" } else { "later" };
    let message = format!(
        "its datepattern leaves out the zone that stands behind the time: what happened is read as {} h {how}",
        hours(by)
    );
    tell(
        found,
        patient,
        own.origin.as_ref(),
        message,
        (&pattern, &read),
    );
    true
}

/// Says so where lines have another date, by which they were written of late; whether they do.
/// `offset` is by how much the dates that are taken are ahead of now, or behind it.
pub(super) fn second_date(
    found: &mut JailDiagnosis,
    (patient, reading, offset): (&Patient, &Reading, f64),
    is_plausible: impl Fn(&Reading) -> bool,
) -> bool {
    let now = patient.doctor().clock.now_epoch();
    let quiet = if offset > 0.0 { DAY } else { JUST_NOW };
    let mut others = datepattern::readings(patient);
    let other = others.find(|(_, read)| {
        let is_now = read
            .newest()
            .is_some_and(|newest| newest <= now && newest > now - quiet);
        is_no_loss(read, reading) && is_now && is_plausible(read)
    });
    let Some((pattern, read)) = other else {
        return false;
    };
    let how = if offset > 0.0 { "ahead of" } else { "behind" };
    let message = format!(
        "its newest line is {} h {how} now by the date that fail2ban takes, which is not when it was written: the line has another",
        hours(offset)
    );
    let place = patient.datepattern_origin();
    tell(found, patient, place, message, (&pattern, &read));
    true
}

/// Whether a log has as many dates read one way as the other, and no fewer matches.
fn is_no_loss(read: &Reading, reading: &Reading) -> bool {
    read.dated == reading.dated && read.matched >= reading.matched
}

/// Seconds in hours, to the half hour.
fn hours(seconds: f64) -> f64 {
    (seconds.abs() / HALF_HOUR).round() / 2.0
}

/// Tells of dates that are read wrong, with the datepattern that reads them, and what comes of it.
fn tell(
    found: &mut JailDiagnosis,
    patient: &Patient,
    place: Option<&Origin>,
    message: String,
    (pattern, read): (&str, &Reading),
) {
    let place = place.or(patient.jail.header.as_ref());
    let change = (written(patient, pattern), Some(patient.figures(read)));
    found.block_tried("clock-skew", place, message, change);
}

/// The datepattern of the jail's own, if it is one that reads no zone.
fn own_datepattern<'p>(patient: &'p Patient) -> Option<&'p Sourced> {
    if patient.sets_itself("logtimezone") {
        return None;
    }
    let mut settings = patient.parts.filter_commands.iter().flatten();
    let own = settings.find_map(|setting| match setting {
        Setting::Datepattern(value) => Some(value),
        _ => None,
    })?;
    let reads_zone = ["%z", "%Z", "\n", "$"]
        .iter()
        .any(|end| own.text.contains(end));
    (own.text.contains('%') && !reads_zone).then_some(own)
}

/// A datepattern as it is written into the configuration.
fn written(patient: &Patient, pattern: &str) -> String {
    let place = datepattern::place(patient);
    format!("{place}: datepattern = {}", pattern.replace('%', "%%"))
}
