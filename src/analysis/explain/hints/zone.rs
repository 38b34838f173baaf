//! The log's clock is off by whole hours: its daemon writes another zone's time.
//!
//! That a line was written now is nowhere said: the newest one may be of any age, and then its
//! time tells of no zone in particular. One is proposed where the newest line, read in it, was
//! written a moment ago and no other zone explains the log as well.

use super::trial::Trial;
use super::{Change, Hint, Search, zone_behind};

const HOUR: f64 = 3600.0;
/// Zones differ by quarters of an hour, and are not further from each other than this.
const QUARTER: f64 = 900.0;
const MOST: f64 = 14.5 * HOUR;
/// A newest line may be this much older than the moment it is compared with, in seconds.
const SLACK: f64 = 120.0;
/// The same for the time a file was last written: a line is written at once.
const CLOSE: f64 = 10.0;
/// By how much a time may be ahead of the moment it was written at: clocks have fractions.
const AHEAD: f64 = 1.0;
/// The zone between whole hours that many people live in, India's, in seconds.
const INDIA: f64 = 5.5 * HOUR;

/// The newest line: its place, its time, how far its clock here is from Greenwich.
struct Newest {
    at: usize,
    time: f64,
    here: f64,
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if search.evidence.has_timezone || !search.now.searched {
        return None;
    }
    let newest = newest(search)?;
    // a line that names its zone has said it all
    if zone_behind::follows(search, newest.at) {
        return None;
    }
    let now = search.evidence.clock.now_epoch();
    let modified = search.evidence.modified.filter(|&time| time <= now + SLACK);
    // when the file was written tells what the newest line's time was, ahead or behind
    if let Some(modified) = modified
        && let Some(zone) = fitting(&newest, modified, CLOSE)
    {
        let whose = "the time the log was last written";
        return proposed(search, &newest, zone, modified, whose);
    }
    if newest.time <= now + SLACK {
        return None;
    }
    // as UTC the line may have any age, and UTC is what most logs of another zone are in
    let fits_utc = newest.time + newest.here <= now + AHEAD;
    match fitting(&newest, now, SLACK) {
        Some(zone) if zone == 0.0 || !fits_utc => {
            proposed(search, &newest, zone, now, "this machine's clock")
        }
        _ => unknown(search, &newest, fits_utc),
    }
}

fn newest(search: &Search) -> Option<Newest> {
    let lines = search.now.lines.iter().enumerate();
    let times = lines.filter_map(|(at, line)| Some((at, line.time?)));
    let (at, time) = times.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let here = search.evidence.clock.local(time).offset as f64;
    Some(Newest { at, time, here })
}

/// The zone, in seconds east of Greenwich, in which the newest line was written right before a
/// moment; None where that is the zone it is read in, or none.
fn fitting(newest: &Newest, moment: f64, slack: f64) -> Option<f64> {
    let wall = newest.time + newest.here - moment;
    let whole = ((wall + slack) / HOUR).floor() * HOUR;
    let fits = |zone: &f64| (-slack..=AHEAD).contains(&(wall - zone));
    let zone = [whole, INDIA].into_iter().find(fits)?;
    let is_other = (zone - newest.here).abs() >= 2.0 * QUARTER;
    let is_zone = (-12.0 * HOUR..=14.0 * HOUR).contains(&zone);
    (is_other && is_zone && (newest.time - moment).abs() <= MOST).then_some(zone)
}

/// The run with the log read in a zone; None where the dates do not depend on it.
fn tried(search: &mut Search, newest: &Newest, zone: f64) -> Option<Trial> {
    let trial = search.attempt(Change::Timezone(zone_name(zone)))?;
    // a date that names its zone is not moved by this: then the daemon's clock is wrong
    let moved = trial.lines[newest.at].time? - newest.time;
    ((moved - (newest.here - zone)).abs() <= AHEAD).then_some(trial)
}

/// Hours of a difference in words: `2`, `3.5`.
fn hours(difference: f64) -> f64 {
    (difference.abs() / QUARTER).round() / 4.0
}

fn proposed(
    search: &mut Search,
    newest: &Newest,
    zone: f64,
    moment: f64,
    whose: &str,
) -> Option<Hint> {
    tried(search, newest, zone)?;
    let off = newest.time - moment;
    let (hours, zone) = (hours(off), zone_name(zone));
    let way = if off > 0.0 { "ahead of" } else { "behind" };
    Some(Hint {
        code: "zone-off".into(),
        message: format!(
            "the newest line is {hours} h {way} {whose}: the log is written in another time zone; \
             `logtimezone = {zone}` in the jail (--timezone {zone} here) sets it right"
        ),
        change: Some(format!("logtimezone = {zone}")),
        apply: Some(vec![Change::Timezone(zone)]),
        lines: dated(search),
        example: search.example(newest.at),
    })
}

/// The hint for a log ahead of the clock whose zone cannot be told.
fn unknown(search: &mut Search, newest: &Newest, fits_utc: bool) -> Option<Hint> {
    let now = search.evidence.clock.now_epoch();
    let off = newest.time - now;
    if !(2.0 * QUARTER - SLACK..=MOST).contains(&off) {
        return None;
    }
    let zone = if fits_utc { 0.0 } else { newest.here + HOUR };
    tried(search, newest, zone)?;
    let age = hours(now - newest.time - newest.here);
    let which = if fits_utc {
        format!("; read as UTC (--timezone UTC) the newest line is {age} h old")
    } else {
        String::new()
    };
    Some(Hint {
        code: "zone-off".into(),
        message: format!(
            "the newest line is {} h ahead of this machine's clock: the log is written in another \
             time zone, which the lines do not tell; `logtimezone` in the jail (--timezone here) \
             names it{which}",
            hours(off)
        ),
        change: None,
        apply: None,
        lines: dated(search),
        example: search.example(newest.at),
    })
}

fn dated(search: &Search) -> u64 {
    let lines = search.now.lines.iter();
    lines.filter(|line| line.time.is_some()).count() as u64
}

/// `UTC+0200` for an offset east of Greenwich in seconds.
fn zone_name(offset: f64) -> String {
    let minutes = (offset / 60.0).round() as i64;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    match minutes {
        0 => "UTC".into(),
        _ => format!("UTC{sign}{:02}{:02}", minutes / 60, minutes % 60),
    }
}
