//! One date template: finds a date in a line and tells its time. Not the choice
//! between templates (`state`) and not how one is made of a pattern (`catalog`).

use std::ops::Range;
use std::sync::OnceLock;

use super::clock::{Clock, TimeCache};
use super::state::Span;
use super::strptime::{self, Field, MAX_FIELDS};
use super::{DetectError, InvalidDate, Timestamp, python};
use crate::pattern::{Flags, PatternError, Regex, Scratch};

/// Where a template's regex is tied (upstream's `DateTemplate.flags`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    pub line_begin: bool,
    pub line_end: bool,
    pub word_begin: bool,
    pub word_end: bool,
}

impl Anchors {
    /// Tied to the begin or end of the line: its match needs no comparison.
    pub fn line(self) -> bool {
        self.line_begin || self.line_end
    }
}

/// How the text of a date is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Named groups are `strptime` fields.
    Pattern,
    /// Seconds since the epoch in `group`; `long`: perhaps milli- or microseconds.
    Epoch { long: bool, group: usize },
    /// A TAI64N label in group 1.
    Tai64n,
}

/// A date template; immutable, its regex compiled when first used, as upstream's.
#[derive(Debug)]
pub struct DateTemplate {
    pub(super) name: String,
    pub(super) pattern: Option<String>,
    pub(super) regex: String,
    pub(super) weight: f64,
    pub(super) anchors: Anchors,
    pub(super) kind: Kind,
    pub(super) compiled: OnceLock<Result<Compiled, PatternError>>,
}

#[derive(Debug)]
pub(super) struct Compiled {
    regex: Regex,
    /// The groups that are read, in the order of their definition.
    groups: Vec<usize>,
    /// For a pattern: what they mean.
    fields: Vec<Field>,
}

/// A date found in a line; all places are bytes of that line.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The whole match.
    pub start: usize,
    pub end: usize,
    /// What is cut out of the line; `None` if group 1 took no part in the match,
    /// which upstream treats as an empty text.
    pub group1: Option<Range<usize>>,
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
    fn capture<'t>(&self, line: &'t str, at: usize) -> Option<&'t str> {
        let (start, end) = self.captures[at];
        ((start, end) != NONE).then(|| &line[start as usize..end as usize])
    }
}

impl Found {
    /// Whether a date found by the same template in another line is read alike if the text
    /// of the two matches is the same: all groups stand in the same places, inside it.
    pub fn reads_like(&self, other: &Found) -> bool {
        let (mine, theirs) = (self.start as u32, other.start as u32);
        let alike = |(&a, &b): (&(u32, u32), &(u32, u32))| {
            if a == NONE || b == NONE {
                return a == b;
            }
            let inside = a.0 >= mine && a.1 as usize <= self.end && b.0 >= theirs;
            inside && a.0 - mine == b.0 - theirs && a.1 - a.0 == b.1 - b.0
        };
        self.end - self.start == other.end - other.start
            && self.captures.iter().zip(&other.captures).all(alike)
    }
}

impl DateTemplate {
    /// The name shown in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pattern it was made of; epoch and TAI64N templates have none.
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// The regex, boundaries included, in Python's dialect.
    pub fn regex(&self) -> &str {
        &self.regex
    }

    /// 1, or 100 for the line-anchored twin of a default template.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    pub fn anchors(&self) -> Anchors {
        self.anchors
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn compiled(&self) -> Result<&Compiled, DetectError> {
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

    /// The compiled regex, for gates built over several templates.
    pub fn compiled_regex(&self) -> Result<&Regex, DetectError> {
        Ok(&self.compiled()?.regex)
    }

    /// The first date in a line, or in a part of it as `re.search(line, start,
    /// end)` looks at a part: the end cuts the line, the start does not.
    pub fn find(
        &self,
        line: &str,
        part: Option<Range<usize>>,
        scratch: &mut Scratch,
    ) -> Result<Option<Found>, DetectError> {
        let compiled = self.compiled()?;
        let found = match part {
            None => compiled.regex.search(line, scratch),
            Some(part) => compiled
                .regex
                .search_at(&line[..part.end], part.start, scratch),
        };
        let Some(found) = found.map_err(|_| DetectError::Steps {
            name: self.name.clone(),
        })?
        else {
            return Ok(None);
        };
        let (start, end) = found.span(0).unwrap_or_default();
        let mut captures = [NONE; MAX_FIELDS];
        for (capture, &group) in captures.iter_mut().zip(&compiled.groups) {
            if let Some((start, end)) = found.span(group) {
                *capture = (start as u32, end as u32);
            }
        }
        let group1 = found.span(1).map(|(start, end)| start..end);
        Ok(Some(Found {
            start,
            end,
            group1,
            captures,
        }))
    }

    /// The time of a date found in `line` (upstream's `getDate`).
    /// `default_offset`: minutes east of UTC for a text without a zone.
    pub fn parse(
        &self,
        line: &str,
        found: &Found,
        clock: &Clock,
        default_offset: Option<i32>,
        cache: &mut TimeCache,
    ) -> Result<Timestamp, InvalidDate> {
        let capture = |at| found.capture(line, at);
        match self.kind {
            Kind::Pattern => {
                let fields = self.compiled().map_or(&[][..], |compiled| &compiled.fields);
                strptime::parse(fields, capture, clock, default_offset, cache)
            }
            Kind::Epoch { long, .. } => epoch(capture(0), long),
            Kind::Tai64n => tai64n(capture(0).unwrap_or_default()),
        }
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
