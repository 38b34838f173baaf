//! One file of the dialect, as Python's strict ConfigParser reads it. Not for
//! includes (`include.rs`) nor for interpolation: values stay as written.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::error::Fault;
use super::python::{is_space, strip};
use super::text::{Origin, Text};
use super::value::{Options, Value};
use crate::work::{self, Work};

/// The section whose options every other section inherits.
pub(crate) const DEFAULT: &str = "DEFAULT";

/// Prefix of the section that keeps the values a later file replaced.
pub(crate) const KNOWN: &str = "KNOWN/";

/// The sections of one file, or of several merged ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sections {
    /// Options of `[DEFAULT]`.
    pub(crate) defaults: Options,
    /// Every other section, in the order of first appearance.
    pub(crate) named: IndexMap<String, Options>,
    /// The values that a later file replaced, by section and option, oldest first.
    pub(crate) replaced: HashMap<(String, String), Vec<Value>>,
    /// Where each of the other sections begins, in the last file that has it.
    pub(crate) headers: HashMap<String, Origin>,
    /// What is read-only below `named`: a configuration that many jails share.
    base: Option<Rc<Sections>>,
}

impl Sections {
    /// Lays the sections of a later file over these; what they replace stays in `KNOWN/…`.
    pub(super) fn merge(&mut self, later: &Sections) {
        work::count(Work::Merge, 1);
        let copy = |(name, value): (&String, &Value)| (name.clone(), value.clone());
        for (option, value) in &later.defaults {
            self.set(DEFAULT, option, value.clone());
        }
        for (name, options) in &later.named {
            let header = later.headers.get(name);
            let (name, options) = match conditional(name) {
                Some((base, condition)) => {
                    let rename = |(name, value): (&String, &Value)| {
                        (format!("{name}{condition}"), value.clone())
                    };
                    (base, options.iter().map(rename).collect::<Options>())
                }
                None => (name.as_str(), options.clone()),
            };
            if let Some(header) = header {
                self.headers.insert(name.to_owned(), header.clone());
            }
            let Some(old) = self.named.get(name) else {
                self.named.insert(name.to_owned(), options);
                continue;
            };
            let known: Vec<_> = old
                .iter()
                .filter(|(option, _)| options.contains_key(*option))
                .map(copy)
                .collect();
            for (option, value) in options {
                self.set(name, &option, value);
            }
            let kept = self.named.entry(format!("{KNOWN}{name}"));
            kept.or_default().extend(known);
        }
    }

    /// The sections of `base`, those of the names in `own` to be changed.
    pub(crate) fn over(base: &Rc<Sections>, own: &[&str]) -> Sections {
        let copied = own.iter().filter_map(|&name| {
            let options = base.named.get(name)?;
            Some((name.to_owned(), options.clone()))
        });
        let headers = own.iter().filter_map(|&name| {
            let header = base.headers.get(name)?;
            Some((name.to_owned(), header.clone()))
        });
        Sections {
            defaults: base.defaults.clone(),
            named: copied.collect(),
            headers: headers.collect(),
            replaced: HashMap::new(),
            base: Some(Rc::clone(base)),
        }
    }

    /// The options of a section.
    pub(crate) fn section(&self, name: &str) -> Option<&Options> {
        let shared = || self.base.as_ref()?.named.get(name);
        self.named.get(name).or_else(shared)
    }

    /// The value of the option as it is written: the section's own, or that of `[DEFAULT]`.
    pub(crate) fn written(&self, section: &str, option: &str) -> Option<&Value> {
        let own = self.named.get(section).and_then(|own| own.get(option));
        own.or_else(|| self.defaults.get(option))
    }

    /// The values that do not count because of the one that [`Self::written`] gives: the one
    /// it replaced comes first, the oldest last. A section replaces what `[DEFAULT]` says.
    pub(crate) fn overridden(&self, section: &str, option: &str) -> Vec<&Value> {
        let replaced = |section: &str| {
            let key = (section.to_owned(), option.to_owned());
            self.replaced.get(&key).into_iter().flatten().rev()
        };
        let own = self.named.get(section).and_then(|own| own.get(option));
        let default = self.defaults.get(option).filter(|_| own.is_some());
        let own = own.into_iter().flat_map(|_| replaced(section));
        own.chain(default).chain(replaced(DEFAULT)).collect()
    }

    /// Puts a value over an older one, which is kept among the replaced ones.
    pub(crate) fn set(&mut self, section: &str, option: &str, value: Value) {
        let options = if section == DEFAULT {
            &mut self.defaults
        } else {
            self.named.entry(section.to_owned()).or_default()
        };
        if let Some(old) = options.insert(option.to_owned(), value) {
            let key = (section.to_owned(), option.to_owned());
            self.replaced.entry(key).or_default().push(old);
        }
    }
}

