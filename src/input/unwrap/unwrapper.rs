//! A log unwrapped, block by block, in order: records put together span blocks.

use super::super::anomalies;
use super::super::block::{Block, is_tested};
use super::super::head::LogHead;
use super::super::window::Dates;
use super::kind::{Asked, Record, WrapKind};
use super::outer::OuterDate;
use super::partial::{Partials, Whole};
use super::shared::{Shared, Unwrapped, Unwrapping};
use std::borrow::Cow;

/// Lines that are looked at to find out how a log is wrapped.
const LOOKED_AT: usize = 100;
/// Records without a newline in the first block, from which on a record is a line.
const WITHOUT_NEWLINE: usize = 8;

/// How a log is read, as far as its lines depend on it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Reading {
    /// Seconds east of UTC in which dates are written.
    pub(in super::super) offset: i64,
    /// NUL padding stays.
    pub(in super::super) keep_noise: bool,
    /// Take out ANSI sequences.
    pub(in super::super) strip_ansi: bool,
}

/// Unwraps a log.
pub(in super::super) struct Unwrapper {
    unwrapping: Unwrapping,
    index: usize,
    name: String,
    reading: Reading,
    kind: Option<WrapKind>,
    /// Lines to be looked at, as long as the kind is not known.
    left: usize,
    partials: Partials,
    /// A record without a newline is a line (Docker's form, written by another).
    whole_records: Option<bool>,
    /// The number of the next line, from 1.
    next_line: u64,
}

impl Unwrapper {
    /// For a log.
    pub(in super::super) fn new(
        unwrapping: &Unwrapping,
        head: &LogHead,
        reading: Reading,
    ) -> Unwrapper {
        let kind = match &unwrapping.asked {
            Asked::Auto => None,
            Asked::Kind(kind) => Some(kind.clone()),
        };
        Unwrapper {
            unwrapping: unwrapping.clone(),
            index: head.index,
            name: head.name.clone(),
            reading,
            left: match kind {
                None => LOOKED_AT,
                Some(_) => 0,
            },
            kind,
            partials: Partials::default(),
            whole_records: None,
            next_line: 1,
        }
    }

    /// The lines that the lines of a block were.
    pub(in super::super) fn block(&mut self, block: &mut Block) {
        let text = std::mem::take(&mut block.text);
        let shared = self.unwrapping.clone();
        let mut shared = shared.shared();
        self.find_kind(&text, &mut shared);
        if self.whole_records.is_none() {
            self.whole_records = Some(are_whole_records(self.kind.as_ref(), &text));
        }
        shared.log(self.index).name.clone_from(&self.name);
        let mut out = Lines::new(self, block, text.len());
        for line in text.split_inclusive('\n') {
            let line = line.trim_end_matches(['\r', '\n']);
            out.wrapped(line, &mut shared);
        }
        out.finish();
        shared.log(self.index).kind.clone_from(&self.kind);
    }

    /// The lines that are open at the end of the log; whether there are any.
    pub(in super::super) fn end(&mut self, block: &mut Block) -> bool {
        let shared = self.unwrapping.clone();
        let mut shared = shared.shared();
        let mut out = Lines::new(self, block, 0);
        let mut any = false;
        while let Some(line) = out.unwrapper.partials.next_open() {
            out.log(&mut shared).counts.open += 1;
            out.whole(line, &mut shared);
            any = true;
        }
        out.finish();
        any
    }

    /// How the lines of a block are wrapped, as long as the blocks before did not tell.
    fn find_kind(&mut self, text: &str, shared: &mut Shared) {
        let lines = text.lines().filter(|line| is_tested(line));
        for line in lines.take(self.left) {
            self.left -= 1;
            self.kind = WrapKind::of(line);
            let log = shared.log(self.index);
            log.likely = log.likely.take().or_else(|| WrapKind::likely(line));
            if self.kind.is_some() {
                self.left = 0;
                log.likely = None;
                break;
            }
        }
    }
}

/// Whether no record has a newline, so that none can mean that a line goes on. Docker splits a
/// line into pieces of one length.
fn are_whole_records(kind: Option<&WrapKind>, text: &str) -> bool {
    if kind.is_some_and(|kind| *kind != WrapKind::Docker) {
        return false;
    }
    let records = text.split_inclusive('\n');
    let records = records.filter_map(|line| WrapKind::Docker.record(line.trim_end()));
    let mut lengths = Vec::new();
    for record in records {
        if !record.is_partial {
            return false;
        }
        lengths.push(record.text.len());
    }
    lengths.len() >= WITHOUT_NEWLINE && lengths.windows(2).any(|pair| pair[0] != pair[1])
}

/// The lines of a block as they come.
struct Lines<'u, 'b> {
    unwrapper: &'u mut Unwrapper,
    block: &'b mut Block,
    /// Lines so far.
    count: u64,
}

impl<'u, 'b> Lines<'u, 'b> {
    fn new(unwrapper: &'u mut Unwrapper, block: &'b mut Block, bytes: usize) -> Lines<'u, 'b> {
        block.text = String::with_capacity(bytes);
        block.first_line = unwrapper.next_line;
        Lines {
            unwrapper,
            block,
            count: 0,
        }
    }

