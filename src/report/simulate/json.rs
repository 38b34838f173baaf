//! The result for programs: one JSON object, `"schema": 1`. Times are epoch seconds and,
//! beside them, RFC 3339; durations are seconds. Bans and addresses are made one at a time, as
//! they are written: there may be very many.

use super::reasons::{dropped_reason, reason};
use crate::analysis::simulate::{BanRecord, Place, SimulatedJail, Simulation, Standing, Totals};
use crate::date::Clock;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// The result, and what the server did beside it.
pub(crate) fn object<'a>(
    simulation: &'a Simulation,
    actual: Option<Value>,
    clock: &'a Clock,
) -> impl Serialize + use<'a> {
    let logs: Vec<Value> = (simulation.logs.iter())
        .map(|log| json!({"path": log.name, "lines": log.lines, "bytes": log.bytes}))
        .collect();
    let jails = simulation.jails.iter().enumerate();
    let jails: Vec<_> = jails
        .map(|each| jail_object(simulation, each, clock))
        .collect();
    let sweep = simulation.sweep.as_ref().map(|(sweep, cells)| {
        let names: Vec<&str> = sweep.axes.iter().map(|(axis, _)| axis.name()).collect();
        json!({"axes": names, "cells": cells})
    });
    Object {
        schema: 1,
        tool: json!({"name": "f2b-regex", "version": env!("CARGO_PKG_VERSION"), "command": "simulate"}),
        logs,
        jails,
        sweep,
        actual,
        warnings: &simulation.warnings,
    }
}

#[derive(Serialize)]
struct Object<'a, Jails> {
    schema: u32,
    tool: Value,
    logs: Vec<Value>,
    jails: Jails,
    sweep: Option<Value>,
    actual: Option<Value>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Jail<'a, Bans, Addresses> {
    name: &'a str,
    jail: bool,
    fed_by_bans: bool,
    rules: Value,
    totals: Totals,
    bans: Bans,
    addresses: Addresses,
}

/// A list whose items are made as they are written.
struct List<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = Value>> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

fn jail_object<'a>(
    simulation: &'a Simulation,
    (number, jail): (usize, &'a SimulatedJail),
    clock: &'a Clock,
) -> impl Serialize + use<'a> {
    let settings = &jail.settings;
    let increment = settings.increment.as_ref().map(|increment| {
        json!({
            "factor": increment.factor,
            "multipliers": increment.multipliers,
            "formula": increment.formula.is_some(),
            "maxtime": increment.maxtime,
            "overalljails": increment.overall_jails,
        })
    });
    let ignores: Vec<&str> = jail.collector.ignores().texts().collect();
    let bans = move || {
        let bans = simulation.replay.bans.iter();
        let bans = bans.filter(move |ban| ban.jail == number);
        bans.map(move |ban| ban_object(simulation, ban, clock))
    };
    Jail {
        name: &jail.name,
        jail: jail.is_jail,
        fed_by_bans: jail.fed,
        rules: json!({
            "maxretry": settings.maxretry,
            "findtime": settings.findtime,
            "bantime": settings.bantime,
            "maxmatches": settings.maxmatches,
            "increment": increment,
            "blocking": settings.blocking,
            "ignoreip": ignores,
            "sources": jail.sources,
        }),
        totals: simulation.totals(number),
        bans: List(bans),
        addresses: List(move || addresses(simulation, (number, jail), clock)),
    }
}

fn ban_object(simulation: &Simulation, ban: &BanRecord, clock: &Clock) -> Value {
    let lines: Vec<Value> = ban
        .lines
        .iter()
        .map(|place| line_object(simulation, *place))
        .collect();
    json!({
        "address": simulation.addresses.text(ban.id),
        "time": moment(clock, ban.time),
        "until": ban.end.is_finite().then(|| moment(clock, ban.end)),
        "permanent": !ban.end.is_finite(),
        "count": ban.count,
        "failures": ban.attempts,
        "lines": lines,
        "failures_while_banned": ban.prevented,
        "already_banned": ban.again,
    })
}

pub(super) fn line_object(simulation: &Simulation, place: Place) -> Value {
    let log = simulation
        .logs
        .get(place.log as usize)
        .map(|log| log.name.as_str());
    json!({"log": log, "line": place.line})
}

pub(super) fn moment(clock: &Clock, time: f64) -> Value {
    json!({"epoch": time, "time": clock.rfc3339(time)})
}

fn addresses<'a>(
    simulation: &'a Simulation,
    (number, jail): (usize, &'a SimulatedJail),
    clock: &'a Clock,
) -> impl Iterator<Item = Value> + use<'a> {
    let settings = &jail.settings;
    let counted = simulation.replay.addresses(number).map(move |(id, tally)| {
        let verdict = match tally.bans {
            0 => "not-banned",
            _ => "banned",
        };
        let closest = (tally.bans == 0).then(|| {
            json!({
                "count": tally.peak,
                "time": moment(clock, tally.peak_time),
                "missing": settings.maxretry - tally.peak,
            })
        });
        json!({
            "address": simulation.addresses.text(id),
            "kind": simulation.addresses.kind(id),
            "failures": tally.hits,
            "first": moment(clock, tally.first),
            "last": moment(clock, tally.last),
            "verdict": verdict,
            "reason": reason(tally, settings, clock),
            "bans": tally.bans,
            "failures_while_banned": tally.prevented,
            "closest_call": closest,
        })
    });
    let dropped = jail.collector.dropped.iter().map(move |(id, dropped)| {
        let verdict = match &dropped.standing {
            Standing::IgnoredBy(_) => "ignored",
            Standing::NotResolved => "not-resolved",
            Standing::Counts => "not-banned",
        };
        json!({
            "address": simulation.addresses.text(*id),
            "kind": simulation.addresses.kind(*id),
            "failures": dropped.hits,
            "first": dropped.span.map(|span| moment(clock, span.0)),
            "last": dropped.span.map(|span| moment(clock, span.1)),
            "verdict": verdict,
            "reason": dropped_reason(dropped),
            "bans": 0,
            "failures_while_banned": 0,
            "closest_call": null,
        })
    });
    counted.chain(dropped)
}
