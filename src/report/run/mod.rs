//! Reports of the main job.

pub(crate) mod classic;
pub(crate) mod hints;
pub(crate) mod json;
pub(crate) mod rows;
pub(crate) mod table;
