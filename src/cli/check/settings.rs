//! What a check is to do: the command line, else `f2b-regex.toml`, else what is usual; each with
//! where it comes from, for `--show-settings`.

use super::super::options::instant;
use super::args::CheckArgs;
use super::project::{Keys, Project};
use super::watch::Places;
use crate::analysis::check::code_words;
use crate::analysis::check::selection::{PerFile, Selection};
use crate::analysis::check::{self, Baseline, Options, Request, shown};
use crate::config::include_dirs;
use crate::date::{Clock, TimeZone};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    CommandLine,
    File,
    Default,
}

/// A setting and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Setting<T> {
    pub(super) value: T,
    pub(super) from: From,
}

impl<T> Setting<T> {
    /// The first that is there.
    fn of(given: Option<T>, file: Option<T>, usual: T) -> Setting<T> {
        let (value, from) = match (given, file) {
            (Some(value), _) => (value, From::CommandLine),
            (None, Some(value)) => (value, From::File),
            (None, None) => (usual, From::Default),
        };
        Setting { value, from }
    }
}

/// All settings that count.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) project: Option<Project>,
    pub(super) paths: Setting<Vec<PathBuf>>,
    pub(super) include_dirs: Setting<Vec<PathBuf>>,
    pub(super) samples: Setting<Vec<PathBuf>>,
    pub(super) now: Setting<String>,
    pub(super) timezone: Setting<String>,
    pub(super) coverage_min: Setting<Option<f64>>,
    pub(super) strict: Setting<bool>,
    pub(super) baseline: Setting<Option<PathBuf>>,
    pub(super) select: Setting<Vec<String>>,
    pub(super) ignore: Setting<Vec<String>>,
    pub(super) per_file: Vec<PerFile>,
    pub(super) option_sets: BTreeMap<String, Vec<Options>>,
}

