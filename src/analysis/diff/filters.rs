//! What differs between a filter and its new version: settings of every option set, and what
//! that does to lines.

use super::lines::Lines;
use super::settings::{Meaning, Settings};
use super::side::{FilterRead, Side};
use super::value::{Change, Edit, FilterDiff, FilterFault, Kind, SetLines, Version};
use crate::analysis::bench::{Candidate, Log, compare_each};
use crate::analysis::check::{FilterFile, Loaded, Options, Shared, label, sets};
use crate::input::LogError;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// What all comparisons of a run share.
#[derive(Debug)]
pub(crate) struct Comparer<'a> {
    pub(crate) old: &'a Side,
    pub(crate) new: &'a Side,
    pub(crate) lines: &'a Lines,
    pub(crate) shared: &'a Shared,
    /// Logs are a journal.
    pub(crate) journal: bool,
    /// Example lines kept of each kind.
    pub(crate) examples: usize,
}

/// An option set that differs.
struct ChangedSet<'a> {
    options: &'a Options,
    label: String,
    meanings: (Meaning, Meaning),
}

/// A filter that was compared.
#[derive(Debug)]
pub(crate) struct Compared {
    /// What differs; None if nothing does.
    pub(crate) diff: Option<FilterDiff>,
    /// Lines it was run on.
    pub(crate) lines: u64,
}

