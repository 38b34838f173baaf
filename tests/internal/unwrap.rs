//! Wrapped lines give the lines they were, whatever the lines, the pieces and the blocks.

use crate::input::unwrap::{Asked, Unwrapped};
use crate::input::{LogSet, LogSource, ReadOptions, Unwrapping};
use proptest::prelude::*;
use std::fmt::Write;

/// The lines of a log with their numbers, and what was made of it.
fn read(text: &str, kind: Option<&str>, block_bytes: usize) -> (Vec<(u64, String)>, Unwrapped) {
    let asked = kind.map(|kind| Asked::parse(kind).expect("a kind"));
    let unwrapping = asked.map(Unwrapping::new);
    let options = ReadOptions {
        block_bytes,
        unwrap: unwrapping.clone(),
        ..ReadOptions::default()
    };
    let mut logs = LogSet::new(vec![LogSource::Literal(text.to_owned())], options);
    let mut lines = Vec::new();
    while let Some(block) = logs.next_block().expect("a text reads") {
        let block = block.decode();
        lines.extend(
            block
                .lines()
                .map(|(number, line)| (number, line.to_owned())),
        );
    }
    let logs = unwrapping.map_or(Vec::new(), |unwrapping| unwrapping.logs());
    (lines, logs.into_iter().next().unwrap_or_default())
}

/// A line in pieces of so many characters; an empty line is one piece.
fn pieces(line: &str, length: usize) -> Vec<String> {
    let chars: Vec<char> = line.chars().collect();
    if chars.is_empty() {
        vec![String::new()]
    } else {
        chars
            .chunks(length.max(1))
            .map(|chars| chars.iter().collect())
            .collect()
    }
}

/// Lines as a container runtime writes them.
fn wrapped(lines: &[(String, usize)], kind: &str) -> String {
    let mut out = String::new();
    for (line, length) in lines {
        let pieces = pieces(line, *length);
        for (at, piece) in pieces.iter().enumerate() {
            let is_last = at + 1 == pieces.len();
            let time = "2026-11-20T10:00:00.123456789Z";
            match kind {
                "docker" => {
                    let log = format!("{piece}{}", if is_last { "\n" } else { "" });
                    let log = serde_json::Value::String(log);
                    let _ = writeln!(out, r#"{{"log":{log},"stream":"stdout","time":"{time}"}}"#);
                }
                _ => {
                    let tag = if is_last { "F" } else { "P" };
                    let _ = writeln!(out, "{time} stderr {tag} {piece}");
                }
            }
        }
    }
    out
}

fn lines() -> impl Strategy<Value = Vec<(String, usize)>> {
    // no character that ends a line, nor one that cannot stand in a text log
    let line = "[a-z \"\\\\{}\u{e9}\u{1f600}#\t]{0,40}";
    prop::collection::vec((line, 6..60usize), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn wrapped_lines_are_the_lines(lines in lines(), block_bytes in 1..600usize) {
        let plain: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
        let (wanted, _) = read(&plain, None, block_bytes);
        for kind in ["docker", "cri"] {
            let (found, told) = read(&wrapped(&lines, kind), Some(kind), block_bytes);
            prop_assert_eq!(&found, &wanted, "{}", kind);
            prop_assert_eq!((told.counts.unchanged, told.counts.open), (0, 0));
        }
        let objects: String = lines
            .iter()
            .map(|(line, _)| format!("{}\n", serde_json::json!({"a": {"b": line}, "c": 1})))
            .collect();
        let (found, _) = read(&objects, Some("json:a.b"), block_bytes);
        prop_assert_eq!(&found, &wanted);
    }

    #[test]
    fn any_text_is_read_as_it_is_where_it_is_not_wrapped(text in "[ -~\u{e9}\n]{0,300}", at in 1..200usize) {
        let (wanted, _) = read(&text, None, at);
        for kind in ["docker", "cri", "syslog", "json:a", "auto"] {
            let (found, told) = read(&text, Some(kind), at);
            prop_assert_eq!(&found, &wanted, "{}", kind);
            prop_assert_eq!(told.counts.unchanged, wanted.len() as u64);
        }
    }
}

/// What a program writes to its two streams at once is put together apart.
#[test]
fn streams_may_be_mixed() {
    let log = "\
        2026-11-20T10:00:00Z stdout P one \n\
        2026-11-20T10:00:01Z stderr P two \n\
        2026-11-20T10:00:02Z stdout F three\n\
        not a record\n\
        2026-11-20T10:00:03Z stderr F four\n\
        2026-11-20T10:00:04Z stderr P open";
    let (lines, told) = read(log, Some("cri"), 50);
    let texts: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(texts, ["one three", "not a record", "two four", "open"]);
    assert_eq!(
        (
            told.counts.records,
            told.counts.unchanged,
            told.counts.joined,
            told.counts.open
        ),
        (5, 1, 2, 1)
    );
}

/// Docker's form written by a program that leaves newlines out: each record is a line.
#[test]
fn records_without_any_newline_are_lines() {
    let record = |n: usize| format!("{{\"log\":\"line {}\",\"stream\":\"a\"}}\n", "x".repeat(n));
    let log: String = (0..9).map(record).collect();
    assert_eq!(read(&log, Some("docker"), 1 << 19).0.len(), 9);
    // Docker's own pieces are of one length
    let piece = "{\"log\":\"0123456789\",\"stream\":\"a\"}\n";
    let whole = read(&piece.repeat(9), Some("docker"), 1 << 19).0;
    assert_eq!(whole, [(1, "0123456789".repeat(9))]);
}

/// The colours of a program stand in JSON as escapes.
#[test]
fn colours_go_inside_of_json() {
    let text = r#"{"log":"\u001b[31mred\u001b[0m\n","stream":"stdout"}"#;
    let read = |strip_ansi| {
        let options = ReadOptions {
            strip_ansi,
            unwrap: Some(Unwrapping::new(Asked::Auto)),
            ..ReadOptions::default()
        };
        let mut logs = LogSet::new(vec![LogSource::Literal(text.to_owned())], options);
        let blocks = std::iter::from_fn(|| logs.next_block().expect("a text reads"));
        let block = blocks.map(|block| block.decode()).last().expect("a block");
        (block.text.clone(), block.noise.colored)
    };
    assert_eq!(read(true), ("red\n".to_owned(), 1));
    assert_eq!(read(false), ("\u{1b}[31mred\u{1b}[0m\n".to_owned(), 1));
}
