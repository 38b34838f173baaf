//! What a filter file says in a form that fail2ban never reads: an include that is not there,
//! regexes below a section of another name, a misspelt `failregex`. Without this look at the
//! file as it is written such a filter loads, has no failregex, and passes for one that is made
//! to be included.

use super::codes;
use super::finding::{Applicability, Finding, Fix, Severity};
use super::place::SourceFiles;
use super::raw::{RawFile, RawOption};
use crate::config::{Origin, included_path, nearest, nearest_file};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Sections that fail2ban reads in a filter; others only where something refers to them.
const SECTIONS: [&str; 4] = ["Definition", "Init", "DEFAULT", "INCLUDES"];

/// Options that only mean something where fail2ban looks for them.
const REGEXES: [&str; 3] = ["failregex", "ignoreregex", "prefregex"];

/// Files followed from one file by includes.
const MOST_INCLUDES: usize = 300;

/// The faults of a filter file, missing includes first.
pub(super) fn of_filter(
    (name, path): (&str, &Path),
    elsewhere: &[String],
    files: &mut SourceFiles,
) -> Vec<Finding> {
    let mut look = Look {
        subject: name,
        elsewhere,
        files,
        findings: Vec::new(),
    };
    look.includes(path);
    let mut own = vec![RawFile::read(path)];
    let local = path.with_extension("local");
    if local != path && local.is_file() {
        own.push(RawFile::read(&local));
    }
    own.iter().for_each(|file| look.sections(file));
    let has_failregex = own
        .iter()
        .flat_map(|file| &file.options)
        .any(|option| is_read(&option.section) && option.name.eq_ignore_ascii_case("failregex"));
    if look.findings.is_empty() && !has_failregex {
        own.iter().for_each(|file| look.instead_of_failregex(file));
    }
    look.findings
}

/// Why a filter file sets nothing, or lacks what an include would set: the first of its faults in
/// one line, with its place. For those who only want to run the filter.
pub(crate) fn first_fault(file: &Path) -> Option<String> {
    let name = file.to_string_lossy();
    let found = of_filter((&name, file), &[], &mut SourceFiles::default());
    one_line(found.first()?)
}

/// A fault of a filter file.
#[derive(Clone, Debug)]
pub(crate) struct FileFault {
    pub(crate) place: Origin,
    /// An include that is not there, what it would set is missing.
    pub(crate) is_include: bool,
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: String,
    /// The line as it would be right, where that is known.
    pub(crate) mended: Option<String>,
}

/// The faults of a filter file that keep something in it from being read.
pub(crate) fn filter_faults(file: &Path) -> Vec<FileFault> {
    let name = file.to_string_lossy();
    let found = of_filter((&name, file), &[], &mut SourceFiles::default());
    let faults = found.into_iter().filter_map(|finding| {
        let (file, line) = finding.place()?;
        let line = finding.fix.as_ref().map_or(line, |fix| fix.line);
        let mut lines = RawFile::read(file).lines.into_iter();
        let mut text = lines.nth((line as usize).checked_sub(1)?)?;
        let mended = match &finding.fix {
            Some(fix) => Some((fix.span.clone(), fix.text.clone())),
            None if finding.code == codes::INCLUDE => {
                let span = finding.excerpts.first()?.span.clone();
                let entry = Path::new(text.get(span.clone())?);
                near_include(file, entry).map(|near| {
                    let near = entry.with_file_name(format!("{near}.conf"));
                    (span, near.to_string_lossy().into_owned())
                })
            }
            None => None,
        };
        let mended = mended.filter(|(span, _)| text.get(span.clone()).is_some());
        let mended = mended.map(|(span, by)| {
            text.replace_range(span, &by);
            text
        });
        Some(FileFault {
            place: Origin::at(file, line, ""),
            is_include: finding.code == codes::INCLUDE,
            message: finding.message.clone(),
            help: finding.help.clone(),
            mended,
        })
    });
    faults.collect()
}

/// The name, without its ending, of a file that is there and may be meant by an include that is
/// not: another one than the file that includes it.
fn near_include(file: &Path, entry: &Path) -> Option<String> {
    let above = file.parent().unwrap_or(Path::new("."));
    let directory = above.join(entry.parent().unwrap_or(Path::new("")));
    let near = nearest_file(&directory, &entry.file_stem()?.to_string_lossy())?;
    (file.file_stem()? != near.as_str()).then_some(near)
}

/// The same of an include that is not there alone.
pub(crate) fn missing_include(file: &Path) -> Option<String> {
    let found = of_jail_file(file, &[], &mut SourceFiles::default());
    one_line(found.first()?)
}

fn one_line(finding: &Finding) -> Option<String> {
    let (file, line) = finding.place()?;
    let (message, help) = (&finding.message, &finding.help);
    Some(format!("{}:{line}: {message}; {help}", file.display()))
}

/// The includes of a jail.conf that are not there.
pub(super) fn of_jail_file(
    file: &Path,
    elsewhere: &[String],
    files: &mut SourceFiles,
) -> Vec<Finding> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut look = Look {
        subject: &name,
        elsewhere,
        files,
        findings: Vec::new(),
    };
    look.includes(file);
    look.findings
}

