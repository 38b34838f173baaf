//! The dates of a block's lines: found by the state machine of the date detector, whose
//! probes are noted with their answers for the fold, and read.

use super::block::{Answer, DateFact, all_of, template_bit};
use super::date_prefilter::DatePrefilter;
use super::template_cache::TemplateCache;
use crate::date::{
    Clock, DateDetector, DateTemplate, DetectorKey, LastWinnerStep, Probe, SameMinute,
    SameMinuteDate, TimeCache,
};
use crate::engine::texts::Span;
use crate::pattern::Scratch;
use std::ops::Range;
use std::sync::Arc;

/// What a worker remembers of dates from line to line.
pub(in crate::engine) struct DateFinder<'f> {
    clock: &'f Clock,
    /// The date detector's.
    templates: Arc<[Arc<DateTemplate>]>,
    /// By template.
    caches: Vec<TemplateCache>,
    times: TimeCache,
    prefilter: DatePrefilter,
    /// The template that won before the last winner: in a log of two formats the next one to win.
    previous: Option<usize>,
    /// Upstream would have died of a date of the block.
    pub(super) has_fault: bool,
}

/// A line's date, and how it was found.
#[derive(Debug)]
pub(in crate::engine) struct DatedLine {
    /// The template that found it.
    pub(in crate::engine) template: Option<usize>,
    pub(in crate::engine) winner: Winner,
    /// `BlockLine::no_match`
    pub(super) no_match: u64,
    pub(in crate::engine) cut: Span,
    pub(in crate::engine) date: DateFact,
    /// The detector's keys before and after the line, if the one follows from the other.
    pub(super) keys: Option<(DetectorKey, DetectorKey)>,
}

/// Which answer gave a line its date.
#[derive(Debug)]
pub(in crate::engine) enum Winner {
    /// None: there is no date.
    Nobody,
    /// An answer that has been noted.
    Noted(u32),
    /// This one, which is noted only if the line becomes an entry of its own.
    Unnoted(Answer),
}

impl Default for DatedLine {
    fn default() -> Self {
        DatedLine {
            template: None,
            winner: Winner::Nobody,
            no_match: 0,
            cut: Span::new(0, 0),
            date: DateFact::None,
            keys: None,
        }
    }
}

impl DatedLine {
    /// Nothing was wrong with the date.
    #[inline]
    pub(super) fn is_read(&self) -> bool {
        matches!(
            self.date,
            DateFact::Date(_) | DateFact::None | DateFact::Empty
        )
    }

    /// The key after follows from the one before, if nothing was wrong with the date.
    pub(super) fn set_keys(&mut self, before: Option<DetectorKey>, after: Option<DetectorKey>) {
        self.keys = before.zip(after).filter(|_| self.is_read());
    }

    /// The template's match in the whole line as the winner.
    #[inline]
    pub(super) fn whole_match(&self, found: Range<usize>) -> Winner {
        self.template.map_or(Winner::Nobody, |template| {
            Winner::Unnoted(Answer::in_whole_line(template, found))
        })
    }
}

/// Notes what a probe found; that a whole line has none is a bit where there is room for it.
fn note(
    probe: Probe,
    found: Option<Range<usize>>,
    answers: &mut Vec<Answer>,
    no_match: &mut u64,
) -> Option<NumberedMatch> {
    let bit = template_bit(probe.template);
    if found.is_none() && probe.part.is_none() && bit != 0 {
        *no_match |= bit;
        return None;
    }
    let index = answers.len() as u32;
    let span = found.clone();
    answers.push(Answer { probe, found });
    Some(NumberedMatch { span: span?, index })
}

