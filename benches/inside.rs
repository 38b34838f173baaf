//! What the programs beside this file time or print: the only way in for them, compiled into the
//! library with the feature `internals`.

use crate::config::{FilterRequest, Lookup, Resolution, Sourced, resolve};
use crate::date::{Clock, DateDetector};
use crate::engine::Detail;
use crate::engine::adaptive_prefilter::AdaptivePrefilter;
use crate::engine::builder::{FilterBuilder, in_order};
use crate::engine::facts::Facts;
use crate::engine::texts::Texts;
use crate::engine::verdict_sink::LineVerdict;
use crate::engine::worker::Worker;
use crate::engine::{Filter, FilterOptions, FilterRegex, Session, Stats};
use crate::input::journal::{JournalPlan, push_date};
use crate::input::sniff::Form;
use crate::input::{Block, Encoding, Window};
use crate::pattern::Scratch;
use crate::pattern::literals::required;
use std::hint::black_box;
use std::path::Path;

/// Lines of the log that [`stages`] works on.
pub const LINES: u32 = 2_000;

/// The filter `spec` of a configuration directory.
fn configured(config: &str, spec: &str) -> Filter {
    let request = FilterRequest {
        spec,
        config_dir: Some(Path::new(config)),
        backend_systemd: false,
        lookup: Lookup::TypedFirst,
    };
    let source = match resolve(&request) {
        Ok(Resolution::Filter(source)) => source,
        _ => panic!("{spec} is no filter of {config}"),
    };
    let clock = Clock::new(None);
    let mut builder = FilterBuilder::new(FilterOptions::default(), &clock);
    for setting in in_order(&source.settings) {
        let applied = builder.apply(setting);
        applied.unwrap_or_else(|error| panic!("{spec}: {error}"));
    }
    builder.finish().filter
}

/// The texts the prefilter looks for in the failregexes of the filter `spec` of a configuration
/// directory, each once.
///
/// # Panics
///
/// There is no such filter, or one of its regexes does not compile.
pub fn required_texts(config: &str, spec: &str) -> Vec<String> {
    let filter = configured(config, spec);
    let mut texts: Vec<String> = Vec::new();
    for regex in &filter.failregexes {
        let found = required(regex.regex.ast()).unwrap_or_default();
        texts.extend(
            found
                .iter()
                .map(|t| String::from_utf8_lossy(t).into_owned()),
        );
    }
    texts.sort();
    texts.dedup();
    texts
}

/// The regexes of a filter, fail2ban's tags replaced.
pub struct Regexes {
    /// The prefregex.
    pub prefregex: Option<String>,
    /// The failregexes.
    pub failregexes: Vec<String>,
}

/// The regexes of the filter `spec` of a configuration directory.
///
/// # Panics
///
/// There is no such filter, or one of its regexes does not compile.
pub fn regexes(config: &str, spec: &str) -> Regexes {
    let filter = configured(config, spec);
    let text = |regex: &FilterRegex| regex.regex.as_str().to_string();
    Regexes {
        prefregex: filter.prefregex.as_ref().map(text),
        failregexes: filter.failregexes.iter().map(text).collect(),
    }
}

/// The lines of a log as regexes see them: without the dates that the default templates find.
pub fn without_dates(log: &str) -> Vec<String> {
    let mut detector = DateDetector::default_templates(Clock::new(None).now_year());
    let mut scratch = Scratch::fast();
    let cut = |line: &str| {
        let found = detector.match_time(line, &mut scratch).ok().flatten();
        let date = found.and_then(|found| found.group1()).unwrap_or(0..0);
        format!("{}{}\n", &line[..date.start], &line[date.end..])
    };
    log.lines().map(cut).collect()
}