impl Settings {
    /// The settings of a call.
    ///
    /// # Errors
    ///
    /// What is wrong with an option or in the file, and where.
    pub(super) fn new(args: &CheckArgs) -> Result<Settings, String> {
        // what standard input stands for need not be there yet
        let stands_for = super::stdin::filename(args)?;
        let beside = stands_for.map(|file| match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => vec![parent.to_path_buf()],
            _ => vec![PathBuf::from(".")],
        });
        let given = stands_for.map_or_else(|| args.paths.clone(), |file| vec![file.to_path_buf()]);
        let project = match &args.settings {
            Some(file) => Some(Project::read(file)?),
            None if args.isolated => None,
            None => Project::find(beside.as_ref().unwrap_or(&args.paths))?,
        };
        let empty = Keys::default();
        let keys = project.as_ref().map_or(&empty, |project| &project.keys);
        let below = |path: &PathBuf| match &project {
            Some(project) => shown(&project.directory().join(path)).to_path_buf(),
            None => path.clone(),
        };
        let all_below = |paths: &Option<Vec<PathBuf>>| -> Option<Vec<PathBuf>> {
            paths
                .as_ref()
                .map(|paths| paths.iter().map(below).collect())
        };
        let directory = project.as_ref().map(Project::directory);
        let usual = directory.map(|directory| vec![named(shown(directory))]);
        let paths = Setting::of(
            some(&given),
            all_below(&keys.paths),
            usual.unwrap_or_default(),
        );
        let start = beside.as_ref().unwrap_or(&paths.value);
        let start = start.first().cloned().unwrap_or_default();
        let file_dir = keys.config.as_ref().map(below);
        let given_dir = |dir: &Path| include_dirs(Some(dir), &start);
        let include_dirs = Setting::of(
            args.config.as_deref().map(given_dir),
            file_dir.as_deref().map(given_dir),
            include_dirs(None, &start),
        );
        let words = |given: &Option<Vec<toml::Spanned<String>>>| {
            let given = given.as_deref();
            given
                .map(|given| codes(project.as_ref(), given))
                .transpose()
        };
        let settings = Settings {
            samples: Setting::of(some(&args.samples), all_below(&keys.samples), Vec::new()),
            now: now(args, project.as_ref(), keys)?,
            timezone: timezone(args, project.as_ref(), keys)?,
            coverage_min: coverage_min(args, project.as_ref(), keys)?,
            baseline: Setting::of(
                args.baseline.clone().map(Some),
                keys.baseline.as_ref().map(|path| Some(below(path))),
                None,
            ),
            strict: Setting::of(args.strict.then_some(true), keys.strict, false),
            select: Setting::of(
                some(&option_codes("--select", &args.select)?),
                words(&keys.select)?,
                Vec::new(),
            ),
            ignore: Setting::of(
                some(&option_codes("--ignore", &args.ignore)?),
                words(&keys.ignore)?,
                Vec::new(),
            ),
            per_file: match &project {
                Some(project) => per_file(project)?,
                None => Vec::new(),
            },
            option_sets: option_sets(keys),
            paths,
            include_dirs,
            project,
        };
        Ok(settings)
    }

    /// The check that is asked for.
    ///
    /// # Errors
    ///
    /// Where there is nothing to check, or no such time or zone.
    pub(super) fn request(&self, args: &CheckArgs) -> Result<Request, String> {
        if self.paths.value.is_empty() {
            return Err(
                "expected a PATH to check, or `paths` in f2b-regex.toml: see --help".to_owned(),
            );
        }
        let mut paths = self.paths.value.iter();
        let is_of_file = self.paths.from == From::File;
        if let Some(project) = self.project.as_ref().filter(|_| is_of_file)
            && let Some(missing) = paths.find(|path| !named(path).exists())
        {
            let (file, missing) = (project.path.display(), missing.display());
            return Err(format!(
                "{file}: `paths` names {missing}, which is not there"
            ));
        }
        let mut request = Request::new(self.paths.value.clone());
        request.samples.clone_from(&self.samples.value);
        request.clock = self.clock()?;
        request.coverage_min = self.coverage_min.value;
        request.lint = !args.no_lint;
        request.include_dirs.clone_from(&self.include_dirs.value);
        request.option_sets.clone_from(&self.option_sets);
        request.selection = Selection {
            select: self.select.value.clone(),
            ignore: self.ignore.value.clone(),
            per_file: self.per_file.clone(),
            stands_for: None,
        };
        request.python = args.python;
        request.update = args.update;
        Ok(request)
    }

    /// Adds the places that the settings name.
    pub(super) fn add_places(&self, places: &mut Places) {
        let files = self.project.as_ref().map(|project| &project.path);
        let files = files.into_iter().chain(self.baseline.value.as_ref());
        files.for_each(|file| places.add_file(file));
        let (paths, dirs) = (&self.paths.value, &self.include_dirs.value);
        for path in paths.iter().chain(&self.samples.value).chain(dirs) {
            if path.is_dir() {
                places.add_directory(path);
            } else {
                places.add_file(path);
            }
        }
    }

    /// Whether warnings fail the check.
    pub(super) fn strict(&self) -> bool {
        self.strict.value
    }

    /// The baseline; empty where it is to be written and not there yet.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is to be written and has no name.
    pub(super) fn baseline(&self, update: bool) -> Result<Option<Baseline>, String> {
        let Some(path) = &self.baseline.value else {
            return if update {
                Err(
                    "--update-baseline: expected --baseline FILE, or `baseline` in \
                         f2b-regex.toml"
                        .to_owned(),
                )
            } else {
                Ok(None)
            };
        };
        if update && !path.exists() {
            Ok(Some(Baseline::empty(path)))
        } else {
            Baseline::read(path).map(Some)
        }
    }

    fn clock(&self) -> Result<Clock, String> {
        if self.now.from == From::Default && self.timezone.from == From::Default {
            return Ok(Request::suite_clock());
        }
        let now = instant(&self.now.value)?;
        // checked where it was read
        let zone = TimeZone::named(&self.timezone.value).unwrap_or_else(TimeZone::utc);
        Ok(Clock::in_zone(now, zone))
    }
}

/// The directory as it can be given as a path.
fn named(directory: &Path) -> PathBuf {
    if directory.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        directory.to_path_buf()
    }
}

fn some<T: Clone>(given: &[T]) -> Option<Vec<T>> {
    (!given.is_empty()).then(|| given.to_vec())
}

