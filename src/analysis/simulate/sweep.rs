//! The same failures under many settings: how many bans, how many failures prevented.

use super::jail::{Event, JailState, Settings};
use super::{BanHistory, Tickets, duration};
use rayon::prelude::*;

/// A setting that is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Axis {
    /// `maxretry`.
    Maxretry,
    /// `findtime`, seconds.
    Findtime,
    /// `bantime`, seconds.
    Bantime,
}

impl Axis {
    /// The option's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Axis::Maxretry => "maxretry",
            Axis::Findtime => "findtime",
            Axis::Bantime => "bantime",
        }
    }

    /// A value as reports show it.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Axis::Maxretry => value.to_string(),
            Axis::Findtime | Axis::Bantime => duration::show(value),
        }
    }

    fn parse(self, text: &str) -> Result<f64, String> {
        match self {
            Axis::Maxretry => match text.trim().parse::<u32>() {
                Ok(number) if number > 0 => Ok(f64::from(number)),
                _ => Err(format!("maxretry {text}: expected a number from 1")),
            },
            _ => match duration::seconds(text.trim()) {
                Ok(seconds) if seconds > 0.0 || (self == Axis::Bantime && seconds == -1.0) => {
                    Ok(seconds)
                }
                Ok(_) => Err(format!("{} {text}: expected more than 0", self.name())),
                Err(error) => Err(format!("{}: {error}", self.name())),
            },
        }
    }

    /// The steps between two ends of a range: people's numbers.
    fn ladder(self) -> &'static [f64] {
        match self {
            Axis::Maxretry => &[
                1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0,
                100.0, 200.0, 500.0, 1000.0,
            ],
            _ => &[
                1.0,
                5.0,
                10.0,
                30.0,
                60.0,
                300.0,
                600.0,
                1800.0,
                3600.0,
                10_800.0,
                21_600.0,
                43_200.0,
                86_400.0,
                172_800.0,
                604_800.0,
                1_209_600.0,
                2_419_200.0,
            ],
        }
    }
}

/// Some settings and their values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sweep {
    /// The axes with their values, ascending.
    pub(crate) axes: Vec<(Axis, Vec<f64>)>,
}

/// More cells than this are refused: nobody can read them.
const MAX_CELLS: usize = 10_000;

impl Sweep {
    /// Reads `maxretry=1..10,findtime=1m..1d`; single values are parted by `/`.
    pub(crate) fn parse(text: &str) -> Result<Sweep, String> {
        let mut axes: Vec<(Axis, Vec<f64>)> = Vec::new();
        for part in text.split(',') {
            let Some((name, values)) = part.split_once('=') else {
                return Err(format!(
                    "{part:?}: expected NAME=VALUES such as maxretry=1..10"
                ));
            };
            let axis = match name.trim() {
                "maxretry" => Axis::Maxretry,
                "findtime" => Axis::Findtime,
                "bantime" => Axis::Bantime,
                other => {
                    return Err(format!("{other}: expected maxretry, findtime or bantime"));
                }
            };
            if axes.iter().any(|(known, _)| *known == axis) {
                return Err(format!("{} is given twice", axis.name()));
            }
            axes.push((axis, values_of(axis, values)?));
        }
        let cells = axes
            .iter()
            .map(|(_, values)| values.len())
            .product::<usize>();
        if cells > MAX_CELLS {
            return Err(format!(
                "{cells} combinations; at most {MAX_CELLS} are tried"
            ));
        }
        // rows are the first axis, columns the second
        axes.sort_by_key(|(axis, _)| *axis);
        Ok(Sweep { axes })
    }

    /// Every combination of the values, the last axis running fastest.
    pub(crate) fn points(&self) -> Vec<Vec<f64>> {
        let mut points = vec![Vec::new()];
        for (_, values) in &self.axes {
            let longer = points.iter().flat_map(|point: &Vec<f64>| {
                values.iter().map(|value| {
                    let mut point = point.clone();
                    point.push(*value);
                    point
                })
            });
            points = longer.collect();
        }
        points
    }

    /// Replays the failures, in order of time, under every combination; one cell per point.
    pub(crate) fn run(&self, tickets: &Tickets, base: &Settings, purge_age: f64) -> Vec<Cell> {
        let points = self.points().into_par_iter();
        points
            .map(|point| {
                let mut settings = base.clone();
                // no lines are shown
                settings.maxmatches = 0;
                for ((axis, _), value) in self.axes.iter().zip(&point) {
                    match axis {
                        Axis::Maxretry => settings.maxretry = *value as i64,
                        Axis::Findtime => settings.findtime = *value,
                        Axis::Bantime => settings.bantime = *value,
                    }
                }
                cell(tickets, settings, purge_age, point)
            })
            .collect()
    }
}

fn values_of(axis: Axis, text: &str) -> Result<Vec<f64>, String> {
    let mut values = Vec::new();
    for part in text.split('/') {
        let Some((low, high)) = part.split_once("..") else {
            values.push(axis.parse(part)?);
            continue;
        };
        let (low, high) = (axis.parse(low)?, axis.parse(high)?);
        if low > high || low < 0.0 {
            return Err(format!(
                "{} {part}: expected the smaller value first",
                axis.name()
            ));
        }
        let between = axis
            .ladder()
            .iter()
            .filter(|step| low < **step && **step < high);
        values.push(low);
        values.extend(between);
        values.push(high);
    }
    values.sort_by(f64::total_cmp);
    values.dedup();
    Ok(values)
}

/// What one combination leads to.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Cell {
    /// The values, in the order of the axes.
    pub(crate) point: Vec<f64>,
    /// Bans.
    pub(crate) bans: u64,
    /// Addresses banned at least once.
    pub(crate) addresses: u64,
    /// Failures while their address was banned.
    pub(crate) prevented: u64,
}

fn cell(tickets: &Tickets, settings: Settings, purge_age: f64, point: Vec<f64>) -> Cell {
    let mut jail = JailState::new(0, settings);
    let mut history = BanHistory::new(purge_age);
    let mut seen: Vec<bool> = Vec::new();
    let mut cell = Cell {
        point,
        bans: 0,
        addresses: 0,
        prevented: 0,
    };
    for ticket in tickets {
        let taken = jail.feed(&ticket, &mut history, |_, event| {
            let Event::Ban(id) = event else { return };
            cell.bans += 1;
            if seen.len() <= id.index() {
                seen.resize(id.index() + 1, false);
            }
            cell.addresses += u64::from(!std::mem::replace(&mut seen[id.index()], true));
        });
        cell.prevented += u64::from(taken.banned);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists() {
        let sweep = Sweep::parse("findtime=1m..1h,maxretry=1/3..5").unwrap();
        let (retry, find) = (&sweep.axes[0], &sweep.axes[1]);
        assert_eq!(*retry, (Axis::Maxretry, vec![1.0, 3.0, 4.0, 5.0]));
        assert_eq!(
            *find,
            (Axis::Findtime, vec![60.0, 300.0, 600.0, 1800.0, 3600.0])
        );
        assert_eq!(sweep.points().len(), 20);
        for wrong in [
            "",
            "maxretry",
            "x=1",
            "maxretry=0",
            "findtime=1h..1m",
            "maxretry=1,maxretry=2",
        ] {
            assert!(Sweep::parse(wrong).is_err(), "{wrong}");
        }
    }
}
