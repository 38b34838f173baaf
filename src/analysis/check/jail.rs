//! The check of jails: can each be read with its filter and actions, and does jail.conf say
//! something that fail2ban passes over.

use super::codes;
use super::coverage;
use super::discover::{JailName, jail_files};
use super::finding::{Applicability, Case, CaseKind, Finding, Fix, Severity};
use super::load::{self, Target};
use super::place::SourceFiles;
use super::raw::{RawFile, RawOption};
use super::shared::{Depth, Known, Shared};
use super::structure;
use super::{FilterReport, Role, VariantReport};
use crate::config::{Loader, Origin, is_jail_option, jail_option_names, nearest};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Checks that a jail, its filter and options can be read.
pub(super) fn check(
    target: &JailName,
    loader: &Loader,
    shared: &Shared,
    known: &Arc<HashSet<String>>,
) -> FilterReport {
    let start = Instant::now();
    let mut files = SourceFiles::default();
    let mut findings = Vec::new();
    let jail = Target::Jail(&target.config, &target.name);
    let named = (target.name.as_str(), [].as_slice());
    let mut known = Known::on_top_of(known);
    let with = (Depth::News(&mut known), shared);
    let loaded = load::load(loader, jail, named, with, &mut files, &mut findings);
    let name = format!("jail {}", target.name);
    for finding in &mut findings {
        // the subject says it already, and in other jails the fault is the same one
        let told = format!("{name}: ");
        if let Some(rest) = finding.message.strip_prefix(&told) {
            finding.message = rest.to_owned();
        }
    }
    let variants = loaded.iter().map(|loaded| VariantReport {
        label: name.clone(),
        sampled: false,
        failregexes: coverage::regexes(loaded, &[]),
    });
    FilterReport {
        read: match &loaded {
            Some(loaded) => loaded.source.files.clone(),
            None => jail_files(&target.config),
        },
        includes_from: loaded.as_ref().and_then(|loaded| {
            let files = loaded.source.files.iter().map(PathBuf::as_path);
            shared.includes_from(&target.config, files)
        }),
        variants: variants.collect(),
        cases: vec![Case {
            gives: String::new(),
            kind: CaseKind::Load,
            name: name.clone(),
            findings: (0..findings.len()).collect(),
        }],
        name: target.name.clone(),
        file: target.config.join("jail.conf"),
        role: Role::Jail,
        logs: Vec::new(),
        annotated: 0,
        plain: 0,
        verdicts: 0,
        skipped: 0,
        updated: None,
        findings,
        elapsed: start.elapsed(),
    }
}

/// What the jail files of a directory say that fail2ban passes over, each with the jail it is
/// about; an empty name for what is about all.
pub(super) fn of_files(config: &Path, elsewhere: &[String]) -> Vec<(String, Finding)> {
    let mut files = SourceFiles::default();
    let mut found = Vec::new();
    for path in jail_files(config) {
        let missing = structure::of_jail_file(&path, elsewhere, &mut files).into_iter();
        found.extend(missing.map(|finding| (String::new(), finding)));
    }
    let read = read_files(config, elsewhere);
    let installed = structure::installed_jail_conf(config, elsewhere);
    let words = Words::of(read.iter().map(|(_, file)| file));
    let is_whole = config.join("jail.conf").is_file() || !installed.is_empty();
    for file in read.iter().filter(|(own, _)| *own).map(|(_, file)| file) {
        for (section, line) in &file.sections {
            let finding = wrong_section(section, (&file.path, *line), &mut files);
            found.extend(finding.map(|finding| (section.clone(), finding)));
        }
        for option in &file.options {
            let finding = unknown_option(option, file, &words, &mut files);
            // without fail2ban's jail.conf it is not known what that refers to: `port`, `chain`
            let finding = finding.filter(|finding| is_whole || finding.severity == Severity::Error);
            found.extend(finding.map(|finding| (option.section.clone(), finding)));
        }
    }
    found
}

/// The jail files of a directory, and with `false` those they include, of which only what they set
/// and refer to counts.
fn read_files(config: &Path, elsewhere: &[String]) -> Vec<(bool, RawFile)> {
    let mut read = Vec::new();
    for path in jail_files(config) {
        let file = RawFile::read(&path);
        for (_, entry) in structure::includes(&file) {
            let included = structure::included_file(&path, &entry, elsewhere);
            read.push((false, RawFile::read(&included)));
        }
        read.push((true, file));
    }
    let installed = structure::installed_jail_conf(config, elsewhere);
    read.extend(installed.iter().map(|file| (false, RawFile::read(file))));
    read
}

