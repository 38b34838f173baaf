//! Files in a world that is not ours: written whole or not at all, and read only where they
//! are regular and no larger than what is to be read can be.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// Symbolic links followed from a name, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Makes `bytes` the content of the file at `path`: at every moment the file is the old one
/// or the new one, whatever fails. Its mode stays, its owner where that is allowed, and a
/// symbolic link stays a link: its target is replaced. What is no regular file (`/dev/stdout`,
/// a pipe) is written to as it is.
///
/// # Errors
///
/// Those of writing, of a full disk above all; the file is then as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = target(path)?;
    let old = match fs::metadata(&target) {
        Ok(about) if !about.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(&target)?
                .write_all(bytes);
        }
        Ok(about) => Some(about),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".f2b-regex-")
        // of a new file; the process's mask takes its part away
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(directory)?;
    file.write_all(bytes)?;
    if let Some(old) = &old {
        take_over(file.as_file(), old)?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    // some file systems cannot sync a directory: the file itself is safe by then
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// Gives the new file what the old one was besides its content.
fn take_over(new: &File, old: &Metadata) -> io::Result<()> {
    let own = new.metadata()?;
    if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
        // only root may give a file away; to others it is the mode that matters
        let _ = fchown(new, Some(old.uid()), Some(old.gid()));
    }
    new.set_permissions(old.permissions())
}

/// The file a name leads to by links; it need not exist.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&at) else {
            return Ok(at);
        };
        at = match at.parent() {
            Some(parent) => parent.join(next),
            None => next,
        };
    }
    Err(io::Error::other("its symbolic links lead in a circle"))
}

/// The bytes of a regular file of at most `most` bytes.
///
/// # Errors
///
/// Those of reading; and where the file is larger, or no regular file: a pipe would be waited
/// for, and a device read without end.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    if !about.is_file() {
        let kind = kind_of(&about);
        return Err(io::Error::other(format!(
            "expected a regular file, found {kind}"
        )));
    }
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most {
        Err(io::Error::other(format!(
            "it is larger than {} MiB",
            most >> 20
        )))
    } else {
        Ok(bytes)
    }
}

fn kind_of(about: &Metadata) -> &'static str {
    let kind = about.file_type();
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_block_device() => "a block device",
        () if kind.is_char_device() => "a character device",
        () => "something else",
    }
}

/// Whether links lead from a file out of the repository it is named in, or, where it is in none, out
/// of its directory: what a pull request points to is not read out in a report.
pub(crate) fn leads_out(log: &Path) -> bool {
    let named = std::path::absolute(log).unwrap_or_else(|_| log.to_path_buf());
    let mut above = named.ancestors().skip(1);
    let repository = above.find(|place| place.join(".git").exists());
    let root = match repository {
        Some(root) => root.canonicalize(),
        None => log.parent().unwrap_or(Path::new(".")).canonicalize(),
    };
    let real = log.canonicalize();
    // what cannot be found out cannot be read either
    matches!((real, root), (Ok(real), Ok(root)) if !real.starts_with(&root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory").flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_replaced_whole() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("file");
        replace(&file, b"new").expect("a new file");
        assert_eq!(fs::read(&file).expect("it is there"), b"new");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode");
        let before = fs::metadata(&file).expect("it is there").ino();
        replace(&file, b"newer").expect("it can be replaced");
        let about = fs::metadata(&file).expect("it is there");
        assert_eq!(fs::read(&file).expect("it is there"), b"newer");
        assert_eq!(about.mode() & 0o7777, 0o640);
        // another file took its place: nobody ever saw half of it
        assert_ne!(about.ino(), before);
        assert_eq!(names(place.path()), ["file"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("file");
        fs::write(&file, "old").expect("a file");
        // no temporary file can be made in a directory that is gone
        let gone = place.path().join("gone/file");
        assert!(replace(&gone, b"new").is_err());
        symlink("loop", place.path().join("loop")).expect("a link");
        assert!(replace(&place.path().join("loop"), b"new").is_err());
        assert_eq!(fs::read(&file).expect("it is there"), b"old");
        assert_eq!(names(place.path()), ["file", "loop"]);
    }

    #[test]
    fn links_stay_links_and_devices_are_written_to() {
        let place = tempfile::tempdir().expect("a directory");
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("below")).expect("a directory");
        fs::write(at("below/file"), "old").expect("a file");
        symlink("below/file", at("one")).expect("a link");
        symlink("one", at("two")).expect("a link");
        symlink("below/made", at("dangling")).expect("a link");
        replace(&at("two"), b"new").expect("its target can be replaced");
        replace(&at("dangling"), b"made").expect("its target can be made");
        assert_eq!(fs::read(at("below/file")).expect("it is there"), b"new");
        assert_eq!(fs::read(at("below/made")).expect("it is there"), b"made");
        assert!(at("one").is_symlink() && at("two").is_symlink() && at("dangling").is_symlink());
        replace(Path::new("/dev/null"), b"gone").expect("it takes all");
        assert!(!Path::new("/dev/null").is_file());
        let full = replace(Path::new("/dev/full"), b"too much").expect_err("it takes nothing");
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn only_regular_files_are_read_and_no_more_of_them_than_wanted() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("file");
        fs::write(&file, "text").expect("a file");
        assert_eq!(read_regular(&file, 4).expect("it is small"), b"text");
        let error = |path: &Path| read_regular(path, 3).expect_err("refused").to_string();
        assert_eq!(error(&file), "it is larger than 0 MiB");
        let zero = error(Path::new("/dev/zero"));
        assert_eq!(zero, "expected a regular file, found a character device");
        assert_eq!(
            error(place.path()),
            "expected a regular file, found a directory"
        );
    }
}
