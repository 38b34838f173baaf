//! The report for people (`--format table`): what hit, who, when, and what looks wrong.
//!
//! Fits the width it is given; text from logs and filters is shown with control characters
//! escaped, so that a hostile log line cannot drive the terminal.

use super::json::{LogInfo, place};
use crate::date::Clock;
use crate::engine::stats::{AddressStats, SampleLine};
use crate::report::text::{Screen, counted, fit, grouped, printable, wrap};
use crate::report::{Report, RunInfo};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use std::io::{self, Write};

/// Writes the report.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    run: &RunInfo,
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    head(out, run, screen)?;
    if let Some(prefregex) = &report.filter.prefregex {
        let hits = report.stats.prefregex_hits;
        let percent = share(hits, report.stats.tested);
        writeln!(
            out,
            "\n{}  {} of {} ({percent})",
            screen.heading("Prefregex"),
            grouped(hits),
            counted(report.stats.tested, "line passes", "lines pass")
        )?;
        if run.show.verbose > 0 {
            writeln!(out, "   {}", printable(prefregex.regex.as_str()))?;
        }
    }
    let failregexes: Vec<Row> = (report.filter.failregexes.iter())
        .zip(&report.stats.failregexes)
        .map(|(regex, stats)| (regex, stats.hits))
        .collect();
    regexes(out, "Failregex", &failregexes, run, screen)?;
    if !report.filter.ignoreregexes.is_empty() {
        let rows: Vec<Row> = (report.filter.ignoreregexes.iter())
            .zip(report.stats.ignoreregexes.iter().copied())
            .collect();
        regexes(out, "Ignoreregex", &rows, run, screen)?;
    }
    addresses(out, report, run, clock, screen)?;
    templates(out, report, run, screen)?;
    let stats = report.stats;
    samples(
        out,
        "Matched",
        stats.matched,
        &stats.matched_lines,
        run.show.all_matched,
        (run, screen),
    )?;
    if !run.show.no_ignored {
        samples(
            out,
            "Ignored",
            stats.ignored,
            &stats.ignored_lines,
            run.show.all_ignored,
            (run, screen),
        )?;
    }
    if !run.show.no_missed {
        samples(
            out,
            "Missed",
            stats.missed,
            &stats.missed_lines,
            run.show.all_missed,
            (run, screen),
        )?;
    }
    let seconds = report.elapsed.as_secs_f64();
    writeln!(
        out,
        "\nLines: {} {}, {} ignored, {} matched, {} missed",
        stats.tested,
        if stats.tested == 1 { "line" } else { "lines" },
        stats.ignored,
        stats.matched,
        stats.missed
    )?;
    let mut foot = format!("       in {seconds:.2} s");
    if seconds > 0.01 {
        let rate = stats.tested as f64 / seconds;
        foot += &format!(", {} lines/s", grouped(rate as u64));
    }
    if stats.skipped > 0 {
        let skipped = counted(stats.skipped, "empty or # line", "empty or # lines");
        foot += &format!("; {skipped} skipped");
    }
    writeln!(out, "{foot}")?;
    if run.partial {
        let text = "stopped: this is the report of what had been read by then";
        writeln!(out, "{}", screen.warning(text))?;
    }
    for warning in &run.warnings {
        let place = match (&warning.file, warning.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            _ => String::new(),
        };
        let text = format!(
            "warning: {}{}",
            printable(&place),
            printable(&warning.message)
        );
        writeln!(out, "{}", screen.warning(&wrap(&text, screen.width)))?;
    }
    super::hints::write(out, &run.diagnosis, screen)
}

fn head(out: &mut dyn Write, run: &RunInfo, screen: Screen) -> io::Result<()> {
    let filter = &run.filter;
    let mut what = match filter.kind.as_str() {
        "literal" => fit(&filter.name, screen.width.saturating_sub(8)),
        "jail" => format!("jail {}", printable(&filter.name)),
        _ => printable(&filter.name).into_owned(),
    };
    if !filter.options.is_empty() {
        let options: Vec<String> = (filter.options.iter())
            .map(|(name, value)| format!("{name}={}", printable(value)))
            .collect();
        what += &format!("[{}]", options.join(","));
    }
    if let Some(file) = &filter.file {
        let file = printable(file);
        if *file != what {
            what += &format!("  {file}");
        }
    }
    writeln!(out, "{}  {what}", screen.heading("Filter"))?;
    if filter.maxlines > 1 {
        writeln!(out, "        regexes may span {} lines", filter.maxlines)?;
    }
    for log in &run.logs {
        log_line(out, log, run.logs.len() > 1, screen)?;
    }
    Ok(())
}

