//! Logs in which little happens, minute after minute: their lines are settled, and passed over.

use super::parallel::{assert_same, ready, ready_for_any_date};
use proptest::prelude::*;
use std::path::Path;

/// Long lines of one date format, at its begin or inside, most of which no regex wants anything of.
fn quiet_log() -> impl Strategy<Value = Vec<String>> {
    let message = prop_oneof![
        30 => "CRON\\[[1-9]\\]: session opened for user root by \\(uid=0\\)",
        1 => "sshd\\[1\\]: Failed password for root from 192\\.0\\.2\\.[1-9] port 22",
        1 => "sshd\\[1\\]: Connection reset by 192\\.0\\.2\\.[1-9] port 22 \\[preauth\\]",
    ];
    let end = prop_oneof![20 => Just(""), 1 => Just("\r"), 1 => Just("\n"), 1 => Just("\n# note")];
    let seconds = prop_oneof![30 => Just(0u32), 5 => Just(1), 1 => Just(70)];
    let line = (message, seconds, end, prop::bool::weighted(0.02));
    let lines = prop::collection::vec(line, 40..400);
    (0..4, lines).prop_map(|(form, lines)| {
        let mut time = 0;
        let lines = lines.into_iter().map(|(message, later, end, undated)| {
            time += later;
            let (minute, second) = (time / 60 % 60, time % 60);
            let line = match form {
                _ if undated => format!("gate {message}"),
                0 => format!("Nov 10 03:{minute:02}:{second:02} gate {message}"),
                1 => format!("2026-11-10T03:{minute:02}:{second:02}.123456+01:00 gate {message}"),
                2 => format!("[10/Nov/2026:03:{minute:02}:{second:02} +0000] gate {message}"),
                _ => format!("gate [10/Nov/2026:03:{minute:02}:{second:02} +0000] {message}"),
            };
            line + end
        });
        lines.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn lines_passed_over_are_counted(
        lines in quiet_log(),
        threads in 1usize..=8,
        bytes in 512usize..20_000,
    ) {
        let config_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let log = lines.join("\n");
        for mut ready in [ready(&config_dir, "sshd"), ready_for_any_date(&config_dir)] {
            // where one is tried first, nothing is settled
            ready.filter.ignoreregexes.clear();
            assert_same(&ready, &log, threads, bytes);
        }
    }
}
