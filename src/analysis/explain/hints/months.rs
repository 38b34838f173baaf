//! The month's name is not English: the log was written under another locale.
//!
//! fail2ban knows English names only, whatever the locale is.

use super::language::{LANGUAGES, Language};
use super::{Change, Hint, Search, count, dates, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if !search.now.searched {
        return None;
    }
    // the language that names the month of most lines
    let lines = &search.evidence.lines;
    let number = |language: &&'static Language| {
        lines
            .iter()
            .filter(|line| language.named(&line.text).is_some())
            .count()
    };
    let language = LANGUAGES.iter().rev().max_by_key(number)?;
    let first = lines
        .iter()
        .position(|line| language.named(&line.text).is_some())?;
    let named = language.named(&lines[first].text)?;
    let word = lines[first].text[named.start..named.end].to_string();
    let change = Change::Months(language);
    let trial = search.attempt(change.clone())?;
    // the date must now be the one that names the month, where it was none or another
    let helped = |at: usize| {
        let cut = trial.lines[at]
            .cut
            .filter(|_| trial.lines[at].time.is_some());
        let covers = cut.is_some_and(|(start, end)| {
            let named = language.named(&lines[at].text);
            named.is_some_and(|named| start <= named.start && named.start < end)
        });
        covers && !reads(&search.now.lines[at], language, &lines[at].text)
    };
    let helped = (0..lines.len()).filter(|&at| helped(at)).count();
    if helped == 0 {
        return of_no_template(search, language);
    }
    if trial.lost(&search.now) > 0 {
        return None;
    }
    let other = match search.now.lines[first].cut {
        Some((start, end)) => {
            let taken = lines[first].text.get(start..end).unwrap_or_default();
            format!("; `{taken}`, later in the line, is taken for the date")
        }
        None => String::new(),
    };
    let hint = Hint {
        code: "month-name".into(),
        message: format!(
            "month `{word}` is {}, fail2ban reads English only{other}: write the log with LC_ALL=C \
             (journalctl too), or with a numeric date; {} a date then",
            language.name,
            count(helped, "line has", "lines have")
        ),
        change: Some("LC_ALL=C".into()),
        apply: None,
        lines: helped as u64,
        example: search.example(first),
    };
    search.changes.push(change);
    search.now = trial;
    Some(hint)
}

/// The hint where no template would read the date in English either, but some datepattern would.
/// It is not proposed: what the daemon writes then is not known.
fn of_no_template(search: &mut Search, language: &'static Language) -> Option<Hint> {
    let lines = &search.evidence.lines;
    let is_foreign = |at: &usize| {
        let text = &lines[*at].text;
        let named = language.named(text);
        // `Nov.` is English, too
        search.now.lines[*at].time.is_none()
            && named.is_some_and(|named| {
                let word = &text[named.start..named.end];
                !(word.ends_with('.') && word.starts_with(char::is_uppercase))
            })
    };
    let foreign: Vec<usize> = (0..lines.len()).filter(is_foreign).collect();
    let &first = foreign.first()?;
    if 2 * foreign.len() < lines.len() {
        return None;
    }
    let english = language.in_english(&lines[first].text)?;
    let named = language.named(&lines[first].text)?;
    let word = lines[first].text[named.start..named.end].to_string();
    let patterns = dates::patterns_of(&english).into_iter();
    let mut patterns = patterns.map(|candidate| candidate.pattern);
    let pattern = patterns.find(|pattern| pattern.contains("%b"))?;
    let changes = [Change::Months(language), Change::Datepattern(pattern)];
    let trial = search.attempt_all(&changes)?;
    let is_dated = |at: &&usize| trial.lines[**at].time.is_some();
    let dated = foreign.iter().filter(is_dated).count();
    if 2 * dated < foreign.len()
        || !plausible::are_times(search, &trial)
        || !search.is_of_use(&trial)
    {
        return None;
    }
    Some(Hint {
        code: "month-name".into(),
        message: format!(
            "month `{word}` is {}, fail2ban reads English only: write the log with LC_ALL=C, or \
             with a numeric date",
            language.name
        ),
        change: Some("LC_ALL=C".into()),
        apply: None,
        lines: foreign.len() as u64,
        example: search.example(first),
    })
}

/// Whether the date read from a line is the one with the month's name.
fn reads(line: &super::trial::TrialLine, language: &Language, text: &str) -> bool {
    let named = language.named(text);
    let cut = line.cut.filter(|_| line.time.is_some());
    cut.zip(named)
        .is_some_and(|((start, end), named)| start <= named.start && named.start < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(name: &str, line: &str) -> Option<String> {
        LANGUAGES.iter().find(|l| l.name == name)?.in_english(line)
    }

    #[test]
    fn months_beside_a_day_are_put_in_english() {
        let text = english("German", "Dez 12 10:00:00 host Mai 3");
        assert_eq!(text.as_deref(), Some("Dec 12 10:00:00 host Mai 3"));
        let text = english("Polish", "sie 02 10:00:00 host");
        assert_eq!(text.as_deref(), Some("Aug 02 10:00:00 host"));
        let text = english("French", "[12/déc./2023:10:00:00]");
        assert_eq!(text.as_deref(), Some("[12/Dec/2023:10:00:00]"));
        assert_eq!(english("German", "Apr 12 Mai x"), None);
        assert_eq!(english("German", "Mai ist da"), None);
    }
}
