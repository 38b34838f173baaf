//! Blocks through workers to the fold: parallel, in order, in bounded memory.
//!
//! The calling thread reads and folds; the threads of a pool compute facts. At most a few
//! blocks per thread are under way. Results do not depend on the number of threads or the
//! size of blocks: `speculation` says why.

use super::filter_regex::Detail;
use super::line_buffer::LineBuffer;
use super::session::Session;
use super::session_table::SessionTable;
use super::speculation::block::BlockFacts;
use super::speculation::worker::Worker;
use super::verdict_sink::VerdictSink;
use crate::date::{DateDetector, DetectorState};
use crate::input::{Next, RawBlock};
use crate::pattern::Scratch;
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

/// Blocks under way beyond one per thread.
const BLOCKS_AHEAD: usize = 3;

/// Threads at most: more would only wait for the fold, each with a block in its hands.
const MOST_THREADS: usize = 256;

/// Threads from which on workers count the verdicts of their blocks. That is a little more work
/// for all of them together; fewer threads than this have as much to do as the one that folds.
const COUNTING_THREADS: usize = 4;

/// Threads used where none are asked for: one per core.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `session` over all blocks `next` gives, in order. `each` sees every tested line with
/// its verdict, `done` every block behind its lines. `next` is asked to wait for a block only
/// where none is under way: what has come of a pipe is judged while more is waited for.
///
/// # Errors
///
/// The error of `next`; what was read before it has been judged then.
pub(crate) fn run<E>(
    session: &mut Session,
    threads: usize,
    detail: Detail,
    next: impl FnMut(bool) -> Result<Next, E>,
    each: impl VerdictSink,
    done: impl FnMut(&BlockFacts),
) -> Result<(), E> {
    let threads = threads.min(MOST_THREADS);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    match pool.build() {
        Ok(pool) if threads > 1 => {
            let workers = &Workers::new(session, detail, threads >= COUNTING_THREADS);
            let fold = Fold::new(session, each, done);
            pool.in_place_scope_fifo(|scope| on_pool(scope, threads, workers, fold, next))
        }
        // where no threads are to be had, one is enough for the same verdict
        _ => on_one_thread(session, detail, next, each, done),
    }
}

/// Reads, computes and folds block by block.
fn on_one_thread<E>(
    session: &mut Session,
    detail: Detail,
    mut next: impl FnMut(bool) -> Result<Next, E>,
    each: impl VerdictSink,
    done: impl FnMut(&BlockFacts),
) -> Result<(), E> {
    let mut worker = Worker::new(session.filter, session.clock, detail);
    let mut guess = session.detector.clone();
    let mut fold = Fold::new(session, each, done);
    while let Next::Block(block) = next(true)? {
        if let (Some(guess), Some(detector)) = (&mut guess, &fold.session.detector) {
            guess.set_state(detector.state().clone());
        }
        if fold.may_count() {
            worker.count_missed();
        }
        worker.begin_with(fold.session.buffer.clone());
        let mut facts = worker.block(block.decode(), guess.as_mut());
        fold.block(&mut facts);
        worker.reuse(facts);
    }
    Ok(())
}

/// The facts of a block, or the panic of the thread that computed them.
type Outcome = Result<BlockFacts, Box<dyn Any + Send>>;

