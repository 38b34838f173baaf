//! What OLD and NEW mean: a path, or a revision of one.

use crate::analysis::bench::revision::Checkout;
use crate::analysis::diff::side::Side;
use crate::config::{Lookup, config_dir};
use std::path::{Path, PathBuf};

/// Both versions. A revision without a path is one of the other's path; where both are, of the
/// configuration directory.
pub(super) fn both(old: &str, new: &str) -> Result<(Side, Side), String> {
    let path_of = |spec: &str| match revision(spec) {
        Some((_, path)) => path.map(PathBuf::from),
        None => Some(PathBuf::from(spec)),
    };
    let (old_path, new_path) = (path_of(old), path_of(new));
    let usual = || config_dir(None, None, Lookup::TypedFirst);
    let first = old_path.clone().or_else(|| new_path.clone());
    let second = new_path.or(old_path);
    Ok((
        side(old, &first.unwrap_or_else(usual))?,
        side(new, &second.unwrap_or_else(usual))?,
    ))
}

/// The revision, and the path behind it, of `git:REV` or `git:REV:PATH`.
fn revision(spec: &str) -> Option<(&str, Option<&str>)> {
    let rest = spec.strip_prefix("git:")?;
    Some(match rest.split_once(':') {
        Some((revision, path)) => (revision, Some(path)),
        None => (rest, None),
    })
}

fn side(spec: &str, path: &Path) -> Result<Side, String> {
    let name = spec.to_owned();
    let Some((revision, _)) = revision(spec) else {
        let path = std::path::absolute(path).map_err(|error| format!("{spec}: {error}"))?;
        return Ok(Side {
            name,
            path,
            checkout: None,
        });
    };
    // a revision may have what the work tree no longer has: its repository is that of what is above
    let mut there = path;
    while !there.exists() {
        there = match there.parent() {
            Some(above) if !above.as_os_str().is_empty() => above,
            _ => Path::new("."),
        };
    }
    let checkout = Checkout::of(revision, there).map_err(|error| error.to_string())?;
    let below = path.strip_prefix(there).unwrap_or(path);
    let place = checkout.place(there).map(|place| match there == path {
        true => place,
        false => place.join(below),
    });
    let path = place
        .filter(|place| place.exists())
        .ok_or_else(|| format!("git:{revision}: has no {}", path.display()))?;
    Ok(Side {
        name,
        path,
        checkout: Some(checkout),
    })
}
