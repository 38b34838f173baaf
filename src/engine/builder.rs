//! From the settings of a filter to a filter that runs: the one order and the one set of rules by
//! which the program, its checks and the library build filters.
//!
//! The order is upstream's (`readRegex` of fail2banregex.py): `prefregex`, `maxlines` and
//! `datepattern` as they come, then the regexes, those first whose option came first. What the
//! command line gives comes before all of it and stays.

use super::{Filter, FilterOptions, RegexError};
use crate::config::{Origin, Setting, Sourced};
use crate::date::{Clock, DateDetector, DateError, DetectError};
use std::fmt;

/// What a run gives in place of the filter's own settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Overrides<'a> {
    /// Lines a regex may span; 0 counts as not given.
    pub(crate) maxlines: Option<i64>,
    /// Zone of dates that name none.
    pub(crate) timezone: Option<&'a str>,
    /// Pattern(s) that find the date.
    pub(crate) datepattern: Option<&'a str>,
}

/// A setting in force, for those who announce them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Nothing worth to be said.
    Quietly,
    /// `maxlines`.
    Maxlines(i64),
    /// `datepattern`: its text, and the name of its template.
    Datepattern(String, String),
}

/// Why a filter cannot be built: what is wrong, and in which option. `Display` is one line.
#[derive(Debug)]
pub(crate) struct BuildError {
    /// The option, as it is written in a filter.
    pub(crate) option: &'static str,
    /// Where it is written; None for the command line.
    pub(crate) origin: Option<Origin>,
    /// What is wrong.
    pub(crate) fault: Box<BuildFault>,
}

/// What can be wrong with a setting.
#[derive(Debug)]
pub(crate) enum BuildFault {
    /// A regex.
    Regex(RegexError),
    /// `maxlines` is no number above 0.
    Maxlines,
    /// A datepattern or zone that upstream refuses when it is set.
    Date(DateError),
    /// A datepattern that upstream finds out about at the first line.
    DateRegex(DetectError),
}

impl BuildError {
    fn new(option: &'static str, value: &Sourced, fault: BuildFault) -> BuildError {
        BuildError {
            option,
            origin: value.origin.clone(),
            fault: Box::new(fault),
        }
    }

    fn regex(option: &'static str, value: &Sourced, error: RegexError) -> BuildError {
        BuildError::new(option, value, BuildFault::Regex(error))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{}:{}: ", origin.file.display(), origin.line)?,
            // a regex given as text has the name of its option, an option of ours its own
            None if !matches!(*self.fault, BuildFault::Regex(_)) => f.write_str("--")?,
            None => {}
        }
        write!(f, "{}: {}", self.option, self.fault)
    }
}

impl fmt::Display for BuildFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            BuildFault::Regex(error) => f.write_str(&error.one_line()),
            // upstream's words (Filter.setMaxLines)
            BuildFault::Maxlines => f.write_str("maxlines must be integer greater than zero"),
            BuildFault::Date(error) => error.fmt(f),
            BuildFault::DateRegex(error) => error.fmt(f),
        }
    }
}

/// A filter that runs, and what else its settings say.
#[derive(Debug)]
pub(crate) struct Built {
    /// The filter.
    pub(crate) filter: Filter,
    /// Finds its dates.
    pub(crate) detector: DateDetector,
    /// The dates are found by a datepattern, not by the default templates.
    pub(crate) has_datepattern: bool,
    /// The datepattern does not compile. Upstream dies of it at the first line it searches.
    pub(crate) late: Option<BuildError>,
    /// The words of each journalmatch.
    pub(crate) journalmatch: Vec<Vec<String>>,
    /// A jail's `logencoding`.
    pub(crate) log_encoding: Option<String>,
}

/// Builds a filter, setting by setting.
#[derive(Debug)]
pub(crate) struct FilterBuilder<'a> {
    clock: &'a Clock,
    timezone: Option<&'a str>,
    maxlines_set: bool,
    filter: Filter,
    /// None: the default templates. Many filters have a datepattern, so they are made at the end.
    detector: Option<DateDetector>,
    has_datepattern: bool,
    late: Option<BuildError>,
    journalmatch: Vec<Vec<String>>,
    log_encoding: Option<String>,
}

