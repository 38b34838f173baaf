//! What `.local` files say in vain once the new version is there: an option that nothing reads any
//! more, a reference to one that is gone. Looks at the files as they are written.
//!
//! An upgrade replaces `.conf` files and keeps `.local` ones. So those of the old version are held
//! against the new one's `.conf` files; where the new version brings the same `.local`, that counts.

use super::side::{FilterRead, Side};
use super::value::{LocalFault, LocalKind};
use crate::analysis::check::RawFile;
use crate::config::{Loader, Resolution, jail_names, jail_option_names};
use indexmap::IndexSet;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// `%(name)s`, `<name>`; the second group of a name's section parts.
static REFERENCE: LazyLock<Option<regex::Regex>> =
    LazyLock::new(|| regex::Regex::new(r"%\((?:[^()/]+/)?([^()/]+)\)s|<([A-Za-z_][\w.\-]*)>").ok());

/// What is wrong with the `.local` files of the old version.
pub(crate) fn faults(
    (old, before): (&Side, &[FilterRead]),
    (new, after): (&Side, &[FilterRead]),
) -> Vec<LocalFault> {
    let mut found = IndexSet::new();
    if old.is_file() || new.is_file() {
        return Vec::new();
    }
    for filter in before {
        let name = &filter.target.name;
        let counterpart = after.iter().find(|other| other.target.name == *name);
        for local in locals(filter.files()) {
            match counterpart {
                Some(counterpart) => {
                    let files = (filter.files(), counterpart.files());
                    Held::new(old, new, local, files).faults(&mut found);
                }
                None if local.file_stem().is_some_and(|stem| stem == name.as_str()) => {
                    let (file, option) = (old.file(local), name.clone());
                    let kind = LocalKind::NoConf;
                    found.insert(fault(file, 1, kind, option, None));
                }
                None => {}
            }
        }
    }
    if let (Some(before), Some(after)) = (old.configuration(), new.configuration()) {
        let (before, after) = (jail_files(before), jail_files(after));
        for local in locals(&before) {
            let held = Held::new(old, new, local, (&before, &after));
            held.faults(&mut found);
            held.jails(new, &mut found);
        }
    }
    let mut found: Vec<LocalFault> = found.into_iter().collect();
    found.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    found
}

fn fault(
    file: String,
    line: u32,
    kind: LocalKind,
    option: String,
    reference: Option<String>,
) -> LocalFault {
    LocalFault {
        file,
        line,
        kind,
        option,
        reference,
    }
}

fn locals(files: &[PathBuf]) -> impl Iterator<Item = &Path> {
    let files = files.iter().map(PathBuf::as_path);
    files.filter(|file| file.extension().is_some_and(|ending| ending == "local"))
}

/// The files that the jails of a configuration are read from.
fn jail_files(directory: &Path) -> Vec<PathBuf> {
    let name = jail_names(directory).ok().and_then(|names| {
        let first = names.into_iter().next()?;
        Some(first.name)
    });
    let read = name.map(|name| Loader::default().jail(directory, &name));
    let Some(Ok(Resolution::Filter(source))) = read else {
        return Vec::new();
    };
    let is_of_jails = |file: &PathBuf| {
        let above = file.parent().and_then(Path::file_name);
        above.is_none_or(|above| above != "filter.d" && above != "action.d")
    };
    source.files.into_iter().filter(is_of_jails).collect()
}

/// Names of options that files set and that they refer to.
#[derive(Debug, Default)]
struct Names {
    set: HashSet<String>,
    referred: HashSet<String>,
}

impl Names {
    fn of(files: &[PathBuf]) -> Names {
        let mut names = Names::default();
        for file in files {
            names.add(&RawFile::read(file));
        }
        names
    }

    fn add(&mut self, file: &RawFile) {
        for option in &file.options {
            self.set.insert(option.name.to_lowercase());
            for (_, text) in &option.lines {
                self.referred.extend(references(text).map(|(name, _)| name));
            }
        }
    }
}

/// The names that a line refers to, and as they are written.
fn references(text: &str) -> impl Iterator<Item = (String, String)> {
    let found = REFERENCE.as_ref().map(|regex| regex.captures_iter(text));
    found.into_iter().flatten().filter_map(|found| {
        let name = found.get(1).or_else(|| found.get(2))?;
        Some((name.as_str().to_lowercase(), found[0].to_owned()))
    })
}

/// A `.local` file held against the new version.
struct Held {
    /// How reports name it.
    shown: String,
    /// It, as it is there after the upgrade.
    file: RawFile,
    /// What the old version's other files say, and the new one's.
    before: Names,
    after: Names,
}

impl Held {
    fn new(old: &Side, new: &Side, local: &Path, files: (&[PathBuf], &[PathBuf])) -> Held {
        let inside = local.strip_prefix(&old.path).unwrap_or(local);
        let later = new.path.join(inside);
        let (shown, path) = match later.is_file() {
            true => (new.file(&later), later.as_path()),
            false => (old.file(local), local),
        };
        let others = |files: &[PathBuf], but: &Path| -> Vec<PathBuf> {
            files.iter().filter(|file| *file != but).cloned().collect()
        };
        Held {
            shown,
            file: RawFile::read(path),
            before: Names::of(&others(files.0, local)),
            after: Names::of(&others(files.1, &later)),
        }
    }

    fn faults(&self, found: &mut IndexSet<LocalFault>) {
        let mut own = Names::default();
        own.add(&self.file);
        let set_later = |name: &str| self.after.set.contains(name) || own.set.contains(name);
        let read_later =
            |name: &str| self.after.referred.contains(name) || own.referred.contains(name);
        for option in &self.file.options {
            let name = option.name.to_lowercase();
            let asked_for = jail_option_names().any(|known| known == name);
            let was_there = self.before.set.contains(&name);
            if option.section != "INCLUDES"
                && was_there
                && !asked_for
                && !self.after.set.contains(&name)
                && !read_later(&name)
            {
                let (shown, option, line) =
                    (self.shown.clone(), option.name.clone(), option.line());
                found.insert(fault(shown, line, LocalKind::OptionGone, option, None));
            }
            for (line, text) in &option.lines {
                for (name, written) in references(text) {
                    let was_there = self.before.set.contains(&name);
                    if was_there && !set_later(&name) {
                        let (shown, option) = (self.shown.clone(), option.name.clone());
                        let kind = LocalKind::ReferenceGone;
                        found.insert(fault(shown, *line, kind, option, Some(written)));
                    }
                }
            }
        }
    }

    /// Jails that it sets something of, and that the new version neither has nor has a filter for.
    fn jails(&self, new: &Side, found: &mut IndexSet<LocalFault>) {
        let names = jail_names(&new.path).unwrap_or_default();
        let known: HashSet<String> = names.into_iter().map(|jail| jail.name).collect();
        for (section, line) in &self.file.sections {
            let reserved = ["DEFAULT", "INCLUDES", "Definition", "Init"];
            let own_filter = (self.file.options.iter())
                .any(|option| option.section == *section && option.name == "filter");
            if reserved.contains(&section.as_str()) || known.contains(section) || own_filter {
                continue;
            }
            let is_there = |ending: &str| {
                let name = format!("{section}.{ending}");
                new.path.join("filter.d").join(name).is_file()
            };
            if !is_there("conf") && !is_there("local") {
                let kind = LocalKind::JailGone;
                found.insert(fault(
                    self.shown.clone(),
                    *line,
                    kind,
                    section.clone(),
                    None,
                ));
            }
        }
    }
}
