//! A filter with one set of options, read and compiled; its faults as findings.
//!
//! Goes on after a fault where it can, so that one run names every faulty regex. Which
//! filters and option sets there are is `discover`'s.

use super::codes;
use super::finding::{Applicability, Excerpt, Finding, Fix, Severity};
use super::place::SourceFiles;
use super::refused;
use super::shared::{Depth, Known, Shared};
use crate::config::{
    ConfigError, Fault, FilterSource, Loader, Resolution, Setting, Sourced, nearest_file,
};
use crate::date::DateDetector;
use crate::engine::builder::{BuildError, BuildFault, FilterBuilder, in_order};
use crate::engine::dns::UseDns;
use crate::engine::{Filter, FilterOptions, RegexError};
use std::path::{Path, PathBuf};

/// Options of a filter in order: `mode` = `ddos`.
pub(crate) type Options = Vec<(String, String)>;

/// `name[mode=ddos,logtype=file]`, as fail2ban writes it.
pub(crate) fn label(name: &str, options: &[(String, String)]) -> String {
    if options.is_empty() {
        return name.to_string();
    }
    let quoted = |value: &str| {
        if value.contains([',', ']', ' ']) {
            format!("\"{value}\"")
        } else {
            value.to_string()
        }
    };
    let options: Vec<String> = options
        .iter()
        .map(|(n, v)| format!("{n}={}", quoted(v)))
        .collect();
    format!("{name}[{}]", options.join(","))
}

/// A filter with one set of options.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// `name[options]`.
    pub(crate) label: String,
    /// Where everything came from.
    pub(crate) source: FilterSource,
    /// All failregexes as written.
    pub(crate) failregexes: Vec<Sourced>,
    /// The regexes compiled ([`Depth`]); those with a fault are missing.
    pub(crate) filter: Filter,
    /// The date detector of its datepattern.
    pub(crate) detector: DateDetector,
    /// The datepattern, if it sets one.
    pub(crate) datepattern: Option<Sourced>,
    /// Whether every regex and pattern was accepted.
    pub(crate) sound: bool,
    /// Its regexes as [`Known`] keeps them.
    pub(super) keys: Vec<String>,
}

/// An option set of a filter while it is checked.
pub(super) struct Variant {
    pub(super) options: Options,
    pub(super) loaded: Option<Loaded>,
    pub(super) sampled: bool,
}

/// What [`load`] is to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// A filter file.
    Filter(&'a Path),
    /// A jail of the jail.conf below a directory.
    Jail(&'a Path, &'a str),
}

/// Reads and compiles `target`. Faults go to `findings`; None where nothing could be read.
pub(crate) fn load(
    loader: &Loader,
    target: Target,
    (name, options): (&str, &[(String, String)]),
    (depth, shared): (Depth<'_>, &Shared),
    files: &mut SourceFiles,
    findings: &mut Vec<Finding>,
) -> Option<Loaded> {
    let label = label(name, options);
    let source = match read(loader, target, (name, options), shared, files) {
        Ok(source) => source,
        Err(finding) => {
            findings.push(Finding {
                subject: label,
                ..*finding
            });
            return None;
        }
    };
    let before = findings.len();
    let options = FilterOptions {
        usedns: UseDns::Raw,
        raw: false,
        check_all: true,
        ignore_pending: false,
        maxlines: 1,
        keep_matches: true,
    };
    let clock = shared.clock();
    let mut builder = FilterBuilder::beside(shared.beside.as_ref(), options, clock);
    builder.set_default_templates(shared.detectors.default_templates().clone());
    let mut build = Build {
        builder,
        label: label.clone(),
        datepattern: None,
        keys: Vec::new(),
        depth,
        prefregex: String::new(),
        shared,
        files,
        findings,
    };
    build.settings(&source.settings);
    let Build {
        builder,
        datepattern,
        keys,
        ..
    } = build;
    let built = builder.finish();
    let failregexes = source.settings.iter().filter_map(|setting| match setting {
        Setting::Failregex(value) => Some(value.clone()),
        _ => None,
    });
    Some(Loaded {
        label,
        failregexes: failregexes.collect(),
        filter: built.filter,
        detector: built.detector,
        datepattern,
        sound: findings.len() == before,
        keys,
        source,
    })
}

/// Reads a filter's settings, or says what is wrong with its files.
fn read(
    loader: &Loader,
    target: Target,
    (name, options): (&str, &[(String, String)]),
    shared: &Shared,
    files: &mut SourceFiles,
) -> Result<FilterSource, Box<Finding>> {
    let read = match target {
        Target::Filter(path) => loader.filter(path, options),
        Target::Jail(config, name) => loader.jail(config, name),
    };
    match read {
        Ok(Resolution::Filter(source)) => Ok(*source),
        Ok(Resolution::Literal) => {
            let place = match target {
                Target::Filter(path) => path.to_path_buf(),
                Target::Jail(config, _) => config.join("jail.conf"),
            };
            Err(Box::new(Finding {
                fix: None,
                code: codes::CONFIG,
                severity: Severity::Error,
                message: format!("no filter: neither [Definition] nor a jail of the name {name}"),
                subject: String::new(),
                excerpts: vec![files.excerpt(&place, 1, "")],
                help: String::new(),
            }))
        }
        Err(error) => {
            let mut finding = config_finding(&error, target, String::new(), files);
            if let Target::Jail(config, _) = target {
                finding.help = missing_part(&error.fault, config, shared).unwrap_or(finding.help);
            }
            Err(Box::new(finding))
        }
    }
}

struct Build<'a> {
    builder: FilterBuilder<'a>,
    label: String,
    datepattern: Option<Sourced>,
    keys: Vec<String>,
    depth: Depth<'a>,
    prefregex: String,
    shared: &'a Shared,
    files: &'a mut SourceFiles,
    findings: &'a mut Vec<Finding>,
}

