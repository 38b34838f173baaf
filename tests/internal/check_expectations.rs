//! Expectation files are read in time that grows with their lines, whatever the cases.

use super::super::load::{Target, load};
use super::super::place::SourceFiles;
use super::super::shared::{Depth, Detectors, Shared};
use super::*;
use crate::config::Loader;
use std::sync::Mutex;

/// Verifies `count` cases; half of them are not what they should be.
fn verified(place: &Path, count: usize) {
    let filter = place.join("app.conf");
    std::fs::write(&filter, "[Definition]\nfailregex = from <ADDR>$\n").expect("a file");
    let mut text = "cases:\n".to_string();
    for case in 0..count {
        let line = ["from 192.0.2.1", "nothing"][case % 2];
        text += &format!("  - line: {line}\n    gives: matched\n");
    }
    let path = place.join("app.yaml");
    std::fs::write(&path, text).expect("a file");
    let (mut findings, mut cases) = (Vec::new(), Vec::new());
    let clock = Clock::new(Some(1_795_176_000.0));
    let shared = Shared {
        detectors: Detectors::new(clock.clone()),
        known: Mutex::default(),
        include_dirs: Vec::new(),
        beside: None,
    };
    let loaded = load(
        &Loader::default(),
        Target::Filter(&filter),
        ("app", &[]),
        (Depth::Whole, &shared),
        &mut SourceFiles::default(),
        &mut findings,
    );
    let read = Expectations::read(&path, "app", &mut findings).expect("expectations");
    assert_eq!(read.option_sets(), [Options::new()]);
    let sets = [(Options::new(), loaded.as_ref())];
    let hits = read.verify(&sets, &clock, &mut findings, &mut cases);
    assert_eq!(hits, [[count.div_ceil(2) as u64]]);
    assert_eq!((cases.len(), findings.len()), (count, count / 2));
    // the case's own line is named and shown
    let (_, line) = findings[0].place().expect("a place");
    assert_eq!(
        (line, findings[0].excerpts[0].text.as_str()),
        (4, "  - line: nothing")
    );
}

#[test]
fn a_line_is_looked_at_once_however_many_cases_there_are() {
    let place = tempfile::tempdir().expect("a directory");
    for count in [10, 1_000] {
        let looked = work::of(Work::ExpectationLine, || verified(place.path(), count));
        assert_eq!(looked as usize, 1 + 2 * count);
    }
}
