//! What the filters of a set find in the lines of a block, line by line: on any thread.

use super::block_dates::SharedDate;
use super::required_texts::Concerned;
use super::{DatedBlock, FilterSet};
use crate::engine::adaptive_prefilter::AdaptivePrefilter;
use crate::engine::facts::{Facts, LineFact};
use crate::engine::filter_regex::Detail;
use crate::engine::text_masks::numbers;
use crate::engine::texts::Span;
use crate::input::panic_context;
use crate::pattern::Scratch;
use smallvec::SmallVec;

/// A filter found something in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// The line's number in its block, of those tested.
    pub(super) line: u32,
    /// The filter's number.
    pub(super) filter: u32,
    pub(super) fact: LineFact,
}

/// A block of lines with what was found in them, in the order of lines, then of filters.
pub(super) struct SearchedBlock {
    pub(super) dated: DatedBlock,
    pub(super) facts: Facts,
    pub(super) hits: Vec<Hit>,
    /// Lines that have a text of a multi-line filter: line and filter.
    pub(super) near: Vec<(u32, u32)>,
}

/// Searches blocks; one per thread.
pub(super) struct Searcher<'f> {
    set: &'f FilterSet<'f>,
    scratch: Scratch,
    adaptive: Vec<AdaptivePrefilter>,
    /// The filters a line concerns.
    concerned: Concerned,
    /// By family of filters, the lines of a block that concern one of them, and that filter.
    work: Vec<Vec<(u32, u32)>>,
    /// What a line is left as, by what is cut out of it.
    texts: SmallVec<[(Span, Span); 4]>,
}

impl<'f> Searcher<'f> {
    pub(super) fn new(set: &'f FilterSet<'f>) -> Searcher<'f> {
        let mut adaptive = Vec::new();
        adaptive.resize_with(set.members.len(), AdaptivePrefilter::default);
        Searcher {
            set,
            scratch: Scratch::for_lines(),
            adaptive,
            concerned: set.required_texts.nobody(),
            work: vec![Vec::new(); set.families.count],
            texts: SmallVec::new(),
        }
    }

    /// What the filters find in a block: family by family, so that the code and the tables of one
    /// are near the processor while it is asked.
    pub(super) fn block(&mut self, dated: DatedBlock) -> SearchedBlock {
        let mut block = SearchedBlock {
            dated,
            facts: Facts::new(Detail::Verdict),
            hits: Vec::new(),
            near: Vec::new(),
        };
        for line in 0..block.dated.lines.len() {
            self.concerned(&block.dated, line);
            for filter in numbers(self.concerned.filters()) {
                let concerned = (line as u32, filter as u32);
                if self.set.members[filter].filter.is_multi_line() {
                    block.near.push(concerned);
                } else {
                    self.work[self.set.families.of[filter]].push(concerned);
                }
            }
        }
        for family in 0..self.work.len() {
            let mut work = std::mem::take(&mut self.work[family]);
            for of_line in work.chunk_by(|one, next| one.0 == next.0) {
                self.line(&mut block, of_line);
            }
            work.clear();
            self.work[family] = work;
        }
        (block.hits).sort_unstable_by_key(|hit| (hit.line, hit.filter));
        block
    }

    /// Finds the filters that a line concerns, whatever is cut out of it.
    fn concerned(&mut self, block: &DatedBlock, line: usize) {
        let required_texts = &self.set.required_texts;
        let text = block.texts.get(block.lines[line].place);
        required_texts.begin(text, &mut self.concerned);
        let mut seams: SmallVec<[Span; 4]> = SmallVec::new();
        for &SharedDate { cut, .. } in block.dates.of(line) {
            let is_seam = 0 < cut.start && cut.start < cut.end;
            if is_seam && !seams.contains(&cut) {
                required_texts.add_seam(text, cut, &mut self.concerned);
                seams.push(cut);
            }
        }
        required_texts.end(&mut self.concerned);
    }

    /// Searches a line with those filters of a family that it concerns.
    fn line(&mut self, block: &mut SearchedBlock, concerned: &[(u32, u32)]) {
        let Some(&(line, _)) = concerned.first() else {
            return;
        };
        let at = line as usize;
        panic_context::at(u64::from(block.dated.lines[at].offset));
        let (texts, hits) = (block.dated.texts.end(), block.hits.len());
        block.facts.memo.next_line();
        self.texts.clear();
        for &(_, filter) in concerned {
            let number = filter as usize;
            let SharedDate { cut, .. } = block.dated.dates.of(at)[self.set.group_of[number]];
            // dates that are cut out alike leave the same text
            let known = self.texts.iter().find(|(known, _)| *known == cut);
            let text = known.map(|(_, text)| *text).unwrap_or_else(|| {
                let text = block.dated.text(at, cut);
                self.texts.push((cut, text));
                text
            });
            let fact = block.facts.add(
                self.set.members[number].filter,
                &mut block.dated.texts,
                text,
                &mut self.adaptive[number],
                &mut self.scratch,
                &mut (),
            );
            if !fact.is_missed() {
                block.hits.push(Hit { line, filter, fact });
            }
        }
        if block.hits.len() == hits {
            block.dated.texts.forget_from(texts);
        }
    }
}
