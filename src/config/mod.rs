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

mod error;
mod filter;
mod include;
mod ini;
mod interpolate;
mod jail;
mod jailoptions;
mod lint;
mod locate;
mod nofilter;
mod options;
mod paths;
mod python;
mod reader;
mod resolve;
mod source;
mod spelling;
mod substitute;
mod text;
mod value;
mod warning;

pub(crate) use error::{ConfigError, Fault};
pub(crate) use filter::Setting;
pub(crate) use jailoptions::{jail_names, jail_options};
pub(crate) use locate::{Lookup, config_dir, typed_path};
pub(crate) use python::{repr, repr_dict, shlex_split};
pub(crate) use resolve::{Loader, resolve};
pub(crate) use source::{FilterKind, FilterRequest, FilterSource, Resolution};
pub(crate) use spelling::nearest;
pub(crate) use text::{Origin, Sourced};
pub(crate) use warning::{ConfigWarning, WarningKind};
