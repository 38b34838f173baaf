//! The memory a run needs at the least. Where an allocation fails, Rust's standard library ends
//! the process by a signal (what could be done instead is not stable), so a limit that is too
//! low for any run is told before it begins.

use rustix::process::{Resource, getrlimit};

/// Address space below which no run gets to its end: program, threads, blocks under way.
const LEAST_BYTES: u64 = 64 << 20;

/// An error where the limit of address space (`ulimit -v`) is too low.
pub(super) fn check_limit() -> Result<(), String> {
    match getrlimit(Resource::As).current {
        Some(limit) if limit < LEAST_BYTES => Err(format!(
            "f2b-regex: the address space is limited to {} MiB (ulimit -v); expected at least {} MiB",
            limit >> 20,
            LEAST_BYTES >> 20
        )),
        _ => Ok(()),
    }
}
