//! Whether a draft is what it shall be: every line matches with its address, no good line does,
//! and `check` has nothing to say.

use super::attacks::Attack;
use super::text;
use super::{Against, DraftRegex, Given, Material};
use crate::analysis::check::{self, Request, Severity};
use crate::config::{Loader, Resolution};
use crate::date::{Clock, DateDetector};
use crate::engine::builder::{self, FilterBuilder};
use crate::engine::{Filter, FilterOptions, LineOutcome, Session};
use crate::pattern::Scratch;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Lines told of those against a draft.
const TOLD: usize = 5;

/// The files of a draft where `check` finds them, below a directory.
fn written(material: &Material, regexes: &[DraftRegex]) -> Result<(TempDir, PathBuf), String> {
    let place = tempfile::tempdir().map_err(|error| format!("a temporary directory: {error}"))?;
    let directory = place.path().join("filter.d");
    let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
    std::fs::create_dir(&directory).map_err(failed)?;
    if let Some(common) = &material.common {
        std::fs::write(directory.join("common.conf"), common).map_err(failed)?;
    }
    let path = directory.join(format!("{}.conf", material.filter.name));
    std::fs::write(&path, text::conf(&material.filter, regexes)).map_err(failed)?;
    Ok((place, path))
}

/// A draft that is tried before it is held to all it promises.
pub(super) struct Trial<'a> {
    filter: Filter,
    detector: DateDetector,
    clock: &'a Clock,
}

impl<'a> Trial<'a> {
    /// The filter of some regexes; None where it cannot be loaded, which [`verify`] tells.
    pub(super) fn new(
        material: &Material<'a>,
        regexes: &[DraftRegex],
    ) -> Result<Option<Trial<'a>>, String> {
        let (_place, path) = written(material, regexes)?;
        let loaded = load(&path, material.clock).ok();
        Ok(loaded.map(|(filter, detector)| Trial {
            filter,
            detector,
            clock: material.clock,
        }))
    }

    /// The clusters of which an attack gives another's address, each with the first of them.
    pub(super) fn attacked<'t>(&self, attacks: &'t [Attack]) -> BTreeMap<usize, &'t Attack> {
        let mut scratch = Scratch::default();
        let mut session = Session::new(&self.filter, self.clock, Some(self.detector.clone()));
        let mut all = BTreeMap::new();
        for attack in attacks {
            if !all.contains_key(&attack.cluster)
                && attack.succeeds(&session.line(&attack.text, &mut scratch))
            {
                all.insert(attack.cluster, attack);
            }
        }
        all
    }

    /// By failregex, the one that is kept for its lines: itself, or one that matches all of them.
    pub(super) fn needed(
        &self,
        material: &Material,
        regexes: &[DraftRegex],
        clusters: &[Vec<usize>],
    ) -> Vec<usize> {
        let mut scratch = Scratch::default();
        let mut session = Session::new(&self.filter, self.clock, Some(self.detector.clone()));
        let mut takes: Vec<Option<BTreeSet<usize>>> = vec![None; regexes.len()];
        for (at, regex) in regexes.iter().enumerate() {
            for &line in regex
                .clusters
                .iter()
                .flat_map(|&cluster| &clusters[cluster])
            {
                let outcome = session.line(&material.lines[line].text, &mut scratch);
                let by: BTreeSet<usize> = outcome.failures().map(|found| found.regex).collect();
                takes[at] = Some(match takes[at].take() {
                    Some(known) => known.intersection(&by).copied().collect(),
                    None => by,
                });
            }
        }
        let mut kept: Vec<usize> = (0..regexes.len()).collect();
        // those of few lines go first, of equal ones the later
        let mut order = kept.clone();
        order.sort_by_key(|&at| (regexes[at].lines, std::cmp::Reverse(at)));
        for at in order {
            let others = takes[at].iter().flatten();
            let best = others
                .filter(|&&other| other != at && kept[other] == other)
                .max_by_key(|&&other| (regexes[other].lines, std::cmp::Reverse(other)));
            if let Some(&best) = best {
                // what takes the lines of both must take those of this one, too
                let common = takes[at].clone().unwrap_or_default();
                if let Some(known) = takes[best].as_mut() {
                    known.retain(|regex| *regex == best || common.contains(regex));
                }
                kept[at] = best;
                for known in kept.iter_mut().filter(|known| **known == at) {
                    *known = best;
                }
            }
        }
        kept
    }
}

