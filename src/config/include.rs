//! Files and what they include, merged into one configuration: upstream's
//! SafeConfigParserWithIncludes. Not for values (`interpolate.rs`).

use foldhash::HashMap;
use indexmap::IndexSet;
use std::cell::RefCell;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use super::error::Fault;
use super::ini::{self, Sections};
use super::interpolate::{self, Missing};
use super::paths;
use super::text::{MAX_TEXT, Origin};
use super::value::{Options, Value};
use super::warning::{ConfigWarning, WarningKind};
use crate::work::{self, Work};

const INCLUDES: &str = "INCLUDES";

/// How deep files may include each other.
const MAX_INCLUDE_DEPTH: usize = 300;

/// Files that come in by includes, those included twice counted twice. Upstream has
/// no such limit: a dozen files that each include the next one twice are enough to fill any
/// memory, and so are two symbolic links to their own directory.
const MAX_FILES: usize = 2_000;

/// For each file that is read without being included, such as those of jail.d, the limit grows by
/// this: each may include what they share.
const INCLUDES_PER_FILE: usize = 4;

/// What one run reads from disk, once: upstream's `share_config`. The cached
/// lists of includes matter: upstream's test for loops depends on them.
#[derive(Default)]
pub(crate) struct Library {
    /// Shared by the runs of one [`super::Loader`].
    files: Rc<RefCell<HashMap<String, Rc<Loaded>>>>,
    /// The jails of configuration directories, likewise.
    jails: Rc<RefCell<HashMap<String, Rc<Jails>>>>,
    /// What a list of files includes, by the list itself, joined.
    lists: HashMap<String, Vec<String>>,
    /// Directories where includes are looked for that are not beside the including file.
    elsewhere: Rc<[String]>,
    /// Files with the texts that are read in place of theirs.
    replaced: Rc<[(String, String)]>,
    pub(crate) warnings: Vec<ConfigWarning>,
    /// Files whose options were merged, in order of first use.
    pub(crate) used: IndexSet<String>,
}

/// A configuration, and why it does not count as read, if so.
pub(crate) struct Reading {
    pub(crate) sections: Sections,
    pub(crate) problem: Option<String>,
}

/// jail.conf with jail.d, merged, and what its reading left in a [`Library`].
struct Jails {
    sections: Result<Rc<Sections>, Fault>,
    warnings: Vec<ConfigWarning>,
    used: IndexSet<String>,
}

/// One file: its sections, or why it was passed over in silence.
enum Loaded {
    Read(Box<Sections>),
    Unreadable(String),
}

impl Library {
    /// A library for another run that need not read and parse the same files again.
    pub(crate) fn sharing_files(&self) -> Library {
        Library {
            files: Rc::clone(&self.files),
            jails: Rc::clone(&self.jails),
            elsewhere: Rc::clone(&self.elsewhere),
            replaced: Rc::clone(&self.replaced),
            ..Library::default()
        }
    }

    /// A library that also looks for includes in these directories.
    pub(super) fn including_from(elsewhere: &[String]) -> Library {
        Library {
            elsewhere: elsewhere.into(),
            ..Library::default()
        }
    }

    /// A library that reads these texts in place of those of the files.
    pub(super) fn replacing(files: &[(String, String)]) -> Library {
        Library {
            replaced: files.into(),
            ..Library::default()
        }
    }

    /// The jails below `directory`, read and merged once for all that ask: with a file for
    /// each jail, every jail would merge all files.
    pub(crate) fn jails(&mut self, directory: &str) -> Result<Rc<Sections>, Fault> {
        let known = self.jails.borrow().get(directory).cloned();
        let jails = known.unwrap_or_else(|| {
            let mut library = self.sharing_files();
            let read = library.configuration(directory, "jail");
            let jails = Rc::new(Jails {
                sections: read.map(|reading| Rc::new(reading.sections)),
                warnings: library.warnings,
                used: library.used,
            });
            let mut all = self.jails.borrow_mut();
            all.insert(directory.to_owned(), Rc::clone(&jails));
            jails
        });
        for warning in &jails.warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        self.used.extend(jails.used.iter().cloned());
        jails.sections.clone()
    }