/// An option of a jail that nothing reads, and that is nearly one that fail2ban does.
#[derive(Clone, Debug)]
pub(crate) struct MisspeltOption {
    /// The jail, or `DEFAULT`.
    pub(crate) section: String,
    pub(crate) name: String,
    /// The option that is meant.
    pub(crate) meant: String,
    /// The first line of its value.
    pub(crate) value: String,
    pub(crate) place: Origin,
}

/// The misspelt options in the jail files of a directory.
pub(crate) fn misspelt_options(config: &Path) -> Vec<MisspeltOption> {
    let read = read_files(config, &[]);
    let words = Words::of(read.iter().map(|(_, file)| file));
    let mut found = Vec::new();
    for file in read.iter().filter(|(own, _)| *own).map(|(_, file)| file) {
        for option in &file.options {
            if let Some(Some(meant)) = words.unknown(option) {
                found.push(MisspeltOption {
                    section: option.section.clone(),
                    name: option.name.clone(),
                    meant: meant.to_owned(),
                    value: option
                        .lines
                        .first()
                        .map_or(String::new(), |(_, text)| text.clone()),
                    place: Origin::at(&file.path, option.line(), &option.name),
                });
            }
        }
    }
    found
}

/// An option of a jail that is none, as its line is indented and continues the option above.
#[derive(Clone, Debug)]
pub(crate) struct ContinuedOption {
    /// The jail, or `DEFAULT`.
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) place: Origin,
    /// The option that takes the line, and where that begins.
    pub(crate) above: (String, u32),
}

/// The lines of the jail files of a directory that look like options and continue another.
pub(crate) fn continued_options(config: &Path) -> Vec<ContinuedOption> {
    let read = read_files(config, &[]);
    let words = Words::of(read.iter().map(|(_, file)| file));
    let own = read.iter().filter(|(own, _)| *own).map(|(_, file)| file);
    let options = own.flat_map(|file| file.options.iter().map(move |option| (file, option)));
    let lines = options.flat_map(|(file, option)| {
        let further = option.lines.iter().skip(1);
        further.map(move |(line, text)| (file, option, *line, text))
    });
    let continued = lines.filter_map(|(file, option, line, text)| {
        let (name, value) = text.split_once(['=', ':'])?;
        let name = name.trim_end().to_lowercase();
        words.is_read(&name).then(|| ContinuedOption {
            section: option.section.clone(),
            place: Origin::at(&file.path, line, &name),
            name,
            value: value.trim().to_owned(),
            above: (option.name.clone(), option.line()),
        })
    });
    continued.collect()
}

/// The names in use in the jail files.
struct Words {
    /// Names that values refer to.
    referred: BTreeSet<String>,
    /// Options that more than one file sets: what one of them sets, the other means.
    shared: BTreeSet<String>,
}

impl Words {
    fn of<'f>(files: impl Iterator<Item = &'f RawFile>) -> Words {
        let mut words = Words {
            referred: BTreeSet::new(),
            shared: BTreeSet::new(),
        };
        let mut set: BTreeSet<String> = BTreeSet::new();
        for file in files {
            let names: BTreeSet<String> = file
                .options
                .iter()
                .map(|option| option.name.to_lowercase())
                .collect();
            words.shared.extend(names.intersection(&set).cloned());
            set.extend(names);
            let lines = file.options.iter().flat_map(|option| &option.lines);
            lines.for_each(|(_, text)| words.refer(text));
        }
        words
    }

    /// Whether fail2ban or another option asks for one of that name.
    fn is_read(&self, name: &str) -> bool {
        jail_option_names().any(|known| known == name) || self.referred.contains(name)
    }

    /// Whether nothing reads an option; with the one that is meant, if there is one.
    fn unknown(&self, option: &RawOption) -> Option<Option<&str>> {
        let name = option.name.to_lowercase();
        let is_used = self.referred.contains(&name) || self.shared.contains(&name);
        if option.section == "INCLUDES" || is_jail_option(&name) || is_used {
            return None;
        }
        let mut known: Vec<&str> = jail_option_names().collect();
        known.extend(self.referred.iter().map(String::as_str));
        let near = meant(&name, &known);
        // `[DEFAULT]` may set what others are free to use: `action_mw` of the stock configuration
        let is_offered =
            option.section == "DEFAULT" && (near.is_none() || name.starts_with("action_"));
        (!is_offered).then_some(near)
    }

    /// Takes the names in `%(name)s`, `%(section/name)s`, `%(known/name)s`.
    fn refer(&mut self, text: &str) {
        for part in text.split("%(").skip(1) {
            if let Some((name, _)) = part.split_once(")s") {
                let name = name.rsplit('/').next().unwrap_or(name);
                self.referred.insert(name.to_lowercase());
            }
        }
    }
}

