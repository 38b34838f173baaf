//! Logs of the machine that a jail might have meant: where another syslog daemon writes, names
//! that are nearly the one asked for, the same name elsewhere.

use crate::config::{below, glob};
use crate::input::compress::{Compression, MAGIC_BYTES};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where syslog daemons of one system or another write what services tell them.
const SYSLOG: [&str; 10] = [
    "/var/log/auth.log",
    "/var/log/secure",
    "/var/log/messages",
    "/var/log/syslog",
    "/var/log/mail.log",
    "/var/log/maillog",
    "/var/log/mail/mail.log",
    "/var/log/mail/info",
    "/var/log/daemon.log",
    "/var/log/user.log",
];

/// Where services keep logs of their own.
const PLACES: [&str; 9] = [
    "/var/log",
    "/srv",
    "/opt",
    "/var/www",
    "/var/lib",
    "/home",
    "/usr/local",
    "/data",
    "/mnt",
];

/// Where Docker's own logs of containers lie, each in a directory named for the container's id.
const CONTAINERS: &str = "/var/lib/docker/containers/";

/// Entries looked at in search of a name, and how deep.
const ENTRIES: usize = 20_000;
const DEPTH: usize = 6;
/// Logs tried at most.
const TRIED: usize = 16;
/// Bytes of a file of a configuration, at most.
const BYTES: u64 = 1 << 20;

/// Logs that may have been meant by `pattern`, the likeliest first; without those of `known`.
pub(super) fn candidates(root: &Path, pattern: &str, known: &[String]) -> Vec<String> {
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    // of a glob that finds nothing little is left to compare
    let is_glob = name.contains(['*', '?', '[']);
    let plain = name.replace(['*', '?', '[', ']'], "");
    let stem = plain.split('.').next().unwrap_or(&plain);
    let mut found: Vec<String> = Vec::new();
    let mut add = |path: String| {
        let file = path.rsplit('/').next().unwrap_or(&path);
        let is_new = !known.contains(&path) && !found.contains(&path);
        if is_new && !is_rotated(file) && is_filled(&below(root, &path)) {
            found.push(path);
        }
    };
    let mut near: Vec<(f64, String)> = Vec::new();
    // logpath may name a directory
    let mut inside = vec![directory.to_owned(), pattern.to_owned()];
    if !stem.is_empty() {
        inside.push(format!("{directory}/{stem}"));
    }
    for place in &inside {
        for file in names_in(&below(root, place)) {
            let score = strsim::jaro_winkler(&file, &plain);
            // a service's own directory has its logs alone
            if score > 0.75 || place != directory || is_glob || directory != "/var/log" {
                near.push((score, format!("{}/{file}", place.trim_end_matches('/'))));
            }
        }
    }
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.into_iter().for_each(|(_, path)| add(path));
    // a container that is made anew has another id
    if directory.starts_with(CONTAINERS) {
        glob(root, &format!("{CONTAINERS}*/*-json.log"))
            .into_iter()
            .for_each(&mut add);
    }
    if is_of_syslog(pattern) {
        SYSLOG.iter().for_each(|path| add((*path).to_owned()));
    }
    if !name.is_empty() {
        for path in same_name(root, name) {
            add(path);
        }
    }
    found.truncate(TRIED);
    found
}

/// The logs of syslog daemons that are there and not empty.
pub(super) fn of_syslog(root: &Path) -> Vec<String> {
    let all = SYSLOG.iter().map(|path| (*path).to_owned());
    all.filter(|path| is_filled(&below(root, path))).collect()
}

/// Logs named for the service of a filter: `/var/log/vsftpd.log`, what is in `/var/log/exim4`.
pub(super) fn of_service(root: &Path, filter: &str) -> Vec<String> {
    let stem = filter.split(['-', '_', '.']).next().unwrap_or_default();
    if stem.len() < 3 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for name in names_in(&below(root, "/var/log")) {
        if !name.starts_with(stem) {
            continue;
        }
        let path = format!("/var/log/{name}");
        if below(root, &path).is_dir() {
            let inside = names_in(&below(root, &path)).into_iter();
            found.extend(inside.map(|file| format!("{path}/{file}")));
        } else {
            found.push(path);
        }
    }
    found.retain(|path| !is_rotated(path) && is_filled(&below(root, path)));
    found.truncate(TRIED);
    found
}

