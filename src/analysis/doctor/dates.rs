//! The dates of a log: are there any, and is it now where they say it is.

use super::filter::Replaced;
use super::finding::{Figures, JailDiagnosis};
use super::input::{logpath_origin, other_input};
use super::journal::EVER;
use super::other_logs::candidates;
use super::patient::Patient;
use super::reading::{self, Reading};
use super::{datepattern, encoding, files, hints, other_dates};
use crate::analysis::simulate::duration;
use crate::analysis::wording::grouped;
use crate::config::Origin;

/// Zones differ by whole half hours, but for three of them.
const HALF_HOUR: f64 = 1800.0;
/// Clocks that differ by less are not set to different zones.
const DRIFT: f64 = 1200.0;
/// The zones farthest apart.
const FARTHEST: f64 = 14.0 * 3600.0;

/// Whether the dates are found and plausible; false: it stops here.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    if patient.reads_journal() {
        return true;
    }
    if reading.dated == 0 {
        if encoding::check(found, (patient, reading), "no-date") {
            return false;
        }
        if reading.lines == 0 {
            return true;
        }
        no_date(found, patient, reading);
        return false;
    }
    if other_dates::without_zone(found, patient, reading) {
        return false;
    }
    let now = patient.doctor().clock.now_epoch();
    let is_plausible = |read: &Reading| skew(patient, read).is_none();
    if let Some(ahead) = far_ahead(reading, now) {
        if other_dates::second_date(found, (patient, reading, ahead), is_plausible) {
            return false;
        }
        let message = format!(
            "its last lines are {} ahead of now: the clock of what writes them, or of this machine, is wrong",
            duration::show((ahead / 3600.0).floor() * 3600.0)
        );
        let change = "set the clock right (timedatectl, NTP), then restart fail2ban";
        found.block("clock-skew", patient.jail.header.as_ref(), message, change);
        return false;
    }
    let Some(offset) = skew(patient, reading) else {
        not_read(found, patient, reading);
        return true;
    };
    if own_zone(found, patient, offset)
        || other_dates::second_date(found, (patient, reading, offset), is_plausible)
    {
        return false;
    }
    clocks_differ(found, patient, offset);
    false
}

/// Says so where the jail's datepattern finds the dates and reads nothing of them.
fn not_read(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let Some(place) = patient.datepattern_origin() else {
        return;
    };
    let mut dates = reading.parts.iter().flat_map(|part| part.dates.iter());
    let first = dates.next();
    if reading.dated < 2 || dates.any(|date| Some(date) != first) {
        return;
    }
    let Some(hint) = hints::best(patient, &["other-date"]) else {
        return;
    };
    let message = format!(
        "its datepattern ({}) finds the dates and reads nothing of them, so that every line has the same time: {}",
        place.within(&patient.ward.machine.directory),
        hint.change
    );
    found.warn("no-date", message);
}

/// The zone that the jail itself says its log is in is at fault.
fn own_zone(found: &mut JailDiagnosis, patient: &Patient, offset: f64) -> bool {
    let Some(option) = patient
        .option("logtimezone")
        .filter(|o| o.written.is_some())
    else {
        return false;
    };
    let Some(read) = patient.without_timezone().map(|b| patient.read_with(&b)) else {
        return false;
    };
    if skew(patient, &read).is_some() {
        return false;
    }
    let message = format!(
        "with logtimezone = {} its newest line is {}, without it they agree",
        option.value.to_text().as_str(),
        off_by(offset)
    );
    let place = patient.place("logtimezone");
    let change = match place {
        Some(place) => format!(
            "remove logtimezone from {}",
            place.within(&patient.ward.machine.directory)
        ),
        None => "remove logtimezone".to_owned(),
    };
    let tried = Some(patient.figures(&read));
    found.block_tried("clock-skew", place, message, (change, tried));
    true
}

/// By how much a log is off: `2 h ahead of now`.
fn off_by(offset: f64) -> String {
    let hours = offset.abs() / 3600.0;
    let direction = if offset > 0.0 { "ahead of" } else { "behind" };
    format!("{hours} h {direction} now")
}

