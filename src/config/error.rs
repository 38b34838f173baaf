//! What is wrong with a configuration, in one clear line for people; `upstream.rs` has the text of
//! upstream's exception. Warnings are in `warning.rs`, what a fault ends is in `failure.rs`.

mod upstream;

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
        "{}`%({reference})s` in option `{option}` of [{section}]: expected the name of an option that is set there, in [DEFAULT] or as section/option{}",
        place(origin),
        of_common(reference)
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

/// Where an option is set that filters take from the stock filter.d/common.conf, and how it gets
/// into a file.
fn of_common(reference: &str) -> &'static str {
    const COMMON: [&str; 13] = [
        "__prefix_line",
        "_daemon",
        "__pid_re",
        "__daemon_re",
        "__daemon_extra_re",
        "__daemon_combs_re",
        "__kernel_prefix",
        "__hostname",
        "__md5hex",
        "__bsd_syslog_verbose",
        "__vserver",
        "__date_ambit",
        "__pam_auth",
    ];
    if COMMON.contains(&reference) {
        "; filter.d/common.conf sets it: `before = common.conf` in a section [INCLUDES] above"
    } else {
        ""
    }
}

/// What a file begins with in place of a section. Text that is no option is not shown: a file
/// that is no configuration at all (an include of /etc/shadow) is nobody's to read out.
fn found_instead(text: &str) -> String {
    let shown = || repr(text.trim_end());
    if text.starts_with('\u{feff}') {
        format!(
            "{} (the file starts with a byte order mark: save it without)",
            shown()
        )
    } else if begins_configuration(text) {
        shown()
    } else {
        "a line that is neither; is this a configuration file?".to_owned()
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
