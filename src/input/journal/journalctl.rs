//! Journals that are no export are read through the real `journalctl`, the matches pushed
//! down to it: `systemd-journal[…]`, with the options of fail2ban's backend, and `.journal`
//! files.

use super::super::error::LogError;
use super::super::window::Window;
use super::JournalMatch;
use crate::config::is_true;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The flags of sd_journal_open that fail2ban knows.
const RUNTIME_ONLY: u32 = 2;
const SYSTEM_ONLY: u32 = 4;
const CURRENT_USER: u32 = 8;

/// Which journal is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct JournalSource {
    /// As given.
    pub(crate) spec: String,
    /// `journalpath`.
    pub(crate) directory: Option<PathBuf>,
    /// `journalfiles`, globs spread.
    pub(crate) files: Vec<PathBuf>,
    /// `journalflags`.
    pub(crate) flags: Option<u32>,
    /// `namespace`.
    pub(crate) namespace: Option<String>,
    /// `rotated`: archived files too.
    pub(crate) rotated: bool,
}

impl JournalSource {
    /// Reads `systemd-journal` or `systemd-journal[name=value,…]`; None where it is neither.
    pub(crate) fn of(spec: &str) -> Option<Result<JournalSource, LogError>> {
        let rest = spec.strip_prefix("systemd-journal")?;
        let options = match rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')) {
            Some(options) => options,
            None if rest.is_empty() => "",
            None => return None,
        };
        Some(JournalSource::with(spec, options))
    }

    /// One journal file.
    pub(crate) fn file(path: &Path) -> JournalSource {
        JournalSource {
            spec: path.display().to_string(),
            files: vec![path.to_path_buf()],
            ..JournalSource::default()
        }
    }

    fn with(spec: &str, options: &str) -> Result<JournalSource, LogError> {
        let wrong = |why: String| LogError::Journal(spec.to_string(), why);
        let mut source = JournalSource {
            spec: spec.to_string(),
            ..JournalSource::default()
        };
        for (name, value) in split_options(options) {
            match name.as_str() {
                "journalpath" => source.directory = Some(value.into()),
                "journalfiles" => {
                    for pattern in value.split([',', ' ', '\n']).filter(|p| !p.is_empty()) {
                        source.files.extend(spread(pattern));
                    }
                    if source.files.is_empty() {
                        return Err(wrong(format!("journalfiles={value}: no such file")));
                    }
                }
                "journalflags" => {
                    let flags = value.trim().parse();
                    source.flags = Some(flags.map_err(|_| {
                        wrong(format!("journalflags={value}: expected a number, 1 to 15"))
                    })?);
                }
                "namespace" => source.namespace = Some(value),
                "rotated" => source.rotated = is_true(&value),
                _ => {
                    return Err(wrong(format!(
                        "unknown option {name}; expected journalpath, journalfiles, \
                         journalflags, namespace or rotated"
                    )));
                }
            }
        }
        Ok(source)
    }

    /// The arguments for journalctl, matches last.
    pub(crate) fn arguments(
        &self,
        matches: Option<&JournalMatch>,
        window: &Window,
    ) -> Vec<OsString> {
        let mut all: Vec<OsString> = vec![
            "--output=export".into(),
            "--no-pager".into(),
            "--quiet".into(),
        ];
        let option = |name: &str, value: &Path| {
            let mut text = OsString::from(name);
            text.push(value);
            text
        };
        // archived files (`…@….journal`) are left out unless asked for, as upstream does
        // (_globJournalFiles): journalctl itself takes them
        let current = if self.rotated || !self.files.is_empty() || self.namespace.is_some() {
            Vec::new()
        } else {
            self.current_files()
        };
        if !current.is_empty() || !self.files.is_empty() {
            let files = current.iter().chain(&self.files);
            all.extend(files.map(|file| option("--file=", file)));
        } else {
            if let Some(directory) = &self.directory {
                all.push(option("--directory=", directory));
            }
            let flags = self.flags.unwrap_or(0);
            if flags & SYSTEM_ONLY != 0 {
                all.push("--system".into());
            }
            if flags & CURRENT_USER != 0 {
                all.push("--user".into());
            }
        }
        if let Some(namespace) = &self.namespace {
            all.push(format!("--namespace={namespace}").into());
        }
        if let Some(since) = window.since {
            all.push(format!("--since=@{}", since.floor()).into());
        }
        if let Some(until) = window.until {
            // by its own clock an entry may be older than by journald's
            all.push(format!("--until=@{}", until.ceil() + 60.0).into());
        }
        all.extend(
            matches
                .map(JournalMatch::arguments)
                .unwrap_or_default()
                .into_iter()
                .map(Into::into),
        );
        all
    }

    /// The files journald is writing, of the directories and kinds asked for.
    fn current_files(&self) -> Vec<PathBuf> {
        let flags = self.flags.unwrap_or(0);
        let directories = match &self.directory {
            Some(directory) => vec![directory.display().to_string()],
            None if flags & RUNTIME_ONLY != 0 => vec!["/run/log/journal/*".into()],
            None => vec!["/var/log/journal/*".into(), "/run/log/journal/*".into()],
        };
        let mut names = Vec::new();
        if self.flags.is_none() || flags & SYSTEM_ONLY != 0 {
            names.push("system.journal".to_string());
        }
        if flags & CURRENT_USER != 0 {
            names.push(format!(
                "user-{}.journal",
                rustix::process::geteuid().as_raw()
            ));
        }
        if flags & (SYSTEM_ONLY | CURRENT_USER) == 0 {
            names = vec!["*.journal".into()];
        }
        let mut files = Vec::new();
        for directory in &directories {
            for name in &names {
                files.extend(spread(&format!("{directory}/{name}")));
            }
        }
        files.retain(|file| !file.to_string_lossy().contains('@'));
        files
    }

    /// Starts journalctl.
    pub(crate) fn start(
        &self,
        matches: Option<&JournalMatch>,
        window: &Window,
    ) -> Result<Journalctl, LogError> {
        let mut command = Command::new("journalctl");
        command
            .args(self.arguments(matches, window))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            let why = match error.kind() {
                io::ErrorKind::NotFound => {
                    "journalctl is not installed here; on the machine of the journal, run: \
                     journalctl -o export > journal.export"
                        .to_string()
                }
                _ => format!("journalctl: {error}"),
            };
            LogError::Journal(self.spec.clone(), why)
        })?;
        let stdout = child.stdout.take();
        // read beside standard output: a full pipe would stop journalctl
        let stderr = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = String::new();
                // what cannot be read of a message is not worth more words
                let _ = stderr.read_to_string(&mut text);
                text
            })
        });
        Ok(Journalctl {
            child,
            stdout,
            stderr,
        })
    }
}

