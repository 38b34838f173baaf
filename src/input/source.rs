//! What a LOG argument means: files, standard input, a journal, or lines given word for
//! word. Opening them is `reader`'s.

use super::compress::{Compression, MAGIC_BYTES};
use super::error::LogError;
use super::journal::journalctl::JournalSource;
use super::rotate::{self, grouped};
use crate::config::nearest;
use crate::work::{self, Work};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A log, understood but not yet opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LogSource {
    /// A file: plain, compressed, a journal export, a fifo.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Lines given on the command line.
    Literal(String),
    /// A journal that journalctl reads.
    Journal(JournalSource),
}

/// What a LOG argument of one word stands for where no file has that name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Words {
    /// A log that is missing.
    #[default]
    AreLogs,
    /// A line, as upstream takes it, unless it looks like a path.
    MayBeLines,
    /// A file that is missing, blanks or not: no line can be given there.
    AreFiles,
}

impl LogSource {
    /// Says what `argument` is: `-` is standard input, `systemd-journal[…]` the journal, an
    /// existing path that file or the logs in that directory, a pattern the files that fit,
    /// and anything else a line, if it has blanks. One word is a log that is not there: upstream
    /// takes it for a line and reports it missed.
    pub(crate) fn of(argument: &str, words: Words) -> Result<Vec<LogSource>, LogError> {
        if argument == "-" || argument == "/dev/stdin" {
            return Ok(vec![LogSource::Stdin]);
        }
        if let Some(journal) = JournalSource::of(argument) {
            return Ok(vec![LogSource::Journal(journal?)]);
        }
        let path = Path::new(argument);
        if path.is_dir() {
            return directory(path);
        }
        if path.exists() {
            return Ok(vec![LogSource::of_file(path.into())]);
        }
        if is_glob(argument) {
            return spread(argument);
        }
        let is_line = match words {
            Words::AreLogs => argument.chars().any(char::is_whitespace),
            Words::MayBeLines => !looks_like_path(argument),
            Words::AreFiles => false,
        };
        if !is_line {
            let (path, near) = (argument.to_owned(), near_log(argument));
            return Err(match words {
                Words::AreFiles => LogError::NoSuchRecord { path, near },
                _ => LogError::NoSuchFile { path, near },
            });
        }
        Ok(vec![LogSource::Literal(argument.into())])
    }

    /// Several arguments: rotated siblings together, oldest first, and nothing twice.
    pub(crate) fn of_all(arguments: &[String], words: Words) -> Result<Vec<LogSource>, LogError> {
        let mut all = Vec::new();
        for argument in arguments {
            all.extend(LogSource::of(argument, words)?);
        }
        let once = grouped(all, LogSource::clone).into_keys().collect();
        Ok(rotate::in_order(once, |source| match source {
            LogSource::File(path) => Some(path),
            _ => None,
        }))
    }

    /// A file, or the journal it is.
    fn of_file(path: PathBuf) -> LogSource {
        if start_of(&path).is_some_and(|start| start.starts_with(b"LPKSHHRH")) {
            LogSource::Journal(JournalSource::file(&path))
        } else {
            LogSource::File(path)
        }
    }

    /// The source as messages name it.
    pub(crate) fn name(&self) -> String {
        match self {
            LogSource::File(path) => path.display().to_string(),
            LogSource::Stdin => "(standard input)".into(),
            LogSource::Literal(_) => "(given line)".into(),
            LogSource::Journal(journal) => journal.spec.clone(),
        }
    }
}

/// The first bytes of a regular file; of a fifo they could not be put back.
fn start_of(path: &Path) -> Option<Vec<u8>> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    work::count(Work::LogStart, 1);
    let mut start = Vec::new();
    let file = File::open(path).ok()?;
    file.take(MAGIC_BYTES as u64).read_to_end(&mut start).ok()?;
    Some(start)
}

/// The logs in a directory, by name. Login databases that live beside them are no logs.
fn directory(path: &Path) -> Result<Vec<LogSource>, LogError> {
    const NO_LOGS: [&str; 5] = ["wtmp", "btmp", "utmp", "lastlog", "faillog"];
    let entries = std::fs::read_dir(path).map_err(|error| LogError::Io {
        path: path.display().to_string(),
        error,
    })?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        let name = file
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        file.is_file() && !name.starts_with('.') && !NO_LOGS.contains(&stem)
    });
    files.sort();
    if files.is_empty() {
        return Err(LogError::EmptyDirectory(path.display().to_string()));
    }
    let sources = files.into_iter().map(LogSource::of_file).collect();
    Ok(together(sources, path))
}

/// Journal files are one journal: journalctl merges them by time.
fn together(sources: Vec<LogSource>, spec: &Path) -> Vec<LogSource> {
    let mut rest = Vec::new();
    let mut journal = JournalSource {
        spec: spec.display().to_string(),
        ..JournalSource::default()
    };
    for source in sources {
        match source {
            LogSource::Journal(one) => journal.files.extend(one.files),
            other => rest.push(other),
        }
    }
    if !journal.files.is_empty() {
        rest.push(LogSource::Journal(journal));
    }
    rest
}

/// Whether it is meant as a pattern: wildcards and a directory or a log's ending, no blank.
fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
        && !text.chars().any(char::is_whitespace)
        && (looks_like_path(text)
            || text.contains("log")
            || Path::new(text).is_relative() && spread(text).is_ok())
}

