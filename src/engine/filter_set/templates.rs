//! The date templates of a set: each is asked about a line once, whatever groups have it.

use crate::date::{
    Clock, DateDetector, DateTemplate, DetectError, Found, Probe, Span as _, TimeCache,
};
use crate::engine::speculation::{DateFact, TemplateCache};
use crate::engine::texts::Span;
use crate::pattern::Scratch;
use std::ops::Range;
use std::sync::Arc;

/// The date templates of all groups.
///
/// Exactness: what a template matches in a line, or in a part of it, and what that says, depends
/// on its regex and kind, the line, the clock, and the zone of dates that name none: neither on
/// the filter nor on lines before ([`TemplateCache`]). So templates of different groups that agree
/// in these are one.
pub(super) struct Templates<'f> {
    clock: &'f Clock,
    all: Vec<SharedTemplate>,
    times: TimeCache,
    scratch: Scratch,
    /// The number of the line at hand.
    line: u64,
}

struct SharedTemplate {
    template: Arc<DateTemplate>,
    /// The zone of dates that name none.
    offset: Option<i32>,
    cache: TemplateCache,
    /// What it was asked last, and matched.
    asked: Asked,
    found: Option<Range<usize>>,
    /// Of which question the date was read last, and what it says.
    read: Option<(Asked, (Span, DateFact))>,
}

/// A line, and the part of it that was searched; None for the whole.
#[derive(Clone, PartialEq, Eq, Default)]
struct Asked {
    line: u64,
    part: Option<Range<usize>>,
}

/// A match, and what was asked.
pub(super) struct Answer {
    probe: Probe,
    found: Range<usize>,
}

impl crate::date::Span for Answer {
    fn span(&self) -> Range<usize> {
        self.found.clone()
    }
}

impl Answer {
    /// The part of the line that was searched.
    pub(super) fn into_part(self) -> Option<Range<usize>> {
        self.probe.part
    }
}

impl<'f> Templates<'f> {
    /// Without templates.
    pub(super) fn new(clock: &'f Clock) -> Templates<'f> {
        Templates {
            clock,
            all: Vec::new(),
            times: TimeCache::default(),
            scratch: Scratch::for_lines(),
            line: 0,
        }
    }

    /// Adds those of a detector; the numbers of all it has.
    pub(super) fn add(&mut self, detector: &DateDetector) -> Vec<usize> {
        let offset = detector.default_offset();
        let numbers = detector.all().iter().map(|template| {
            let alike =
                |one: &SharedTemplate| one.offset == offset && one.template.is_alike(template);
            let known = self.all.iter().position(alike);
            known.unwrap_or_else(|| {
                self.all.push(SharedTemplate {
                    template: Arc::clone(template),
                    offset,
                    cache: TemplateCache::default(),
                    asked: Asked::default(),
                    found: None,
                    read: None,
                });
                self.all.len() - 1
            })
        });
        numbers.collect()
    }

    /// The templates, by number.
    pub(super) fn all(&self) -> impl Iterator<Item = &DateTemplate> {
        self.all.iter().map(|shared| &*shared.template)
    }

    /// From now on another line is asked about.
    pub(super) fn next_line(&mut self) {
        self.line += 1;
    }

    /// What a detector's probe finds in the line at hand; `number`: that of its template.
    pub(super) fn ask(
        &mut self,
        number: usize,
        line: &str,
        probe: Probe,
    ) -> Result<Option<Answer>, DetectError> {
        let found = self.search(number, line, probe.part.clone())?;
        Ok(found.map(|found| Answer { probe, found }))
    }

    fn search(
        &mut self,
        number: usize,
        line: &str,
        part: Option<Range<usize>>,
    ) -> Result<Option<Range<usize>>, DetectError> {
        let shared = &mut self.all[number];
        if shared.asked.line == self.line && shared.asked.part == part {
            return Ok(shared.found.clone());
        }
        let (template, matches) = (&shared.template, &mut shared.cache.matches);
        let found = matches.search(template, line, part.clone(), &mut self.scratch)?;
        (shared.asked.line, shared.asked.part) = (self.line, part);
        shared.found.clone_from(&found);
        Ok(found)
    }

    /// What a template matches in a part of the line at hand, with its captures.
    pub(super) fn found(
        &mut self,
        number: usize,
        line: &str,
        part: Option<Range<usize>>,
    ) -> Option<Found> {
        self.search(number, line, part).ok().flatten()?;
        Some(self.all[number].cache.matches.found().clone())
    }

    /// Where the date of an answer stands, and what it says.
    pub(super) fn read(&mut self, number: usize, line: &str, answer: &Answer) -> (Span, DateFact) {
        let part = &answer.probe.part;
        if let Some((asked, read)) = &self.all[number].read
            && asked.line == self.line
            && asked.part == *part
        {
            return read.clone();
        }
        // it may have been asked something else since
        let again = self.search(number, line, part.clone());
        debug_assert!(matches!(&again, Ok(Some(found)) if *found == answer.span()));
        let shared = &mut self.all[number];
        let reader = (self.clock, shared.offset, &mut self.times);
        let read = shared.cache.read(&shared.template, line, reader);
        shared.read = Some((shared.asked.clone(), read.clone()));
        read
    }
}
