//! The configuration reader: files with includes, interpolation, tags and options.
//!
//! Input: a FILTER argument on the first line, then files, each behind a line
//! `=> name` (`=> filter.d/x.conf`). What stands before the first such line, beyond the
//! argument, is left out.

use crate::config::{
    ConfigError, FilterRequest, FilterSource, Loader, Lookup, Resolution, Setting, jail_names,
    jail_options, resolve,
};
use std::fs;
use std::path::Path;

/// Files of an input, at most.
const MOST_FILES: usize = 12;

thread_local! {
    static PLACE: tempfile::TempDir = super::scratch_directory();
}

/// One input.
pub fn run(data: &[u8]) {
    PLACE.with(|place| {
        let config = place.path().join("etc");
        // of the input before
        let _ = fs::remove_dir_all(&config);
        fs::create_dir_all(config.join("filter.d")).expect("a directory can be made");
        let Some(spec) = write_files(data, &config) else {
            return;
        };
        for systemd in [false, true] {
            read(&spec, &config, systemd);
        }
    });
}

/// Writes the files of an input; its FILTER argument.
fn write_files(data: &[u8], config: &Path) -> Option<String> {
    let end = data.iter().position(|&b| b == b'\n').unwrap_or(data.len());
    let spec = String::from_utf8_lossy(&data[..end]).into_owned();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in data[end..].split_inclusive(|&b| b == b'\n') {
        if let Some(name) = line.strip_prefix(b"=> ") {
            let name = String::from_utf8_lossy(name).trim().to_owned();
            if files.len() == MOST_FILES {
                break;
            }
            files.push((name, Vec::new()));
        } else if let Some((_, bytes)) = files.last_mut() {
            bytes.extend_from_slice(line);
        }
    }
    for (name, bytes) in files {
        // only below the directory, and nothing that would shadow a directory
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let parts: Vec<&str> = name.split('/').collect();
        let good = |part: &&str| !part.is_empty() && *part != ".." && part.chars().all(plain);
        if parts.len() > 3 || name.len() > 60 || !parts.iter().all(good) {
            continue;
        }
        let path = config.join(&name);
        if let Some(parent) = path.parent() {
            // a file may stand in the way
            let _ = fs::create_dir_all(parent);
        }
        let _ = fs::write(path, bytes);
    }
    // an argument with a path of its own could name any file of the machine
    (!spec.contains("..") && !spec.trim_start().starts_with('/')).then_some(spec)
}

fn read(spec: &str, config: &Path, backend_systemd: bool) {
    let request = FilterRequest {
        spec,
        config_dir: Some(config),
        backend_systemd,
        // a file of the directory the tests run in is none of the case
        lookup: Lookup::Upstream,
    };
    let first = resolve(&request);
    let again = resolve(&request);
    assert_eq!(
        format!("{first:?}"),
        format!("{again:?}"),
        "reading twice gives the same"
    );
    match &first {
        Ok(Resolution::Filter(source)) => look_at(source),
        Ok(Resolution::Literal) => {}
        Err(error) => report(error),
    }
    if let Err(error) = jail_options(&Loader::default(), &request) {
        report(&error);
    }
    let loader = Loader::default();
    match jail_names(config) {
        Ok(names) => {
            for jail in names.iter().take(4) {
                match loader.jail(config, &jail.name) {
                    Ok(Resolution::Filter(source)) => look_at(&source),
                    Ok(Resolution::Literal) => {}
                    Err(error) => report(&error),
                }
            }
        }
        Err(error) => report(&error),
    }
    let mut filters: Vec<_> = match fs::read_dir(config.join("filter.d")) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    };
    filters.sort();
    let options = [("mode".to_owned(), "aggressive".to_owned())];
    for file in filters.iter().filter(|file| file.is_file()).take(4) {
        match loader.filter(file, &options) {
            Ok(Resolution::Filter(source)) => look_at(&source),
            Ok(Resolution::Literal) => {}
            Err(error) => report(&error),
        }
    }
}

/// What a filter that was read must be.
fn look_at(source: &FilterSource) {
    assert!(source.real_options_repr.starts_with('{'));
    let _ = (source.main_file(), source.falls_back_to_literal());
    for warning in &source.warnings {
        assert!(!warning.message.is_empty());
    }
    for setting in &source.settings {
        let origin = match setting {
            Setting::Prefregex(value)
            | Setting::Failregex(value)
            | Setting::Ignoreregex(value)
            | Setting::Maxlines(value)
            | Setting::Datepattern(value)
            | Setting::UseDns(value)
            | Setting::LogEncoding(value)
            | Setting::LogTimezone(value) => &value.origin,
            Setting::Journalmatch(_, origin) => origin,
        };
        let Some(origin) = origin else { continue };
        assert!(
            source.files.iter().any(|file| **file == *origin.file),
            "{origin} is of no file that was read: {:?}",
            source.files
        );
        exists(&origin.file, origin.line);
    }
}

/// An error for people is one line, and its place exists.
fn report(error: &ConfigError) {
    let text = error.to_string();
    assert!(!text.is_empty() && !text.contains('\n'), "{text:?}");
    for verbose in [false, true] {
        let classic = error.classic_at(verbose);
        assert!(classic.status == 1 || classic.status == 255);
        assert_eq!(classic.status == 1, classic.uncaught.is_some());
    }
    if let Some((file, line)) = error.fault.place() {
        exists(file, line);
    }
}

fn exists(file: &Path, line: u32) {
    let bytes = fs::read(file).expect("a file named in a message exists");
    // any of Python's line ends may count, and a value may end behind the last one
    let ends = |c: char| "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}".contains(c);
    let lines = String::from_utf8_lossy(&bytes).matches(ends).count() + 1;
    assert!(
        (1..=lines).contains(&(line as usize)),
        "{}:{line} of {lines} lines",
        file.display()
    );
}
