//! From arguments to a filter ready to run: what fail2ban-regex does before the first line.
//!
//! Every step that upstream announces is noted ([`Note`]), so that the classic report can
//! print the same lines in the same order, up to the error if there is one.

use super::regex_error;
use crate::analysis::check::{first_fault, missing_include};
use crate::analysis::explain::hints::change::{
    Change, RegexOption, change_settings, changed_regex,
};
use crate::config::{
    ConfigError, ConfigWarning, FilterKind, FilterRequest, FilterSource, Loader, Lookup,
    Resolution, Setting, Sourced, config_dir, no_filter, repr, repr_dict,
};
use crate::date::{Clock, DateDetector, Exception};
use crate::engine::builder::{Applied, BuildError, BuildFault, FilterBuilder, Overrides, in_order};
use crate::engine::dns::UseDns;
use crate::engine::{Filter, FilterOptions};
use crate::report::run::classic::short;
use std::path::Path;

/// What a run is asked for: the part of the options that shapes the filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetupRequest<'a> {
    /// FILTER: a jail or filter with options, a path, or a failregex.
    pub(crate) spec: &'a str,
    /// IGNOREREGEX, in place of the filter's.
    pub(crate) ignoreregex: Option<&'a str>,
    /// The configuration directory given.
    pub(crate) config_dir: Option<&'a Path>,
    /// In what order FILTER is looked up.
    pub(crate) lookup: Lookup,
    /// `--datepattern`, in place of the filter's.
    pub(crate) datepattern: Option<&'a str>,
    /// `--timezone`.
    pub(crate) timezone: Option<&'a str>,
    /// `--usedns`.
    pub(crate) usedns: UseDns,
    /// `--raw`.
    pub(crate) raw: bool,
    /// `--maxlines`, in place of the filter's; 0 counts as not given.
    pub(crate) maxlines: Option<i64>,
    /// Try every failregex, not only up to the first hit.
    pub(crate) check_all: bool,
    /// Rows (`--out`) instead of a report: no pending failures, lines kept.
    pub(crate) rows: bool,
    /// The log is a systemd journal: its lines bring their dates, `logtype` is `journal`.
    pub(crate) systemd: bool,
    /// `--verbose`, counted.
    pub(crate) verbosity: u8,
    /// Changes of hints (`--apply`) to the regexes.
    pub(crate) changes: &'a [Change],
    /// A filter built before that has mostly the same regexes.
    pub(crate) beside: Option<&'a Filter>,
}

/// An announcement of upstream's report, already as text.
pub(crate) type Note = String;

/// What went wrong before the first line.
#[derive(Clone, Debug)]
pub(crate) struct SetupError {
    /// For people: one line.
    pub(crate) message: String,
    /// What fail2ban-regex prints on standard output.
    pub(crate) classic: Vec<String>,
    /// Upstream ends in a traceback here, status 1, not in an error of its own.
    pub(crate) uncaught: bool,
}

impl From<BuildError> for SetupError {
    fn from(error: BuildError) -> SetupError {
        let classic = match &*error.fault {
            // upstream has two lines for a regex, and leaves out where it is
            BuildFault::Regex(regex) => vec![format!("ERROR: {regex}")],
            // a traceback, on standard error
            BuildFault::DateRegex(_) => Vec::new(),
            other => vec![format!("ERROR: {other}")],
        };
        SetupError {
            message: error.to_string(),
            classic,
            uncaught: matches!(*error.fault, BuildFault::DateRegex(_)),
        }
    }
}

/// A run prepared.
pub(crate) struct Setup {
    /// The filter.
    pub(crate) filter: Filter,
    /// The date detector; None for journals, whose entries bring their time.
    pub(crate) detector: Option<DateDetector>,
    /// The filter's source; None for a literal regex.
    pub(crate) source: Option<FilterSource>,
    /// Warnings of the configuration.
    pub(crate) warnings: Vec<ConfigWarning>,
    /// Journal matches of the filter or of `-m`, shell words split.
    pub(crate) journalmatch: Vec<Vec<String>>,
    /// `logencoding` of a jail.
    pub(crate) log_encoding: Option<String>,
    /// The datepattern does not compile: upstream dies of it at the first line it searches.
    pub(crate) late: Option<SetupError>,
}

struct Preparing<'a> {
    args: &'a SetupRequest<'a>,
    notes: &'a mut Vec<Note>,
    builder: FilterBuilder<'a>,
}