/// A log: its name, what it is, and where there are several its share of the matches.
fn log_line(out: &mut dyn Write, log: &LogInfo, share: bool, screen: Screen) -> io::Result<()> {
    let name = match &log.path {
        Some(path) => printable(path).into_owned(),
        None if log.kind == "line" => "the line given".into(),
        None => "standard input".into(),
    };
    let mut facts = Vec::new();
    if log.kind != "line" {
        facts.push(match &log.journal {
            Some(_) => counted(log.lines, "entry", "entries"),
            None => counted(log.lines, "line", "lines"),
        });
        if share {
            facts.push(format!("{} matched", log.matched));
        }
        if log.outside > 0 {
            facts.push(format!("{} outside the window", grouped(log.outside)));
        }
        if log.unselected > 0 {
            facts.push(format!("{} not selected", grouped(log.unselected)));
        }
        match &log.journal {
            Some(form) if form == "journalctl" => facts.push("journal".into()),
            Some(form) => facts.push(format!("journal ({form})")),
            None => facts.push(log.encoding.clone()),
        }
        facts.extend(log.compression.clone());
    }
    let mut text = format!("{}     {name}", screen.heading("Log"));
    let facts = facts.join(", ");
    if 8 + name.chars().count() + 2 + facts.chars().count() > screen.width {
        text += &format!("\n          {facts}");
    } else if !facts.is_empty() {
        text += &format!("  {facts}");
    }
    writeln!(out, "{text}")
}

type Row<'a> = (&'a crate::engine::FilterRegex, u64);

fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "-".into(),
        _ => format!("{:.1}%", part as f64 * 100.0 / whole as f64),
    }
}

fn new_table(screen: Screen) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_width(u16::try_from(screen.width).unwrap_or(u16::MAX));
    table
}

