//! All tests of the whole, in one program: one link instead of thirty.
//!
//! A file tests what its name says. `cargo test --test suite check::` runs one file's.

mod bench_compare;
mod bench_cost;
mod check;
mod check_formats;
mod command_line;
mod contrib;
mod crash;
mod documentation;
mod explain;
mod explain_hints;
mod golden;
mod hostile;
mod input_kinds;
mod main_job;
mod manual;
mod merge;
mod schema;
mod simulate;
mod terminal;
