//! Why an address is banned, or is not, in words.

use crate::analysis::simulate::collector::Dropped;
use crate::analysis::simulate::{Settings, Standing, Tally, duration};
use crate::date::Clock;
use crate::report::text::counted;

/// A time without its seconds.
pub(super) fn minutes(clock: &Clock, time: f64) -> String {
    let iso = clock.iso(time);
    iso.rsplit_once(':')
        .map_or(iso.clone(), |(minutes, _)| minutes.to_string())
}

/// Why an address is banned, or is not.
pub(super) fn reason(tally: &Tally, settings: &Settings, clock: &Clock) -> String {
    if tally.bans > 0 {
        let times = match tally.bans {
            1 => "banned".into(),
            n => format!("banned {n} times"),
        };
        return match tally.prevented {
            0 => times,
            n => format!(
                "{times}; {} while banned",
                counted(n, "failure", "failures")
            ),
        };
    }
    format!(
        "{} of {} within {}: closest call {}, missing {}",
        tally.peak,
        settings.maxretry,
        duration::show(settings.findtime),
        minutes(clock, tally.peak_time),
        settings.maxretry - tally.peak
    )
}

/// Why failures do not count.
pub(super) fn dropped_reason(dropped: &Dropped) -> String {
    match &dropped.standing {
        Standing::IgnoredBy(entry) => format!("ignored by {entry}"),
        Standing::NotResolved => "host name, not resolved".into(),
        Standing::Counts => "counts".into(),
    }
}
