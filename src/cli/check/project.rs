//! `f2b-regex.toml`, found upwards from what is checked, and read. What it and the command line
//! say together is `settings`'.

use crate::config::nearest;
use crate::files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The name of the file.
pub(super) const FILE_NAME: &str = "f2b-regex.toml";

/// Bytes it may have.
const MOST_BYTES: u64 = 1 << 20;

/// What the file may say; see the README for what each key is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Keys {
    pub(super) paths: Option<Vec<PathBuf>>,
    pub(super) config: Option<PathBuf>,
    pub(super) samples: Option<Vec<PathBuf>>,
    pub(super) now: Option<Spanned<Time>>,
    pub(super) timezone: Option<Spanned<String>>,
    pub(super) coverage_min: Option<Spanned<f64>>,
    pub(super) strict: Option<bool>,
    pub(super) baseline: Option<PathBuf>,
    pub(super) select: Option<Vec<Spanned<String>>>,
    pub(super) ignore: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) per_file_ignores: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) option_sets: BTreeMap<String, Vec<BTreeMap<String, String>>>,
}

/// A time as text or as TOML's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Text(String),
    Date(toml::value::Datetime),
}

impl Time {
    pub(super) fn text(&self) -> String {
        match self {
            Time::Text(text) => text.clone(),
            Time::Date(date) => date.to_string(),
        }
    }
}

/// The file, read.
#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) path: PathBuf,
    text: String,
    pub(super) keys: Keys,
}

impl Project {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Project, String> {
        let read = files::read_regular(path, MOST_BYTES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8"))
        });
        let text = read.map_err(|error| format!("{}: {error}", path.display()))?;
        let keys: Result<Keys, toml::de::Error> = toml::from_str(&text);
        let mut project = Project {
            path: path.to_path_buf(),
            text,
            keys: Keys::default(),
        };
        project.keys = keys.map_err(|error| {
            let message = error.message().lines().next().unwrap_or_default();
            project.fault(error.span().unwrap_or_default(), &meant(message))
        })?;
        Ok(project)
    }

    /// The file for these paths: the nearest upwards from each, which must be the same for all.
    pub(super) fn find(paths: &[PathBuf]) -> Result<Option<Project>, String> {
        let here = PathBuf::from(".");
        let mut found: Option<(&Path, Option<PathBuf>)> = None;
        for path in paths.iter().chain(paths.is_empty().then_some(&here)) {
            let file = upwards(path);
            if let Some((first, known)) = &found
                && *known != file
            {
                let shown = |file: &Option<PathBuf>| match file {
                    Some(file) => file.display().to_string(),
                    None => format!("no {FILE_NAME}"),
                };
                return Err(format!(
                    "{} belongs to {}, {} to {}: check them one after the other, or name one \
                     file by --settings",
                    first.display(),
                    shown(known),
                    path.display(),
                    shown(&file),
                ));
            }
            found.get_or_insert((path, file));
        }
        let file = found.and_then(|(_, file)| file);
        file.map(|file| Project::read(&file)).transpose()
    }

    /// The directory that paths of the file are below.
    pub(super) fn directory(&self) -> &Path {
        let parent = self.path.parent().unwrap_or(Path::new("."));
        if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        }
    }

    /// The line (from 1) a part of the text begins in.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// A message about a part of the text.
    pub(super) fn fault(&self, span: Range<usize>, message: &str) -> String {
        let shown = crate::analysis::check::shown(&self.path).display();
        format!("{shown}:{}: {message}", self.line(span.start))
    }
}

/// The nearest file of the name, from a path up to the root of the file system.
fn upwards(path: &Path) -> Option<PathBuf> {
    let full = path.canonicalize().ok()?;
    let mut places = full.ancestors().map(|place| place.join(FILE_NAME));
    places.find(|file| file.is_file())
}

/// The message of a TOML error; of an unknown key with the one that was perhaps meant, of a single
/// value with the list it should be.
fn meant(message: &str) -> String {
    let single = message.strip_prefix("invalid type: ");
    if let Some(found) = single.and_then(|rest| rest.strip_suffix(", expected a sequence")) {
        let value = found.split_once(' ').map_or(found, |(_, value)| value);
        return format!("found the {found}, expected a list: [{value}]");
    }
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.to_owned();
    };
    let mut words = rest.split('`').step_by(2);
    let key = words.next().unwrap_or_default();
    // the rest of the message lists the keys in the same quotes
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("unknown key `{key}`; did you mean `{near}`?"),
        None => format!("unknown key `{key}`, expected one of {}", known.join(", ")),
    }
}
