//! The diagnosis of a log: what to change so that more of its lines match.
//!
//! Each finder has an idea and tries it on a sample of the log ([`trials`]); only what helped
//! is said. Ideas that helped are kept for the finders after it, so that two faults at once
//! are found too. The order of the finders is the order in which a line is read: the bytes,
//! the date, what stands before the message, the filter's options, who failed.
//!
//! A finder is one file with one function. A new one is added to [`FINDERS`].

pub(crate) mod address;
mod ansi;
mod apart;
mod around_date;
mod blob;
mod brackets;
pub(crate) mod change;
mod colour_text;
mod cut_short;
mod daemon;
mod date_like;
mod datepattern;
pub(crate) mod dates;
mod edited;
mod encoding;
mod epochs;
mod events;
mod evidence;
mod gateway;
mod half_day;
mod helpers;
mod host;
mod ignore;
mod journal;
mod json_log;
mod language;
mod lead;
mod line_begin;
mod line_breaks;
mod months;
mod moved_tag;
mod name_piece;
mod nofail;
mod options;
mod percent;
mod plausible;
mod prefix;
pub(crate) mod rebuild;
mod recoded;
mod regex;
mod sample_sides;
mod second_date;
mod sides;
mod time_first;
pub(crate) mod trial;
pub(crate) mod trials;
mod typed_option;
mod typo;
mod unindented;
mod unused_ignore;
mod unwrap;
mod unwrap_lines;
pub(crate) mod unwrapped;
mod words;
mod wrong_address;
mod zone;
mod zone_behind;

use crate::config::Sourced;
use crate::pattern::Scratch;
pub(crate) use change::{Change, OptionValue};
use change::{RegexChange, RegexOption};
pub(crate) use evidence::{Evidence, FilterRebuilder, JournalTrial, RegexSources};
pub(crate) use helpers::is_of_level_info;
pub(crate) use options::choices_of;
use trial::Trial;
use trials::HintTrials;
pub(crate) use words::{tells_failure, tells_refusal};

/// What to change, and what it would bring.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Hint {
    /// A stable name for programs.
    pub(crate) code: String,
    /// What was found, what to change.
    pub(crate) message: String,
    /// The text to write, where there is one: an option, a datepattern, a regex.
    pub(crate) change: Option<String>,
    /// What `--apply` does; None where the change is elsewhere: a daemon's log level, a
    /// locale, another file.
    #[serde(default)]
    pub(crate) apply: Option<Vec<Change>>,
    /// Lines of the sample it is about.
    pub(crate) lines: u64,
    /// One of them: its number in the log and its text.
    pub(crate) example: Option<Example>,
}

/// A line a hint is about.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Example {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The line.
    pub(crate) text: String,
}

/// The hints for a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// What helps, the order in which to do it.
    pub(crate) hints: Vec<Hint>,
    /// Lines of these that count as things stand.
    pub(crate) counting: u64,
    /// Lines looked at.
    pub(crate) sampled: u64,
    /// Lines the log has.
    pub(crate) total: u64,
}

/// Bytes of an example at the most.
const EXAMPLE_BYTES: usize = 16 << 10;

type Finder = fn(&mut Search) -> Option<Hint>;

/// The finders, in order.
const FINDERS: [Finder; 32] = [
    encoding::find,
    journal::find,
    blob::find,
    typo::find,
    typed_option::find,
    unindented::find,
    ansi::find,
    colour_text::find,
    percent::find,
    months::find,
    daemon::find,
    options::find,
    unwrap::find,
    line_breaks::find,
    line_begin::find,
    datepattern::find,
    cut_short::find,
    second_date::find,
    half_day::find,
    zone_behind::find,
    nofail::find,
    brackets::find,
    regex::find,
    prefix::find,
    ignore::find,
    host::find,
    wrong_address::find,
    name_piece::find,
    gateway::find,
    host::find_names,
    helpers::find,
    zone::find,
];

