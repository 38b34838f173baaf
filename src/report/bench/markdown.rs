//! The bench report as markdown: for a pull request's comment or a page of a wiki.

use crate::analysis::bench::comparison::{ChangedLine, Comparison, Lines};
use crate::analysis::bench::report::{BenchReport, Side};
use crate::analysis::bench::timing::FilterTiming;
use crate::analysis::bench::units::Spread;
use crate::report::Format;
use crate::report::markdown::{code, escaped};
use crate::report::text::{counted, grouped};
use std::io::{self, Write};

/// Markdown.
pub(crate) struct Markdown;

impl Format<BenchReport> for Markdown {
    fn write(&self, report: &BenchReport, out: &mut dyn Write) -> io::Result<()> {
        write(out, report)
    }
}

fn write(out: &mut dyn Write, report: &BenchReport) -> io::Result<()> {
    write!(out, "Filter {}", code(&report.filter.name))?;
    if let Some(against) = &report.against {
        write!(out, " against {}", code(&against.name))?;
    }
    let lines = counted(report.log.lines, "line", "lines");
    writeln!(out, ", log {}, {lines}.", code(&report.log.name))?;
    if let Some(comparison) = &report.comparison {
        meaning(out, comparison)?;
    }
    if let (Some(ratio), Some(against)) = (&report.ratio, &report.against) {
        let (mine, theirs) = (code(&report.filter.name), code(&against.name));
        writeln!(
            out,
            "\n{mine} takes {:.2} ± {:.2} times as long as {theirs} here; fail2ban's searches \
             {:.2} times by estimate{}.",
            ratio.whole,
            ratio.whole_stddev,
            ratio.fail2ban_estimate,
            match ratio.fail2ban_python {
                Some(python) => format!(", {python:.2} times by Python"),
                None => String::new(),
            }
        )?;
    }
    for side in [Some(&report.filter), report.against.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(timing) = &side.timing {
            times(out, side, timing)?;
        }
    }
    for budget in &report.budgets {
        let held = if budget.held { "held" } else { "**exceeded**" };
        let (option, limit, measured) = (&budget.option, budget.limit, budget.measured);
        writeln!(out, "\nBudget `{option} {limit}`: {measured:.2}, {held}.")?;
    }
    if let Some(machine) = &report.machine {
        let load = machine
            .load
            .map_or(String::new(), |load| format!(", load {load:.1}"));
        writeln!(
            out,
            "\nMeasured on {}{load}.",
            counted(machine.processors as u64, "processor", "processors")
        )?;
    }
    for warning in &report.warnings {
        writeln!(out, "\n> warning: {}", escaped(&warning.message))?;
    }
    Ok(())
}

/// A cell with a time, its spread and its outliers.
fn spread(of: Option<&Spread>) -> String {
    let Some(of) = of.filter(|of| of.runs > 0) else {
        return "-".into();
    };
    let outliers = match of.outliers {
        0 => String::new(),
        n => format!(" ({n} out)"),
    };
    format!("{} ± {}{outliers}", of.median_ns, of.stddev_ns)
}

fn times(out: &mut dyn Write, side: &Side, timing: &FilterTiming) -> io::Result<()> {
    writeln!(
        out,
        "\n{}: {} a line, {}, one thread; the parts add up to {:.0} %.\n",
        code(&side.name),
        spread(Some(&timing.whole)),
        counted(timing.whole.runs as u64, "run", "runs"),
        timing.covered * 100.0
    )?;
    writeln!(
        out,
        "| part | on hits | on misses | in place, per line | share | gate | worst | steps per \
         search | fail2ban, estimate | fail2ban, Python | slope |"
    )?;
    writeln!(
        out,
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for part in &timing.parts {
        let place = &part.in_place;
        let cost = part.fail2ban.as_ref();
        let gate = part.prefilter.as_ref();
        let worst = place
            .worst_line
            .map(|line| format!("{} @ {line}", place.worst_ns));
        let slope = part.growth.as_ref().and_then(|growth| growth.slope);
        let dash = || "-".to_string();
        let cells = [
            part.name(),
            spread(part.hit.as_ref().map(|alone| &alone.time)),
            spread(part.miss.as_ref().map(|alone| &alone.time)),
            spread(Some(&place.per_line)),
            format!("{:.0} %", place.share * 100.0),
            gate.map_or_else(dash, |gate| format!("{} of {}", gate.passed, gate.lines)),
            worst.unwrap_or_else(dash),
            cost.map_or_else(dash, |cost| format!("{:.1}", cost.steps)),
            cost.map_or_else(dash, |cost| cost.estimate_ns.to_string()),
            spread(cost.and_then(|cost| cost.python.as_ref())),
            slope.map_or_else(dash, |slope| format!("{slope:.1}")),
        ];
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn meaning(out: &mut dyn Write, found: &Comparison) -> io::Result<()> {
    writeln!(out, "\n| meaning | lines |\n|---|---:|")?;
    let rows = [
        ("matched by both", found.matched_by_both),
        ("gained", found.gained.count),
        ("lost", found.lost.count),
        ("ignored by one only", found.ignored.count),
        ("moved to another failregex", found.moved.count),
        ("other groups captured", found.captures.count),
        ("matched at another time", found.times.count),
        ("no answer within the step budget", found.unanswered),
    ];
    for (what, count) in rows {
        writeln!(out, "| {what} | {} |", grouped(count))?;
    }
    let addresses = &found.addresses;
    writeln!(
        out,
        "\nAddresses: {} gained, {} lost, {} named in another number of lines.",
        addresses.gained.len(),
        addresses.lost.len(),
        addresses.recounted.len()
    )?;
    examples(out, "Gained", &found.gained)?;
    examples(out, "Lost", &found.lost)?;
    examples(out, "Ignored by one only", &found.ignored)
}

fn examples(out: &mut dyn Write, title: &str, lines: &Lines<ChangedLine>) -> io::Result<()> {
    if lines.examples.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}:\n")?;
    for example in &lines.examples {
        let addresses = if example.addresses.is_empty() {
            String::new()
        } else {
            format!(" → {}", code(&example.addresses.join(", ")))
        };
        writeln!(
            out,
            "- line {}: {}{addresses}",
            example.line,
            code(&example.text)
        )?;
    }
    Ok(())
}