/// A filter of the shape most have: a prefix for every line, a few failures, one exception.
fn filter() -> Filter {
    let sourced = |text: &str| Sourced {
        text: text.into(),
        origin: None,
    };
    let mut filter = Filter::new(FilterOptions::default());
    let prefix = r"^(?P<mlfid>\s*\S+ sshd\[\d+\]: )(?:error: )?(?P<content>.+)$";
    filter.set_prefregex(sourced(prefix)).expect("compiles");
    for failregex in [
        r"^Failed \S+ for (?:invalid user )?<F-USER>\S+</F-USER> from <HOST>(?: port \d+)?(?: ssh\d*)?$",
        r"^Invalid user <F-USER>.*?</F-USER> from <HOST>(?: port \d+)?\s*$",
        r"^User <F-USER>\S+</F-USER> from <HOST> not allowed because not listed in AllowUsers$",
    ] {
        filter.add_failregex(sourced(failregex)).expect("compiles");
    }
    filter
        .add_ignoreregex(sourced("for nobody from"))
        .expect("compiles");
    filter
}

fn log() -> Block {
    let mut text = String::new();
    for n in 0..LINES {
        let (a, b, second) = (n % 251, n * 7 % 253, n % 60);
        let said = match n % 5 {
            0 => {
                format!("pam_unix(sshd:session): session opened for user root{n}(uid=0) by (uid=0)")
            }
            1 => format!("Invalid user admin from 198.51.{a}.{b} port {n}"),
            2 => {
                format!("User git from 203.0.{b}.{a} not allowed because not listed in AllowUsers")
            }
            _ => format!("Failed password for root from 192.0.{a}.{b} port {n} ssh2"),
        };
        text += &format!("Nov 20 03:14:{second:02} gate sshd[{}]: {said}\n", 1000 + n);
    }
    Block {
        text,
        first_line: 1,
        ..Block::default()
    }
}

/// [`LINES`] entries as `journalctl -o json` writes them.
pub fn journal_export() -> Vec<u8> {
    let mut export = String::new();
    for n in 0..LINES {
        let (micros, pid) = (1_762_000_000_000_000 + u64::from(n) * 1_234_567, 1000 + n);
        export += &format!(
            concat!(
                r#"{{"__CURSOR":"s=8f21{n:028x};i={n:x};b=7a1c{n:028x};m={n:x};t={m:x};x={m:016x}","#,
                r#""__REALTIME_TIMESTAMP":"{m}","__MONOTONIC_TIMESTAMP":"{n}","#,
                r#""_BOOT_ID":"7a1c{n:028x}","_TRANSPORT":"syslog","PRIORITY":"6","#,
                r#""SYSLOG_FACILITY":"10","SYSLOG_IDENTIFIER":"sshd","SYSLOG_PID":"{p}","#,
                r#""SYSLOG_TIMESTAMP":"Nov 01 12:26:40 ","MESSAGE":"Failed password for root "#,
                r#"from 192.0.2.{o} port {p} ssh2","_PID":"{p}","_UID":"0","_GID":"0","#,
                r#""_COMM":"sshd","_EXE":"/usr/sbin/sshd","_CMDLINE":"\"sshd: [accepted]\"","#,
                r#""_CAP_EFFECTIVE":"1ffffffffff","_SELINUX_CONTEXT":"unconfined\n","#,
                r#""_SYSTEMD_CGROUP":"/system.slice/ssh.service","_SYSTEMD_UNIT":"ssh.service","#,
                r#""_SYSTEMD_SLICE":"system.slice","_SYSTEMD_INVOCATION_ID":"c0ffee{n:026x}","#,
                r#""_MACHINE_ID":"5b0e{n:028x}","_HOSTNAME":"gate.example.net","#,
                r#""_SOURCE_REALTIME_TIMESTAMP":"{m}"}}"#,
                "\n"
            ),
            n = n,
            m = micros,
            o = n % 251,
            p = pid,
        );
    }
    export.into_bytes()
}

