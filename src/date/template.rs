//! One date template: finds a date in a line and tells its time. Not the choice
//! between templates (`state`) and not how one is made of a pattern (`catalog`).

use std::ops::Range;
use std::sync::OnceLock;

use super::clock::{Clock, TimeCache};
use super::state::Span;
pub(super) use super::strptime::Field;
use super::strptime::{self, MAX_FIELDS, ReadDate};
use super::{DetectError, InvalidDate, Timestamp, python};
use crate::pattern::{Flags, Match, PatternError, Regex, Scratch};

/// Where a template's regex is tied (upstream's `DateTemplate.flags`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anchors {
    /// To the begin of the line.
    pub(crate) line_begin: bool,
    /// To its end.
    pub(crate) line_end: bool,
    /// To the begin of a word.
    pub(crate) word_begin: bool,
    /// To the end of one.
    pub(crate) word_end: bool,
}

impl Anchors {
    /// Tied to the begin or end of the line: a match wins at once, no other template is asked.
    pub(crate) fn line(self) -> bool {
        self.line_begin || self.line_end
    }
}

/// How the text of a date is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Named groups are `strptime` fields.
    Pattern,
    /// Seconds since the epoch.
    Epoch {
        /// Perhaps milli- or microseconds.
        long: bool,
        /// The group they stand in.
        group: usize,
    },
    /// A TAI64N label in group 1.
    Tai64n,
}

/// A date template; immutable, its regex compiled when first used, as upstream's.
#[derive(Debug)]
pub(crate) struct DateTemplate {
    pub(super) name: String,
    pub(super) pattern: Option<String>,
    pub(super) regex: String,
    pub(super) weight: f64,
    pub(super) anchors: Anchors,
    pub(super) kind: Kind,
    /// A default template or its line-anchored twin.
    pub(super) is_default: bool,
    pub(super) compiled: OnceLock<Result<Compiled, PatternError>>,
}

#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) regex: Regex,
    /// The groups that are read, in the order of their definition.
    groups: Vec<usize>,
    /// For a pattern: what they mean.
    fields: Vec<Field>,
}

impl Compiled {
    pub(super) fn found(&self, found: &Match) -> Found {
        let (start, end) = found.span(0).unwrap_or_default();
        let group1 = found.span(1).map(|(start, end)| start..end);
        let date = group1.as_ref().map_or(start, |group| group.start) as u32;
        let mut captures = [NONE; MAX_FIELDS];
        for (capture, &group) in captures.iter_mut().zip(&self.groups) {
            if let Some((start, end)) = found.span(group) {
                let from_date = |at: usize| (at as u32).wrapping_sub(date);
                *capture = (from_date(start), from_date(end));
            }
        }
        Found {
            start,
            end,
            group1,
            captures,
        }
    }
}

/// A date found in a line; all places are bytes of that line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The whole match.
    pub(crate) start: usize,
    /// The byte behind its last.
    pub(crate) end: usize,
    /// What is cut out of the line; `None` if group 1 took no part in the match,
    /// which upstream treats as an empty text.
    pub(crate) group1: Option<Range<usize>>,
    /// Offsets from the date's start; a capture before it has a wrapped one (`u32`).
    captures: [(u32, u32); MAX_FIELDS],
}

/// A capture that took no part.
const NONE: (u32, u32) = (u32::MAX, u32::MAX);

