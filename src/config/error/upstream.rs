//! The texts of the exceptions that upstream has where a configuration is at fault.

use super::Fault;
use crate::config::python::{repr, repr_dict};

impl Fault {
    /// What `str()` of the exception reads that upstream has here.
    pub(crate) fn python(&self) -> String {
        match self {
            Self::NoSectionHeader { file, line, text } => format!(
                "File contains no section headers.\nfile: {}, line: {line}\n{}",
                repr(file),
                repr(text)
            ),
            Self::DuplicateSection {
                file,
                line,
                section,
            } => format!(
                "While reading from {} [line {line:2}]: section {} already exists",
                repr(file),
                repr(section)
            ),
            Self::DuplicateOption {
                file,
                line,
                section,
                option,
            } => format!(
                "While reading from {} [line {line:2}]: option {} in section {} already exists",
                repr(file),
                repr(option),
                repr(section)
            ),
            Self::NotAnOption { file, lines } => {
                let mut out = format!("Source contains parsing errors: {}", repr(file));
                for (line, text) in lines {
                    out += &format!("\n\t[line {line:2}]: {}", repr(text));
                }
                out
            }
            Self::IncludesTooDeep { .. } => {
                "maximum recursion depth exceeded while calling a Python object".to_owned()
            }
            Self::OptionSyntax { problem } => problem.python(),
            Self::NoConfigDir { directory } => {
                format!("Base configuration directory {directory} does not exist ")
            }
            Self::JournalMatch { reason, .. } => (*reason).to_owned(),
            Self::Action { action, fault } => format!(
                "Error in action definition {}: {}",
                repr(action),
                fault.python()
            ),
            Self::JailFilter { filter, .. } => {
                format!("Unable to read the filter {}", repr(filter))
            }
            Self::JailAction { action, .. } => format!("Unable to read action {}", repr(action)),
            Self::JailSyntax {
                what,
                text,
                problem,
                ..
            } => format!(
                "Invalid {what} definition {}: {}",
                repr(text),
                problem.python()
            ),
            Self::NoConfiguration { what, .. } => format!("Read {what} configuration failed."),
            Self::LogLevel { value, .. } => format!("Invalid log level {}", repr(value)),
            other => other.python_of_value(),
        }
    }

    /// The same of a value that cannot be put together.
    fn python_of_value(&self) -> String {
        match self {
            Self::UnknownReference {
                option,
                section,
                reference,
                raw,
                ..
            } => format!(
                "Bad value substitution: option {} in section {} contains an interpolation key {} which is not a valid option name. Raw value: {}",
                repr(option),
                repr(section),
                repr(reference),
                repr(raw)
            ),
            Self::BadReference { rest, .. } if rest.starts_with("%(") => {
                format!("bad interpolation variable reference {}", repr(rest))
            }
            Self::BadReference { rest, .. } => {
                format!("'%' must be followed by '%' or '(', found: {}", repr(rest))
            }
            Self::TooDeep {
                option,
                section,
                raw,
                ..
            } => format!(
                "Recursion limit exceeded in value substitution: option {} in section {} contains an interpolation key which cannot be substituted in 10 steps. Raw value: {}",
                repr(option),
                repr(section),
                repr(raw)
            ),
            Self::NotText { found, .. } => {
                format!("argument of type '{found}' is not iterable")
            }
            Self::SelfReference {
                tag,
                found,
                counts,
                value,
                ..
            } => {
                let counts = counts
                    .iter()
                    .map(|(tag, count)| (tag.as_str(), count.to_string()));
                format!(
                    "properties contain self referencing definitions and cannot be resolved, fail tag: {tag}, found: {found} in {}, value: {value}",
                    repr_dict(counts)
                )
            }
            // upstream has no exception for these, or none whose text it prints
            other => other.to_string(),
        }
    }
}
