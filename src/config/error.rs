//! What is wrong with a configuration, said twice: one clear line for people, and the text of
//! upstream's exception. Warnings are in `warning.rs`, what a fault ends is in `failure.rs`.

use super::options::{OptionSyntax, option_syntax};
use super::python::repr;
use super::text::{Origin, short};

/// What is wrong. `Display` is the line for people: file, line, what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Fault {
    /// An option, or anything else, before the first `[section]`.
    #[error(
        "{file}:{line}: expected a [section] before the first option, found {}",
        found_instead(text)
    )]
    NoSectionHeader {
        /// The file, by the name it was read under.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The text that is wrong.
        text: Box<str>,
    },
    /// A section twice in one file.
    #[error("{file}:{line}: section [{section}] stands twice in this file; join the two")]
    DuplicateSection {
        /// The file, by the name it was read under.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The section it stands in.
        section: Box<str>,
    },
    /// An option twice in one section of one file.
    #[error(
        "{file}:{line}: option `{option}` stands twice in [{section}]; join the two, further lines indented"
    )]
    DuplicateOption {
        /// The file, by the name it was read under.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The section it stands in.
        section: Box<str>,
        /// The name of the option.
        option: Box<str>,
    },
    /// Lines that are neither an option nor belong to one.
    #[error("{}", not_an_option(file, lines))]
    NotAnOption {
        /// The file, by the name it was read under.
        file: String,
        /// Number and text of each line that is none.
        lines: Vec<(u32, String)>,
    },
    /// `%(reference)s` where no option of that name is known.
    #[error(
        "{}`%({reference})s` in option `{option}` of [{section}]: expected the name of an option that is set there, in [DEFAULT] or as section/option",
        place(origin)
    )]
    UnknownReference {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the option.
        option: Box<str>,
        /// The section it stands in.
        section: Box<str>,
        /// The name between `%(` and `)s`.
        reference: Box<str>,
        /// The option's value as written.
        raw: Box<str>,
    },
    /// A `%` that begins neither `%%` nor `%(name)s`.
    #[error("{}option `{option}` of [{section}]: expected `%%` or `%(name)s` at {}", place(origin), repr(&short(rest)))]
    BadReference {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the option.
        option: Box<str>,
        /// The section it stands in.
        section: Box<str>,
        /// The value, from the wrong `%` on.
        rest: Box<str>,
    },
    /// References that lead to references, too many times.
    #[error(
        "{}option `{option}` of [{section}] refers to other options more than 10 deep; does it refer to itself?",
        place(origin)
    )]
    TooDeep {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the option.
        option: Box<str>,
        /// The section it stands in.
        section: Box<str>,
        /// The option's value as written.
        raw: Box<str>,
    },
    /// A reference to an option whose value is no text.
    #[error("option `{option}` of [{section}]: expected text to refer to, found {found}")]
    NotText {
        /// The name of the option.
        option: Box<str>,
        /// The section it stands in.
        section: Box<str>,
        /// What kind of value is there.
        found: &'static str,
    },
    /// A `<tag>` whose value leads back to it.
    #[error("{}option `{tag}` refers to itself through <{found}>", place(origin))]
    SelfReference {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The option whose value is being replaced in.
        tag: Box<str>,
        /// The tag that leads back.
        found: Box<str>,
        /// How often each tag was replaced so far.
        counts: Vec<(String, u32)>,
        /// The text as replaced so far.
        value: Box<str>,
    },
    /// A value that passes the limit while its references are replaced.
    #[error("option `{option}` of [{section}] grows without end while its references are replaced")]
    TooLarge {
        /// The name of the option.
        option: Box<str>,
        /// The section it stands in.
        section: Box<str>,
    },
    /// Files that include files, too many times.
    #[error("{file}: includes go more than 300 files deep; does a .local file include itself?")]
    IncludesTooDeep {
        /// The file, by the name it was read under.
        file: String,
    },
    /// Files that come in by includes, too many of them.
    #[error(
        "{file}: more than 2000 files come in by its includes; does it include one twice that does the same?"
    )]
    TooManyIncludes {
        /// The file that was asked for.
        file: String,
    },
    /// A named pipe, socket or device where a file is to be read: it may have no end.
    #[error("{}{file}: expected a regular file, found {found}", place(origin))]
    NotAFile {
        /// Where it is included; None where it was asked for by name.
        origin: Option<Origin>,
        /// Its path.
        file: String,
        /// What it is.
        found: &'static str,
    },
    /// An option list `name[a=b]` that cannot be parted.
    #[error("{}", option_syntax(problem))]
    OptionSyntax {
        /// How it is wrong.
        problem: OptionSyntax,
    },
    /// The configuration directory is not one.
    #[error("no configuration directory {directory}: expected one that holds filter.d")]
    NoConfigDir {
        /// The directory given.
        directory: String,
    },
    /// A filter whose files cannot be found or read.
    #[error("cannot load filter {name}: {reason}")]
    FilterUnreadable {
        /// The name asked for.
        name: String,
        /// Why, in one line.
        reason: Box<str>,
    },
    /// A jail whose filter cannot be read.
    #[error(
        "{}jail {jail}: cannot load its filter {filter}: {reason}",
        place(origin)
    )]
    JailFilter {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the jail.
        jail: Box<str>,
        /// The filter it names.
        filter: Box<str>,
        /// Why, in one line.
        reason: Box<str>,
    },
    /// A jail whose `filter` or `action` cannot be parted into name and options.
    #[error(
        "{}jail {jail}: {what} {text}: {}",
        place(origin),
        option_syntax(problem)
    )]
    JailSyntax {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the jail.
        jail: Box<str>,
        /// `filter` or `action`.
        what: &'static str,
        /// The value of that option.
        text: Box<str>,
        /// How it is wrong.
        problem: Box<OptionSyntax>,
    },
    /// A jail whose action has no file.
    #[error(
        "{}jail {jail}: expected a file for its action {action}: {reason}",
        place(origin)
    )]
    JailAction {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the jail.
        jail: Box<str>,
        /// The name of the action.
        action: Box<str>,
        /// Why, in one line.
        reason: Box<str>,
    },
    /// A file that exists and sets nothing a filter sets.
    #[error("{name}: not a filter: {reason}")]
    NotAFilter {
        /// The file as given.
        name: Box<str>,
        /// What is missing, in one line.
        reason: Box<str>,
    },
    /// A fault in the files of an action.
    #[error("action {}: {fault}", repr(action))]
    Action {
        /// The name of the action.
        action: Box<str>,
        /// What is wrong there.
        fault: Box<Fault>,
    },
    /// fail2ban.conf or jail.conf, without which there is no server.
    #[error("cannot read the configuration: {reason}")]
    NoConfiguration {
        /// What upstream calls it: `fail2ban` or `jails`.
        what: &'static str,
        /// Why, in one line.
        reason: Box<str>,
    },
    /// A `loglevel` that Python's logging does not know.
    #[error(
        "{}loglevel {}: expected one of CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG, or a number",
        place(origin),
        repr(value)
    )]
    LogLevel {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The value.
        value: Box<str>,
    },
    /// A `journalmatch` that a shell could not part into words.
    #[error("{}journalmatch {}: {}", place(origin), repr(text), match *reason { "No closing quotation" => "a quotation is not closed", _ => "nothing follows the last backslash" })]
    JournalMatch {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The line of the option.
        text: Box<str>,
        /// Python's words for what is wrong.
        reason: &'static str,
    },
}