/// What writes the log and fail2ban do not agree about the zone.
fn clocks_differ(found: &mut JailDiagnosis, patient: &Patient, offset: f64) {
    let message = format!(
        "its newest line is {}: what writes the log and fail2ban do not agree about the zone",
        off_by(offset)
    );
    let sign = if offset > 0.0 { '+' } else { '-' };
    let minutes = (offset.abs() / 60.0) as i64;
    // a log in UTC+2 that is read as local time here is that much ahead of local time
    let clock = patient.doctor().clock;
    let local = clock.local(clock.now_epoch()).offset / 60;
    let zone = local + if offset > 0.0 { minutes } else { -minutes };
    let zone_sign = if zone < 0 { '-' } else { '+' };
    let zone = format!("UTC{zone_sign}{:02}{:02}", zone.abs() / 60, zone.abs() % 60);
    let said = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    let place = patient.jail.header.as_ref();
    let replaced = Replaced {
        timezone: Some(&zone),
        ..Replaced::default()
    };
    let tried = patient.rebuilt(false, replaced).and_then(|built| {
        let logs = files::on_disk(patient.doctor().root, &patient.logs());
        let lines = patient.doctor().lines;
        let read = reading::of_logs(&built, &patient.rules, &logs, lines, patient.at());
        let plausible = read.newest().is_some_and(|time| time <= clock.now_epoch());
        plausible.then(|| patient.figures(&read))
    });
    let mut change = format!(
        "restart the service that writes the log, and fail2ban, after a change of the zone ({said})"
    );
    // dates that name their zone are not changed by it
    if tried.is_some() {
        change += &format!("; or {} logtimezone = {zone}", patient.section());
    }
    found.block_tried("clock-skew", place, message, (change, tried));
}

fn no_date(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let own = patient.datepattern_origin();
    let (change, tried, of_log) = dated_by(patient);
    let what = match own {
        Some(_) => "its datepattern finds no date",
        None => "no date template finds a date",
    };
    let message = format!(
        "{what} in any of {} lines: fail2ban cannot tell when they happened",
        grouped(reading.lines)
    );
    let place = of_log.or(own).or(patient.jail.header.as_ref());
    found.block_tried("no-date", place, message, (change, tried));
}

/// What would make the dates be found: first what makes failures be found too. With the line of
/// logpath where that is to blame.
fn dated_by<'p>(patient: &'p Patient) -> (String, Option<Figures>, Option<&'p Origin>) {
    let place = datepattern::place(patient);
    let without = without_own(patient);
    if let Some((change, figures)) = &without
        && figures.matched > 0
    {
        return (change.clone(), Some(*figures), None);
    }
    let made = datepattern::find(patient).map(|(pattern, figures)| {
        let written = pattern.replace('%', "%%");
        (format!("{place}: datepattern = {written}"), figures)
    });
    if let Some((change, figures)) = &made
        && figures.matched > 0
    {
        return (change.clone(), Some(*figures), None);
    }
    let candidates = candidates(patient, &patient.parts.input.logs);
    if let Some(other) = other_input(patient, &candidates, EVER) {
        let what = if other.name.starts_with('/') {
            "lines"
        } else {
            "entries"
        };
        let (change, tried) = other.change();
        let change = format!("{change}, which has {what} that it matches");
        return (change, tried, logpath_origin(patient));
    }
    // a logtype may make the dates be found, and the failures
    let helpful = hints::all(patient).iter().find_map(|hint| {
        let hint = hints::in_terms_of(patient, hint);
        hint.tried.filter(|tried| tried.matched > 0 && hint.dates)?;
        Some((hint.change, hint.tried, None))
    });
    if let Some(found) = helpful {
        return found;
    }
    let codes = ["datepattern", "date", "month", "ansi", "doubled"];
    let hint = hints::best(patient, &codes);
    if let Some(hint) = hint.filter(|hint| hint.tried.is_none_or(|tried| tried.matched > 0)) {
        return (hint.change, hint.tried, None);
    }
    if let Some((change, figures)) = made.or(without) {
        return (change, Some(figures), None);
    }
    if tells_no_time(patient) {
        let change = format!(
            "{} logpath = the log its service writes: the lines of this one tell no time",
            patient.section()
        );
        return (change, None, logpath_origin(patient));
    }
    let change = format!("{place}: datepattern = what the dates of its lines look like");
    (change, None, None)
}

