//! The settings of a filter as they are at last, and what differs between two of them: by meaning,
//! so that another spelling of the same is no change.

use super::edit;
use super::side::Side;
use super::value::{Change, Kind, Written};
use crate::analysis::bench::pairing;
use crate::config::{Origin, Setting, Sourced};
use crate::pattern::tags::{self, HostTag};
use std::collections::BTreeSet;

/// A text with what decides whether it is the same as another.
#[derive(Clone, Debug)]
struct Meant {
    text: String,
    origin: Option<Origin>,
    /// Equal texts mean the same.
    meaning: String,
}

/// The settings of a filter with one option set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    prefregex: Option<Meant>,
    failregex: Vec<Meant>,
    ignoreregex: Vec<Meant>,
    maxlines: Option<Meant>,
    datepattern: Option<Meant>,
    journalmatch: Option<Meant>,
}

/// All that decides about a filter, as text: equal ones behave the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Meaning(Vec<(&'static str, String)>);

impl Settings {
    /// Those in force: of what can be set once only, the last one is.
    pub(crate) fn of(settings: &[Setting]) -> Settings {
        let mut all = Settings::default();
        let mut matches: Vec<(&[String], &Option<Origin>)> = Vec::new();
        for setting in settings {
            match setting {
                Setting::Prefregex(value) => all.prefregex = given(value, regex_meaning),
                Setting::Failregex(value) => all.failregex.extend(given(value, regex_meaning)),
                Setting::Ignoreregex(value) => {
                    all.ignoreregex.extend(given(value, regex_meaning));
                }
                Setting::Maxlines(value) => all.maxlines = given(value, maxlines_meaning),
                Setting::Datepattern(value) => all.datepattern = given(value, lines_meaning),
                Setting::Journalmatch(words, origin) => matches.push((words, origin)),
                _ => {}
            }
        }
        all.journalmatch = journalmatch(&matches);
        all
    }

    /// Whether it can match anything.
    pub(crate) fn has_failregex(&self) -> bool {
        !self.failregex.is_empty()
    }

    /// What it means as a whole.
    pub(crate) fn meaning(&self) -> Meaning {
        let regexes = self.regexes();
        let once = self.once();
        let once = once.into_iter().filter_map(|(option, value)| {
            let value = value.filter(|value| !value.meaning.is_empty())?;
            Some((option, value.meaning.clone()))
        });
        Meaning(regexes.0.into_iter().chain(once).collect())
    }

    /// What its regexes mean: a filter of another name with the same ones is the same filter.
    pub(crate) fn regexes(&self) -> Meaning {
        let texts = |option, regexes: &[Meant]| -> Vec<(&'static str, String)> {
            let meanings = regexes.iter().map(|regex| regex.meaning.clone());
            meanings.map(|meaning| (option, meaning)).collect()
        };
        let pref = self.prefregex.as_slice();
        let all = [
            texts("prefregex", pref),
            texts("failregex", &self.failregex),
            texts("ignoreregex", &self.ignoreregex),
        ];
        Meaning(all.concat())
    }