/// The files a pattern fits.
fn spread(pattern: &str) -> Result<Vec<LogSource>, LogError> {
    let wrong = |error: glob::PatternError| LogError::WrongGlob(pattern.into(), error.to_string());
    let mut files = fitting(pattern).map_err(wrong)?;
    // nor pipes and devices, which would be waited for or have no end: by name only
    files.retain(|path| path.is_file());
    if files.is_empty() {
        return Err(LogError::EmptyGlob(pattern.into()));
    }
    let sources = files.into_iter().map(LogSource::of_file).collect();
    Ok(together(sources, Path::new(pattern)))
}

/// The paths a pattern fits, sorted part by part. As `glob::glob`, which leaves out names that
/// are not UTF-8, and of `**` follows links, even those that lead in circles.
fn fitting(pattern: &str) -> Result<Vec<PathBuf>, glob::PatternError> {
    let mut found = vec![PathBuf::new()];
    for part in Path::new(pattern).components() {
        let text = part.as_os_str().to_string_lossy();
        if text == "**" {
            found = found.iter().flat_map(|place| with_below(place)).collect();
            continue;
        }
        if !text.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(part));
            found.retain(|path| path.exists());
            continue;
        }
        let part = glob::Pattern::new(&text)?;
        let fits = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            part.matches(&name.to_string_lossy())
        };
        let places = found.iter().flat_map(|place| entries(place));
        found = places.filter(fits).collect();
    }
    Ok(found)
}

/// What is in a directory, sorted.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let here = Path::new(".");
    let of = if directory.as_os_str().is_empty() {
        here
    } else {
        directory
    };
    let names = std::fs::read_dir(of).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = names.map(|e| directory.join(e.file_name())).collect();
    paths.sort();
    paths
}

/// A directory and all those below it, links not followed.
fn with_below(directory: &Path) -> Vec<PathBuf> {
    let mut all = vec![directory.to_path_buf()];
    let mut next = 0;
    while let Some(place) = all.get(next) {
        let mut below = entries(place);
        below.retain(|path| path.is_dir() && !path.is_symlink());
        next += 1;
        all.splice(next..next, below);
    }
    all
}

/// Which log may be meant by a name that no file has: a misspelt one beside it, or one of the
/// machine's.
fn near_log(name: &str) -> String {
    let path = Path::new(name);
    let Some(word) = path.file_name().and_then(|word| word.to_str()) else {
        return String::new();
    };
    let beside = path.parent().unwrap_or(Path::new(""));
    let machine = Path::new("/var/log").join(name);
    if path.is_relative() && machine.is_file() {
        return format!("; is it {}?", machine.display());
    }
    let names: Vec<String> = entries(beside)
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    match nearest(word, names.iter().map(String::as_str)) {
        Some(near) => format!("; is it {}?", beside.join(near).display()),
        None => String::new(),
    }
}

/// No blank, and a `/` or the ending of a log: nobody writes a log line like that.
fn looks_like_path(text: &str) -> bool {
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return false;
    }
    let suffix = text.rsplit_once('.').map(|(_, suffix)| suffix);
    let is_log = suffix.is_some_and(|s| {
        matches!(s, "log" | "txt" | "journal" | "json")
            || Compression::ENDINGS.contains(&s)
            || (!s.is_empty() && text.contains(".log.") && s.bytes().all(|b| b.is_ascii_digit()))
    });
    text.contains('/') || is_log
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looked at once each, and ordered without comparing each with all others.
    #[test]
    fn logs_of_a_directory_are_linear() {
        let place = tempfile::tempdir().expect("a directory");
        let of = |count: usize| {
            let directory = place.path().join(count.to_string());
            std::fs::create_dir(&directory).expect("a directory");
            for number in 0..count {
                let name = format!("app-{}.log.{}", number / 10, number % 10);
                std::fs::write(directory.join(name), "x").expect("a file");
            }
            let name = directory.to_string_lossy().into_owned();
            let mut found = 0;
            let mut starts = 0;
            let allocated = allocation_counter::measure(|| {
                starts = work::of(Work::LogStart, || {
                    let logs = LogSource::of_all(&[name], Words::AreLogs);
                    found = logs.map_or(0, |logs| logs.len());
                });
            });
            assert_eq!((found, starts), (count, count as u64));
            allocated.bytes_total
        };
        let (few, many) = (of(250), of(1_000));
        assert!(many < 6 * few, "{few} bytes, {many} for four times as many");
    }

    #[test]
    fn a_missing_path_is_no_line() {
        let of = |text, words| LogSource::of(text, words);
        for path in ["/no/such", "no/such", "mail.log", "mail.log.1", "x.gz"] {
            for words in [Words::AreLogs, Words::MayBeLines] {
                let found = of(path, words);
                assert!(matches!(found, Err(LogError::NoSuchFile { .. })), "{path}");
            }
        }
        for word in ["192.0.2.1", "word", "x.com", "auth.lgo", ""] {
            let found = of(word, Words::AreLogs);
            assert!(matches!(found, Err(LogError::NoSuchFile { .. })), "{word}");
            let found = of(word, Words::MayBeLines);
            assert!(
                matches!(found.as_deref(), Ok([LogSource::Literal(_)])),
                "{word}"
            );
        }
        let line = of("a b /c", Words::AreLogs);
        assert!(matches!(line.as_deref(), Ok([LogSource::Literal(_)])));
    }

    #[test]
    fn a_misspelt_log_is_named() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("auth.log"), "").expect("written");
        let typed = place.path().join("auth.lgo").display().to_string();
        let said = LogSource::of(&typed, Words::AreLogs).expect_err("no such file");
        let wanted = format!("; is it {}?", place.path().join("auth.log").display());
        assert!(said.to_string().contains(&wanted), "{said}");
    }
}
