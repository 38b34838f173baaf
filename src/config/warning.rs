//! What a configuration does that its writer hardly meant. Not for errors: a
//! filter with warnings runs exactly as upstream runs it.

use std::path::PathBuf;

/// What kind of trap a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum WarningKind {
    /// An option given in `[…]` that nothing uses.
    UnusedGivenOption,
    /// A value that selects nothing: `<mdre-<mode>>` with no such `mdre-…`.
    UnknownValue,
    /// An option of `[Definition]` that looks like a misspelt one.
    MisspeltOption,
    /// A tag left in a final regex that fail2ban does not know.
    UnresolvedTag,
    /// A file of this name exists here, but the one below `-c` was read.
    ShadowedFile,
    /// Files that include each other.
    IncludeLoop,
    /// An included file that does not exist or cannot be read.
    IncludeUnreadable,
}

impl WarningKind {
    /// A stable name for machines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnusedGivenOption => "unused-given-option",
            Self::UnknownValue => "unknown-value",
            Self::MisspeltOption => "misspelt-option",
            Self::UnresolvedTag => "unresolved-tag",
            Self::ShadowedFile => "shadowed-file",
            Self::IncludeLoop => "include-loop",
            Self::IncludeUnreadable => "include-unreadable",
        }
    }
}

/// One warning. `Display` puts file and line before the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigWarning {
    /// What it is about.
    pub(crate) kind: WarningKind,
    /// The file, where there is one.
    pub(crate) file: Option<PathBuf>,
    /// Counted from 1.
    pub(crate) line: Option<u32>,
    /// One line, for people.
    pub(crate) message: String,
}

impl std::fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            write!(f, " ")?;
        }
        f.write_str(&self.message)
    }
}
