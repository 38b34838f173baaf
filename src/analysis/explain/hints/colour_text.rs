//! Colours stand in the lines as text: a syslog daemon writes ESC as `#033`, others write `\x1b` or
//! `^[`. `--strip-ansi` leaves such ones: the regex must let them stand.

use super::address::{ADDRESS_TAGS, addresses};
use super::change::{RegexChange, RegexOption};
use super::prefix::escaped;
use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count, plausible, words};
use crate::config::Sourced;

/// How ESC and the bracket are written.
const FORMS: [&str; 7] = [
    "#033[", r"\x1b[", r"\x1B[", r"\u001b[", r"\u001B[", r"\033[", "^[[",
];

/// Lines of one regex that are looked at.
const LINES: usize = 3;

/// A line without the colours, and where they stood in it.
struct Plain {
    text: String,
    places: Vec<usize>,
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.evidence.lines;
    let number = |form: &&str| {
        lines
            .iter()
            .filter(|line| line.text.contains(*form))
            .count()
    };
    let form = FORMS.into_iter().max_by_key(number)?;
    let number = number(&form);
    if number == 0 || search.now.prefregex.is_some() {
        return None;
    }
    let mut changes = Vec::new();
    for source in search.now.regexes.clone() {
        if let Some(to) = edited(search, &source, form) {
            let change = RegexChange::new(RegexOption::Failregex, &source, Some(to));
            changes.push(Change::Regex(change));
        }
    }
    let Some(Change::Regex(RegexChange {
        to: Some(regex), ..
    })) = changes.first()
    else {
        return None;
    };
    let regex = regex.clone();
    let trial = search.attempt_all(&changes)?;
    let gained = gain(search, &trial, form)?;
    Some(search.propose(Proposal {
        code: "colours-as-text",
        message: format!(
            "{} colours as text (`{form}…m`): {} with `{regex}`, which lets them stand; better, \
             switch colours off where the log is written",
            count(number, "line carries", "lines carry"),
            count(gained.len(), "line matches", "lines match"),
        ),
        change: Some(regex),
        changes,
        trial,
        lines: gained,
    }))
}

/// The lines that match then, if they are right. The addresses are whole without the colours, which
/// end with a letter.
fn gain(search: &Search, trial: &Trial, form: &str) -> Option<Vec<usize>> {
    let gained = trial.gained(&search.now);
    let is_right = |&at: &usize| {
        let text = plain(&search.evidence.lines[at].text, form).text;
        plausible::has_right_ids(&text, &trial.lines[at]) && !words::tells_success(&text)
    };
    let holds = !gained.is_empty()
        && trial.lost(&search.now) == 0
        && gained.iter().all(is_right)
        && plausible::keeps_ids(search, trial);
    holds.then_some(gained)
}

/// The regex that lets colours stand where the lines have them, if it matches these without them.
fn edited(search: &mut Search, source: &Sourced, form: &str) -> Option<String> {
    let regex = search.evidence.filter.compile(&source.text).ok()?;
    let mut looked_at = 0;
    for at in 0..search.now.lines.len() {
        let line = &search.now.lines[at];
        if line.counts || !line.text.contains(form) {
            continue;
        }
        let plain = plain(&line.text, form);
        let text = format!("{}\n", plain.text);
        if !regex.is_match(&text, &mut search.scratch).unwrap_or(false) {
            continue;
        }
        if let Some(edited) = with_colours(&source.text, &plain, form) {
            return Some(edited);
        }
        looked_at += 1;
        if looked_at == LINES {
            break;
        }
    }
    None
}

fn plain(line: &str, form: &str) -> Plain {
    let mut plain = Plain {
        text: String::new(),
        places: Vec::new(),
    };
    let mut rest = line;
    while let Some(at) = rest.find(form) {
        let parameters = &rest[at + form.len()..];
        let letter = parameters.find(|c: char| !(c.is_ascii_digit() || c == ';'));
        let is_code = letter.is_some_and(|end| parameters[end..].starts_with(['m', 'K']));
        let end = at + form.len() + letter.filter(|_| is_code).map_or(0, |end| end + 1);
        if is_code {
            plain.text.push_str(&rest[..at]);
            plain.places.push(plain.text.len());
        } else {
            plain.text.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    plain.text.push_str(rest);
    plain
}

/// The regex with a piece for the colours at each place that can be found in it.
fn with_colours(source: &str, plain: &Plain, form: &str) -> Option<String> {
    let mut places: Vec<usize> = (plain.places.iter())
        .filter_map(|&at| place_in(source, &plain.text, at))
        .collect();
    places.sort_unstable();
    places.dedup();
    if places.is_empty() {
        return None;
    }
    let piece = format!(r"(?:{}[\d;]*m)*", escaped(form));
    let mut regex = source.to_string();
    for at in places.into_iter().rev() {
        regex.insert_str(at, &piece);
    }
    Some(regex)
}

/// Where in a regex a place of the text is: before or behind the word or the address next to it.
fn place_in(source: &str, text: &str, at: usize) -> Option<usize> {
    let (before, behind) = text.split_at(at);
    let tag = ADDRESS_TAGS
        .into_iter()
        .find_map(|tag| Some((source.find(tag)?, tag.len())));
    let seen = addresses(text);
    if let Some((start, length)) = tag {
        if seen.iter().any(|seen| seen.start == at) {
            return Some(start);
        }
        if seen.iter().any(|seen| seen.end == at) {
            return Some(start + length);
        }
    }
    let is_part = |c: char| c.is_alphanumeric();
    let first = &behind[..behind.len() - behind.trim_start_matches(is_part).len()];
    let last = &before[before.trim_end_matches(is_part).len()..];
    let is_word = |start: usize, word: &str| {
        let escaped = source[..start].ends_with('\\');
        !escaped
            && !source[..start].ends_with(is_part)
            && !source[start + word.len()..].starts_with(is_part)
    };
    let find = |word: &str| {
        let mut all = source.match_indices(word).map(|(start, _)| start);
        all.find(|&start| !word.is_empty() && is_word(start, word))
    };
    find(first).or_else(|| find(last).map(|start| start + last.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_let_stand_where_the_text_has_them() {
        let edited = |source: &str, line: &str, form: &str| {
            with_colours(source, &plain(line, form), form).unwrap_or_default()
        };
        assert_eq!(
            edited(
                "^ WARN door: by <HOST>$",
                " #033[31mWARN#033[0m door: by #033[1m192.0.2.5#033[0m",
                "#033["
            ),
            r"^ (?:#033\[[\d;]*m)*WARN(?:#033\[[\d;]*m)* door: by (?:#033\[[\d;]*m)*<HOST>(?:#033\[[\d;]*m)*$"
        );
        assert_eq!(plain("a#033[x", "#033[").text, "a#033[x");
        assert_eq!(
            edited(r"\S+ by <HOST>$", "#033[1mann#033[0m by x", "#033["),
            ""
        );
    }
}