impl Comparer<'_> {
    /// Compares a filter with its new version.
    ///
    /// # Errors
    ///
    /// Its sample log cannot be read.
    pub(crate) fn compare(&self, old: &FilterRead, new: &FilterRead) -> Result<Compared, LogError> {
        let name = &new.target.name;
        let mut found = FilterDiff {
            name: name.clone(),
            renamed_from: (old.target.name != *name).then(|| old.target.name.clone()),
            old_file: self.old.file(&old.target.path),
            new_file: self.new.file(&new.target.path),
            option_sets: Vec::new(),
            option_sets_came: left_over(new, old),
            option_sets_went: left_over(old, new),
            changes: Vec::new(),
            faults: Vec::new(),
            lines: Vec::new(),
        };
        let mut merged = IndexMap::new();
        let mut changed = Vec::new();
        for (options, before) in &old.sets {
            let Some((_, after)) = new.sets.iter().find(|(o, _)| o == options) else {
                continue;
            };
            let label = label(name, options);
            found.option_sets.push(label.clone());
            match (before, after) {
                (Ok(before), Ok(after)) => {
                    let before = Settings::of(&before.settings);
                    let after = Settings::of(&after.settings);
                    let meanings = (before.meaning(), after.meaning());
                    if meanings.0 == meanings.1 {
                        continue;
                    }
                    let changes = Settings::changes((&before, self.old), (&after, self.new));
                    merge(&mut merged, changes, &label);
                    changed.push(ChangedSet {
                        options,
                        label,
                        meanings,
                    });
                }
                (Err(_), Err(_)) => {}
                (Ok(_), Err(fault)) => self.fault(&mut found, Version::New, fault, label),
                (Err(fault), Ok(_)) => self.fault(&mut found, Version::Old, fault, label),
            }
        }
        found.changes = merged.into_values().collect();
        let lines = self.on_lines(&mut found, (old, new), changed)?;
        let is_same = found.changes.is_empty() && found.faults.is_empty();
        let same_sets = found.option_sets_came.is_empty() && found.option_sets_went.is_empty();
        let differs = !is_same || !same_sets || found.renamed_from.is_some();
        Ok(Compared {
            diff: differs.then_some(found),
            lines,
        })
    }

    fn side(&self, version: Version) -> &Side {
        match version {
            Version::Old => self.old,
            Version::New => self.new,
        }
    }

    fn fault(&self, found: &mut FilterDiff, version: Version, message: &str, label: String) {
        let message = self.side(version).message(message);
        let known = found.faults.iter_mut();
        let mut known = known.filter(|fault| fault.version == version && fault.message == message);
        match known.next() {
            Some(fault) => fault.option_sets.push(label),
            None => found.faults.push(FilterFault {
                version,
                message,
                option_sets: vec![label],
            }),
        }
    }

    /// Compiles the option sets that differ, and runs them on the lines; how many those are.
    fn on_lines(
        &self,
        found: &mut FilterDiff,
        (old, new): (&FilterRead, &FilterRead),
        changed: Vec<ChangedSet>,
    ) -> Result<u64, LogError> {
        // option sets that are the same in both versions need one run
        let mut alike: IndexMap<(Meaning, Meaning), (&Options, Vec<String>)> = IndexMap::new();
        for set in changed {
            let labels = alike.entry(set.meanings);
            let labels = labels.or_insert_with(|| (set.options, Vec::new()));
            labels.1.push(set.label);
        }
        let own = match alike.is_empty() {
            true => None,
            false => self.lines.of(&new.target.name)?,
        };
        let own = match (&own, &found.renamed_from) {
            (None, Some(_)) => self.lines.of(&old.target.name)?,
            _ => own,
        };
        let log = match (&own, self.lines) {
            (Some(log), _) | (None, Lines::Logs { log, .. }) => Some(log),
            _ => None,
        };
        let mut before = Compiled::new(&old.target);
        let mut after = Compiled::new(&new.target);
        let mut pairs: Vec<((usize, usize), Vec<String>)> = Vec::new();
        for (meanings, (options, labels)) in alike {
            let one = before.option_set(meanings.0, options, self);
            let other = after.option_set(meanings.1, options, self);
            match (one, other) {
                (Ok(one), Ok(other)) => pairs.push(((one, other), labels)),
                (Err(_), Err(_)) => {}
                (Ok(_), Err(fault)) => {
                    for label in labels {
                        self.fault(found, Version::New, &fault, label);
                    }
                }
                (Err(fault), Ok(_)) => {
                    for label in labels {
                        self.fault(found, Version::Old, &fault, label);
                    }
                }
            }
        }
        let Some(log) = log.filter(|_| !pairs.is_empty()) else {
            return Ok(0);
        };
        self.run(
            (&before.loaded, &after.loaded),
            log,
            pairs,
            &mut found.lines,
        );
        Ok(log.lines.len() as u64)
    }

    /// Runs all that was compiled of both versions, each once, and compares the pairs of them.
    fn run(
        &self,
        (before, after): (&[Loaded], &[Loaded]),
        log: &Log,
        pairs: Vec<((usize, usize), Vec<String>)>,
        found: &mut Vec<SetLines>,
    ) {
        let candidate = |loaded| candidate(loaded, self.shared);
        let all: Vec<Candidate> = after.iter().chain(before).map(candidate).collect();
        let (places, labels): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .map(|((one, other), labels)| ((other, after.len() + one), labels))
            .unzip();
        let comparisons = compare_each(&all, &places, log, self.examples);
        for (comparison, labels) in comparisons.into_iter().zip(labels) {
            if comparison.unchanged {
                continue;
            }
            let alike = |set: &&mut SetLines| set.comparison.is_like(&comparison);
            match found.iter_mut().find(alike) {
                Some(set) => set.option_sets.extend(labels),
                None => found.push(SetLines {
                    option_sets: labels,
                    comparison,
                }),
            }
        }
    }
}

fn candidate<'a>(loaded: &'a Loaded, shared: &'a Shared) -> Candidate<'a> {
    Candidate {
        filter: &loaded.filter,
        detector: Some(&loaded.detector),
        clock: shared.clock(),
    }
}

/// Option sets of one version of a filter, compiled: those that mean the same once.
struct Compiled<'a> {
    target: &'a FilterFile,
    loaded: Vec<Loaded>,
    /// The place of each in `loaded`, or its fault.
    known: HashMap<Meaning, Result<usize, String>>,
}

