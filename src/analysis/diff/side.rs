//! One of the two versions: where its files are, and how reports name them.

use crate::analysis::bench::revision::Checkout;
use crate::analysis::check::{DiscoverError, FilterFile, Options, discover, sets};
use crate::config::FilterSource;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A version.
#[derive(Debug)]
pub(crate) struct Side {
    /// As given on the command line.
    pub(crate) name: String,
    /// A directory or a filter file; absolute.
    pub(crate) path: PathBuf,
    /// The revision it is of.
    pub(crate) checkout: Option<Checkout>,
}

/// A filter with every option set its files know, read.
#[derive(Debug)]
pub(crate) struct FilterRead {
    /// The filter.
    pub(crate) target: FilterFile,
    /// Its option sets, that without options first.
    pub(crate) sets: Vec<(Options, Result<FilterSource, String>)>,
}

impl FilterRead {
    /// Every file that the filter is read from.
    pub(crate) fn files(&self) -> &[PathBuf] {
        match self.sets.first() {
            Some((_, Ok(source))) => &source.files,
            _ => std::slice::from_ref(&self.target.path),
        }
    }
}

impl Side {
    /// Whether it is a single filter file.
    pub(crate) fn is_file(&self) -> bool {
        self.path.is_file()
    }

    /// The directory that file names are shown from.
    fn directory(&self) -> &Path {
        match self.is_file() {
            true => self.path.parent().unwrap_or(&self.path),
            false => &self.path,
        }
    }

    /// How reports name a file.
    pub(crate) fn file(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.directory());
        let outside = || match &self.checkout {
            Some(checkout) => checkout.shown(&path.display().to_string()),
            None => path.display().to_string(),
        };
        inside.map_or_else(|_| outside(), |inside| inside.display().to_string())
    }

    /// A message with the paths as the user knows them.
    pub(crate) fn message(&self, message: &str) -> String {
        match &self.checkout {
            Some(checkout) => checkout.shown_in(message),
            None => message.to_owned(),
        }
    }

    /// The configuration directory, if it is one with jails.
    pub(crate) fn configuration(&self) -> Option<&Path> {
        let has = |name: &str| self.path.join(name).is_file();
        (has("jail.conf") || has("jail.local")).then_some(&*self.path)
    }

    /// All its filters, by name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub(crate) fn filters(&self, journal: bool) -> Result<Vec<FilterRead>, DiscoverError> {
        let targets = discover(std::slice::from_ref(&self.path))?;
        let read = targets.filters.into_par_iter().map(|target| FilterRead {
            sets: sets::read(&target, journal),
            target,
        });
        Ok(read.collect())
    }
}
