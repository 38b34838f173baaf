//! The stages a line goes through, timed one by one: cut into lines, dates, prefregex and
//! gate, captures, and the whole of it with the fold.
//!
//! `cargo bench --bench stages`. The log and the filter are those of `testdata`, the log
//! repeated with other addresses, so that nothing beside this repository is needed.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use f2b_regex::config::Sourced;
use f2b_regex::date::{Clock, DateDetector};
use f2b_regex::engine::facts::Detail;
use f2b_regex::engine::fold::Folded;
use f2b_regex::engine::worker::Worker;
use f2b_regex::engine::{Filter, FilterOptions, LineFacts, Session, Stats};
use f2b_regex::input::Block;
use f2b_regex::pattern::Scratch;
use std::hint::black_box;

const LINES: u32 = 2_000;

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

fn stages(criterion: &mut Criterion) {
    let (filter, block) = (filter(), log());
    let clock = Clock::new(Some(1_795_176_000.0));
    let detector = DateDetector::default_templates(clock.now_year());
    let lines: Vec<&str> = block.lines().map(|(_, line)| line).collect();
    let undated: Vec<String> = lines
        .iter()
        .map(|line| format!("{}\n", &line[15..]))
        .collect();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(LINES.into()));
    group.bench_function("split", |bencher| {
        bencher.iter(|| block.lines().map(|(_, line)| line.len()).sum::<usize>());
    });
    group.bench_function("date", |bencher| {
        let (mut detector, mut scratch) = (detector.clone(), Scratch::default());
        bencher.iter(|| {
            for line in &lines {
                black_box(detector.match_time(line, &mut scratch)).expect("a date");
            }
        });
    });
    group.bench_function("gate", |bencher| {
        bencher.iter(|| {
            undated
                .iter()
                .map(|line| filter.candidates(line).count())
                .sum::<usize>()
        });
    });
    group.bench_function("captures", |bencher| {
        let mut scratch = Scratch::default();
        bencher.iter(|| {
            for line in &undated {
                black_box(LineFacts::of(&filter, line, &mut scratch));
            }
        });
    });
    group.bench_function("facts of a block", |bencher| {
        let mut worker = Worker::new(&filter, &clock, Detail::Verdict);
        let mut guess = detector.clone();
        bencher.iter_batched(
            || block.clone(),
            |block| worker.block(block, Some(&mut guess)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("fold", |bencher| {
        let facts = {
            let mut guess = detector.clone();
            let mut worker = Worker::new(&filter, &clock, Detail::Verdict);
            worker.block(block.clone(), Some(&mut guess));
            worker.block(block.clone(), Some(&mut guess))
        };
        let mut session = Session::new(&filter, &clock, Some(detector.clone()));
        let mut stats = Stats::new(filter.failregexes.len(), 1, Default::default());
        let mut scratch = Scratch::default();
        bencher.iter(|| {
            session.fold(&facts, &mut scratch, &mut |folded: Folded| {
                stats.record(
                    folded.line,
                    folded.number,
                    folded.outcome,
                    Some(folded.prefregex),
                );
            });
        });
    });
    group.bench_function("whole", |bencher| {
        let mut worker = Worker::new(&filter, &clock, Detail::Verdict);
        let mut session = Session::new(&filter, &clock, Some(detector.clone()));
        let mut guess = detector.clone();
        let mut scratch = Scratch::default();
        bencher.iter_batched(
            || block.clone(),
            |block| {
                let facts = worker.block(block, Some(&mut guess));
                session.fold(&facts, &mut scratch, &mut |folded: Folded| {
                    black_box(folded.outcome);
                });
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, stages);
criterion_main!(benches);
