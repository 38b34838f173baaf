//! What the filters of a set find in the lines of a block, line by line: on any thread.

use super::dates::SharedDate;
use super::required_texts::Concerned;
use super::{DatedBlock, FilterSet};
use crate::engine::facts::{Facts, LineFact};
use crate::engine::filter_regex::Detail;
use crate::engine::prefilter::AdaptivePrefilter;
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
            texts: SmallVec::new(),
        }
    }

    /// What the filters find in a block.
    pub(super) fn block(&mut self, dated: DatedBlock) -> SearchedBlock {
        let mut block = SearchedBlock {
            dated,
            facts: Facts::new(Detail::Verdict),
            hits: Vec::new(),
            near: Vec::new(),
        };
        for line in 0..block.dated.lines.len() {
            panic_context::at(u64::from(block.dated.lines[line].offset));
            let (texts, hits) = (block.dated.texts.end(), block.hits.len());
            self.concerned(&block.dated, line);
            block.facts.memo.next_line();
            self.line(&mut block, line);
            if block.hits.len() == hits {
                block.dated.texts.forget_from(texts);
            }
        }
        block
    }

    /// Finds the filters that a line concerns, whatever is cut out of it.
    fn concerned(&mut self, block: &DatedBlock, line: usize) {
        let required_texts = &self.set.required_texts;
        let text = block.texts.get(block.lines[line].place);
        required_texts.begin(text, &mut self.concerned);
        let mut seams: SmallVec<[Span; 4]> = SmallVec::new();
        for dates in &block.dates {
            let SharedDate { cut, .. } = dates[line];
            let is_seam = 0 < cut.start && cut.start < cut.end;
            if is_seam && !seams.contains(&cut) {
                required_texts.add_seam(text, cut, &mut self.concerned);
                seams.push(cut);
            }
        }
        required_texts.end(&mut self.concerned);
    }

    /// Searches a line with the filters it concerns.
    fn line(&mut self, block: &mut SearchedBlock, line: usize) {
        self.texts.clear();
        for filter in numbers(self.concerned.filters()) {
            let member = &self.set.members[filter];
            let (number, filter_number) = (line as u32, filter as u32);
            if member.filter.is_multi_line() {
                block.near.push((number, filter_number));
                continue;
            }
            let SharedDate { cut, .. } = block.dated.dates[self.set.group_of[filter]][line];
            // dates that are cut out alike leave the same text
            let known = self.texts.iter().find(|(known, _)| *known == cut);
            let text = known.map(|(_, text)| *text).unwrap_or_else(|| {
                let text = block.dated.text(line, cut);
                self.texts.push((cut, text));
                text
            });
            let fact = block.facts.add(
                member.filter,
                &mut block.dated.texts,
                text,
                &mut self.adaptive[filter],
                &mut self.scratch,
                &mut (),
            );
            if !fact.is_missed() {
                block.hits.push(Hit {
                    line: number,
                    filter: filter_number,
                    fact,
                });
            }
        }
    }
}
