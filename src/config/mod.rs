//! fail2ban's configuration dialect: from a FILTER argument to the final strings
//! of a filter, and from a configuration directory to the commands a server is sent, each
//! value with the file and line it was written in. Knows nothing of regexes, dates or logs.
//!
//! ```text
//! machine ──> server             fail2ban.conf
//!    │   └──> jailconfig ──> logpath ──> glob            a jail's parts
//!    │            └────────> command                     what the server is told
//!    ├──────> jail ──> action
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
mod failure;
mod filter;
mod glob;
mod include;
mod ini;
mod interpolate;
mod jail;
mod jailconfig;
mod jailoptions;
mod lint;
mod locate;
mod logpath;
mod machine;
mod nofilter;
mod options;
mod paths;
mod reader;
mod resolve;
mod server;
mod source;
mod spelling;
mod substitute;
mod text;
mod value;
mod warning;

use crate::python;
pub(crate) use action::is_action_option;
pub(crate) use effective::EffectiveOption;
pub(crate) use error::Fault;
pub(crate) use failure::ConfigError;
pub(crate) use filter::Setting;
pub(crate) use glob::{below, entry_below, glob};
pub(crate) use include::included_path;
pub(crate) use jail::{is_jail_option, jail_option_names};
pub(crate) use jailconfig::{
    ActionConfig, ActionDetail, FilterConfig, JailConfig, JailParts, JailState,
};
pub(crate) use jailoptions::{jail_names, jail_options};
pub(crate) use lint::FILTER_OPTIONS;
pub(crate) use locate::{Lookup, config_dir, include_dirs, typed_path};
pub(crate) use logpath::{LogPath, Source};
pub(crate) use machine::{Machine, MachineRequest};
pub(crate) use nofilter::no_filter;
pub(crate) use python::{repr, repr_dict, shlex_split};
pub(crate) use reader::WrongValue;
pub(crate) use resolve::{Loader, resolve};
pub(crate) use source::{FilterKind, FilterRequest, FilterSource, Resolution};
pub(crate) use spelling::{nearest, nearest_file};
pub(crate) use text::{Origin, Sourced};
pub(crate) use value::{Value, is_true};
pub(crate) use warning::{ConfigWarning, WarningKind};