fn option_sets(keys: &Keys) -> BTreeMap<String, Vec<Options>> {
    let all = keys.option_sets.iter().map(|(filter, sets)| {
        let sets = sets.iter().map(|set| set.clone().into_iter().collect());
        (filter.clone(), sets.collect())
    });
    all.collect()
}

/// The codes that an option names.
fn option_codes(option: &str, given: &[String]) -> Result<Vec<String>, String> {
    let words = given.iter().map(|word| code_words::word(word.trim()));
    let words: Result<Vec<String>, String> = words.collect();
    words.map_err(|message| format!("{option}: {message}"))
}

/// The codes that the file names.
fn codes(
    project: Option<&Project>,
    given: &[toml::Spanned<String>],
) -> Result<Vec<String>, String> {
    let words = given.iter().map(|word| {
        let read = code_words::word(word.get_ref().trim());
        read.map_err(|message| match project {
            Some(project) => project.fault(word.span(), &message),
            None => message,
        })
    });
    words.collect()
}

fn per_file(project: &Project) -> Result<Vec<PerFile>, String> {
    let base = project.directory().canonicalize();
    let base = base.map_err(|error| format!("{}: {error}", project.directory().display()))?;
    let ignores = project.keys.per_file_ignores.iter().map(|(glob, words)| {
        let pattern = glob::Pattern::new(glob.get_ref()).map_err(|error| {
            let message = format!("`{}` is no pattern of file names: {error}", glob.get_ref());
            project.fault(glob.span(), &message)
        })?;
        Ok(PerFile {
            pattern,
            base: base.clone(),
            ignore: codes(Some(project), words)?,
        })
    });
    ignores.collect()
}

fn now(
    args: &CheckArgs,
    project: Option<&Project>,
    keys: &Keys,
) -> Result<Setting<String>, String> {
    if let Some(given) = &args.now {
        instant(given)?;
    } else if let (Some(project), Some(time)) = (project, &keys.now) {
        let read = instant(&time.get_ref().text());
        read.map_err(|message| project.fault(time.span(), message.trim_start_matches("--")))?;
    }
    let file = keys.now.as_ref().map(|time| time.get_ref().text());
    Ok(Setting::of(
        args.now.clone(),
        file,
        check::SUITE_NOW_TEXT.to_owned(),
    ))
}

fn timezone(
    args: &CheckArgs,
    project: Option<&Project>,
    keys: &Keys,
) -> Result<Setting<String>, String> {
    let wrong = |name: &str| {
        let message =
            format!("timezone {name}: expected a name such as Europe/Zurich, or a TZ rule");
        TimeZone::named(name).is_none().then_some(message)
    };
    if let Some(given) = &args.timezone {
        if let Some(message) = wrong(given) {
            return Err(format!("--{message}"));
        }
    } else if let (Some(project), Some(zone)) = (project, &keys.timezone)
        && let Some(message) = wrong(zone.get_ref())
    {
        return Err(project.fault(zone.span(), &message));
    }
    let file = keys.timezone.as_ref().map(|zone| zone.get_ref().clone());
    Ok(Setting::of(
        args.timezone.clone(),
        file,
        check::SUITE_ZONE.to_owned(),
    ))
}

fn coverage_min(
    args: &CheckArgs,
    project: Option<&Project>,
    keys: &Keys,
) -> Result<Setting<Option<f64>>, String> {
    let wrong = |percent: f64| {
        let message = format!("coverage-min {percent}: expected a number from 0 to 100");
        (!(0.0..=100.0).contains(&percent)).then_some(message)
    };
    if let Some(percent) = args.coverage_min {
        if let Some(message) = wrong(percent) {
            return Err(format!("--{message}"));
        }
    } else if let (Some(project), Some(percent)) = (project, &keys.coverage_min)
        && let Some(message) = wrong(*percent.get_ref())
    {
        return Err(project.fault(percent.span(), &message));
    }
    let file = keys
        .coverage_min
        .as_ref()
        .map(|percent| Some(*percent.get_ref()));
    Ok(Setting::of(args.coverage_min.map(Some), file, None))
}
