//! Threads, blocks and guesses change nothing: every line's verdict, the date templates and
//! their order are those of one session that is given line after line.

use crate::fuzzing::verdicts;

use crate::config::{FilterRequest, Lookup, Resolution, resolve};
use crate::date::{Clock, DateDetector, TimeZone};
use crate::engine::Detail;
use crate::engine::builder::{self, Built, FilterBuilder};
use crate::engine::session::PrefregexState;
use crate::engine::stats::{Keep, Retention, Stats};
use crate::engine::verdict_sink::{LineVerdict, VerdictSink};
use crate::engine::{Filter, FilterOptions, LineOutcome, Session, pipeline};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use crate::pattern::Scratch;
use proptest::prelude::*;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use verdicts::{in_order, templates, verdict};

pub(super) struct Ready {
    pub(super) filter: Filter,
    pub(super) detector: DateDetector,
    pub(super) clock: Clock,
}

/// A filter of a configuration directory.
pub(super) fn ready(config_dir: &Path, spec: &str) -> Ready {
    let ready = ready_if_filter(config_dir, spec);
    ready.unwrap_or_else(|| panic!("{spec} is a filter of {}", config_dir.display()))
}

/// The same; None for a file other filters include.
fn ready_if_filter(config_dir: &Path, spec: &str) -> Option<Ready> {
    let clock = Clock::in_zone(1_795_176_000.0, TimeZone::local());
    let request = FilterRequest {
        spec,
        config_dir: Some(config_dir),
        backend_systemd: false,
        lookup: Lookup::TypedFirst,
    };
    let Ok(Resolution::Filter(source)) = resolve(&request) else {
        return None;
    };
    let mut builder = FilterBuilder::new(FilterOptions::default(), &clock);
    for setting in builder::in_order(&source.settings) {
        builder.apply(setting).expect("a good setting");
    }
    let Built {
        filter, detector, ..
    } = builder.finish();
    Some(Ready {
        filter,
        detector,
        clock,
    })
}

fn in_blocks(ready: &Ready, log: &str, threads: usize, bytes: usize) -> (Vec<String>, Vec<String>) {
    let mut session = Session::new(&ready.filter, &ready.clock, Some(ready.detector.clone()));
    let options = ReadOptions {
        block_bytes: bytes,
        ..ReadOptions::default()
    };
    let mut blocks = ReadAhead::new(LogSet::new(vec![LogSource::Literal(log.into())], options));
    let mut verdicts = Vec::new();
    let ran: Result<(), LogError> = pipeline::run(
        &mut session,
        threads,
        Detail::Verdict,
        |wait| blocks.next_block(wait),
        |line: LineVerdict| verdicts.push(verdict(line.number, line.outcome)),
        |_| {},
    );
    ran.expect("a literal reads");
    (verdicts, templates(&session))
}

/// What a run takes by number where it may.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum ByNumber {
    Nothing,
    MissedLines,
    Blocks,
}

/// Counts as the report does.
struct Counter<'f> {
    filter: &'f Filter,
    stats: Stats,
    by_number: ByNumber,
    /// Blocks that were taken by number.
    blocks: usize,
}

impl<'f> Counter<'f> {
    fn new(filter: &'f Filter, by_number: ByNumber) -> Counter<'f> {
        let (fails, ignores) = (filter.failregexes.len(), filter.ignoreregexes.len());
        let retention = Retention {
            // block by block they need all be full
            missed: Keep::None,
            ignored: Keep::None,
            ..Retention::default()
        };
        Counter {
            filter,
            stats: Stats::new(fails, ignores, retention),
            by_number,
            blocks: 0,
        }
    }

    fn add(&mut self, line: &str, number: u64, outcome: &LineOutcome, state: &PrefregexState) {
        let prefregex = self.filter.prefregex.is_some().then_some(state);
        self.stats.record(line, number, outcome, prefregex);
    }

    /// All counts; the users and regexes of addresses by name, not by the numbers they have here.
    fn text(self) -> String {
        let stats = &self.stats;
        let numbers = (
            (stats.tested, stats.matched, stats.ignored, stats.missed),
            (stats.prefregex_hits, stats.pending_matches, stats.untracked),
            (&stats.failregexes, &stats.ignoreregexes),
            (&stats.exhausted, stats.undated_matches),
        );
        let addresses = stats.addresses.iter().map(|(id, address)| {
            let users: Vec<&str> = address.users.names(&stats.users).collect();
            let (regexes, more) = (stats.failregexes_of(address), address.more_users);
            let (hits, span, kind) = (address.hits, address.span(), address.kind);
            format!("{id} {kind:?} {hits} {span:?} {regexes:?} {users:?} {more}\n")
        });
        format!("{numbers:?}\n{}", addresses.collect::<String>())
    }
}

impl VerdictSink for &mut Counter<'_> {
    fn line(&mut self, verdict: LineVerdict) {
        self.add(
            verdict.line,
            verdict.number,
            verdict.outcome,
            verdict.prefregex,
        );
    }

