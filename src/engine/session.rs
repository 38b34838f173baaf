//! What depends on earlier lines: the date detector, the last date, sessions, the buffer.
//!
//! Fed line by line in order; gives the verdict on each ([`LineOutcome`]). Cheap by design:
//! in a run over blocks the regexes have been run by then. The buffer of a multi-line filter is
//! searched here only where a worker did not know it (`speculation::course`).

mod dates;
mod identity;
mod judge;
mod outcome;
mod peek;

pub(crate) use outcome::{DateFaults, Found, LineOutcome, PrefregexState};

use super::adaptive_prefilter::AdaptivePrefilter;
use super::address::AddressMemo;
use super::buffer_texts::RegexMask;
use super::dns::{Resolver, UseDns};
use super::facts::{Facts, KnownLine};
use super::filter::Filter;
use super::filter_regex::Detail;
use super::find_failure::SearchObserver;
use super::groups::TupleLine;
use super::line_buffer::LineBuffer;
use super::multiline::BufferFacts;
use super::session_table::SessionTable;
use super::texts::Texts;
use crate::date::{Clock, DateDetector, TimeCache, Timestamp};
use crate::pattern::Scratch;
use outcome::DateCut;

/// A line of a multi-line filter, its date known.
pub(super) struct BufferLine<'l> {
    /// What stands before the date, the date, and what stands behind.
    pub(super) parts: [&'l str; 3],
    /// The regexes that may match because of it.
    pub(super) texts: RegexMask,
    /// The date that holds for it.
    pub(super) date: Option<Timestamp>,
    /// Nothing in it gave a date.
    pub(super) no_date: bool,
}

/// The ordered state of one run.
pub(crate) struct Session<'f> {
    pub(super) filter: &'f Filter,
    pub(super) clock: &'f Clock,
    pub(super) detector: Option<DateDetector>,
    pub(super) last_time_text: String,
    last_date: Option<Timestamp>,
    sessions: SessionTable,
    addresses: AddressMemo,
    pub(super) buffer: LineBuffer,
    resolver: Resolver,
    pub(super) prefregex: PrefregexState,
    keep_data: bool,
    keep_prefregex: bool,
    pub(super) time_cache: TimeCache,
    pub(super) date_faults: DateFaults,
    /// The facts of the line at hand, where it comes alone.
    line_facts: Facts,
}

impl<'f> Session<'f> {
    /// A fresh state. `detector` is None where lines bring their own dates (journals).
    pub(crate) fn new(
        filter: &'f Filter,
        clock: &'f Clock,
        detector: Option<DateDetector>,
    ) -> Self {
        Session {
            filter,
            clock,
            detector,
            last_time_text: String::new(),
            last_date: None,
            sessions: SessionTable::default(),
            addresses: AddressMemo::default(),
            buffer: LineBuffer::default(),
            resolver: Resolver::default(),
            prefregex: PrefregexState::default(),
            keep_data: false,
            keep_prefregex: false,
            time_cache: TimeCache::default(),
            date_faults: DateFaults::default(),
            line_facts: Facts::new(Detail::Verdict),
        }
    }

    /// Keeps the failure dictionary of every failure (`--out`).
    pub(crate) fn keep_data(mut self, keep: bool) -> Self {
        self.keep_data = keep;
        self
    }

    /// Keeps the groups of the prefregex for the report (`--verbose`).
    pub(crate) fn keep_prefregex(mut self, keep: bool) -> Self {
        self.keep_prefregex = keep;
        self
    }

    /// The date detector with its hits.
    pub(crate) fn detector(&self) -> Option<&DateDetector> {
        self.detector.as_ref()
    }

    /// The last date seen, upstream's `Filter.__lastDate`.
    pub(crate) fn last_date(&self) -> Option<Timestamp> {
        self.last_date
    }

    /// What prefregex said last. It is not asked again for a line that an ignoreregex took
    /// first: upstream's report counts the earlier answer once more
    /// (`Fail2banRegex.testRegex`), and so does ours.
    pub(crate) fn prefregex(&self) -> &PrefregexState {
        &self.prefregex
    }

    /// Dates that upstream would have died of.
    pub(crate) fn date_faults(&self) -> &DateFaults {
        &self.date_faults
    }

    /// Host names no address was found for.
    pub(crate) fn unresolved(&self) -> &[String] {
        &self.resolver.unresolved
    }

    /// The verdict on the next line. `line` has no newline at its end.
    pub(crate) fn line(&mut self, line: &str, scratch: &mut Scratch) -> LineOutcome {
        let cut = self.cut_date(line, scratch);
        self.find_failure(cut, scratch, &mut ())
    }

    /// The verdict on the next line, or on an entry that brings its time along; `observer`
    /// sees each search.
    pub(crate) fn observe(
        &mut self,
        line: &str,
        time: Option<f64>,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
    ) -> LineOutcome {
        let cut = match time {
            Some(time) => self.cut_entry(line, time),
            None => self.cut_date(line, scratch),
        };
        self.find_failure(cut, scratch, observer)
    }

    /// The verdict on a journal entry as blocks have it: its date, a blank, its line.
    pub(crate) fn entry(&mut self, entry: &str, time: f64, scratch: &mut Scratch) -> LineOutcome {
        let cut = self.cut_entry(entry, time);
        self.find_failure(cut, scratch, &mut ())
    }