impl Compiled<'_> {
    fn new(target: &FilterFile) -> Compiled<'_> {
        Compiled {
            target,
            loaded: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The place of an option set in `loaded`.
    fn option_set(
        &mut self,
        meaning: Meaning,
        options: &Options,
        comparer: &Comparer,
    ) -> Result<usize, String> {
        if let Some(known) = self.known.get(&meaning) {
            return known.clone();
        }
        let place = self.loaded.len();
        let compiled = sets::compile(self.target, options, comparer.journal, comparer.shared);
        let compiled = compiled.map(|mut loaded| {
            // nobody reads the lines of failures
            loaded.filter.options.keep_matches = false;
            self.loaded.push(loaded);
            place
        });
        self.known.insert(meaning, compiled.clone());
        compiled
    }
}

/// The option sets of a filter that its other version does not have.
fn left_over(of: &FilterRead, other: &FilterRead) -> Vec<String> {
    let known: HashSet<&Options> = other.sets.iter().map(|(options, _)| options).collect();
    let sets = of.sets.iter().map(|(options, _)| options);
    let sets = sets.filter(|options| !known.contains(options));
    sets.map(|options| label(&of.target.name, options))
        .collect()
}

/// What makes changes of several option sets one: the same lines of the files, changed alike. The
/// texts may differ by what an option puts in.
type Key = (
    &'static str,
    Kind,
    Option<String>,
    Option<String>,
    Option<Edit>,
);

/// Adds the changes of an option set to those known.
fn merge(merged: &mut IndexMap<Key, Change>, changes: Vec<Change>, label: &str) {
    for change in changes {
        let place = |written: &Option<super::value::Written>| {
            let written = written.as_ref()?;
            let place = written.file.as_ref().zip(written.line);
            let place = place.map(|(file, line)| format!("{file}:{line}"));
            Some(place.unwrap_or_else(|| written.text.clone()))
        };
        let edit = change.edit.clone().map(|edit| Edit { at: 0, ..edit });
        let places = (place(&change.old), place(&change.new));
        let key = (change.option, change.kind, places.0, places.1, edit);
        let known = merged.entry(key).or_insert(change);
        if known.option_sets.last().is_none_or(|last| last != label) {
            known.option_sets.push(label.to_owned());
        }
    }
}

/// Filters of both versions, and those of one only.
#[derive(Debug, Default)]
pub(crate) struct Paired {
    /// Old and new, by index.
    pub(crate) both: Vec<(usize, usize)>,
    /// In the new version only.
    pub(crate) came: Vec<usize>,
    /// In the old version only.
    pub(crate) went: Vec<usize>,
}

/// Finds for each filter its new version: that of the same name, or else of the same regexes.
pub(crate) fn paired(old: &[FilterRead], new: &[FilterRead]) -> Paired {
    let mut paired = Paired::default();
    let names: HashMap<&str, usize> = (old.iter().enumerate())
        .map(|(at, filter)| (filter.target.name.as_str(), at))
        .collect();
    for (at, filter) in new.iter().enumerate() {
        match names.get(filter.target.name.as_str()) {
            Some(&before) => paired.both.push((before, at)),
            None => paired.came.push(at),
        }
    }
    let known: HashSet<usize> = paired.both.iter().map(|(before, _)| *before).collect();
    paired.went = (0..old.len()).filter(|at| !known.contains(at)).collect();
    let regexes = |filter: &FilterRead| match filter.sets.first() {
        Some((_, Ok(source))) => {
            let settings = Settings::of(&source.settings);
            settings.has_failregex().then(|| settings.regexes())
        }
        _ => None,
    };
    let mut gone: HashMap<Meaning, usize> = HashMap::new();
    for &at in paired.went.iter().rev() {
        gone.extend(regexes(&old[at]).map(|meaning| (meaning, at)));
    }
    let mut renamed = Vec::new();
    paired.came.retain(|&at| {
        let before = regexes(&new[at]).and_then(|meaning| gone.remove(&meaning));
        renamed.extend(before.map(|before| (before, at)));
        before.is_none()
    });
    paired
        .went
        .retain(|at| !renamed.iter().any(|(before, _)| before == at));
    paired.both.extend(renamed);
    paired
}
