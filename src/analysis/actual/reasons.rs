//! Finds why the server's bans of an address are not those of the rules: each thing the record tells
//! is put into a replay of the failures, and is the reason of what no longer differs then.

use super::align::{Actual, align};
use super::case::{Budget, Candidate, Case, Cause};
use super::course::{self, Outcome, Step};
use super::reason::{Reason, Side};
use super::record::{Event, Kind};
use std::collections::BTreeSet;

/// What differs: a ban of one side, by its time in milliseconds.
type Key = (Side, i64);

impl Case<'_> {
    /// The deviations that are left where these candidates hold.
    fn differing(&self, applied: &[&Candidate], budget: &mut Budget) -> BTreeSet<Key> {
        let bans = self.replay(applied, budget);
        let times: Vec<f64> = bans.iter().map(|ban| ban.time).collect();
        self.keys(&times)
    }

    /// What differs where the rules lead to bans at these times.
    pub(super) fn keys(&self, times: &[f64]) -> BTreeSet<Key> {
        let aligned = align(times, self.actual);
        let (first, last) = self.jail.window;
        let inside = |time: f64| (first..=last).contains(&time);
        let missing = aligned.missing.iter().map(|at| (Side::Missing, times[*at]));
        let extra = aligned.extra.iter().map(|at| &self.actual[*at]);
        let extra = extra.filter(|ban| !self.began_before(ban, first));
        let extra = extra.map(|ban| (Side::Extra, ban.logged));
        let all = missing.chain(extra).filter(|(_, time)| inside(*time));
        all.map(|(side, time)| (side, millis(time))).collect()
    }

    /// Whether failures that led to a ban are perhaps older than what is compared.
    fn began_before(&self, ban: &Actual, first: f64) -> bool {
        let begin = ban.from - self.settings.findtime;
        if ban.by_hand == Some(true) || begin >= first {
            return false;
        }
        let older = |event: &Event| {
            let time = event.told.unwrap_or(event.time);
            event.kind == Kind::Found && (begin..first).contains(&time)
        };
        ban.from < first || !self.jail.complete || self.events.iter().any(older)
    }

    fn replay(&self, applied: &[&Candidate], budget: &mut Budget) -> Vec<Outcome> {
        let ignored = self.ignored_by.is_some() && !applied.iter().any(|one| one.restore);
        let mut steps: Vec<(f64, Step)> = Vec::new();
        if !ignored {
            let mut kept = vec![true; self.tickets.len()];
            for at in applied.iter().flat_map(|one| &one.drop) {
                kept[*at] = false;
            }
            let tickets = self.tickets.iter().zip(&self.sightings.noted).zip(kept);
            steps.extend(
                tickets
                    .filter(|(_, kept)| *kept)
                    .map(|((ticket, noted), _)| {
                        let read = noted.map_or(ticket.time, |(time, _)| time);
                        (read, Step::Failure(*ticket))
                    }),
            );
        }
        steps.extend(applied.iter().flat_map(|one| one.steps.iter().copied()));
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        budget.spend(steps.len() as u64 + 1);
        course::run(self.id, self.settings, self.purge_age, &steps)
    }

    /// The reasons of what differs, where the rules lead to bans at `times`.
    pub(super) fn explain(&self, times: &[f64], budget: &mut Budget) -> Vec<(Key, Reason)> {
        let all = self.keys(times);
        let mut reasons: Vec<(Key, Reason)> = Vec::new();
        let candidates = self.candidates(budget);
        let mut left: BTreeSet<Key> = self.differing(&[], budget);
        // what this replay of one address does not have is none of its matter
        left.retain(|key| all.contains(key));
        let mut applied: Vec<&Candidate> = Vec::new();
        let mut open: Vec<&Candidate> = candidates.iter().collect();
        while !left.is_empty() && !budget.is_spent() {
            let better = open.iter().position(|candidate| {
                if budget.is_spent() {
                    return false;
                }
                let with: Vec<&Candidate> = applied.iter().copied().chain([*candidate]).collect();
                let rest = self.differing(&with, budget);
                rest.len() < left.len() && rest.is_subset(&left)
            });
            let Some(at) = better else { break };
            let candidate = open.remove(at);
            applied.push(candidate);
            let rest = self.differing(&applied, budget);
            let (_, before) = applied.split_last().unwrap_or((&candidate, &[]));
            let plain = self.replay(before, budget);
            for key in left.difference(&rest) {
                reasons.push((*key, self.reason(candidate, *key, &plain)));
            }
            left = rest;
        }
        let explained: BTreeSet<Key> = reasons.iter().map(|(key, _)| *key).collect();
        let rest = all.difference(&explained);
        reasons.extend(rest.map(|key| (*key, Reason::Unexplained)));
        reasons.sort_by_key(|(key, _)| (key.1, key.0));
        reasons
    }

    /// What a candidate is the reason of, where a deviation is gone with it; `plain` are the bans
    /// without it.
    fn reason(&self, candidate: &Candidate, (side, time): Key, plain: &[Outcome]) -> Reason {
        let time = time as f64 / 1000.0;
        let before = |event: &&Event| event.time <= time + 1.0;
        match &candidate.cause {
            Cause::Plain(reason) => reason.clone(),
            Cause::ByHand => {
                let hand = |ban: &&Actual| ban.by_hand == Some(true);
                let ban = self
                    .actual
                    .iter()
                    .filter(hand)
                    .rfind(|ban| ban.logged <= time + 1.0);
                match ban {
                    Some(ban) if side == Side::Extra && millis(ban.logged) == millis(time) => {
                        Reason::ByHand(ban.noted)
                    }
                    Some(ban) => Reason::BannedByHand(ban.place),
                    None => Reason::Unexplained,
                }
            }
            Cause::Unbans => {
                let is_unban = |event: &&Event| event.kind == Kind::Unban && before(event);
                let Some(unban) = self.events.iter().rfind(is_unban) else {
                    return Reason::Unexplained;
                };
                let covers = |ban: &&Outcome| ban.time <= unban.time;
                let early = plain.iter().rev().find(covers);
                if early.is_some_and(|ban| unban.time < ban.end - EARLY) {
                    match self.jail.rules.bantime_at(unban.time) {
                        Some(_) => Reason::LiftedByHand(unban.place),
                        None => Reason::EndedEarly(unban.place),
                    }
                } else {
                    Reason::EndedMeanwhile(unban.place)
                }
            }
        }
    }
}

/// A ban lifted more than so many seconds before its end was lifted by hand.
const EARLY: f64 = 2.0;

pub(super) fn millis(time: f64) -> i64 {
    (time * 1000.0).round() as i64
}
