//! The log's clock is off by whole hours: its daemon writes another zone's time.

use super::{Change, Hint, Search};

/// Zones differ by quarters of an hour, and by less than this many of them.
const QUARTER: f64 = 900.0;
const MOST: f64 = 14.5 * 3600.0;
/// A newest line may be this much older than the moment it is compared with, in seconds.
const SLACK: f64 = 120.0;
/// The same for the time a file was last written: a line is written at once.
const CLOSE: f64 = 10.0;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if search.evidence.has_timezone || !search.now.searched {
        return None;
    }
    let lines = &search.now.lines;
    let times = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, line.time?)));
    let (newest, time) = times.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let now = search.evidence.clock.now_epoch();
    // ahead of the clock is wrong for certain; behind it only where the file tells that the
    // line was written later than it says
    let (reference, whose, step, slack) = match search.evidence.modified {
        _ if time > now + SLACK => (now, "this machine's clock", QUARTER, SLACK),
        // a log copied or left alone is behind by chance: only what fits closely
        Some(modified) if modified <= now + SLACK => {
            let whose = "the time the log was last written";
            (modified, whose, 2.0 * QUARTER, CLOSE)
        }
        _ => return None,
    };
    let off = time - reference;
    let quarters = (off / step).round() * step / QUARTER;
    let rest = off - quarters * QUARTER;
    if quarters == 0.0
        || quarters.abs() < 2.0
        || off.abs() > MOST
        || !(-slack..=5.0).contains(&rest)
    {
        return None;
    }
    let here = search.evidence.clock.local(time).offset as f64;
    let zone = zone_name(here + quarters * QUARTER);
    let trial = search.attempt(Change::Timezone(zone.clone()))?;
    // a date that names its zone is not moved by this: then the daemon's clock is wrong
    let moved = trial.lines[newest].time?;
    if (moved - reference).abs() > SLACK + 5.0 {
        return None;
    }
    let lines = &search.now.lines;
    let hours = quarters.abs() * QUARTER / 3600.0;
    let way = if off > 0.0 { "ahead of" } else { "behind" };
    Some(Hint {
        code: "zone-off".into(),
        message: format!(
            "the newest line is {hours} h {way} {whose}: the log is written in another time zone; \
             `logtimezone = {zone}` in the jail (--timezone {zone} here) sets it right"
        ),
        change: Some(format!("logtimezone = {zone}")),
        apply: Some(vec![Change::Timezone(zone)]),
        lines: lines.iter().filter(|line| line.time.is_some()).count() as u64,
        example: search.example(newest),
    })
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
