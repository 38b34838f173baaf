//! What is found out about filters and logs, as values; nothing is printed here.

#[cfg(feature = "cli")]
pub(crate) mod actual;
#[cfg(feature = "cli")]
pub(crate) mod bench;
#[cfg(feature = "cli")]
pub(crate) mod check;
#[cfg(feature = "cli")]
pub(crate) mod diff;
#[cfg(feature = "cli")]
pub(crate) mod doctor;
#[cfg(feature = "cli")]
pub(crate) mod draft;
pub(crate) mod explain;
#[cfg(feature = "cli")]
pub(crate) mod fit;
#[cfg(feature = "cli")]
pub(crate) mod merge;
pub(crate) mod page;
pub(crate) mod run;
#[cfg(feature = "cli")]
pub(crate) mod simulate;
#[cfg(feature = "cli")]
pub(crate) mod unit_names;
pub(crate) mod warning;
pub(crate) mod wording;
