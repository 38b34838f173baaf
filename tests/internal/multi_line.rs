//! Multi-line filters: workers search the buffers of their blocks from a guess of the lines before;
//! what they find is what one session finds that is given line after line.

use super::parallel::{Ready, assert_same, ready};
use crate::config::Sourced;
use crate::date::{Clock, DateDetector, TimeZone};
use crate::engine::stats::{Retention, Stats};
use crate::engine::verdict_sink::{LineVerdict, VerdictSink};
use crate::engine::{Detail, Filter, FilterOptions, Session, pipeline};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use crate::work::{self, Work};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A multi-line filter that finds dates by the default templates.
fn multi_line(
    prefregex: &str,
    failregexes: &[&str],
    ignoreregexes: &[&str],
    maxlines: usize,
) -> Ready {
    let mut filter = Filter::new(FilterOptions {
        maxlines,
        ..FilterOptions::default()
    });
    let given = Sourced::given(prefregex);
    filter.set_prefregex(given).expect("it compiles");
    for regex in failregexes {
        let given = Sourced::given(regex);
        filter.add_failregex(given).expect("it compiles");
    }
    for regex in ignoreregexes {
        let given = Sourced::given(regex);
        filter.add_ignoreregex(given).expect("it compiles");
    }
    let clock = Clock::in_zone(1_795_176_000.0, TimeZone::local());
    Ready {
        filter,
        detector: DateDetector::default_templates(clock.now_year()),
        clock,
    }
}

/// Lines that begin, go on with and end what a multi-line filter looks for.
fn piece() -> impl Strategy<Value = String> {
    let date = prop_oneof![
        "2026-11-20 11:59:[0-5][0-9] ",
        "Nov 20 11:59:3[0-9] ",
        "2026-02-30 10:00:00 ",
        "",
    ];
    let message = prop_oneof![
        "begin [12]",
        "end 192\\.0\\.2\\.[1-3] [12]",
        "end host\\.invalid",
        "fine [12]",
        "else [a-c]",
        "<X> begin end",
    ];
    (date, message).prop_map(|(date, message)| date + &message)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The reference searches each buffer with each regex; a run leaves out those whose texts
    /// stand in none of its lines.
    #[test]
    fn texts_of_lines_say_which_regexes_a_buffer_may_match(
        lines in prop::collection::vec(piece(), 1..60),
        threads in 1usize..=8,
        bytes in 64usize..900,
        check_all in any::<bool>(),
    ) {
        for ready in &MULTI_LINE[usize::from(check_all)] {
            assert_same(ready, &lines.join("\n"), threads, bytes);
        }
    }
}

/// Multi-line filters, all of whose regexes are tried in the second half.
static MULTI_LINE: LazyLock<[Vec<Ready>; 2]> = LazyLock::new(|| {
    let many = (0..70)
        .rev()
        .map(|n| format!("begin {n}<SKIPLINES>.*end <HOST> {n}"));
    let many: Vec<String> = many.collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let between = r"begin (?P<n>\d)\n(?:.*\n)*?.*end <HOST> (?P=n)";
    let several = [between, r"^\s*end <HOST>$", "never <HOST>", "<HOST> [12]"];
    [false, true].map(|check_all| {
        let mut filters = vec![
            multi_line("", &[between], &["else [ab]"], 4),
            multi_line("", &several, &["fine"], 5),
            multi_line("", &[r"end <HOST>.*<SKIPLINES>.*begin"], &[], 7),
            multi_line(
                "^ ?<F-CONTENT>(?:begin|end|e).+</F-CONTENT>",
                &["end <HOST>"],
                &[],
                3,
            ),
            multi_line("(?s)begin.*end", &["end <HOST>"], &["else c"], 2),
            multi_line("", &many, &[], 10),
            multi_line("", &["(?:end )?<HOST>"], &["fine\n.*else"], 3),
        ];
        for ready in &mut filters {
            ready.filter.options.check_all = check_all;
        }
        filters
    })
});

