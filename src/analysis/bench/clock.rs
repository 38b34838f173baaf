//! Watching stages with a clock: what each took, what each line took in it.
//!
//! One reading of the clock stands between two stages; what the reading itself takes is
//! measured first and taken off. On a busy machine a stage is sometimes interrupted in its
//! middle: see [`INTERRUPTED`].

use super::stages::{Observer, Stage};
use super::units::Nanos;
use std::collections::BTreeMap;
use std::time::Instant;

/// A try that takes so much longer than the quickest try of the same stage on the same line
/// (nanoseconds and times) was interrupted by the system; the quickest is counted for it.
const INTERRUPTED: (f64, f64) = (10_000.0, 10.0);

/// What was seen of one stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Indexes of the lines it ran on, in order; a line may come twice.
    pub(crate) lines: Vec<u32>,
    /// Whether it matched there.
    pub(crate) hits: Vec<bool>,
    /// The least time it took there over all passes, nanoseconds.
    pub(crate) least: Vec<f32>,
    /// Its time over all lines, pass by pass.
    pub(crate) totals: Vec<Nanos>,
}

/// Times stages over several passes of the same lines.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    /// What one reading of the clock takes, nanoseconds.
    reading: f64,
    last: Instant,
    line: u32,
    first_pass: bool,
    /// By stage: what was seen, time in this pass, entries in this pass.
    stages: BTreeMap<Stage, (Seen, f64, usize)>,
}

impl Default for Stopwatch {
    fn default() -> Self {
        Stopwatch {
            reading: reading_time(),
            last: Instant::now(),
            line: 0,
            first_pass: true,
            stages: BTreeMap::new(),
        }
    }
}

/// Time this thread has been running, whatever else ran meanwhile.
pub(crate) fn thread_time() -> Nanos {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Nanos(time.tv_sec as f64 * 1e9 + time.tv_nsec as f64)
    }
    #[cfg(not(unix))]
    {
        static BEGIN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        BEGIN.elapsed().into()
    }
}

/// The median time between two readings of the clock with nothing in between.
fn reading_time() -> f64 {
    let mut times: Vec<f64> = Vec::with_capacity(1001);
    for _ in 0..1001 {
        let from = Instant::now();
        let to = Instant::now();
        times.push(to.duration_since(from).as_nanos() as f64);
    }
    times.sort_by(f64::total_cmp);
    super::units::median(&times)
}

impl Stopwatch {
    /// Ends a pass; without `count` it was a warm-up, whose total is dropped.
    pub(crate) fn end_pass(&mut self, count: bool) {
        self.first_pass = false;
        for (seen, time, entries) in self.stages.values_mut() {
            if count {
                seen.totals.push(Nanos(*time));
            }
            (*time, *entries) = (0.0, 0);
        }
    }

    /// What was seen, by stage.
    pub(crate) fn finish(self) -> BTreeMap<Stage, Seen> {
        self.stages
            .into_iter()
            .map(|(stage, (seen, ..))| (stage, seen))
            .collect()
    }
}

impl Observer for Stopwatch {
    #[inline]
    fn line(&mut self, index: usize) {
        self.line = index as u32;
        self.last = Instant::now();
    }

    #[inline]
    fn done(&mut self, stage: Stage, hit: bool) {
        let now = Instant::now();
        let took = now.duration_since(self.last).as_nanos() as f64;
        let took = (took - self.reading).max(0.0);
        let (seen, total, entries) = self.stages.entry(stage).or_default();
        let mut counted = took;
        if self.first_pass {
            seen.lines.push(self.line);
            seen.hits.push(hit);
            seen.least.push(took as f32);
        } else if let Some(least) = seen.least.get_mut(*entries) {
            let quickest = f64::from(*least);
            if took > INTERRUPTED.0 && took > INTERRUPTED.1 * quickest {
                counted = quickest;
            }
            *least = least.min(took as f32);
        }
        *total += counted;
        *entries += 1;
        // the book-keeping above is nobody's time
        self.last = Instant::now();
    }

    fn more(&mut self, stage: Stage) {
        let took = self.last.elapsed().as_nanos() as f64;
        let took = (took - self.reading).max(0.0);
        if let Some((seen, total, _)) = self.stages.get_mut(&stage) {
            if self.first_pass
                && let Some(least) = seen.least.last_mut()
            {
                *least += took as f32;
            }
            *total += took;
        }
        self.last = Instant::now();
    }
}
