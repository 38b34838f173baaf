//! What Python's own `re` takes: one `python3`, a small script, JSON over a pipe.
//!
//! The patterns and texts are the ones our machine gets; that both match the same number of
//! texts is checked by the caller.

use super::units::Nanos;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("python.py");

/// A pattern and the texts it is tried on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PythonPattern<'a> {
    /// The pattern, fail2ban's tags replaced.
    pub(crate) pattern: &'a str,
    /// Compiled with `re.MULTILINE`.
    pub(crate) multiline: bool,
    /// Indexes of its texts.
    pub(crate) texts: Vec<usize>,
}

/// What is asked of Python.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PythonJob<'a> {
    /// The texts.
    pub(crate) texts: Vec<&'a str>,
    /// Measured runs over all texts of a pattern.
    pub(crate) runs: usize,
    /// Runs before them.
    pub(crate) warmup: usize,
    /// The patterns.
    pub(crate) patterns: Vec<PythonPattern<'a>>,
}

/// What Python said.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PythonAnswer {
    /// `CPython 3.11.7`.
    pub(crate) version: String,
    /// One per pattern, in order.
    pub(crate) patterns: Vec<PythonTimes>,
}

/// The times of one pattern.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PythonTimes {
    /// Why it does not compile there.
    #[serde(default)]
    pub(crate) error: Option<String>,
    /// Texts it matches.
    #[serde(default)]
    pub(crate) hits: usize,
    /// Mean nanoseconds per text, run by run.
    #[serde(default)]
    pub(crate) ns: Vec<f64>,
}

impl PythonTimes {
    /// The runs as times.
    pub(crate) fn times(&self) -> Vec<Nanos> {
        self.ns.iter().copied().map(Nanos).collect()
    }
}

/// Why Python could not measure; one line for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PythonError {
    /// It does not start.
    #[error("--python: cannot run {program}: {error}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It failed.
    #[error("--python: {program} failed: {message}")]
    Failed {
        /// The program.
        program: String,
        /// The last line it wrote to standard error.
        message: String,
    },
    /// Its answer is no answer.
    #[error("--python: {program} gave no readable answer: {error}")]
    Answer {
        /// The program.
        program: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

/// Measures with `program` (`python3`, or a path).
///
/// # Errors
///
/// The program does not run, fails, or answers something else.
pub(crate) fn measure(program: &str, job: &PythonJob) -> Result<PythonAnswer, PythonError> {
    let start = |error| PythonError::Start {
        program: program.to_string(),
        error,
    };
    // -I: nothing of the current directory or the environment is imported
    let mut child = Command::new(program)
        .args(["-I", "-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let question = serde_json::to_vec(job).map_err(|error| PythonError::Answer {
        program: program.to_string(),
        error,
    })?;
    // the script reads all before it writes; what it failed of is in its own words below
    let asked = match child.stdin.take() {
        Some(mut pipe) => pipe.write_all(&question),
        None => Ok(()),
    };
    let output = child.wait_with_output().map_err(start)?;
    if !output.status.success() || asked.is_err() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(PythonError::Failed {
            program: program.to_string(),
            message: said
                .trim_end()
                .lines()
                .last()
                .unwrap_or("no message")
                .to_string(),
        });
    }
    serde_json::from_slice(&output.stdout).map_err(|error| PythonError::Answer {
        program: program.to_string(),
        error,
    })
}
