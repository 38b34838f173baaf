//! From arguments to a filter ready to run: what fail2ban-regex does before the first line.
//!
//! Every step that upstream announces is noted ([`Note`]), so that the classic report can
//! print the same lines in the same order, up to the error if there is one.

use super::{misread, refused};
use crate::analysis::explain::hints::change::{
    Change, RegexOption, change_settings, changed_regex,
};
use crate::config::{
    ConfigError, ConfigWarning, FilterKind, FilterRequest, FilterSource, Loader, Resolution,
    Setting, Sourced, repr, repr_dict,
};
use crate::date::{Clock, DateDetector, Exception};
use crate::engine::dns::UseDns;
use crate::engine::{Filter, FilterOptions, RegexError};
use crate::report::run::classic::short;
use std::fmt::Display;
use std::path::Path;

/// What a run is asked for: the part of the options that shapes the filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetupRequest<'a> {
    /// FILTER: a jail or filter with options, a path, or a failregex.
    pub(crate) spec: &'a str,
    /// IGNOREREGEX, in place of the filter's.
    pub(crate) ignoreregex: Option<&'a str>,
    /// The configuration directory.
    pub(crate) config_dir: &'a Path,
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
}

/// An announcement of upstream's report, already as text.
pub(crate) type Note = String;

/// What went wrong before the first line.
#[derive(Debug)]
pub(crate) struct SetupError {
    /// For people: one line.
    pub(crate) message: String,
    /// What fail2ban-regex prints on standard output.
    pub(crate) classic: Vec<String>,
    /// Upstream ends in a traceback here, status 1, not in an error of its own.
    pub(crate) uncaught: bool,
}

impl SetupError {
    fn new(error: impl Display) -> SetupError {
        SetupError {
            message: error.to_string(),
            classic: vec![format!("ERROR: {error}")],
            uncaught: false,
        }
    }

    /// A regex that cannot be used: upstream's text spans two lines, ours one.
    fn regex(source: &Sourced, option: &str, error: &RegexError) -> SetupError {
        let place = match &source.origin {
            Some(origin) => format!("{}:{}: ", origin.file.display(), origin.line),
            None => String::new(),
        };
        SetupError {
            message: format!(
                "{place}{option}: {}",
                refused::explained(&source.text, error)
            ),
            ..SetupError::new(error)
        }
    }

    /// A filter's value that upstream refuses: `readRegex` expects a ValueError and names the
    /// value; a TypeError ends in a traceback. For the same option of the command line both are
    /// an error like any other.
    fn read_from(self, spec: &str, option: &str, value: &str, exception: Exception) -> SetupError {
        let prefix = format!("ERROR: Invalid value for {option} ({value}) read from {spec}: ");
        let named = |line: String| line.replacen("ERROR: ", &prefix, 1);
        if exception == Exception::Value {
            let classic = self.classic.into_iter().map(named).collect();
            SetupError { classic, ..self }
        } else {
            SetupError {
                classic: Vec::new(),
                uncaught: true,
                ..self
            }
        }
    }

