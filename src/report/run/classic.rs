//! fail2ban-regex's own report, byte for byte (`--format classic`).
//!
//! Its words and layout are an interface that scripts read; nothing may be added here.

use super::Show;
use crate::analysis::run::TemplateRow;
use crate::date::Clock;
use crate::engine::groups::{Groups, Names};
use crate::engine::stats::SampleLine;
use crate::engine::{Filter, Stats};
use crate::python;
use crate::report::Format;
use std::io::{self, Write};
use std::time::Duration;

/// Upstream's first lines.
pub(crate) const HEADER: &str = "\nRunning tests\n=============\n\n";

/// Shortens a text for a header line to at most 53 characters (upstream's `shortstr`).
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= 53 {
        return text.to_string();
    }
    text.chars().take(50).collect::<String>() + "..."
}

/// What this report is of: more than the others show.
pub(crate) struct ClassicRun<'a> {
    /// The filter that ran.
    pub(crate) filter: &'a Filter,
    /// What was counted.
    pub(crate) stats: &'a Stats,
    /// The date templates in their final order; None where no dates were searched.
    pub(crate) templates: Option<&'a [TemplateRow]>,
    /// How long the lines took.
    pub(crate) elapsed: Duration,
}

/// The report after the run.
pub(crate) struct Classic<'a> {
    /// What is shown.
    pub(crate) show: &'a Show,
    /// For the times of failures.
    pub(crate) clock: &'a Clock,
}

impl Format<ClassicRun<'_>> for Classic<'_> {
    fn write(&self, report: &ClassicRun, out: &mut dyn Write) -> io::Result<()> {
        write(out, report, self.show, self.clock)
    }
}

fn write(
    out: &mut dyn Write,
    report: &ClassicRun,
    options: &Show,
    clock: &Clock,
) -> io::Result<()> {
    let stats = report.stats;
    writeln!(out, "\nResults\n=======")?;
    if let Some(prefregex) = &report.filter.prefregex {
        let mut rows = vec![prefregex.regex.as_str().to_string()];
        if options.verbose > 0 {
            for (index, groups) in stats.prefregex_groups.iter().enumerate() {
                rows.push(if index < options.limit {
                    format!("    {}", groups_repr(groups, &report.filter.names))
                } else {
                    "    ...".into()
                });
            }
        }
        writeln!(out, "\nPrefregex: {} total", stats.prefregex_hits)?;
        list(out, &rows, None)?;
    }
    failregexes(out, report, options, clock)?;
    let rows: Vec<String> = (report.filter.ignoreregexes.iter().zip(&stats.ignoreregexes))
        .enumerate()
        .filter(|(_, (_, hits))| **hits > 0 || options.verbose > 0)
        .map(|(index, (regex, hits))| regex_row(index, *hits, &regex.source.text))
        .collect();
    writeln!(out, "\nIgnoreregex: {} total", stats.ignoreregex_total())?;
    list(out, &rows, Some(REGEX_HEADER))?;
    if let Some(templates) = report.templates {
        writeln!(out, "\nDate template hits:")?;
        let mut rows = Vec::new();
        for t in templates {
            if options.verbose == 0 && t.counts.hits == 0 {
                continue;
            }
            rows.push(format!("[{}] {}", t.counts.hits, t.counts.name));
            if options.verbose_date {
                let pattern = t.counts.pattern.as_deref().unwrap_or_default();
                rows.push(format!(
                    "    # weight: {:.3} ({:.3}), pattern: {pattern}",
                    t.weight, t.base_weight
                ));
                rows.push(format!("    # regex:   {}", t.regex));
            }
        }
        list(out, &rows, Some("[# of hits] date format"))?;
    }
    writeln!(
        out,
        "\nLines: {} lines, {} ignored, {} matched, {} missed",
        stats.tested, stats.ignored, stats.matched, stats.missed
    )?;
    writeln!(
        out,
        "[processed in {:.2} sec]\n",
        report.elapsed.as_secs_f64()
    )?;
    let lines = LineLists { report, options };
    if options.all_matched {
        lines.write(out, "matched", stats.matched, &stats.matched_lines, true)?;
    }
    if !options.no_ignored {
        let all = options.all_ignored;
        lines.write(out, "ignored", stats.ignored, &stats.ignored_lines, all)?;
    }
    if !options.no_missed {
        let all = options.all_missed;
        lines.write(out, "missed", stats.missed, &stats.missed_lines, all)?;
    }
    Ok(())
}

