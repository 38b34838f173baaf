//! The result for people: the rules, the bans in order of time, the addresses with the
//! reason for each, and how many failures the bans would have stopped. Fits 80 columns where addresses do.

mod addresses;
mod bans;
mod sweep;

use crate::analysis::simulate::{BanRecord, Settings, SimulatedJail, Simulation, Totals, duration};
use crate::date::Clock;
use crate::report::Format;
use crate::report::text::{Screen, counted, grouped, printable, wrap, wrapped};
use std::io::{self, Write};

/// The table, as wide as the screen.
pub(crate) struct Table<'a> {
    /// Bans and addresses shown.
    pub(crate) top: usize,
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
    /// Where.
    pub(crate) screen: Screen,
}

impl Format<Simulation> for Table<'_> {
    fn write(&self, simulation: &Simulation, out: &mut dyn Write) -> io::Result<()> {
        let screen = self.screen;
        for log in &simulation.logs {
            let lines = counted(log.lines, "line", "lines");
            let name = printable(&log.name);
            writeln!(out, "{}     {name}  {lines}", screen.heading("Log"))?;
        }
        for each in simulation.jails.iter().enumerate() {
            self.jail(out, simulation, each)?;
        }
        if let Some((sweep, cells)) = &simulation.sweep {
            let jails = simulation.jails.iter();
            let hits: usize = jails.map(|jail| jail.collector.tickets.len()).sum();
            sweep::write(out, sweep, cells, hits as u64, screen)?;
        }
        for warning in &simulation.warnings {
            let text = wrap(&format!("warning: {}", printable(warning)), screen.width);
            writeln!(out, "{}", screen.warning(&text))?;
        }
        Ok(())
    }
}

impl Table<'_> {
    fn jail(
        &self,
        out: &mut dyn Write,
        simulation: &Simulation,
        (number, jail): (usize, &SimulatedJail),
    ) -> io::Result<()> {
        let screen = self.screen;
        let kind = if jail.is_jail { "Jail" } else { "Filter" };
        let gap = " ".repeat(8 - kind.len());
        writeln!(
            out,
            "\n{}{gap}{}",
            screen.heading(kind),
            printable(&jail.name)
        )?;
        let rules = format!("Rules   {}", rules_text(&jail.settings));
        writeln!(out, "{}", wrapped(&rules, screen.width, 8).join("\n"))?;
        let replay = &simulation.replay;
        let bans: Vec<&BanRecord> = replay
            .bans
            .iter()
            .filter(|ban| ban.jail == number)
            .collect();
        bans::write(out, simulation, &bans, self.top, self.clock, screen)?;
        let each = (number, jail);
        addresses::write(out, simulation, each, self.top, self.clock, screen)?;
        writeln!(
            out,
            "\n{}",
            self.totals(&simulation.totals(number), jail.fed)
        )
    }

    /// The sums, in a sentence.
    fn totals(&self, sums: &Totals, fed: bool) -> String {
        let mut text = if fed {
            format!(
                "Totals  {} of other jails",
                counted(sums.failures, "ban", "bans")
            )
        } else {
            format!("Totals  {}", counted(sums.failures, "failure", "failures"))
        };
        if sums.not_counted > 0 {
            text += &format!(" and {} more that do not count", grouped(sums.not_counted));
        }
        if sums.ignored_lines > 0 {
            let lines = counted(sums.ignored_lines, "line", "lines");
            text += &format!(", {lines} ignored by ignoreregex");
        }
        let bans_made = counted(sums.bans, "ban", "bans");
        text += &format!(
            "; {bans_made} of {}",
            counted(sums.banned_addresses, "address", "addresses")
        );
        if sums.bans > 0 {
            let share = sums.failures_while_banned as f64 * 100.0 / sums.failures.max(1) as f64;
            text += &format!(
                "; {} ({share:.1}%) came while their address was banned: what the bans would have saved",
                grouped(sums.failures_while_banned)
            );
        }
        wrapped(&text, self.screen.width, 8).join("\n")
    }
}

/// The rules in one line.
pub(super) fn rules_text(settings: &Settings) -> String {
    let mut text = format!(
        "{} failures within {}, banned for {}",
        settings.maxretry,
        duration::show(settings.findtime),
        ban_length(settings.bantime)
    );
    if let Some(increment) = &settings.increment {
        text += ", longer each time";
        if !increment.multipliers.is_empty() {
            let list: Vec<String> = increment.multipliers.iter().map(f64::to_string).collect();
            text += &format!(" (x {})", list.join(" "));
        }
        if increment.factor != 1.0 {
            text += &format!(", factor {}", increment.factor);
        }
        if let Some(maxtime) = increment.maxtime {
            text += &format!(", at most {}", duration::show(maxtime));
        }
        if increment.overall_jails {
            text += ", over all jails";
        }
    }
    if settings.blocking {
        text += "; bans work";
    }
    text
}

fn ban_length(seconds: f64) -> String {
    match seconds {
        f64::INFINITY | -1.0 => "ever".into(),
        seconds => duration::show(seconds),
    }
}