impl Span for Found {
    fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl Found {
    /// The date itself: what is cut out, or else the whole match.
    pub(crate) fn date(&self) -> Range<usize> {
        self.group1.clone().unwrap_or(self.start..self.end)
    }

    /// Whether all that is read stands in the date itself.
    pub(crate) fn reads_date_only(&self) -> bool {
        let length = self.date().len() as u32;
        let mut captures = self.captures.iter().filter(|&&span| span != NONE);
        captures.all(|&(start, end)| start <= length && end <= length)
    }

    /// Whether all captures are at the same distances from the date's start.
    pub(super) fn is_alike(&self, other: &Found) -> bool {
        self.date().len() == other.date().len() && self.captures == other.captures
    }

    /// The same match, found at another start, and with all that stood from `anchor` on moved
    /// to `to`: the captures with the date.
    pub(super) fn move_to(&mut self, start: usize, anchor: usize, to: usize) {
        let from = self.start;
        let moved = |at: usize| {
            if at >= anchor {
                at - anchor + to
            } else {
                at - from + start
            }
        };
        self.start = start;
        self.end = moved(self.end);
        if let Some(group) = &mut self.group1 {
            *group = moved(group.start)..moved(group.end);
        }
    }

    /// Whether [`Found::move_to`] knows where all of it goes: the date and all that is read
    /// stand behind the anchor, or everything moves alike.
    pub(super) fn can_move(&self, anchor: usize) -> bool {
        anchor == self.start || anchor <= self.date().start && self.reads_date_only()
    }

    /// A capture's place in the date itself.
    pub(super) fn inside(&self, (start, end): (u32, u32)) -> Option<Range<usize>> {
        let (start, end) = (start as usize, end as usize);
        (start <= end && end <= self.date().len()).then_some(start..end)
    }

    fn capture<'t>(&self, line: &'t str, at: usize) -> Option<&'t str> {
        let (start, end) = self.captures[at];
        let date = self.date().start as u32;
        let place = |at: u32| date.wrapping_add(at) as usize;
        ((start, end) != NONE).then(|| &line[place(start)..place(end)])
    }
}

impl DateTemplate {
    /// The name shown in reports.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The pattern it was made of; epoch and TAI64N templates have none.
    pub(crate) fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// The regex, boundaries included, in Python's dialect.
    pub(crate) fn regex(&self) -> &str {
        &self.regex
    }

    /// 1, or 100 for the line-anchored twin of a default template.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// What its regex is tied to.
    pub(crate) fn anchors(&self) -> Anchors {
        self.anchors
    }

    #[inline]
    pub(super) fn compiled(&self) -> Result<&Compiled, DetectError> {
        let compiled = self.compiled.get_or_init(|| {
            let regex = Regex::new(&self.regex, Flags::default())?;
            let (mut groups, mut fields) = (Vec::new(), Vec::new());
            match self.kind {
                Kind::Pattern => {
                    for (name, group) in regex.group_names() {
                        if let Some(field) = Field::of(name) {
                            groups.push(*group);
                            fields.push(field);
                        }
                    }
                }
                Kind::Epoch { group, .. } => groups.push(group),
                Kind::Tai64n => groups.push(1),
            }
            Ok(Compiled {
                regex,
                groups,
                fields,
            })
        });
        compiled.as_ref().map_err(|error| DetectError::Regex {
            name: self.name.clone(),
            regex: self.regex.clone(),
            error: error.to_string(),
        })
    }

    /// Whether it is one of the default templates, or the line-anchored twin of one: its
    /// regex compiles for sure.
    pub(crate) fn is_default(&self) -> bool {
        self.is_default
    }

    /// The compiled regex, for gates built over several templates.
    pub(crate) fn compiled_regex(&self) -> Result<&Regex, DetectError> {
        Ok(&self.compiled()?.regex)
    }

    /// Whether the other finds the same dates and reads the same in them.
    pub(crate) fn is_alike(&self, other: &DateTemplate) -> bool {
        self.regex == other.regex && self.kind == other.kind
    }

    /// The first date in a line, or in a part of it as `re.search(line, start,
    /// end)` looks at a part: the end cuts the line, the start does not.
    pub(crate) fn find(
        &self,
        line: &str,
        part: Option<Range<usize>>,
        scratch: &mut Scratch,
    ) -> Result<Option<Found>, DetectError> {
        let compiled = self.compiled()?;
        let part = part.unwrap_or(0..line.len());
        let found = compiled
            .regex
            .search_at(&line[..part.end], part.start, scratch);
        Ok(found.map_err(|_| self.steps())?.map(|f| compiled.found(&f)))
    }

    pub(super) fn steps(&self) -> DetectError {
        DetectError::Steps {
            name: self.name.clone(),
        }
    }

