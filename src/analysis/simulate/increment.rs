//! `bantime.increment`: longer bans, and sooner, for those who come back. Upstream's
//! `Jail.setBanTimeExtra` and the table `bips` of its database.

use super::AddressId;
use super::arithmetic::{ArithmeticError, Expression};
use std::collections::HashMap;

/// The names a `bantime.formula` may use.
const FORMULA_NAMES: &[&str] = &["ban.Time", "ban.Count", "banFactor"];

/// How a ban grows with the number of bans before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BanIncrement {
    /// `bantime.factor`.
    pub(crate) factor: f64,
    /// `bantime.multipliers`: by the number of earlier bans, the last one for all more.
    /// Where there are any, the formula does not count.
    pub(crate) multipliers: Vec<f64>,
    /// `bantime.formula`; None: upstream's, doubling each time.
    pub(crate) formula: Option<Expression>,
    /// `bantime.maxtime`, seconds.
    pub(crate) maxtime: Option<f64>,
    /// `bantime.overalljails`: bans of other jails count too.
    pub(crate) overall_jails: bool,
}

impl Default for BanIncrement {
    fn default() -> BanIncrement {
        BanIncrement {
            factor: 1.0,
            multipliers: Vec::new(),
            formula: None,
            maxtime: None,
            overall_jails: false,
        }
    }
}

impl BanIncrement {
    /// Reads a `bantime.formula`.
    pub(crate) fn parse_formula(text: &str) -> Result<Expression, ArithmeticError> {
        Expression::parse(text, FORMULA_NAMES)
    }

    /// Seconds of a ban of `bantime` after `count` earlier ones; None where the formula has
    /// no value. `bantime.rndtime` is taken for 0: chance has no place in a simulation.
    pub(crate) fn ban_time(&self, bantime: f64, count: i64) -> Option<f64> {
        let at = usize::try_from(count).unwrap_or(usize::MAX);
        let multiplier = self.multipliers.get(at).or(self.multipliers.last());
        let time = match (multiplier, &self.formula) {
            (Some(multiplier), _) => bantime * self.factor * multiplier,
            (None, Some(formula)) => {
                let value = formula.value(&|name| match name {
                    "ban.Time" => bantime,
                    "ban.Count" => count as f64,
                    _ => self.factor,
                });
                bantime.max(value?)
            }
            (None, None) => {
                let doubled = bantime * 2f64.powi(count.clamp(0, 20) as i32) * self.factor;
                bantime.max(doubled)
            }
        };
        Some(self.maxtime.map_or(time, |maxtime| time.min(maxtime)))
    }
}

/// What the database says of an address's bans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known {
    /// How many.
    pub(crate) count: i64,
    /// When the last one began, whole seconds.
    pub(crate) time: f64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    jail: usize,
    time: f64,
    ban_time: f64,
    count: i64,
}

/// The bans of all jails of a server, as its database remembers them.
#[derive(Clone, Debug)]
pub(crate) struct BanHistory {
    rows: HashMap<AddressId, Vec<Row>>,
    purge_age: f64,
}

impl BanHistory {
    /// An empty database that forgets bans `purge_age` seconds old (`dbpurgeage`).
    pub(crate) fn new(purge_age: f64) -> BanHistory {
        BanHistory {
            rows: HashMap::new(),
            purge_age,
        }
    }

    /// The bans of an address: in one jail, or summed over all (`Fail2BanDb.getBan`). Rows
    /// older than the purge age are gone once three bantimes have passed since as well
    /// (`Fail2BanDb._purge_bips`); upstream looks for them once an hour, we at once.
    pub(crate) fn known(&mut self, id: AddressId, jail: Option<usize>, now: f64) -> Option<Known> {
        let rows = self.rows.get_mut(&id)?;
        let oldest = now.trunc() - self.purge_age;
        rows.retain(|row| {
            let old = row.time < oldest && row.time + row.ban_time * 3.0 < oldest;
            row.ban_time == -1.0 || !old
        });
        let wanted = rows
            .iter()
            .filter(|row| jail.is_none_or(|jail| row.jail == jail));
        wanted.fold(None, |known: Option<Known>, row| {
            let before = known.unwrap_or(Known {
                count: 0,
                time: f64::NEG_INFINITY,
            });
            Some(Known {
                count: before.count + row.count,
                time: before.time.max(row.time),
            })
        })
    }

    /// Remembers a ban (`Fail2BanDb.addBan`): one row per address and jail, the last.
    pub(crate) fn add(&mut self, id: AddressId, jail: usize, time: f64, ban_time: f64, count: i64) {
        let row = Row {
            jail,
            time: time.round_ties_even(),
            ban_time,
            count,
        };
        let rows = self.rows.entry(id).or_default();
        match rows.iter_mut().find(|row| row.jail == jail) {
            Some(old) => *old = row,
            None => rows.push(row),
        }
    }
}
