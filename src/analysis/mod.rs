//! What is found out about filters and logs, as values; nothing is printed here.

pub(crate) mod actual;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod draft;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod merge;
pub(crate) mod page;
pub(crate) mod run;
pub(crate) mod simulate;
pub(crate) mod warning;
pub(crate) mod wording;
