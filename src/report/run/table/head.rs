//! What ran, on what.

use crate::analysis::run::{FilterInfo, LogInfo, UnwrapInfo};
use crate::report::text::{Screen, counted, fit, grouped, printable, signed};
use std::io::{self, Write};

/// Writes the filter and the logs.
pub(super) fn write(
    out: &mut dyn Write,
    filter: &FilterInfo,
    logs: &[LogInfo],
    screen: Screen,
) -> io::Result<()> {
    let mut what = filter_name(filter, screen.width.saturating_sub(8));
    if let Some(file) = &filter.file {
        let file = printable(file);
        if *file != what {
            what += &format!("  {file}");
        }
    }
    writeln!(out, "{}  {what}", screen.heading("Filter"))?;
    if filter.maxlines > 1 {
        let lines = grouped(filter.maxlines as u64);
        writeln!(out, "        regexes may span {lines} lines")?;
    }
    logs.iter()
        .try_for_each(|log| log_line(out, log, logs.len() > 1, screen))
}

/// The filter with its options; a regex given as text in `width` columns.
pub(in crate::report::run) fn filter_name(filter: &FilterInfo, width: usize) -> String {
    let mut what = match filter.kind.as_str() {
        "literal" => fit(&filter.name, width),
        "jail" => format!("jail {}", printable(&filter.name)),
        _ => printable(&filter.name).into_owned(),
    };
    if !filter.options.is_empty() {
        let options: Vec<String> = (filter.options.iter())
            .map(|(name, value)| format!("{name}={}", printable(value)))
            .collect();
        what += &format!("[{}]", options.join(","));
    }
    what
}

/// What a log is called.
pub(in crate::report::run) fn log_name(log: &LogInfo) -> String {
    match &log.path {
        Some(path) => printable(path).into_owned(),
        None if log.kind == "line" => "the line given".into(),
        None => "standard input".into(),
    }
}

/// A log: its name, what it is, and where there are several its share of the matches.
fn log_line(out: &mut dyn Write, log: &LogInfo, share: bool, screen: Screen) -> io::Result<()> {
    let name = log_name(log);
    let facts = match log.kind.as_str() {
        "line" => String::new(),
        _ => facts(log, share).join(", "),
    };
    let mut text = format!("{}     {name}", screen.heading("Log"));
    if 8 + name.chars().count() + 2 + facts.chars().count() > screen.width {
        text += &format!("\n          {facts}");
    } else if !facts.is_empty() {
        text += &format!("  {facts}");
    }
    writeln!(out, "{text}")?;
    match &log.unwrapped {
        Some(unwrapped) if unwrapped.counts.records > 0 => {
            writeln!(
                out,
                "        fail2ban itself does not unwrap: it reads each line as it is"
            )
        }
        _ => Ok(()),
    }
}

/// What a log is; `share`: and how many of its lines matched.
pub(in crate::report::run) fn facts(log: &LogInfo, share: bool) -> Vec<String> {
    let mut facts = vec![match &log.journal {
        Some(_) => counted(log.lines, "entry", "entries"),
        None => counted(log.lines, "line", "lines"),
    }];
    if share {
        facts.push(format!("{} matched", signed(log.matched)));
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
    facts.extend(log.unwrapped.as_ref().and_then(UnwrapInfo::done));
    facts
}
