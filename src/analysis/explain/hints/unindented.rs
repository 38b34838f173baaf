//! A further failregex that begins at the margin: Python's `ConfigParser` takes the line for an
//! option of its own, with a name up to the first `:` or `=`, and nothing reads that.

use super::change::RegexOption;
use super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let files = search.evidence.files.iter();
    let texts: Vec<String> = files
        .map(|file| std::fs::read_to_string(file).unwrap_or_default())
        .collect();
    for regex in texts.iter().flat_map(|text| at_margin(text)) {
        let change = Change::added(RegexOption::Failregex, &regex.replace("%%", "%"));
        let Some(trial) = search.attempt_all(std::slice::from_ref(&change)) else {
            continue;
        };
        let Some(lines) = plausible::near_gain(search, &trial).filter(|lines| !lines.is_empty())
        else {
            continue;
        };
        let matches = count(lines.len(), "line matches", "lines match");
        return Some(search.propose(Proposal {
            code: "regex-not-indented",
            message: format!(
                "the line `{regex}` begins at the margin, so it is an option that nothing reads; indented it belongs to the failregex above it, and {matches} by it"
            ),
            change: Some(format!("    {regex}")),
            changes: vec![change],
            trial,
            lines,
        }));
    }
    None
}

/// The lines at the margin below a failregex that read as further ones: options whose text names
/// an address.
fn at_margin(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut below = false;
    for line in text.lines() {
        let is_blank = line.trim().is_empty();
        if is_blank || line.starts_with(|c: char| c.is_whitespace() || c == '#' || c == ';') {
            continue;
        }
        let name = line.split([':', '=']).next().unwrap_or_default().trim_end();
        if name == RegexOption::Failregex.name() {
            below = true;
        } else if below && is_regex(name, line) {
            found.push(line.trim_end());
        } else {
            below = false;
        }
    }
    found
}

fn is_regex(name: &str, line: &str) -> bool {
    const TAGS: [&str; 7] = [
        "<HOST>", "<ADDR>", "<IP4>", "<IP6>", "<SUBNET>", "<DNS>", "<F-ID>",
    ];
    let is_option = line.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end();
        name.ends_with("regex") || name.starts_with('_')
    });
    let is_section = name.starts_with('[') && name.ends_with(']');
    !is_option && !is_section && !line.contains("%(") && TAGS.iter().any(|tag| line.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_at_the_margin_below_a_failregex() {
        let text = "[Definition]\nfailregex = ^a: <HOST>$\n  ^b: <HOST>$\nc: refused <HOST>$\n\n# d: <HOST>\n^e x=<ADDR>$\nignoreregex = f: <HOST>\ng: <HOST>\n";
        assert_eq!(at_margin(text), ["c: refused <HOST>$", "^e x=<ADDR>$"]);
        assert!(at_margin("failregex = <HOST>\n_x = ^<HOST>\nh: <HOST>\n").is_empty());
    }
}
