//! Files that hold jails and that fail2ban does not read, as their names are not those it looks for:
//! `jail.d/sshd.cnf`, `jail.local.conf`, `jail.d/mine/sshd.conf`; and `fail2ban.local`, from which it
//! reads no jails.

use crate::analysis::check::RawFile;
use crate::config::{Origin, is_true};
use std::path::{Path, PathBuf};

/// How the names of copies end that editors, packages and careful administrators leave: they are
/// meant not to be read.
const COPIES: [&str; 28] = [
    "bak",
    "backup",
    "old",
    "orig",
    "save",
    "saved",
    "copy",
    "swp",
    "disabled",
    "off",
    "inactive",
    "example",
    "sample",
    "dist",
    "default",
    "template",
    "tmpl",
    "j2",
    "dpkg-old",
    "dpkg-dist",
    "dpkg-new",
    "ucf-dist",
    "ucf-old",
    "rpmnew",
    "rpmsave",
    "pacnew",
    "pacsave",
    "apk-new",
];

/// Whether a file is called like a copy: `jail.local.bak`, `jail.local~`, `jail.local.2026-11-20`.
fn is_copy(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    let is_numbered = |end: &str| {
        let letters = end.trim_start_matches(char::is_alphabetic);
        let known = &end[..end.len() - letters.len()];
        let is_date = |c: char| c.is_ascii_digit() || c == '-' || c == '_';
        (known.is_empty() || COPIES.contains(&known))
            && !letters.is_empty()
            && letters.chars().all(is_date)
    };
    name.ends_with('~') || COPIES.contains(&end) || is_numbered(end)
}

/// A file that sets `enabled`, and is not read.
#[derive(Clone, Debug)]
pub(crate) struct UnreadFile {
    /// From the configuration directory on.
    pub(crate) name: String,
    pub(crate) why: &'static str,
    /// Whether it is called like a copy.
    pub(crate) is_copy: bool,
    /// What to do, so that its jails are read.
    pub(crate) change: String,
    file: RawFile,
}

impl UnreadFile {
    /// That it is not read, and why.
    pub(crate) fn message(&self) -> String {
        format!("{} is not read: {}", self.name, self.why)
    }

    /// Where the file enables a jail, if it does.
    pub(crate) fn enabling(&self, jail: &str) -> Option<Origin> {
        let mut options = self.file.options.iter();
        let option = options.find(|option| {
            let value = option.lines.first().map_or("", |(_, text)| text);
            option.section == jail && option.name == "enabled" && is_true(value.trim())
        })?;
        Some(Origin::at(&self.file.path, option.line(), "enabled"))
    }

    /// Whether it lies neither in `jail.d` itself nor beside it.
    pub(crate) fn is_elsewhere(&self) -> bool {
        let inside = self.name.strip_prefix("jail.d/").unwrap_or(&self.name);
        inside.contains('/')
    }

    /// Its sections.
    pub(crate) fn jails(&self) -> impl Iterator<Item = &str> {
        self.file.sections.iter().map(|(name, _)| name.as_str())
    }
}