    /// What can be set once, without the prefregex.
    fn once(&self) -> [(&'static str, Option<&Meant>); 3] {
        [
            ("datepattern", self.datepattern.as_ref()),
            ("journalmatch", self.journalmatch.as_ref()),
            ("maxlines", self.maxlines.as_ref()),
        ]
    }

    /// What differs; the option sets are the caller's to fill in.
    pub(crate) fn changes(old: (&Settings, &Side), new: (&Settings, &Side)) -> Vec<Change> {
        let pref = ("prefregex", old.0.prefregex.as_ref());
        let before = std::iter::once(pref).chain(old.0.once());
        let after = std::iter::once(new.0.prefregex.as_ref());
        let after = after.chain(new.0.once().into_iter().map(|(_, value)| value));
        let mut changes: Vec<Change> = before
            .zip(after)
            .filter_map(|((option, before), after)| {
                let meaning = |value: Option<&Meant>| value.map(|value| value.meaning.clone());
                if meaning(before).unwrap_or_default() == meaning(after).unwrap_or_default() {
                    return None;
                }
                let before = before.map(|value| value.written(None, old.1));
                let after = after.map(|value| value.written(None, new.1));
                Some(change(option, before, after))
            })
            .collect();
        let lists = [
            ("failregex", &old.0.failregex, &new.0.failregex),
            ("ignoreregex", &old.0.ignoreregex, &new.0.ignoreregex),
        ];
        for (option, before, after) in lists {
            changes.extend(list_changes(option, (before, old.1), (after, new.1)));
        }
        changes
    }
}

impl Meant {
    fn written(&self, number: Option<usize>, side: &Side) -> Written {
        let origin = self.origin.as_ref();
        Written {
            number,
            text: self.text.clone(),
            file: origin.map(|origin| side.file(&origin.file)),
            line: origin.map(|origin| origin.line),
        }
    }
}

fn given(value: &Sourced, meaning: fn(&str) -> String) -> Option<Meant> {
    (!value.text.is_empty()).then(|| Meant {
        text: value.text.clone(),
        origin: value.origin.clone(),
        meaning: meaning(&value.text),
    })
}

fn regex_meaning(text: &str) -> String {
    tags::resolve(text, HostTag::Any)
}

/// One line is what fail2ban has without it.
fn maxlines_meaning(text: &str) -> String {
    match text.trim().parse::<u64>() {
        Ok(1) => String::new(),
        Ok(lines) => lines.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// A pattern a line.
fn lines_meaning(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Matches are alternatives, and so are the parts between `+`; within a part, order is nothing.
fn journalmatch(lines: &[(&[String], &Option<Origin>)]) -> Option<Meant> {
    let parts = lines
        .iter()
        .flat_map(|(words, _)| words.split(|word| word == "+"));
    let parts = parts.map(|words| words.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let parts: BTreeSet<String> = parts
        .filter(|words| !words.is_empty())
        .map(|words| words.into_iter().collect::<Vec<_>>().join(" "))
        .collect();
    let text: Vec<String> = lines.iter().map(|(words, _)| words.join(" ")).collect();
    (!parts.is_empty()).then(|| Meant {
        text: text.join("\n"),
        origin: lines.first().and_then(|(_, origin)| (*origin).clone()),
        meaning: parts.into_iter().collect::<Vec<_>>().join(" + "),
    })
}

fn change(option: &'static str, old: Option<Written>, new: Option<Written>) -> Change {
    let kind = match (&old, &new) {
        (None, _) => Kind::Added,
        (_, None) => Kind::Removed,
        _ => Kind::Changed,
    };
    let both = old.as_ref().zip(new.as_ref());
    let edit = both.map(|(old, new)| edit::between(&old.text, &new.text));
    Change {
        option,
        kind,
        old,
        new,
        edit,
        option_sets: Vec::new(),
    }
}

/// What differs between two lists of regexes: they are paired as `bench --against` does.
fn list_changes(
    option: &'static str,
    (old, old_side): (&[Meant], &Side),
    (new, new_side): (&[Meant], &Side),
) -> Vec<Change> {
    fn texts(regexes: &[Meant]) -> Vec<&str> {
        let meanings = regexes.iter().map(|regex| regex.meaning.as_str());
        meanings.collect()
    }
    let (before, after) = (texts(old), texts(new));
    if before == after {
        return Vec::new();
    }
    let pairs = pairing::pair(&after, &before);
    // one that was edited has its place, too
    let places = pairs
        .iter()
        .filter_map(|pair| pair.against.zip(pair.filter));
    let moved = edit::out_of_order(&places.collect::<Vec<_>>());
    let written = |regexes: &[Meant], number: usize, side: &Side| {
        regexes[number - 1].written(Some(number), side)
    };
    let mut changes = Vec::new();
    for pair in pairs {
        let before = pair.against.map(|number| written(old, number, old_side));
        let after = pair.filter.map(|number| written(new, number, new_side));
        match pair.change {
            pairing::Change::Same => {
                if pair.filter.is_some_and(|number| moved.contains(&number)) {
                    changes.push(Change {
                        kind: Kind::Moved,
                        edit: None,
                        ..change(option, before, after)
                    });
                }
            }
            _ => changes.push(change(option, before, after)),
        }
    }
    changes
}
