//! Why a line does not match: near misses of regexes, the steps of one line, and the
//! diagnosis of a whole log.
//!
//! Nothing here decides a verdict: that is `engine`'s. What is said here was tried with it.

pub(crate) mod hints;
pub(crate) mod missed;
pub(crate) mod near;
#[cfg(feature = "cli")]
pub(crate) mod other_filter;
pub(crate) mod sample;
pub(crate) mod source;
pub(crate) mod steps;
mod tried;