impl<'f> DateFinder<'f> {
    /// Nothing is known yet.
    pub(in crate::engine) fn new(clock: &'f Clock) -> DateFinder<'f> {
        DateFinder {
            clock,
            templates: Arc::default(),
            caches: Vec::new(),
            times: TimeCache::default(),
            prefilter: DatePrefilter::default(),
            previous: None,
            has_fault: false,
        }
    }

    /// Goes on with a detector's templates.
    pub(in crate::engine) fn begin(&mut self, detector: &DateDetector) {
        // not once per line: all threads count its holders
        self.templates = Arc::clone(detector.all());
        let count = self.templates.len();
        self.caches.resize_with(count, TemplateCache::default);
        self.has_fault = false;
    }

    /// The date of a line as a template finds it, where the line begins as one before it did but for
    /// the seconds.
    #[inline(always)] // once for every line: a call costs as much as what it does
    pub(super) fn of_same_minute(
        &mut self,
        line: &[u8],
        template: usize,
    ) -> Option<SameMinuteDate> {
        self.caches[template].of_same_minute(line)
    }

    /// The first bytes of lines whose dates a template is known to find.
    pub(super) fn same_minute(&self, template: usize) -> Option<&SameMinute> {
        self.caches[template].same_minute()
    }

    /// They told the dates of so many lines.
    pub(super) fn used_same_minute(&mut self, template: usize, lines: u32) {
        self.caches[template].used_same_minute(lines);
    }

    /// What a template matches in a whole line, no empty text, where that is known without a
    /// search: then its date is read, too. For lines of which [`DateFinder::of_same_minute`] says
    /// nothing.
    #[inline]
    pub(super) fn cached_date(
        &mut self,
        line: &str,
        detector: &DateDetector,
        template: usize,
        dated: &mut DatedLine,
    ) -> Option<Range<usize>> {
        let found = self.caches[template].matches.cached(line, None)?;
        if found.is_empty() {
            return None;
        }
        self.read_cut(line, detector, template, dated);
        self.caches[template].expect_same_minute(line);
        Some(found)
    }

    /// Finds and reads the date of a line.
    pub(in crate::engine) fn date(
        &mut self,
        line: &str,
        detector: &mut DateDetector,
        answers: &mut Vec<Answer>,
        dated: &mut DatedLine,
        scratch: &mut Scratch,
    ) {
        let before = detector.state().key();
        let mut decided_alone = true;
        match self.first_answer(line, detector) {
            FirstAnswer::Settles(answer) => {
                dated.template = Some(answer.probe.template);
                dated.winner = Winner::Unnoted(answer);
            }
            first => {
                let hit;
                let known = self.known_of_previous(line, detector);
                let all_known = (matches!(first, FirstAnswer::Known), known.as_ref());
                let notes = (answers, &mut dated.no_match);
                (hit, decided_alone) = self.find(line, detector, all_known, notes, scratch);
                if let Some((template, answer)) = hit {
                    dated.template = Some(template);
                    dated.winner = Winner::Noted(answer);
                    let known = known.filter(|known| known.template == template);
                    if let Some((cut, date)) = known.and_then(|known| known.date) {
                        (dated.cut, dated.date) = (cut, date);
                        return;
                    }
                }
            }
        }
        if let Some(template) = dated.template {
            self.read_cut(line, detector, template, dated);
        }
        if decided_alone {
            dated.set_keys(before, detector.state().key());
        } else if let Some(template) = dated.template {
            self.caches[template].expect_same_minute(line);
        }
    }

    /// What the template finds that won before the last winner, where that is known without a
    /// search.
    #[inline]
    fn known_of_previous(&mut self, line: &str, detector: &DateDetector) -> Option<KnownMatch> {
        let template = self.previous?;
        if Some(template) == detector.state().current() {
            return None;
        }
        let cache = self.caches.get_mut(template)?;
        if let Some(SameMinuteDate { found, date, time }) = cache.of_same_minute(line.as_bytes()) {
            return Some(KnownMatch {
                template,
                found,
                date: Some((Span::new(date.start, date.end), DateFact::Date(time))),
            });
        }
        let found = cache.matches.cached(line, None)?;
        Some(KnownMatch {
            template,
            found,
            date: None,
        })
    }

    /// Reads the date the template matched last, and says where it stands.
    #[inline]
    fn read_cut(
        &mut self,
        line: &str,
        detector: &DateDetector,
        template: usize,
        dated: &mut DatedLine,
    ) {
        let reader = (self.clock, detector.default_offset(), &mut self.times);
        let of_template = &detector.all()[template];
        dated.template = Some(template);
        (dated.cut, dated.date) = self.caches[template].read(of_template, line, reader);
    }

    /// The answer to the state machine's first probe, without a search. Where that settles the line,
    /// the machine is moved on.
    #[inline]
    fn first_answer(&mut self, line: &str, detector: &mut DateDetector) -> FirstAnswer {
        let Some(probe) = detector.state().first_probe(line) else {
            return FirstAnswer::Unknown;
        };
        let matches = &mut self.caches[probe.template].matches;
        let Some(found) = matches.cached(line, probe.part.as_ref()) else {
            return FirstAnswer::Unknown;
        };
        if !detector.hit_at_once(line, &found) {
            return FirstAnswer::Known;
        }
        FirstAnswer::Settles(Answer {
            probe,
            found: Some(found),
        })
    }

    /// Runs the state machine over a line and notes its probes: the template that found the
    /// date with its answer's number, and whether the last winner decided that alone. Given whether
    /// the first answer is known without a search, and what the previous winner finds.
    fn find(
        &mut self,
        line: &str,
        detector: &mut DateDetector,
        (first_is_known, known): (bool, Option<&KnownMatch>),
        (answers, no_match): (&mut Vec<Answer>, &mut u64),
        scratch: &mut Scratch,
    ) -> (Option<(usize, u32)>, bool) {
        let current = detector.state().current();
        let DateFinder {
            prefilter,
            caches,
            templates,
            ..
        } = self;
        let first = answers.len();
        let mut possible = None;
        let mut is_unknown = !first_is_known;
        let mut ask = |template: &DateTemplate,
                       probe: Probe,
                       answers: &mut Vec<Answer>,
                       no_match: &mut u64| {
            let (matches, part) = (&mut caches[probe.template].matches, probe.part.clone());
            let found = if std::mem::take(&mut is_unknown) {
                matches.search_uncached(template, line, part, scratch)?
            } else {
                matches.search(template, line, part, scratch)?
            };
            Ok(note(probe, found, answers, no_match))
        };
        let step = detector.step_last_winner(
            line,
            |template, probe| ask(template, probe, answers, no_match),
            || {
                if known.is_some() {
                    return false;
                }
                let current = current.map_or(0, template_bit);
                let possible = possible.insert(prefilter.possible(templates, line));
                current != 0 && *possible & !current == 0
            },
        );
        let hit = match step {
            Ok(LastWinnerStep::Hit(template, found)) => Some((template, found.index)),
            Ok(LastWinnerStep::NoDate) => None,
            Ok(LastWinnerStep::OthersMatter) => {
                let hit = detector.step(line, |template, probe| {
                    let bit = template_bit(probe.template);
                    let whole = probe.part.is_none() && bit != 0;
                    if whole && *no_match & bit != 0 {
                        return Ok(None);
                    }
                    let known = known.filter(|known| known.template == probe.template);
                    if let Some(known) = known.filter(|_| probe.part.is_none()) {
                        let found = Some(known.found.clone());
                        return Ok(note(probe, found, answers, no_match));
                    }
                    if whole && Some(probe.template) != current {
                        let possible =
                            possible.get_or_insert_with(|| prefilter.possible(templates, line));
                        if *possible & bit == 0 {
                            *no_match |= bit;
                            return Ok(None);
                        }
                    }
                    let missed = |a: &Answer| a.probe == probe && a.found.is_none();
                    if answers[first..].iter().any(missed) {
                        return Ok(None);
                    }
                    ask(template, probe, answers, no_match)
                });
                self.has_fault |= hit.is_err();
                let hit = hit.ok().flatten();
                let hit = hit.map(|(template, found)| (template, found.index));
                if hit.is_some_and(|(template, _)| Some(template) != current) {
                    self.previous = current;
                }
                if let Some(possible) = possible {
                    *no_match |= !possible & all_of(self.templates.len());
                }
                self.restore_match(hit, line, answers, scratch);
                return (hit, false);
            }
            Err(_) => {
                self.has_fault = true;
                return (None, false);
            }
        };
        if let Some(possible) = possible {
            // what stands for the others, should the fold have to ask
            *no_match |= !possible & all_of(templates.len());
        }
        (hit, true)
    }

    /// Searches once more for the match that gave the date, if its template has been asked
    /// again since: `TemplateCache` holds the last.
    fn restore_match(
        &mut self,
        hit: Option<(usize, u32)>,
        line: &str,
        answers: &[Answer],
        scratch: &mut Scratch,
    ) {
        let Some((template, answer)) = hit else {
            return;
        };
        let last = answers.iter().rposition(|a| a.probe.template == template);
        if last != Some(answer as usize) {
            let part = answers[answer as usize].probe.part.clone();
            let matches = &mut self.caches[template].matches;
            let again = matches.search(&self.templates[template], line, part, scratch);
            debug_assert!(matches!(again, Ok(Some(_))), "the same probe again");
        }
    }
}

/// What is known, without a search, of the first that the state machine asks.
enum FirstAnswer {
    /// The answer settles the line.
    Settles(Answer),
    /// It is known, and settles nothing.
    Known,
    Unknown,
}

/// What a template finds in a whole line.
struct KnownMatch {
    template: usize,
    found: Range<usize>,
    /// Where the date stands, and what it says, if that is known too.
    date: Option<(Span, DateFact)>,
}

/// A match and the number of its answer.
struct NumberedMatch {
    span: Range<usize>,
    index: u32,
}

impl crate::date::Span for NumberedMatch {
    fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}