/// Lines of pairs that belong together, with others between them, so that pairs lie across the
/// borders of blocks; now and then many lines in a row that match by themselves, so that what
/// waits in the buffer stays there for long.
fn log_of_pairs() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        6 => "begin [1-3]",
        6 => "end 192\\.0\\.2\\.[1-9] [1-3]",
        2 => "end host\\.invalid",
        2 => "fine [12]",
        6 => "else [a-c]",
        1 => "",
        2 => "job [12]: started for 192\\.0\\.2\\.[1-9]",
        2 => "job [12]: denied",
        2 => "job [12]: killed, client 192\\.0\\.2\\.5[89]",
        2 => "session [12] user (anna|bob) failed",
        2 => "session [12] is 192\\.0\\.2\\.[1-9]",
    ];
    let date = prop_oneof![
        20 => "2026-11-10 11:59:[0-5][0-9] ",
        2 => "Nov 10 11:59:3[0-9] ",
        1 => "2026-02-30 10:00:00 ",
        1 => "2026-10-25 0[12]:[0-5]0:00 ",
        3 => "",
    ];
    // rarely dates that stand in for those of the lines behind them
    let recent = prop_oneof![30 => Just(false), 1 => Just(true)];
    let repeats = prop_oneof![12 => 1usize..2, 1 => 5usize..40];
    prop::collection::vec((date, recent, line, repeats), 1..120).prop_map(|lines| {
        let lines = lines.into_iter().flat_map(|(date, recent, line, repeats)| {
            let date = if recent {
                "2026-11-20 11:59:59 ".to_string()
            } else {
                date
            };
            std::iter::repeat_n(date + &line, repeats)
        });
        lines.collect()
    })
}

/// The filters that are given such logs, but for the number of their lines.
fn pair_filters(maxlines: usize) -> Vec<Ready> {
    let pair = r"^\s*begin (?P<n>\d)$<SKIPLINES>^.*end <HOST> (?P=n)$";
    let started = r"job (?P<job>\d+): started for <HOST><SKIPLINES>^.* job (?P=job): denied$";
    let named = r"session <F-MLFID>\d</F-MLFID> is <HOST>";
    let failed =
        r"session <F-MLFID>\d</F-MLFID> user <F-USER>\S+</F-USER> <F-NOFAIL>failed</F-NOFAIL>";
    let content = "^.*?<F-CONTENT>(?:begin|end|job).+</F-CONTENT>";
    vec![
        multi_line("", &[pair, started], &["else b"], maxlines),
        multi_line("", &[pair, r"end <HOST> \d$"], &[], maxlines),
        multi_line(
            "",
            &[r"^\s*end <HOST>", started, pair, named],
            &["fine 1"],
            maxlines,
        ),
        multi_line("", &[failed, named], &[], maxlines),
        multi_line(
            "",
            &[r"else a\n.*<HOST>", started, r"client <HOST>$"],
            &[r"\.59$"],
            maxlines,
        ),
        multi_line(content, &[r"end <HOST>", started], &["begin 3"], maxlines),
        multi_line("", &[r"^ ?(?:x<HOST>)?$", pair], &[], maxlines),
        multi_line("(?s)begin.*end", &["end <HOST>"], &["else c"], maxlines),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn buffers_are_those_of_one_thread(
        lines in log_of_pairs(),
        threads in 1usize..=8,
        bytes in prop_oneof![64usize..300, 300usize..4000],
        maxlines in 2usize..=20,
        check_all in any::<bool>(),
        at in 0usize..8,
    ) {
        let mut ready = pair_filters(maxlines).swap_remove(at);
        ready.filter.options.check_all = check_all;
        assert_same(&ready, &lines.join("\n"), threads, bytes);
    }
}

/// Counts as the report does, and takes missed lines by number where the report does.
struct Report<'f> {
    filter: &'f Filter,
    stats: Stats,
}

impl VerdictSink for &mut Report<'_> {
    fn line(&mut self, verdict: LineVerdict) {
        let prefregex = self.filter.prefregex.is_some().then_some(verdict.prefregex);
        let (line, number, outcome) = (verdict.line, verdict.number, verdict.outcome);
        self.stats.record(line, number, outcome, prefregex);
    }

    fn counts_missed(&self) -> bool {
        self.stats.counts_missed()
    }

    fn missed(&mut self, lines: u64, prefregex: u64) {
        self.stats.missed(lines, prefregex);
    }
}

