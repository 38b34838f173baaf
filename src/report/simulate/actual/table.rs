//! The comparison for people: the verdict first, a line for each jail, then what differs, by reason,
//! with the first address, time and line of each.

use super::{Result, words};
use crate::analysis::actual::record::Source;
use crate::analysis::actual::{Deviation, JailComparison, Reason, Side};
use crate::report::Format;
use crate::report::columns::{print, right_align, sharing_table};
use crate::report::text::{Screen, counted, grouped, printable, wrap, wrapped};
use indexmap::IndexMap;
use std::io::{self, Write};

/// The table, as wide as the screen.
pub(crate) struct Table {
    /// Groups of deviations shown for each jail.
    pub(crate) top: usize,
    /// Where.
    pub(crate) screen: Screen,
}

impl Format<Result<'_>> for Table {
    fn write(&self, result: &Result<'_>, out: &mut dyn Write) -> io::Result<()> {
        let screen = self.screen;
        for (head, text) in [("Record", record(result)), ("Verdict", verdict(result))] {
            let gap = " ".repeat(8 - head.len());
            let lines = wrapped(&text, screen.width.saturating_sub(8), 0);
            let text = lines.join("\n        ");
            writeln!(out, "{}{gap}{text}", screen.heading(head))?;
        }
        writeln!(out)?;
        self.jails(out, result)?;
        for jail in &result.comparison.jails {
            self.deviations(out, result, jail)?;
        }
        for note in notes(result) {
            let text = wrap(&format!("note: {}", printable(&note)), screen.width);
            writeln!(out, "{text}")?;
        }
        for warning in &result.simulation.warnings {
            let text = wrap(&format!("warning: {}", printable(warning)), screen.width);
            writeln!(out, "{}", screen.warning(&text))?;
        }
        Ok(())
    }
}

/// What the record is: its files, lines and time.
pub(super) fn record(result: &Result) -> String {
    let files: Vec<&str> = (result.record.files.iter())
        .map(|file| file.name.as_str())
        .collect();
    let lines: u64 = result.record.files.iter().map(|file| file.lines).sum();
    let lines = match result.record.source {
        Source::Log => counted(lines, "line", "lines"),
        Source::Database => counted(lines, "ban", "bans"),
    };
    let files = match files.as_slice() {
        [first, .., last] => format!("{first} … {last}"),
        all => all.join(""),
    };
    let span = result.record.span.map_or(String::new(), |(first, last)| {
        let (first, last) = (result.clock.iso(first), result.clock.iso(last));
        let same_day = first.get(..10) == last.get(..10);
        let last = last.get(11..).filter(|_| same_day).unwrap_or(&last);
        format!(", {first} to {last}")
    });
    format!("{}, {lines}{span}", printable(&files))
}

/// Whether the server did what the rules say, in a sentence.
pub(super) fn verdict(result: &Result) -> String {
    let jails = &result.comparison.jails;
    let sum = |of: fn(&JailComparison) -> u64| jails.iter().map(of).sum::<u64>();
    let agreed = sum(|jail| jail.agreed);
    let (explained, unexplained) = jails.iter().fold((0, 0), |sum, jail| {
        let (with, without) = jail.explained();
        (sum.0 + with as u64, sum.1 + without as u64)
    });
    if jails.iter().all(|jail| !jail.known) {
        let names: Vec<&str> = jails.iter().map(|jail| jail.name.as_str()).collect();
        return format!("the record knows no jail {}", names.join(", "));
    }
    if jails.iter().all(|jail| jail.window.is_none()) {
        return "the logs and the record have no time in common: nothing can be compared".into();
    }
    let bans = sum(|jail| jail.expected) + sum(|jail| jail.actual);
    match (explained, unexplained) {
        (0, 0) if bans == 0 => "no ban, neither by the rules nor by the server".into(),
        (0, 0) => format!(
            "the server banned as the rules say: all {} agree",
            counted(agreed, "ban", "bans")
        ),
        (explained, 0) => format!(
            "{} as the rules say; {}, each with its reason",
            counted(agreed, "ban", "bans"),
            counted(explained, "is otherwise", "are otherwise")
        ),
        (explained, unexplained) => format!(
            "{} as the rules say; {}, {} of them unexplained",
            counted(agreed, "ban", "bans"),
            counted(explained + unexplained, "is otherwise", "are otherwise"),
            grouped(unexplained)
        ),
    }
}

/// How many bans of a jail differ so.
pub(super) fn count(jail: &JailComparison, side: Side) -> u64 {
    let sides = jail.deviations.iter().filter(|one| one.side == side);
    sides.count() as u64
}

impl Table {
    fn jails(&self, out: &mut dyn Write, result: &Result) -> io::Result<()> {
        let mut table = sharing_table(self.screen);
        let jails = &result.comparison.jails;
        let failures = jails.iter().any(|jail| jail.failures.is_some());
        let shifted = jails.iter().any(|jail| count(jail, Side::Shifted) > 0);
        let mut header = vec!["Jail", "By rules", "Banned", "Agree", "Missing", "Extra"];
        header.extend(shifted.then_some("Shifted"));
        header.push("Restored");
        header.extend(failures.then_some("Failures noted"));
        table.set_header(&header);
        for jail in jails {
            let mut row = vec![
                printable(&jail.name).into_owned(),
                grouped(jail.expected),
                grouped(jail.actual),
                grouped(jail.agreed),
                grouped(count(jail, Side::Missing)),
                grouped(count(jail, Side::Extra)),
            ];
            row.extend(shifted.then(|| grouped(count(jail, Side::Shifted))));
            row.push(grouped(jail.restored));
            row.extend(jail.failures.map(|failures| {
                let all = grouped(failures.both + failures.log);
                format!("{} of {all}", grouped(failures.both))
            }));
            table.add_row(row);
        }
        let numbers: Vec<usize> = (1..header.len()).collect();
        right_align(&mut table, &numbers);
        print(out, &table)
    }