/// Prints a table without the blanks comfy-table leaves at line ends.
fn print(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

fn regexes(
    out: &mut dyn Write,
    title: &str,
    rows: &[Row],
    run: &RunInfo,
    screen: Screen,
) -> io::Result<()> {
    let total: u64 = rows.iter().map(|(_, hits)| hits).sum();
    let hits = counted(total, "hit", "hits");
    writeln!(out, "\n{}  {hits}", screen.heading(title))?;
    let all = run.show.verbose > 0;
    let shown: Vec<(usize, &Row)> = (rows.iter().enumerate())
        .filter(|(_, (_, hits))| all || *hits > 0)
        .collect();
    if !shown.is_empty() {
        let places: Vec<String> = shown.iter().map(|(_, row)| short_place(row.0)).collect();
        let place_width = places
            .iter()
            .map(|p| p.chars().count())
            .max()
            .unwrap_or(0)
            .max(5);
        let hits_width = grouped(total).len().max(4);
        let room = screen
            .width
            .saturating_sub(place_width + hits_width + 19)
            .max(20);
        let mut table = new_table(screen);
        table.set_header(["#", "Hits", "Share", "Where", "Regex"]);
        for ((index, (regex, hits)), place) in shown.iter().zip(&places) {
            let text = &regex.source.text;
            let text = match all {
                true => printable(text).into_owned(),
                false => fit(text, room),
            };
            let cells = [(index + 1).to_string(), grouped(*hits), share(*hits, total)];
            table.add_row(cells.into_iter().chain([place.clone(), text]));
        }
        right_align(&mut table, &[0, 1, 2]);
        print(out, &table)?;
    }
    let silent = rows.len() - shown.len();
    if silent > 0 {
        let them = match silent {
            1 => "shows it",
            _ => "shows them",
        };
        writeln!(
            out,
            "   {silent} of {} matched nothing (-v {them})",
            rows.len()
        )?;
    }
    Ok(())
}

fn right_align(table: &mut Table, columns: &[usize]) {
    for &index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// File name and line, without the directories.
fn short_place(regex: &crate::engine::FilterRegex) -> String {
    match place(&regex.source) {
        (Some(file), Some(line)) => {
            let name = std::path::Path::new(&file).file_name();
            let name = name.map_or(file.clone(), |n| n.to_string_lossy().into_owned());
            format!("{}:{line}", printable(&name))
        }
        _ => "(given)".into(),
    }
}

fn addresses(
    out: &mut dyn Write,
    report: &Report,
    run: &RunInfo,
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let all = report.stats.addresses_by_hits();
    if all.is_empty() {
        return Ok(());
    }
    let shown = &all[..all.len().min(run.show.top)];
    let count = match all.len() - shown.len() {
        0 => grouped(all.len() as u64),
        rest => format!(
            "{} (top {}, {} more: --top N)",
            grouped(all.len() as u64),
            shown.len(),
            grouped(rest as u64)
        ),
    };
    writeln!(out, "\n{}  {count}", screen.heading("Addresses"))?;
    let moment = |time: Option<f64>| time.map_or("no date".into(), |t| clock.iso(t));
    let mut table = new_table(screen);
    table.set_header(["Hits", "Address", "First", "Last", "Regex"]);
    for (address, stats) in shown {
        table.add_row([
            grouped(stats.hits),
            fit(address, 39),
            moment(stats.span.map(|s| s.0)),
            moment(stats.span.map(|s| s.1)),
            regex_numbers(stats),
        ]);
    }
    right_align(&mut table, &[0]);
    print(out, &table)
}

/// Numbers of the failregexes that found an address: the first few.
fn regex_numbers(stats: &AddressStats) -> String {
    let numbers: Vec<String> = stats
        .failregexes
        .iter()
        .map(|i| (i + 1).to_string())
        .collect();
    match numbers.len() {
        0..=3 => numbers.join(","),
        _ => format!("{},…", numbers[..3].join(",")),
    }
}

fn templates(
    out: &mut dyn Write,
    report: &Report,
    run: &RunInfo,
    screen: Screen,
) -> io::Result<()> {
    let Some(templates) = &report.templates else {
        return Ok(());
    };
    let shown: Vec<_> = templates
        .iter()
        .filter(|t| run.show.verbose > 0 || t.hits > 0)
        .collect();
    writeln!(out, "\n{}", screen.heading("Date templates"))?;
    if shown.is_empty() {
        return writeln!(out, "   none found a date");
    }
    let mut table = new_table(screen);
    table.set_header(["Hits", "Template"]);
    let room = screen.width.saturating_sub(14).max(20);
    for template in shown {
        let name = match run.show.verbose {
            0 => fit(&template.name, room),
            _ => printable(&template.name).into_owned(),
        };
        table.add_row([grouped(template.hits), name]);
        if run.show.verbose_date {
            let weight = format!(
                "weight {:.3} ({:.3})",
                template.weight, template.base_weight
            );
            table.add_row([String::new(), weight]);
            if let Some(pattern) = &template.pattern {
                table.add_row([String::new(), format!("pattern {}", printable(pattern))]);
            }
            table.add_row([
                String::new(),
                format!("regex {}", printable(&template.regex)),
            ]);
        }
    }
    right_align(&mut table, &[0]);
    print(out, &table)
}

fn samples(
    out: &mut dyn Write,
    title: &str,
    count: i64,
    kept: &[SampleLine],
    all: bool,
    (run, screen): (&RunInfo, Screen),
) -> io::Result<()> {
    let shown = match all {
        true => kept,
        false => &kept[..kept.len().min(run.show.limit)],
    };
    if shown.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", screen.heading(&format!("{title} lines")))?;
    for line in shown {
        writeln!(out, "   {}", printable(&line.line))?;
    }
    let rest = count - i64::try_from(shown.len()).unwrap_or(0);
    if !all && rest > 0 {
        let option = title.to_lowercase();
        writeln!(out, "   … {rest} more (--print-all-{option})")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("a\x1b[31mb\tc"), "a\\u{1b}[31mb c");
        assert_eq!(printable("plain é"), "plain é");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(1234), "1 234");
        assert_eq!(grouped(1234567), "1 234 567");
        assert_eq!(counted(0, "entry", "entries"), "0 entries");
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(2000, "entry", "entries"), "2 000 entries");
    }

    #[test]
    fn long_texts_are_cut_and_wrapped() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(wrap("aa bb cc dd", 6), "aa bb\n  cc\n  dd");
    }
}
