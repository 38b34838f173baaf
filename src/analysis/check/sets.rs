//! Every filter of a configuration with every option set its files know, compiled whole.

use super::discover::{self, DiscoverError, FilterFile};
use super::load::{self, Loaded, Options, Target};
use super::place::SourceFiles;
use super::raw::{self, RawFile};
use super::shared::{Depth, Detectors, Shared};
use crate::config::{FilterSource, Loader, Resolution};
use crate::date::Clock;
use crate::engine::Filter;
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
    let shared = shared(clock);
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
        let with = (&loader, shared, &mut files);
        let (read, loaded) = load_set(target, &options, journal, with);
        match loaded {
            Ok(loaded) => filter.sets.push(LoadedSet { options, loaded }),
            Err(fault) => filter.faults.push(fault),
        }
        read
    };
    if let Some(read) = add(Options::new()) {
        for options in known_to(&read) {
            add(options);
        }
    }
    filter
}

/// The option sets that these files know.
fn known_to(files: &[PathBuf]) -> Vec<Options> {
    let raw: Vec<RawFile> = files.iter().map(|file| RawFile::read(file)).collect();
    raw::option_sets(&raw)
}

/// The options as a jail gives them to its filter.
fn given(options: &Options, journal: bool) -> Options {
    let mut given = options.clone();
    // as a jail with the systemd backend sets it (JailReader.getOptions)
    if journal && !given.iter().any(|(name, _)| name == "logtype") {
        given.push(("logtype".to_owned(), "journal".to_owned()));
    }
    given
}

/// A filter with an option set; the files read, and the filter or its first fault.
fn load_set(
    target: &FilterFile,
    options: &Options,
    journal: bool,
    (loader, shared, files): (&Loader, &Shared, &mut SourceFiles),
) -> (Option<Vec<PathBuf>>, Result<Loaded, String>) {
    let mut findings = Vec::new();
    let given = given(options, journal);
    let named = (target.name.as_str(), given.as_slice());
    let with = (Depth::Whole, shared);
    let target = Target::Filter(&target.path);
    let loaded = load::load(loader, target, named, with, files, &mut findings);
    let read = loaded.as_ref().map(|loaded| loaded.source.files.clone());
    let fault = || findings.first().map(|finding| finding.message.clone());
    let loaded = loaded.filter(|loaded| loaded.sound);
    (read, loaded.ok_or_else(|| fault().unwrap_or_default()))
}

/// A filter with every option set its files know, as they are read: nothing is compiled.
pub(crate) fn read(
    target: &FilterFile,
    journal: bool,
) -> Vec<(Options, Result<FilterSource, String>)> {
    let loader = Loader::default();
    let read = |options: &Options| {
        let read = loader.filter(&target.path, &given(options, journal));
        match read.map_err(|error| error.to_string())? {
            Resolution::Filter(source) => Ok(*source),
            Resolution::Literal => Err(format!("{}: no filter", target.path.display())),
        }
    };
    let plain = read(&Options::new());
    let known = plain.as_ref().map(|source| known_to(&source.files));
    let known = known.unwrap_or_default().into_iter();
    let others: Vec<_> = known
        .map(|options| {
            let source = read(&options);
            (options, source)
        })
        .collect();
    std::iter::once((Options::new(), plain))
        .chain(others)
        .collect()
}

/// Compiles a filter with one option set; the error is its first fault.
pub(crate) fn compile(
    target: &FilterFile,
    options: &Options,
    journal: bool,
    shared: &Shared,
) -> Result<Loaded, String> {
    let (loader, mut files) = (Loader::default(), SourceFiles::default());
    load_set(target, options, journal, (&loader, shared, &mut files)).1
}

/// What the filters of one run share.
pub(crate) fn shared(clock: &Clock) -> Shared {
    Shared {
        detectors: Detectors::new(clock.clone()),
        known: Mutex::default(),
        include_dirs: Vec::new(),
        // option sets have most of their regexes in common
        beside: Some(Filter::default()),
    }
}