/// The lines fail2ban makes of the entries of an export.
///
/// # Panics
///
/// An entry cannot be read.
pub fn journal_lines(export: &[u8]) -> String {
    let plan = JournalPlan {
        form: Form::Json,
        matches: None,
        window: Window::default(),
        encoding: Encoding::Utf8,
        offset: 0,
    };
    let mut lines = String::new();
    plan.for_each(export, Vec::new(), |_, entry| {
        let entry = entry.expect("an entry");
        push_date(entry.time().expect("a time"), plan.offset, &mut lines);
        entry.write_line(plan.encoding, &mut lines);
    });
    lines
}

/// A stage a line goes through: its name, and one pass of it over the log.
pub type Stage = (&'static str, Box<dyn FnMut()>);

/// The stages, each on [`LINES`] lines of its own.
pub fn stages() -> Vec<Stage> {
    // the closures live as long as the program: what they share is never freed
    let filter: &'static Filter = Box::leak(Box::new(filter()));
    let block: &'static Block = Box::leak(Box::new(log()));
    let clock: &'static Clock = Box::leak(Box::new(Clock::new(Some(1_795_176_000.0))));
    let detector = DateDetector::default_templates(clock.now_year());
    let lines: Vec<&'static str> = block.timed_lines().map(|(_, line, _)| line).collect();
    let undated: &'static [String] = Box::leak(
        (lines.iter())
            .map(|line| format!("{}\n", &line[15..]))
            .collect(),
    );
    vec![
        (
            "split",
            Box::new(|| {
                black_box(
                    block
                        .timed_lines()
                        .map(|(_, line, _)| line.len())
                        .sum::<usize>(),
                );
            }),
        ),
        ("date", {
            let (mut detector, mut scratch) = (detector.clone(), Scratch::default());
            Box::new(move || {
                for line in &lines {
                    black_box(detector.match_time(line, &mut scratch)).expect("a date");
                }
            })
        }),
        (
            "prefilter",
            Box::new(|| {
                let passed = |line: &String| filter.candidates(line).count();
                black_box(undated.iter().map(passed).sum::<usize>());
            }),
        ),
        ("captures", {
            let mut scratch = Scratch::default();
            let mut adaptive = AdaptivePrefilter::default();
            let (mut texts, mut facts) = (Texts::new(String::new()), Facts::new(Detail::All));
            Box::new(move || {
                for line in undated {
                    facts.clear();
                    texts.clear_aside();
                    let place = texts.join(&[line]);
                    let (adaptive, scratch) = (&mut adaptive, &mut scratch);
                    black_box(facts.add(filter, &mut texts, place, adaptive, scratch, &mut ()));
                }
            })
        }),
        ("facts of a block", {
            let mut worker = Worker::new(filter, clock, Detail::Verdict);
            let mut guess = detector.clone();
            Box::new(move || {
                black_box(worker.block(block.clone(), Some(&mut guess)));
            })
        }),
        ("fold", {
            let mut guess = detector.clone();
            let mut worker = Worker::new(filter, clock, Detail::Verdict);
            worker.block(block.clone(), Some(&mut guess));
            let mut facts = worker.block(block.clone(), Some(&mut guess));
            let mut session = Session::new(filter, clock, Some(detector.clone()));
            let mut stats = Stats::new(filter.failregexes.len(), 1, Default::default());
            let mut scratch = Scratch::default();
            Box::new(move || {
                session.fold(&mut facts, &mut scratch, &mut |folded: LineVerdict| {
                    let prefregex = Some(folded.prefregex);
                    stats.record(folded.line, folded.number, folded.outcome, prefregex);
                });
            })
        }),
        ("whole", {
            let mut worker = Worker::new(filter, clock, Detail::Verdict);
            let mut session = Session::new(filter, clock, Some(detector.clone()));
            let mut guess = detector;
            let mut scratch = Scratch::default();
            Box::new(move || {
                let mut facts = worker.block(block.clone(), Some(&mut guess));
                session.fold(&mut facts, &mut scratch, &mut |folded: LineVerdict| {
                    black_box(folded.outcome);
                });
            })
        }),
    ]
}
