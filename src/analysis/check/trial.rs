//! A file as it would be with another text: in a directory of its own, where links stand for the
//! files beside it. So nothing is written among the files that are checked.

use super::discover::{self, FilterFile, Targets};
use super::{FilterReport, Report, Request, check_targets};
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

/// Files linked at most, of each of the two directories.
const MOST_LINKS: usize = 20_000;

/// A changed file, and links to those beside it.
#[derive(Debug)]
pub(crate) struct Trial {
    /// What stands for the directory above that of the file.
    copy: TempDir,
    /// That directory, links followed.
    original: PathBuf,
    /// The file in the copy.
    file: PathBuf,
}

impl Trial {
    /// The file `path`, which need not be there, with a text of its own.
    ///
    /// # Errors
    ///
    /// Those of reading its directory and of making the links.
    pub(crate) fn new(path: &Path, text: &str) -> io::Result<Trial> {
        let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let directory = parent.unwrap_or(Path::new(".")).canonicalize()?;
        let above = directory.parent().unwrap_or(&directory).to_path_buf();
        let copy = TempDir::with_prefix("f2b-regex-")?;
        let name = directory.file_name().unwrap_or(OsStr::new("filter.d"));
        let inner = copy.path().join(name);
        std::fs::create_dir(&inner)?;
        let own = path.file_name().unwrap_or_default();
        link_all(&directory, &inner, own)?;
        link_all(&above, copy.path(), name)?;
        let trial = Trial {
            file: inner.join(own),
            original: above,
            copy,
        };
        trial.write(text)?;
        Ok(trial)
    }

    /// Changes the file.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        std::fs::write(&self.file, text)
    }

    /// The file in the copy.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// What of the copy corresponds to a path of the original.
    pub(crate) fn of(&self, original: &Path) -> Option<PathBuf> {
        let parent = original.parent().filter(|dir| !dir.as_os_str().is_empty());
        let directory = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
        let below = directory.strip_prefix(&self.original).ok()?;
        Some(self.copy.path().join(below).join(original.file_name()?))
    }

    /// Checks the file alone, as the one named `path`.
    pub(crate) fn check(&self, path: &Path, request: &Request) -> Report {
        let start = Instant::now();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let directory = self.file.parent().unwrap_or(Path::new("."));
        let jail_dir = if directory.file_name() == Some(OsStr::new("jail.d")) {
            self.copy.path()
        } else {
            directory
        };
        let is_jail = name == "jail" || jail_dir != directory;
        let mut targets = Targets::default();
        if is_jail {
            targets.jails = discover::jails(jail_dir);
        } else {
            let known = discover::filters(directory).unwrap_or_default();
            let known = known.into_iter().find(|filter| filter.path == self.file);
            targets.filters.push(known.unwrap_or(FilterFile {
                name: name.into_owned(),
                path: self.file.clone(),
                included: false,
            }));
        }
        let mut filters = self.check_targets(&targets, request);
        let shown = path.parent().unwrap_or(Path::new(""));
        filters
            .iter_mut()
            .for_each(|report| self.restore(report, shown));
        Report {
            filters,
            baseline: None,
            elapsed: start.elapsed(),
        }
    }

    /// Checks targets in the copy.
    pub(super) fn check_targets(&self, targets: &Targets, request: &Request) -> Vec<FilterReport> {
        let mut request = request.clone();
        request.update = false;
        let copy = self.copy.path().to_path_buf();
        request.selection.stands_for = Some((copy, self.original.clone()));
        check_targets(targets, &request, &|_, _| {})
    }

    /// Puts the paths of the originals into a report: `shown` is the directory as it was given.
    fn restore(&self, report: &mut FilterReport, shown: &Path) {
        let inner = self.file.parent().unwrap_or(Path::new(""));
        let path = |path: &mut PathBuf| {
            if let Ok(below) = path.strip_prefix(inner) {
                *path = shown.join(below);
            } else if let Ok(below) = path.strip_prefix(self.copy.path()) {
                *path = self.original.join(below);
            }
        };
        let (from, to) = (inner.to_string_lossy(), shown.to_string_lossy());
        let text = |text: &mut String| {
            if text.contains(&*from) {
                let to = if to.is_empty() { "." } else { &*to };
                *text = text.replace(&*from, to);
            }
        };
        path(&mut report.file);
        report.read.iter_mut().for_each(path);
        report.logs.iter_mut().for_each(path);
        let regexes = report
            .variants
            .iter_mut()
            .flat_map(|set| &mut set.failregexes);
        for (file, _) in regexes.filter_map(|regex| regex.place.as_mut()) {
            path(file);
        }
        for finding in &mut report.findings {
            text(&mut finding.message);
            text(&mut finding.help);
            for excerpt in &mut finding.excerpts {
                excerpt.file.iter_mut().for_each(path);
                text(&mut excerpt.label);
            }
        }
    }
}

/// Links to everything in a directory but one name.
fn link_all(directory: &Path, into: &Path, without: &OsStr) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)?.take(MOST_LINKS) {
        let name = entry?.file_name();
        let target = into.join(&name);
        if name != without && !target.exists() {
            symlink(directory.join(&name), target)?;
        }
    }
    Ok(())
}
