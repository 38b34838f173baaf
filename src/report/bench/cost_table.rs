//! The tables of times: a row and a bar per part; what we take, then what fail2ban pays.

use crate::analysis::bench::cost::MOST_STEPS;
use crate::analysis::bench::report::{BenchReport, Side};
use crate::analysis::bench::timing::{FilterTiming, Part, PartKind};
use crate::analysis::bench::units::{Nanos, Spread};
use crate::report::text::{Screen, counted, fit, grouped};
use std::io::{self, Write};

/// Bars are so many columns long at most.
const BAR: usize = 8;
/// Parts whose slow lines are shown.
const SHOWN: usize = 3;
/// From this slope on, a regex is said to grow faster than its line.
const STEEP: f64 = 1.5;
/// A slope beyond this is no polynomial's: every doubling squares the steps.
const HOPELESS: f64 = 6.0;

/// Writes the times of all filters, their ratio and the budgets.
pub(crate) fn write(out: &mut dyn Write, report: &BenchReport, screen: Screen) -> io::Result<()> {
    for side in [Some(&report.filter), report.against.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(timing) = &side.timing {
            writeln!(out)?;
            ours(out, side, timing, screen)?;
            writeln!(out)?;
            fail2bans(out, side, timing, screen)?;
        }
    }
    if let (Some(ratio), Some(against)) = (&report.ratio, &report.against) {
        let (mine, theirs) = (fit(&report.filter.name, 24), fit(&against.name, 24));
        writeln!(out, "\n{}", screen.heading("Ratio"))?;
        writeln!(out, "   {mine} takes, times what {theirs} takes:")?;
        let (value, deviation) = (ratio.whole, ratio.whole_stddev);
        writeln!(
            out,
            "      {value:>6.2} ± {deviation:.2}  here, one thread, all told"
        )?;
        let estimate = ratio.fail2ban_estimate;
        writeln!(
            out,
            "      {estimate:>6.2}         fail2ban's searches, estimated"
        )?;
        if let (Some(value), Some(deviation)) =
            (ratio.fail2ban_python, ratio.fail2ban_python_stddev)
        {
            let sure = format!("{value:>6.2} ± {deviation:.2}");
            writeln!(
                out,
                "      {sure:<13}  fail2ban's searches, measured by Python"
            )?;
        }
    }
    for budget in &report.budgets {
        let held = if budget.held { "held" } else { "EXCEEDED" };
        let (option, limit, measured) = (&budget.option, budget.limit, budget.measured);
        writeln!(
            out,
            "\n{}  {option} {limit}: {measured:.2}, {held}",
            screen.heading("Budget")
        )?;
    }
    if let Some(machine) = &report.machine {
        let mut text = counted(machine.processors as u64, "processor", "processors");
        if let Some(load) = machine.load {
            text += &format!(", load {load:.1}");
            if load > machine.processors as f64 {
                text += ": busy; shared caches make times high";
            }
        }
        writeln!(out, "\n{}  {text}", screen.heading("Machine"))?;
    }
    Ok(())
}

/// Where a part is written: `line 45` of the filter's own file, `common.conf:45`; of a date
/// template, its name.
fn place(part: &Part, side: &Side) -> String {
    match (&part.file, part.line, part.kind) {
        (file, Some(line), _) if *file == side.file => format!("line {line}"),
        (Some(file), Some(line), _) => {
            let name = std::path::Path::new(file).file_name();
            let name = name.map_or_else(|| file.clone(), |name| name.to_string_lossy().into());
            format!("{name}:{line}")
        }
        (_, _, PartKind::DateTemplate) => part.regex.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// A bar for a share, in eighths of a column.
fn bar(share: f64) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(PARTS[eighths % 8]);
    }
    bar
}

/// A time, or a dash where there is none.
fn time(of: Option<&Spread>) -> String {
    of.map_or("-".into(), |spread| spread.median_ns.to_string())
}

