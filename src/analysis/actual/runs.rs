//! When a server ran, and which options a jail had then.

use super::record::{JailId, Record, Rule, Server, ServerEvent};
use crate::analysis::simulate::{Place, Settings};

/// A time in which the server did not run, or did not serve a jail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Down {
    /// Since when, epoch seconds: the end of the server, or its last line before it crashed.
    pub(crate) from: f64,
    /// The line about it; None for a crash.
    pub(crate) ended: Option<Place>,
    /// Until when, epoch seconds; infinite where it did not start again.
    pub(crate) until: f64,
    /// The line about the start.
    pub(crate) started: Option<Place>,
}

/// The times in which the server did not serve a jail.
pub(super) fn downs(record: &Record, jail: Option<JailId>) -> Vec<Down> {
    let mut downs: Vec<Down> = Vec::new();
    let mut ended: Option<&ServerEvent> = None;
    // started, and the jail does not work yet
    let mut open = false;
    for event in &record.server {
        match &event.what {
            Server::Exiting => ended = Some(event),
            Server::Starting(crashed) => {
                let from = match (ended.take(), crashed) {
                    (Some(end), _) => Some((end.time, Some(end.place))),
                    (None, Some(last)) => Some((*last, None)),
                    // the record begins with it
                    (None, None) => None,
                };
                open = from.is_some();
                downs.extend(from.map(|(from, ended)| Down {
                    from,
                    ended,
                    until: event.time,
                    started: Some(event.place),
                }));
            }
            Server::JailStarted(started) if open && jail.is_none_or(|jail| jail == *started) => {
                if let Some(down) = downs.last_mut() {
                    down.until = event.time;
                }
                open = false;
            }
            _ => {}
        }
    }
    downs.extend(ended.map(|end| Down {
        from: end.time,
        ended: Some(end.place),
        until: f64::INFINITY,
        started: None,
    }));
    downs
}

/// A time in which an option of a jail was not what it is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OtherSetting {
    /// The option.
    pub(crate) rule: Rule,
    /// What it was: seconds or a count.
    pub(crate) then: f64,
    /// What it is.
    pub(crate) now: f64,
    /// Since when, epoch seconds.
    pub(crate) from: f64,
    /// Until when.
    pub(crate) until: f64,
    /// The line about it.
    pub(crate) place: Place,
}

/// What an option is now.
fn now(settings: &Settings, rule: Rule) -> f64 {
    match rule {
        Rule::MaxRetry => settings.maxretry as f64,
        Rule::FindTime => settings.findtime,
        Rule::BanTime => settings.bantime,
    }
}

/// When options of a jail were others. What was set while the server ran is not told of which jail
/// it is: it may be of this one.
pub(super) fn other_settings(
    record: &Record,
    jail: JailId,
    settings: &Settings,
) -> Vec<OtherSetting> {
    let mut all = Vec::new();
    for rule in [Rule::MaxRetry, Rule::FindTime, Rule::BanTime] {
        let mut current: Option<OtherSetting> = None;
        for event in &record.server {
            let Server::Setting(of, set, then) = &event.what else {
                continue;
            };
            if *set != rule || of.is_some_and(|of| of != jail) {
                continue;
            }
            if current.is_some_and(|current| current.then == *then) {
                continue;
            }
            all.extend(current.take().map(|current| OtherSetting {
                until: event.time,
                ..current
            }));
            let now = now(settings, rule);
            current = (*then != now).then_some(OtherSetting {
                rule,
                then: *then,
                now,
                from: event.time,
                until: f64::INFINITY,
                place: event.place,
            });
        }
        all.extend(current);
    }
    all
}
