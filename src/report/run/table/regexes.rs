//! Regexes and their hits.

use crate::analysis::run::RegexCounts;
use crate::report::columns::{new_table, print, right_align};
use crate::report::run::Show;
use crate::report::text::{Screen, counted, fit, grouped, printable};
use comfy_table::ContentArrangement;
use std::io::{self, Write};
use std::path::Path;

/// Writes how many lines prefregex lets pass.
pub(super) fn prefregex(
    out: &mut dyn Write,
    prefregex: &RegexCounts,
    tested: u64,
    show: &Show,
    screen: Screen,
) -> io::Result<()> {
    let heading = screen.heading("Prefregex");
    let lines = counted(tested, "line passes", "lines pass");
    let percent = share(prefregex.hits, tested);
    let hits = grouped(prefregex.hits);
    writeln!(out, "\n{heading}  {hits} of {lines} ({percent})")?;
    if show.verbose > 0 {
        writeln!(out, "   {}", printable(&prefregex.resolved))?;
    }
    Ok(())
}

/// Writes a list of regexes: those that hit, or with `-v` all.
pub(super) fn write(
    out: &mut dyn Write,
    title: &str,
    regexes: &[RegexCounts],
    show: &Show,
    screen: Screen,
) -> io::Result<()> {
    let total: u64 = regexes.iter().map(|regex| regex.hits).sum();
    let helpers: u64 = regexes.iter().map(|regex| regex.helper_hits).sum();
    let hits = counted(total, "hit", "hits");
    let mut heading = format!("\n{}  {hits}", screen.heading(title));
    if helpers > 0 {
        let helpers = grouped(helpers);
        heading += &format!(", {helpers} by helpers (<F-NOFAIL>), which are no failures");
    }
    writeln!(out, "{heading}")?;
    let all = show.verbose > 0;
    let shown: Vec<&RegexCounts> = (regexes.iter())
        .filter(|regex| all || regex.hits > 0)
        .collect();
    if !shown.is_empty() {
        let places: Vec<String> = shown.iter().map(|regex| short_place(regex)).collect();
        let place_width = places.iter().map(|place| place.chars().count()).max();
        let place_width = place_width.unwrap_or(0).max(5);
        let hits_width = grouped(total).len().max(4);
        let room = screen
            .width
            .saturating_sub(place_width + hits_width + 19)
            .max(20);
        let mut table = new_table(screen, ContentArrangement::Disabled);
        table.set_header(["#", "Hits", "Share", "Where", "Regex"]);
        for (regex, place) in shown.iter().zip(places) {
            let text = if all {
                printable(&regex.regex).into_owned()
            } else {
                fit(&regex.regex, room)
            };
            let number = regex.number.to_string();
            let share = share(regex.hits, total);
            table.add_row([number, grouped(regex.hits), share, place, text]);
        }
        right_align(&mut table, &[0, 1, 2]);
        print(out, &table)?;
    }
    match regexes.len() - shown.len() {
        0 => Ok(()),
        silent => {
            let them = if silent == 1 { "it" } else { "them" };
            let count = regexes.len();
            writeln!(
                out,
                "   {silent} of {count} matched nothing (-v shows {them})"
            )
        }
    }
}

/// A part of a whole as a percentage.
pub(in crate::report::run) fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "-".into(),
        _ => format!("{:.1}%", part as f64 * 100.0 / whole as f64),
    }
}

/// File name and line, without the directories.
pub(in crate::report::run) fn short_place(regex: &RegexCounts) -> String {
    match (&regex.file, regex.line) {
        (Some(file), Some(line)) => {
            let name = Path::new(file).file_name();
            let name = name.map_or(file.into(), |name| name.to_string_lossy());
            format!("{}:{line}", printable(&name))
        }
        _ => "(given)".into(),
    }
}
