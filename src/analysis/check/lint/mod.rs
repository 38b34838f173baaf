//! Traps in filters: one rule per file, each documented by the comment at its head, which is
//! also what `--explain CODE` shows.
//!
//! A rule sees a filter with all its option sets ([`Subject`]) and adds findings; whether one is
//! silenced by `# f2b-regex: ignore CODE` is decided in `ignores`. `sampler` and `automaton` are
//! what rules know of regexes beyond their text.

mod anchors;
mod automaton;
mod backtracking;
mod chars;
mod content;
mod dates;
mod doubled;
mod duplicate;
mod foreign;
mod greedy_host;
mod host_name;
mod injection;
mod journalmatch;
mod journalmatch_unit;
mod never;
mod options;
mod parts;
mod pieces;
mod quotes;
mod repeats;
mod sampler;
mod semicolon;
mod shadowed;
mod split;
mod tags;
mod two_hosts;
mod unanchored;

use super::codes::{self, Code};
use super::finding::{Case, CaseKind, Excerpt, Finding, Severity};
use super::load::Loaded;
use super::place::SourceFiles;
use super::raw::RawFile;
use super::selection::Selection;
use crate::date::DateDetector;
use crate::engine::FilterRegex;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

/// A rule.
pub(crate) struct Rule {
    /// `L001`; never used for another rule.
    pub(crate) code: &'static str,
    /// A short name.
    pub(crate) name: &'static str,
    /// How bad what it finds is, if it does not say otherwise.
    pub(crate) severity: Severity,
    /// The source of its file; the comment at its head is the rule's documentation.
    source: &'static str,
    check: fn(&mut Subject),
}

impl Rule {
    /// The rule as one of all codes.
    pub(crate) fn code(&self) -> Code {
        Code {
            code: self.code,
            name: self.name,
            summary: self.documentation().next().unwrap_or_default(),
            text: self.documentation().collect::<Vec<_>>().join("\n").into(),
        }
    }

    /// Its documentation, line by line: Markdown.
    pub(crate) fn documentation(&self) -> impl Iterator<Item = &'static str> {
        documentation(self.source)
    }
}

/// The comment at the head of a source file, without its marks.
fn documentation(source: &'static str) -> impl Iterator<Item = &'static str> {
    let comments = source.lines().map_while(|line| line.strip_prefix("//!"));
    comments.map(|line| line.strip_prefix(' ').unwrap_or(line))
}

macro_rules! rules {
    ($($code:literal $name:literal $severity:ident $module:ident;)*) => {
        /// Every rule, by code.
        pub(crate) const RULES: &[Rule] = &[$(Rule {
            code: $code,
            name: $name,
            severity: Severity::$severity,
            source: include_str!(concat!(stringify!($module), ".rs")),
            check: $module::check,
        }),*];
    };
}

rules! {
    "L001" "unanchored" Warning unanchored;
    "L002" "greedy-host" Error greedy_host;
    "L003" "injection" Warning injection;
    "L004" "two-hosts" Error two_hosts;
    "L005" "backtracking" Error backtracking;
    "L006" "never" Error never;
    "L007" "shadowed" Warning shadowed;
    "L008" "duplicate" Warning duplicate;
    "L009" "options" Error options;
    "L010" "tags" Warning tags;
    "L011" "quotes" Error quotes;
    "L012" "semicolon" Error semicolon;
    "L013" "dates" Warning dates;
    "L014" "journalmatch-unit" Warning journalmatch_unit;
    "L015" "journalmatch" Note journalmatch;
    "L016" "host-name" Note host_name;
    "L017" "content" Warning content;
    "L018" "address-pieces" Error pieces;
    "L019" "split-alternation" Error split;
    "L020" "doubled-percent" Error doubled;
}

/// A filter as rules see it.
pub(crate) struct Subject<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its file.
    pub(crate) path: &'a Path,
    /// All files it was read from.
    pub(crate) raw: &'a [RawFile],
    /// Its option sets; those without samples hold only regexes the others have not.
    pub(crate) sets: Vec<&'a Loaded>,
    /// Lines of its samples that must match, dates from the log (no journal).
    pub(crate) lines: Vec<&'a str>,
    /// The default date templates.
    pub(crate) default_dates: &'a DateDetector,
    /// Prove backtracking by python3 too.
    pub(crate) python: bool,
    files: &'a mut SourceFiles,
    rule: &'static Rule,
    findings: Vec<Finding>,
}

/// A failregex of a set, with the set.
#[derive(Clone, Copy)]
pub(crate) struct FailRegex<'a> {
    /// The option set.
    pub(crate) set: &'a Loaded,
    /// Its index in the set, from 0.
    pub(crate) index: usize,
    /// The regex.
    pub(crate) regex: &'a FilterRegex,
}

