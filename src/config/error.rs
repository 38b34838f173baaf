//! Why a filter could not be read, said twice: one clear line for people, and
//! what fail2ban-regex itself would print. Warnings are in `warning.rs`.

use super::python::repr;
use super::text::Origin;

/// What is wrong. `Display` is the line for people: file, line, what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Fault {
    /// An option, or anything else, before the first `[section]`.
    #[error("{file}:{line}: expected a [section] before the first option, found {}{}", repr(text.trim_end()), mark_hint(text))]
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
    #[error("{}jail {jail}: {what} {text}: {reason}", place(origin))]
    JailSyntax {
        /// Where the value was written; None where it came from no file.
        origin: Option<Origin>,
        /// The name of the jail.
        jail: Box<str>,
        /// `filter` or `action`.
        what: &'static str,
        /// The value of that option.
        text: Box<str>,
        /// Why, in one line.
        reason: Box<str>,
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

/// How an option list `name[a=b,…]` can be wrong; positions count characters
/// from behind the `[`, as upstream does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OptionSyntax {
    /// The brackets do not close at the end.
    Brackets,
    /// Something follows the value of `option`.
    AfterOption {
        /// The option before it.
        option: String,
        /// Where, in characters from behind the `[`.
        at: usize,
        /// What follows its value.
        text: String,
    },
    /// No `name=` where one is expected.
    NoOption {
        /// Where, in characters from behind the `[`.
        at: usize,
        /// What stands there.
        text: String,
    },
}

impl OptionSyntax {
    /// What upstream's `extractOptions` says.
    pub(crate) fn python(&self) -> String {
        let clip = |text: &str| text.chars().take(25).collect::<String>();
        match self {
            Self::Brackets => "unexpected option syntax".to_owned(),
            Self::AfterOption { option, at, text } => format!(
                "unexpected syntax at {at} after option {}: {}",
                repr(option),
                clip(text)
            ),
            Self::NoOption { at, text } => {
                format!("expected option, wrong syntax at {at}: {}", clip(text))
            }
        }
    }
}

pub(crate) fn option_syntax(problem: &OptionSyntax) -> String {
    match problem {
        OptionSyntax::Brackets => {
            "expected name[option=value, …], closed by the last character".to_owned()
        }
        OptionSyntax::AfterOption { option, text, .. } => format!(
            "expected `,` or the end behind option `{option}`, found {}",
            repr(&short(text))
        ),
        OptionSyntax::NoOption { text, .. } => {
            format!("expected option=value, found {}", repr(&short(text)))
        }
    }
}

fn place(origin: &Option<Origin>) -> String {
    origin
        .as_ref()
        .map_or_else(String::new, |origin| format!("{origin}: "))
}

fn mark_hint(text: &str) -> &'static str {
    if text.starts_with('\u{feff}') {
        " (the file starts with a byte order mark: save it without)"
    } else {
        ""
    }
}

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

/// At most 60 characters of one line.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

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
            | Self::JournalMatch { origin, .. } => {
                origin.as_ref().map(|origin| (&*origin.file, origin.line))
            }
            Self::Action { fault, .. } => fault.place(),
            _ => None,
        }
    }
}

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

/// A filter that could not be read. `Display` is one line for people, also where a name in
/// it has several.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", fault.to_string().replace('\n', "\\n"))]
pub(crate) struct ConfigError {
    /// What is wrong.
    pub(crate) fault: Box<Fault>,
    /// The step at which upstream notices.
    pub(crate) stage: Stage,
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
