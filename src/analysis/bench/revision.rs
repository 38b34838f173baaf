//! Filters and configurations as a git revision has them (`bench --against git:REV`, `diff git:REV`).
//!
//! The whole tree of the revision is written into a temporary directory, so that includes,
//! `.local` files and the rest of a configuration directory are that revision's too. The
//! repository, its index and its work tree stay untouched. Runs the `git` on the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a revision cannot be had; one line for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RevisionError {
    /// The filter's file is in no repository.
    #[error("git:{revision}: {file} is in no git repository: {message}")]
    NoRepository {
        /// The revision asked for.
        revision: String,
        /// The filter's file.
        file: String,
        /// What git said.
        message: String,
    },
    /// git failed.
    #[error("git:{revision}: {message}")]
    Git {
        /// The revision asked for.
        revision: String,
        /// What git said, or why it could not be run.
        message: String,
    },
    /// The revision has no such file.
    #[error("git:{revision}: has no {file}")]
    NoSuchFile {
        /// The revision asked for.
        revision: String,
        /// The file, from the repository's top.
        file: String,
    },
    /// The temporary directory cannot be made.
    #[error("git:{revision}: no temporary directory: {error}")]
    Directory {
        /// The revision asked for.
        revision: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The tree of a revision in a temporary directory, removed when dropped.
#[derive(Debug)]
pub(crate) struct Checkout {
    directory: tempfile::TempDir,
    top: PathBuf,
    revision: String,
}

impl Checkout {
    /// Writes the tree of `revision` of the repository that a file or directory is in.
    ///
    /// # Errors
    ///
    /// No repository, no such revision, no git, no space.
    pub(crate) fn of(revision: &str, file: &Path) -> Result<Checkout, RevisionError> {
        let failed = |message: String| RevisionError::Git {
            revision: revision.to_string(),
            message,
        };
        let directory = tempfile::tempdir().map_err(|error| RevisionError::Directory {
            revision: revision.to_string(),
            error,
        })?;
        let real = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let at = match real.is_dir() {
            true => real,
            false => real.parent().unwrap_or(Path::new("/")).to_path_buf(),
        };
        let index = directory.path().join("index");
        let git = |arguments: &[&str]| -> Result<String, String> {
            let mut command = Command::new("git");
            // a hook's or a caller's idea of where the repository is must not win
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX"] {
                command.env_remove(name);
            }
            command
                .env("GIT_INDEX_FILE", &index)
                .arg("-C")
                .arg(&at)
                .args(arguments);
            let output = command
                .output()
                .map_err(|error| format!("cannot run git: {error}"))?;
            if output.status.success() {
                let text = String::from_utf8_lossy(&output.stdout);
                return Ok(text.trim_end_matches('\n').to_string());
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let first = said.lines().next().unwrap_or("git failed");
            Err(first.trim_start_matches("fatal: ").to_string())
        };
        let top = git(&["rev-parse", "--show-toplevel"]);
        let top = top.map_err(|message| RevisionError::NoRepository {
            revision: revision.to_string(),
            file: file.display().to_string(),
            message,
        })?;
        let tree = format!("{revision}^{{tree}}");
        let tree = git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &tree,
        ])
        .map_err(|_| failed(format!("no such revision in {top}")))?;
        let prefix = format!("--prefix={}/tree/", directory.path().display());
        git(&["read-tree", &tree]).map_err(failed)?;
        // from the top: below it, only that part of the index would be written
        git(&["-C", &top, "checkout-index", "--all", "--quiet", &prefix]).map_err(failed)?;
        Ok(Checkout {
            directory,
            top: PathBuf::from(top),
            revision: revision.to_string(),
        })
    }

    /// Where a file or directory of the work tree stands in the revision; None if it is
    /// outside the repository.
    pub(crate) fn place(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        let inside = real.strip_prefix(&self.top).ok()?;
        Some(self.directory.path().join("tree").join(inside))
    }

    /// As [`Checkout::place`], of what must be there.
    ///
    /// # Errors
    ///
    /// The revision does not have it.
    pub(crate) fn file(&self, path: &Path) -> Result<PathBuf, RevisionError> {
        let place = self.place(path).filter(|place| place.exists());
        place.ok_or_else(|| RevisionError::NoSuchFile {
            revision: self.revision.clone(),
            file: path.display().to_string(),
        })
    }

    /// How reports name a file of the checkout: `HEAD~1:filter.d/x.conf`.
    pub(crate) fn shown(&self, path: &str) -> String {
        let tree = self.directory.path().join("tree");
        match Path::new(path).strip_prefix(tree) {
            Ok(inside) => format!("{}:{}", self.revision, inside.display()),
            Err(_) => path.to_string(),
        }
    }

    /// A message with the checkout's paths as [`Checkout::shown`] has them.
    pub(crate) fn shown_in(&self, message: &str) -> String {
        let tree = format!("{}/tree/", self.directory.path().display());
        message.replace(&tree, &format!("{}:", self.revision))
    }
}