    fn cut_entry(&mut self, entry: &str, time: f64) -> DateCut {
        let date_end = entry.find(' ').map_or(0, |at| at + 1);
        let tuple = TupleLine::new(["", &entry[..date_end], &entry[date_end..]]);
        self.with_date(tuple, Timestamp::Float(time))
    }

    /// The verdict on an entry that brings its date along: the parts of upstream's journal
    /// tuple and its time.
    pub(crate) fn dated_line(
        &mut self,
        tuple: TupleLine,
        date: Timestamp,
        scratch: &mut Scratch,
    ) -> LineOutcome {
        let cut = self.with_date(tuple, date);
        self.find_failure(cut, scratch, &mut ())
    }

    fn with_date(&mut self, tuple: TupleLine, date: Timestamp) -> DateCut {
        self.last_time_text.clear();
        self.last_time_text.push_str(tuple.date());
        self.last_date = Some(date);
        DateCut {
            tuple,
            date: Some(date),
            no_date: false,
        }
    }

    /// Puts other sessions in the place of those so far, and gives these.
    pub(super) fn set_sessions(&mut self, sessions: SessionTable) -> SessionTable {
        std::mem::replace(&mut self.sessions, sessions)
    }

    /// Whether the verdicts of blocks may be counted elsewhere from here on: nothing is kept of
    /// single failures, no line before has to be known but for its session, and no name is to be
    /// resolved. Once they may, they always may.
    pub(super) fn may_count_blocks(&self) -> bool {
        let filter = self.filter;
        let asks_dns = matches!(filter.options.usedns, UseDns::Yes | UseDns::Warn);
        let kept = self.keep_data || self.keep_prefregex;
        let start_is_over = self.sessions.start().is_over() || !filter.has_sessions();
        !kept && !asks_dns && !filter.is_multi_line() && start_is_over
    }

    /// Takes over the sessions behind a block that began with a guess of ours
    /// ([`SessionTable::adopt`]).
    pub(super) fn adopt_sessions(&mut self, behind: &mut SessionTable) -> bool {
        self.sessions.adopt(behind)
    }

    /// Whether failures keep the lines that made them.
    pub(super) fn keeps_lines(&self) -> bool {
        self.keep_data && self.filter.options.keep_matches
    }

    /// Whether the groups of the prefregex are kept for the report.
    pub(super) fn keeps_prefregex(&self) -> bool {
        self.keep_prefregex
    }

    /// Adds the next line of a multi-line filter to its buffer and searches that.
    pub(super) fn search_buffer(
        &mut self,
        line: BufferLine,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
        outcome: &mut LineOutcome,
    ) {
        let BufferLine {
            parts,
            texts,
            date,
            no_date,
        } = line;
        let filter = self.filter;
        let mut facts = (self.buffer).search(filter, parts, texts, scratch, observer);
        self.take_buffer(&mut facts, (date, no_date), parts, outcome);
    }

    /// Judges what was found in the buffer behind a line, given as its parts; with its date, and
    /// whether nothing in it gave one.
    pub(super) fn take_buffer(
        &mut self,
        facts: &mut BufferFacts,
        (date, no_date): (Option<Timestamp>, bool),
        parts: [&str; 3],
        outcome: &mut LineOutcome,
    ) {
        if !facts.taken.is_empty() {
            outcome.tuple = TupleLine::new(parts);
        }
        self.judge_buffer(facts, date, no_date, outcome);
    }

    /// The failures of a line whose date is known (`Filter.findFailure`).
    pub(super) fn find_failure(
        &mut self,
        cut: DateCut,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
    ) -> LineOutcome {
        let mut outcome = LineOutcome::default();
        if self.filter.is_multi_line() {
            let line = BufferLine {
                parts: cut.tuple.parts(),
                texts: self.filter.texts_of(&cut.tuple.without_date()),
                date: cut.date,
                no_date: cut.no_date,
            };
            self.search_buffer(line, scratch, observer, &mut outcome);
        } else {
            self.find_in_line(&cut, scratch, observer, &mut outcome);
        }
        outcome.tuple = cut.tuple;
        outcome
    }

    fn find_in_line(
        &mut self,
        cut: &DateCut,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
        outcome: &mut LineOutcome,
    ) {
        let detail = if self.keep_data || self.keep_prefregex {
            Detail::All
        } else {
            Detail::Verdict
        };
        let mut facts = std::mem::replace(&mut self.line_facts, Facts::new(detail));
        if facts.detail() != detail {
            facts = Facts::new(detail);
        }
        facts.clear();
        let mut texts = Texts::new(String::new());
        let text = texts.join(&[cut.tuple.prefix(), cut.tuple.suffix(), "\n"]);
        let mut adaptive = AdaptivePrefilter::default();
        let fact = facts.add(
            self.filter,
            &mut texts,
            text,
            &mut adaptive,
            scratch,
            observer,
        );
        let line = KnownLine {
            facts: &facts,
            texts: &texts,
            fact: &fact,
            date: cut.date,
            no_date: cut.no_date,
        };
        self.judge(line, || cut.tuple.clone(), outcome);
        self.line_facts = facts;
    }
}
