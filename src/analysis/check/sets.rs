//! Every filter of a configuration with every option set its files know, compiled whole.

use super::discover::{self, DiscoverError, FilterFile};
use super::load::{self, Loaded, Options, Target};
use super::place::SourceFiles;
use super::raw::{self, RawFile};
use super::shared::{Depth, Detectors, Shared};
use crate::config::Loader;
use crate::date::Clock;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A filter with the option sets of it that can be run.
#[derive(Debug)]
pub(crate) struct FilterSets {
    /// Its name.
    pub(crate) name: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// Its option sets, that without options first.
    pub(crate) sets: Vec<LoadedSet>,
    /// Why others cannot be run: the first fault of each.
    pub(crate) faults: Vec<String>,
}

/// A filter with one of its option sets.
#[derive(Debug)]
pub(crate) struct LoadedSet {
    /// The options, in order.
    pub(crate) options: Options,
    /// The filter.
    pub(crate) loaded: Loaded,
}

impl LoadedSet {
    /// `name[options]`, as fail2ban writes it.
    pub(crate) fn label(&self, name: &str) -> String {
        load::label(name, &self.options)
    }
}

/// Loads every filter of a configuration directory, or of a directory of filters. `journal`: as
/// they read a journal. Files that only are there to be included are left out.
///
/// # Errors
///
/// Where the directory does not exist or holds no filter; faults of filters are told beside them.
pub(crate) fn load_all(
    directory: &Path,
    clock: &Clock,
    journal: bool,
) -> Result<Vec<FilterSets>, DiscoverError> {
    let targets = discover::discover(&[directory.to_path_buf()])?;
    let shared = Shared {
        detectors: Detectors::new(clock.clone()),
        known: Mutex::default(),
        include_dirs: Vec::new(),
    };
    let load = |target: &FilterFile| load_one(target, &shared, journal);
    let all: Vec<FilterSets> = targets.filters.par_iter().map(load).collect();
    let runs = |filter: &FilterSets| {
        let empty = |set: &LoadedSet| set.loaded.failregexes.is_empty();
        !filter.sets.is_empty() && !filter.sets.iter().all(empty)
    };
    Ok(all.into_iter().filter(runs).collect())
}

fn load_one(target: &FilterFile, shared: &Shared, journal: bool) -> FilterSets {
    let loader = Loader::default();
    let mut files = SourceFiles::default();
    let mut filter = FilterSets {
        name: target.name.clone(),
        path: target.path.clone(),
        sets: Vec::new(),
        faults: Vec::new(),
    };
    let mut add = |options: Options| {
        let mut findings = Vec::new();
        let mut given = options.clone();
        // as a jail with the systemd backend sets it (JailReader.getOptions)
        if journal && !given.iter().any(|(name, _)| name == "logtype") {
            given.push(("logtype".to_owned(), "journal".to_owned()));
        }
        let named = (target.name.as_str(), given.as_slice());
        let with = (Depth::Whole, shared);
        let target = Target::Filter(&target.path);
        let loaded = load::load(&loader, target, named, with, &mut files, &mut findings);
        let read = loaded.as_ref().map(|loaded| loaded.source.files.clone());
        match loaded.filter(|loaded| loaded.sound) {
            Some(loaded) => filter.sets.push(LoadedSet { options, loaded }),
            None => {
                let fault = findings.first().map(|finding| finding.message.clone());
                filter.faults.extend(fault);
            }
        }
        read
    };
    if let Some(read) = add(Options::new()) {
        let raw: Vec<RawFile> = read.iter().map(|file| RawFile::read(file)).collect();
        for options in raw::option_sets(&raw) {
            add(options);
        }
    }
    filter
}
