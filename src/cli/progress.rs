//! How far a long run is, on standard error: only where that is a terminal, and only once
//! the run has lasted a second.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// How long a run stays silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears late, or never.
pub(super) struct Progress {
    wanted: bool,
    started: Instant,
    size: Option<u64>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar over `size` bytes of input; None where that is not known.
    pub(crate) fn new(wanted: bool, size: Option<u64>) -> Progress {
        Progress {
            wanted: wanted && io::stderr().is_terminal(),
            started: Instant::now(),
            size,
            bar: None,
        }
    }

    /// The run has read `position` bytes and tested `lines`, of which `hits` matched.
    pub(crate) fn show(&mut self, position: u64, lines: u64, hits: i64) {
        let elapsed = self.started.elapsed();
        if !self.wanted || elapsed < PATIENCE {
            return;
        }
        let size = self.size;
        let bar = self.bar.get_or_insert_with(|| new_bar(size, elapsed));
        bar.set_position(position);
        let rate = (lines as f64 / elapsed.as_secs_f64()) as u64;
        let hits = u64::try_from(hits).unwrap_or(0);
        let noun = if hits == 1 { "hit" } else { "hits" };
        let (rate, hits) = (HumanCount(rate), HumanCount(hits));
        bar.set_message(format!("{rate} lines/s, {hits} {noun}"));
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(size: Option<u64>, elapsed: Duration) -> ProgressBar {
    let template = match size {
        Some(_) => "{bar:24} {bytes}/{total_bytes}, {msg}, {eta} left",
        None => "{spinner} {bytes}, {msg}, {elapsed}",
    };
    let bar = match size {
        Some(size) => ProgressBar::new(size),
        None => ProgressBar::new_spinner(),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
    // the template is ours: where it is not understood, the default bar does as well
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.with_elapsed(elapsed)
}