    fn counts_missed(&self) -> bool {
        self.by_number >= ByNumber::MissedLines
    }

    fn missed(&mut self, lines: u64, prefregex: u64) {
        self.stats.missed(lines, prefregex);
    }

    fn counts_blocks(&self) -> bool {
        self.by_number == ByNumber::Blocks
    }

    fn takes(&self, counts: &Stats) -> bool {
        self.stats.can_absorb(counts)
    }

    fn block(&mut self, counts: &Stats) {
        self.blocks += 1;
        self.stats.absorb(counts);
    }
}

/// The counts of a run through blocks, and the date templates; and how many blocks were taken
/// by number.
fn counts(
    ready: &Ready,
    log: &str,
    threads: usize,
    bytes: usize,
    by_number: ByNumber,
) -> (String, usize) {
    let mut session = Session::new(&ready.filter, &ready.clock, Some(ready.detector.clone()));
    let options = ReadOptions {
        block_bytes: bytes,
        ..ReadOptions::default()
    };
    let mut blocks = ReadAhead::new(LogSet::new(vec![LogSource::Literal(log.into())], options));
    let mut counter = Counter::new(&ready.filter, by_number);
    let next = |wait| blocks.next_block(wait);
    let ran: Result<(), LogError> = pipeline::run(
        &mut session,
        threads,
        Detail::Verdict,
        next,
        &mut counter,
        |_| {},
    );
    ran.expect("a literal reads");
    let blocks = counter.blocks;
    (
        format!("{} {:?}", counter.text(), templates(&session)),
        blocks,
    )
}

/// The counts of the reference.
fn counts_in_order(ready: &Ready, log: &str) -> String {
    let mut session = Session::new(&ready.filter, &ready.clock, Some(ready.detector.clone()));
    let mut scratch = Scratch::default();
    let mut counter = Counter::new(&ready.filter, ByNumber::Nothing);
    for (line, number) in log.split('\n').zip(1..) {
        let line = line.trim_end_matches('\r');
        if !line.is_empty() && !line.starts_with('#') {
            let outcome = session.line(line, &mut scratch);
            counter.add(line, number, &outcome, session.prefregex());
        }
    }
    format!("{} {:?}", counter.text(), templates(&session))
}

/// Every verdict, and the counts, are those of the reference.
pub(super) fn assert_same(ready: &Ready, log: &str, threads: usize, bytes: usize) {
    let (verdicts, templates) = in_order(&ready.filter, &ready.detector, &ready.clock, log);
    let (other_verdicts, other_templates) = in_blocks(ready, log, threads, bytes);
    for (one, other) in verdicts.iter().zip(&other_verdicts) {
        assert_eq!(one, other, "{threads} threads, blocks of {bytes}");
    }
    assert_eq!(verdicts.len(), other_verdicts.len());
    assert_eq!(
        templates, other_templates,
        "{threads} threads, blocks of {bytes}"
    );
    let expected = counts_in_order(ready, log);
    for by_number in [ByNumber::Nothing, ByNumber::MissedLines, ByNumber::Blocks] {
        let (counted, _) = counts(ready, log, threads, bytes, by_number);
        assert_eq!(
            expected, counted,
            "{threads} threads, blocks of {bytes}, {by_number:?}"
        );
    }
}

