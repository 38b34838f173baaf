//! The stages a line goes through, timed one by one: cut into lines, dates, prefilter, captures, and
//! the whole of it with the fold.
//!
//! `cargo bench`, here. The log and the filter are those of `../inside.rs`, so that nothing beside this repository is needed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use f2b_regex::inside;

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(inside::LINES.into()));
    for (name, mut run) in inside::stages() {
        group.bench_function(name, |bencher| bencher.iter(&mut run));
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