    /// What differs in a jail, those of one reason together.
    fn deviations(
        &self,
        out: &mut dyn Write,
        result: &Result,
        jail: &JailComparison,
    ) -> io::Result<()> {
        if jail.deviations.is_empty() {
            return Ok(());
        }
        let mut groups: IndexMap<(&str, String), Vec<&Deviation>> = IndexMap::new();
        for deviation in &jail.deviations {
            let side = words::side(deviation.side);
            let key = (side, alike(&deviation.reason));
            groups.entry(key).or_default().push(deviation);
        }
        writeln!(out, "\n{}", self.screen.heading(&printable(&jail.name)))?;
        let more = groups.len().saturating_sub(self.top);
        for ((side, _), deviations) in groups.iter().take(self.top) {
            let Some(first) = deviations.first() else {
                continue;
            };
            let reason = words::reason(&first.reason, first.side, result);
            let count = grouped(deviations.len() as u64);
            self.indented(out, &format!(" {side:<7} {count:>3}  "), &reason)?;
            let mut places = Vec::new();
            places.extend(first.logged.map(|place| result.at(place)));
            places.extend(first.line.map(|place| result.line(place)));
            let address = result.simulation.addresses.text(first.id);
            let time = words::short(first.time, result);
            let text = format!("{address}  {time}  {}", places.join("; "));
            self.indented(out, "", &text)?;
        }
        if more > 0 {
            writeln!(out, " {} more reasons: --top N", grouped(more as u64))?;
        }
        Ok(())
    }
}

impl Table {
    /// A text behind a head, both in columns of their own.
    fn indented(&self, out: &mut dyn Write, head: &str, text: &str) -> io::Result<()> {
        let room = self.screen.width.saturating_sub(INDENT);
        let mut head = head;
        for line in wrapped(&printable(text), room, 0) {
            writeln!(out, "{head:INDENT$}{line}")?;
            head = "";
        }
        Ok(())
    }
}

/// Columns before the reasons.
const INDENT: usize = 14;

/// What reasons of one group have in common.
fn alike(reason: &Reason) -> String {
    match reason {
        Reason::Down(down) | Reason::Restarted(down) => {
            format!("{} {}", words::code(reason), down.until)
        }
        Reason::Setting(setting) => format!("{:?} {}", setting.rule, setting.then),
        Reason::IgnoredNow(entry) => entry.clone(),
        other => words::code(other).to_owned(),
    }
}

/// What else there is to know.
pub(super) fn notes(result: &Result) -> Vec<String> {
    let mut notes = Vec::new();
    for jail in &result.comparison.jails {
        let name = &jail.name;
        if !jail.known {
            notes.push(format!("{name}: the record has no jail of that name"));
            continue;
        }
        let (by_rules, banned) = jail.outside;
        if jail.window.is_none() {
            let log = result.simulation.jails.iter().find(|one| one.name == *name);
            let span = log.and_then(|log| log.collector.span);
            let span = span.map_or("no line with a date".into(), |(first, last)| {
                format!("{} to {}", result.clock.iso(first), result.clock.iso(last))
            });
            notes.push(format!(
                "{name}: its log ({span}) and the record have no time in common"
            ));
        } else if by_rules + banned > 0 {
            let siblings = if jail.older {
                " (older than the log: give its rotated siblings, such as 'auth.log*')"
            } else {
                ""
            };
            notes.push(format!(
                "{name}: not compared, as only one side goes there: {} by the rules, {} of the \
                 server{siblings}",
                counted(by_rules, "ban", "bans"),
                grouped(banned)
            ));
        }
        let foreign = jail
            .deviations
            .iter()
            .any(|one| matches!(one.reason, Reason::OtherLog { .. }));
        if foreign && !jail.reads.is_empty() {
            notes.push(format!(
                "{name}: it reads {}, by the record",
                jail.reads.join(", ")
            ));
        }
        if let Some(failures) = jail.failures.filter(|failures| failures.server > 0) {
            let first = failures.first_server.map(|place| result.at(place));
            notes.push(format!(
                "{name}: the server noted {} that the log has not (first: {})",
                counted(failures.server, "failure", "failures"),
                first.unwrap_or_default()
            ));
        }
    }
    let jails = result.comparison.jails.iter();
    let unexplained = jails.map(|jail| jail.explained().1).sum::<usize>();
    if unexplained > 0 && result.record.source == Source::Database {
        notes.push(
            "a database does not tell of restarts, unbans or ignored addresses, and forgets bans \
             lifted by hand: --actual with fail2ban.log may explain more"
                .into(),
        );
    }
    if !result.comparison.others.is_empty() {
        let others = result.comparison.others.iter();
        let others: Vec<String> = others
            .map(|(name, bans)| format!("{name} ({})", counted(*bans, "ban", "bans")))
            .collect();
        notes.push(format!("not asked for: {}", others.join(", ")));
    }
    if result.record.undated > 0 {
        notes.push(format!(
            "{} of the record without a time",
            counted(result.record.undated, "line", "lines")
        ));
    }
    if result.comparison.cut {
        notes.push("too many failures to look into all deviations".into());
    }
    notes
}
