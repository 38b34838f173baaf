//! Further daemons of sshd that the units of a machine start, each with a configuration of its own.

use super::files::{names_in, text};
use super::listening::{self, Found};
use crate::config::{below, entry_below};
use std::collections::BTreeSet;
use std::path::Path;

/// Where units lie that packages did not bring.
const UNITS: &str = "/etc/systemd/system";
/// The units of the packages: Debian's, Fedora's.
const STOCK: [&str; 4] = [
    "ssh.service",
    "sshd.service",
    "ssh@.service",
    "sshd@.service",
];
/// Units of a machine that are read.
const FILES: usize = 200;

/// Daemons beside that of the package.
#[derive(Default)]
pub(super) struct OtherSshd {
    /// The ports of all of them, whether they are started or not.
    pub(super) ports: BTreeSet<u16>,
    /// Those of one that is started with the machine, and the unit that says so.
    pub(super) running: Option<(String, BTreeSet<u16>)>,
}

/// The daemons of the machine below `root`.
pub(super) fn other_sshd(root: &Path) -> OtherSshd {
    let mut found = OtherSshd::default();
    let directory = below(root, UNITS);
    let names = names_in(&directory);
    let units = names.iter().filter(|name| name.ends_with(".service"));
    for name in units
        .filter(|name| !STOCK.contains(&name.as_str()))
        .take(FILES)
    {
        let Some(unit) = text(&directory.join(name)) else {
            continue;
        };
        let ports = ports_of(root, &unit);
        if !ports.is_empty() && is_wanted(root, &names, name) {
            found.running = Some((name.clone(), ports.clone()));
        }
        found.ports.extend(ports);
    }
    // some start it from a script, or by hand
    for name in names_in(&below(root, "/etc/ssh")) {
        let rest = name.strip_prefix("sshd_config").unwrap_or_default();
        let is_other = rest.starts_with(['_', '-']) && !is_copy(rest);
        // host keys, and whatever else lies there, are not read
        let file = is_other.then(|| below(root, &format!("/etc/ssh/{name}")));
        if let Some(config) = file.and_then(|file| text(&file)) {
            found.ports.extend(of_config(&config));
        }
    }
    found
}

/// The ports that a drop-in gives the package's own daemon on its command line: they put those of
/// its configuration out of force.
pub(super) fn of_drop_ins(root: &Path) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    for unit in ["ssh.service.d", "sshd.service.d"] {
        let directory = below(root, &format!("{UNITS}/{unit}"));
        let names = names_in(&directory).into_iter();
        for name in names.filter(|name| name.ends_with(".conf")) {
            let unit = text(&directory.join(name)).unwrap_or_default();
            // a second ExecStart counts only behind an empty one
            if unit.lines().any(|line| line.trim() == "ExecStart=") {
                found = ports_of(root, &unit);
            }
        }
    }
    found
}

/// Whether a file is a copy that somebody keeps, by the end of its name.
fn is_copy(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "old", "orig", "bak", "back", "save", "copy", "dist", "default", "new",
    ];
    WORDS.iter().any(|word| name.to_lowercase().contains(word))
        || name.contains(['.', '~'])
        || name.bytes().filter(u8::is_ascii_digit).count() >= 6
}

/// Whether a unit is started with the machine: a link to it stands in what another one wants.
fn is_wanted(root: &Path, names: &[String], unit: &str) -> bool {
    let groups = names.iter().filter(|name| name.ends_with(".wants"));
    let mut links = groups.map(|group| entry_below(root, &format!("{UNITS}/{group}/{unit}")));
    links.any(|link| link.symlink_metadata().is_ok())
}

/// The ports of the sshd that a unit starts: `ExecStart=/usr/sbin/sshd -D -f FILE -p PORT`.
fn ports_of(root: &Path, unit: &str) -> BTreeSet<u16> {
    let lines = unit.lines().map(str::trim);
    let starts = lines.filter_map(|line| line.strip_prefix("ExecStart="));
    let mut given = BTreeSet::new();
    let mut configured = BTreeSet::new();
    for start in starts {
        let mut words = start.split_whitespace();
        let program = words.next().unwrap_or_default();
        if program.rsplit('/').next() != Some("sshd") {
            continue;
        }
        let words: Vec<&str> = words.collect();
        for (at, word) in words.iter().enumerate() {
            let value = |flag: &str| {
                let glued = word.strip_prefix(flag)?;
                let next = words.get(at + 1).copied();
                Some(glued).filter(|glued| !glued.is_empty()).or(next)
            };
            if let Some(port) = value("-p") {
                given.extend(port.parse::<u16>().ok());
            }
            let option = value("-o").unwrap_or_default().replace(' ', "");
            if let Some(port) = option.strip_prefix("Port=") {
                given.extend(port.parse::<u16>().ok());
            }
            if let Some(file) = value("-f").filter(|file| file.starts_with('/')) {
                let config = text(&below(root, file));
                configured.extend(config.iter().flat_map(|text| of_config(text)));
            }
        }
    }
    // what the command line says puts the file's ports out of force
    if given.is_empty() { configured } else { given }
}

fn of_config(text: &str) -> BTreeSet<u16> {
    let mut found = Found::default();
    listening::sshd(text, &mut found);
    found.all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_a_unit() {
        let ports = |start: &str| -> Vec<u16> {
            let unit = format!("[Service]\nExecStart={start}\n");
            ports_of(Path::new("/nowhere"), &unit).into_iter().collect()
        };
        assert_eq!(ports("/usr/sbin/sshd -D -p 2222"), [2222]);
        assert_eq!(ports("/usr/sbin/sshd -D -p2222 -o Port=2022"), [2022, 2222]);
        assert_eq!(ports("/usr/bin/door -p 2222"), [0; 0]);
        assert_eq!(ports("/usr/sbin/sshd -D -f /no/such/file"), [0; 0]);
    }

    #[test]
    fn copies_are_no_configuration() {
        assert!(!is_copy("_2222") && !is_copy("_lan") && !is_copy("-sftp"));
        assert!(is_copy("_old") && is_copy(".rpmnew") && is_copy("_20261120"));
    }
}