fn place(origin: &Option<Origin>) -> String {
    origin
        .as_ref()
        .map_or_else(String::new, |origin| format!("{origin}: "))
}

/// What a file begins with in place of a section. Text that is no option is not shown: a file
/// that is no configuration at all (an include of /etc/shadow) is nobody's to read out.
fn found_instead(text: &str) -> String {
    let shown = || repr(text.trim_end());
    match text.starts_with('\u{feff}') {
        true => format!(
            "{} (the file starts with a byte order mark: save it without)",
            shown()
        ),
        false if begins_configuration(text) => shown(),
        false => "a line that is neither; is this a configuration file?".to_owned(),
    }
}

/// Whether a file that begins so is a configuration, though a wrong one.
fn begins_configuration(text: &str) -> bool {
    let name = text.split_once(['=', ':']).map(|(name, _)| name.trim_end());
    text.starts_with(['[', '\u{feff}']) || name.is_some_and(|name| OPTIONS.contains(&name))
}

/// Options that begin a file whose section was forgotten.
const OPTIONS: [&str; 12] = [
    "before",
    "after",
    "enabled",
    "filter",
    "failregex",
    "ignoreregex",
    "prefregex",
    "datepattern",
    "journalmatch",
    "logpath",
    "maxlines",
    "mode",
];

fn not_an_option(file: &str, lines: &[(u32, String)]) -> String {
    let Some((line, text)) = lines.first() else {
        return format!("{file}: expected option = value");
    };
    let more = match lines.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more such lines)"),
    };
    let text = repr(&short(text.trim()));
    format!("{file}:{line}: expected `option = value` or an indented line, found {text}{more}")
}

impl Fault {
    /// Whether the line it is about is not to be shown: that of a file which is no
    /// configuration.
    pub(crate) fn hides_line(&self) -> bool {
        matches!(self, Self::NoSectionHeader { text, .. } if !begins_configuration(text))
    }

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
                    super::python::repr_dict(counts)
                )
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
            // upstream has no exception for these, or none whose text it prints
            other => other.to_string(),
        }
    }

    /// Where the fault is, if it is in a file.
    pub(crate) fn place(&self) -> Option<(&std::path::Path, u32)> {
        match self {
            Self::NoSectionHeader { file, line, .. }
            | Self::DuplicateSection { file, line, .. }
            | Self::DuplicateOption { file, line, .. } => Some((file.as_ref(), *line)),
            Self::NotAnOption { file, lines } => {
                Some((file.as_ref(), lines.first().map_or(0, |(line, _)| *line)))
            }
            Self::NotAFile { origin, .. }
            | Self::UnknownReference { origin, .. }
            | Self::BadReference { origin, .. }
            | Self::TooDeep { origin, .. }
            | Self::SelfReference { origin, .. }
            | Self::JailFilter { origin, .. }
            | Self::JailSyntax { origin, .. }
            | Self::JailAction { origin, .. }
            | Self::LogLevel { origin, .. }
            | Self::JournalMatch { origin, .. } => {
                origin.as_ref().map(|origin| (&*origin.file, origin.line))
            }
            Self::Action { fault, .. } => fault.place(),
            _ => None,
        }
    }
}
