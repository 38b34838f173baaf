//! Text in commands to the runner of a GitHub workflow.

use super::text::printable;

/// What the runner would read as its own syntax, escaped.
pub(super) fn data(text: &str) -> String {
    // the runner shows colours, which are nobody's but an attacker's here
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines
        .join("\n")
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The same in a property.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
