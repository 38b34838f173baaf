//! Lines word for word.

use crate::analysis::run::RunReport;
use crate::report::run::Show;
use crate::report::text::{Screen, grouped, printable};
use std::io::{self, Write};

/// Missed and ignored lines shown where not all are asked for.
pub(crate) const SHOWN_LINES: usize = 5;

/// Writes the lines that were kept, of each kind.
pub(super) fn write<A>(
    out: &mut dyn Write,
    run: &RunReport<A>,
    show: &Show,
    screen: Screen,
) -> io::Result<()> {
    let (kept, lines) = (&run.samples, &run.lines);
    let kinds = [
        ("Matched", &kept.matched, lines.matched, show.all_matched),
        ("Ignored", &kept.ignored, lines.ignored, show.all_ignored),
        ("Missed", &kept.missed, lines.missed, show.all_missed),
    ];
    for (title, kept, count, all) in kinds {
        let most = if all { kept.len() } else { SHOWN_LINES };
        let shown = &kept[..kept.len().min(most)];
        if shown.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", screen.heading(&format!("{title} lines")))?;
        for line in shown {
            writeln!(out, "   {}", printable(line))?;
        }
        let rest = u64::try_from(count).unwrap_or(0);
        let rest = rest.saturating_sub(shown.len() as u64);
        if !all && rest > 0 {
            let (rest, option) = (grouped(rest), title.to_lowercase());
            writeln!(out, "   … {rest} more (--print-all-{option})")?;
        }
    }
    Ok(())
}