    /// Reads `name` below `directory`: `.conf`, `.d/*.conf`, `.local`, `.d/*.local`.
    pub(crate) fn configuration(&mut self, directory: &str, name: &str) -> Result<Reading, Fault> {
        if !Path::new(directory).exists() {
            return Err(Fault::NoConfigDir {
                directory: directory.to_owned(),
            });
        }
        let base = if name.starts_with("./") {
            paths::abspath(name)
        } else {
            paths::join(directory, name)
        };
        let mut files = Vec::new();
        for extension in ["conf", "local"] {
            let main = format!("{base}.{extension}");
            if Path::new(&main).exists() {
                files.push(main);
            } else if extension == "conf" {
                files.extend(self.installed(&format!("{name}.conf")));
            }
            files.extend(drop_ins(&format!("{base}.d"), extension));
        }
        let mut sections = Sections::default();
        if files.is_empty() {
            let problem = Some(format!("found neither {base}.conf nor {base}.local"));
            return Ok(Reading { sections, problem });
        }
        let read = self.read(&mut sections, &files)?;
        // One file of the list that cannot be read spoils it, although the others count.
        let missed = files.iter().find(|file| !read.contains(file));
        let problem = missed.map(|file| {
            let reason = self.problem(file).unwrap_or("unreadable".to_owned());
            format!("{file}: {reason}")
        });
        Ok(Reading { sections, problem })
    }

    /// The file of that name below a directory `elsewhere`, on top of which the files of a
    /// repository are put when they are installed: fail2ban's own `jail.conf`, `filter.d/sshd.conf`.
    fn installed(&self, name: &str) -> Option<String> {
        let files = self.elsewhere.iter().map(|place| paths::join(place, name));
        let mut files = files.filter(|file| !name.starts_with("./") && Path::new(file).is_file());
        files.next()
    }

    /// Merges `files` with their includes into `into`; returns the files read.
    pub(crate) fn read(
        &mut self,
        into: &mut Sections,
        files: &[String],
    ) -> Result<Vec<String>, Fault> {
        let mut read = Vec::new();
        for file in self.with_includes(files, &mut Vec::new())? {
            let loaded = self.load(&file)?;
            if let Loaded::Read(sections) = &*loaded {
                into.merge(sections);
                self.used.insert(file.clone());
                read.push(file);
            }
        }
        Ok(read)
    }