    fn at(source: &Sourced, error: impl Display) -> SetupError {
        let mut failed = SetupError::new(&error);
        if let Some(origin) = &source.origin {
            let (file, line, option) = (origin.file.display(), origin.line, &origin.option);
            failed.message = format!("{file}:{line}: {option}: {error}");
        }
        failed
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
}

struct Builder<'a> {
    args: &'a SetupRequest<'a>,
    clock: &'a Clock,
    notes: &'a mut Vec<Note>,
    filter: Filter,
    detector: DateDetector,
    maxlines_set: bool,
    datepattern_set: bool,
    journalmatch: Vec<Vec<String>>,
    log_encoding: Option<String>,
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
pub(crate) fn build_one(
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
    let mut builder = Builder {
        args,
        clock,
        notes,
        filter: Filter::new(options),
        detector: DateDetector::default_templates(clock.now_year()),
        maxlines_set: false,
        datepattern_set: false,
        journalmatch: Vec::new(),
        log_encoding: None,
    };
    builder.command_line()?;
    let source = builder.read_filter(loader)?;
    if let Some(text) = args.ignoreregex {
        builder.note(format!("Use ignoreregex line : {}", short(text)));
        builder.filter.ignoreregexes.clear();
        let source = changed_regex(RegexOption::Ignoreregex, &given(text), args.changes);
        if let Some(source) = source {
            builder
                .filter
                .add_ignoreregex(source)
                .map_err(SetupError::new)?;
        }
    }
    let warnings = source
        .as_ref()
        .map(|s| s.warnings.clone())
        .unwrap_or_default();
    Ok(Setup {
        detector: (!args.systemd || builder.datepattern_set).then_some(builder.detector),
        filter: builder.filter,
        source,
        warnings,
        journalmatch: builder.journalmatch,
        log_encoding: builder.log_encoding,
    })
}

fn given(text: &str) -> Sourced {
    Sourced {
        text: text.to_string(),
        origin: None,
    }
}

impl Builder<'_> {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What the options settle before any filter is read (`Fail2banRegex.__init__`).
    fn command_line(&mut self) -> Result<(), SetupError> {
        if let Some(maxlines) = self.args.maxlines.filter(|n| *n != 0) {
            self.set_maxlines(&given(&maxlines.to_string()))?;
        }
        if let Some(zone) = self.args.timezone.filter(|z| !z.is_empty()) {
            self.detector
                .set_default_tz(zone)
                .map_err(SetupError::new)?;
        }
        if let Some(pattern) = self.args.datepattern.filter(|p| !p.is_empty()) {
            let detector = DateDetector::from_datepattern(pattern, self.clock);
            let detector = detector.map_err(SetupError::new)?;
            self.set_datepattern(&given(pattern), detector)?;
        }
        Ok(())
    }

    fn set_maxlines(&mut self, value: &Sourced) -> Result<(), SetupError> {
        if self.maxlines_set {
            return Ok(());
        }
        let wrong = "maxlines must be integer greater than zero";
        let lines = value.text.trim().parse::<i64>();
        let lines = lines.map_err(|_| SetupError::at(value, wrong))?;
        if lines <= 0 {
            return Err(SetupError::at(value, wrong));
        }
        self.maxlines_set = true;
        self.filter.options.maxlines = usize::try_from(lines).unwrap_or(usize::MAX);
        self.note(format!("Use         maxlines : {lines}"));
        Ok(())
    }

    fn set_datepattern(
        &mut self,
        value: &Sourced,
        mut detector: DateDetector,
    ) -> Result<(), SetupError> {
        if let Some(zone) = self.args.timezone.filter(|z| !z.is_empty()) {
            detector.set_default_tz(zone).map_err(SetupError::new)?;
        }
        // upstream compiles at first use and dies there; better said before a long run
        let own = detector.all().iter().filter(|t| !t.is_default());
        for template in own {
            template.compiled_regex().map_err(|error| SetupError {
                uncaught: true,
                ..SetupError::at(value, error)
            })?;
        }
        self.datepattern_set = true;
        let (_, name) = detector.display();
        self.note(format!("Use      datepattern : {} : {name}", value.text));
        self.detector = detector;
        Ok(())
    }

    /// A filter's datepattern, unless the command line has one.
    fn set_filters_datepattern(&mut self, value: &Sourced) -> Result<(), SetupError> {
        if self.datepattern_set {
            return Ok(());
        }
        let detector = DateDetector::from_datepattern(&value.text, self.clock);
        let detector = detector.map_err(|error| {
            let exception = error.exception();
            let (spec, text) = (self.args.spec, repr(&value.text));
            SetupError::at(value, error).read_from(spec, "datepattern", &text, exception)
        })?;
        self.set_datepattern(value, detector)
    }