impl<'a> Subject<'a> {
    /// Every failregex once, with the first option set that has it.
    pub(crate) fn failregexes(&self) -> Vec<FailRegex<'a>> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for &set in &self.sets {
            for (index, regex) in set.filter.failregexes.iter().enumerate() {
                let pre = set.filter.prefregex.as_ref().map(|pre| pre.regex.as_str());
                if seen.insert((pre, regex.regex.as_str())) {
                    all.push(FailRegex { set, index, regex });
                }
            }
        }
        all
    }

    /// Every prefregex once.
    pub(crate) fn prefregexes(&self) -> Vec<(&'a Loaded, &'a FilterRegex)> {
        let mut seen = HashSet::new();
        let with = self
            .sets
            .iter()
            .filter_map(|set| Some((*set, set.filter.prefregex.as_ref()?)));
        with.filter(|(_, regex)| seen.insert(regex.regex.as_str()))
            .collect()
    }

    /// Reports a part of a regex: bytes of the compiled one; None for all of it.
    pub(crate) fn report_regex(
        &mut self,
        set: &Loaded,
        regex: &FilterRegex,
        part: Option<Range<usize>>,
        (message, label, help): (String, &str, &str),
    ) -> &mut Finding {
        let text = regex.regex.as_str();
        let excerpts = self.files.regex(&regex.source, text, part, label);
        self.report(set.label.clone(), excerpts, message, help)
    }

    /// Reports a line of a file, the caret under `part` of it or all that is not blank.
    pub(crate) fn report_line(
        &mut self,
        (file, line): (&Path, u32),
        part: Option<&str>,
        (message, label, help): (String, &str, &str),
    ) -> &mut Finding {
        let mut excerpt = self.files.excerpt(file, line, label);
        if let Some(part) = part
            && let Some(at) = excerpt.text.find(part)
        {
            excerpt.span = at..at + part.len();
        }
        self.report(self.name.to_string(), vec![excerpt], message, help)
    }

    fn report(
        &mut self,
        subject: String,
        excerpts: Vec<Excerpt>,
        message: String,
        help: &str,
    ) -> &mut Finding {
        self.findings.push(Finding {
            fix: None,
            code: self.rule.code,
            severity: self.rule.severity,
            message,
            subject,
            excerpts,
            help: help.to_string(),
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }
}

/// What a lint of one filter needs.
pub(crate) struct Input<'a> {
    /// The filter's name, as findings show it.
    pub(crate) name: &'a str,
    /// Its file.
    pub(crate) path: &'a Path,
    /// Its file and those it includes, as written.
    pub(crate) raw: &'a [RawFile],
    /// The filter, loaded with each of its option sets.
    pub(crate) sets: Vec<&'a Loaded>,
    /// Lines of its samples, to try texts on.
    pub(crate) lines: Vec<&'a str>,
    /// fail2ban's default templates, for filters without a datepattern.
    pub(crate) default_dates: &'a DateDetector,
    /// Whether to prove backtracking by `python3` too.
    pub(crate) python: bool,
    /// The codes that count; other rules are not run.
    pub(crate) selection: &'a Selection,
}

/// Runs every rule over a filter.
pub(crate) fn lint(
    input: Input,
    files: &mut SourceFiles,
    findings: &mut Vec<Finding>,
    cases: &mut Vec<Case>,
) {
    let mut subject = Subject {
        name: input.name,
        path: input.path,
        raw: input.raw,
        sets: input.sets,
        lines: input.lines,
        default_dates: input.default_dates,
        python: input.python,
        files,
        rule: &RULES[0],
        findings: Vec::new(),
    };
    for rule in RULES.iter().filter(|r| input.selection.takes(r.code)) {
        subject.rule = rule;
        (rule.check)(&mut subject);
        let from = findings.len();
        let mut found = std::mem::take(&mut subject.findings);
        let told = |finding: &Finding| {
            let same = |known: &Finding| known.place() == finding.place();
            let mut known = findings.iter();
            finding.place().is_some() && known.any(|f| f.code == codes::NOT_READ && same(f))
        };
        found.retain(|finding| !told(finding));
        findings.extend(found);
        cases.push(Case {
            gives: String::new(),
            kind: CaseKind::Lint,
            name: format!("{} {} {}", input.name, rule.code, rule.name),
            findings: (from..findings.len()).collect(),
        });
    }
}

/// Every code a check knows: its own, and those of lint rules.
pub(crate) fn all_codes() -> Vec<Code> {
    let mut all = codes::OWN.to_vec();
    all.extend(RULES.iter().map(Rule::code));
    all
}
