//! The report for people: each finding with its line and a caret, then one line per filter
//! that has something to say, then the sums.

use super::style::{Style, path_text, verdict};
use crate::analysis::check::{Excerpt, Finding, Report, Role, Severity};
use crate::report::Format;
use crate::report::text::{counted, grouped, printable};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Human(pub(super) Style);

impl Format<Report> for Human {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let style = self.0;
        let renderer = if style.screen.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer
            .decor_style(DecorStyle::Ascii)
            .term_width(style.screen.width.max(40));
        let mut hidden = 0;
        for finding in report.findings() {
            if finding.severity == Severity::Note && !style.verbose {
                hidden += 1;
                continue;
            }
            writeln!(out, "{}\n", show(finding, &renderer))?;
        }
        if style.verbose {
            filters(report, out)?;
        }
        summary(report, style, out)?;
        if hidden > 0 {
            writeln!(out, "{} not shown (--verbose)", count(hidden, "note"))?;
        }
        Ok(())
    }
}

fn show(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = format!("{}: {}", finding.subject, finding.message);
    let mut elements: Vec<Element> = Vec::new();
    for (number, excerpt) in finding.excerpts.iter().enumerate() {
        if !excerpt.title.is_empty() {
            let title = printable(&excerpt.title).into_owned();
            elements.push(Level::NOTE.no_name().message(title).into());
        }
        elements.push(snippet(excerpt, number == 0).into());
    }
    if !finding.help.is_empty() {
        elements.push(
            Level::HELP
                .message(printable(&finding.help).into_owned())
                .into(),
        );
    }
    let title = level.primary_title(printable(&title).into_owned());
    renderer.render(&[title.id(finding.code).elements(elements)])
}

/// The excerpt with nothing in it that a terminal would act on.
fn snippet(
    excerpt: &Excerpt,
    primary: bool,
) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    let part = |range: std::ops::Range<usize>| {
        printable(excerpt.text.get(range).unwrap_or_default()).into_owned()
    };
    let end = excerpt.span.end.min(excerpt.text.len());
    let start = excerpt.span.start.min(end);
    let (before, marked, after) = (
        part(0..start),
        part(start..end),
        part(end..excerpt.text.len()),
    );
    let span = before.len()..before.len() + marked.len();
    let kind = if primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let mut mark = kind.span(span);
    if !excerpt.label.is_empty() {
        mark = mark.label(printable(&excerpt.label).into_owned());
    }
    let snippet = Snippet::source(format!("{before}{marked}{after}")).annotation(mark);
    match &excerpt.file {
        Some(file) => {
            let line = excerpt.line.unwrap_or(1) as usize;
            snippet
                .path(printable(&path_text(file)).into_owned())
                .line_start(line)
        }
        None => snippet.line_numbering(false),
    }
}

fn filters(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for filter in &report.filters {
        let (covered, all) = filter.coverage();
        let what = match filter.role {
            Role::Filter if filter.logs.is_empty() => "no samples".to_string(),
            Role::Filter => format!(
                "{}, {}, {covered} of {}",
                count(filter.annotated + filter.plain, "line"),
                count(filter.verdicts, "test"),
                counted(all, "failregex", "failregexes")
            ),
            Role::Include => "to be included".to_string(),
            Role::Jail => "jail".to_string(),
        };
        let sets = count(filter.variants.len() as u64, "option set");
        writeln!(out, "{:<28} {what}, {sets}", printable(&filter.name))?;
    }
    writeln!(out)
}

/// The sums in one line, for forms that list findings.
pub(super) fn sums(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (covered, all) = report.coverage();
    let tests: u64 = report.filters.iter().map(|f| f.verdicts).sum();
    writeln!(
        out,
        "{}: {}, {}, {}, {} of {} covered",
        verdict(report, style),
        count(report.count(Severity::Error) as u64, "error"),
        count(report.count(Severity::Warning) as u64, "warning"),
        count(tests, "test"),
        grouped(covered),
        counted(all, "failregex", "failregexes"),
    )
}

/// A number with a noun that takes an s.
fn count(number: u64, one: &str) -> String {
    counted(number, one, &format!("{one}s"))
}

fn summary(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let of = |role: Role| report.filters.iter().filter(|f| f.role == role).count() as u64;
    let sum = |what: fn(&crate::analysis::check::FilterReport) -> u64| -> u64 {
        report.filters.iter().map(what).sum()
    };
    let sets = sum(|f| f.variants.iter().filter(|v| v.sampled).count() as u64);
    let loaded = sum(|f| f.variants.len() as u64);
    let (covered, all) = report.coverage();
    writeln!(
        out,
        "{}, {} to include, {}: {} loaded, {} with samples",
        count(of(Role::Filter), "filter"),
        grouped(of(Role::Include)),
        count(of(Role::Jail), "jail"),
        count(loaded, "option set"),
        grouped(sets),
    )?;
    writeln!(
        out,
        "{}, {} without annotation: {}",
        count(sum(|f| f.annotated), "annotated line"),
        grouped(sum(|f| f.plain)),
        count(sum(|f| f.verdicts), "test"),
    )?;
    for directory in report.includes_from() {
        let directory = printable(&path_text(directory)).into_owned();
        writeln!(out, "includes from {directory}")?;
    }
    if let Some(baseline) = &report.baseline {
        let file = printable(&path_text(&baseline.path)).into_owned();
        let (known, gone) = (count(baseline.known, "finding"), grouped(baseline.gone));
        writeln!(out, "baseline {file}: {known} known, {gone} gone")?;
    }
    let skipped = sum(|f| f.skipped);
    if skipped > 0 {
        writeln!(
            out,
            "{} left out: their option set has a fault",
            count(skipped, "test")
        )?;
    }
    if all > 0 {
        let percent = covered as f64 * 100.0 / all as f64;
        writeln!(
            out,
            "coverage: {} of {}, {percent:.1} %",
            grouped(covered),
            counted(all, "failregex", "failregexes")
        )?;
    }
    writeln!(
        out,
        "{}: {}, {}, {} in {:.2} s",
        verdict(report, style),
        count(report.count(Severity::Error) as u64, "error"),
        count(report.count(Severity::Warning) as u64, "warning"),
        count(report.count(Severity::Note) as u64, "note"),
        report.elapsed.as_secs_f64(),
    )
}