impl Setup {
    /// The filter's own datepattern.
    pub(crate) fn datepattern(&self) -> Option<&str> {
        let settings = &self.source.as_ref()?.settings;
        settings.iter().find_map(|setting| match setting {
            Setting::Datepattern(value) => Some(value.text.as_str()),
            _ => None,
        })
    }
}

/// Prepares a run. `notes` receives upstream's announcements, also those before an error.
pub(crate) fn build(
    args: &SetupRequest,
    clock: &Clock,
    notes: &mut Vec<Note>,
) -> Result<Setup, SetupError> {
    build_one(&Loader::default(), args, clock, notes)
}

/// [`build`] for one of many filters that share files.
fn build_one(
    loader: &Loader,
    args: &SetupRequest,
    clock: &Clock,
    notes: &mut Vec<Note>,
) -> Result<Setup, SetupError> {
    let options = FilterOptions {
        usedns: args.usedns,
        raw: args.raw,
        check_all: args.check_all && !args.rows,
        ignore_pending: args.rows,
        maxlines: 1,
        keep_matches: args.rows,
    };
    let builder = FilterBuilder::beside(args.beside, options, clock);
    let mut preparing = Preparing {
        args,
        notes,
        builder,
    };
    let given = Overrides {
        maxlines: args.maxlines,
        timezone: args.timezone,
        datepattern: args.datepattern,
    };
    let told = |applied| note(preparing.notes, applied);
    preparing.builder.overrides(&given, told)?;
    let source = preparing.read_filter(loader)?;
    if let Some(text) = args.ignoreregex {
        (preparing.notes).push(format!("Use ignoreregex line : {}", short(text)));
        let source = Sourced::given(text);
        if let Some(source) = changed_regex(RegexOption::Ignoreregex, &source, args.changes) {
            preparing.builder.replace_ignoreregexes(&source.text)?;
        }
    }
    let built = preparing.builder.finish();
    let warnings = source
        .as_ref()
        .map(|s| s.warnings.clone())
        .unwrap_or_default();
    Ok(Setup {
        detector: (!args.systemd || built.has_datepattern).then_some(built.detector),
        filter: built.filter,
        source,
        warnings,
        journalmatch: built.journalmatch,
        log_encoding: built.log_encoding,
        late: built.late.map(SetupError::from),
    })
}

/// The same, where a datepattern that does not compile is said before a long run, for one of
/// the filters that share what `loader` has read.
pub(crate) fn build_strict(
    loader: &Loader,
    args: &SetupRequest,
    clock: &Clock,
) -> Result<Setup, SetupError> {
    let mut setup = build_one(loader, args, clock, &mut Vec::new())?;
    match setup.late.take() {
        Some(error) => Err(error),
        None => Ok(setup),
    }
}

/// What is wrong with a regex, told on what its writer wrote; None for other settings.
fn regex_message(error: &BuildError, setting: &Setting) -> Option<String> {
    let (Setting::Prefregex(source) | Setting::Failregex(source) | Setting::Ignoreregex(source)) =
        setting
    else {
        return None;
    };
    let BuildFault::Regex(regex) = error.fault.as_ref() else {
        return None;
    };
    let place = match &error.origin {
        Some(origin) => format!("{}:{}: ", origin.file.display(), origin.line),
        None => String::new(),
    };
    let explained = regex_error::explained(&source.text, regex);
    let file = error.origin.as_ref().map(|origin| &*origin.file);
    let meant = file.and_then(|file| regex_error::meant(&source.text, file));
    let meant = meant.map_or(String::new(), |name| format!("did you mean `<{name}>`? "));
    Some(format!("{place}{}: {meant}{explained}", error.option))
}

/// Upstream's announcement of a setting.
fn note(notes: &mut Vec<Note>, applied: Applied) {
    match applied {
        Applied::Quietly => {}
        Applied::Maxlines(lines) => notes.push(format!("Use         maxlines : {lines}")),
        Applied::Datepattern(pattern, name) => {
            notes.push(format!("Use      datepattern : {pattern} : {name}"));
        }
    }
}

