//! `--show-settings`: what counts, as TOML, and where each comes from.

use super::settings::{From, Settings};
use crate::analysis::check::selection::PerFile;
use crate::analysis::check::shown;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Prints all settings.
///
/// # Errors
///
/// Those of writing.
pub(super) fn show(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let project = settings.project.as_ref();
    let file = project.map(|project| shown(&project.path).display().to_string());
    match &file {
        Some(file) => writeln!(out, "# settings of {file}")?,
        None => writeln!(out, "# no f2b-regex.toml")?,
    }
    for (key, value, from) in rows(settings) {
        let from = match from {
            From::CommandLine => "command line",
            From::File => file.as_deref().unwrap_or_default(),
            From::Default => "default",
        };
        writeln!(out, "{:<50} # {from}", format!("{key}{value}"))?;
    }
    Ok(())
}

/// Keys with what stands between and behind, in the order of the README.
fn rows(settings: &Settings) -> Vec<(String, String, From)> {
    let mut rows = Vec::new();
    let mut add = |key: &str, value: String, from: From| {
        rows.push((format!("{key} = "), value, from));
    };
    add("paths", paths(&settings.paths.value), settings.paths.from);
    add(
        "samples",
        paths(&settings.samples.value),
        settings.samples.from,
    );
    add("now", quote(&settings.now.value), settings.now.from);
    let timezone = &settings.timezone;
    add("timezone", quote(&timezone.value), timezone.from);
    let minimum = &settings.coverage_min;
    let percent = minimum.value.unwrap_or(0.0).to_string();
    add("coverage-min", percent, minimum.from);
    let strict = settings.strict.value.to_string();
    add("strict", strict, settings.strict.from);
    if let Some(path) = &settings.baseline.value {
        add("baseline", quote_path(path), settings.baseline.from);
    }
    let select = if settings.select.value.is_empty() {
        quoted(&["ALL".to_owned()])
    } else {
        quoted(&settings.select.value)
    };
    add("select", select, settings.select.from);
    let ignore = &settings.ignore;
    add("ignore", quoted(&ignore.value), ignore.from);
    let per_file = settings.per_file.iter();
    for PerFile {
        pattern, ignore, ..
    } in per_file
    {
        let key = format!("per-file-ignores.{}", quote(pattern.as_str()));
        add(&key, quoted(ignore), From::File);
    }
    for (filter, sets) in &settings.option_sets {
        let sets = sets.iter().map(|set| {
            let pairs = set.iter();
            let pairs = pairs.map(|(name, value)| format!("{name} = {}", quote(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        });
        let sets = sets.collect::<Vec<_>>().join(", ");
        add(
            &format!("option-sets.{filter}"),
            format!("[{sets}]"),
            From::File,
        );
    }
    let dirs = &settings.include_dirs;
    let config = match dirs.value.as_slice() {
        [one] => ("config = ".to_owned(), quote_path(one), dirs.from),
        several => {
            let names: Vec<String> = several.iter().map(|dir| quote_path(dir)).collect();
            ("# config: ".to_owned(), names.join(", then "), dirs.from)
        }
    };
    rows.insert(1, config);
    rows
}

fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn quote_path(path: &Path) -> String {
    match shown(path) {
        here if here.as_os_str().is_empty() => quote("."),
        shown => quote(&shown.display().to_string()),
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn paths(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    quoted(&names)
}
