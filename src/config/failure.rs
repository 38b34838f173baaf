//! A filter that could not be read, with what fail2ban-regex prints then. What is wrong is in
//! `error.rs`.

use super::error::Fault;
use super::python::repr;

/// How far fail2ban-regex had come; decides what it prints and its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Finding out what the argument names: options, jail.conf. Nothing printed yet.
    Name,
    /// Reading a filter file; its "Use" lines are printed.
    Read,
    /// Reading a jail; its "Use" lines are printed. Upstream reports this kind.
    Jail,
    /// Combining what was read; upstream dies of an uncaught exception here.
    Combine,
}

/// A fault with how upstream takes it.
pub(crate) type Failure = (Stage, Fault);

/// A filter that could not be read. `Display` is one line for people, also where a name in
/// it has several.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{unread}", fault.to_string().replace('\n', "\\n"))]
pub(crate) struct ConfigError {
    /// What is wrong.
    pub(crate) fault: Box<Fault>,
    /// The step at which upstream notices.
    pub(crate) stage: Stage,
    /// The include that could not be read where what is referred to may stand, as said behind the
    /// fault: a filter copied without the files beside it. Empty where there is none.
    pub(crate) unread: String,
    /// The FILTER argument as given.
    pub(crate) spec: String,
    /// The lines fail2ban-regex has printed about the filter by then.
    pub(crate) before: Vec<String>,
}

/// What fail2ban-regex prints when a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClassicError {
    /// Printed before failing, unless `--out` is given ("Use … file : …").
    pub(crate) before: Vec<String>,
    /// Printed in any case.
    pub(crate) lines: Vec<String>,
    /// Exit status: 255 for a reported error, 1 for an uncaught exception.
    pub(crate) status: i32,
    /// Text of the uncaught exception that goes to standard error.
    pub(crate) uncaught: Option<String>,
}

impl ConfigError {
    /// What fail2ban-regex prints without `-v`.
    #[cfg(test)]
    pub(crate) fn classic(&self) -> ClassicError {
        self.classic_at(false)
    }

    /// What fail2ban-regex prints; with `-v` it lets exceptions escape.
    pub(crate) fn classic_at(&self, verbose: bool) -> ClassicError {
        let text = self.fault.python();
        let mut lines = Vec::new();
        let mut uncaught = None;
        match self.stage {
            Stage::Name => {
                lines.push(format!("ERROR: Wrong filter name or options: {text}"));
                lines.push(format!("       while parsing: {}", self.spec));
                if verbose {
                    uncaught = Some(text);
                }
            }
            Stage::Read => {
                // An unreadable file is no exception: upstream only logs it.
                let raised = !matches!(*self.fault, Fault::FilterUnreadable { .. });
                if raised {
                    lines.push(format!("Wrong config file: {text}"));
                }
                if raised && verbose {
                    uncaught = Some(text);
                } else {
                    lines.push(format!("ERROR: failed to load filter {}", self.spec));
                }
            }
            Stage::Jail => lines.push(format!(
                "ERROR: Failed to get jail for {}",
                repr(&self.spec)
            )),
            Stage::Combine => uncaught = Some(text),
        }
        ClassicError {
            before: self.before.clone(),
            lines,
            status: if uncaught.is_some() { 1 } else { 255 },
            uncaught,
        }
    }
}