impl Preparing<'_> {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The filter a name, a path or a literal regex stands for (`readRegex`).
    fn read_filter(&mut self, loader: &Loader) -> Result<Option<FilterSource>, SetupError> {
        let spec = self.args.spec;
        let request = FilterRequest {
            spec,
            config_dir: self.args.config_dir,
            backend_systemd: self.args.systemd,
            lookup: self.args.lookup,
        };
        let resolution = (loader.resolve(&request)).map_err(|error| self.config_error(&error))?;
        let Resolution::Filter(mut source) = resolution else {
            self.add_literal(spec)?;
            return Ok(None);
        };
        change_settings(&mut source.settings, self.args.changes);
        self.announce(&source);
        if source.falls_back_to_literal() {
            let added = self.add_literal(spec);
            added.map_err(|error| {
                match source.files.iter().find_map(|file| first_fault(file)) {
                    Some(message) => SetupError { message, ..error },
                    None => error,
                }
            })?;
            return Ok(Some(*source));
        }
        for setting in in_order(&source.settings) {
            match self.builder.apply(setting) {
                Ok(applied) => note(self.notes, applied),
                Err(error) => {
                    let message = regex_message(&error, setting);
                    let failed = refused(error, setting, spec);
                    return Err(match message {
                        Some(message) => SetupError { message, ..failed },
                        None => failed,
                    });
                }
            }
        }
        Ok(Some(*source))
    }

    fn add_literal(&mut self, spec: &str) -> Result<(), SetupError> {
        self.note(format!("Use   failregex line : {}", short(spec)));
        let given = Sourced::given(spec);
        let changed = changed_regex(RegexOption::Failregex, &given, self.args.changes);
        let literal = Setting::Failregex(changed.unwrap_or(given));
        match self.builder.apply(&literal) {
            Ok(_) => Ok(()),
            Err(error) => {
                let message = regex_message(&error, &literal);
                let refused = SetupError::from(error);
                let place = || config_dir(self.args.config_dir, None, self.args.lookup);
                Err(match no_filter(spec, place).or(message) {
                    Some(hint) => SetupError {
                        message: hint,
                        ..refused
                    },
                    None => refused,
                })
            }
        }
    }

    fn announce(&mut self, source: &FilterSource) {
        let options = match &source.kind {
            FilterKind::Jail { name, .. } => {
                self.note(format!("Use             jail : {name}"));
                "Use jail/flt options"
            }
            FilterKind::FilterD { name, basedir } => {
                let basedir = basedir.display();
                self.note(format!("Use      filter file : {name}, basedir: {basedir}"));
                "Use   filter options"
            }
            FilterKind::Foreign { name, .. } => {
                self.note(format!("Use      filter file : {name}"));
                "Use   filter options"
            }
        };
        if !source.given_options.is_empty() {
            let given = source
                .given_options
                .iter()
                .map(|(n, v)| (n.as_str(), repr(v)));
            self.note(format!("{options} : {}", repr_dict(given)));
        }
        if self.args.verbosity > 1 {
            self.note(format!(
                "Real  filter options : {}",
                source.real_options_repr
            ));
        }
    }

    fn config_error(&mut self, error: &ConfigError) -> SetupError {
        let classic = error.classic_at(self.args.verbosity > 0);
        self.notes.extend(classic.before);
        let missing = error
            .fault
            .place()
            .and_then(|(file, _)| missing_include(file));
        SetupError {
            message: match missing {
                Some(missing) => format!("{missing}; {error}"),
                None => error.to_string(),
            },
            uncaught: classic.uncaught.is_some(),
            classic: classic.lines,
        }
    }
}

/// A filter's value that upstream refuses: `readRegex` expects a ValueError and names the value;
/// a TypeError ends in a traceback. For the same option of the command line both are an error
/// like any other.
fn refused(error: BuildError, setting: &Setting, spec: &str) -> SetupError {
    let value = match setting {
        Setting::Maxlines(value) => value.text.trim().to_owned(),
        Setting::Datepattern(value) => repr(&value.text),
        _ => return error.into(),
    };
    let exception = match &*error.fault {
        BuildFault::Date(error) => error.exception(),
        _ => Exception::Value,
    };
    let said = format!(
        "ERROR: Invalid value for {} ({value}) read from {spec}: {}",
        error.option, error.fault
    );
    let refused = SetupError::from(error);
    if exception == Exception::Value {
        SetupError {
            classic: vec![said],
            ..refused
        }
    } else {
        SetupError {
            classic: Vec::new(),
            uncaught: true,
            ..refused
        }
    }
}
