//! `check -`: a filter from standard input, for editors and hooks, as it would be in place of the
//! file that `--stdin-filename` names.

use super::args::CheckArgs;
use crate::analysis::check::trial::Trial;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes it may have.
const MOST_BYTES: u64 = 64 << 20;

/// A text in place of a file.
pub(super) struct Stdin {
    pub(super) path: PathBuf,
    pub(super) trial: Trial,
}

/// The name of the file that standard input stands for, where it is to be checked.
///
/// # Errors
///
/// Where the options do not go together.
pub(super) fn filename(args: &CheckArgs) -> Result<Option<&Path>, String> {
    let is_asked_for = args.paths.iter().any(|path| path.as_os_str() == "-");
    match (&args.stdin_filename, is_asked_for) {
        (None, false) => Ok(None),
        (Some(_), false) => Err("--stdin-filename: expected - as the only PATH".to_owned()),
        (_, true) if args.paths.len() > 1 => Err("-: expected no other PATH beside it".to_owned()),
        (None, true) => {
            Err("-: expected --stdin-filename FILE, the file the text stands for".to_owned())
        }
        (Some(_), true) if args.fix || args.unsafe_fixes || args.add_ignore || args.update => {
            Err("-: standard input cannot be changed: name the file".to_owned())
        }
        (Some(name), true) => Ok(Some(name)),
    }
}

/// Reads standard input.
///
/// # Errors
///
/// Those of reading, and where it is no text.
pub(super) fn read(path: &Path) -> Result<Stdin, String> {
    let mut bytes = Vec::new();
    let input = io::stdin().lock().take(MOST_BYTES + 1);
    let read = { input }.read_to_end(&mut bytes);
    let read = read.map_err(|error| format!("standard input: {error}"))?;
    if read as u64 > MOST_BYTES {
        return Err(format!(
            "standard input: it is larger than {} MiB",
            MOST_BYTES >> 20
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        format!("standard input: it is not UTF-8 from byte {} on", good + 1)
    })?;
    let trial = Trial::new(path, &text)
        .map_err(|error| format!("--stdin-filename {}: {error}", path.display()))?;
    Ok(Stdin {
        path: path.to_path_buf(),
        trial,
    })
}