/// A section that is taken for a jail, though it is hardly meant to be one.
fn wrong_section(
    section: &str,
    (file, line): (&Path, u32),
    files: &mut SourceFiles,
) -> Option<Finding> {
    let reserved = ["DEFAULT", "INCLUDES"];
    if reserved.contains(&section) {
        return None;
    }
    let near = reserved
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(section))
        .or_else(|| nearest(section, reserved));
    let help = match near {
        Some(near) => format!("write [{near}]"),
        None if ["Definition", "Init"].contains(&section) => {
            "write the name of the jail that is meant; [Definition] and [Init] are for files of \
             filter.d and action.d"
                .to_owned()
        }
        None => return None,
    };
    let mut finding = Finding {
        fix: None,
        code: codes::JAIL,
        severity: Severity::Error,
        message: format!("[{section}] is taken for a jail of that name"),
        subject: section.to_owned(),
        excerpts: vec![files.excerpt(file, line, "")],
        help,
    };
    if let Some(near) = near {
        finding.fix_word(Applicability::Safe, section, near);
    }
    Some(finding)
}

/// An option that neither fail2ban nor another option asks for.
fn unknown_option(
    option: &RawOption,
    file: &RawFile,
    words: &Words,
    files: &mut SourceFiles,
) -> Option<Finding> {
    let near = words.unknown(option)?;
    let mut excerpt = files.excerpt(&file.path, option.line(), "");
    if let Some(at) = excerpt.text.find(&option.name) {
        excerpt.span = at..at + option.name.len();
    }
    let fix = near.map(|near| Fix {
        applicability: Applicability::Safe,
        line: option.line(),
        span: excerpt.span.clone(),
        text: near.to_owned(),
    });
    // `sendmail[name=…]` at the beginning of a line
    let is_further_line = option.name.contains('[');
    let (message, help) = if is_further_line {
        let message = format!(
            "a line that is not indented is an option of its own: no jail has `{}`, and nothing \
             reads it",
            option.name
        );
        let help = "indent it, so that it is a further line of the option above it";
        (message, help.to_owned())
    } else {
        let message = format!("no jail has an option `{}`: nothing reads it", option.name);
        let help = near.map_or_else(String::new, |near| format!("did you mean `{near}`?"));
        (message, help)
    };
    Some(Finding {
        fix,
        code: codes::JAIL,
        severity: if near.is_some() || is_further_line {
            Severity::Error
        } else {
            Severity::Warning
        },
        message,
        subject: option.section.clone(),
        excerpts: vec![excerpt],
        help,
    })
}

/// The option that was meant by a name that is none.
fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |name: &str| {
        let name = name.replace(['_', '-', '.'], "");
        match name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => name,
        }
    };
    let same = known.iter().find(|known| plain(known) == plain(name));
    if let Some(same) = same {
        return Some(same);
    }
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(near);
    }
    let scored = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), *known));
    // `bantime-long` is a name of its own
    let is_longer = |known: &str| {
        let rest = name.strip_prefix(known);
        rest.is_some_and(|rest| rest.starts_with(['-', '_', '.']))
    };
    let best = scored.filter(|(score, known)| *score > 0.92 && !is_longer(known));
    best.max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn misspelt_options_are_told_from_others() {
        let known = [
            "maxretry", "bantime", "filter", "logpath", "ignoreip", "port",
        ];
        for (typed, is) in [
            ("maxretyr", "maxretry"),
            ("bantiem", "bantime"),
            ("fliter", "filter"),
            ("log_path", "logpath"),
            ("ignore-ip", "ignoreip"),
            ("maxretries", "maxretry"),
            ("ports", "port"),
        ] {
            assert_eq!(meant(typed, &known), Some(is), "{typed}");
        }
        assert_eq!(meant("comment", &known), None);
        assert_eq!(meant("logpath-local", &known), None);
    }
}
