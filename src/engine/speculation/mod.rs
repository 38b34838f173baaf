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
//! *The fold adds counts.* Where nobody asks for single lines, the worker also judges its block, on
//! a guess of the sessions in front of it ([`counter`]), and the fold takes the counts over where
//! dates and sessions turn out to be those that were guessed (`FifoMap::adopt`). So what has to
//! be done in line order is a comparison for each block, and an addition for each of its
//! addresses. One thread alone does without: it has nobody to wait for.
//!
//! *Buffers are guessed as well.* What a multi-line filter finds depends on the lines before, less
//! those that matches took out. A worker searches from the newest buffer it can get, and the fold
//! takes over what it found from the line on behind which both have the same lines
//! (`course::BufferCourse`).
//!
//! Most lines look like the one before. So there are shortcuts, in both halves:
//!
//! | shortcut | where | saves | without it | exact because |
//! |---|---|---|---|---|
//! | match guard | `date::MatchCache`, `pattern::MatchGuard` | the search of a date that stands in a text like the last one | +26 %, +131 %, +16 % | the guard holds only in texts in which the attempt at that place ends as it did; `tests/internal/match_guard.rs` |
//! | last date | `date::LastDate` | reading a date that differs from the last by its seconds | +35 %, +138 %, +24 % | all that is read is the same text but for two digits of seconds within one minute |
//! | same minute | `date::SameMinute` | both of these where the date begins the line, or stands behind the first `[`: one test of its first bytes | +5 %, +19 %, 0 | it makes the tests of a guard and of a last date |
//! | stable runs | `block::StableRun`, `DetectorState::advance_run` | the machine's steps in the fold | +7 %, +75 %, 0 | such lines read only the last winner and its last hit, which is the key the fold compares |
//! | missed runs | `block::MissedRun` | an entry, and a verdict, for each line nothing was found in | +1 %, +55 %, 0 | such a line changes only the last date and the counts; a line that changes more ends the run |
//! | pending runs | `pending_run::PendingRun` | the machine's steps in the worker, where the last winner's dates begin the line | +5 %, 0, 0 | what the machine remembers of such lines decides nothing before the run's end |
//! | passed lines | `passed_lines::PassedLines` | all that is done for a line, where no text that is required stands in it and its date is known by its first bytes | 0, +16 %, 0 | each line passes the same tests; what is noted of them is a sum |
//! | previous winner | `date_finder::DateFinder::known_of_previous` | search, reading and prefilter where a log has two formats | two formats in turn: +15 % | a guard and a last date again, of the template that won before the last winner; asked is as the machine asks |
//! | date prefilter | `date_prefilter::DatePrefilter` | searches with templates of other formats | 0, 0, -6 %; where no line has a date +58 %, where one of four has none +27 % | `engine::prefilter` rules out by first bytes and required texts |
//! | no-match bits | `block::BlockLine::no_match` | an `Answer` for each template that matches nowhere; what the prefilter rules out has no other place | 0, +1 %, +1 % | a bit stands for the same answer to the same probe |
//! | detector taken over | `confirm::Session::adopt_detector` | the machine's steps in the fold, where the worker began with the true state: always, on one thread | not measured by itself | the same state moves the same way over the same lines |
//! | lone winner | `DetectorState::step_alone` | asking all templates of a line in which one matches, or none | not measured by itself | what the others would answer is known, so their order does not matter |
//! | lines passed over | `course::Session::pass_quiet` | a verdict for each line of a multi-line filter in whose buffer nothing is found | not measured by itself | as for missed runs |
//!
//! "Without it" is in instructions a line (callgrind, one thread), each switched off by itself, on
//! three logs of `benches/make_logs.py`: auth with sshd, mail with dovecot, and two date formats
//! in turn with sshd.
//!
//! All of it is held to one session that is given line after line, with 1 to 8 threads, blocks
//! from 64 bytes, lines of mixed formats, and every filter on every sample:
//! `tests/internal/parallel.rs`. What a row names beside that tests its own part.

pub(crate) mod block;
mod confirm;
mod counter;
mod counts;
mod course;
mod date_finder;
mod date_prefilter;
mod fold;
mod passed_lines;
mod pending_run;
mod searched;
mod template_cache;
pub(crate) mod worker;

pub(super) use block::DateFact;
pub(super) use fold::LineDate;
pub(super) use template_cache::TemplateCache;
