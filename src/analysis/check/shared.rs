//! What the loads of a check share: date detectors that are made once, regexes that need not be
//! compiled again.

use crate::date::{Clock, DateDetector};
use crate::engine::{Filter, builder};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Date detectors by datepattern: making one compiles dozens of templates.
#[derive(Debug)]
pub(crate) struct Detectors {
    /// Its year decides which years `%ExY` takes.
    pub(super) clock: Clock,
    made: Mutex<HashMap<String, DateDetector>>,
    default: DateDetector,
}

/// What all loads of a check share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Date detectors by datepattern.
    pub(crate) detectors: Detectors,
    /// Regexes of the filters, which the jails need not compile again.
    pub(crate) known: Mutex<HashSet<String>>,
    /// Configuration directories where includes are looked for, too.
    pub(crate) include_dirs: Vec<PathBuf>,
    /// A filter whose compiled regexes all others share, where all are kept.
    pub(crate) beside: Option<Filter>,
}

impl Shared {
    /// Where includes are looked for that are not beside the including file.
    pub(crate) fn elsewhere(&self) -> Vec<String> {
        let below = ["filter.d", "action.d", ""];
        let places = self.include_dirs.iter().flat_map(|dir| {
            let places = below.map(|name| dir.join(name));
            places.map(|place| place.to_string_lossy().trim_end_matches('/').to_owned())
        });
        places.collect()
    }

    /// The include directory that one of the files read for `target` is from.
    pub(crate) fn includes_from<'f>(
        &self,
        target: &Path,
        mut files: impl Iterator<Item = &'f Path>,
    ) -> Option<PathBuf> {
        // the loader makes some paths absolute
        let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let target = full(target);
        let from = |file: &Path| {
            let file = full(file);
            let mut dirs = self.include_dirs.iter();
            dirs.find(|dir| file.starts_with(full(dir)) && !target.starts_with(full(dir)))
        };
        files.find_map(from).cloned()
    }
}

impl Shared {
    /// The clock of the detectors.
    pub(crate) fn clock(&self) -> &Clock {
        &self.detectors.clock
    }
}

impl Detectors {
    /// Detectors whose `%ExY` takes the years of `clock`.
    ///
    /// Upstream's suite stands in 2005, but takes these years from the machine's clock
    /// (`_updateTimeRE`): sample logs have dates of both.
    pub(crate) fn new(clock: Clock) -> Detectors {
        Detectors {
            default: DateDetector::default_templates(clock.now_year()),
            clock,
            made: Mutex::default(),
        }
    }

    /// The default date templates.
    pub(crate) fn default_templates(&self) -> &DateDetector {
        &self.default
    }

    pub(super) fn get(&self, pattern: &str) -> Result<DateDetector, String> {
        let known = self.made.lock().map(|made| made.get(pattern).cloned());
        if let Ok(Some(detector)) = known {
            return Ok(detector);
        }
        let detector = builder::detector(pattern, None, &self.clock);
        let detector = detector.map_err(|error| error.to_string())?;
        // a template that does not compile is a fault now, not at the first line
        builder::compiles(&detector).map_err(|error| error.to_string())?;
        if let Ok(mut made) = self.made.lock() {
            made.insert(pattern.to_string(), detector.clone());
        }
        Ok(detector)
    }
}

/// Regexes known to be accepted, with what decides that.
///
/// Option sets and jails share most of their regexes; compiling is nearly all a check costs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    own: HashSet<String>,
    base: Arc<HashSet<String>>,
}

impl Known {
    pub(super) fn key(prefregex: &str, role: &str, maxlines: usize, text: &str) -> String {
        let multi = if maxlines > 1 { "m" } else { "" };
        format!("{role}{multi}\n{prefregex}\n{text}")
    }

    /// Adds the keys of all regexes of a filter that was compiled as a whole.
    pub(crate) fn add(&mut self, keys: &[String]) {
        self.own.extend(keys.iter().cloned());
    }

    /// What to start from where these are known.
    pub(crate) fn on_top_of(base: &Arc<HashSet<String>>) -> Known {
        Known {
            own: HashSet::new(),
            base: Arc::clone(base),
        }
    }

    /// Those found to be new.
    pub(crate) fn into_own(self) -> HashSet<String> {
        self.own
    }

    /// Notes a regex; whether it is new.
    pub(super) fn insert(&mut self, key: &str) -> bool {
        !self.base.contains(key) && self.own.insert(key.to_string())
    }
}

/// How much of a filter is compiled.
#[derive(Debug)]
pub(crate) enum Depth<'k> {
    /// All of it, to run it.
    Whole,
    /// Only regexes not known yet, to see whether they are accepted; they are known then.
    News(&'k mut Known),
}
