//! The state machine of fail2ban's date detector: which template is tried where,
//! and how a hit moves it. It searches nothing itself: a callback says where a
//! template matches.

mod last_winner;
mod resume;

pub(crate) use last_winner::LastWinnerStep;
pub(crate) use resume::DatePlace;

use std::ops::Range;

use super::chars;

/// Where a template matched: bytes of the line.
pub(crate) trait Span {
    /// First byte, and the byte behind the last.
    fn span(&self) -> Range<usize>;
}

impl Span for Range<usize> {
    fn span(&self) -> Range<usize> {
        self.clone()
    }
}

/// What a line asks of the callback: template number (in the detector's original
/// order), and the part of the line to search, `None` for all of it. A search in
/// a part is `re.search(line, start, end)`: the end cuts the line, the start does
/// not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Number of the template in [`super::DateDetector::all`].
    pub(crate) template: usize,
    /// Where to search, in bytes of the line.
    pub(crate) part: Option<Range<usize>>,
}

/// A line was matched, but only by nothing at its end: upstream dies of an
/// IndexError there (`DateDetector.matchTime` looks at the next character).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EmptyAtEnd;

/// Counters of one template.
#[derive(Clone, Debug, PartialEq)]
struct Slot {
    /// Tied to the begin or end of the line.
    anchored: bool,
    weight: f64,
    hits: u64,
    /// The regex matched some line, even if another template won it.
    matched: bool,
    /// Where its last hit began, in characters.
    distance: usize,
}

impl Slot {
    fn rank(&self) -> f64 {
        self.hits as f64 * self.weight / self.distance.max(1) as f64
    }
}

/// The last hit: its ends in characters and what stood around them; an empty
/// string of upstream's slices is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LastHit {
    start: usize,
    before_start: Option<char>,
    at_start: Option<char>,
    end: usize,
    before_end: Option<char>,
    at_end: Option<char>,
}

impl LastHit {
    /// A hit on these bytes of a line.
    #[inline]
    fn new(line: &str, span: Range<usize>) -> LastHit {
        let Range { start, end } = span;
        let bytes = line.as_bytes();
        // mostly all up to the date and the character behind it is ASCII, and the date no
        // empty text at the line's begin
        if let (Some(head), 1..) = (bytes.get(..=end), end)
            && head.is_ascii()
        {
            let char_at = |at: usize| Some(char::from(head[at]));
            return LastHit {
                start,
                before_start: start.checked_sub(1).and_then(char_at),
                at_start: char_at(start),
                end,
                before_end: char_at(end - 1),
                at_end: char_at(end),
            };
        }
        // an empty match at the begin: Python's line[-1] is the last character
        let head = if end == 0 { line } else { &line[..end] };
        LastHit {
            start: chars::count(line, start),
            before_start: line[..start].chars().next_back(),
            at_start: line[start..].chars().next(),
            end: chars::count(line, end),
            before_end: head.chars().next_back(),
            at_end: line[end..].chars().next(),
        }
    }
}

/// Everything of a date detector that changes from line to line (upstream's
/// `DateDetector` without its templates). Small and cloneable.
///
/// Upstream also lets a template overtake one that was last used 300 seconds of
/// wall clock before it; our clock stands still, so only a template that was
/// never used counts as that old.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DetectorState {
    slots: Vec<Slot>,
    /// Template numbers in their current order.
    order: Vec<usize>,
    /// The position in `order` of the last winner.
    current: Option<usize>,
    last: LastHit,
    first_unused: usize,
}

/// All of a state that decides a line which no other template than the last winner matches:
/// see [`DetectorState::step_last_winner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DetectorKey {
    template: usize,
    last: LastHit,
}

/// Upstream's "no distance yet".
const FAR: usize = 0x7fff_ffff;

impl DetectorState {
    /// A fresh state; for each template whether it is anchored to the begin or end
    /// of the line, and its weight.
    pub(crate) fn new(templates: impl Iterator<Item = (bool, f64)>) -> DetectorState {
        let slots: Vec<Slot> = templates
            .map(|(anchored, weight)| Slot {
                anchored,
                weight,
                hits: 0,
                matched: false,
                distance: FAR,
            })
            .collect();
        DetectorState {
            order: (0..slots.len()).collect(),
            slots,
            current: None,
            last: LastHit {
                start: 1,
                before_start: None,
                at_start: None,
                end: FAR,
                before_end: None,
                at_end: None,
            },
            first_unused: 0,
        }
    }

    /// Template numbers in their current order.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The template that won the last dated line: the first to be tried.
    pub(crate) fn current(&self) -> Option<usize> {
        self.current.map(|position| self.order[position])
    }

    /// Lines this template won.
    pub(crate) fn hits(&self, template: usize) -> u64 {
        self.slots[template].hits
    }