/// The settings in the order in which they are applied.
pub(crate) fn in_order(settings: &[Setting]) -> Vec<&Setting> {
    let is_regex =
        |setting: &&Setting| matches!(setting, Setting::Failregex(_) | Setting::Ignoreregex(_));
    let (mut regexes, mut all): (Vec<_>, Vec<_>) = settings.iter().partition(is_regex);
    let fail_first = matches!(regexes.first(), Some(Setting::Failregex(_)));
    // a stable sort: each list keeps its order
    regexes.sort_by_key(|regex| matches!(regex, Setting::Failregex(_)) != fail_first);
    all.extend(regexes);
    all
}

/// The detector of a datepattern.
pub(crate) fn detector(
    pattern: &str,
    timezone: Option<&str>,
    clock: &Clock,
) -> Result<DateDetector, DateError> {
    let mut detector = DateDetector::from_datepattern(pattern, clock)?;
    if let Some(zone) = timezone {
        detector.set_default_tz(zone)?;
    }
    Ok(detector)
}

/// Whether the templates of a datepattern compile; the default ones do.
pub(crate) fn compiles(detector: &DateDetector) -> Result<(), DetectError> {
    let mut own = detector.all().iter().filter(|t| !t.is_default());
    own.try_for_each(|template| template.compiled_regex().map(|_| ()))
}

impl<'a> FilterBuilder<'a> {
    /// An empty filter that finds dates by the default templates.
    pub(crate) fn new(options: FilterOptions, clock: &'a Clock) -> FilterBuilder<'a> {
        FilterBuilder::beside(None, options, clock)
    }

    /// The same, for a filter that has many regexes of `other` ([`Filter::beside`]).
    pub(crate) fn beside(
        other: Option<&Filter>,
        options: FilterOptions,
        clock: &'a Clock,
    ) -> FilterBuilder<'a> {
        let filter = match other {
            Some(other) => Filter::beside(other, options),
            None => Filter::new(options),
        };
        FilterBuilder {
            clock,
            timezone: None,
            maxlines_set: false,
            filter,
            detector: None,
            has_datepattern: false,
            late: None,
            journalmatch: Vec::new(),
            log_encoding: None,
        }
    }

    /// The default templates, made before for another filter.
    pub(crate) fn set_default_templates(&mut self, detector: DateDetector) {
        self.detector = Some(detector);
    }

    /// Settles what the command line gives (`Fail2banRegex.__init__`); `told` hears of it.
    pub(crate) fn overrides(
        &mut self,
        given: &Overrides<'a>,
        mut told: impl FnMut(Applied),
    ) -> Result<(), BuildError> {
        if let Some(lines) = given.maxlines.filter(|lines| *lines != 0) {
            told(self.set_maxlines(&Sourced::given(&lines.to_string()))?);
        }
        if let Some(zone) = given.timezone.filter(|zone| !zone.is_empty()) {
            self.timezone = Some(zone);
            let year = self.clock.now_year();
            let default = || DateDetector::default_templates(year);
            let set = self
                .detector
                .get_or_insert_with(default)
                .set_default_tz(zone);
            set.map_err(|error| {
                BuildError::new("timezone", &Sourced::given(zone), BuildFault::Date(error))
            })?;
        }
        if let Some(pattern) = given.datepattern.filter(|pattern| !pattern.is_empty()) {
            told(self.set_datepattern(&Sourced::given(pattern))?);
        }
        Ok(())
    }

    /// Applies one setting.
    pub(crate) fn apply(&mut self, setting: &Setting) -> Result<Applied, BuildError> {
        let filter = &mut self.filter;
        match setting {
            Setting::Prefregex(value) => filter
                .set_prefregex(value.clone())
                .map_err(|error| BuildError::regex("prefregex", value, error))?,
            Setting::Failregex(value) => filter
                .add_failregex(value.clone())
                .map_err(|error| BuildError::regex("failregex", value, error))?,
            Setting::Ignoreregex(value) => filter
                .add_ignoreregex(value.clone())
                .map_err(|error| BuildError::regex("ignoreregex", value, error))?,
            Setting::Maxlines(value) => return self.set_maxlines(value),
            Setting::Datepattern(value) => return self.set_datepattern(value),
            Setting::Journalmatch(words, _) => self.journalmatch.push(words.clone()),
            Setting::LogEncoding(value) => self.log_encoding = Some(value.text.clone()),
            // fail2ban-regex itself does not look at them
            Setting::UseDns(_) | Setting::LogTimezone(_) => {}
        }
        Ok(Applied::Quietly)
    }

