//! Many filters over one log in one pass, each with the verdicts of a run of its own.
//!
//! What a run of one filter does is done once for all of them where it does not depend on the
//! filter: lines are read once, dates are found once for each datepattern (`dates`), and one
//! search for the texts that the filters' regexes require says which filters a line can concern
//! (`required_texts`). Those are then run as they always are (`engine::facts`, `find_failure`), and judged
//! in the order of lines by a session of each.
//!
//! ```text
//! blocks ─ dates, in order ─ search, on the threads of a pool ─ sessions, in order ─ sink
//! ```
//!
//! A line that no regex of a filter hit, took back or gave up on changes nothing in its session
//! (`speculation::block::MissedRun`): such lines are not judged, and are those of a log that are
//! left when all others are counted. The sessions of multi-line filters have to know every line;
//! they are handed all of them (`multi_line`).

mod block_dates;
mod dates;
mod families;
mod multi_line;
mod possible_dates;
mod required_texts;
mod search;
mod templates;

use super::dns::UseDns;
use super::facts::KnownLine;
use super::filter::{Filter, FilterOptions};
use super::session::{LineOutcome, Session};
use super::texts::{Span, Texts};
use crate::date::{Clock, DateDetector, Timestamp};
use crate::input::block::is_tested;
use crate::input::{Block, Next, RawBlock};
use crate::pattern::Scratch;
use block_dates::{BlockDates, SharedDate};
use dates::GroupDates;
use families::Families;
use multi_line::Buffers;
use possible_dates::PossibleDates;
use required_texts::RequiredTexts;
use search::{SearchedBlock, Searcher};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};
use templates::Templates;

/// A filter of a set.
pub(crate) struct Member<'f> {
    /// The filter.
    pub(crate) filter: &'f Filter,
    /// What tells its datepattern from others; None for the default templates.
    pub(crate) datepattern: Option<&'f str>,
    /// Finds its dates.
    pub(crate) detector: &'f DateDetector,
}

/// Filters to be run together.
pub(crate) struct FilterSet<'f> {
    members: Vec<Member<'f>>,
    /// By group of filters that find dates alike, what finds them.
    groups: Vec<DateDetector>,
    /// By member, its group.
    group_of: Vec<usize>,
    required_texts: RequiredTexts,
    families: Families,
    /// A filter without regexes, for the sessions that only see dates.
    nothing: Filter,
}

/// What a filter says of a line.
pub(crate) struct MemberVerdict<'v> {
    /// The filter's number in its set.
    pub(crate) member: usize,
    /// The verdict.
    pub(crate) outcome: LineOutcome,
    /// The name of the date template that found the line's date.
    pub(crate) template: Option<&'v str>,
}

/// What receives the verdicts of a set.
pub(crate) trait FilterSetSink {
    /// A line, its number in its log from 1, and what the filters say that found something in
    /// it; all others missed it.
    fn line(&mut self, line: &str, number: u64, verdicts: &[MemberVerdict]);

    /// A block, behind its lines.
    fn block(&mut self, block: &Block);
}

/// A line of a block that is tested.
#[derive(Clone, Copy, Debug)]
struct Line {
    place: Span,
    /// Lines before it in the block.
    offset: u32,
    number: u64,
}

/// A block whose dates are known.
struct DatedBlock {
    texts: Texts,
    block: Block,
    lines: Vec<Line>,
    dates: BlockDates,
}

impl DatedBlock {
    /// The text the regexes see of a line of which `cut` is its date.
    fn text(&mut self, line: usize, cut: Span) -> Span {
        let place = self.lines[line].place;
        let part = |start, end| Span { start, end };
        let before = part(place.start, place.start + cut.start);
        let behind = part(place.start + cut.end, place.end);
        self.texts.cut(before, behind)
    }
}

