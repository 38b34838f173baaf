//! A filter: read as the program reads it, built, and built anew with changes.

use super::analysis::Warning;
use crate::analysis::warning;
use crate::config::{
    FilterRequest, FilterSource, Resolution, Setting, Sourced, no_filter, resolve,
};
use crate::date::{Clock, DateDetector};
use crate::engine::builder::{FilterBuilder, Overrides, in_order};
use crate::engine::{self, FilterOptions};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// A filter ready to run: its regexes compiled, its date templates known.
///
/// ```
/// let filter = f2b_regex::Filter::of_failregex(r"^ door\[\d+\]: wrong code from <ADDR>$")?;
/// let analysis = filter.analyze(
///     "2026-11-20 09:00:05 door[7]: wrong code from 192.0.2.1\n\
///      2026-11-20 09:00:06 door[7]: opened\n",
/// );
/// assert_eq!((analysis.matched, analysis.ignored, analysis.missed), (1, 0, 1));
/// let (line, failure) = analysis.failures().next().expect("one failure");
/// assert_eq!(line.number, 1);
/// assert_eq!(failure.id.as_deref(), Some("192.0.2.1"));
/// # Ok::<(), f2b_regex::Error>(())
/// ```
#[derive(Debug)]
pub struct Filter {
    pub(super) filter: engine::Filter,
    pub(super) detector: DateDetector,
    pub(super) clock: Clock,
    settings: Vec<Setting>,
    /// What names it; None for a failregex as text.
    pub(super) named: Option<Named>,
}

/// A filter of the configuration, or of a file.
#[derive(Debug)]
pub(super) struct Named {
    spec: String,
    config_dir: PathBuf,
    pub(super) source: FilterSource,
}

impl Filter {
    /// The filter that `spec` names, as the program's FILTER argument does: an existing filter
    /// file, a jail or a filter of the configuration directory, each with options
    /// (`sshd[mode=aggressive]`), or else a failregex as text.
    ///
    /// # Errors
    ///
    /// What is wrong with a file, an option or a regex, with file and line where there is one; of
    /// a name that nothing has, the name that is near.
    pub fn load(spec: &str, config_dir: impl AsRef<Path>) -> Result<Filter, Error> {
        let config_dir = config_dir.as_ref();
        match resolve(&request(spec, Some(config_dir))).map_err(Error::new)? {
            Resolution::Filter(source) => {
                let clock = Clock::new(None);
                let (filter, detector) =
                    built(&source.settings, &Overrides::default(), &clock, None)?;
                Ok(Filter {
                    filter,
                    detector,
                    clock,
                    settings: source.settings.clone(),
                    named: Some(Named {
                        spec: spec.to_owned(),
                        config_dir: config_dir.to_owned(),
                        source: *source,
                    }),
                })
            }
            Resolution::Literal => Filter::of_failregex(spec).map_err(|error| {
                let none = no_filter(spec, || config_dir.to_owned());
                none.map_or(error, Error::new)
            }),
        }
    }

    /// A filter of one failregex, which finds dates by fail2ban's default templates. The text it
    /// sees is the line with its date cut out.
    ///
    /// # Errors
    ///
    /// A regex that Python's `re` would not compile either, or that names nobody: it needs
    /// `<HOST>`, `<ADDR>`, `<F-ID>…</F-ID>` or a group of such a name.
    pub fn of_failregex(failregex: &str) -> Result<Filter, Error> {
        let clock = Clock::new(None);
        let settings = vec![Setting::Failregex(Sourced::given(failregex))];
        let (filter, detector) = built(&settings, &Overrides::default(), &clock, None)?;
        Ok(Filter {
            filter,
            detector,
            clock,
            settings,
            named: None,
        })
    }

    /// The same filter with another clock: `now`, in seconds since 1970, is what dates without a
    /// year are measured by. Without this it is the machine's.
    pub fn at(mut self, now: f64) -> Filter {
        self.clock = Clock::new(Some(now));
        // the years that a datepattern takes are those of the clock; what was built once is built
        let again = built(
            &self.settings,
            &Overrides::default(),
            &self.clock,
            Some(&self.filter),
        );
        if let Ok((filter, detector)) = again {
            (self.filter, self.detector) = (filter, detector);
        }
        self
    }

    /// What the filter's files say that their writer hardly meant: an option that nothing reads,
    /// a value that selects nothing, an include that is not there. The filter runs all the same,
    /// as fail2ban runs it.
    pub fn warnings(&self) -> Vec<Warning> {
        let source = self.named.as_ref().map(|named| &named.source);
        let own = source.iter().flat_map(|source| &source.warnings);
        own.map(|own| warning::Warning::from(own).into()).collect()
    }

    /// What the filter was asked for by.
    pub(super) fn request(&self) -> FilterRequest<'_> {
        match &self.named {
            Some(named) => request(&named.spec, Some(&named.config_dir)),
            None => request("", None),
        }
    }

    /// The same filter with options of its own in `spec`, and with other settings.
    pub(super) fn rebuilt(
        &self,
        spec: &str,
        given: &Overrides,
    ) -> Option<(engine::Filter, DateDetector)> {
        let beside = Some(&self.filter);
        let Some(named) = &self.named else {
            return built(&self.settings, given, &self.clock, beside).ok();
        };
        match resolve(&request(spec, Some(&named.config_dir))) {
            Ok(Resolution::Filter(source)) => {
                built(&source.settings, given, &self.clock, beside).ok()
            }
            _ => None,
        }
    }
}

fn request<'a>(spec: &'a str, config_dir: Option<&'a Path>) -> FilterRequest<'a> {
    FilterRequest {
        spec,
        config_dir,
        ..FilterRequest::default()
    }
}

/// Builds a filter of its settings; `beside` is one that has mostly the same regexes.
fn built<'a>(
    settings: &[Setting],
    given: &Overrides<'a>,
    clock: &'a Clock,
    beside: Option<&'a engine::Filter>,
) -> Result<(engine::Filter, DateDetector), Error> {
    let mut builder = FilterBuilder::beside(beside, FilterOptions::default(), clock);
    builder.overrides(given, |_| ()).map_err(Error::new)?;
    for setting in in_order(settings) {
        builder.apply(setting).map_err(Error::new)?;
    }
    let built = builder.finish();
    match built.late {
        Some(error) => Err(Error::new(error)),
        None => Ok((built.filter, built.detector)),
    }
}

/// Why a filter cannot be used: one line, with file and line number where there are such.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    message: String,
}

impl Error {
    fn new(error: impl Display) -> Error {
        Error {
            message: error.to_string(),
        }
    }
}
