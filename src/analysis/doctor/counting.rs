//! Do the failures lead to bans under the jail's rules, and which rules would they lead to one.

use super::finding::{ClosestCall, Figures, JailDiagnosis};
use super::hints;
use super::patient::Patient;
use super::reading::Reading;
use crate::analysis::simulate::{Replay, Settings, duration};
use crate::analysis::wording::counted;

/// Spans tried for findtime, in seconds.
const SPANS: [(f64, &str); 7] = [
    (300.0, "5m"),
    (600.0, "10m"),
    (1800.0, "30m"),
    (3600.0, "1h"),
    (21_600.0, "6h"),
    (86_400.0, "1d"),
    (604_800.0, "1w"),
];

/// Failures by which somebody who mistypes a password is told from one who guesses.
const FEW: i64 = 5;

/// Who came nearest to a ban, where nobody was banned.
pub(super) fn closest(reading: &Reading, replay: &Replay) -> Option<ClosestCall> {
    if !replay.bans.is_empty() {
        return None;
    }
    let all = replay.addresses(0);
    let most = all.max_by_key(|(_, tally)| (tally.peak, tally.hits))?;
    Some(ClosestCall {
        address: reading.addresses.text(most.0).to_owned(),
        count: most.1.peak,
        failures: most.1.hits,
    })
}

/// Says why nobody would be banned, if nobody would.
pub(super) fn check(
    found: &mut JailDiagnosis,
    patient: &Patient,
    reading: &Reading,
    replay: &Replay,
) {
    if end_at_once(found, patient, reading, replay) {
        return;
    }
    if !replay.bans.is_empty() || super::exemption::check(found, patient, reading) {
        return;
    }
    let settings = &patient.rules.settings;
    let Some(closest) = found.closest.clone() else {
        return;
    };
    let maxretry = settings.maxretry;
    let within = if settings.findtime > 0.0 {
        duration::show(settings.findtime)
    } else {
        format!(
            "findtime = {}, which no two failures are",
            settings.findtime
        )
    };
    let message = format!(
        "{} by {}, but nobody fails {maxretry} times within {within}: {} comes nearest with {}",
        counted(
            reading.collector.tickets.len() as u64,
            "failure",
            "failures"
        ),
        counted(replay.addresses(0).count() as u64, "address", "addresses"),
        closest.address,
        closest.count
    );
    let failures = reading.collector.tickets.len() as i64;
    let few = maxretry.min(FEW);
    if closest.failures < few.unsigned_abs() && failures < 2 * few {
        // a few people mistyped their passwords
        found.warn("below-maxretry", message);
        return;
    }
    if limits_requests(patient, reading, &closest) {
        found.warn(
            "below-maxretry",
            message + ": its lines are not of failures, and the limit is far away",
        );
        return;
    }
    let longer = longer_findtime(reading, settings);
    let fewer = Settings {
        maxretry: closest.count,
        ..settings.clone()
    };
    let section = patient.section();
    let lower = format!("{section} maxretry = {}", closest.count);
    let (option, change, tried) = match longer {
        Some((span, bans)) => {
            let mut change = format!("{section} findtime = {span}");
            if closest.count > 1 {
                change += &format!("; or {lower}");
            }
            ("findtime", change, bans)
        }
        None => ("maxretry", lower, reading.replay(&fewer).bans.len() as u64),
    };
    let tried = Figures {
        lines: reading.lines,
        matched: reading.matched,
        bans: tried,
    };
    let place = patient.place(option).or(patient.jail.header.as_ref());
    found.block_tried("below-maxretry", place, message, (change, Some(tried)));
}

/// Whether a jail counts what everybody does, such as the requests of a page, and bans who does too
/// much of it: nearly every line matches, most are no failures, and nobody comes near the limit.
fn limits_requests(patient: &Patient, reading: &Reading, closest: &ClosestCall) -> bool {
    /// A limit that nobody's failures are meant by.
    const MANY: i64 = 20;
    /// How many times as much as anybody has come to.
    const FAR: i64 = 2;
    let maxretry = patient.rules.settings.maxretry;
    let is_near = closest.count.saturating_mul(FAR) > maxretry;
    if maxretry < MANY || is_near || reading.matched * 10 < reading.lines * 9 {
        return false;
    }
    let (failures, of) = (hints::suspects(patient).all, hints::SAMPLED as u64);
    2 * failures * reading.lines < reading.matched * of.min(reading.lines)
}

/// Says so where bans are over when they begin (upstream's BanManager.addBanTicket leaves those out
/// whose end is past).
fn end_at_once(
    found: &mut JailDiagnosis,
    patient: &Patient,
    reading: &Reading,
    replay: &Replay,
) -> bool {
    /// A ban that lasts: ten minutes, as in the stock configuration.
    const LASTING: f64 = 600.0;
    let settings = &patient.rules.settings;
    let bantime = settings.bantime.trunc();
    if bantime > 0.0 || bantime == -1.0 || settings.increment.is_some() {
        return false;
    }
    let lasting = Settings {
        bantime: LASTING,
        ..settings.clone()
    };
    let bans = reading.replay(&lasting).bans.len() as u64;
    if bans == 0 {
        return false;
    }
    let message = format!("bantime = {bantime}: a ban is over when it begins, for ever is -1");
    if !replay.bans.is_empty() {
        found.warn("ban-expired", message);
        return false;
    }
    let tried = Figures {
        lines: reading.lines,
        matched: reading.matched,
        bans,
    };
    let place = patient.place("bantime").or(patient.jail.header.as_ref());
    let change = format!(
        "{} bantime = {}",
        patient.section(),
        duration::show(LASTING)
    );
    found.block_tried("ban-expired", place, message, (change, Some(tried)));
    true
}

/// The shortest findtime that leads to a ban, and to how many.
fn longer_findtime(reading: &Reading, settings: &Settings) -> Option<(&'static str, u64)> {
    let longer = SPANS.iter().filter(|(span, _)| *span > settings.findtime);
    let tried = longer.map(|(span, name)| {
        let settings = Settings {
            findtime: *span,
            ..settings.clone()
        };
        (*name, reading.replay(&settings).bans.len() as u64)
    });
    tried.into_iter().find(|(_, bans)| *bans > 0)
}
