//! A line of a failregex that begins with `;`: to the reader of the file it is a comment. And the
//! other way about: text behind a `#` in a line, which is a part of the regex.

use super::super::change::{RegexChange, RegexOption};
use super::super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    for (place, text) in commented(search) {
        // `;` may be of the log, or what switched the line off
        let as_sign = format!("[;]{text}");
        for regex in [as_sign, text] {
            let changes = vec![Change::added(RegexOption::Failregex, &regex)];
            let Some(trial) = search.attempt_all(&changes) else {
                continue;
            };
            let Some(lines) = plausible::near_gain(search, &trial) else {
                continue;
            };
            return Some(search.propose(Proposal {
                code: "commented-out",
                message: format!(
                    "{place}: a line that begins with `;` is a comment; {} of {} missed match with \
                     `[;]` in its place",
                    count(lines.len(), "line", "lines"),
                    search.missed()
                ),
                change: Some(regex),
                changes,
                trial,
                lines,
            }));
        }
    }
    None
}

/// A comment behind a regex, which is asked for in the log.
pub(super) fn behind(search: &mut Search) -> Option<Hint> {
    let mut regexes = search.outer_regexes();
    if search.now.prefregex.is_some() {
        let more = search.now.regexes.iter().cloned();
        regexes.extend(more.map(|regex| (RegexOption::Failregex, regex)));
    }
    let commented = regexes.into_iter().filter_map(|(option, source)| {
        let (regex, comment) = cut(&source.text)?;
        let (regex, comment) = (regex.to_string(), comment.to_string());
        let change = RegexChange::new(option, &source, Some(regex.clone()));
        Some((Change::Regex(change), regex, comment))
    });
    let commented: Vec<(Change, String, String)> = commented.collect();
    let (_, regex, comment) = commented.first()?.clone();
    let changes: Vec<Change> = commented.into_iter().map(|(change, ..)| change).collect();
    let trial = search.attempt_all(&changes)?;
    let lines = plausible::near_gain(search, &trial)?;
    // the sign may be the log's
    if lines
        .iter()
        .any(|&at| search.evidence.lines[at].text.contains('#'))
    {
        return None;
    }
    Some(search.propose(Proposal {
        code: "comment-behind",
        message: format!(
            "`{comment}` is no comment there, but a part of the regex (a comment stands in a line \
             of its own): {} of {} missed match with `{regex}`",
            count(lines.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(regex),
        changes,
        trial,
        lines,
    }))
}

/// A regex and what may be a comment behind it.
fn cut(source: &str) -> Option<(&str, &str)> {
    let blank = [" #", "\t#"]
        .iter()
        .filter_map(|sign| source.find(sign))
        .min()?;
    let (regex, comment) = source.split_at(blank);
    let is_text = comment
        .trim_start()
        .trim_start_matches('#')
        .starts_with([' ', '\t']);
    let regex = regex.trim_end();
    let names = [
        "<HOST>",
        "<ADDR>",
        "</F-ID>",
        "<F-CONTENT>",
        "<IP4>",
        "<IP6>",
    ];
    let is_whole = is_text && names.iter().any(|tag| regex.contains(tag));
    is_whole.then(|| (regex, comment.trim()))
}

/// The lines behind a failregex that begin with `;` and name an address: where, and their text.
fn commented(search: &Search) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in &search.evidence.files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let mut inside = false;
        for (number, line) in text.lines().enumerate() {
            if let Some(commented) = line.strip_prefix(';') {
                let names = ["<HOST>", "<ADDR>", "<F-ID>"]
                    .iter()
                    .any(|tag| line.contains(tag));
                if inside && names {
                    let place = format!("{}:{}", file.display(), number + 1);
                    all.push((place, commented.replace("%%", "%")));
                }
            } else if !line.starts_with([' ', '\t']) {
                inside = line.starts_with("failregex");
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn comments_are_cut() {
        assert_eq!(cut("a <HOST>$ # b"), Some(("a <HOST>$", "# b")));
        assert_eq!(cut("a #1 <HOST>$"), None);
        assert_eq!(cut("a <HOST> #1"), None);
    }
}
