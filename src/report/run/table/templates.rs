//! Date templates and the dates they found.

use crate::analysis::run::{TemplateCounts, TemplateRow};
use crate::report::columns::{new_table, print, right_align};
use crate::report::text::{Screen, fit, grouped, printable};
use comfy_table::{ContentArrangement, Table};
use std::io::{self, Write};

/// Writes those that found dates.
pub(super) fn write(
    out: &mut dyn Write,
    templates: &[TemplateCounts],
    screen: Screen,
) -> io::Result<()> {
    writeln!(out, "\n{}", screen.heading("Date templates"))?;
    if templates.is_empty() {
        return writeln!(out, "   none found a date");
    }
    let room = screen.width.saturating_sub(14).max(20);
    let mut table = header(screen);
    for template in templates {
        table.add_row([grouped(template.hits), fit(&template.name, room)]);
    }
    right_align(&mut table, &[0]);
    print(out, &table)
}

/// Writes all, in the order they are tried, with `details` what they are.
pub(super) fn write_all(
    out: &mut dyn Write,
    templates: &[TemplateRow],
    details: bool,
    screen: Screen,
) -> io::Result<()> {
    writeln!(out, "\n{}", screen.heading("Date templates"))?;
    let mut table = header(screen);
    for template in templates {
        let counts = &template.counts;
        let name = printable(&counts.name).into_owned();
        table.add_row([grouped(counts.hits), name]);
        if !details {
            continue;
        }
        let (weight, base) = (template.weight, template.base_weight);
        let mut detail = |text: String| {
            table.add_row([String::new(), text]);
        };
        detail(format!("weight {weight:.3} ({base:.3})"));
        if let Some(pattern) = &counts.pattern {
            detail(format!("pattern {}", printable(pattern)));
        }
        detail(format!("regex {}", printable(&template.regex)));
    }
    right_align(&mut table, &[0]);
    print(out, &table)
}

fn header(screen: Screen) -> Table {
    let mut table = new_table(screen, ContentArrangement::Disabled);
    table.set_header(["Hits", "Template"]);
    table
}