/// What a report shows of a run, and how many buffers were searched in line order.
fn report(ready: &Ready, log: &str, threads: usize, bytes: usize) -> (String, u64) {
    let mut session = Session::new(&ready.filter, &ready.clock, Some(ready.detector.clone()));
    let options = ReadOptions {
        block_bytes: bytes,
        ..ReadOptions::default()
    };
    let mut blocks = ReadAhead::new(LogSet::new(vec![LogSource::Literal(log.into())], options));
    let retention = Retention {
        limit: 3,
        ..Retention::default()
    };
    let (fails, ignores) = (
        ready.filter.failregexes.len(),
        ready.filter.ignoreregexes.len(),
    );
    let mut report = Report {
        filter: &ready.filter,
        stats: Stats::new(fails, ignores, retention),
    };
    let searched = work::of(Work::BufferSearch, || {
        let next = |wait| blocks.next_block(wait);
        let ran: Result<(), LogError> = pipeline::run(
            &mut session,
            threads,
            Detail::Verdict,
            next,
            &mut report,
            |_| {},
        );
        ran.expect("a literal reads");
    });
    let stats = &report.stats;
    let counts = (stats.tested, stats.matched, stats.ignored, stats.missed);
    let samples = (&stats.missed_lines, &stats.ignored_lines);
    let addresses = stats
        .addresses
        .iter()
        .map(|(id, address)| (id, address.hits));
    let addresses: Vec<_> = addresses.collect();
    (
        format!(
            "{counts:?} {samples:?} {addresses:?} {}",
            stats.prefregex_hits
        ),
        searched,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// A line that was missed is matched later, and no sample of missed lines any more: the next
    /// missed line is, whoever judged it.
    #[test]
    fn samples_are_those_of_one_thread(
        lines in log_of_pairs(),
        threads in 2usize..=8,
        bytes in 64usize..900,
        maxlines in 2usize..=20,
        at in 0usize..8,
    ) {
        let ready = pair_filters(maxlines).swap_remove(at);
        let log = lines.join("\n");
        let (in_order, _) = report(&ready, &log, 1, 1 << 19);
        let mut session = Session::new(&ready.filter, &ready.clock, Some(ready.detector.clone()));
        let mut stats = Stats::new(
            ready.filter.failregexes.len(),
            ready.filter.ignoreregexes.len(),
            Retention { limit: 3, ..Retention::default() },
        );
        let mut scratch = crate::pattern::Scratch::default();
        for (line, number) in log.split('\n').zip(1..).filter(|(line, _)| !line.is_empty()) {
            let outcome = session.line(line, &mut scratch);
            let state = ready.filter.prefregex.is_some().then(|| session.prefregex());
            stats.record(line, number, &outcome, state);
        }
        let counts = (stats.tested, stats.matched, stats.ignored, stats.missed);
        let samples = (&stats.missed_lines, &stats.ignored_lines);
        let expected = format!("{counts:?} {samples:?}");
        prop_assert!(in_order.starts_with(&expected), "{} {}", expected, in_order);
        let (together, _) = report(&ready, &log, threads, bytes);
        prop_assert_eq!(in_order, together, "{} threads, blocks of {}", threads, bytes);
    }
}

/// Of a long log only the first lines of each block are searched again in line order: as many as
/// it takes until nothing of an earlier buffer is left.
#[test]
fn few_buffers_are_searched_in_line_order() {
    let line = |n: usize| {
        let text = match n % 5 {
            0 => "else a".to_string(),
            1 => format!("begin {}", n % 3),
            2 => format!("end 192.0.2.{} {}", n % 9, (n - 1) % 3),
            _ => format!("end 192.0.2.{} 9", n % 9),
        };
        format!("2026-11-10 11:{:02}:{:02} {text}\n", n / 60 % 60, n % 60)
    };
    let log: String = (0..8000).map(line).collect();
    for ready in &pair_filters(10)[..2] {
        let (in_order, all) = report(ready, &log, 1, 16_000);
        let (together, searched) = report(ready, &log, 4, 16_000);
        assert_eq!(in_order, together);
        assert_eq!(all, 8000);
        assert!(searched * 8 < all, "{searched} of {all}");
    }
}

/// Hits of more lines than a worker notes for a block are found all the same.
#[test]
fn blocks_of_very_many_hits() {
    let ready = multi_line("", &["^<HOST>$"], &[], 2);
    let log: String = (0..40_000).map(|n| format!("::{:x}\n", n % 16)).collect();
    let (in_order, all) = report(&ready, &log, 1, 1 << 20);
    let (together, searched) = report(&ready, &log, 2, 1 << 20);
    assert_eq!(in_order, together);
    assert_eq!(all, 40_000);
    assert!((20_000..30_000).contains(&searched), "{searched}");
    assert!(in_order.starts_with("(40000, 40000, 0, 0)"), "{in_order}");
}

/// The multi-line filters of the corpus, on all sample logs.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn multi_line_filters_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mut logs: Vec<PathBuf> = std::fs::read_dir(corpus.join("fail2ban/tests/files/logs"))
        .expect("../shared")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    logs.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("a readable log");
    let bytes: Vec<u8> = logs.iter().flat_map(read).collect();
    let log = String::from_utf8_lossy(&bytes).replace("\n#", "\n");
    let obsolete = corpus.join("fail2ban/tests/config/filter.d/zzz-sshd-obsolete-multiline.conf");
    let obsolete = obsolete.display().to_string();
    let specs = [
        "filter.d/guacamole.conf",
        "filter.d/mongodb-auth.conf",
        "filter.d/ejabberd-auth.conf",
        &obsolete,
    ];
    for (at, spec) in specs.iter().enumerate() {
        let mut ready = ready(&corpus.join("config"), spec);
        assert_same(&ready, &log, 2 + at, 700);
        assert_same(&ready, &log, 8 - at, 20_000);
        ready.filter.options.check_all = false;
        assert_same(&ready, &log, 3, 64);
    }
}
