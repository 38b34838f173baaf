//! Reports of `f2b-regex simulate`.

pub(crate) mod actual;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod plot;
mod reasons;
pub(crate) mod table;