/// Whether a syslog daemon writes a log: it lies in /var/log itself, or where mail goes.
fn is_of_syslog(path: &str) -> bool {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    directory == "/var/log" || is_shared(path)
}

/// Whether many services write to a log.
pub(super) fn is_shared(path: &str) -> bool {
    SYSLOG.contains(&path)
}

/// Logs of that name, perhaps with wildcards, wherever services keep theirs.
fn same_name(root: &Path, name: &str) -> Vec<String> {
    let mut left = ENTRIES;
    let mut found = Vec::new();
    let mut open: Vec<(String, usize)> = PLACES.iter().map(|p| ((*p).to_owned(), 0)).collect();
    while let Some((directory, depth)) = open.pop() {
        found.extend(glob(root, &format!("{directory}/{name}")));
        let entries = std::fs::read_dir(below(root, &directory));
        for entry in entries.into_iter().flatten().flatten() {
            left = left.saturating_sub(1);
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name();
            if let (true, true, Some(name)) = (is_directory, depth < DEPTH, name.to_str()) {
                open.push((format!("{directory}/{name}"), depth + 1));
            }
        }
        if left == 0 {
            break;
        }
    }
    found.sort();
    found
}

/// The text of a file, if it is no longer than one of a configuration is.
pub(super) fn text(file: &Path) -> Option<String> {
    let bytes = crate::files::read_regular(file, BYTES).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The names in a directory, in their order; none of one that is not there.
pub(super) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn is_filled(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.len() > 0)
}

/// Whether a log is an old one by its name: `auth.log.1`, `auth.log-20261120`, `auth.log.2.gz`.
fn is_rotated(name: &str) -> bool {
    let (_, last) = name.rsplit_once(['.', '-']).unwrap_or(("", ""));
    let digits = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    digits || Compression::ENDINGS.contains(&last) || last == "old" || last == "bak"
}

/// The files that a log became when it was rotated, uncompressed ones.
pub(super) fn rotated(root: &Path, log: &str) -> Vec<String> {
    let (directory, name) = log.rsplit_once('/').unwrap_or(("", log));
    let files = names_in(&below(root, directory)).into_iter();
    let siblings = files.filter(|file| {
        let rest = file.strip_prefix(name);
        let is_sibling = rest.is_some_and(|rest| rest.starts_with(['.', '-']));
        is_sibling && is_rotated(file)
    });
    let paths = siblings.map(|file| format!("{directory}/{file}"));
    paths
        .filter(|path| compression(&below(root, path)).is_none())
        .collect()
}

/// The form that a file is compressed in.
pub(super) fn compression(path: &Path) -> Option<Compression> {
    if !path.is_file() {
        // one waits for ever at a named pipe
        return None;
    }
    let mut start = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAGIC_BYTES as u64).read_to_end(&mut start).ok()?;
    Compression::of(&start)
}

/// Why a file is no log that can be read.
pub(super) fn unreadable(file: &Path) -> Option<String> {
    let meta = match file.metadata() {
        Ok(meta) => meta,
        Err(error) => return Some(format!("cannot be read: {error}")),
    };
    if meta.is_dir() {
        return Some("is a directory, not a log".to_owned());
    }
    if !meta.is_file() {
        // not opened: one waits for ever at a named pipe
        return Some("is no regular file: fail2ban would wait at it".to_owned());
    }
    let error = std::fs::File::open(file).err()?;
    Some(format!("cannot be read: {error}"))
}

/// Whether a log has no line, or only empty ones.
pub(super) fn is_blank(file: &Path) -> bool {
    /// A longer file has lines.
    const SHORT: u64 = 4096;
    match file.metadata() {
        Ok(meta) if meta.len() <= SHORT => {
            std::fs::read(file).is_ok_and(|bytes| bytes.trim_ascii().is_empty())
        }
        _ => false,
    }
}

/// When a file was last written, epoch seconds.
pub(super) fn modified(path: &Path) -> Option<f64> {
    let time = path.metadata().ok()?.modified().ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}

/// The files of `paths` below `root`.
pub(super) fn on_disk(root: &Path, paths: &[String]) -> Vec<PathBuf> {
    paths.iter().map(|path| below(root, path)).collect()
}
