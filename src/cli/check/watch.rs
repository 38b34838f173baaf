//! `--watch`: the check again whenever a file changes that took part in it. What changes is told by
//! an [`Alarm`]; whether that is of any account is found out by looking at the files.

use super::super::Status;
use super::super::terminal;
use crate::analysis::check::{Report, shown};
use crate::files;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long nothing must happen until the check begins: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Bytes of a file that are looked at, as many as a check reads.
const MOST_BYTES: u64 = 64 << 20;

/// Names of a directory that are looked at.
const MOST_NAMES: usize = 20_000;

/// What a loop waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Something happened in one of the directories, and nothing more since.
    Changed,
    /// Ctrl-C.
    Interrupted,
}

/// Where alarms come from.
pub(super) trait Alarms {
    /// Looks at these directories from now on, and at no others.
    fn look_at(&mut self, directories: &BTreeSet<PathBuf>);

    /// Waits for the next alarm.
    fn next(&mut self) -> Alarm;
}

/// What a check depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Files that took part, whose contents count.
    pub(super) files: BTreeSet<PathBuf>,
    /// Directories in which files are found by their names.
    pub(super) directories: BTreeSet<PathBuf>,
    /// What the check itself writes.
    pub(super) written: Option<PathBuf>,
}

impl Places {
    /// Adds the files of a report.
    pub(super) fn add_report(&mut self, report: &Report) {
        for filter in &report.filters {
            self.add_file(&filter.file);
            let more = filter.read.iter().chain(&filter.logs);
            more.for_each(|file| self.add_file(file));
        }
    }

    /// Adds a file, and the directory where it would be.
    pub(super) fn add_file(&mut self, file: &Path) {
        self.files.insert(file.to_path_buf());
        let parent = file.parent().unwrap_or(Path::new(""));
        self.add_directory(if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        });
    }

    /// Adds a directory, and those of a configuration below it.
    pub(super) fn add_directory(&mut self, directory: &Path) {
        let below = ["filter.d", "jail.d", "action.d"].map(|name| directory.join(name));
        let all = below.into_iter().chain([directory.to_path_buf()]);
        self.directories.extend(all.filter(|path| path.is_dir()));
    }

    fn add(&mut self, more: Places) {
        self.files.extend(more.files);
        self.directories.extend(more.directories);
        self.written = more.written.or(self.written.take());
    }

    /// How they are at present.
    fn state(&self) -> BTreeMap<PathBuf, u64> {
        let written = self.written.as_deref().map(shown);
        let is_written = |path: &Path| written == Some(shown(path));
        let files = self.files.iter().filter(|file| !is_written(file));
        let files = files.map(|file| {
            let mut hasher = DefaultHasher::new();
            let read = files::read_regular(file, MOST_BYTES);
            read.map_err(|error| error.kind()).hash(&mut hasher);
            (file.clone(), hasher.finish())
        });
        let directories = self.directories.iter().map(|directory| {
            let entries = std::fs::read_dir(directory).into_iter().flatten();
            let names = entries.flatten().take(MOST_NAMES).map(|e| e.file_name());
            // hidden ones are of editors, and of those who write a file whole
            let names = names.filter(|name| !name.as_encoded_bytes().starts_with(b"."));
            let names: BTreeSet<_> = names
                .filter(|name| !is_written(&directory.join(name)))
                .collect();
            let mut hasher = DefaultHasher::new();
            names.hash(&mut hasher);
            (directory.clone(), hasher.finish())
        });
        files.chain(directories).collect()
    }
}

/// Runs `check` now and after each change, until Ctrl-C. It gives the places it depends on; those of
/// a run that ended early are kept beside them. `first` are known before.
///
/// # Errors
///
/// Those of writing the report.
pub(super) fn watch(
    first: Places,
    alarms: &mut dyn Alarms,
    check: &mut dyn FnMut() -> io::Result<Places>,
) -> io::Result<Status> {
    let mut places = first;
    loop {
        let mut state = places.state();
        alarms.look_at(&places.directories);
        places.add(check()?);
        alarms.look_at(&places.directories);
        // what was not known before the check is as it was then, as far as can be told
        for (path, now) in places.state() {
            state.entry(path).or_insert(now);
        }
        loop {
            match alarms.next() {
                Alarm::Interrupted => return Ok(Status::Interrupted),
                Alarm::Changed if places.state() != state => break,
                Alarm::Changed => {}
            }
        }
    }
}

/// Alarms of the system: events of the files, and Ctrl-C.
pub(super) struct SystemAlarms {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    alarms: Receiver<Alarm>,
}

impl SystemAlarms {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Where the system tells of no changes.
    pub(super) fn new() -> Result<SystemAlarms, String> {
        let (sender, alarms) = channel();
        let interrupted: Sender<Alarm> = sender.clone();
        terminal::on_interrupt(move || {
            // nobody listens any more: the program is about to end
            let _ = interrupted.send(Alarm::Interrupted);
        });
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // one that cannot be told apart may be any change; reading is none
            let is_change = event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
            if is_change {
                let _ = sender.send(Alarm::Changed);
            }
        });
        let watcher = watcher.map_err(|error| format!("--watch: {error}"))?;
        Ok(SystemAlarms {
            watcher,
            watched: BTreeSet::new(),
            alarms,
        })
    }
}