/// Finds what would help. Nothing is said where nothing helps, or nothing is wrong.
pub(crate) fn diagnose(evidence: &Evidence, rebuilder: &dyn FilterRebuilder) -> Diagnosis {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(trials::SEARCH_STEPS);
    let trials = HintTrials::new(evidence, rebuilder);
    let Some(mut now) = trials.run(&[], &mut scratch) else {
        return Diagnosis::default();
    };
    // who asks for a journal's filter on text has lines without dates, and knows it
    let is = |name: &str, value: &str| {
        evidence
            .options
            .iter()
            .any(|(n, v)| n == name && v == value)
    };
    now.searched &= !is("logtype", "journal");
    let mut search = Search {
        evidence,
        trials,
        changes: Vec::new(),
        base: now.clone(),
        now,
        scratch,
    };
    let mut finders: Vec<Finder> = FINDERS.to_vec();
    if evidence.lines.is_empty() {
        // the first two need no line: encoding and journal
        finders.truncate(2);
    }
    let mut hints = Vec::new();
    for find in finders {
        hints.extend(find(&mut search));
        // where the filter is for another format, nothing else helps
        if hints
            .last()
            .is_some_and(|hint: &Hint| hint.code == json_log::CODE)
        {
            break;
        }
    }
    unwrap::leave_out_lesser(&mut hints);
    Diagnosis {
        hints,
        counting: search.base.counting() as u64,
        sampled: evidence.lines.len() as u64,
        total: evidence.total.max(evidence.lines.len() as u64),
    }
}

/// A diagnosis under way: what finders work with.
pub(crate) struct Search<'a> {
    /// What is known of the run.
    pub(crate) evidence: &'a Evidence<'a>,
    trials: HintTrials<'a>,
    /// What helped so far.
    pub(crate) changes: Vec<Change>,
    /// How the lines fare with it.
    pub(crate) now: Trial,
    /// How they fare as typed.
    base: Trial,
    pub(crate) scratch: Scratch,
}

/// A hint whose changes were tried and found right.
pub(crate) struct Proposal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The text to write.
    pub(crate) change: Option<String>,
    pub(crate) changes: Vec<Change>,
    /// How the lines fare with the changes.
    pub(crate) trial: Trial,
    /// Lines of the sample it is about; the first is the example.
    pub(crate) lines: Vec<usize>,
}

