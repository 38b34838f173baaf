//! Many filters together say of every line what each says by itself.

use crate::analysis::fit::Candidates;
use crate::config::Sourced;
use crate::date::{Clock, DateDetector, TimeZone};
use crate::engine::filter_set::{self, FilterSet, FilterSetSink, Member, MemberVerdict};
use crate::engine::{Filter, FilterOptions, LineOutcome};
use crate::fuzzing::verdicts::{in_order, verdict};
use crate::input::{Block, LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn clock() -> Clock {
    Clock::in_zone(1_795_176_000.0, TimeZone::utc())
}

/// What a set says: by line, the verdict of each filter.
struct Lines {
    filters: usize,
    all: Vec<Vec<String>>,
}

impl FilterSetSink for Lines {
    fn line(&mut self, _: &str, number: u64, verdicts: &[MemberVerdict]) {
        let nothing = verdict(number, &LineOutcome::default());
        let mut line = vec![nothing; self.filters];
        for said in verdicts {
            line[said.member] = verdict(number, &said.outcome);
        }
        self.all.push(line);
    }

    fn block(&mut self, _: &Block) {}
}

/// The verdicts of a set, the log read in blocks of so many bytes.
fn together(set: &FilterSet, filters: usize, log: &str, threads: usize, bytes: usize) -> Lines {
    let options = ReadOptions {
        block_bytes: bytes,
        ..ReadOptions::default()
    };
    let mut blocks = ReadAhead::new(LogSet::new(vec![LogSource::Literal(log.into())], options));
    let mut lines = Lines {
        filters,
        all: Vec::new(),
    };
    let clock = clock();
    let next = || blocks.next_block(true);
    let ran: Result<(), LogError> = filter_set::run(set, &clock, threads, next, &mut lines, |_| {});
    ran.expect("a literal reads");
    lines
}

/// Holds a set to what each of its filters says alone.
fn assert_same(members: &[(&Filter, &DateDetector)], lines: &Lines, log: &str, how: &str) {
    for (number, (filter, detector)) in members.iter().enumerate() {
        let (alone, _) = in_order(filter, detector, &clock(), log);
        let of_set = lines.all.iter().map(|line| &line[number]);
        for (alone, of_set) in alone.iter().zip(of_set) {
            assert_eq!(alone, of_set, "filter {number}, {how}");
        }
        assert_eq!(alone.len(), lines.all.len(), "filter {number}, {how}");
    }
}

fn load(directory: &Path) -> Candidates {
    Candidates::load(directory, &clock(), false).expect("filters")
}

/// The filters of `testdata/recorded`, and the lines of its logs.
static RECORDED: LazyLock<(Candidates, Vec<String>)> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/recorded");
    let mut lines = Vec::new();
    for log in files(&root.join("logs")) {
        let text = std::fs::read(&log).expect("a log");
        let text = String::from_utf8_lossy(&text).into_owned();
        // marks and control characters are left out where logs are read
        let plain = |line: &&str| !line.contains(|c: char| c.is_control() || c == '\u{feff}');
        lines.extend(text.lines().filter(plain).map(str::to_owned));
    }
    assert!(lines.len() > 100);
    (load(&root.join("config/filter.d")), lines)
});

/// A multi-line filter.
fn multi_line(prefregex: &str, regex: &str, maxlines: usize) -> Filter {
    let mut filter = Filter::new(FilterOptions {
        maxlines,
        ..FilterOptions::default()
    });
    let given = Sourced::given(prefregex);
    filter.set_prefregex(given).expect("it compiles");
    let given = Sourced::given(regex);
    filter.add_failregex(given).expect("it compiles");
    filter
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn each_filter_says_what_it_says_alone(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..120),
        threads in 1usize..=4,
        bytes in 64usize..4000,
    ) {
        let (candidates, lines) = &*RECORDED;
        let picked: Vec<&str> = picks.iter().map(|pick| pick.get(lines).as_str()).collect();
        let log = picked.join("\n");
        let members = candidates.filters();
        prop_assert!(members.len() > 10);
        let set = candidates.filter_set().expect("few texts");
        let lines = together(&set, members.len(), &log, threads, bytes);
        assert_same(&members, &lines, &log, &format!("{threads} threads, blocks of {bytes}"));
    }

    /// Their buffers are those of runs of their own, dates that stand in for others included.
    #[test]
    fn multi_line_filters_know_the_lines_between(
        lines in prop::collection::vec(
            prop_oneof![
                "(2026-11-20 11:59:[0-5][0-9]|2026-11-19 10:00:0[0-9]|2026-02-30 10:00:00|) ?begin [12]",
                "(2026-11-20 11:59:[0-5][0-9]|Nov 20 11:59:3[0-9]|) ?end 192\\.0\\.2\\.[1-3] [12]",
                "(2026-11-20 11:59:[0-5][0-9]|) ?else [a-c]",
            ],
            1..60,
        ),
        threads in 1usize..=3,
        bytes in 64usize..900,
    ) {
        let filters = [
            multi_line("", r"begin (?P<n>\d)\n(?:.*\n)*?.*end <HOST> (?P=n)", 4),
            multi_line("", r"end <HOST>.*<SKIPLINES>.*begin", 7),
            multi_line("^ ?<F-CONTENT>(?:begin|end|e).+</F-CONTENT>", r"end <HOST>", 3),
            multi_line("", r"end <HOST>", 1),
        ];
        let clock = clock();
        let dates = builder_detector(&clock);
        let members = filters.iter().map(|filter| Member {
            filter,
            datepattern: None,
            detector: &dates,
        });
        let set = FilterSet::new(members.collect()).expect("few texts");
        let log = lines.join("\n");
        let said = together(&set, filters.len(), &log, threads, bytes);
        let members: Vec<_> = filters.iter().map(|filter| (filter, &dates)).collect();
        assert_same(&members, &said, &log, &format!("{threads} threads, blocks of {bytes}"));
    }
}

fn builder_detector(clock: &Clock) -> DateDetector {
    DateDetector::default_templates(clock.now_year())
}

/// Every filter of the corpus with every option set on the sample lines of all.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn every_filter_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let candidates = load(&corpus.join("config"));
    let members = candidates.filters();
    assert!(members.len() > 150, "{}", members.len());
    let set = candidates.filter_set().expect("few texts");
    for log in files(&corpus.join("mixed")) {
        let text = std::fs::read(&log).expect("a log");
        let text = String::from_utf8_lossy(&text);
        let lines = together(&set, members.len(), &text, 2, 20_000);
        assert_same(&members, &lines, &text, &log.display().to_string());
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}
