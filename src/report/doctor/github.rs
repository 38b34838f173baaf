//! Annotations of a GitHub workflow: one command per blocker and warning, then the sum.

use super::DoctorReport;
use crate::report::Format;
use crate::report::text::{counted, grouped};
use crate::report::workflow::{data, property};
use std::io::{self, Write};

/// See the module.
pub(super) struct Github;

impl Format<DoctorReport<'_>> for Github {
    fn write(&self, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
        for refused in &report.refused {
            writeln!(out, "::error title=config-refused::{}", data(refused))?;
        }
        for jail in &report.jails {
            for blocker in &jail.blockers {
                let title = format!("{} {}", blocker.code, jail.name);
                let mut properties = vec![format!("title={}", property(&title))];
                if let Some(place) = &blocker.place {
                    let file = place.file.to_string_lossy();
                    properties.push(format!("file={}", property(&file)));
                    properties.push(format!("line={}", place.line));
                }
                let text = format!("{}: {}\n{}", jail.name, blocker.message, blocker.change);
                writeln!(out, "::error {}::{}", properties.join(","), data(&text))?;
            }
            for warning in &jail.warnings {
                let title = property(&format!("{} {}", warning.code, jail.name));
                let text = format!("{}: {}", jail.name, warning.message);
                writeln!(out, "::warning title={title}::{}", data(&text))?;
            }
        }
        let working = report.jails.iter().filter(|jail| jail.works()).count() as u64;
        let all = counted(report.jails.len() as u64, "jail", "jails");
        writeln!(out, "{} of {all} would ban", grouped(working))
    }
}