    /// The captures that took part in a match, and for a pattern what they mean.
    pub(super) fn captures_of(
        &self,
        found: &Found,
    ) -> impl Iterator<Item = (Option<Field>, (u32, u32))> {
        let fields = self.compiled().map_or(&[][..], |compiled| &compiled.fields);
        let captures = found.captures.into_iter().enumerate();
        let captures = captures.filter(|(_, capture)| *capture != NONE);
        captures.map(|(at, capture)| (fields.get(at).copied(), capture))
    }

    /// How many seconds later a date is than another this template found, where it is told
    /// by the seconds alone: all that is read is the same text but for two digits of
    /// seconds. `text`: that of the other date, found as `other`.
    pub(super) fn seconds_between(
        &self,
        text: &str,
        other: &Found,
        line: &str,
        found: &Found,
    ) -> Option<i64> {
        let Kind::Pattern = self.kind else {
            return None;
        };
        let here = line.as_bytes().get(found.date())?;
        let there = text.as_bytes();
        let compiled = self.compiled().ok()?;
        let mut between = 0;
        let captures = found.captures.iter().zip(&other.captures);
        for (field, (&mine, &theirs)) in compiled.fields.iter().zip(captures) {
            if mine == NONE || theirs == NONE {
                if mine != theirs {
                    return None;
                }
                continue;
            }
            let mine = here.get(found.inside(mine)?)?;
            let theirs = there.get(other.inside(theirs)?)?;
            if *field == Field::Second {
                between = seconds_of(mine)? - seconds_of(theirs)?;
            } else if mine != theirs {
                return None;
            }
        }
        Some(between)
    }

    /// The time of a date found in `line` (upstream's `getDate`).
    /// `default_offset`: minutes east of UTC for a text without a zone.
    pub(crate) fn parse(
        &self,
        line: &str,
        found: &Found,
        clock: &Clock,
        default_offset: Option<i32>,
        cache: &mut TimeCache,
    ) -> Result<Timestamp, InvalidDate> {
        let read = self.read(line, found, clock, default_offset, cache);
        read.map(|read| read.date)
    }

    /// [`DateTemplate::parse`], and what holds for its neighbours.
    pub(crate) fn read(
        &self,
        line: &str,
        found: &Found,
        clock: &Clock,
        default_offset: Option<i32>,
        cache: &mut TimeCache,
    ) -> Result<ReadDate, InvalidDate> {
        let capture = |at| found.capture(line, at);
        let alone = |date| ReadDate {
            date,
            by_seconds: false,
        };
        match self.kind {
            Kind::Pattern => {
                let fields = self.compiled().map_or(&[][..], |compiled| &compiled.fields);
                strptime::parse(fields, capture, clock, default_offset, cache)
            }
            Kind::Epoch { long, .. } => epoch(capture(0), long).map(alone),
            Kind::Tai64n => tai64n(capture(0).unwrap_or_default()).map(alone),
        }
    }
}

/// What two digits say as seconds of a minute.
pub(super) fn seconds_of(digits: &[u8]) -> Option<i64> {
    match digits {
        [tens @ b'0'..=b'5', ones @ b'0'..=b'9'] => {
            Some(i64::from((tens - b'0') * 10 + (ones - b'0')))
        }
        _ => None,
    }
}

fn epoch(text: Option<&str>, long: bool) -> Result<Timestamp, InvalidDate> {
    let Some(text) = text else {
        let error = if long {
            "TypeError: object of type 'NoneType' has no len()"
        } else {
            "TypeError: float() argument must be a string or a real number, not 'NoneType'"
        };
        return Err(InvalidDate::Uncaught(error.into()));
    };
    let seconds = python::float(text).ok_or(InvalidDate::Value)?;
    let length = text.chars().count();
    Ok(Timestamp::Float(match length {
        16.. if long && !text.contains('.') => seconds / 1_000_000.0,
        13.. if long => seconds / 1000.0,
        _ => seconds,
    }))
}

/// 15 hexadecimal digits after the `@4` of a label; what they count from is
/// TAI, ten seconds off, as upstream leaves it.
fn tai64n(text: &str) -> Result<Timestamp, InvalidDate> {
    let digits: String = text.chars().skip(2).take(15).collect();
    i64::from_str_radix(&digits, 16)
        .map(Timestamp::Int)
        .map_err(|_| InvalidDate::Value)
}
