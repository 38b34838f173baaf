//! Reports of `f2b-regex diff`. What table, markdown and page say alike is put into words here;
//! the JSON report is the value itself.

pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod table;

use super::text::{counted, fit, grouped};
use crate::analysis::bench::comparison::Comparison;
use crate::analysis::diff::value::{
    Change, Diff, Edit, FilterDiff, JailsDiff, Kind, LocalFault, LocalKind, ValueChange, Version,
    Written,
};
use indexmap::IndexMap;

/// Names listed before the rest is counted.
const NAMES: usize = 6;

/// Columns shown before the part of a text that differs.
const BEFORE: usize = 24;

/// Something that differs.
#[derive(Debug)]
struct Entry {
    /// What.
    title: String,
    /// The old text, and the new one.
    texts: [Option<String>; 2],
}

impl Entry {
    fn plain(title: String) -> Entry {
        Entry {
            title,
            texts: [None, None],
        }
    }
}

/// What all filters come to, in a sentence.
fn summary(diff: &Diff) -> String {
    let mut text = format!(
        "{}: {} the same, {} changed",
        counted(diff.compared, "filter", "filters"),
        grouped(diff.unchanged),
        grouped(diff.filters.len() as u64),
    );
    for (names, what) in [(&diff.came, "came"), (&diff.went, "went")] {
        if !names.is_empty() {
            text += &format!(", {} {what}", grouped(names.len() as u64));
        }
    }
    text
}

/// Names, as many as there is room for.
fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES).map(String::as_str).collect();
    let rest = names.len().saturating_sub(NAMES);
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {} more", shown.join(", "), grouped(rest as u64)),
    }
}

/// In which option sets, where those are not all.
fn in_sets(filter: &FilterDiff, sets: &[String]) -> String {
    if sets.len() == filter.option_sets.len() {
        return String::new();
    }
    let short = |label: &String| {
        let options = label.strip_prefix(filter.name.as_str());
        match options.unwrap_or(label) {
            "" => "no options".to_owned(),
            options => options.trim_matches(['[', ']']).to_owned(),
        }
    };
    let sets: Vec<String> = sets.iter().map(short).collect();
    format!(" ({})", listed(&sets))
}

/// The part of a text around what differs in it, in `width` columns.
fn around(text: &str, edit: Option<&Edit>, width: usize) -> String {
    let text = text.replace('\n', " ⏎ ");
    let at = edit.map_or(0, |edit| edit.at);
    // the same breaks before it in both texts, each as long as here
    let before = text.char_indices().take_while(|(byte, _)| *byte < at);
    let before = before.count();
    if before <= BEFORE || crate::report::text::columns(&text) <= width {
        return fit(&text, width);
    }
    let rest: String = text.chars().skip(before - BEFORE).collect();
    fit(&format!("…{rest}"), width)
}

/// What is said of a filter beside its lines, texts in `width` columns.
fn entries(filter: &FilterDiff, width: usize) -> Vec<Entry> {
    let mut all = Vec::new();
    if let Some(old) = &filter.renamed_from {
        all.push(Entry::plain(format!("was called {old}")));
    }
    for (sets, what) in [
        (&filter.option_sets_came, "came"),
        (&filter.option_sets_went, "went"),
    ] {
        if !sets.is_empty() {
            all.push(Entry::plain(format!(
                "options that {what}: {}",
                listed(sets)
            )));
        }
    }
    for fault in &filter.faults {
        let version = match fault.version {
            Version::Old => "old",
            Version::New => "new",
        };
        let sets = in_sets(filter, &fault.option_sets);
        let message = &fault.message;
        all.push(Entry::plain(format!(
            "the {version} version cannot be run{sets}: {message}"
        )));
    }
    // regexes that were edited alike are told of once
    let mut alike: IndexMap<_, Vec<&Change>> = IndexMap::new();
    for (at, change) in filter.changes.iter().enumerate() {
        let edit = change.edit.as_ref().map(|edit| (&edit.old, &edit.new));
        let alone = edit.is_none().then_some(at);
        let key = (change.option, edit, alone, &change.option_sets);
        alike.entry(key).or_default().push(change);
    }
    all.extend(alike.values().map(|alike| entry(filter, alike, width)));
    all
}