    /// Why `file` was not read, for people.
    pub(crate) fn problem(&self, file: &str) -> Option<String> {
        match self.files.borrow().get(file).map(|loaded| &**loaded) {
            Some(Loaded::Unreadable(reason)) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Upstream's `_getIncludes`: the files in the order in which they count.
    fn with_includes(
        &mut self,
        files: &[String],
        seen: &mut Vec<String>,
    ) -> Result<Vec<String>, Fault> {
        // A file that comes in as the `.local` of what it includes escapes the
        // test for loops; upstream dies of Python's recursion limit then.
        if seen.len() > MAX_INCLUDE_DEPTH {
            return Err(Fault::IncludesTooDeep {
                file: files.first().cloned().unwrap_or_default(),
            });
        }
        let files = with_locals(files);
        let key = files.join("\x01");
        if let Some(list) = self.lists.get(&key) {
            return Ok(list.clone());
        }
        let mut list = Vec::new();
        for (number, file) in files.iter().enumerate() {
            self.add_with_includes(file, seen, &mut list)?;
            let included = list.len().saturating_sub(number + 1);
            if included > MAX_FILES + number * INCLUDES_PER_FILE {
                return Err(Fault::TooManyIncludes { file: file.clone() });
            }
        }
        self.lists.insert(key, list.clone());
        Ok(list)
    }

    fn add_with_includes(
        &mut self,
        file: &str,
        seen: &mut Vec<String>,
        list: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let loaded = self.load(file)?;
        let Loaded::Read(sections) = &*loaded else {
            return Ok(());
        };
        let [mut before, mut after] = [Vec::new(), Vec::new()];
        for (name, included) in [("before", &mut before), ("after", &mut after)] {
            let listed = match interpolate::get(sections, INCLUDES, name, &Options::new()) {
                Ok(Value::Text(listed)) => listed,
                Err(Missing::Fault(fault)) => return Err(*fault),
                _ => continue,
            };
            for (entry, origin) in listed.lines() {
                let path = included_path(file, entry, &self.elsewhere);
                let at = (file, origin.map_or(0, |origin| origin.line));
                if seen.contains(&path) {
                    self.warn_loop(&path, at);
                    continue;
                }
                if path == file {
                    self.warn_loop(&path, at);
                }
                seen.push(file.to_owned());
                let nested = self.with_includes(std::slice::from_ref(&path), seen);
                seen.pop();
                let nested = nested.map_err(|fault| included_by(fault, origin))?;
                if nested.is_empty() && !entry.is_empty() {
                    self.warn_unreadable(&path, at);
                }
                included.extend(nested);
            }
        }
        list.extend(before);
        list.push(file.to_owned());
        list.extend(after);
        Ok(())
    }

    fn warn_loop(&mut self, path: &str, at: (&str, u32)) {
        let message = format!("{path} is included from itself; fail2ban breaks the loop here");
        self.warn(WarningKind::IncludeLoop, at, message);
    }

    fn warn_unreadable(&mut self, path: &str, at: (&str, u32)) {
        let reason = self.problem(path).unwrap_or("unreadable".to_owned());
        // A missing customization is the normal case.
        if !path.ends_with(".local") || reason != MISSING {
            let message = format!("cannot include {path}: {reason}; fail2ban goes on without");
            self.warn(WarningKind::IncludeUnreadable, at, message);
        }
    }

    fn warn(&mut self, kind: WarningKind, (file, line): (&str, u32), message: String) {
        let warning = ConfigWarning {
            kind,
            file: Some(file.into()),
            line: Some(line),
            message,
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn load(&mut self, file: &str) -> Result<Rc<Loaded>, Fault> {
        if let Some(loaded) = self.files.borrow().get(file) {
            return Ok(loaded.clone());
        }
        work::count(Work::ConfigFile, 1);
        let replaced = self.replaced.iter().find(|(name, _)| name == file);
        let loaded = Rc::new(match replaced {
            Some((_, text)) => ini::parse(file, text).map(|read| Loaded::Read(Box::new(read)))?,
            None => load(file)?,
        });
        let mut files = self.files.borrow_mut();
        files.insert(file.to_owned(), loaded.clone());
        Ok(loaded)
    }
}

const MISSING: &str = "no such file";

/// Reads and parses one file.
fn load(file: &str) -> Result<Loaded, Fault> {
    if let Some(found) = irregular(Path::new(file)) {
        return Err(Fault::NotAFile {
            origin: None,
            file: file.to_owned(),
            found,
        });
    }
    let bytes = match read_bytes(Path::new(file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => MISSING.to_owned(),
                std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
                std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => error.to_string(),
            };
            return Ok(Loaded::Unreadable(reason));
        }
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => ini::parse(file, text).map(|read| Loaded::Read(Box::new(read))),
        Err(error) => {
            let good = error.valid_up_to();
            // Python decodes in chunks: what is wrong in an earlier chunk comes first.
            let decoded = good / 8192 * 8192;
            let lines = bytes[..decoded].iter().rposition(|&b| b == b'\n');
            if let Some(end) = lines
                && let Ok(text) = std::str::from_utf8(&bytes[..=end])
                && let Err(fault) = ini::parse(file, text)
                && !matches!(fault, Fault::NotAnOption { .. })
            {
                return Err(fault);
            }
            let line = bytes[..good].iter().filter(|&&b| b == b'\n').count() + 1;
            Ok(Loaded::Unreadable(format!(
                "it is not UTF-8: byte 0x{:02x} in line {line}",
                bytes[good]
            )))
        }
    }
}

/// The file that an entry of `[INCLUDES]` names: beside the file that includes it, as upstream has
/// it, else the first of that name in the directories `elsewhere`.
pub(crate) fn included_path(file: &str, entry: &str, elsewhere: &[String]) -> String {
    let beside = paths::join(paths::dirname(file), entry);
    if entry.is_empty() || Path::new(&beside).exists() {
        return beside;
    }
    let mut others = elsewhere.iter().map(|place| paths::join(place, entry));
    let other = others.find(|other| Path::new(other).is_file());
    other.unwrap_or(beside)
}

/// The fault, with the place of the include that led to the file where it has none yet.
fn included_by(mut fault: Fault, at: Option<&Origin>) -> Fault {
    if let Fault::NotAFile { origin, .. } = &mut fault {
        *origin = origin.take().or_else(|| at.cloned());
    }
    fault
}

/// What a file is that must not be opened: fail2ban would wait for a pipe's writer, or read a
/// device without end. Not /dev/null, with which files are put out of use, and which is empty.
fn irregular(file: &Path) -> Option<&'static str> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let known = std::fs::metadata(file).ok()?;
    let kind = known.file_type();
    let null = || std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == known.rdev());
    match () {
        () if kind.is_fifo() => Some("a named pipe"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_block_device() => Some("a block device"),
        () if kind.is_char_device() && !null() => Some("a character device"),
        () => None,
    }
}

/// The bytes of a file, refused when there are more than a configuration can have.
fn read_bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file)?;
    let read = open.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    if read > MAX_TEXT {
        return Err(std::io::Error::other("it is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Every file followed by its `.local`, unless that is listed anyway (upstream's
/// `_expandConfFilesWithLocal`).
fn with_locals(files: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for file in files {
        all.push(file.clone());
        let local = format!("{}.local", paths::stem(file));
        if !files.contains(&local) && Path::new(&local).is_file() {
            all.push(local);
        }
    }
    all
}

/// The files of a `.d` directory with this extension, sorted, as `glob` has them.
fn drop_ins(directory: &str, extension: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let suffix = format!(".{extension}");
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut files: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(&suffix) && !name.starts_with('.'))
        .map(|name| format!("{directory}/{name}"))
        .filter(|file| Path::new(file).exists())
        .collect();
    files.sort();
    files
}