    fn finish(self) {
        self.unwrapper.next_line += self.count;
    }

    /// A line of the log.
    fn wrapped(&mut self, line: &str, shared: &mut Shared) {
        let before = self.count;
        let kind = self.unwrapper.kind.as_ref();
        let dates = &mut shared.dates;
        let has_date = |text: &str| dates.as_mut().is_some_and(|dates| dates(text).is_some());
        let is_part = match kind.and_then(|kind| kind.record_by_date(line, has_date)) {
            Some(record) => self.record(record, shared),
            None => {
                self.log(shared).counts.unchanged += u64::from(is_tested(line));
                self.push(line);
                false
            }
        };
        let is_alone = self.count == before + 1 && !is_part;
        let number = is_alone.then(|| self.unwrapper.next_line + before);
        shared.keep(self.unwrapper.index, line, number);
    }

    /// What is told of the log.
    fn log<'s>(&self, shared: &'s mut Shared) -> &'s mut Unwrapped {
        shared.log(self.unwrapper.index)
    }

    /// A record; whether its line has others, too.
    fn record(&mut self, record: Record, shared: &mut Shared) -> bool {
        self.log(shared).counts.records += 1;
        let unwrapper = &mut *self.unwrapper;
        let is_partial = record.is_partial && unwrapper.whole_records != Some(true);
        if !is_partial && !unwrapper.partials.has(&record.stream) {
            self.lines(record.text, record.date.as_ref(), shared);
            return false;
        }
        let date = record.date.map(OuterDate::into_owned);
        let partials = &mut unwrapper.partials;
        let gone = partials.add(&record.stream, &record.text, date);
        let whole = if is_partial {
            None
        } else {
            partials.finish(&record.stream)
        };
        self.log(shared).counts.joined += u64::from(whole.is_some());
        for line in gone.into_iter().chain(whole) {
            self.whole(line, shared);
        }
        true
    }

    /// A line that was put together.
    fn whole(&mut self, line: Whole, shared: &mut Shared) {
        self.block.noise.overlong += u64::from(line.is_cut);
        self.lines(Cow::Owned(line.text), line.date.as_ref(), shared);
    }

    /// The text of a line: several, if it has newlines in it.
    fn lines(&mut self, mut text: Cow<str>, date: Option<&OuterDate>, shared: &mut Shared) {
        // escaped in JSON, and not seen before
        let is_escaped = matches!(
            self.unwrapper.kind,
            Some(WrapKind::Docker | WrapKind::Json(_))
        );
        if is_escaped && memchr::memchr2(0x1b, 0, text.as_bytes()).is_some() {
            let reading = self.unwrapper.reading;
            let (keep, strip) = (reading.keep_noise, reading.strip_ansi);
            self.block.noise += anomalies::take_out(text.to_mut(), keep, strip);
        }
        for line in text.split('\n') {
            let line = line.trim_end_matches('\r');
            if is_tested(line) {
                self.dated(line, date, shared);
            } else {
                self.push(line);
            }
        }
    }

    /// A line, with the record's date if it has none.
    fn dated(&mut self, line: &str, date: Option<&OuterDate>, shared: &mut Shared) {
        let offset = self.unwrapper.reading.offset;
        let Some(dates) = &mut shared.dates else {
            return self.push(line);
        };
        let (text, own) = with_date(line, date, offset, dates);
        let log = self.log(shared);
        match own {
            DateOf::Line => {}
            DateOf::Record => log.counts.outer_dates += 1,
            DateOf::Nothing => log.counts.undated += 1,
        }
        self.push(&text);
    }

    fn push(&mut self, line: &str) {
        self.block.text.push_str(line);
        self.block.text.push('\n');
        self.count += 1;
    }
}

/// Where the date of a line is from.
enum DateOf {
    /// It has one.
    Line,
    /// The record has one, which now stands before it.
    Record,
    /// Nowhere.
    Nothing,
}

/// A line with the date of its record, if it has none of its own.
fn with_date<'l>(
    line: &'l str,
    date: Option<&OuterDate>,
    offset: i64,
    dates: &mut Dates,
) -> (Cow<'l, str>, DateOf) {
    if dates(line).is_some() {
        return (Cow::Borrowed(line), DateOf::Line);
    }
    let mut text = line.to_owned();
    if date.is_some_and(|date| date.put_before(&mut text, offset, dates)) {
        (Cow::Owned(text), DateOf::Record)
    } else {
        (Cow::Borrowed(line), DateOf::Nothing)
    }
}

/// The line of a record as a run reads it, for trials on single lines: of a part of a line that
/// part. None where `line` is not wrapped so.
pub(crate) fn line_of(
    kind: &WrapKind,
    line: &str,
    offset: i64,
    mut dates: Option<&mut Dates>,
) -> Option<String> {
    let dates_of = &mut dates;
    let has_date = |text: &str| dates_of.as_mut().is_some_and(|dates| dates(text).is_some());
    let record = kind.record_by_date(line, has_date)?;
    let text = match dates.filter(|_| is_tested(record.text.as_bytes())) {
        Some(dates) => with_date(&record.text, record.date.as_ref(), offset, dates).0,
        None => record.text,
    };
    Some(text.into_owned())
}