/// What stands against a draft; empty where it is good. Errors: why it could not be tried.
pub(super) fn verify(
    material: &Material,
    regexes: &[DraftRegex],
    samples: &str,
) -> Result<Vec<Against>, String> {
    let (_place, path) = written(material, regexes)?;
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::write(path.with_extension("yaml"), samples).map_err(failed)?;
    let mut against = Vec::new();
    let (filter, detector) = match load(&path, material.clock) {
        Ok(loaded) => loaded,
        Err(why) => {
            let line = regexes
                .first()
                .map_or(String::new(), |regex| regex.example.clone());
            against.push(Against {
                number: 0,
                line,
                why: why.replace(&format!("{}:", path.display()), "the filter, line "),
            });
            return Ok(against);
        }
    };
    run(material, (&filter, &detector), &mut against);
    if against.is_empty() {
        check(&path, &mut against)?;
    }
    Ok(against)
}

/// The filter of a file.
fn load(path: &Path, clock: &Clock) -> Result<(Filter, DateDetector), String> {
    let read = Loader::default().filter(path, &[]);
    let Resolution::Filter(source) = read.map_err(|error| error.to_string())? else {
        return Err(format!("{}: it is no filter", path.display()));
    };
    let mut building = FilterBuilder::new(FilterOptions::default(), clock);
    for setting in builder::in_order(&source.settings) {
        building.apply(setting).map_err(|error| error.to_string())?;
    }
    let built = building.finish();
    Ok((built.filter, built.detector))
}

/// Whether a line is matched as it shall be; or what is wrong.
pub(super) fn fault(outcome: &LineOutcome, address: &str) -> Option<String> {
    let mut ids = outcome.failures().filter_map(|found| found.id.as_ref());
    let Some(id) = ids.next().filter(|_| !outcome.is_ignored()) else {
        return Some("it is not matched".to_owned());
    };
    let others = ids.find(|other| other.text != id.text);
    if let Some(other) = others {
        return Some(format!(
            "both {} and {} are found in it",
            id.text, other.text
        ));
    }
    let same = check::same_address(id, address);
    (!same).then(|| format!("the address found is {}, not {address}", id.text))
}

fn run(
    material: &Material,
    (filter, detector): (&Filter, &DateDetector),
    against: &mut Vec<Against>,
) {
    let mut scratch = Scratch::default();
    let mut session = Session::new(filter, material.clock, Some(detector.clone()));
    let lines = material.lines.iter().zip(&material.addresses);
    for (line, address) in lines {
        let outcome = session.line(&line.text, &mut scratch);
        if let Some(why) = fault(&outcome, address) {
            tell(against, line, why);
        }
    }
    let mut session = Session::new(filter, material.clock, Some(detector.clone()));
    for line in material.good {
        let outcome = session.line(&line.text, &mut scratch);
        if outcome.failures().next().is_some() {
            tell(against, line, "it must not match, and does".to_owned());
        }
    }
}

fn tell(against: &mut Vec<Against>, line: &Given, why: String) {
    if against.len() < TOLD {
        against.push(Against {
            number: line.number,
            line: line.text.clone(),
            why,
        });
    }
}

/// What `f2b-regex check` finds wrong with the filter and its samples.
fn check(path: &Path, against: &mut Vec<Against>) -> Result<(), String> {
    let request = Request::new(vec![path.to_path_buf()]);
    let report = check::run(&request, &|_, _| {}).map_err(|error| error.to_string())?;
    let found = report
        .findings()
        .filter(|finding| matches!(finding.severity, Severity::Error | Severity::Warning));
    for finding in found.take(TOLD) {
        let excerpt = finding.excerpts.first();
        against.push(Against {
            number: 0,
            line: excerpt.map_or(String::new(), |excerpt| excerpt.text.clone()),
            why: format!("{}: {}", finding.code, finding.message),
        });
    }
    Ok(())
}
