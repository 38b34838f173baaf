//! What a mistake in the program itself looks like from outside.

use crate::util::{Run, f2b};
use std::fmt::Write;

/// Only debug builds can be asked to make a mistake.
#[cfg(debug_assertions)]
#[test]
fn a_panic_says_what_was_worked_on() {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut text = String::new();
    for line in 1..=50_000 {
        let _ = writeln!(
            text,
            "Nov 20 03:11:00 gate sshd[{line}]: failed from 192.0.2.1"
        );
    }
    let before: u64 = text.lines().take(31_233).map(|l| l.len() as u64 + 1).sum();
    std::fs::write(log.path(), text).expect("it can be written");
    for threads in ["1", "3"] {
        for maxlines in ["1", "2"] {
            let mut command = f2b(&["--threads", threads, "--maxlines", maxlines]);
            command.env("F2B_REGEX_TEST_PANIC", "31234");
            command.arg(log.path()).arg("failed from <HOST>$");
            let ran = command.ran().ended(2);
            assert!(ran.stdout.is_empty());
            let said = ran.stderr;
            assert_eq!(said.matches("internal error").count(), 1, "{said}");
            assert!(said.contains("asked for by a test,\\u{1b}[31m"), "{said}");
            let place = format!("at work on line 31234 of {}", log.path().display());
            assert!(said.contains(&place), "{said}");
            let bytes = said.split("(in bytes ").nth(1).expect("a range of bytes");
            let (start, rest) = bytes.split_once(" to ").expect("its start");
            let (end, _) = rest.split_once(')').expect("its end");
            let number = |text: &str| text.parse::<u64>().expect("a number");
            assert!(number(start) <= before && before < number(end), "{said}");
            assert!(number(end) - number(start) < 1 << 20, "{said}");
            assert!(said.contains("Please report it"), "{said}");
        }
    }
}