/// Whether hardly a line has anything like a time in it, such as `11:40`, or eight digits that may
/// be a date.
fn tells_no_time(patient: &Patient) -> bool {
    let lines = hints::sample(patient);
    let is_time = |line: &str| {
        let bytes = line.as_bytes();
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let mut clocks = bytes.windows(5);
        let mut runs = bytes.windows(8);
        clocks.any(|part| digits(&part[..2]) && part[2] == b':' && digits(&part[3..]))
            || runs.any(|part| part.iter().filter(|byte| byte.is_ascii_digit()).count() >= 6)
    };
    let timed = lines.iter().filter(|line| is_time(&line.text)).count();
    timed * 10 < lines.len()
}

/// No datepattern in place of one that finds nothing, if fail2ban's own templates find dates.
fn without_own(patient: &Patient) -> Option<(String, Figures)> {
    let place = patient.datepattern_origin()?;
    let reading = patient.read_with(&patient.without_datepattern()?);
    let directory = &patient.ward.machine.directory;
    let change = format!(
        "remove datepattern from {}: the templates of fail2ban find the dates",
        place.within(directory)
    );
    (reading.dated > 0).then(|| (change, patient.figures(&reading)))
}

/// By how much the newest line is ahead of now, or behind it, where that looks like another
/// zone; seconds.
fn skew(patient: &Patient, reading: &Reading) -> Option<f64> {
    let newest = reading.newest()?;
    let now = patient.doctor().clock.now_epoch();
    let ahead = newest - now;
    if ahead > DRIFT && ahead <= FARTHEST + DRIFT {
        // the newest line was written a moment ago
        return Some((ahead / HALF_HOUR).ceil() * HALF_HOUR);
    }
    // a log may be quiet: when it was written says whether its dates are behind, or that it never
    // is quiet
    if let Some(offset) = silence(reading, now) {
        return Some(offset);
    }
    let root = patient.doctor().root;
    let logs = files::on_disk(root, &patient.logs());
    let written = logs.iter().filter_map(|log| files::modified(log));
    let written = written.max_by(f64::total_cmp)?;
    if written > now + 60.0 {
        return None;
    }
    let behind = written - newest;
    let whole = (behind / HALF_HOUR).round() * HALF_HOUR;
    let fits = (behind - whole).abs() < 120.0 && (HALF_HOUR..=FARTHEST).contains(&whole);
    fits.then_some(-whole)
}

/// By how much the last lines of a log are ahead of now, where no zone is that far away; seconds. One
/// line alone may have an odd date.
fn far_ahead(reading: &Reading, now: f64) -> Option<f64> {
    /// Lines that have to agree.
    const LINES: usize = 5;
    let (part, newest) = reading.newest_part()?;
    let mut last = part.dates.iter().rev().take(LINES);
    let is_far = |date: &f64| date - now > FARTHEST + DRIFT;
    (part.dates.len() >= LINES && last.all(is_far)).then_some(newest - now)
}

/// By how much the dates of a log are behind, that is written so often that the last lines would
/// not be missing; seconds.
fn silence(reading: &Reading, now: f64) -> Option<f64> {
    /// Lines by which it is known how often one is written.
    const ENOUGH: usize = 20;
    let (part, newest) = reading.newest_part()?;
    let (age, oldest) = (now - newest, part.dates.front()?);
    let gaps = part.dates.iter().zip(part.dates.iter().skip(1));
    let longest = gaps.map(|(a, b)| b - a).max_by(f64::total_cmp)?;
    let whole = (age / HALF_HOUR).floor() * HALF_HOUR;
    let fits = part.dates.len() > ENOUGH
        && newest - oldest >= age
        && age > 4.0 * longest
        && age - whole <= longest + 60.0
        && (HALF_HOUR..=FARTHEST).contains(&whole);
    fits.then_some(-whole)
}
