//! A journal export in JSON: the lines made of it, beside parsers of JSON that only take it apart.
//!
//! `cargo bench --bench journal`, here.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use f2b_regex::inside;
use serde::de::IgnoredAny;
use std::hint::black_box;

fn journal(criterion: &mut Criterion) {
    let export = inside::journal_export();
    let entries = || {
        export
            .split(|byte| *byte == b'\n')
            .filter(|entry| !entry.is_empty())
    };
    let mut group = criterion.benchmark_group("journal export");
    group.throughput(Throughput::Bytes(export.len() as u64));
    group.bench_function("lines of entries", |bencher| {
        bencher.iter(|| black_box(inside::journal_lines(&export)));
    });
    group.bench_function("serde_json, nothing kept", |bencher| {
        bencher.iter(|| {
            for entry in entries() {
                black_box(serde_json::from_slice::<IgnoredAny>(entry)).expect("JSON");
            }
        });
    });
    group.bench_function("serde_json, all values", |bencher| {
        bencher.iter(|| {
            for entry in entries() {
                black_box(serde_json::from_slice::<serde_json::Value>(entry)).expect("JSON");
            }
        });
    });
    // it unescapes in place, so it has a copy
    let mut copy = Vec::new();
    group.bench_function("simd-json, its tape", |bencher| {
        bencher.iter(|| {
            for entry in entries() {
                copy.clear();
                copy.extend_from_slice(entry);
                black_box(simd_json::to_tape(&mut copy)).expect("JSON");
            }
        });
    });
}

criterion_group!(benches, journal);
criterion_main!(benches);