    /// Where its last hit began, in characters; `None` before the first.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn distance(&self, template: usize) -> Option<usize> {
        Some(self.slots[template].distance).filter(|_| self.slots[template].hits > 0)
    }

    /// Hits times weight by distance: what the order follows.
    pub(crate) fn rank(&self, template: usize) -> f64 {
        self.slots[template].rank()
    }

    /// One line of upstream's `matchTime`: the winning template and its match.
    ///
    /// `find` must answer as the template's regex does; it is asked about a
    /// template at most once for the whole line, and before that about at most one
    /// part of it.
    pub(crate) fn step<M: Span, E: From<EmptyAtEnd>>(
        &mut self,
        line: &str,
        find: impl FnMut(Probe) -> Result<Option<M>, E>,
    ) -> Result<Option<(usize, M)>, E> {
        self.step_among(line, |_| true, find)
    }

    /// The same, where only templates that are `possible` match the line: `find` is asked about no
    /// other.
    pub(crate) fn step_among<M: Span, E: From<EmptyAtEnd>>(
        &mut self,
        line: &str,
        possible: impl Fn(usize) -> bool,
        mut find: impl FnMut(Probe) -> Result<Option<M>, E>,
    ) -> Result<Option<(usize, M)>, E> {
        let mut ask = |slots: &mut [Slot], template, part| {
            let answer = find(Probe { template, part })?;
            slots[template].matched |= answer.is_some();
            Ok::<_, E>(answer)
        };
        // the best so far: match, first character, position
        let mut reserve: Option<(M, usize, usize)> = None;
        let mut skip = None;
        if let Some(position) = self.current {
            let template = self.order[position];
            let part = self.expected_part(line);
            if part.is_none() {
                skip = Some(position);
            }
            if possible(template)
                && let Some(found) = ask(&mut self.slots, template, part)?
            {
                let span = found.span();
                if self.settles(line, template, &span) {
                    return self.hit(line, position, found).map(Some);
                }
                reserve = Some((found, chars::count(line, span.start), position));
            }
        }
        for position in 0..self.order.len() {
            if Some(position) == skip {
                continue;
            }
            let template = self.order[position];
            if !possible(template) {
                continue;
            }
            let Some(found) = ask(&mut self.slots, template, None)? else {
                continue;
            };
            let slot = &self.slots[template];
            let next = self.order.get(position + 1).map(|&next| &self.slots[next]);
            let start = chars::count(line, found.span().start);
            let settled = slot.anchored
                || next.is_none_or(|next| start == 0 && slot.hits > 0 && !next.matched)
                || (start <= slot.distance && start <= self.last.start);
            if settled {
                return self.hit(line, position, found).map(Some);
            }
            if reserve.as_ref().is_none_or(|best| start < best.1) {
                reserve = Some((found, start, position));
            }
        }
        match reserve {
            Some((found, _, position)) => self.hit(line, position, found).map(Some),
            None => Ok(None),
        }
    }

    /// [`DetectorState::step`] for a line in which no template matches but perhaps `only`, there:
    /// whatever the order, it wins. None, and nothing is changed, where a part of the line would
    /// be asked about first.
    pub(crate) fn step_alone<E: From<EmptyAtEnd>>(
        &mut self,
        line: &str,
        only: Option<(usize, Range<usize>)>,
    ) -> Option<Result<(), E>> {
        if self.expected_part(line).is_some() {
            return None;
        }
        let Some((template, found)) = only else {
            return Some(Ok(()));
        };
        let position = self.order.iter().position(|&other| other == template)?;
        self.slots[template].matched = true;
        Some(self.hit(line, position, found).map(|_| ()))
    }

    /// Whether what the last winner found needs no comparison with others: it is the only
    /// template, is tied to an end of the line, or matched where it did the last time.
    #[inline]
    fn settles(&self, line: &str, template: usize, span: &Range<usize>) -> bool {
        self.order.len() == 1
            || self.slots[template].anchored
            || chars::count(line, span.start) == self.last.start
                && chars::count(line, span.end) == self.last.end
    }

    /// The part of the line where the last winner is expected, if what stands at
    /// the ends of the last hit stands there again; `None`: search the whole line.
    #[inline]
    fn expected_part(&self, line: &str) -> Option<Range<usize>> {
        let position = self.current?;
        if self.slots[self.order[position]].anchored {
            return None;
        }
        let last = &self.last;
        let start = chars::Spot::of(line, last.start);
        let end = chars::Spot::of(line, last.end);
        let inside = |here: Option<char>, then: Option<char>| {
            here == then && !then.is_some_and(chars::is_alphanumeric)
        };
        let fits = (start.before == last.before_start || inside(start.at, last.at_start))
            && (end.at == last.at_end || inside(end.before, last.before_end));
        fits.then_some(start.byte..end.byte)
    }

    /// Counts the hit, remembers its ends, moves the template up.
    fn hit<M: Span, E: From<EmptyAtEnd>>(
        &mut self,
        line: &str,
        position: usize,
        found: M,
    ) -> Result<(usize, M), E> {
        let Range { start, end } = found.span();
        let template = self.order[position];
        let last = LastHit::new(line, start..end);
        let distance = last.start;
        let slot = &mut self.slots[template];
        slot.hits += 1;
        slot.distance = distance;
        if self.first_unused == position {
            self.first_unused += 1;
        }
        if last.at_start.is_none() {
            return Err(EmptyAtEnd.into());
        }
        self.last = last;
        let moves = position > 0 && Some(position) != self.current;
        self.current = Some(if moves {
            self.reorder(position)
        } else {
            position
        });
        Ok((template, found))
    }

    /// Moves the template at `position` up if it outranks the one there: to the
    /// first unused place or half way, else by one (`_reorderTemplate`).
    fn reorder(&mut self, position: usize) -> usize {
        let rank = self.slots[self.order[position]].rank();
        let outranks = |target: usize| {
            let slot = &self.slots[self.order[target]];
            rank > slot.rank() || slot.hits == 0
        };
        let far = if self.first_unused < position {
            self.first_unused
        } else {
            position / 2
        };
        let target = if outranks(far) {
            far
        } else if far != position - 1 && outranks(position - 1) {
            position - 1
        } else {
            return position;
        };
        self.order[target..=position].rotate_right(1);
        while self
            .order
            .get(self.first_unused)
            .is_some_and(|&t| self.slots[t].hits > 0)
        {
            self.first_unused += 1;
        }
        target
    }
}
