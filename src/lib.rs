//! fail2ban's filters, run exactly as fail2ban runs them.

pub mod bench;
pub mod check;
pub mod config;
pub mod date;
pub mod engine;
pub mod explain;
pub mod input;
pub mod merge;
pub mod pattern;
pub mod python;
pub mod report;
pub mod simulate;
