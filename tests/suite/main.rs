//! All tests of the whole, in one program: one link instead of thirty.
//!
//! A file tests what its name says. `cargo test --test suite check::` runs one file's.

mod actual;
mod bench_compare;
mod bench_cost;
mod check;
mod check_baseline;
mod check_fix;
mod check_formats;
mod check_forms;
mod check_project;
mod check_rules;
mod check_select;
mod check_structure;
mod check_todo;
mod check_watch;
mod command_line;
mod contrib;
mod crash;
mod diff;
mod doctor;
mod doctor_dump;
mod documentation;
mod draft;
mod explain;
mod explain_apply;
mod explain_hints;
mod explain_kinds;
mod fit;
mod golden;
mod hostile;
mod html;
mod input_kinds;
mod library;
mod load;
mod main_job;
mod manual;
mod merge;
mod recorded;
mod reports;
mod schema;
mod simulate;
mod terminal;
mod unwrap;
mod upstream_rules;
mod util;
