//! `--unwrap`: logs whose lines another program has wrapped, read as the lines they were.
//!
//! A container runtime, a relay or a shipper writes each line of a program into a record of its
//! own: Docker's json-file, CRI, a second syslog header, a field of JSON. [`WrapKind`] takes one
//! record apart (`records`, by `json`, `cri` and `syslog`), `partial` joins what was split over several, `outer`
//! writes the record's date in front of a line that has none, and [`Unwrapper`] does so block by
//! block on the reading thread, behind decoding and before the window.
//!
//! fail2ban does none of this, so every report says that it was done: [`Unwrapping`] is shared by
//! the readers of a run and those who write the report.

mod cri;
mod json;
mod kind;
mod outer;
mod partial;
mod records;
mod shared;
mod syslog;
mod unwrapper;

pub(crate) use kind::{Asked, WORDS, WrapKind};
pub(crate) use shared::{UnwrapCounts, Unwrapped, Unwrapping, WrappedLine};
pub(crate) use unwrapper::line_of;
pub(super) use unwrapper::{Reading, Unwrapper};
