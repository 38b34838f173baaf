//! The errors CPython raises for a pattern, with its texts and positions.

use std::fmt;

pub(super) use crate::python::repr;

/// Why CPython's `re.compile` refuses a pattern.
///
/// `Display` is `str()` of the exception: `multiple repeat at position 2`, with
/// ` (line 2, column 3)` added when the pattern has more than one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternError {
    /// The message without the position.
    pub(crate) message: String,
    /// Where, in code points from the start of the pattern; CPython knows no
    /// position for a few errors.
    pub(crate) position: Option<usize>,
    /// Line of the position, from 1.
    pub(crate) line: usize,
    /// Column of the position in code points, from 1.
    pub(crate) column: usize,
    /// Whether the pattern has a newline, which makes CPython name the line.
    pub(crate) many_lines: bool,
}

impl PatternError {
    /// An error at `position` (code points) of `pattern`.
    pub(super) fn at(message: String, pattern: &str, position: usize) -> Self {
        let (mut line, mut column) = (1, 1);
        for c in pattern.chars().take(position) {
            if c == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        PatternError {
            message,
            position: Some(position),
            line,
            column,
            many_lines: pattern.contains('\n'),
        }
    }

    /// An error for which CPython gives no position.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        PatternError {
            message: message.into(),
            position: None,
            line: 1,
            column: 1,
            many_lines: false,
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(position) = self.position {
            write!(f, " at position {position}")?;
            if self.many_lines {
                write!(f, " (line {}, column {})", self.line, self.column)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for PatternError {}
