//! Blocks through workers to the fold: parallel, in order, in bounded memory.
//!
//! The calling thread reads and folds; the threads of a pool compute facts. At most a few
//! blocks per thread are under way. Results do not depend on the number of threads or the
//! size of blocks: `speculation` says why.

use super::filter_regex::Detail;
use super::session::Session;
use super::speculation::block::BlockFacts;
use super::speculation::worker::Worker;
use super::verdict::VerdictSink;
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
            let workers = &Workers::new(session, detail);
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
    workers.counts_missed(fold.may_count());
    loop {
        while end.is_none() && read - folded < (threads + BLOCKS_AHEAD) as u64 {
            match next(read == folded) {
                Ok(Next::Block(block)) => {
                    let (number, send) = (read, send.clone());
                    scope.spawn_fifo(move |_| {
                        let facts = catch_unwind(AssertUnwindSafe(|| workers.block(block)));
                        // nobody listens any more only if the run is over
                        let _ = send.send((number, facts));
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
            workers.counts_missed(fold.may_count());
            workers.folded(facts, fold.session.detector.as_ref());
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
    /// The newest true state of the date detector: the best guess for any block.
    newest: Mutex<Option<DetectorState>>,
    /// What every worker's own detector begins as.
    detector: Option<DateDetector>,
    /// Blocks that were folded: fewer than are under way.
    used: Mutex<Vec<BlockFacts>>,
    /// Missed lines need only be counted.
    counts_missed: AtomicBool,
}

impl<'f> Workers<'f> {
    fn new(session: &Session<'f>, detail: Detail) -> Workers<'f> {
        let (filter, clock) = (session.filter, session.clock);
        Workers {
            new: Box::new(move || Worker::new(filter, clock, detail)),
            idle: Mutex::default(),
            newest: Mutex::new(session.detector.as_ref().map(|d| d.state().clone())),
            detector: session.detector.clone(),
            used: Mutex::default(),
            counts_missed: AtomicBool::new(false),
        }
    }

    fn counts_missed(&self, may: bool) {
        self.counts_missed.store(may, Ordering::Relaxed);
    }

    /// Takes back a block that was folded, and the state it led to.
    fn folded(&self, facts: BlockFacts, detector: Option<&DateDetector>) {
        lock(&self.used).push(facts);
        if let Some(detector) = detector {
            *lock(&self.newest) = Some(detector.state().clone());
        }
    }

    fn block(&self, block: Box<RawBlock>) -> BlockFacts {
        let idle = lock(&self.idle).pop();
        let (mut worker, mut guess) = idle.unwrap_or_else(|| ((self.new)(), self.detector.clone()));
        if let (Some(guess), Some(newest)) = (&mut guess, lock(&self.newest).clone()) {
            guess.set_state(newest);
        }
        if let Some(used) = lock(&self.used).pop() {
            worker.reuse(used);
        }
        if self.counts_missed.load(Ordering::Relaxed) {
            worker.count_missed();
        }
        let facts = worker.block(block.decode(), guess.as_mut());
        lock(&self.idle).push((worker, guess));
        facts
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