/// Reads and folds here, and has the pool compute in between.
fn on_pool<'scope, 'f: 'scope, E>(
    scope: &rayon::ScopeFifo<'scope>,
    threads: usize,
    workers: &'scope Workers<'f>,
    mut fold: Fold<'_, '_, impl VerdictSink, impl FnMut(&BlockFacts)>,
    mut next: impl FnMut(bool) -> Result<Next, E>,
) -> Result<(), E> {
    let (send, receive) = mpsc::channel::<(u64, Outcome)>();
    let mut waiting: BTreeMap<u64, Outcome> = BTreeMap::new();
    let (mut read, mut folded) = (0u64, 0u64);
    let mut end: Option<Result<(), E>> = None;
    workers.may_count(&fold);
    loop {
        while end.is_none() && read - folded < (threads + BLOCKS_AHEAD) as u64 {
            match next(read == folded) {
                Ok(Next::Block(block)) => {
                    let (number, send) = (read, send.clone());
                    scope.spawn_fifo(move |_| {
                        workers.block(number, block, |number, facts| {
                            // nobody listens any more only if the run is over
                            let _ = send.send((number, facts));
                        });
                    });
                    read += 1;
                }
                Ok(Next::NotYet) => break,
                Ok(Next::End) => end = Some(Ok(())),
                Err(error) => end = Some(Err(error)),
            }
        }
        if read == folded
            && let Some(end) = end
        {
            return end;
        }
        let Ok((number, facts)) = receive.recv() else {
            return end.unwrap_or(Ok(()));
        };
        waiting.insert(number, facts);
        while let Some(facts) = waiting.remove(&folded) {
            let mut facts = facts.unwrap_or_else(|panic| resume_unwind(panic));
            fold.block(&mut facts);
            folded += 1;
            workers.may_count(&fold);
            workers.folded(facts, fold.session);
        }
    }
}

/// The end of the pipeline: what judges, and what receives the verdicts.
struct Fold<'s, 'f, S, D> {
    session: &'s mut Session<'f>,
    scratch: Scratch,
    each: S,
    done: D,
}

impl<'s, 'f, S: VerdictSink, D: FnMut(&BlockFacts)> Fold<'s, 'f, S, D> {
    fn new(session: &'s mut Session<'f>, each: S, done: D) -> Self {
        Fold {
            session,
            scratch: Scratch::fast(),
            each,
            done,
        }
    }

    /// Whether missed lines need only be counted.
    fn may_count(&self) -> bool {
        !self.session.keeps_prefregex() && self.each.counts_missed()
    }

    /// Whether blocks need only be counted.
    fn may_count_blocks(&self) -> bool {
        self.session.may_count_blocks() && self.each.counts_blocks()
    }

    fn block(&mut self, facts: &mut BlockFacts) {
        self.session.fold(facts, &mut self.scratch, &mut self.each);
        (self.done)(facts);
        facts.give_back();
    }
}

/// What the threads of the pool share.
struct Workers<'f> {
    new: Box<dyn Fn() -> Worker<'f> + Send + Sync + 'f>,
    /// Those at rest: as many as have ever been needed at once.
    idle: Mutex<Vec<(Worker<'f>, Option<DateDetector>)>>,
    newest: Mutex<Newest>,
    /// What every worker's own detector begins as.
    detector: Option<DateDetector>,
    /// Blocks that were folded: fewer than are under way.
    used: Mutex<Vec<BlockFacts>>,
    /// Missed lines need only be counted.
    counts_missed: AtomicBool,
    /// So do blocks.
    counts_blocks: AtomicBool,
    /// There are threads enough for that.
    may_count_blocks: bool,
    /// Lines depend on sessions, so a block waits for the end of the one before it.
    has_sessions: bool,
    seams: Mutex<Seams>,
}

/// The newest true state: the best guess for any block.
#[derive(Clone, Default)]
struct Newest {
    /// Of the date detector.
    detector: Option<DetectorState>,
    /// The buffer of a multi-line filter.
    buffer: LineBuffer,
}

impl Newest {
    fn of(session: &Session) -> Newest {
        Newest {
            detector: session.detector.as_ref().map(|d| d.state().clone()),
            buffer: session.buffer.clone(),
        }
    }
}

/// What blocks behind each other have to do with each other.
#[derive(Default)]
struct Seams {
    /// By the number of a block: the sessions behind it, or None if no guess of them was made.
    behind: BTreeMap<u64, Option<SessionTable>>,
    /// Blocks whose facts are known and that wait for the one before them.
    waiting: BTreeMap<u64, BlockFacts>,
}

/// A block whose facts are known, and a guess of the sessions before it, if one was made.
type Ready = (u64, BlockFacts, Option<SessionTable>);

