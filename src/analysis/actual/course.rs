//! The failures of one address through a jail's rules once more, with what the record says happened
//! besides: restarts, bans and unbans by hand, options that were others then.
//!
//! An address can be taken alone: the managers count each address for itself, and so does the
//! history of an increment, but for `bantime.overalljails`.

use super::record::Rule;
use crate::analysis::simulate::jail::{Event, JailState};
use crate::analysis::simulate::{AddressId, BanHistory, Settings, Ticket};

/// Something that happens in the course of things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// The server reads a failure.
    Failure(Ticket),
    /// The server starts anew.
    Restart,
    /// The address is banned by hand.
    Ban,
    /// Its ban ends.
    Lift,
    /// An option is set.
    Set(Rule, f64),
}

/// A ban that comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    /// When: the time of the failure, epoch seconds.
    pub(super) time: f64,
    /// When it ends by the rules, epoch seconds; infinite for ever.
    pub(super) end: f64,
}

/// The bans that come of steps, which are in order of the time at which the server took them.
pub(super) fn run(
    id: AddressId,
    settings: &Settings,
    purge_age: f64,
    steps: &[(f64, Step)],
) -> Vec<Outcome> {
    // managers keep what they know by the number of an address
    let alone = AddressId(0);
    let mut jail = JailState::new(0, settings.clone());
    let mut history = BanHistory::new(purge_age);
    let mut bans: Vec<Outcome> = Vec::new();
    for (at, step) in steps {
        match step {
            Step::Failure(ticket) => {
                debug_assert_eq!(ticket.id, id);
                let ticket = Ticket {
                    id: alone,
                    ..*ticket
                };
                jail.feed(&ticket, &mut history, |manager, event| {
                    let Some(ban) = manager.get(alone) else {
                        return;
                    };
                    let end = ban.end(manager.bantime());
                    match (event, bans.last_mut()) {
                        (Event::Ban(_), _) => bans.push(Outcome {
                            time: ban.failures.time,
                            end,
                        }),
                        (Event::JournalRetry(_), Some(last)) => last.end = end,
                        _ => {}
                    }
                });
            }
            Step::Restart => jail.restart(),
            Step::Ban => {
                if let Some(end) = jail.ban(alone, *at, &mut history) {
                    bans.push(Outcome { time: *at, end });
                }
            }
            Step::Lift => jail.unban(alone),
            Step::Set(rule, value) => jail.change(|settings| match rule {
                Rule::MaxRetry => settings.maxretry = *value as i64,
                Rule::FindTime => settings.findtime = *value,
                Rule::BanTime => settings.bantime = *value,
            }),
        }
    }
    bans
}