impl Alarms for SystemAlarms {
    fn look_at(&mut self, directories: &BTreeSet<PathBuf>) {
        for gone in self.watched.difference(directories) {
            // it may be gone altogether
            let _ = self.watcher.unwatch(gone);
        }
        let mut watched: BTreeSet<PathBuf> =
            self.watched.intersection(directories).cloned().collect();
        for new in directories.difference(&self.watched) {
            match self.watcher.watch(new, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.insert(new.clone());
                }
                Err(error) => terminal::print_error(format!(
                    "f2b-regex check: --watch: {}: {error}",
                    new.display()
                )),
            }
        }
        self.watched = watched;
    }

    fn next(&mut self) -> Alarm {
        // where nobody sends any more, nothing can be waited for
        let Ok(first) = self.alarms.recv() else {
            return Alarm::Interrupted;
        };
        let mut alarm = first;
        while alarm == Alarm::Changed {
            match self.alarms.recv_timeout(QUIET) {
                Ok(next) => alarm = next,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Alarm::Interrupted,
            }
        }
        alarm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::VecDeque;

    /// Alarms by a plan: what is done before each, and what it says.
    struct Plan<'p> {
        steps: VecDeque<(Box<dyn Fn() + 'p>, Alarm)>,
        looked_at: Vec<BTreeSet<PathBuf>>,
    }

    impl Alarms for Plan<'_> {
        fn look_at(&mut self, directories: &BTreeSet<PathBuf>) {
            self.looked_at.push(directories.clone());
        }

        fn next(&mut self) -> Alarm {
            match self.steps.pop_front() {
                Some((change, alarm)) => {
                    change();
                    alarm
                }
                None => Alarm::Interrupted,
            }
        }
    }

    /// How often the check ran when each step was over, and where was looked at last.
    fn runs(place: &Path, steps: &[(&str, &str)]) -> (Vec<usize>, BTreeSet<PathBuf>) {
        let ran = RefCell::new(0);
        let seen = RefCell::new(Vec::new());
        let step = |(name, text): &(&str, &str)| -> (Box<dyn Fn()>, Alarm) {
            let (path, text) = (place.join(name), text.to_string());
            let change = move || match text.as_str() {
                "-" => std::fs::remove_file(&path).expect("removed"),
                text => std::fs::write(&path, text).expect("written"),
            };
            (Box::new(change), Alarm::Changed)
        };
        let mut plan = Plan {
            steps: VecDeque::new(),
            looked_at: Vec::new(),
        };
        for (change, alarm) in steps.iter().map(step) {
            let noted = || seen.borrow_mut().push(*ran.borrow());
            plan.steps.push_back((
                Box::new(move || {
                    noted();
                    change();
                }),
                alarm,
            ));
        }
        let mut check = || {
            *ran.borrow_mut() += 1;
            let mut places = Places::default();
            places.add_file(&place.join("x.conf"));
            places.written = Some(place.join("report.txt"));
            Ok(places)
        };
        let ended = watch(Places::default(), &mut plan, &mut check).expect("nothing is written");
        assert_eq!(ended, Status::Interrupted);
        let last = plan.looked_at.pop().expect("somewhere");
        drop(plan);
        let mut seen = seen.into_inner();
        seen.push(ran.into_inner());
        (seen, last)
    }

    #[test]
    fn runs_again_when_what_took_part_is_another_and_only_then() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("x.conf"), "a").expect("written");
        let (counts, directories) = runs(
            place.path(),
            &[
                ("x.conf", "b"),
                // written anew with the same, hidden, or by the check itself
                ("x.conf", "b"),
                (".x.conf.swp", "1"),
                ("report.txt", "passed"),
                // in the same directory: it may be a sample or an include
                ("x.yaml", "cases: []"),
                // it takes no part so far
                ("x.yaml", "cases: [ ]"),
                ("x.conf", "-"),
                ("x.conf", "b"),
            ],
        );
        assert_eq!(counts, [1, 2, 2, 2, 2, 3, 3, 4, 5]);
        assert!(directories.contains(place.path()), "{directories:?}");
    }

    #[test]
    fn a_change_during_the_check_is_not_lost() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("x.conf");
        std::fs::write(&file, "a").expect("written");
        let mut first = Places::default();
        first.add_file(&file);
        let mut plan = Plan {
            steps: VecDeque::from([(Box::new(|| ()) as Box<dyn Fn()>, Alarm::Changed)]),
            looked_at: Vec::new(),
        };
        let mut ran = 0;
        let mut check = || {
            ran += 1;
            if ran == 1 {
                std::fs::write(&file, "b").expect("written");
            }
            Ok(Places::default())
        };
        let ended = watch(first, &mut plan, &mut check).expect("nothing is written");
        assert_eq!((ended, ran), (Status::Interrupted, 2));
    }
}