/// A running journalctl: its entries in export format.
#[derive(Debug)]
pub(crate) struct Journalctl {
    child: Child,
    stdout: Option<ChildStdout>,
    stderr: Option<std::thread::JoinHandle<String>>,
}

impl Read for Journalctl {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.stdout {
            Some(stdout) => stdout.read(buffer)?,
            None => 0,
        };
        if read == 0 && !buffer.is_empty() && self.stdout.take().is_some() {
            let status = self.child.wait()?;
            let said = self
                .stderr
                .take()
                .and_then(|thread| thread.join().ok())
                .unwrap_or_default();
            if !status.success() && !super::super::interrupt::requested() {
                let why = said.lines().next().unwrap_or("it failed without a word");
                return Err(io::Error::other(format!("journalctl: {why}")));
            }
        }
        Ok(read)
    }
}

impl Drop for Journalctl {
    fn drop(&mut self) {
        if self.stdout.take().is_some() {
            // it may be gone already
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// `name=value` pairs at commas outside quotes (upstream's `extractOptions`, of which a
/// value with a comma needs quotes).
fn split_options(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (',', None) => parts.push(String::new()),
            (c, _) => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    (parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty()))
    .map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.trim().to_string(), value.trim().to_string())
    })
    .collect()
}

/// The files of a glob, sorted.
fn spread(pattern: &str) -> Vec<PathBuf> {
    glob::glob(pattern)
        .into_iter()
        .flatten()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(spec: &str) -> Vec<String> {
        let source = JournalSource::of(spec)
            .expect("a journal")
            .expect("valid options");
        let lines = [vec!["_COMM=sshd".to_string(), "+".into(), "_PID=1".into()]];
        let matches = JournalMatch::parse(&lines).expect("valid");
        let window = Window {
            since: Some(10.5),
            until: None,
        };
        let all = source.arguments(matches.as_ref(), &window);
        all.iter()
            .skip(3)
            .map(|a| a.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn options_become_journalctls() {
        assert_eq!(
            arguments("systemd-journal[journalpath=/no/such, rotated=on, journalflags=4]"),
            [
                "--directory=/no/such",
                "--system",
                "--since=@10",
                "_COMM=sshd",
                "+",
                "_PID=1"
            ]
        );
        assert_eq!(
            arguments("systemd-journal[namespace=\"a,b\"]")[0],
            "--namespace=a,b"
        );
        assert!(JournalSource::of("systemd-journald[1]: x").is_none());
        let wrong = JournalSource::of("systemd-journal[journalpaht=/x]");
        assert!(matches!(wrong, Some(Err(LogError::Journal(..)))));
    }
}
