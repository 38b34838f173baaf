//! Dates by guess: threads search blocks of lines before anyone knows the state of the date
//! detector in front of them, and the fold takes over what holds.
//!
//! # The problem
//!
//! Which date template is tried first on a line, and where, depends on all dates before it
//! (`date::DetectorState`, upstream's `DateDetector`). Without more, dates could only be
//! searched line after line, on one thread.
//!
//! # The way out
//!
//! *A worker guesses.* It runs the state machine from the newest state it can get, and notes
//! each probe the machine made (which template, on which part of the line) with the answer.
//!
//! *The fold checks.* It runs the machine again from the true state, and takes noted answers for
//! the very same probes; any other probe it searches itself. An answer depends on template,
//! part and line alone, so the true machine gets true answers, and a bad guess costs time but
//! no verdict. What the worker made of the date (its time, the facts of the line without it)
//! holds if the answer that gives the date is the worker's; else the line is judged anew.
//!
//! Most lines look like the one before. So there are shortcuts, in both halves:
//!
//! | shortcut | where | saves | exact because |
//! |---|---|---|---|
//! @TABLE@
//!
//! Instructions a line, as a share of those of the whole run without the shortcut, with all
//! others on: callgrind, one thread, 3 000 lines of each log of `benches/make_logs.py`. The
//! range is over sshd, dovecot, postfix, nginx-botsearch and apache-auth.
//!
//! All of it is held to one session that is given line after line, with 1 to 8 threads, blocks
//! from 64 bytes, lines of mixed formats, and every filter on every sample: `tests/internal/
//! parallel.rs`. What a row names beside that tests its own part.

pub(crate) mod block;
mod date_finder;
mod fold;
pub(crate) mod worker;