impl Build<'_> {
    /// Applies all settings that are wanted; those refused are told and left out.
    fn settings(&mut self, settings: &[Setting]) {
        for setting in in_order(settings) {
            let wanted = match setting {
                Setting::Prefregex(value) => {
                    let wanted = self.wanted("prefregex", value);
                    self.prefregex.clone_from(&value.text);
                    wanted
                }
                Setting::Failregex(value) => {
                    let wanted = self.wanted("failregex", value);
                    if wanted {
                        self.prefregex_for_news(settings);
                    }
                    wanted
                }
                Setting::Ignoreregex(value) => self.wanted("ignoreregex", value),
                // made once for all filters that have it
                Setting::Datepattern(value) => {
                    self.set_datepattern(value);
                    false
                }
                _ => true,
            };
            if wanted && let Err(error) = self.builder.apply(setting) {
                self.refused(setting, error);
            }
        }
    }

    fn set_datepattern(&mut self, value: &Sourced) {
        match self.shared.detectors.get(&value.text) {
            Ok(detector) => {
                self.builder.set_detector(detector);
                self.datepattern = Some(value.clone());
            }
            Err(error) => {
                self.fault(codes::DATEPATTERN, value, format!("datepattern: {error}"));
            }
        }
    }

    /// Tells what is wrong with a setting.
    fn refused(&mut self, setting: &Setting, error: BuildError) {
        match (setting, *error.fault) {
            (
                Setting::Prefregex(value) | Setting::Failregex(value) | Setting::Ignoreregex(value),
                BuildFault::Regex(fault),
            ) => self.regex(value, error.option, fault),
            (Setting::Maxlines(value), _) => {
                let expected = "maxlines: expected a whole number greater than zero";
                self.fault(codes::MAXLINES, value, expected.into());
            }
            // no other setting is refused
            _ => {}
        }
    }

    fn wanted(&mut self, role: &str, value: &Sourced) -> bool {
        let maxlines = self.builder.filter().options.maxlines;
        let key = Known::key(&self.prefregex, role, maxlines, &value.text);
        let wanted = match &mut self.depth {
            Depth::Whole => true,
            Depth::News(known) => known.insert(&key),
        };
        self.keys.push(key);
        wanted
    }

    /// A new failregex may need the failure id of a prefregex that is not new.
    fn prefregex_for_news(&mut self, settings: &[Setting]) {
        if self.builder.filter().prefregex.is_some() {
            return;
        }
        let mut known = settings.iter();
        let last = known.rfind(|setting| matches!(setting, Setting::Prefregex(_)));
        if let Some(prefregex) = last {
            // a fault of it was told when it was new
            let _ = self.builder.apply(prefregex);
        }
    }

    fn fault(&mut self, code: &'static str, value: &Sourced, message: String) {
        let excerpts = self.files.regex(value, &value.text, None, "");
        self.push(code, message, excerpts, "");
    }

    fn push(&mut self, code: &'static str, message: String, excerpts: Vec<Excerpt>, help: &str) {
        self.findings.push(Finding {
            fix: None,
            code,
            severity: Severity::Error,
            message,
            subject: self.label.clone(),
            excerpts,
            help: help.to_string(),
        });
    }

    fn regex(&mut self, value: &Sourced, option: &str, fault: RegexError) {
        match fault {
            RegexError::Empty => {
                self.fault(codes::REGEX, value, format!("{option}: the regex is empty"));
            }
            RegexError::NoFailureId(_) => {
                let excerpts = self.files.regex(value, &value.text, None, "names nobody");
                let message = format!("{option}: no group says who failed");
                let help = refused::help_of_nameless(&value.text);
                self.push(codes::NO_FAILURE_ID, message, excerpts, help);
            }
            RegexError::Syntax { regex, error } => {
                let span = error.position.map(|position| {
                    let mut offsets = regex.char_indices().map(|(at, _)| at).skip(position);
                    let start = offsets.next().unwrap_or(regex.len());
                    start..offsets.next().unwrap_or(regex.len())
                });
                let excerpts = self.files.regex(value, &regex, span, &error.message);
                let message = format!("{option}: Python's re refuses it: {}", error.message);
                let help = refused::help(&error.message);
                self.push(codes::REGEX, message, excerpts, help);
            }
        }
    }
}