type Lines = Vec<(String, u32)>;

/// Parses the text of `file`; `file` is named in origins and errors only.
pub(crate) fn parse(file: &str, text: &str) -> Result<Sections, Fault> {
    Parser::new(file).parse(text)
}

struct Parser<'a> {
    file: &'a str,
    defaults: IndexMap<String, Lines>,
    named: IndexMap<String, IndexMap<String, Lines>>,
    /// Sections and options met: strict parsers refuse a second one.
    met: HashSet<(String, Option<String>)>,
    section: Option<String>,
    /// The option a deeper indented line continues; empty names continue nothing.
    option: Option<String>,
    indent: usize,
    /// Whether the line being read ends in a line break.
    ended: bool,
    headers: HashMap<String, u32>,
    /// Lines that are no option: reported together, at the end of the file.
    bad: Vec<(u32, String)>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str) -> Self {
        Self {
            file,
            defaults: IndexMap::new(),
            named: IndexMap::new(),
            met: HashSet::new(),
            section: None,
            option: None,
            indent: 0,
            ended: false,
            headers: HashMap::new(),
            bad: Vec::new(),
        }
    }

    fn parse(mut self, text: &str) -> Result<Sections, Fault> {
        for ((line, ended), number) in universal_lines(text).zip(1u32..) {
            self.ended = ended;
            self.line(line, number)?;
        }
        if !self.bad.is_empty() {
            return Err(Fault::NotAnOption {
                file: self.file.to_owned(),
                lines: self.bad,
            });
        }
        let file: Arc<Path> = Arc::from(Path::new(self.file));
        let join = |options: IndexMap<String, Lines>| -> Options {
            let joined = options.into_iter().map(|(name, lines)| {
                let value = join_lines(&file, &name, lines);
                (name, Value::Text(value))
            });
            joined.collect()
        };
        let headers = self.headers.into_iter().map(|(name, line)| {
            let origin = Origin {
                file: file.clone(),
                line,
                option: Arc::from(""),
            };
            (name, origin)
        });
        Ok(Sections {
            defaults: join(self.defaults),
            named: self
                .named
                .into_iter()
                .map(|(name, options)| (name, join(options)))
                .collect(),
            base: None,
            replaced: HashMap::new(),
            headers: headers.collect(),
        })
    }

    fn line(&mut self, line: &str, number: u32) -> Result<(), Fault> {
        let comment = comment_start(line);
        let value = strip(&line[..comment.unwrap_or(line.len())]);
        if value.is_empty() {
            // An empty line belongs to the value it stands in, a comment does not.
            if comment.is_none() {
                self.continue_value("", number);
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        if indent > self.indent && self.continue_value(value, number) {
            return Ok(());
        }
        self.indent = indent;
        if let Some(name) = section_header(value) {
            self.open_section(name, number)
        } else if self.section.is_none() {
            Err(Fault::NoSectionHeader {
                file: self.file.to_owned(),
                line: number,
                text: self.as_read(line).into(),
            })
        } else {
            self.add_option(value, line, number)
        }
    }

    /// The line as Python holds it, with its line break.
    fn as_read(&self, line: &str) -> String {
        format!("{line}{}", if self.ended { "\n" } else { "" })
    }

    /// Adds a line to the option being read, if there is one.
    fn continue_value(&mut self, value: &str, number: u32) -> bool {
        let Some(option) = self.option.clone().filter(|name| !name.is_empty()) else {
            return false;
        };
        let Some(lines) = self.options().and_then(|options| options.get_mut(&option)) else {
            return false;
        };
        lines.push((value.to_owned(), number));
        true
    }

    fn options(&mut self) -> Option<&mut IndexMap<String, Lines>> {
        match self.section.as_deref()? {
            DEFAULT => Some(&mut self.defaults),
            name => self.named.get_mut(name),
        }
    }

    fn open_section(&mut self, name: &str, number: u32) -> Result<(), Fault> {
        // `[DEFAULT]` may come again, any other section may not
        if name != DEFAULT {
            if !self.met.insert((name.to_owned(), None)) {
                return Err(Fault::DuplicateSection {
                    file: self.file.to_owned(),
                    line: number,
                    section: name.into(),
                });
            }
            self.named.insert(name.to_owned(), IndexMap::new());
            self.headers.insert(name.to_owned(), number);
        }
        self.section = Some(name.to_owned());
        self.option = None;
        Ok(())
    }

    fn add_option(&mut self, value: &str, line: &str, number: u32) -> Result<(), Fault> {
        let section = self.section.clone().unwrap_or_default();
        let Some(delimiter) = value.find(['=', ':']) else {
            let shown = self.as_read(line);
            self.bad.push((number, shown));
            return Ok(());
        };
        if delimiter == 0 {
            let shown = self.as_read(line);
            self.bad.push((number, shown));
        }
        let name = value[..delimiter].trim_end_matches(is_space).to_lowercase();
        if !self.met.insert((section.clone(), Some(name.clone()))) {
            return Err(Fault::DuplicateOption {
                file: self.file.to_owned(),
                line: number,
                section: section.into(),
                option: name.into(),
            });
        }
        let first = strip(&value[delimiter + 1..]).to_owned();
        self.option = Some(name.clone());
        if let Some(options) = self.options() {
            options.insert(name, vec![(first, number)]);
        }
        Ok(())
    }
}

/// The lines of a text file opened by Python (`\n`, `\r\n` and `\r` all end
/// one), and whether each was ended.
fn universal_lines(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes());
        let (line, next) = match end {
            None => (rest, rest.len()),
            Some(at) if rest[at..].starts_with("\r\n") => (&rest[..at], at + 2),
            Some(at) => (&rest[..at], at + 1),
        };
        rest = &rest[next..];
        Some((line, end.is_some()))
    })
}

