//! The codes of everything a check can find but lint rules, which bring their own.
//!
//! A code never changes its meaning and is never used again for another one.

use std::borrow::Cow;

/// The configuration cannot be read or put together.
pub(crate) const CONFIG: &str = "F001";
/// A regex Python's `re` refuses.
pub(crate) const REGEX: &str = "F002";
/// A failregex without a group that says who failed.
pub(crate) const NO_FAILURE_ID: &str = "F003";
/// A datepattern that cannot be used.
pub(crate) const DATEPATTERN: &str = "F004";
/// `maxlines` is no number above zero.
pub(crate) const MAXLINES: &str = "F005";
/// A `%` that is neither doubled nor part of a `%(reference)s`.
pub(crate) const PERCENT: &str = "F006";
/// An included file that is not there.
pub(crate) const INCLUDE: &str = "F007";
/// A section or an option of a filter that fail2ban does not read.
pub(crate) const NOT_READ: &str = "F008";
/// A section or an option of jail.conf that fail2ban does not know.
pub(crate) const JAIL: &str = "F009";

/// An annotation of a sample log that cannot be understood.
pub(crate) const ANNOTATION: &str = "S001";
/// A sample line no failregex matches, but must.
pub(crate) const MISSED: &str = "S002";
/// A sample line a failregex matches, but must not.
pub(crate) const MATCHED: &str = "S003";
/// A sample line several failregexes match.
pub(crate) const SEVERAL: &str = "S004";
/// The failure of a sample line has another value than annotated.
pub(crate) const FIELD: &str = "S005";
/// The failure of a sample line has another time than annotated.
pub(crate) const TIME: &str = "S006";
/// A regex gave no answer on a sample line within its step budget.
pub(crate) const EXHAUSTED: &str = "S007";
/// An expectation file that cannot be understood.
pub(crate) const EXPECTATION: &str = "S008";
/// A line does not give what its expectation file says.
pub(crate) const UNEXPECTED: &str = "S009";

/// A line that is known to give another result than it must.
pub(crate) const TODO: &str = "S010";
/// A line that is marked as such, and gives what it must.
pub(crate) const DONE: &str = "S011";

/// A failregex no sample exercises.
pub(crate) const UNCOVERED: &str = "C001";
/// The coverage is below `--coverage-min`.
pub(crate) const COVERAGE: &str = "C002";

/// A comment `# f2b-regex: ignore` whose code silences nothing.
pub(crate) const UNUSED_IGNORE: &str = "I001";
/// A comment `# f2b-regex: ignore` that names no code there is.
pub(crate) const UNKNOWN_CODE: &str = "I002";

/// A finding of the baseline that is there no longer.
pub(crate) const GONE: &str = "I003";

/// A code with what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// `S002`.
    pub(crate) code: &'static str,
    /// A short name.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) summary: &'static str,
    /// All there is to say about it, as Markdown.
    pub(crate) text: Cow<'static, str>,
}

const fn code(code: &'static str, name: &'static str, summary: &'static str) -> Code {
    Code {
        code,
        name,
        summary,
        text: Cow::Borrowed(summary),
    }
}

/// All but those of lint rules.
pub(super) const OWN: &[Code] = &[
    code(
        CONFIG,
        "config",
        "The configuration cannot be read or put together.",
    ),
    code(REGEX, "regex", "Python's re refuses the regex."),
    code(
        NO_FAILURE_ID,
        "no-failure-id",
        "No group of the failregex says who failed.",
    ),
    code(
        DATEPATTERN,
        "datepattern",
        "The datepattern cannot be used.",
    ),
    code(MAXLINES, "maxlines", "maxlines is no number above zero."),
    code(PERCENT, "percent", "A percent sign is not doubled."),
    code(INCLUDE, "include", "An included file is not there."),
    code(
        NOT_READ,
        "not-read",
        "A filter says something where fail2ban does not look.",
    ),
    code(
        JAIL,
        "jail-option",
        "A jail has a section or an option that fail2ban does not know.",
    ),
    code(
        ANNOTATION,
        "annotation",
        "An annotation of a sample log cannot be understood.",
    ),
    code(
        MISSED,
        "missed",
        "A sample line is not matched, but must be.",
    ),
    code(
        MATCHED,
        "matched",
        "A sample line is matched, but must not be.",
    ),
    code(
        SEVERAL,
        "several",
        "Several failregexes match a sample line.",
    ),
    code(
        FIELD,
        "field",
        "A failure has another value than annotated.",
    ),
    code(TIME, "time", "A failure has another time than annotated."),
    code(
        EXHAUSTED,
        "exhausted",
        "A regex gave no answer within its step budget.",
    ),
    code(
        EXPECTATION,
        "expectation",
        "An expectation file cannot be understood.",
    ),
    code(
        UNEXPECTED,
        "unexpected",
        "A line does not give what its expectation file says.",
    ),
    code(
        TODO,
        "todo",
        "A line marked `todo` does not give what it must yet.",
    ),
    code(DONE, "done", "A line marked `todo` gives what it must."),
    code(UNCOVERED, "uncovered", "No sample exercises the failregex."),
    code(
        COVERAGE,
        "coverage",
        "The coverage is below --coverage-min.",
    ),
    code(
        UNUSED_IGNORE,
        "unused-ignore",
        "A comment `# f2b-regex: ignore` silences nothing.",
    ),
    code(
        UNKNOWN_CODE,
        "unknown-code",
        "A comment `# f2b-regex: ignore` names a code that there is not.",
    ),
    code(
        GONE,
        "gone",
        "A finding of the baseline is there no longer.",
    ),
];
