//! The units of the machine, as its files tell them: whether one that a journalmatch asks for is
//! there, and by which name its service goes.

use crate::analysis::unit_names;
use crate::config::{below, entry_below};
use std::path::Path;

/// Where units lie.
const PLACES: [&str; 6] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator.late",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// The name of a unit without `.service`, or of the template it is one of.
pub(super) fn base(unit: &str) -> &str {
    let name = unit.strip_suffix(".service").unwrap_or(unit);
    name.split('@').next().unwrap_or(name)
}

/// The names of the service that has a unit of that name, with those that lead to an instance of it.
fn names_of(name: &str) -> Option<&'static [&'static str]> {
    /// Debian's Postfix writes as the instance that it starts.
    const POSTFIX: &[&str] = &["postfix", "postfix@-"];
    let of_postfix = POSTFIX.contains(&name).then_some(POSTFIX);
    of_postfix.or_else(|| unit_names::of_service(name))
}

/// Whether two names are of one service.
pub(super) fn are_of_one_service(one: &str, other: &str) -> bool {
    let names = names_of(one);
    one == other || names.is_some_and(|names| names.contains(&other))
}

/// The unit whose entries are meant by one that is not on the machine, or is but another name of
/// it: `ssh.service` for `sshd.service`. None where the copy has no units.
pub(super) fn instead_of(root: &Path, unit: &str) -> Option<String> {
    if let Some(real) = real_name(root, unit) {
        return Some(real).filter(|real| real != unit && real != "null");
    }
    let name = unit.strip_suffix(".service")?;
    let has_script = below(root, &format!("/etc/init.d/{name}")).exists();
    if has_script || template(unit).is_some_and(|file| real_name(root, &file).is_some()) {
        return None;
    }
    let names = names_of(name)?.iter();
    let others = names.filter(|other| **other != name);
    let mut others = others.map(|other| format!("{other}.service"));
    others.find(|other| {
        let file = template(other).unwrap_or_else(|| other.clone());
        real_name(root, &file).is_some_and(|real| real != "null")
    })
}

/// The file of the template that a unit is one of: `postfix@.service` of `postfix@-.service`.
fn template(unit: &str) -> Option<String> {
    let (begin, _) = unit.split_once('@')?;
    Some(format!("{begin}@.service"))
}

/// The name of the file that a unit's leads to, if it is there.
fn real_name(root: &Path, unit: &str) -> Option<String> {
    PLACES.iter().find_map(|place| {
        let file = entry_below(root, &format!("{place}/{unit}"));
        let meta = file.symlink_metadata().ok()?;
        if !meta.is_symlink() {
            return Some(unit.to_owned());
        }
        let target = std::fs::read_link(&file).ok()?;
        Some(target.file_name()?.to_str()?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_their_files() {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path();
        let write = |file: &str| {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
            std::fs::write(file, "[Service]\n").expect("a file");
        };
        assert_eq!(instead_of(root, "sshd.service"), None);
        write("usr/lib/systemd/system/ssh.service");
        write("usr/lib/systemd/system/postfix@.service");
        write("usr/lib/systemd/system/nginx.service");
        let instead = |unit| instead_of(root, unit);
        assert_eq!(instead("sshd.service").as_deref(), Some("ssh.service"));
        assert_eq!(instead("ssh.service"), None);
        assert_eq!(
            instead("postfix.service").as_deref(),
            Some("postfix@-.service")
        );
        assert_eq!(instead("postfix@-.service"), None);
        assert_eq!(instead("httpd.service"), None);
        let link = root.join("usr/lib/systemd/system/sshd.service");
        std::os::unix::fs::symlink("ssh.service", link).expect("a link");
        assert_eq!(instead("sshd.service").as_deref(), Some("ssh.service"));
    }
}