/// A line with one of several date formats, invalid and missing dates among them.
fn line() -> impl Strategy<Value = String> {
    let date = prop_oneof![
        "Nov (0[1-9]|1[0-9]) 03:1[0-9]:[0-5][0-9]",
        "2026-11-1[0-9]T03:1[0-9]:00(\\.[0-9]{3})?(\\+0100)?",
        "2026-02-30 03:1[0-9]:00",
        "\\[0[1-9]/Nov/2026:03:1[0-9]:00 \\+0000\\]",
        "17951[0-9]{5}",
        "03:1[0-9]:00",
        "",
    ];
    let message = prop_oneof![
        "sshd\\[[12]\\]: Failed password for (root|anna|bob) from 192\\.0\\.2\\.[1-9] port 22",
        "sshd\\[[12]\\]: Invalid user x from 2001:db8::[1-9]",
        "sshd\\[[12]\\]: Connection closed by 192\\.0\\.2\\.[1-9]",
        "sshd\\[[12]\\]: pam_unix\\(sshd:session\\): session closed for root",
        "sshd\\[3\\]: Failed password for bob from 192\\.0\\.2\\.99",
        "at é.main\\(Main\\.java:[1-9]\\)",
    ];
    (date, message, prop_oneof![Just(""), Just("\r"), Just("\n")])
        .prop_map(|(date, message, end)| format!("{date} gate {message}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn threads_and_blocks_change_nothing(
        lines in prop::collection::vec(line(), 1..80),
        threads in 1usize..=8,
        bytes in 64usize..3000,
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let ready = ready(&root.join("testdata"), "sshd[mode=strict]");
        let mut free = ready_for_any_date(&root.join("testdata"));
        assert_same(&ready, &lines.join("\n"), threads, bytes);
        free.filter.options.check_all = false;
        assert_same(&free, &lines.join("\n"), threads, bytes);
    }
}

/// Logs of a few date formats in turn, their times close together: now and then another minute, or
/// a line without a date.
fn formats_in_turn() -> impl Strategy<Value = Vec<String>> {
    let form = prop_oneof![8 => 0u32..3, 1 => Just(3)];
    let line = (form, 0u64..4, "[1-9]");
    prop::collection::vec(line, 20..200).prop_map(|lines| {
        let mut time = 0;
        let lines = lines.into_iter().map(|(form, later, host)| {
            time += later * later;
            let (minute, second) = (time / 60 % 60, time % 60);
            let date = match form {
                0 => format!("Nov 10 03:{minute:02}:{second:02} gate"),
                1 => format!("2026-11-10T03:{minute:02}:{second:02}.{time:06}+01:00 gate"),
                2 => format!("gate [10/Nov/2026:03:{minute:02}:{second:02} +0000]"),
                _ => "gate".to_owned(),
            };
            format!("{date} sshd[1]: Failed password for root from 192.0.2.{host} port 22")
        });
        lines.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What the template before the last winner finds is known as it would be found.
    #[test]
    fn formats_in_turn_change_nothing(
        lines in formats_in_turn(),
        threads in 1usize..=8,
        bytes in 200usize..6000,
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let free = ready_for_any_date(&root.join("testdata"));
        assert_same(&free, &lines.join("\n"), threads, bytes);
    }
}

/// Logs of many sessions, which end, go on, and are told of again long after.
fn sessions() -> impl Strategy<Value = Vec<String>> {
    let message = prop_oneof![
        4 => "Failed password for (root|anna|bob) from 192\\.0\\.2\\.[1-9] port 22",
        2 => "Invalid user x[0-9] from 2001:db8::[1-9]",
        2 => "Connection closed by 192\\.0\\.2\\.[1-9]",
        1 => "pam_unix\\(sshd:session\\): session closed for root",
        1 => "something else",
    ];
    // how far behind the newest session the line's is
    let behind = prop_oneof![6 => 0u32..4, 3 => 0u32..30, 1 => 80u32..140];
    let new = prop_oneof![2 => Just(1u32), 1 => Just(0)];
    prop::collection::vec((message, behind, new), 400..1200).prop_map(|lines| {
        let mut newest = 1000;
        // so many that a run need not know which were there before it
        let begun = (0..120).map(|pid| {
            format!(
                "Nov 10 03:00:00 gate sshd[{pid}]: Failed password for root from 192.0.2.1 port 22"
            )
        });
        let rest = lines
            .into_iter()
            .enumerate()
            .map(|(at, (message, behind, new))| {
                newest += new;
                let (minute, second) = (at / 60 % 60, at % 60);
                format!(
                    "Nov 10 03:{minute:02}:{second:02} gate sshd[{}]: {message}",
                    newest - behind
                )
            });
        begun.chain(rest).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Sessions that a worker guesses are taken over only where the guess is right.
    #[test]
    fn guessed_sessions_change_nothing(
        lines in sessions(),
        threads in 4usize..=8,
        bytes in prop_oneof![64usize..3000, 3000usize..30_000],
        check_all in any::<bool>(),
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut ready = ready(&root.join("testdata"), "sshd[mode=strict]");
        ready.filter.options.check_all = check_all;
        let log = lines.join("\n");
        let expected = counts_in_order(&ready, &log);
        let (counted, _) = counts(&ready, &log, threads, bytes, ByNumber::Blocks);
        prop_assert_eq!(expected, counted, "{} threads, blocks of {}", threads, bytes);
    }
}

/// Where sessions are short, nearly every block is taken over, whatever its first line is.
#[test]
fn blocks_of_short_sessions_are_taken_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ready = ready(&root.join("testdata"), "sshd[mode=strict]");
    let line = |at: u32, misses: bool| {
        let (minute, second) = (at / 60 % 60, at % 60);
        let time = format!("Nov 10 03:{minute:02}:{second:02} gate");
        if misses && at.is_multiple_of(2) {
            return format!(
                "{time} CRON[{at}]: (root) CMD (run-parts /etc/cron.hourly) # nothing here\n"
            );
        }
        // three lines each, told in turn with those of others
        let pid = 10_000 + at / 9 * 3 + at % 3;
        format!(
            "{time} sshd[{pid}]: Failed password for user{} from 192.0.2.{} port 22\n",
            at % 7,
            pid % 40
        )
    };
    for misses in [false, true] {
        let log: String = (0..4000).map(|at| line(at, misses)).collect();
        let expected = counts_in_order(&ready, &log);
        let (counted, blocks) = counts(&ready, &log, 4, 8000, ByNumber::Blocks);
        assert_eq!(expected, counted);
        // the first are not: which sessions there were before the log is still to be told
        let all = log.len() / 8000;
        assert!(
            blocks * 10 > all * 7,
            "{blocks} of {all}, with missed lines: {misses}"
        );
    }
}

/// The same filter with all default templates, those of mid-line dates included.
pub(super) fn ready_for_any_date(config_dir: &Path) -> Ready {
    let mut ready = ready(config_dir, "sshd");
    ready.detector = DateDetector::default_templates(ready.clock.now_year());
    ready
}

/// Filters of the corpus on all sample logs at once: date switches on nearly every line.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn the_corpus_in_blocks() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mixed = std::fs::read_dir(corpus.join("mixed")).expect("../shared");
    let config = corpus.join("config");
    for log in mixed.flatten() {
        let bytes = std::fs::read(log.path()).expect("a readable log");
        let text = String::from_utf8_lossy(&bytes);
        for spec in [
            "filter.d/sshd.conf",
            "filter.d/apache-auth.conf",
            "filter.d/exim.conf",
        ] {
            let ready = ready(&config, spec);
            assert_same(&ready, &text, 2, 700);
            assert_same(&ready, &text, 3, 20_000);
        }
    }
}

/// Every filter of the corpus on every sample line of the corpus: each has lines of all the
/// others to refuse, with other dates on nearly every one. The reference runs no machine code.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn every_filter_on_every_sample() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let samples = corpus.join("fail2ban/tests/files/logs");
    let mut logs = files(&samples);
    assert!(!logs.is_empty(), "there is no {}", samples.display());
    logs.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("a readable log");
    let bytes: Vec<u8> = logs.iter().flat_map(read).collect();
    let log = String::from_utf8_lossy(&bytes);
    // what explains a sample is a comment, which no run would test: as a line it is one more
    let log = log.replace("\n#", "\n");
    let config = corpus.join("config");
    let filters: Vec<PathBuf> = files(&config.join("filter.d"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    let tried = AtomicUsize::new(0);
    filters.par_iter().enumerate().for_each(|(at, path)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(ready) = ready_if_filter(&config, &format!("filter.d/{name}")) else {
            return;
        };
        tried.fetch_add(1, Ordering::Relaxed);
        let (threads, bytes) = (1 + at % 8, 64 + at * 7_919 % 60_000);
        let (verdicts, templates) = in_order(&ready.filter, &ready.detector, &ready.clock, &log);
        let (other_verdicts, other_templates) = in_blocks(&ready, &log, threads, bytes);
        let how = format!("{name}, {threads} threads, blocks of {bytes}");
        for (one, other) in verdicts.iter().zip(&other_verdicts) {
            assert_eq!(one, other, "{how}");
        }
        assert_eq!(verdicts.len(), other_verdicts.len(), "{how}");
        assert_eq!(templates, other_templates, "{how}");
    });
    let tried = tried.into_inner();
    assert!(tried > 80, "only {tried} of {} are filters", filters.len());
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.is_file()).collect()
}