impl Search<'_> {
    /// Tries one more change.
    pub(crate) fn attempt(&mut self, change: Change) -> Option<Trial> {
        let scratch = &mut self.scratch;
        if matches!(change, Change::FilterOption(_))
            && !(self.trials).is_promising(&self.changes, &change, &self.now, scratch)
        {
            return None;
        }
        self.attempt_all(&[change])
    }

    /// Of changes tried each by itself the one that makes most lines count, if it is worth
    /// saying ([`plausible::gain`]): its index, those lines, how all fare with it.
    fn best_of(&mut self, offered: &[Change]) -> Option<(usize, Vec<usize>, Trial)> {
        let mut best: Option<(usize, Vec<usize>, Trial)> = None;
        for (at, change) in offered.iter().enumerate() {
            let Some(trial) = self.attempt(change.clone()) else {
                continue;
            };
            let Some(gained) = plausible::gain(self, &trial) else {
                continue;
            };
            let known = best.as_ref().map_or(0, |(_, known, _)| known.len());
            if gained.len() > known {
                best = Some((at, gained, trial));
            }
        }
        best
    }

    /// Tries more changes.
    pub(crate) fn attempt_all(&mut self, more: &[Change]) -> Option<Trial> {
        let mut changes = self.changes.clone();
        changes.extend_from_slice(more);
        self.trials.run(&changes, &mut self.scratch)
    }

    /// The hint of a proposal; its changes are kept for the finders after it.
    pub(crate) fn propose(&mut self, proposal: Proposal) -> Hint {
        let changes = self.alone(&proposal.changes, &proposal.trial);
        let hint = Hint {
            code: proposal.code.into(),
            message: proposal.message,
            change: proposal.change,
            apply: (!changes.is_empty()).then_some(changes),
            lines: proposal.lines.len() as u64,
            example: proposal.lines.first().and_then(|&at| self.example(at)),
        };
        self.changes.extend(proposal.changes);
        self.now = proposal.trial;
        hint
    }

    /// The changes with those kept before that they need: a hint is applied alone.
    fn alone(&mut self, changes: &[Change], with_all: &Trial) -> Vec<Change> {
        let can_apply = |change: &&Change| !matches!(change, Change::Months(_));
        let before: Vec<Change> = self.changes.iter().filter(can_apply).cloned().collect();
        let own: Vec<Change> = changes.iter().filter(can_apply).cloned().collect();
        if before.is_empty() || own.is_empty() {
            return own;
        }
        let gained = with_all.gained(&self.now);
        let dated = with_all.newly_dated(&self.now);
        let helps = self
            .trials
            .run(&own, &mut self.scratch)
            .is_some_and(|trial| {
                let same = |at: &usize| {
                    let (one, all) = (&trial.lines[*at], &with_all.lines[*at]);
                    one.ids == all.ids && one.time == all.time
                };
                trial.lost(&self.base) == 0
                    && gained.iter().all(|at| trial.lines[*at].counts && same(at))
                    && dated.iter().all(|&at| trial.lines[at].time.is_some())
            });
        if helps {
            own
        } else {
            before.into_iter().chain(own).collect()
        }
    }

    /// The sampled line of an index, as an example.
    pub(crate) fn example(&self, index: usize) -> Option<Example> {
        self.evidence.lines.get(index).map(|line| Example {
            number: line.number,
            text: shortened_bytes(&line.text),
        })
    }

    /// The filter's options as its files have them, included ones too, the last of a name last.
    pub(crate) fn file_options(&self) -> Vec<(String, String)> {
        let mut options = Vec::new();
        for file in &self.evidence.files {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            for line in text.lines() {
                if let Some((name, value)) = line.split_once('=')
                    && !name.starts_with(|c: char| c.is_whitespace() || c == '#' || c == ';')
                {
                    options.push((name.trim_end().to_string(), value.trim().to_string()));
                }
            }
        }
        options
    }

    /// The datepattern in force, `%` not doubled; None where the default templates are.
    fn datepattern(&self) -> Option<String> {
        let given = self.evidence.datepattern.clone();
        given.or_else(|| self.trials.written(&[])?.datepattern.clone())
    }

    /// Whether a date is worth finding: a line counts with it, or tells of a failure. Who asks for no
    /// dates (`datepattern = {NONE}`) needs them only where no regex matches a line with its date.
    fn is_of_use(&self, trial: &Trial) -> bool {
        if self.datepattern().as_deref() == Some("{NONE}") {
            return !trial.gained(&self.now).is_empty();
        }
        let mut lines = self.evidence.lines.iter();
        trial.counting() > 0 || lines.any(|line| words::tells_failure(&line.text))
    }

    /// Lines of the sample that do not count as things stand.
    pub(crate) fn missed(&self) -> usize {
        self.now.lines.iter().filter(|line| !line.counts).count()
    }
}

/// A text of so many characters at most; what is left out is marked.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// A line as an example has it: not 120 MB of it.
fn shortened_bytes(text: &str) -> String {
    crate::analysis::wording::begin(text, EXAMPLE_BYTES).to_string()
}

/// Whether a line names an address, and does not tell of a success.
pub(crate) fn names_attacker(line: &str) -> bool {
    !words::tells_success(line) && !address::addresses(line).is_empty()
}

/// "1 line", "2 lines"; with a verb for one or many.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    crate::analysis::wording::counted(number as u64, one, many)
}

impl Search<'_> {
    /// The regexes that see the line without its date: the prefregex, or each failregex.
    pub(crate) fn outer_regexes(&self) -> Vec<(RegexOption, Sourced)> {
        match &self.now.prefregex {
            Some(prefregex) => vec![(RegexOption::Prefregex, prefregex.clone())],
            None => {
                let regexes = self.now.regexes.iter().cloned();
                regexes
                    .map(|regex| (RegexOption::Failregex, regex))
                    .collect()
            }
        }
    }

    /// Tries text behind `^` of the regexes that see the whole line.
    pub(crate) fn behind_caret(&mut self, inserted: &str) -> Option<(Vec<Change>, Trial)> {
        let mut changes = Vec::new();
        for (option, source) in self.outer_regexes() {
            let to = edited::behind_caret(&source.text, inserted);
            if to != source.text {
                changes.push(Change::Regex(RegexChange::new(option, &source, Some(to))));
            }
        }
        if changes.is_empty() {
            return None;
        }
        let trial = self.attempt_all(&changes)?;
        Some((changes, trial))
    }
}