/// Whether a finding is about a reference to an option that nothing sets.
pub(super) fn is_unknown_reference(finding: &Finding) -> bool {
    finding.code == codes::CONFIG && finding.message.starts_with("`%(")
}

fn config_finding(
    error: &ConfigError,
    target: Target,
    label: String,
    files: &mut SourceFiles,
) -> Finding {
    let text = error.to_string();
    let (excerpts, message) = match error.fault.place() {
        Some((file, line)) => {
            let excerpt = fault_excerpt(&error.fault, files.excerpt(file, line, ""));
            let prefix = format!("{}:{line}: ", file.display());
            (
                vec![excerpt],
                text.strip_prefix(&prefix).unwrap_or(&text).to_string(),
            )
        }
        None => {
            let place: PathBuf = match target {
                Target::Filter(path) => path.to_path_buf(),
                Target::Jail(config, _) => config.join("jail.conf"),
            };
            (vec![files.excerpt(&place, 1, "")], text)
        }
    };
    let percent = matches!(&*error.fault, Fault::BadReference { .. });
    let lone = excerpts.first().filter(|excerpt| {
        let part = excerpt.text.get(excerpt.span.clone());
        percent && part.is_some_and(|part| part.starts_with('%') && !part.starts_with("%("))
    });
    let fix = lone.map(|excerpt| Fix {
        applicability: Applicability::Safe,
        line: excerpt.line.unwrap_or(1),
        span: excerpt.span.start..excerpt.span.start,
        text: "%".to_owned(),
    });
    Finding {
        fix,
        code: if percent {
            codes::PERCENT
        } else {
            codes::CONFIG
        },
        severity: Severity::Error,
        message,
        subject: label,
        excerpts,
        help: match &*error.fault {
            Fault::BadReference { .. } => {
                "a percent sign of the regex or datepattern itself is written %%".into()
            }
            _ => String::new(),
        },
    }
}

/// The line of a fault, with the part that is at fault marked.
fn fault_excerpt(fault: &Fault, mut excerpt: Excerpt) -> Excerpt {
    if fault.hides_line() {
        (excerpt.text, excerpt.span) = (String::new(), 0..0);
    }
    let part = match fault {
        Fault::UnknownReference { reference, .. } => Some(format!("%({reference})s")),
        Fault::BadReference { rest, .. } => {
            let first: String = rest.chars().take(2).collect();
            // the reference that is not closed, or the lone %
            Some(if rest.starts_with("%(") {
                rest.lines().next().unwrap_or("").into()
            } else {
                first
            })
        }
        Fault::SelfReference { tag, .. } => Some(format!("<{tag}>")),
        _ => None,
    };
    if let Some(at) = part
        .as_ref()
        .and_then(|part| excerpt.text.find(part.as_str()))
    {
        excerpt.span = at..at + part.map_or(1, |part| part.len());
    }
    if matches!(fault, Fault::BadReference { .. })
        && let Some(at) = lone_percent(&excerpt.text)
    {
        excerpt.span = at..(at + 2).min(excerpt.text.len());
        while !excerpt.text.is_char_boundary(excerpt.span.end) {
            excerpt.span.end += 1;
        }
    }
    excerpt
}

/// The first `%` that is neither doubled nor the begin of a whole `%(reference)s`.
fn lone_percent(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find('%')?;
        let rest = &text[at..];
        at += match rest.strip_prefix("%(").and_then(|inner| inner.find(")s")) {
            _ if rest.starts_with("%%") => 2,
            Some(end) => end + 4,
            None => return Some(at),
        };
    }
}

/// What is to be done about a filter or an action of a jail that is not there.
fn missing_part(fault: &Fault, config: &Path, shared: &Shared) -> Option<String> {
    let (directory, name) = match fault {
        Fault::JailFilter { filter, .. } => ("filter.d", filter),
        Fault::JailAction { action, .. } => ("action.d", action),
        _ => return None,
    };
    let own = [config.to_path_buf()];
    let mut places = own.iter().chain(&shared.include_dirs);
    let near = places.find_map(|place| nearest_file(&place.join(directory), name));
    Some(match near {
        Some(near) => format!("did you mean {near}?"),
        None => "-c DIR names the configuration directory that has it".to_owned(),
    })
}
