//! Blocks through workers to the fold: parallel, in order, in bounded memory.
//!
//! The calling thread reads and folds; the threads of a pool compute facts. At most a few
//! blocks per thread are under way. Results do not depend on the number of threads or the
//! size of blocks: `block` says why.

use super::block::BlockFacts;
use super::facts::Detail;
use super::fold::{LineVerdict, VerdictSink};
use super::session::Session;
use super::worker::Worker;
use crate::date::{DateDetector, DetectorState};
use crate::input::{Next, RawBlock, panic_context};
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
    mut next: impl FnMut(bool) -> Result<Next, E>,
    mut each: impl VerdictSink,
    mut done: impl FnMut(&BlockFacts),
) -> Result<(), E> {
    let mut scratch = Scratch::fast();
    let (filter, clock) = (session.filter, session.clock);
    let may_count = !session.keeps_prefregex();
    if filter.is_multi_line() {
        return in_order(session, next, each, done);
    }
    if threads <= 1 {
        let mut worker = Worker::new(filter, clock, detail);
        let mut guess = session.detector.clone();
        while let Next::Block(block) = next(true)? {
            if let (Some(guess), Some(detector)) = (&mut guess, &session.detector) {
                guess.set_state(detector.state().clone());
            }
            if may_count && each.counts_missed() {
                worker.count_plain();
            }
            let mut facts = worker.block(block.decode(), guess.as_mut());
            session.fold(&facts, &mut scratch, &mut each);
            done(&facts);
            facts.give_back();
            worker.reuse(facts);
        }
        return Ok(());
    }
    let threads = threads.min(MOST_THREADS);
    let crew = WorkerPool {
        newest: Mutex::new(session.detector.as_ref().map(|d| d.state().clone())),
        detector: session.detector.clone(),
        used: Mutex::default(),
        counts_plain: AtomicBool::new(may_count && each.counts_missed()),
    };
    let crew = &crew;
    let (give, take) = mpsc::channel::<(u64, Box<RawBlock>)>();
    let take = &Mutex::new(take);
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        let spawn = || {
            let send = send.clone();
            let work = move || {
                let mut worker = Worker::new(filter, clock, detail);
                let mut guess = crew.detector.clone();
                loop {
                    let Ok((number, block)) = lock(take).recv() else {
                        break;
                    };
                    let work = || crew.block(block, &mut worker, guess.as_mut());
                    let facts = catch_unwind(AssertUnwindSafe(work));
                    // nobody listens any more only if the run is over
                    let _ = send.send((number, facts));
                }
            };
            std::thread::Builder::new().spawn_scoped(scope, work)
        };
        if spawn().is_err() {
            // no threads to be had: one is enough for the same verdict
            return run(session, 1, detail, next, each, done);
        }
        let mut hired = 1;
        // what is dropped last ends the threads
        let give = give;
        let mut waiting: BTreeMap<u64, Outcome> = BTreeMap::new();
        let (mut read, mut folded) = (0u64, 0u64);
        let mut end: Option<Result<(), E>> = None;
        loop {
            while end.is_none() && read - folded < (threads + BLOCKS_AHEAD) as u64 {
                match next(read == folded) {
                    Ok(Next::Block(block)) => {
                        // somebody takes it: no thread ends before `give` does
                        let _ = give.send((read, block));
                        read += 1;
                        if read - folded > hired && hired < threads as u64 && spawn().is_ok() {
                            hired += 1;
                        }
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
                session.fold(&facts, &mut scratch, &mut each);
                done(&facts);
                facts.give_back();
                lock(&crew.used).push(facts);
                if may_count && each.counts_missed() {
                    crew.counts_plain.store(true, Ordering::Relaxed);
                }
                folded += 1;
                if let Some(detector) = &session.detector {
                    *lock(&crew.newest) = Some(detector.state().clone());
                }
            }
        }
    })
}

/// The facts of a block, or the panic of the thread that computed them.
type Outcome = Result<BlockFacts, Box<dyn Any + Send>>;

/// What the threads share.
struct WorkerPool {
    /// The newest true state of the date detector: the best guess for any block.
    newest: Mutex<Option<DetectorState>>,
    /// What every thread's own detector begins as.
    detector: Option<DateDetector>,
    /// Blocks that were folded: fewer than are under way.
    used: Mutex<Vec<BlockFacts>>,
    /// Plain lines need only be counted.
    counts_plain: AtomicBool,
}

impl WorkerPool {
    fn block(
        &self,
        block: Box<RawBlock>,
        worker: &mut Worker,
        mut guess: Option<&mut DateDetector>,
    ) -> BlockFacts {
        if let (Some(guess), Some(newest)) = (&mut guess, lock(&self.newest).clone()) {
            guess.set_state(newest);
        }
        if let Some(used) = lock(&self.used).pop() {
            worker.reuse(used);
        }
        if self.counts_plain.load(Ordering::Relaxed) {
            worker.count_plain();
        }
        worker.block(block.decode(), guess)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A multi-line filter: its text depends on the lines before, so it runs in order.
fn in_order<E>(
    session: &mut Session,
    mut next: impl FnMut(bool) -> Result<Next, E>,
    mut each: impl VerdictSink,
    mut done: impl FnMut(&BlockFacts),
) -> Result<(), E> {
    let mut scratch = Scratch::fast();
    while let Next::Block(block) = next(true)? {
        let block = block.decode();
        let mut tested = 0;
        for (number, line, time) in block.timed_lines() {
            panic_context::at(number.saturating_sub(block.first_line));
            let outcome = match time {
                None => session.line(line, &mut scratch),
                Some(time) => session.entry(line, time, &mut scratch),
            };
            tested += 1;
            each.line(LineVerdict {
                line,
                number,
                outcome: &outcome,
                prefregex: session.prefregex(),
                last_date: session.last_date(),
            });
        }
        done(&BlockFacts::empty(block, tested));
    }
    Ok(())
}
