//! Reasons in words, and their codes.

use super::Result;
use crate::analysis::actual::record::Rule;
use crate::analysis::actual::runs::Down;
use crate::analysis::actual::{Reason, Side};
use crate::analysis::simulate::duration;

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
        Reason::ByHand => "by-hand",
        Reason::BannedByHand(_) => "banned-by-hand",
        Reason::LiftedByHand(_) => "lifted-by-hand",
        Reason::EndedMeanwhile(_) => "ended-meanwhile",
        Reason::Down(_) => "server-down",
        Reason::Restarted(_) => "restarted",
        Reason::IgnoredThen(_) => "ignored-then",
        Reason::IgnoredNow(_) => "ignored-now",
        Reason::Setting(_) => "other-setting",
        Reason::FewerFailures { .. } => "fewer-failures",
        Reason::Rotated(_) => "rotated",
        Reason::Clock(_) => "clock",
        Reason::OtherLog => "other-log",
        Reason::OnlyServer(_) => "only-server",
        Reason::NotNoted => "not-noted",
        Reason::Unexplained => "unexplained",
    }
}

/// A reason in words, with the lines that tell of it.
pub(super) fn reason(reason: &Reason, side: Side, result: &Result) -> String {
    let record = |place| result.at(place);
    match reason {
        Reason::ByHand => "by hand: no failure before it".into(),
        Reason::BannedByHand(place) => {
            format!("was banned by hand then ({})", record(*place))
        }
        Reason::LiftedByHand(place) => {
            format!("its ban had been lifted by hand ({})", record(*place))
        }
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
        Reason::Setting(setting) => {
            let show = |value: f64| match setting.rule {
                Rule::MaxRetry => format!("{value}"),
                Rule::FindTime | Rule::BanTime if value < 0.0 => "for ever".into(),
                Rule::FindTime | Rule::BanTime => duration::show(value),
            };
            format!(
                "{} was {} then ({}), now {}",
                setting.rule.name(),
                show(setting.then),
                record(setting.place),
                show(setting.now)
            )
        }
        Reason::FewerFailures { then, now } => {
            let most = if *then == 1 {
                "1".into()
            } else {
                format!("at most {then}")
            };
            format!("maxretry was {most} then, now {now}")
        }
        Reason::Rotated(next) => format!(
            "the log was rotated before its last lines were read (on with {})",
            result.line(*next)
        ),
        Reason::Clock(offset) => {
            let size = duration::show(offset.abs().round());
            let where_ = if *offset > 0.0 { "before" } else { "after" };
            format!("clock: the log's times are {size} {where_} those the server took")
        }
        Reason::OtherLog => "this log is not the one that the jail reads".into(),
        Reason::OnlyServer(place) => {
            format!(
                "of failures that the log has not (first: {})",
                record(*place)
            )
        }
        Reason::NotNoted => "the server ran and noted none of the failures".into(),
        Reason::Unexplained => "unexplained".into(),
    }
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