/// Whether fail2ban reads that section of a filter by its name.
fn is_read(section: &str) -> bool {
    SECTIONS.contains(&section)
}

/// A look at the files of one filter.
struct Look<'a> {
    subject: &'a str,
    /// Directories where includes are looked for, too.
    elsewhere: &'a [String],
    files: &'a mut SourceFiles,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn report(
        &mut self,
        code: &'static str,
        (file, line): (&Path, u32),
        part: &str,
        (message, help): (String, String),
    ) -> &mut Finding {
        let mut excerpt = self.files.excerpt(file, line, "");
        if let Some(at) = excerpt.text.find(part).filter(|_| !part.is_empty()) {
            excerpt.span = at..at + part.len();
        }
        self.findings.push(Finding {
            fix: None,
            code,
            severity: Severity::Error,
            message,
            subject: self.subject.to_owned(),
            excerpts: vec![excerpt],
            help,
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Included files that are not there, those of included files too. What is there and is no
    /// regular file is told of by whoever reads it.
    fn includes(&mut self, file: &Path) {
        let mut open = vec![file.to_path_buf()];
        let mut known = HashSet::new();
        while let Some(file) = open.pop() {
            if known.len() >= MOST_INCLUDES || !known.insert(file.clone()) {
                continue;
            }
            for (line, entry) in includes(&RawFile::read(&file)) {
                let path = included_file(&file, &entry, self.elsewhere);
                if path.is_file() {
                    open.push(path);
                } else if !path.exists() && !entry.ends_with(".local") {
                    self.missing_include((&file, line), &entry, &path);
                }
            }
        }
    }

    /// A customization (`.local`) need not be there; any other file must.
    fn missing_include(&mut self, place: (&Path, u32), entry: &str, path: &Path) {
        let help = match near_include(place.0, path) {
            Some(near) => format!("did you mean {near}.conf?"),
            None => "fail2ban goes on without it, and what it would set is missing; -c DIR names \
                     the configuration directory that has it"
                .to_owned(),
        };
        let message = format!("cannot include {entry}: no such file");
        self.report(codes::INCLUDE, place, entry, (message, help));
    }

    /// Sections that are nearly one that fail2ban reads, and regexes in those that are none.
    fn sections(&mut self, file: &RawFile) {
        if self.jails(file) {
            return;
        }
        for (section, line) in &file.sections {
            if is_read(section) || is_referred(file, section) {
                continue;
            }
            let same = |known: &&str| known.eq_ignore_ascii_case(section);
            let near = SECTIONS.into_iter().find(same);
            let near = near.or_else(|| nearest(section, SECTIONS));
            // `<type<type>/failregex>` names the sections of a whole family
            let is_asked_for = |option: &RawOption| {
                let name = format!("/{}", option.name);
                file.lines.iter().any(|line| line.contains(&name))
            };
            let mut options = file.options.iter().filter(|o| o.section == *section);
            if let Some(near) = near {
                let message =
                    format!("[{section}] is no section that fail2ban reads: all of it is lost");
                let help = format!("write [{near}]");
                let place = (file.path.as_path(), *line);
                let finding = self.report(codes::NOT_READ, place, section, (message, help));
                finding.fix_word(Applicability::Safe, section, near);
            } else if let Some(option) =
                options.find(|option| is_regex(option) && !is_asked_for(option))
            {
                let message = format!(
                    "{} stands in [{section}], where fail2ban does not look",
                    option.name
                );
                let help = format!("write [Definition] in place of [{section}]");
                let place = (file.path.as_path(), option.line());
                let header = self.files.line(&file.path, *line);
                let finding = self.report(codes::NOT_READ, place, &option.name, (message, help));
                // another section may be meant to be there as well
                finding.fix = header.find(section.as_str()).map(|at| Fix {
                    applicability: Applicability::Unsafe,
                    line: *line,
                    span: at..at + section.len(),
                    text: "Definition".to_owned(),
                });
            }
        }
        for option in &file.options {
            self.swallowed(file, option);
        }
    }

    /// Whether the file is one of jails, which is checked only where fail2ban reads it. Says so.
    fn jails(&mut self, file: &RawFile) -> bool {
        let mut options = file.options.iter();
        let enabled = options.find(|option| option.name.eq_ignore_ascii_case("enabled"));
        let filter_sections = ["Definition", "Init"];
        let is_filter = |(section, _): &(String, u32)| {
            let mut known = filter_sections.iter();
            known.any(|known| known.eq_ignore_ascii_case(section))
                || nearest(section, filter_sections).is_some()
        };
        let Some(enabled) = enabled.filter(|_| !file.sections.iter().any(is_filter)) else {
            return false;
        };
        let message = "this is a file of jails, and it is not checked here".to_owned();
        let help = "fail2ban reads jails from jail.conf, jail.local and the files of jail.d; \
                    check it below the name it is installed by"
            .to_owned();
        let place = (file.path.as_path(), enabled.line());
        let finding = self.report(codes::NOT_READ, place, "", (message, help));
        finding.severity = Severity::Warning;
        true
    }

    /// An indented `failregex = …` is a further line of the option above.
    fn swallowed(&mut self, file: &RawFile, option: &RawOption) {
        for (line, text) in option.lines.iter().skip(1) {
            let name = text.split(['=', ':']).next().unwrap_or_default().trim();
            let is_option = name.len() < text.len() && REGEXES.contains(&name);
            if is_option {
                let message = format!(
                    "{name} is indented, so that it is a line of `{}` above and not read",
                    option.name
                );
                let help = "begin it in the first column".to_owned();
                let place = (file.path.as_path(), *line);
                let finding = self.report(codes::NOT_READ, place, name, (message, help));
                finding.fix = finding.excerpts.first().map(|excerpt| Fix {
                    applicability: Applicability::Unsafe,
                    line: *line,
                    span: 0..excerpt.span.start,
                    text: String::new(),
                });
            }
        }
    }

    /// An option that was perhaps meant to be the failregex of a filter without any.
    fn instead_of_failregex(&mut self, file: &RawFile) {
        let options = file.options.iter().filter(|o| o.section == "Definition");
        for option in options {
            let name = option.name.to_lowercase();
            let is_known = REGEXES.contains(&name.as_str()) || name.starts_with('_');
            let looks_like_it = nearest(&name, ["failregex"]).is_some()
                || ["regex", "regexp", "fail", "pattern", "match"].contains(&name.as_str());
            if is_known || !looks_like_it || is_used(file, &option.name) {
                continue;
            }
            let message = format!("no failregex: fail2ban knows no option `{}`", option.name);
            let help = "did you mean `failregex`?".to_owned();
            let place = (file.path.as_path(), option.line());
            let finding = self.report(codes::NOT_READ, place, &option.name, (message, help));
            let is_typo = nearest(&name, ["failregex"]).is_some();
            let applicability = if is_typo {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            };
            finding.fix_word(applicability, &option.name, "failregex");
        }
    }
}

/// Reports a filter that sets `failregex` to nothing, which nobody includes.
pub(super) fn without_failregex(
    name: &str,
    path: &Path,
    files: &mut SourceFiles,
) -> Option<Finding> {
    let file = RawFile::read(path);
    let mut options = file.options.iter();
    let option = options.find(|option| {
        option.section == "Definition" && option.name.eq_ignore_ascii_case("failregex")
    })?;
    let mut look = Look {
        subject: name,
        elsewhere: &[],
        files,
        findings: Vec::new(),
    };
    let message = "failregex is empty: the filter matches nothing".to_owned();
    let help = "further lines of it are indented".to_owned();
    let place = (file.path.as_path(), option.line());
    look.report(codes::NOT_READ, place, "", (message, help));
    look.findings.pop()
}

/// The files that a file includes, as it spells them, each with its line.
pub(super) fn includes(file: &RawFile) -> Vec<(u32, String)> {
    let options = file.options.iter().filter(|option| {
        let name = option.name.to_lowercase();
        option.section == "INCLUDES" && ["before", "after"].contains(&name.as_str())
    });
    let lines = options.flat_map(|option| option.lines.iter().cloned());
    // what a reference stands for is not known here
    let plain = lines.filter(|(_, text)| !text.is_empty() && !text.contains("%("));
    plain.collect()
}

/// The path of an included file.
pub(super) fn included_file(file: &Path, entry: &str, elsewhere: &[String]) -> PathBuf {
    included_path(&file.to_string_lossy(), entry, elsewhere).into()
}

/// fail2ban's own jail.conf with what it includes, below which the jail files of `config` are put
/// when they are installed. Nothing where `config` has a jail.conf of its own.
pub(super) fn installed_jail_conf(config: &Path, elsewhere: &[String]) -> Vec<PathBuf> {
    if config.join("jail.conf").is_file() {
        return Vec::new();
    }
    let mut files = elsewhere
        .iter()
        .map(|place| Path::new(place).join("jail.conf"));
    let Some(file) = files.find(|file| file.is_file()) else {
        return Vec::new();
    };
    let included = includes(&RawFile::read(&file)).into_iter();
    let included = included.map(|(_, entry)| included_file(&file, &entry, elsewhere));
    let included: Vec<PathBuf> = included.collect();
    [file].into_iter().chain(included).collect()
}

fn is_regex(option: &RawOption) -> bool {
    REGEXES.contains(&option.name.to_lowercase().as_str())
}

/// Whether something in the file refers to a section: `%(section/option)s`, `<lt_<logtype>/…>`.
fn is_referred(file: &RawFile, section: &str) -> bool {
    let own = format!("{section}/");
    let head = section.split('_').next().unwrap_or(section);
    let composite = format!("<{head}_<");
    file.lines
        .iter()
        .any(|line| line.contains(&own) || line.contains(&composite))
}

fn is_used(file: &RawFile, option: &str) -> bool {
    let references = [format!("%({option})s"), format!("<{option}>")];
    let uses = |line: &String| references.iter().any(|reference| line.contains(reference));
    file.lines.iter().any(uses)
}
