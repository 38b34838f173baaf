//! fail2ban's configuration dialect: from a FILTER argument to the final strings
//! of a filter, each with the file and line it was written in. Knows nothing of
//! regexes, dates or logs.
//!
//! ```text
//! resolve ──> jail ──> reader ──> include ──> ini        files to sections
//!    │          │        │  │
//!    │          │        │  └──> interpolate             %(name)s
//!    └──────────┴─> filter └───> substitute              <tag>
//! ```
//!
//! Every value is a [`text::Text`] that carries the origin of each of its lines
//! through all of this.

mod action;
mod command;
mod effective;
mod error;
mod filter;
mod glob;
mod include;
mod ini;
mod interpolate;
mod jail;
mod jailconfig;
mod jailoptions;
mod lint;
mod logpath;
mod machine;
mod options;
mod paths;
mod python;
mod reader;
mod resolve;
mod server;
mod spelling;
mod substitute;
mod text;
mod value;
mod warning;

pub use error::{ClassicError, ConfigError, Fault, OptionSyntax, Stage};
pub use filter::Setting;
pub use jailoptions::{JailName, jail_names, jail_options};
pub use python::{repr, repr_dict, shlex_split};
pub use resolve::{
    FilterKind, FilterRequest, FilterSource, Loader, Resolution, explain_literal, resolve,
};
pub use text::{Origin, Sourced};
pub use warning::{ConfigWarning, WarningKind};

/// Temporary.
pub fn temporary_dump(config: &std::path::Path) -> (Vec<String>, Vec<String>, bool) {
    let request = machine::MachineRequest { config_dir: config, root: std::path::Path::new(""), forced: &[] };
    match machine::Machine::read(&request) {
        Ok(machine) => (
            machine.commands().iter().map(|c| c.to_string()).collect(),
            machine.refused().map(|(_, fault)| fault.to_string()).collect(),
            machine.is_accepted(),
        ),
        Err(refusal) => (vec![refusal.printed()], vec![refusal.to_string()], false),
    }
}
