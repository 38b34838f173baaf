//! What a file is that was given for a filter and sets nothing a filter sets. "No such file" is
//! never said of a file that exists.

use std::path::{Path, PathBuf};

use super::ini::Sections;
use super::spelling::nearest;
use super::value::Options;

/// Options by which an action is told.
const OF_ACTIONS: [&str; 6] = [
    "actionstart",
    "actionstop",
    "actioncheck",
    "actionban",
    "actionunban",
    "actionflush",
];

/// Options by which a jail is told.
const OF_JAILS: [&str; 5] = ["enabled", "filter", "logpath", "bantime", "banaction"];

/// What is missing in a file, and what was perhaps meant, in one line.
pub(super) fn reason(file: &str, sections: &Sections) -> String {
    let names: Vec<&str> = sections.named.keys().map(String::as_str).collect();
    if let Some(definition) = sections.named.get("Definition") {
        return without_failregex(file, definition);
    }
    let missing = "it has no section [Definition]";
    let near = names
        .iter()
        .find(|name| nearest(name, ["Definition"]).is_some());
    if let Some(near) = near {
        let line = line_of(file, near).map_or_else(String::new, |line| format!(" in line {line}"));
        return format!("{missing}; is [{near}]{line} meant to be it?");
    }
    let mut sets = sections.named.iter();
    if let Some((jail, _)) = sets.find(|(_, options)| has_one_of(options, &OF_JAILS)) {
        return format!(
            "{missing}: it looks like a jail file; name the jail instead, such as {jail}"
        );
    }
    match names.as_slice() {
        [] => missing.to_owned(),
        names => format!("{missing}, only [{}]", names.join("], [")),
    }
}

/// Whether a text that stands for no filter looks like a filter's name or path, and not like a
/// regex: `sshd`, `filter.d/my-app.conf`, `sshd[mode=aggressive]`.
pub(crate) fn looks_like_name(spec: &str) -> bool {
    let name = spec.split('[').next().unwrap_or(spec);
    let ends = name.ends_with(".conf") || name.ends_with(".local");
    let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    !name.is_empty() && (ends && !name.contains('<') || name.chars().all(plain))
}

/// What to say of a text that stands for no filter, names nobody as a failregex, and looks like the
/// name or path of a filter: which names of the configuration directory are near.
pub(crate) fn no_filter(spec: &str, config: impl FnOnce() -> PathBuf) -> Option<String> {
    let name = spec.split('[').next().unwrap_or(spec);
    let path = Path::new(name);
    if path.is_dir() {
        return Some(format!(
            "{spec}: is a directory; give a filter in it, or check them all: f2b-regex check {name}"
        ));
    }
    if !looks_like_name(spec) {
        return None;
    }
    let place = config().join("filter.d");
    let mut known = names_in(&place);
    if let Some(beside) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        known.extend(names_in(beside));
    }
    let asked = name.rsplit('/').next().unwrap_or(name);
    let asked = asked.trim_end_matches(".conf");
    let near = (known.iter())
        .map(|k| (strsim::jaro_winkler(k, asked), k))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = match near {
        Some((_, near)) => format!("; is it {near}?"),
        None if known.is_empty() => "; is there a filter.d in the directory -c names?".into(),
        None => String::new(),
    };
    Some(format!(
        "{spec}: no jail, no filter in {}, no file of that name, and as a failregex it names nobody \
         (no <HOST>){hint}",
        place.display()
    ))
}

/// The names of the filters in a directory.
fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let path = entry.path();
        let is_filter = path
            .extension()
            .is_some_and(|e| e == "conf" || e == "local");
        let stem = path.file_stem()?.to_str()?.to_string();
        is_filter.then_some(stem)
    });
    names.collect()
}

fn without_failregex(file: &str, definition: &Options) -> String {
    if has_one_of(definition, &OF_ACTIONS) {
        return "it is an action (its [Definition] says what to do on a ban), not a filter".into();
    }
    if let Some(line) = line_of_comment(file) {
        return format!(
            "its failregex is a comment, in line {line}: to the reader of the file, what begins with \
             `;` or `#` is none of it; a sign of the log is asked for as `[;]` or `[#]`"
        );
    }
    let mut options = definition.keys().map(String::as_str);
    let near = options.find(|option| nearest(option, ["failregex"]).is_some());
    match near {
        Some(near) => {
            format!("its [Definition] sets no failregex; is {near} meant to be it?")
        }
        None => "its [Definition] sets no failregex: it is made to be included by filters, or \
                 not finished"
            .into(),
    }
}

/// The line of a failregex of which all is a comment, counted from 1.
fn line_of_comment(file: &str) -> Option<usize> {
    let text = std::fs::read(Path::new(file)).ok()?;
    let text = String::from_utf8_lossy(&text);
    let mut lines = text
        .lines()
        .zip(1..)
        .skip_while(|(line, _)| !line.starts_with("failregex"));
    let (first, at) = lines.next()?;
    let (name, value) = first.split_once('=')?;
    let behind = lines.map_while(|(line, at)| {
        let is_of_value = line.starts_with([' ', '\t', ';', '#']) || line.is_empty();
        is_of_value.then_some((line, at))
    });
    let mut values = std::iter::once((value, at)).chain(behind);
    let (value, at) = values.find(|(value, _)| !value.trim().is_empty())?;
    (name.trim() == "failregex" && value.trim().starts_with([';', '#'])).then_some(at)
}

fn has_one_of(options: &Options, names: &[&str]) -> bool {
    names.iter().any(|name| options.contains_key(*name))
}

/// Where a section begins, counted from 1.
fn line_of(file: &str, section: &str) -> Option<usize> {
    let text = std::fs::read(Path::new(file)).ok()?;
    let text = String::from_utf8_lossy(&text);
    let header = format!("[{section}]");
    let at = text.lines().position(|line| line.starts_with(&header))?;
    Some(at + 1)
}
