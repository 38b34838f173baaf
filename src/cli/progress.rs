//! How far a long run is, on standard error: only where that is a terminal, and only once
//! the run has lasted a second.

use crate::report::text::{counted, grouped};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
        let bar = (self.bar).get_or_insert_with(|| new_bar(size, template(size), elapsed));
        bar.set_position(position);
        let rate = grouped((lines as f64 / elapsed.as_secs_f64()) as u64);
        let hits = counted(u64::try_from(hits).unwrap_or(0), "hit", "hits");
        bar.set_message(format!("{rate} lines/s, {hits}"));
    }

    /// `done` of `total` rounds are over, of what `message` says.
    pub(crate) fn round(&mut self, done: u64, total: u64, message: &str) {
        let elapsed = self.started.elapsed();
        if !self.wanted || elapsed < PATIENCE {
            return;
        }
        let bar = (self.bar).get_or_insert_with(|| new_bar(Some(total), ROUNDS, elapsed));
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(message.to_owned());
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// The bar takes what is left of the terminal's width: no line is longer than that.
fn template(size: Option<u64>) -> &'static str {
    match size {
        Some(_) => "{wide_bar} {bytes}/{total_bytes}, {msg}, {eta} left",
        None => "{spinner} {bytes}, {msg}, {elapsed}",
    }
}

/// Rounds of measuring.
const ROUNDS: &str = "{msg} {wide_bar} {pos}/{len}";

fn new_bar(size: Option<u64>, template: &str, elapsed: Duration) -> ProgressBar {
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