    /// The filter a name, a path or a literal regex stands for (`readRegex`).
    fn read_filter(&mut self, loader: &Loader) -> Result<Option<FilterSource>, SetupError> {
        let spec = self.args.spec;
        let request = FilterRequest {
            spec,
            config_dir: self.args.config_dir,
            backend_systemd: self.args.systemd,
        };
        let resolution = (loader.resolve(&request)).map_err(|error| self.config_error(&error))?;
        let Resolution::Filter(mut source) = resolution else {
            self.add_literal(spec)?;
            return Ok(None);
        };
        change_settings(&mut source.settings, self.args.changes);
        self.announce(&source);
        if source.falls_back_to_literal() {
            if let Some(message) = misread::why(&source) {
                let error = self.add_literal(spec).err();
                let classic = error.map_or(Vec::new(), |error| error.classic);
                return Err(SetupError {
                    message,
                    classic,
                    uncaught: false,
                });
            }
            self.add_literal(spec)?;
            return Ok(Some(*source));
        }
        let mut failregexes = Vec::new();
        let mut ignoreregexes = Vec::new();
        // which list upstream compiles first: the one that came first
        let mut fail_first = None;
        for setting in &source.settings {
            match setting {
                Setting::Prefregex(value) => (self.filter)
                    .set_prefregex(value.clone())
                    .map_err(|error| SetupError::regex(value, "prefregex", &error))?,
                Setting::Failregex(value) => {
                    fail_first.get_or_insert(true);
                    failregexes.push(value.clone());
                }
                Setting::Ignoreregex(value) => {
                    fail_first.get_or_insert(false);
                    ignoreregexes.push(value.clone());
                }
                Setting::Maxlines(value) => self.set_maxlines(value).map_err(|error| {
                    error.read_from(spec, "maxlines", value.text.trim(), Exception::Value)
                })?,
                Setting::Datepattern(value) => self.set_filters_datepattern(value)?,
                Setting::Journalmatch(words, _) => self.journalmatch.push(words.clone()),
                Setting::LogEncoding(value) => self.log_encoding = Some(value.text.clone()),
                Setting::UseDns(_) | Setting::LogTimezone(_) => {}
            }
        }
        for fail in [fail_first.unwrap_or(true), !fail_first.unwrap_or(true)] {
            for value in if fail { &failregexes } else { &ignoreregexes } {
                let added = match fail {
                    true => self.filter.add_failregex(value.clone()),
                    false => self.filter.add_ignoreregex(value.clone()),
                };
                let option = if fail { "failregex" } else { "ignoreregex" };
                added.map_err(|error| SetupError::regex(value, option, &error))?;
            }
        }
        Ok(Some(*source))
    }

    fn add_literal(&mut self, spec: &str) -> Result<(), SetupError> {
        self.note(format!("Use   failregex line : {}", short(spec)));
        let changed = changed_regex(RegexOption::Failregex, &given(spec), self.args.changes);
        let added = (self.filter).add_failregex(changed.unwrap_or_else(|| given(spec)));
        added.map_err(|error| match self.near_filter(spec) {
            Some(hint) => SetupError {
                message: hint,
                ..SetupError::new(error)
            },
            None => SetupError::regex(&given(spec), "failregex", &error),
        })
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
        SetupError {
            message: error.to_string(),
            uncaught: classic.uncaught.is_some(),
            classic: classic.lines,
        }
    }

    /// For a literal that looks like a filter's name: which names are near.
    fn near_filter(&self, spec: &str) -> Option<String> {
        let name = spec.split('[').next().unwrap_or(spec);
        let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let directory = self.args.config_dir.join("filter.d");
        let place = directory.display();
        let known: Vec<String> = std::fs::read_dir(&directory)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let path = entry.path();
                let is_conf = path
                    .extension()
                    .is_some_and(|e| e == "conf" || e == "local");
                let stem = path.file_stem()?.to_str()?.to_string();
                is_conf.then_some(stem)
            })
            .collect();
        let asked = name.rsplit('/').next().unwrap_or(name);
        let asked = asked.trim_end_matches(".conf");
        let near = known
            .iter()
            .map(|k| (strsim::jaro_winkler(k, asked), k))
            .filter(|(score, _)| *score > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match near {
            Some((_, near)) => format!("; is it {near}?"),
            None if known.is_empty() => "; is there a filter.d in the directory -c names?".into(),
            None => String::new(),
        };
        Some(format!(
            "{spec}: no jail, no filter in {place}, no file of that name, and as a failregex it \
             names nobody (no <HOST>){hint}"
        ))
    }
}