impl<'f> FilterSet<'f> {
    /// A set of filters. Errors: what is wrong with their texts as a whole.
    pub(crate) fn new(members: Vec<Member<'f>>) -> Result<FilterSet<'f>, String> {
        let mut patterns: Vec<Option<&str>> = Vec::new();
        let mut group_of = Vec::new();
        for member in &members {
            let known = patterns
                .iter()
                .position(|known| *known == member.datepattern);
            group_of.push(known.unwrap_or_else(|| {
                patterns.push(member.datepattern);
                patterns.len() - 1
            }));
        }
        let groups = (0..patterns.len()).filter_map(|group| {
            let first = group_of.iter().position(|of| *of == group)?;
            Some(members[first].detector.clone())
        });
        let groups = groups.collect();
        let required_texts = RequiredTexts::new(members.iter().map(|member| member.filter));
        Ok(FilterSet {
            required_texts: required_texts.map_err(|error| error.to_string())?,
            families: Families::new(members.iter().map(|member| member.filter)),
            groups,
            group_of,
            members,
            nothing: Filter::new(FilterOptions {
                usedns: UseDns::Raw,
                ..FilterOptions::default()
            }),
        })
    }
}

/// Runs the filters of `set` over all blocks `next` gives, in order; `done` is called behind each.
///
/// # Errors
///
/// The error of `next`; what was read before it has been judged then.
pub(crate) fn run<E, S: FilterSetSink>(
    set: &FilterSet,
    clock: &Clock,
    threads: usize,
    mut next: impl FnMut() -> Result<Next, E>,
    sink: &mut S,
    mut done: impl FnMut(&S),
) -> Result<(), E> {
    let mut dates = Dates::new(set, clock);
    let mut fold = Fold::new(set, clock);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .build();
    let Some(pool) = pool.ok().filter(|_| threads > 1) else {
        let mut searcher = Searcher::new(set);
        while let Next::Block(block) = next()? {
            let searched = searcher.block(dates.block(*block));
            fold.block(searched, &dates, sink);
            done(sink);
        }
        return Ok(());
    };
    let idle = &Mutex::new(Vec::new());
    pool.in_place_scope_fifo(|scope| {
        let (send, receive) = mpsc::channel::<(u64, Outcome)>();
        let mut waiting: BTreeMap<u64, Outcome> = BTreeMap::new();
        let (mut read, mut folded) = (0u64, 0u64);
        let mut end = None;
        loop {
            while end.is_none() && read - folded < threads as u64 + BLOCKS_AHEAD {
                match next() {
                    Ok(Next::Block(block)) => {
                        let dated = dates.block(*block);
                        let (number, send) = (read, send.clone());
                        scope.spawn_fifo(move |_| {
                            let searched = AssertUnwindSafe(|| search(set, idle, dated));
                            // nobody listens any more only if the run is over
                            let _ = send.send((number, catch_unwind(searched)));
                        });
                        read += 1;
                    }
                    Ok(_) => end = Some(Ok(())),
                    Err(error) => end = Some(Err(error)),
                }
                while let Ok((number, searched)) = receive.try_recv() {
                    waiting.insert(number, searched);
                }
                if waiting.contains_key(&folded) {
                    break;
                }
            }
            if read == folded
                && let Some(end) = end
            {
                return end;
            }
            if !waiting.contains_key(&folded) {
                let Ok((number, searched)) = receive.recv() else {
                    return end.unwrap_or(Ok(()));
                };
                waiting.insert(number, searched);
            }
            while let Some(searched) = waiting.remove(&folded) {
                let searched = searched.unwrap_or_else(|panic| resume_unwind(panic));
                fold.block(searched, &dates, sink);
                done(sink);
                folded += 1;
            }
        }
    })
}

/// Blocks under way beyond one per thread.
const BLOCKS_AHEAD: u64 = 2;

/// A block that was searched, or the panic of the thread that did it.
type Outcome = Result<SearchedBlock, Box<dyn Any + Send>>;

/// Searches a block with one of the searchers at rest.
fn search<'f>(
    set: &'f FilterSet<'f>,
    idle: &Mutex<Vec<Searcher<'f>>>,
    dated: DatedBlock,
) -> SearchedBlock {
    let at_rest = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    let searcher = at_rest().pop();
    let mut searcher = searcher.unwrap_or_else(|| Searcher::new(set));
    let searched = searcher.block(dated);
    at_rest().push(searcher);
    searched
}

/// Finds the dates of all groups, block by block.
struct Dates<'f> {
    groups: Vec<GroupDates<'f>>,
    templates: Templates<'f>,
    possible: PossibleDates,
}

impl<'f> Dates<'f> {
    fn new(set: &'f FilterSet, clock: &'f Clock) -> Dates<'f> {
        let mut templates = Templates::new(clock);
        let groups = set
            .groups
            .iter()
            .map(|detector| GroupDates::new(&set.nothing, clock, detector.clone(), &mut templates));
        let groups: Vec<_> = groups.collect();
        let numbers = groups.iter().map(GroupDates::numbers);
        Dates {
            possible: PossibleDates::new(templates.all().count(), numbers),
            groups,
            templates,
        }
    }

    /// The next block.
    fn block(&mut self, raw: RawBlock) -> DatedBlock {
        let mut block = raw.decode();
        let text = std::mem::take(&mut block.text);
        let lines = lines(&text, &block);
        let mut dates = BlockDates::new(lines.len(), self.groups.len());
        let mut possible = Vec::new();
        for line in &lines {
            let text = &text[line.place.start as usize..line.place.end as usize];
            let entries = block.entries.as_ref();
            if let Some(&time) = entries.and_then(|of| of.times.get(line.offset as usize)) {
                let date = of_entry(text, time);
                (0..self.groups.len()).for_each(|_| dates.add(date));
                continue;
            }
            self.templates.next_line();
            (self.possible).of_line(text, &self.templates, &mut possible);
            let groups = self.groups.iter_mut().zip(&possible);
            for (group, possible) in groups {
                dates.add(group.next(text, *possible, &mut self.templates));
            }
        }
        DatedBlock {
            texts: Texts::new(text),
            lines,
            dates,
            block,
        }
    }
}

