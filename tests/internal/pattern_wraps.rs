//! Patterns made of recorded ones, whose answers follow from what CPython 3.13 said of those:
//! a pattern in a group, beside an alternative that cannot match, before nothing. Every such
//! pattern takes another way through the compiler and the prefilters.
//!
//! The recordings themselves are compared in `pattern_vectors.rs`.

use crate::pattern::literals::required;
use crate::pattern::prefix_sets::prefix_sets;
use crate::pattern::{Flags, Regex, Scratch};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;
use std::sync::LazyLock;

/// A recorded search that was begun at the start of the text.
struct Case {
    pattern: String,
    flags: Flags,
    text: String,
    /// In code points, as recorded.
    spans: Value,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pattern");
    let mut cases = Vec::new();
    for name in ["mixed", "loops", "choices", "case", "loglike"] {
        let file = directory.join(format!("{name}.jsonl"));
        let lines = std::fs::read_to_string(file).expect("a recording");
        for line in lines.lines() {
            let case: Value = serde_json::from_str(line).expect("an object a line");
            cases.extend(of(&case));
        }
    }
    cases
});

fn of(case: &Value) -> Vec<Case> {
    let pattern = case["pattern"].as_str().expect("a pattern");
    let letters = case["flags"].as_str().unwrap_or("");
    // flags at the start must stay there, and a comment would swallow what is put behind it
    let stands_alone = pattern.strip_prefix("(?").is_some_and(|rest| {
        rest.trim_start_matches(char::is_alphabetic)
            .starts_with(')')
    });
    let Some(results) = case["results"].as_array() else {
        return Vec::new();
    };
    if stands_alone || letters.contains('x') {
        return Vec::new();
    }
    let flags = Flags {
        ignore_case: letters.contains('i'),
        multi_line: letters.contains('m') || case["multiline"] == true,
        dot_all: letters.contains('s'),
        verbose: false,
        ascii: letters.contains('a'),
    };
    let whole = results.iter().filter(|result| result["pos"].is_null());
    let cases = whole.map(|result| Case {
        pattern: pattern.to_owned(),
        flags,
        text: result["text"].as_str().expect("a text").to_owned(),
        spans: result["spans"].clone(),
    });
    cases.collect()
}

/// A pattern around another that finds the same in every text, in the same groups.
#[derive(Clone, Copy, Debug)]
enum Wrap {
    Group,
    Flags,
    Atomic,
    EmptyBefore,
    EmptyBehind,
    LookBefore,
    LookBehind,
    FailsFirst,
    FailsLast,
    LongFirst,
    Once,
    NotNot,
}

impl Wrap {
    const ALL: [Wrap; 12] = [
        Wrap::Group,
        Wrap::Flags,
        Wrap::Atomic,
        Wrap::EmptyBefore,
        Wrap::EmptyBehind,
        Wrap::LookBefore,
        Wrap::LookBehind,
        Wrap::FailsFirst,
        Wrap::FailsLast,
        Wrap::LongFirst,
        Wrap::Once,
        Wrap::NotNot,
    ];

    fn around(self, pattern: &str) -> String {
        match self {
            Wrap::Group => format!("(?:{pattern})"),
            Wrap::Flags => format!("(?-x:{pattern})"),
            Wrap::Atomic => format!("(?>{pattern})"),
            Wrap::EmptyBefore => format!("(?:)(?:{pattern})"),
            Wrap::EmptyBehind => format!("(?:{pattern})(?:|x)"),
            Wrap::LookBefore => format!("(?=)(?:{pattern})"),
            Wrap::LookBehind => format!("(?:{pattern})(?<!)?"),
            Wrap::FailsFirst => format!("(?:(?!)|{pattern})"),
            Wrap::FailsLast => format!("(?:{pattern}|(?!))"),
            // no text has this many of them
            Wrap::LongFirst => format!("(?:q{{999}}|{pattern}|q{{998}})"),
            Wrap::Once => format!("(?:{pattern}){{1}}"),
            Wrap::NotNot => format!("(?:{pattern})(?!(?!))"),
        }
    }
}

fn spans(regex: &Regex, text: &str, memory: Option<u64>) -> Value {
    let mut scratch = Scratch::default();
    scratch.set_memo_from(memory);
    let found = match regex.search(text, &mut scratch) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_is_around_a_pattern_changes_nothing(
        number in any::<prop::sample::Index>(),
        wraps in prop::collection::vec(prop::sample::select(&Wrap::ALL[..]), 1..4),
    ) {
        let case = number.get(&CASES);
        let pattern = wraps.iter().fold(case.pattern.clone(), |all, wrap| wrap.around(&all));
        let regex = Regex::new(&pattern, case.flags);
        let regex = regex.map_err(|error| TestCaseError::fail(format!("{pattern}: {error}")))?;
        for memory in [Some(2_000), Some(0)] {
            let found = spans(&regex, &case.text, memory);
            prop_assert_eq!(&found, &case.spans, "{:?} on {:?}", pattern, case.text);
        }
        if !case.spans.is_null() {
            let text = case.text.as_bytes();
            if let Some(prefix_sets) = prefix_sets(regex.ast()) {
                let passes = text.iter().zip(&prefix_sets).all(|(byte, set)| set.has(*byte));
                prop_assert!(passes, "prefix_sets: {:?} on {:?}", pattern, case.text);
            }
            if let Some(texts) = required(regex.ast()) {
                let passes = texts.iter().any(|t| memchr::memmem::find(text, t).is_some());
                prop_assert!(passes, "literals: {:?} on {:?}", pattern, case.text);
            }
        }
    }
}
