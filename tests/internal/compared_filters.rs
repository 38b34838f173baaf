//! Filters compared on a log: what that costs and keeps, by counts.

use crate::analysis::bench::comparison::Comparison;
use crate::analysis::bench::log::{Log, LogLine};
use crate::analysis::bench::{BLOCK, Candidate, compare, compare_each};
use crate::config::Sourced;
use crate::date::{Clock, TimeZone};
use crate::engine::{Filter, FilterOptions};
use crate::work::{self, Work};

fn filter(maxlines: usize, failregexes: &[&str]) -> Filter {
    let mut filter = Filter::new(FilterOptions {
        maxlines,
        check_all: true,
        ..FilterOptions::default()
    });
    for regex in failregexes {
        let given = Sourced::given(regex);
        filter.add_failregex(given).expect("it compiles");
    }
    filter
}

fn log(lines: impl IntoIterator<Item = String>) -> Log {
    let lines = lines.into_iter().zip(1..).map(|(text, number)| LogLine {
        log: None,
        number,
        text,
        time: Some(1_795_176_000.0),
    });
    Log {
        lines: lines.collect(),
        ..Log::default()
    }
}

fn clock() -> Clock {
    Clock::in_zone(1_795_176_000.0, TimeZone::local())
}

fn candidate<'a>(filter: &'a Filter, clock: &'a Clock) -> Candidate<'a> {
    Candidate {
        filter,
        detector: None,
        clock,
    }
}

#[test]
fn every_filter_runs_once_and_a_block_of_its_verdicts_is_kept() {
    let filters = [
        filter(1, &["^failed from <HOST>$"]),
        filter(1, &["^failed from <ADDR>$", "^other from <ADDR>$"]),
        filter(1, &["^no match <HOST>$"]),
    ];
    let clock = clock();
    let filters: Vec<Candidate> = filters.iter().map(|f| candidate(f, &clock)).collect();
    let pairs = [(1, 0), (2, 0), (1, 2)];
    for blocks in [1, 4, 16] {
        let lines = blocks * BLOCK;
        let log = log((0..lines).map(|n| format!("d failed from 192.0.2.{}", n % 8)));
        let mut found: Vec<Comparison> = Vec::new();
        let mut compare = || found = compare_each(&filters, &pairs, &log, 3);
        assert_eq!(
            work::of(Work::JudgedLines, &mut compare),
            3 * lines as u64,
            "three filters in three pairs"
        );
        assert_eq!(work::most(Work::JudgedLines, compare), 3 * BLOCK as u64);
        let counts = |found: &Comparison| {
            let changed = (found.gained.count, found.lost.count);
            (changed, found.lost.examples.len())
        };
        let lines = lines as u64;
        let found: Vec<_> = found.iter().map(counts).collect();
        assert_eq!(found, [((0, 0), 0), ((0, lines), 3), ((lines, 0), 0)]);
    }
}

#[test]
fn a_match_over_the_end_of_a_block_counts_the_line_before_it() {
    let with = filter(3, &["^begin <HOST><SKIPLINES>^end$"]);
    let without = filter(3, &["^nothing <HOST>$"]);
    let lines = (1..=2 * BLOCK).map(|n| match n {
        n if n == BLOCK => "d begin 192.0.2.1".to_owned(),
        n if n == BLOCK + 1 => "d end".to_owned(),
        n => format!("d other {n}"),
    });
    let (log, clock) = (log(lines), clock());
    let (with, without) = (candidate(&with, &clock), candidate(&without, &clock));
    let found = compare(with, without, &log, 10);
    let gained: Vec<u64> = found.gained.examples.iter().map(|line| line.line).collect();
    assert_eq!(gained, [BLOCK as u64, BLOCK as u64 + 1]);
    assert_eq!(found.addresses.gained[0].filter, 1);
    let found = compare(without, with, &log, 10);
    assert_eq!((found.gained.count, found.lost.count), (0, 2));
}
