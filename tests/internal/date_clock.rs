//! Local time to epoch and back as glibc has it (testdata/date/record_mktime.py).

use std::path::PathBuf;

use crate::date::{Clock, TimeCache, TimeZone};

fn testdata(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/date")
        .join(name)
}

/// A zone from the committed files, so that the machine needs none; else its own.
fn zone(name: &str) -> TimeZone {
    match std::fs::read(testdata("zoneinfo").join(name.replace('/', "-"))) {
        Ok(bytes) => TimeZone::from_tzif(&bytes),
        Err(_) => TimeZone::named(name),
    }
    .unwrap_or_else(|| panic!("no zone {name}"))
}

/// `MKTIME_RECORDING=file` replays another recording.
#[test]
fn mktime_is_glibcs() {
    let path = std::env::var_os("MKTIME_RECORDING").map(PathBuf::from);
    let text = std::fs::read_to_string(path.unwrap_or_else(|| testdata("mktime.jsonl"))).unwrap();
    let (mut count, mut differences) = (0, Vec::new());
    for line in text.lines() {
        let (name, rows): (String, Vec<(i64, Option<i64>)>) = serde_json::from_str(line).unwrap();
        let clock = Clock::in_zone(0.0, zone(&name));
        let mut cache = TimeCache::default();
        for (wall, want) in rows {
            let got = clock.mktime(wall, &mut cache);
            count += 1;
            if got != want {
                differences.push(format!("{name} {wall}: got {got:?}, want {want:?}"));
            }
        }
    }
    println!("{count} times");
    let shown = &differences[..differences.len().min(20)];
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        shown.join("\n")
    );
}

/// Only near a change of the clocks do earlier calls matter.
#[test]
fn uncertain_only_near_a_change() {
    let clock = Clock::in_zone(0.0, zone("Europe/Berlin"));
    let mut cache = TimeCache::default();
    let wall = 1_729_994_400; // 2024-10-27 02:00, first or second
    assert_eq!(
        clock.mktime(wall - 90 * 86_400, &mut cache),
        Some(wall - 90 * 86_400 - 7200)
    );
    assert!(!cache.take_uncertain());
    assert_eq!(clock.mktime(wall, &mut cache), Some(wall - 7200));
    assert!(cache.take_uncertain());
    assert_eq!(
        clock.mktime(wall + 90 * 86_400, &mut cache),
        Some(wall + 90 * 86_400 - 3600)
    );
    assert!(!cache.take_uncertain());
    assert_eq!(clock.mktime(wall, &mut cache), Some(wall - 3600));
}

#[test]
fn local_time() {
    let clock = Clock::in_zone(1_795_176_000.0, zone("Australia/Lord_Howe"));
    let local = clock.local(1_795_176_000.9);
    assert_eq!((local.year, local.month, local.day), (2026, 11, 20));
    assert_eq!((local.hour, local.minute, local.second), (23, 0, 0));
    assert_eq!((local.weekday, local.offset), (4, 39_600));
    let local = clock.local(-0.5);
    assert_eq!(
        (local.year, local.month, local.day, local.second),
        (1970, 1, 1, 59)
    );
    assert_eq!(clock.now_year(), 2026);
}