const REGEX_HEADER: &str = " #) [# of hits] regular expression";

fn regex_row(index: usize, hits: u64, text: &str) -> String {
    format!("{:2}) [{hits}] {text}", index + 1)
}

fn failregexes(
    out: &mut dyn Write,
    report: &ClassicRun,
    options: &Show,
    clock: &Clock,
) -> io::Result<()> {
    let mut rows = Vec::new();
    let regexes = report.filter.failregexes.iter();
    for (index, (regex, stats)) in regexes.zip(&report.stats.failregexes).enumerate() {
        if stats.hits > 0 || options.verbose > 0 {
            rows.push(regex_row(index, stats.hits, &regex.source.text));
        }
        if options.verbose == 0 {
            continue;
        }
        for hit in &stats.list {
            let date = hit.date.map_or(clock.now_epoch(), |d| d.seconds());
            rows.push(format!(
                "    {}  {}{}",
                hit.id.as_deref().unwrap_or("None"),
                clock.ctime(date),
                if hit.multiple {
                    " (multiple regex matched)"
                } else {
                    ""
                }
            ));
        }
    }
    writeln!(out, "\nFailregex: {} total", report.stats.failregex_total())?;
    list(out, &rows, Some(REGEX_HEADER))
}

/// A framed list; nothing where it is empty (upstream's `pprint_list`).
fn list(out: &mut dyn Write, rows: &[String], header: Option<&str>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    if let Some(header) = header {
        writeln!(out, "|- {header}")?;
    }
    for row in rows {
        writeln!(out, "|  {row}")?;
    }
    writeln!(out, "`-")
}

/// `str()` of a dict of groups.
fn groups_repr(groups: &Groups, names: &Names) -> String {
    let entries: Vec<String> = groups
        .iter()
        .map(|(key, value)| format!("{}: {}", python::repr(names.name(key)), value.to_repr()))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

struct LineLists<'a> {
    report: &'a ClassicRun<'a>,
    options: &'a Show,
}

impl LineLists<'_> {
    fn write(
        &self,
        out: &mut dyn Write,
        kind: &str,
        count: i64,
        kept: &[SampleLine],
        all: bool,
    ) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let title = match kind {
            "matched" => "Matched",
            "ignored" => "Ignored",
            _ => "Missed",
        };
        let header = format!("{title} line(s):");
        if !all && count >= i64::try_from(self.options.limit).unwrap_or(i64::MAX) {
            return writeln!(
                out,
                "{header} too many to print.  Use --print-all-{kind} to print all {count} lines"
            );
        }
        let rows: Vec<String> = if self.options.debuggex {
            self.debuggex_rows(kind, kept)
        } else {
            kept.iter()
                .map(|l| python::rstrip(&l.line).into())
                .collect()
        };
        list(out, &rows, Some(&header))
    }

    /// Every kept line with every regex and a link that tries the two.
    fn debuggex_rows(&self, kind: &str, kept: &[SampleLine]) -> Vec<String> {
        let filter = self.report.filter;
        let regexes = match kind {
            "ignored" => &filter.ignoreregexes,
            _ => &filter.failregexes,
        };
        let host = if self.options.usedns_no {
            crate::pattern::tags::HostTag::AddressOnly
        } else {
            crate::pattern::tags::HostTag::Any
        };
        let flags = if filter.is_multi_line() {
            "&flags=m"
        } else {
            ""
        };
        let mut rows = Vec::new();
        for line in kept {
            for regex in regexes {
                let source = &regex.source.text;
                let row = format!(
                    "{} | {source} |  https://www.debuggex.com/?re={}&str={}&flavor=python{flags}",
                    line.extracted,
                    quote_plus(crate::pattern::tags::resolve_tags(source, host).as_bytes()),
                    quote_plus(&self.options.encoding.encode(&line.extracted)),
                );
                rows.push(python::rstrip(&row).to_string());
            }
        }
        rows
    }
}

/// `urllib.parse.quote_plus`.
fn quote_plus(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