impl Seams {
    /// Adds a block and the sessions behind it: the blocks that need wait no longer.
    fn join(&mut self, number: u64, facts: BlockFacts, behind: Option<SessionTable>) -> Vec<Ready> {
        let mut ready = Vec::new();
        let before = match number.checked_sub(1) {
            Some(before) => self.behind.remove(&before),
            None => Some(None),
        };
        match before {
            Some(before) => ready.push((number, facts, before)),
            None => {
                self.waiting.insert(number, facts);
            }
        }
        match self.waiting.remove(&(number + 1)) {
            Some(next) => ready.push((number + 1, next, behind)),
            None => {
                self.behind.insert(number, behind);
            }
        }
        ready
    }
}

impl<'f> Workers<'f> {
    fn new(session: &Session<'f>, detail: Detail, may_count_blocks: bool) -> Workers<'f> {
        let (filter, clock) = (session.filter, session.clock);
        Workers {
            new: Box::new(move || Worker::new(filter, clock, detail)),
            idle: Mutex::default(),
            newest: Mutex::new(Newest::of(session)),
            detector: session.detector.clone(),
            used: Mutex::default(),
            counts_missed: AtomicBool::new(false),
            counts_blocks: AtomicBool::new(false),
            may_count_blocks,
            has_sessions: filter.has_sessions(),
            seams: Mutex::default(),
        }
    }

    /// Takes over from the fold what is only counted from here on.
    fn may_count(&self, fold: &Fold<'_, '_, impl VerdictSink, impl FnMut(&BlockFacts)>) {
        let store = |flag: &AtomicBool, value| flag.store(value, Ordering::Relaxed);
        store(&self.counts_missed, fold.may_count());
        store(
            &self.counts_blocks,
            self.may_count_blocks && fold.may_count_blocks(),
        );
    }

    /// Takes back a block that was folded, and the state it led to.
    fn folded(&self, facts: BlockFacts, session: &Session) {
        lock(&self.used).push(facts);
        *lock(&self.newest) = Newest::of(session);
    }

    /// Computes the facts of a block and counts its verdicts, if they may be counted; `done`
    /// receives it, or the panic it ended in. The block behind it may be waiting for that, and
    /// is done then as well.
    fn block(&self, number: u64, block: Box<RawBlock>, done: impl Fn(u64, Outcome)) {
        let idle = lock(&self.idle).pop();
        let (mut worker, mut guess) = idle.unwrap_or_else(|| ((self.new)(), self.detector.clone()));
        let mut number = number;
        let computed = catch_unwind(AssertUnwindSafe(|| {
            let facts = self.facts(block, &mut worker, guess.as_mut());
            let counts_blocks = self.counts_blocks.load(Ordering::Relaxed);
            let ready = if self.has_sessions {
                let behind = counts_blocks.then(|| worker.sessions_behind(&facts));
                lock(&self.seams).join(number, facts, behind)
            } else {
                vec![(number, facts, counts_blocks.then(SessionTable::default))]
            };
            for (ready, mut facts, sessions) in ready {
                number = ready;
                if let Some(sessions) = sessions {
                    worker.count(&mut facts, sessions);
                }
                done(ready, Ok(facts));
            }
        }));
        match computed {
            Ok(()) => lock(&self.idle).push((worker, guess)),
            Err(panic) => done(number, Err(panic)),
        }
    }

    fn facts(
        &self,
        block: Box<RawBlock>,
        worker: &mut Worker<'f>,
        mut guess: Option<&mut DateDetector>,
    ) -> BlockFacts {
        let newest = lock(&self.newest).clone();
        if let (Some(guess), Some(newest)) = (&mut guess, newest.detector) {
            guess.set_state(newest);
        }
        worker.begin_with(newest.buffer);
        if let Some(used) = lock(&self.used).pop() {
            worker.reuse(used);
        }
        if self.counts_missed.load(Ordering::Relaxed) {
            worker.count_missed();
        }
        worker.block(block.decode(), guess)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