fn ours(out: &mut dyn Write, side: &Side, timing: &FilterTiming, screen: Screen) -> io::Result<()> {
    let whole = &timing.whole;
    let (median, deviation) = (whole.median_ns, whole.stddev_ns);
    let name_room = screen.width.saturating_sub(46).max(16);
    let filter = fit(&side.name, name_room);
    writeln!(
        out,
        "{}  {filter}: {median} a line ± {deviation}, {}, one thread",
        screen.heading("Time here"),
        counted(whole.runs as u64, "run", "runs")
    )?;
    let (min, max) = (whole.min_ns, whole.max_ns);
    let mut more = format!(
        "   {min} … {max}; the parts add up to {:.0} %",
        timing.covered * 100.0
    );
    if whole.outliers > 0 {
        more += &format!(
            "; {}",
            counted(whole.outliers as u64, "outlier", "outliers")
        );
    }
    writeln!(out, "{more}")?;
    writeln!(
        out,
        " {:<14} {:>8} {:>8} {:>8} {:>5} {:<BAR$} {:>5} {:>15}",
        "", "on hits", "on miss", "in place", "share", "", "gate", "worst @ line"
    )?;
    for part in &timing.parts {
        let place = &part.in_place;
        let gate = part.prefilter.as_ref().map_or(String::new(), |gate| {
            format!(
                "{:.0} %",
                gate.passed as f64 * 100.0 / (gate.lines as f64).max(1.0)
            )
        });
        let worst = match place.worst_line {
            Some(line) => format!("{} @ {line}", place.worst_ns),
            None => String::new(),
        };
        let row = format!(
            " {:<14} {:>8} {:>8} {:>8} {:>4.0}% {:<BAR$} {:>5} {:>15}",
            part.name(),
            time(part.hit.as_ref().map(|alone| &alone.time)),
            time(part.miss.as_ref().map(|alone| &alone.time)),
            place.per_line.median_ns.to_string(),
            place.share * 100.0,
            bar(place.share),
            gate,
            worst
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    writeln!(
        out,
        " on hits, on miss: alone, per line. in place: per line of the log. gate: lines"
    )?;
    writeln!(
        out,
        " that reach the regex at all. Times are processor time."
    )
}

fn fail2bans(
    out: &mut dyn Write,
    side: &Side,
    timing: &FilterTiming,
    screen: Screen,
) -> io::Result<()> {
    let lines = (timing.lines as f64).max(1.0);
    let estimate = Nanos(timing.estimate_total() / lines);
    let mut title = format!("its searches take about {estimate} a line");
    if let (Some(python), Some((total, _))) = (&timing.python, timing.python_total()) {
        let measured = Nanos(total / lines);
        title += &format!("; {measured} by {}", fit(&python.version, 20));
    }
    writeln!(out, "{}  {title}", screen.heading("fail2ban"))?;
    let mut parts: Vec<&Part> = timing
        .parts
        .iter()
        .filter(|part| part.fail2ban.is_some())
        .collect();
    parts.sort_by(|a, b| b.fail2ban_total().total_cmp(&a.fail2ban_total()));
    let python = timing.python.is_some();
    let measured = if python { "Python" } else { "" };
    writeln!(
        out,
        " {:<14} {:>7} {:>8} {measured:>8} {:>5} {:<BAR$} {:>6}  where",
        "per search:", "steps", "estimate", "share", "", "slope"
    )?;
    let room = screen.width.saturating_sub(67).max(9);
    for part in &parts {
        let Some(cost) = &part.fail2ban else { continue };
        let slope = match &part.growth {
            Some(growth) if growth.endless && growth.slope.is_none_or(|s| s > HOPELESS) => {
                "∞".into()
            }
            Some(growth) => growth
                .slope
                .map_or("-".into(), |slope| format!("{slope:.1}")),
            None => String::new(),
        };
        let measured = match (&cost.python, &cost.python_error) {
            (_, Some(_)) => "error".into(),
            (Some(spread), _) if spread.runs > 0 => spread.median_ns.to_string(),
            _ => String::new(),
        };
        let row = format!(
            " {:<14} {:>7} {:>8} {measured:>8} {:>4.0}% {:<BAR$} {slope:>6}  {}",
            part.name(),
            steps(cost.steps),
            cost.estimate_ns.to_string(),
            cost.share * 100.0,
            bar(cost.share),
            fit(&place(part, side), room)
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    writeln!(
        out,
        " steps: a plain backtracking engine's. slope: 1 grows with the line, 2 with its"
    )?;
    writeln!(out, " square, when the dearest line is repeated.")?;
    if let Some(rank) = timing
        .python
        .as_ref()
        .and_then(|python| python.rank_correlation)
    {
        writeln!(
            out,
            " Estimate and Python rank the failregexes alike to {rank:.2} (Spearman)."
        )?;
    }
    slow_lines(out, &parts, screen)
}

fn steps(steps: f64) -> String {
    match steps {
        n if n < 99.95 => format!("{n:.1}"),
        n => grouped(n.round() as u64),
    }
}

/// The dearest lines of the dearest parts, and what grows faster than its line.
fn slow_lines(out: &mut dyn Write, parts: &[&Part], screen: Screen) -> io::Result<()> {
    let slow = parts
        .iter()
        .filter(|part| part.kind != PartKind::DateTemplate && !part.slowest.is_empty());
    for part in slow.take(SHOWN) {
        writeln!(out, " dearest lines of {}:", part.name())?;
        for line in &part.slowest {
            let steps = match line.steps.0 {
                n if n >= MOST_STEPS => "endless".into(),
                n => counted(n, "step", "steps"),
            };
            let here = line.time_ns.map_or("gated".into(), |time| time.to_string());
            let head = format!("   {}: {steps}, {here} here: ", line.line);
            let room = screen.width.saturating_sub(head.chars().count()).max(20);
            writeln!(out, "{head}{}", fit(&line.text, room))?;
        }
    }
    for part in parts {
        let Some(growth) = &part.growth else { continue };
        let Some(last) = growth.points.last() else {
            continue;
        };
        let name = part.name();
        let bytes = grouped(last.bytes);
        if growth.endless {
            let steps = grouped(MOST_STEPS);
            writeln!(
                out,
                " {name}: more than {steps} steps on a line of {bytes} bytes"
            )?;
        } else if growth.slope.is_some_and(|slope| slope > STEEP) {
            let steps = grouped(last.steps.0);
            writeln!(out, " {name}: {steps} steps on a line of {bytes} bytes")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_shares() {
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(0.5), "████");
        assert_eq!(bar(1.0), "████████");
        assert_eq!(bar(1.0 / 64.0), "▏");
        assert_eq!(bar(7.0), "████████");
    }
}
