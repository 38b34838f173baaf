//! How often each code was found.

use crate::analysis::check::lint::all_codes;
use crate::analysis::check::{Report, Severity};
use crate::report::text::grouped;
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The counts, most frequent first; as JSON or for people.
pub(crate) struct Statistics {
    /// Whether they are for a program.
    pub(crate) as_json: bool,
}

impl Format<Report> for Statistics {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut counts: BTreeMap<(&str, Severity), u64> = BTreeMap::new();
        for finding in report.findings() {
            *counts.entry((finding.code, finding.severity)).or_default() += 1;
        }
        let mut rows: Vec<_> = counts.into_iter().collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let codes = all_codes();
        let name = |code: &str| {
            let known = codes.iter().find(|known| known.code == code);
            known.map_or("", |known| known.name)
        };
        if self.as_json {
            let rows = rows.iter().map(|((code, severity), count)| {
                json!({ "code": code, "name": name(code), "severity": severity, "count": count })
            });
            return json::Json.write(&Value::Array(rows.collect()), out);
        }
        for ((code, severity), count) in rows {
            let count = grouped(count);
            writeln!(
                out,
                "{count:>6}  {code}  {:<7}  {}",
                severity.name(),
                name(code)
            )?;
        }
        Ok(())
    }
}
