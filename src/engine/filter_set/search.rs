//! What the filters of a set find in the lines of a block, line by line: on any thread.

use super::dates::SharedDate;
use super::required_texts::Concerned;
use super::{DatedBlock, FilterSet};
use crate::engine::facts::{Facts, LineFact};
use crate::engine::filter_regex::Detail;
use crate::engine::prefilter::AdaptivePrefilter;
use crate::engine::text_masks::both;
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
    /// The filters concerned by each text a line is left as, and room to find them.
    concerned: Vec<Concerned>,
}

impl<'f> Searcher<'f> {
    pub(super) fn new(set: &'f FilterSet<'f>) -> Searcher<'f> {
        let mut adaptive = Vec::new();
        adaptive.resize_with(set.members.len(), AdaptivePrefilter::default);
        Searcher {
            set,
            scratch: Scratch::for_lines(),
            adaptive,
            concerned: Vec::new(),
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
        let groups = self.set.groups.len();
        for line in 0..block.dated.lines.len() {
            panic_context::at(u64::from(block.dated.lines[line].offset));
            let (texts, hits) = (block.dated.texts.end(), block.hits.len());
            let mut texts_of: SmallVec<[(Span, Span); 4]> = SmallVec::new();
            for group in 0..groups {
                let SharedDate { cut, .. } = block.dated.dates[group][line];
                // dates that are cut out alike leave the same text
                let known = texts_of.iter().position(|(known, _)| *known == cut);
                let at = known.unwrap_or_else(|| {
                    texts_of.push((cut, self.text(&mut block, line, cut, texts_of.len())));
                    texts_of.len() - 1
                });
                self.line(&mut block, line, group, (texts_of[at].1, at));
            }
            if block.hits.len() == hits {
                block.dated.texts.forget_from(texts);
            }
        }
        block
    }

    /// What is left of a line without its date, the line's `number`th such text, and which
    /// filters it concerns.
    fn text(&mut self, block: &mut SearchedBlock, line: usize, cut: Span, number: usize) -> Span {
        let required_texts = &self.set.required_texts;
        if self.concerned.len() <= number {
            self.concerned.push(required_texts.nobody());
        }
        let text = block.dated.text(line, cut);
        required_texts.concerned(block.dated.texts.get(text), &mut self.concerned[number]);
        text
    }

    /// Searches a line, of which `text` is left without its date, with the filters of a group.
    fn line(
        &mut self,
        block: &mut SearchedBlock,
        line: usize,
        group: usize,
        (text, number): (Span, usize),
    ) {
        let group = &self.set.groups[group];
        for filter in both(self.concerned[number].filters(), &group.members) {
            let member = &self.set.members[filter];
            let (number, filter_number) = (line as u32, filter as u32);
            if member.filter.is_multi_line() {
                block.near.push((number, filter_number));
                continue;
            }
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
