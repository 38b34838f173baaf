//! What every report has besides its findings: who wrote it, and what looks wrong.

use crate::config::ConfigWarning;
use serde::{Deserialize, Serialize};

/// Name and version of the program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tool {
    /// `f2b-regex`.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
}

impl Tool {
    /// This program.
    pub(crate) fn this() -> Tool {
        Tool {
            name: "f2b-regex".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Warning {
    /// A stable name for programs.
    pub(crate) code: String,
    /// What it is and what to do.
    pub(crate) message: String,
    /// The file it is about.
    pub(crate) file: Option<String>,
    /// The line there, from 1.
    pub(crate) line: Option<u32>,
}

impl Warning {
    /// One that is about no file in particular.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Warning {
        Warning {
            code: code.into(),
            message: message.into(),
            file: None,
            line: None,
        }
    }
}

impl From<&ConfigWarning> for Warning {
    fn from(warning: &ConfigWarning) -> Warning {
        Warning {
            code: warning.kind.name().into(),
            message: warning.message.clone(),
            file: warning.file.as_ref().map(|file| file.display().to_string()),
            line: warning.line,
        }
    }
}
