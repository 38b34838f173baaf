//! `--since` and `--until`: which part of a log is read, by time.
//!
//! A journal entry brings its time. Of a text log the caller tells the time of a line
//! ([`Dates`]); a line without one has that of the line before. Where a plain file is large
//! and in order, its part is found by bisection instead of reading up to it.

use crate::date::{Clock, DateDetector, TimeCache};
use crate::pattern::Scratch;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Tells the date in a line, epoch seconds; None where it has none.
pub(crate) type Dates = Box<dyn FnMut(&str) -> Option<f64> + Send>;

/// Tells dates by a detector as it is before the first line; `told` hears each.
pub(crate) fn dates_of(
    detector: &DateDetector,
    clock: &Clock,
    told: impl Fn(f64) + Send + 'static,
) -> Dates {
    let (mut detector, clock) = (detector.clone(), clock.clone());
    let mut scratch = Scratch::default();
    let mut cache = TimeCache::default();
    Box::new(move |line| {
        let found = detector.match_time(line, &mut scratch).ok()??;
        let time = detector.time_of(line, &found, &clock, &mut cache).ok()?;
        told(time.seconds());
        Some(time.seconds())
    })
}

/// From when to when, epoch seconds: the first is in, the second is out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Window {
    /// The first moment inside, in seconds since 1970; None from the begin.
    pub(crate) since: Option<f64>,
    /// The first moment behind it, in seconds since 1970; None to the end.
    pub(crate) until: Option<f64>,
}

impl Window {
    /// Whether a time is inside.
    pub(crate) fn holds(&self, time: f64) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// Whether it leaves anything out.
    pub(crate) fn is_limited(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }
}

/// Reads a time as users write it: RFC 3339, `2026-11-20`, `2026-11-20 14:30[:00]` (local),
/// `-2h`, `now`, `today`, `yesterday`, `@EPOCH`. None where it is none of these.
pub(crate) fn moment(text: &str, clock: &Clock) -> Option<f64> {
    let text = text.trim();
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros() as f64 / 1e6);
    }
    if let Some(epoch) = text.strip_prefix('@') {
        return epoch.parse().ok().filter(|e: &f64| e.is_finite());
    }
    let midnight = |days: i64| {
        let now = clock.local(clock.now_epoch());
        let date = chrono::NaiveDate::from_ymd_opt(
            i32::try_from(now.year).ok()?,
            u32::from(now.month),
            u32::from(now.day),
        )?;
        let date = date.checked_add_signed(chrono::TimeDelta::days(days))?;
        local(date.and_hms_opt(0, 0, 0)?, clock)
    };
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(clock.now_epoch()),
        "today" => return midnight(0),
        "yesterday" => return midnight(-1),
        "tomorrow" => return midnight(1),
        _ => {}
    }
    if let Some(age) = text.strip_prefix('-').or_else(|| text.strip_suffix(" ago")) {
        return Some(clock.now_epoch() - seconds(age)?);
    }
    if let Some(ahead) = text.strip_prefix('+') {
        return Some(clock.now_epoch() + seconds(ahead)?);
    }
    for form in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ] {
        if let Ok(time) = chrono::NaiveDateTime::parse_from_str(text, form) {
            return local(time, clock);
        }
    }
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    local(date.and_hms_opt(0, 0, 0)?, clock)
}

/// A local wall clock as epoch seconds.
fn local(wall: chrono::NaiveDateTime, clock: &Clock) -> Option<f64> {
    let utc = wall.and_utc();
    let epoch = clock.mktime(utc.timestamp(), &mut TimeCache::default())?;
    Some(epoch as f64 + f64::from(utc.timestamp_subsec_micros()) / 1e6)
}

/// A length of time: `2h`, `1h30m`, `90` (seconds), `3 days`.
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "" | "s" | "sec" | "second" | "seconds" => 1.0,
            "m" | "min" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            "w" | "week" | "weeks" => 7.0 * 86_400.0,
            _ => return None,
        };
        total += number * unit;
        rest = rest[letters..].trim_start();
    }
    Some(total)
}

/// Files below this are read from the start: that costs less than looking.
const BISECT_BYTES: u64 = 4 << 20;

/// How near bisection goes before the rest is read.
const NEAR_BYTES: u64 = 256 << 10;

/// Places at which the order of a file is checked.
const PLACES: u64 = 33;

/// How far on a date is looked for.
const PROBE_BYTES: usize = 64 << 10;

/// Where in a large file to begin for the times from `since` on: at a line's start, or 0
/// where the file is small or not in order. Lines in between are looked at as they come.
pub(crate) fn bisect(file: &mut File, size: u64, since: f64, dates: &mut Dates) -> io::Result<u64> {
    if size < BISECT_BYTES {
        return Ok(0);
    }
    let mut last = f64::MIN;
    for place in 0..PLACES {
        if let Some((_, time)) = date_behind(file, size / PLACES * place, dates)? {
            if time < last {
                return Ok(0);
            }
            last = time;
        }
    }
    let (mut low, mut high) = (0, size);
    while high - low > NEAR_BYTES {
        let middle = low + (high - low) / 2;
        match date_behind(file, middle, dates)? {
            // as far as is known, everything before that line is too early
            Some((at, time)) if time < since && at < high => low = at,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The first line behind `offset` that has a date: where it begins, and the date.
fn date_behind(file: &mut File, offset: u64, dates: &mut Dates) -> io::Result<Option<(u64, f64)>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(PROBE_BYTES as u64).read_to_end(&mut bytes)?;
    let mut at = match offset {
        0 => 0,
        _ => match memchr::memchr(b'\n', &bytes) {
            Some(end) => end + 1,
            None => return Ok(None),
        },
    };
    while let Some(length) = memchr::memchr(b'\n', &bytes[at..]) {
        let line = String::from_utf8_lossy(&bytes[at..at + length]);
        let line = line.trim_end_matches('\r');
        if !line.is_empty()
            && !line.starts_with('#')
            && let Some(time) = dates(line)
        {
            return Ok(Some((offset + at as u64, time)));
        }
        at += length + 1;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::TimeZone;

    #[test]
    fn times_as_users_write_them() {
        // 2026-11-20T12:00:00Z
        let clock = Clock::in_zone(1_795_176_000.0, TimeZone::utc());
        let at = |text: &str| moment(text, &clock);
        let noon = 1_795_176_000.0;
        assert_eq!(at("2026-11-20T12:00:00Z"), Some(noon));
        assert_eq!(at("2026-11-20T13:00:00.5+01:00"), Some(noon + 0.5));
        assert_eq!(at("2026-11-20 12:00"), Some(noon));
        assert_eq!(at("2026-11-20"), Some(noon - 43_200.0));
        assert_eq!(at("today"), at("2026-11-20"));
        assert_eq!(at("yesterday"), at("2026-11-19"));
        assert_eq!(at("-2h"), Some(noon - 7200.0));
        assert_eq!(at("-1h30m"), Some(noon - 5400.0));
        assert_eq!(at("3 days ago"), Some(noon - 259_200.0));
        assert_eq!(at("@1795176000"), Some(noon));
        for wrong in ["", "-", "-2x", "20.11.2026", "2026-13-01", "soon"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