/// A change, or several regexes that were edited alike.
fn entry(filter: &FilterDiff, alike: &[&Change], width: usize) -> Entry {
    let change = alike[0];
    let sets = in_sets(filter, &change.option_sets);
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    let number = |written: Option<&Written>| written.and_then(|written| written.number);
    let numbered = |number: Option<usize>| number.map_or_else(String::new, |n| format!(" {n}"));
    let what = match change.kind {
        Kind::Added => format!("{}{} added", change.option, numbered(number(new))),
        Kind::Removed => format!("{}{} removed", change.option, numbered(number(old))),
        Kind::Moved => {
            let (from, to) = (numbered(number(old)), numbered(number(new)));
            format!("{}{from} moved, is{to} now", change.option)
        }
        Kind::Changed if alike.len() > 1 => {
            format!("{} {}es changed alike", alike.len(), change.option)
        }
        Kind::Changed => format!("{}{} changed", change.option, numbered(number(new))),
    };
    let place = new.or(old).and_then(|written| {
        let (file, line) = written.file.as_ref().zip(written.line)?;
        Some(format!(", {file}:{line}"))
    });
    let edit = change.edit.as_ref();
    let text = |written: Option<&Written>| written.map(|w| around(&w.text, edit, width));
    Entry {
        title: format!("{what}{}{sets}", place.unwrap_or_default()),
        texts: match change.kind {
            Kind::Moved => [None, None],
            _ => [text(old), text(new)],
        },
    }
}

/// What differs on lines, in a sentence.
pub(super) fn counts(found: &Comparison) -> String {
    let addresses = &found.addresses;
    let counts = [
        (found.lost.count, "lost"),
        (found.gained.count, "gained"),
        (found.ignored.count, "ignored by one only"),
        (found.moved.count, "matched by another failregex"),
        (found.captures.count, "with other groups"),
        (found.times.count, "at another time"),
        (found.unanswered, "without answer"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = counts
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    for (list, what) in [(&addresses.lost, "lost"), (&addresses.gained, "gained")] {
        if !list.is_empty() {
            let count = counted(list.len() as u64, "address", "addresses");
            parts.push(format!("{count} {what}"));
        }
    }
    format!(
        "of {}: {}",
        counted(found.lines, "line", "lines"),
        parts.join(", ")
    )
}

/// What is said of the jails, texts in `width` columns.
fn jail_entries(jails: &JailsDiff, width: usize) -> Vec<Entry> {
    let mut all = Vec::new();
    for (names, what) in [
        (&jails.came, "jails that came"),
        (&jails.went, "jails that went"),
        (&jails.actions_came, "actions that came"),
        (&jails.actions_went, "actions that went"),
    ] {
        if !names.is_empty() {
            all.push(Entry::plain(format!("{what}: {}", names.join(", "))));
        }
    }
    all.extend(
        jails
            .values
            .iter()
            .map(|change| value(change, jails, width)),
    );
    all
}

fn value(change: &ValueChange, jails: &JailsDiff, width: usize) -> Entry {
    let of = match change.jails.len() as u64 {
        all if all == jails.compared && all > NAMES as u64 => "all jails".to_owned(),
        _ => listed(&change.jails),
    };
    let place = change.new_place.as_ref().or(change.old_place.as_ref());
    let place = place.map_or_else(String::new, |place| format!(", {place}"));
    let edit = change.edit.as_ref();
    let text = |text: &Option<String>| text.as_ref().map(|text| around(text, edit, width));
    Entry {
        title: format!("{}{place} ({of})", change.option),
        texts: [text(&change.old), text(&change.new)],
    }
}

/// What is wrong with a `.local` file, in a sentence.
fn local(fault: &LocalFault) -> String {
    let LocalFault {
        file, line, option, ..
    } = fault;
    let what = match fault.kind {
        LocalKind::NoConf => format!("there is no filter {option} any more"),
        LocalKind::OptionGone => format!("{option} takes no part any more"),
        LocalKind::JailGone => format!("there is no jail {option} any more, and no filter for it"),
        LocalKind::ReferenceGone => {
            let reference = fault.reference.as_deref().unwrap_or_default();
            format!("{option} refers to {reference}, which is gone")
        }
    };
    format!("{file}:{line}: {what}")
}
