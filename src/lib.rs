//! fail2ban's filters, run exactly as fail2ban runs them.

pub mod bench;
pub mod config;
pub mod date;
pub mod engine;
pub mod input;
pub mod pattern;
pub mod python;
pub mod report;