    /// Puts one ignoreregex in place of the filter's.
    pub(crate) fn replace_ignoreregexes(&mut self, regex: &str) -> Result<(), BuildError> {
        self.filter.ignoreregexes.clear();
        self.apply(&Setting::Ignoreregex(Sourced::given(regex)))
            .map(|_| ())
    }

    /// Finds dates by `detector`, made of a datepattern before.
    pub(crate) fn set_detector(&mut self, detector: DateDetector) {
        self.has_datepattern = true;
        self.detector = Some(detector);
    }

    /// The filter so far.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The filter.
    pub(crate) fn finish(self) -> Built {
        let default = || DateDetector::default_templates(self.clock.now_year());
        Built {
            filter: self.filter,
            detector: self.detector.unwrap_or_else(default),
            has_datepattern: self.has_datepattern,
            late: self.late,
            journalmatch: self.journalmatch,
            log_encoding: self.log_encoding,
        }
    }

    /// The first `maxlines` counts: that of the command line, if there is one.
    fn set_maxlines(&mut self, value: &Sourced) -> Result<Applied, BuildError> {
        if self.maxlines_set {
            return Ok(Applied::Quietly);
        }
        let lines = value.text.trim().parse().ok().filter(|lines| *lines > 0);
        let lines: i64 =
            lines.ok_or_else(|| BuildError::new("maxlines", value, BuildFault::Maxlines))?;
        self.maxlines_set = true;
        self.filter.options.maxlines = usize::try_from(lines).unwrap_or(usize::MAX);
        Ok(Applied::Maxlines(lines))
    }

    /// The first `datepattern` counts.
    fn set_datepattern(&mut self, value: &Sourced) -> Result<Applied, BuildError> {
        if self.has_datepattern {
            return Ok(Applied::Quietly);
        }
        let wrong = |fault| BuildError::new("datepattern", value, fault);
        let made = detector(&value.text, self.timezone, self.clock)
            .map_err(|error| wrong(BuildFault::Date(error)))?;
        if let Err(error) = compiles(&made) {
            self.late = Some(wrong(BuildFault::DateRegex(error)));
        }
        let name = made.display().1.to_string();
        self.set_detector(made);
        Ok(Applied::Datepattern(value.text.clone(), name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::TimeZone;

    fn clock() -> Clock {
        Clock::in_zone(1_795_176_000.0, TimeZone::utc())
    }

    fn builder(clock: &Clock) -> FilterBuilder<'_> {
        FilterBuilder::new(FilterOptions::default(), clock)
    }

    #[test]
    fn regexes_come_last_and_in_the_order_of_their_options() {
        let given = Sourced::given;
        let settings = [
            Setting::Ignoreregex(given("i1")),
            Setting::Failregex(given("f1 <HOST>")),
            Setting::Maxlines(given("3")),
            Setting::Ignoreregex(given("i2")),
        ];
        let order: Vec<&Setting> = in_order(&settings);
        let wanted = [&settings[2], &settings[0], &settings[3], &settings[1]];
        assert_eq!(order, wanted);
    }

    #[test]
    fn what_is_given_first_stays() {
        let clock = clock();
        let mut builder = builder(&clock);
        let given = Overrides {
            maxlines: Some(2),
            ..Overrides::default()
        };
        let mut told = Vec::new();
        (builder.overrides(&given, |applied| told.push(applied))).expect("2 is a number");
        assert_eq!(told, [Applied::Maxlines(2)]);
        let later = Setting::Maxlines(Sourced::given("x"));
        assert_eq!(builder.apply(&later).ok(), Some(Applied::Quietly));
        assert_eq!(builder.finish().filter.options.maxlines, 2);
    }

    #[test]
    fn a_datepattern_that_does_not_compile_is_told_of_at_the_end() {
        let clock = clock();
        let mut builder = builder(&clock);
        let pattern = Setting::Datepattern(Sourced::given("(x"));
        assert!(builder.apply(&pattern).is_ok());
        let late = builder.finish().late.expect("it does not compile");
        let text = late.to_string();
        assert!(text.starts_with("--datepattern: date template"), "{text}");
    }
}