/// All such files of a configuration directory: first those of `jail.d`, then those beside it, then
/// those of other directories.
pub(crate) fn unread_files(config: &Path) -> Vec<UnreadFile> {
    const ENDING: &str = "its name ends neither in .conf nor in .local";
    const PLACE: &str = "fail2ban reads jail.conf, jail.local and what lies in jail.d itself";
    const OWN: &str = "fail2ban reads its own options there, and jails elsewhere";
    let mut found = Vec::new();
    let in_jail_d = files_in(config, "jail.d/");
    found.extend(
        in_jail_d
            .filter(|name| !is_read_in_jail_d(name))
            .map(|name| (name, ENDING)),
    );
    let beside = files_in(config, "").filter(|name| !is_read_beside(name));
    found.extend(beside.map(|name| (name, PLACE)));
    let others =
        directories_in(config, "").filter(|name| name.starts_with("jail") && name != "jail.d");
    for directory in others.chain(directories_in(config, "jail.d/")) {
        let inside = files_in(config, &format!("{directory}/"));
        found.extend(
            inside
                .filter(|name| is_configuration(name))
                .map(|name| (name, PLACE)),
        );
    }
    let own = ["fail2ban.conf", "fail2ban.local"].map(str::to_owned);
    let own = own.into_iter().chain(files_in(config, "fail2ban.d/"));
    found.extend(own.map(|name| (name, OWN)));
    let files = found.into_iter().filter_map(|(name, why)| {
        let path = config.join(&name);
        if !enables(&path) {
            return None;
        }
        Some(UnreadFile {
            file: RawFile::read(&path),
            is_copy: is_copy(&name),
            change: match why {
                OWN => "move its jails to jail.local".to_owned(),
                _ => format!("call it {}", better(config, &name)),
            },
            name,
            why,
        })
    });
    files.collect()
}

/// A name by which a file would be read, that no file has yet.
fn better(config: &Path, name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut stem = file.trim_start_matches('.').trim_end_matches('~');
    while let Some((before, _)) = stem.rsplit_once('.') {
        stem = before;
    }
    let is_free = |name: &String| !config.join(name).exists();
    let beside = (stem == "jail").then(|| "jail.local".to_owned());
    let mut names = beside.into_iter().chain([format!("jail.d/{stem}.local")]);
    names
        .find(is_free)
        .unwrap_or_else(|| format!("jail.d/{stem}-2.local"))
}

/// Regular files of a directory below `config`, sorted, each named from there on.
fn files_in(config: &Path, directory: &str) -> std::vec::IntoIter<String> {
    named(config, directory, Path::is_file)
}

/// Directories of a directory below `config`, likewise.
fn directories_in(config: &Path, directory: &str) -> std::vec::IntoIter<String> {
    named(config, directory, Path::is_dir)
}

fn named(
    config: &Path,
    directory: &str,
    is_wanted: fn(&Path) -> bool,
) -> std::vec::IntoIter<String> {
    let entries = std::fs::read_dir(config.join(directory));
    let entries = entries.into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let wanted: Vec<PathBuf> = paths.filter(|path| is_wanted(path)).collect();
    let names = wanted.iter().filter_map(|path| path.file_name()?.to_str());
    let mut names: Vec<String> = names.map(|name| format!("{directory}{name}")).collect();
    names.sort();
    names.into_iter()
}

/// Whether the name of a file in `jail.d` is one that is read.
fn is_read_in_jail_d(name: &str) -> bool {
    // a glob passes over hidden files
    is_configuration(name) && !name.starts_with("jail.d/.")
}

/// Whether a file beside `jail.conf` is read, or is known to be something else.
fn is_read_beside(name: &str) -> bool {
    let is_jail = ["jail.conf", "jail.local"].contains(&name);
    is_jail || name.starts_with("fail2ban.") || name.starts_with("paths-")
}

/// Whether a file has the name of one that fail2ban reads.
fn is_configuration(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    ["conf", "local"].contains(&end)
}

/// Whether a file sets `enabled`.
fn enables(file: &Path) -> bool {
    /// Bytes that are looked at.
    const BYTES: u64 = 64 << 10;
    let bytes = crate::files::read_regular(file, BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().any(|line| line.starts_with("enabled"))
}

#[cfg(test)]
mod tests {
    use super::is_copy;

    #[test]
    fn copies_are_told_by_their_names() {
        for name in [
            "jail.local~",
            "jail.local.bak",
            "jail.local.bak2",
            "jail.conf.2026-11-20",
            "jail.conf.rpmsave",
            "jail.local.1",
        ] {
            assert!(is_copy(name), "{name}");
        }
        for name in [
            "jail.d/sshd.cnf",
            "jail.d/sshd",
            "jail.local.conf",
            "jail.d/sshd.conf.txt",
        ] {
            assert!(!is_copy(name), "{name}");
        }
    }
}
