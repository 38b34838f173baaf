//! Reasons in words, and their codes.

use super::Result;
use crate::analysis::actual::record::Rule;
use crate::analysis::actual::runs::{Down, OtherSetting};
use crate::analysis::actual::{Reason, Side};
use crate::analysis::simulate::duration;
use crate::report::text::counted;

/// What a side is called.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Extra => "extra",
        Side::Missing => "missing",
        Side::Shifted => "shifted",
    }
}

/// The code of a reason.
pub(super) fn code(reason: &Reason) -> &'static str {
    match reason {
        Reason::ByHand(_) => "by-hand",
        Reason::BannedByHand(_) => "banned-by-hand",
        Reason::LiftedByHand(_) => "lifted-by-hand",
        Reason::EndedEarly(_) => "ended-early",
        Reason::EndedMeanwhile(_) => "ended-meanwhile",
        Reason::Down(_) => "server-down",
        Reason::Restarted(_) => "restarted",
        Reason::IgnoredThen(_) => "ignored-then",
        Reason::IgnoredNow(_) => "ignored-now",
        Reason::Setting(_) => "other-setting",
        Reason::FewerFailures { .. } => "fewer-failures",
        Reason::Rotated(_) => "rotated",
        Reason::Clock(_) => "clock",
        Reason::OtherLog { .. } => "other-log",
        Reason::OnlyServer { .. } => "only-server",
        Reason::NotNoted => "not-noted",
        Reason::Unexplained => "unexplained",
    }
}

/// A reason in words, with the lines that tell of it.
pub(super) fn reason(reason: &Reason, side: Side, result: &Result) -> String {
    let record = |place| result.at(place);
    match reason {
        Reason::ByHand(0) => "by hand: no failure before it".into(),
        Reason::ByHand(noted) => format!(
            "by hand: {} before it, too few",
            counted(*noted as u64, "failure", "failures")
        ),
        Reason::BannedByHand(place) => {
            format!("was banned by hand then ({})", record(*place))
        }
        Reason::LiftedByHand(place) => {
            format!("its ban had been lifted by hand ({})", record(*place))
        }
        Reason::EndedEarly(place) => format!(
            "its ban had ended ({}): bantime was less, or it was lifted by hand",
            record(*place)
        ),
        Reason::EndedMeanwhile(place) => {
            format!(
                "its ban ended just before the line was read ({})",
                record(*place)
            )
        }
        Reason::Down(down) if side == Side::Shifted => {
            format!("late: {}", time_down(down, result))
        }
        Reason::Down(down) => time_down(down, result),
        Reason::Restarted(down) => {
            let at = down.started.map(record).unwrap_or_default();
            let time = short(down.until, result);
            format!("the server was started anew amid the failures, at {time} ({at})")
        }
        Reason::IgnoredThen(place) => {
            format!("the server ignored the address then ({})", record(*place))
        }
        Reason::IgnoredNow(entry) => format!("not ignored then; now by ignoreip {entry}"),
        Reason::Setting(setting) => other_setting(setting, result),
        Reason::FewerFailures { then, now, sure } => {
            let failures = counted(then.unsigned_abs(), "failure", "failures");
            let by_hand = if *sure { "" } else { ", or it was by hand" };
            format!("after {failures}, where {now} are needed now: maxretry was less{by_hand}")
        }
        Reason::Rotated(next) => format!(
            "the log was rotated before its last lines were read (on with {})",
            result.line(*next)
        ),
        Reason::Clock(offset) => clock(*offset),
        Reason::OtherLog { same_name: false } => {
            "this log is not the one that the jail reads".into()
        }
        Reason::OtherLog { same_name: true } => {
            "this log is not the one that the jail read, or its filter was another".into()
        }
        Reason::OnlyServer { first, names } => {
            let names = if *names {
                ", or has under host names"
            } else {
                ""
            };
            let first = record(*first);
            format!("of failures that the log has not{names} (first: {first})")
        }
        Reason::NotNoted => "the server ran and noted none of the failures".into(),
        Reason::Unexplained => "unexplained".into(),
    }
}

fn other_setting(setting: &OtherSetting, result: &Result) -> String {
    let show = |value: f64| match setting.rule {
        Rule::MaxRetry => format!("{value}"),
        Rule::FindTime | Rule::BanTime if value < 0.0 => "for ever".into(),
        Rule::FindTime | Rule::BanTime => duration::show(value),
    };
    format!(
        "{} was {} then ({}), now {}",
        setting.rule.name(),
        show(setting.then),
        result.at(setting.place),
        show(setting.now)
    )
}

fn clock(offset: f64) -> String {
    let size = duration::show(offset.abs().round());
    let side = if offset > 0.0 { "before" } else { "after" };
    format!("clock: the log's times are {size} {side} those the server took")
}

fn time_down(down: &Down, result: &Result) -> String {
    let from = short(down.from, result);
    let places = [down.ended, down.started];
    let places: Vec<String> = (places.iter().flatten())
        .map(|place| result.at(*place))
        .collect();
    let places = match places.as_slice() {
        [] => String::new(),
        all => format!(" ({})", all.join(", ")),
    };
    let ended = if down.ended.is_some() {
        "the server did not run"
    } else {
        "no line of the server, and no end of it"
    };
    if down.until.is_finite() {
        format!(
            "{ended} from {from} to {}{places}",
            short(down.until, result)
        )
    } else {
        format!("{ended} from {from} on{places}")
    }
}

/// A time; of the day the record begins with, without the date.
pub(super) fn short(time: f64, result: &Result) -> String {
    let text = result.clock.iso(time);
    let day = result.record.span.map(|span| result.clock.iso(span.0));
    let last = result.record.span.map(|span| result.clock.iso(span.1));
    let date = |text: &Option<String>| text.as_deref().and_then(|t| t.get(..10)).map(str::to_owned);
    match (text.split_once(' '), date(&day), date(&last)) {
        (Some((own, clock)), Some(first), Some(last)) if own == first && first == last => {
            clock.to_owned()
        }
        _ => text,
    }
}
