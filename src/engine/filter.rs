//! A filter ready to run: its regexes compiled, its options settled.
//!
//! Built once from the settings `config` hands over (or a literal regex); immutable and
//! shared by all threads after that. Not for reading configuration.

use super::buffer_texts::{BufferTexts, RegexMask};
use super::dns::UseDns;
use super::filter_regex::{FilterRegex, RegexError, RegexRole};
use super::groups::{FAILURE_ID_GROUPS, Names};
use super::prefilter::Prefilter;
use super::regex_cache::RegexCache;
use crate::config::Sourced;
use crate::pattern::tags::{self, HostTag};
use crate::pattern::{PatternError, Regex};
use std::sync::{Arc, OnceLock};

/// What a run is asked for beside its regexes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilterOptions {
    /// How host names are treated.
    pub(crate) usedns: UseDns,
    /// `--raw`: failure ids are kept as text.
    pub(crate) raw: bool,
    /// Try every failregex, not only up to the first hit.
    pub(crate) check_all: bool,
    /// `--out`: a failure without an id yet is not reported.
    pub(crate) ignore_pending: bool,
    /// Lines of the buffer; above 1 the filter is a multi-line one.
    pub(crate) maxlines: usize,
    /// Keep the lines that made a failure (`--out msg` and others).
    pub(crate) keep_matches: bool,
}

impl Default for FilterOptions {
    fn default() -> Self {
        FilterOptions {
            usedns: UseDns::Raw,
            raw: false,
            check_all: true,
            ignore_pending: false,
            maxlines: 1,
            keep_matches: false,
        }
    }
}

/// A filter ready to run.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// The regex every line must pass first, if there is one.
    pub(crate) prefregex: Option<FilterRegex>,
    /// The regexes that find failures.
    pub(crate) failregexes: Vec<FilterRegex>,
    /// The regexes that take a failure back.
    pub(crate) ignoreregexes: Vec<FilterRegex>,
    /// The group names of all of them.
    pub(crate) names: Names,
    /// What the run is asked for.
    pub(crate) options: FilterOptions,
    /// Where its regexes are looked up before they are compiled.
    regexes: RegexCache,
    /// Made at the first line.
    prefilter: OnceLock<Prefilter>,
    prefregex_prefilter: OnceLock<Prefilter>,
    buffer_texts: OnceLock<BufferTexts>,
    has_projections: OnceLock<bool>,
}

impl Filter {
    /// A filter without regexes.
    pub(crate) fn new(options: FilterOptions) -> Filter {
        Filter {
            options,
            ..Filter::default()
        }
    }

    /// A filter without regexes that will have many of `other`'s: those are not compiled again.
    pub(crate) fn beside(other: &Filter, options: FilterOptions) -> Filter {
        Filter {
            options,
            regexes: other.regexes.clone(),
            ..Filter::default()
        }
    }

    /// Compiles a regex as those of this filter are, or finds it among them. Errors are those of
    /// CPython.
    pub(crate) fn compile(&self, regex: &str) -> Result<Arc<Regex>, PatternError> {
        let resolved = tags::resolve(regex, self.host_tag());
        self.regexes.compile(&resolved, self.is_multi_line())
    }

    /// How many regexes were compiled for this filter and those beside it.
    pub(crate) fn compiled(&self) -> u64 {
        self.regexes.compiled()
    }

    /// How `<HOST>` is read in its regexes.
    pub(crate) fn host_tag(&self) -> HostTag {
        match self.options.usedns {
            UseDns::No => HostTag::AddressOnly,
            _ => HostTag::Any,
        }
    }

    /// Sets the prefregex; an empty one removes it.
    pub(crate) fn set_prefregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        self.prefregex = if source.text.is_empty() {
            None
        } else {
            let host = self.host_tag();
            let shared = (&mut self.names, &self.regexes);
            Some(FilterRegex::new(source, host, false, shared)?)
        };
        Ok(())
    }

    /// Adds a failregex; it, or the prefregex, must have a failure-id group.
    pub(crate) fn add_failregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        let host = self.host_tag();
        let multi_line = self.options.maxlines > 1;
        let shared = (&mut self.names, &self.regexes);
        let regex = FilterRegex::new(source, host, multi_line, shared)?;
        let identifies = |r: &FilterRegex| FAILURE_ID_GROUPS.iter().any(|key| r.has_group(*key));
        if !identifies(&regex) && !self.prefregex.as_ref().is_some_and(identifies) {
            return Err(RegexError::NoFailureId(regex.regex.as_str().to_string()));
        }
        self.failregexes.push(regex);
        Ok(())
    }

    /// Adds an ignoreregex.
    pub(crate) fn add_ignoreregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        let host = self.host_tag();
        let shared = (&mut self.names, &self.regexes);
        let regex = FilterRegex::new(source, host, false, shared)?;
        self.ignoreregexes.push(regex);
        Ok(())
    }

    /// Whether ignoreregexes are tried before anything else: only with more than two fewer
    /// of them than failregexes (`Filter.findFailure`).
    pub(crate) fn ignores_first(&self) -> bool {
        !self.ignoreregexes.is_empty() && self.ignoreregexes.len() + 2 < self.failregexes.len()
    }

    /// The failregexes that may match `text`, in order: all that the prefilter does not rule
    /// out.
    pub(crate) fn candidates<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        self.prefilter().candidates(text)
    }

    /// The prefilter of the failregexes.
    pub(super) fn prefilter(&self) -> &Prefilter {
        self.prefilter
            .get_or_init(|| Prefilter::new(self.failregexes.iter().map(|r| &*r.regex)))
    }

    /// The prefilter of prefregex; None where there is no prefregex.
    pub(super) fn prefregex_prefilter(&self) -> Option<&Prefilter> {
        let regex = &*self.prefregex.as_ref()?.regex;
        let make = || Prefilter::new(std::iter::once(regex));
        Some(self.prefregex_prefilter.get_or_init(make))
    }

    /// Which regexes of a multi-line filter may match because of a line in the buffer; `line` is
    /// given without its date.
    pub(crate) fn texts_of(&self, line: &str) -> RegexMask {
        let texts = self
            .buffer_texts
            .get_or_init(|| BufferTexts::new(self.regexes_by_role()));
        texts.of(line)
    }

    fn regexes_by_role(&self) -> impl Iterator<Item = (RegexRole, &FilterRegex)> {
        let prefregex = self
            .prefregex
            .iter()
            .map(|regex| (RegexRole::Prefregex, regex));
        let fails = self.failregexes.iter().enumerate();
        let ignores = self.ignoreregexes.iter().enumerate();
        prefregex
            .chain(fails.map(|(index, regex)| (RegexRole::Failregex(index), regex)))
            .chain(ignores.map(|(index, regex)| (RegexRole::Ignoreregex(index), regex)))
    }

    /// Whether matches of several lines can be one failure (`<F-MLFID>`).
    pub(super) fn has_sessions(&self) -> bool {
        let mut regexes = self.prefregex.iter().chain(&self.failregexes);
        regexes.any(FilterRegex::names_session)
    }

    /// Whether all matches can do without dictionaries, as far as verdicts go.
    #[inline]
    pub(super) fn has_projections(&self) -> bool {
        *self.has_projections.get_or_init(|| {
            let mut regexes = self.prefregex.iter().chain(&self.failregexes);
            regexes.all(|regex| regex.projection().is_some())
        })
    }

    /// Whether the verdict on a line depends on a buffer of earlier lines.
    pub(crate) fn is_multi_line(&self) -> bool {
        self.options.maxlines > 1
    }
}
