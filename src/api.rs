//! The library's documented part: a filter, text in, failures out. Reading logs, reports and
//! everything else is the program's; the modules it uses are open but promise nothing.

use crate::config::{FilterRequest, Resolution, Setting, Sourced, looks_like_name, resolve};
use crate::date::{Clock, DateDetector};
pub use crate::engine::Verdict;
use crate::engine::builder::{FilterBuilder, in_order};
use crate::engine::{self, FilterOptions};
use crate::pattern::Scratch;
use std::fmt::Display;
use std::path::Path;

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
    filter: engine::Filter,
    detector: DateDetector,
    clock: Clock,
}

impl Filter {
    /// The filter that `spec` names, as the program's FILTER argument does: an existing filter
    /// file, a jail or a filter of the configuration directory, each with options
    /// (`sshd[mode=aggressive]`), or else a failregex as text.
    ///
    /// # Errors
    ///
    /// What is wrong with a file, an option or a regex, with file and line where there is one.
    pub fn load(spec: &str, config_dir: impl AsRef<Path>) -> Result<Filter, Error> {
        let request = FilterRequest {
            spec,
            config_dir: Some(config_dir.as_ref()),
            ..FilterRequest::default()
        };
        match resolve(&request).map_err(Error::new)? {
            Resolution::Filter(source) => Filter::of(&source.settings),
            Resolution::Literal if looks_like_name(spec) => Err(Error::new(format!(
                "{spec}: no jail, no filter in {} and no file of that name",
                config_dir.as_ref().join("filter.d").display()
            ))),
            Resolution::Literal => Filter::of_failregex(spec),
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
        Filter::of(&[Setting::Failregex(Sourced::given(failregex))])
    }

    /// The same filter with another clock: `now`, in seconds since 1970, is what dates without a
    /// year are measured by. Without this it is the machine's.
    pub fn at(mut self, now: f64) -> Filter {
        self.clock = Clock::new(Some(now));
        self
    }

    fn of(settings: &[Setting]) -> Result<Filter, Error> {
        let clock = Clock::new(None);
        let detector = DateDetector::default_templates(clock.now_year());
        let mut builder = FilterBuilder::new(FilterOptions::default(), detector, &clock);
        for setting in in_order(settings) {
            builder.apply(setting).map_err(Error::new)?;
        }
        let built = builder.finish();
        match built.late {
            Some(error) => Err(Error::new(error)),
            None => Ok(Filter {
                filter: built.filter,
                detector: built.detector,
                clock,
            }),
        }
    }

    /// Judges the lines of a log, in order. Empty lines and those that begin with `#` are
    /// skipped, as fail2ban-regex does. Host names are not looked up.
    ///
    /// Each call begins anew: no date, no session of an earlier text is remembered. For a log that
    /// comes piece by piece there is [`Filter::session`].
    pub fn analyze(&self, log: &str) -> Analysis {
        self.session().analyze(log)
    }

    /// Begins a log that comes piece by piece.
    ///
    /// ```
    /// let filter = f2b_regex::Filter::of_failregex(
    ///     r"^ door\[<F-MLFID>\d+</F-MLFID>\]: (?:<F-NOFAIL>call</F-NOFAIL> from <ADDR>|wrong code)$",
    /// )?;
    /// let mut session = filter.session();
    /// assert_eq!(session.analyze("2026-11-20 09:00:05 door[7]: call from 192.0.2.1\n").matched, 0);
    /// let later = session.analyze("2026-11-20 09:00:06 door[7]: wrong code\n");
    /// let (line, failure) = later.failures().next().expect("the same session");
    /// assert_eq!((line.number, failure.id.as_deref()), (2, Some("192.0.2.1")));
    /// # Ok::<(), f2b_regex::Error>(())
    /// ```
    pub fn session(&self) -> Session<'_> {
        let detector = Some(self.detector.clone());
        Session {
            session: engine::Session::new(&self.filter, &self.clock, detector),
            scratch: Scratch::default(),
            lines: 0,
        }
    }
}

/// A log that comes piece by piece, each piece whole lines: what lines leave behind holds for those
/// that come later. That is the last date, how dates are written, the sessions of `<F-MLFID>` (the
/// last hundred) and the buffer of a multi-line filter. Made by [`Filter::session`].
pub struct Session<'f> {
    session: engine::Session<'f>,
    scratch: Scratch,
    /// Lines of all pieces so far.
    lines: usize,
}

impl Session<'_> {
    /// Judges the next lines; they are numbered on from those before. A newline at the end of the
    /// piece ends its last line and begins no other.
    pub fn analyze(&mut self, log: &str) -> Analysis {
        let mut analysis = Analysis::default();
        for line in log.split_terminator('\n') {
            self.lines += 1;
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let outcome = self.session.line(line, &mut self.scratch);
            let failures = outcome.failures().map(|found| Failure {
                id: found.id.as_ref().map(|id| id.text.to_string()),
                time: found.date.map(|date| date.seconds()),
                failregex: found.regex,
                users: found.users.iter().map(|user| user.to_string()).collect(),
            });
            let line = Line {
                number: self.lines,
                verdict: Verdict::of(&outcome),
                failures: failures.collect(),
            };
            analysis.count(line.verdict, outcome.taken.len());
            analysis.lines.push(line);
        }
        analysis
    }
}

/// What a filter says of a text.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Analysis {
    /// The lines judged, in order.
    pub lines: Vec<Line>,
    /// How many lines matched; with a multi-line filter, lines before that became part of a
    /// match among them.
    pub matched: usize,
    /// How many an ignoreregex or `<F-NOFAIL>` took back.
    pub ignored: usize,
    /// How many nothing matched.
    pub missed: usize,
}

impl Analysis {
    /// The failures, each with its line.
    pub fn failures(&self) -> impl Iterator<Item = (&Line, &Failure)> {
        let of = |line: &'_ Line| line.verdict == Verdict::Matched;
        let lines = self.lines.iter().filter(move |line| of(line));
        lines.flat_map(|line| line.failures.iter().map(move |failure| (line, failure)))
    }

    /// Counts a line; `taken` missed lines before it are part of its match.
    fn count(&mut self, verdict: Verdict, taken: usize) {
        match verdict {
            Verdict::Matched => self.matched += 1,
            Verdict::Ignored => self.ignored += 1,
            Verdict::Missed => self.missed += 1,
        }
        // of an earlier piece's lines they were counted as missed there
        let here = taken.min(self.missed);
        self.missed -= here;
        self.matched += here;
    }
}

/// One line and its verdict.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Its number in the text, from 1, skipped lines counted.
    pub number: usize,
    /// What became of it. A line that is part of a match only together with a later one is
    /// missed here; the later one is matched.
    pub verdict: Verdict,
    /// What was found in it; also where an ignoreregex took one of several back.
    pub failures: Vec<Failure>,
}

/// A failure: who, and when.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The failure id, mostly an address. None while a session has named none yet.
    pub id: Option<String>,
    /// Seconds since 1970; None where neither the line nor one before it has a date.
    pub time: Option<f64>,
    /// Which failregex found it, from 0.
    pub failregex: usize,
    /// The users named (`<F-USER>`); of the whole session, if there is one.
    pub users: Vec<String>,
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
