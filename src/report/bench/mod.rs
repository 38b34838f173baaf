//! Reports of `f2b-regex bench`.

pub(crate) mod cost_table;
pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod table;