/// Where a comment starts: `#` or `;` first on the line, or ` ;` anywhere in it.
fn comment_start(line: &str) -> Option<usize> {
    if strip(line).starts_with(['#', ';']) {
        return Some(0);
    }
    let after_space = |at: &usize| line[..*at].chars().next_back().is_none_or(is_space);
    memchr::memchr_iter(b';', line.as_bytes()).find(after_space)
}

/// The name in `[name]`; whatever follows the last `]` is ignored.
fn section_header(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('[')?;
    let name = &inner[..inner.rfind(']')?];
    (!name.is_empty()).then_some(name)
}

fn join_lines(file: &Arc<Path>, option: &str, mut lines: Lines) -> Text {
    while lines.len() > 1 && lines.last().is_some_and(|(line, _)| line.is_empty()) {
        lines.pop();
    }
    let option: Arc<str> = Arc::from(option);
    let sourced = lines.into_iter().map(|(text, line)| {
        let origin = Origin {
            file: file.clone(),
            line,
            option: option.clone(),
        };
        (text, origin)
    });
    Text::from_lines(sourced.collect())
}

/// `name?condition` parted before the `?` (upstream's `CONDITIONAL_RE`).
pub(crate) fn conditional(name: &str) -> Option<(&str, &str)> {
    let mark = name.find('?')?;
    let (base, condition) = name.split_at(mark);
    let whole = !base.is_empty()
        && base.chars().all(super::python::is_word)
        && condition.len() > 1
        && !condition.trim_end_matches('\n').contains('\n');
    whole.then_some((base, condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(text: &str) -> String {
        match parse("x.conf", text) {
            Err(fault) => fault.python(),
            Ok(sections) => {
                let all = [(DEFAULT.to_owned(), sections.defaults)];
                let mut out = String::new();
                for (name, options) in all.into_iter().chain(sections.named) {
                    for (option, value) in options {
                        out += &format!("{name}.{option}={} ", value.repr());
                    }
                }
                out
            }
        }
    }

    // Expectations are what CPython 3.11's configparser answers.
    #[test]
    fn reads_as_configparser() {
        assert_eq!(
            dump("[A]\nX = 1 ; c\n  # no\n\n  2;3\n y: =4\n[DEFAULT]\nz=\n  a\n\n\n"),
            r"DEFAULT.z='\na' A.x='1\n\n2;3\ny: =4' "
        );
        assert_eq!(dump("[A]x\ra = b\r\n c\r"), r"A.a='b\nc' ");
        assert_eq!(dump("[A]\n a=1\n b=2\n  [C]\n"), r"A.a='1' A.b='2\n[C]' ");
    }

    #[test]
    fn refuses_as_configparser() {
        assert_eq!(
            dump("[A]\na=1\nA : 2\n"),
            "While reading from 'x.conf' [line  3]: option 'a' in section 'A' already exists"
        );
        assert_eq!(
            dump("[A]\n[A]\n"),
            "While reading from 'x.conf' [line  2]: section 'A' already exists"
        );
        assert_eq!(
            dump("\u{feff}[A]\n"),
            "File contains no section headers.\nfile: 'x.conf', line: 1\n'\\ufeff[A]\\n'"
        );
        assert_eq!(
            dump("[A]\nfoo\n=bar"),
            "Source contains parsing errors: 'x.conf'\n\t[line  2]: 'foo\\n'\n\t[line  3]: '=bar'"
        );
    }
}
