//! Threads guess the dates of lines; the fold checks the guesses.

pub(crate) mod block;
mod date_finder;
pub(crate) mod fold;
pub(crate) mod worker;
