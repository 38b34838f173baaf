//! What CPython 3.13 says of patterns and texts, against `pattern`.
//!
//! `testdata/pattern/*.jsonl` is ours, written by `generate.py` next to it. The
//! recordings in `../shared/regex` and those of a directory named by `PATTERN_VECTORS`
//! are read by tests that are ignored unless asked for.

use std::path::{Path, PathBuf};

use crate::pattern::{Flags, Regex, Scratch};
use serde_json::Value;

fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files
}

fn flags(case: &Value) -> Flags {
    let letters = case["flags"].as_str().unwrap_or("");
    Flags {
        ignore_case: letters.contains('i'),
        multi_line: letters.contains('m') || case["multiline"] == true,
        dot_all: letters.contains('s'),
        verbose: letters.contains('x'),
        ascii: letters.contains('a'),
    }
}

/// Spans of a search in code points, as recorded.
fn spans(regex: &Regex, text: &str, start: usize, scratch: &mut Scratch) -> Value {
    let start = text.char_indices().nth(start).map_or(text.len(), |c| c.0);
    let found = match regex.search_at(text, start, scratch) {
        Err(limit) => return Value::from(limit.to_string()),
        Ok(None) => return Value::Null,
        Ok(Some(found)) => found,
    };
    let points = |offset: usize| text[..offset].chars().count();
    (0..=regex.group_count())
        .map(|group| match found.span(group) {
            Some((from, to)) => Value::from(vec![points(from), points(to)]),
            None => Value::from(vec![-1, -1]),
        })
        .collect()
}

/// Differences of one case from the recording.
fn check(case: &Value, scratches: &mut [Scratch], differences: &mut Vec<String>) -> usize {
    let pattern = case["pattern"].as_str().expect("a pattern");
    let compiled = Regex::new(pattern, flags(case));
    let wanted_error = case["error"].as_str();
    let regex = match (compiled, wanted_error) {
        (Err(error), Some(wanted)) if error.to_string() == wanted => return 1,
        (Err(error), _) => {
            differences.push(format!("{case}: error {error:?} = {error}"));
            return 1;
        }
        (Ok(_), Some(_)) => {
            differences.push(format!("{case}: compiled"));
            return 1;
        }
        (Ok(regex), None) => regex,
    };
    regex.translate();
    let names: serde_json::Map<String, Value> = regex
        .group_names()
        .iter()
        .map(|(name, index)| (name.clone(), Value::from(*index)))
        .collect();
    if Value::Object(names) != case["groups"] {
        differences.push(format!("{case}: names {:?}", regex.group_names()));
    }
    let results = case["results"].as_array().expect("results");
    for result in results {
        let text = result["text"].as_str().expect("a text");
        let start = result["pos"].as_u64().unwrap_or(0) as usize;
        for (memory, scratch) in scratches.iter_mut().enumerate() {
            let got = spans(&regex, text, start, scratch);
            if start == 0
                && let Ok(matches) = regex.has_match(text.as_bytes(), scratch)
                && matches == result["spans"].is_null()
            {
                differences.push(format!("{pattern:?} {result}: {matches} without groups"));
            }
            // Only a run over other vectors than ours may be given up.
            let given_up = got.is_string() && std::env::var_os("PATTERN_VECTORS").is_some();
            if got != result["spans"] && !given_up {
                differences.push(format!(
                    "{pattern:?} {:?} {result}: got {got} (scratch {memory})",
                    flags(case)
                ));
            }
        }
    }
    results.len()
}

fn run(directory: &Path) -> usize {
    // As it comes; memory from the first step on; without memory; in machine code.
    let mut scratches = [
        Scratch::default(),
        Scratch::default(),
        Scratch::default(),
        Scratch::fast(),
    ];
    scratches[1].set_memo_from(Some(0));
    scratches[2].set_memo_from(None);
    scratches[2].set_step_budget(u64::MAX);
    let mut differences = Vec::new();
    let mut count = 0;
    for file in files(directory) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let mut patterns = 0;
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).expect("an object a line");
            count += check(&case, &mut scratches, &mut differences);
            patterns += 1;
        }
        println!("{}: {patterns} patterns", file.display());
    }
    for difference in differences.iter().take(30) {
        println!("{difference}");
    }
    assert!(differences.is_empty(), "{} differ", differences.len());
    count
}

#[test]
fn our_vectors() {
    let count = run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pattern"));
    println!("{count} results equal");
}

#[test]
#[ignore = "needs ../shared beside the checkout"]
fn shared_vectors() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/regex");
    let count = run(&shared);
    assert!(count > 0, "no recordings in {}", shared.display());
}

#[test]
#[ignore = "needs PATTERN_VECTORS=DIR"]
fn named_vectors() {
    let directory = std::env::var_os("PATTERN_VECTORS").expect("PATTERN_VECTORS=DIR");
    let count = run(Path::new(&directory));
    assert!(count > 0, "no recordings in {}", directory.display());
}
