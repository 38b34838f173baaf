//! JUnit XML: a suite per filter, a test case per thing checked.

use super::style::{Style, path_text};
use crate::analysis::check::{Finding, Report, Severity, codes};
use crate::report::Format;
use crate::report::escape::{Escaped, Markup};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Junit(pub(super) Style);

impl Format<Report> for Junit {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let style = self.0;
        let mut junit = quick_junit::Report::new("f2b-regex check");
        junit.set_time(report.elapsed);
        for filter in &report.filters {
            let mut suite = TestSuite::new(filter.name.clone());
            suite.set_time(filter.elapsed);
            for case in &filter.cases {
                let found = case.findings.iter();
                let found = found.filter_map(|index| filter.findings.get(*index));
                let found: Vec<&Finding> = found.collect();
                let todo = found.iter().find(|finding| finding.code == codes::TODO);
                let failing = found.iter().copied();
                let failing: Vec<&Finding> =
                    failing.filter(|finding| fails(finding, style)).collect();
                let status = match (failing.first(), todo) {
                    (None, None) => TestCaseStatus::success(),
                    (None, Some(todo)) => {
                        let mut status = TestCaseStatus::skipped();
                        status.set_message(todo.message.clone());
                        status
                    }
                    (Some(first), _) => {
                        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                        status
                            .set_type(first.code)
                            .set_message(first.message.clone());
                        let texts: Vec<String> = failing.iter().map(|f| text(f)).collect();
                        status.set_description(texts.join("\n\n"));
                        status
                    }
                };
                let mut test = TestCase::new(case.name.clone(), status);
                test.set_classname(format!("{}.{}", filter.name, case.kind.name()));
                suite.add_test_case(test);
            }
            junit.add_test_suite(suite);
        }
        let escaped = Escaped::new(&mut *out, Markup::Xml);
        junit.serialize(escaped).map_err(io::Error::other)?;
        writeln!(out)
    }
}

/// Whether a finding fails its test.
pub(super) fn fails(finding: &Finding, style: Style) -> bool {
    match finding.severity {
        Severity::Error => true,
        Severity::Warning => style.strict,
        Severity::Note => false,
    }
}

/// A finding as plain text: where, what, the line and a caret.
pub(super) fn text(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.subject, finding.message);
    for excerpt in &finding.excerpts {
        if let (Some(file), Some(line)) = (&excerpt.file, excerpt.line) {
            text += &format!("\n{}:{line}:", path_text(file));
        } else if !excerpt.title.is_empty() {
            text += &format!("\n{}:", excerpt.title);
        }
        let before = excerpt.text.get(..excerpt.span.start).unwrap_or_default();
        let marked = excerpt.text.get(excerpt.span.clone()).unwrap_or_default();
        let caret = "^".repeat(marked.chars().count().max(1));
        let gap = " ".repeat(before.chars().count());
        let shown = excerpt.text.replace('\t', " ");
        text += format!("\n    {shown}\n    {gap}{caret} {}", excerpt.label).trim_end();
    }
    if !finding.help.is_empty() {
        text += &format!("\nhelp: {}", finding.help);
    }
    text
}
