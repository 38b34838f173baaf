//! The lines of the log are wrapped, and the filter is for the lines inside: `--unwrap`.

use super::{Change, Hint, Search, count, json_log, plausible};
use crate::input::unwrap::WrapKind;

/// Lines looked at to find out how a log is wrapped.
const LOOKED_AT: usize = 100;

/// The hint's code.
const CODE: &str = "wrapped";

/// The hint; where it is none, the log may be JSON for which no option helps.
pub(super) fn find(search: &mut Search) -> Option<Hint> {
    wrapped(search).or_else(|| json_log::find(search))
}

/// Where unwrapping helps, what helps fewer lines as they are is of no use.
pub(super) fn leave_out_lesser(hints: &mut Vec<Hint>) {
    let unwrapping = hints.iter().find(|hint| hint.code == CODE);
    if let Some(lines) = unwrapping.map(|hint| hint.lines) {
        hints.retain(|hint| hint.lines >= lines);
    }
}

fn wrapped(search: &mut Search) -> Option<Hint> {
    if search.evidence.is_unwrapped {
        return None;
    }
    let lines = &search.evidence.lines;
    let kind = lines
        .iter()
        .take(LOOKED_AT)
        .find_map(|line| WrapKind::of(&line.text))?;
    let records = lines
        .iter()
        .filter(|line| kind.record(&line.text).is_some());
    if 2 * records.count() < lines.len() {
        return None;
    }
    let change = Change::Unwrap(kind.to_string());
    let trial = search.attempt(change.clone())?;
    let gained = plausible::gain(search, &trial)?;
    let apply = search.alone(&[change], &trial);
    Some(Hint {
        code: CODE.into(),
        message: format!(
            "each line is wrapped ({}), the filter is for the line inside: with --unwrap={kind} {}; \
             fail2ban itself does not unwrap, and that report says how it sees the same",
            kind.title(),
            count(gained.len(), "line more matches", "lines more match")
        ),
        change: Some(format!("--unwrap={kind}")),
        apply: Some(apply),
        lines: gained.len() as u64,
        example: search.example(gained[0]),
    })
}