/// The lines of a block that are tested: of a journal every entry is.
fn lines(text: &str, block: &Block) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (offset, whole) in (0u32..).zip(text.split_inclusive('\n')) {
        let entries = block.entries.as_ref();
        let line = match entries {
            Some(_) => whole.strip_suffix('\n').unwrap_or(whole),
            None => whole.trim_end_matches(['\r', '\n']),
        };
        let number = match entries {
            Some(entries) => entries.numbers.get(offset as usize).copied().unwrap_or(0),
            None => block.first_line + u64::from(offset),
        };
        if entries.is_some() || is_tested(line) {
            lines.push(Line {
                place: Span::new(start, start + line.len()),
                offset,
                number,
            });
        }
        start += whole.len();
    }
    lines
}

/// A journal entry's date stands before its first blank, and is known.
fn of_entry(entry: &str, time: f64) -> SharedDate {
    SharedDate {
        cut: Span::new(0, entry.find(' ').map_or(0, |at| at + 1)),
        date: Some(Timestamp::Float(time)),
        no_date: false,
        stands_in: false,
        template: None,
    }
}

/// Judges what was found, in the order of lines.
struct Fold<'f> {
    set: &'f FilterSet<'f>,
    sessions: Vec<Session<'f>>,
    buffers: Buffers,
    scratch: Scratch,
    /// Room for what sessions say.
    spares: Vec<LineOutcome>,
}

impl<'f> Fold<'f> {
    fn new(set: &'f FilterSet<'f>, clock: &'f Clock) -> Fold<'f> {
        let members = set.members.iter();
        let sessions = members.map(|member| Session::new(member.filter, clock, None));
        Fold {
            set,
            sessions: sessions.collect(),
            buffers: Buffers::new(set),
            scratch: Scratch::fast(),
            spares: Vec::new(),
        }
    }

    fn block(&mut self, block: SearchedBlock, dates: &Dates, sink: &mut impl FilterSetSink) {
        let SearchedBlock { dated, facts, .. } = &block;
        let (mut hits, mut near) = (block.hits.iter().peekable(), block.near.iter().peekable());
        let mut verdicts = Vec::new();
        for (number, line) in dated.lines.iter().enumerate() {
            let text = dated.texts.get(line.place);
            let dates_of_line = dated.dates.of(number);
            let date_of = |group: usize| &dates_of_line[group];
            let verdict = |member: usize, outcome| {
                let group = self.set.group_of[member];
                let template = date_of(group).template;
                MemberVerdict {
                    member,
                    outcome,
                    template: template.map(|at| dates.groups[group].template_name(at)),
                }
            };
            while let Some(hit) = hits.next_if(|hit| hit.line as usize == number) {
                let member = hit.filter as usize;
                let date = date_of(self.set.group_of[member]);
                let known = KnownLine {
                    facts,
                    texts: &dated.texts,
                    fact: &hit.fact,
                    date: date.date,
                    no_date: date.no_date,
                };
                let mut outcome = self.spares.pop().unwrap_or_default();
                // failures do not keep their lines here
                self.sessions[member].judge(known, Default::default, &mut outcome);
                verdicts.push(verdict(member, outcome));
            }
            if !self.buffers.is_empty() {
                while let Some((_, filter)) = near.next_if(|near| near.0 as usize == number) {
                    self.buffers.concerns(*filter as usize);
                }
                let judged = |member, outcome| verdicts.push(verdict(member, outcome));
                let (sessions, scratch) = (&mut self.sessions, &mut self.scratch);
                (self.buffers).line(text, date_of, sessions, scratch, judged);
            }
            sink.line(text, line.number, &verdicts);
            (self.spares).extend(verdicts.drain(..).map(|verdict: MemberVerdict| {
                let mut outcome = verdict.outcome;
                outcome.clear();
                outcome
            }));
            self.spares.truncate(self.set.members.len());
        }
        let SearchedBlock { mut dated, .. } = block;
        sink.block(&dated.block);
        dated
            .block
            .spares
            .give(dated.texts.take_block().into_bytes());
    }
}
