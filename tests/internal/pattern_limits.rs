//! Patterns and texts at the edge: explosive patterns, long lines, deep nesting.

use crate::pattern::{Flags, Regex, Scratch, StepLimit};
use proptest::prelude::*;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern, Flags::default()).expect(pattern)
}

fn span(pattern: &str, text: &str) -> Option<(usize, usize)> {
    let mut scratch = Scratch::default();
    let found = regex(pattern).search(text, &mut scratch);
    found.expect(pattern).and_then(|found| found.span(0))
}

/// Steps for each byte of a text, at most, whatever the pattern: these take up to 123.
const STEPS_A_BYTE: u64 = 250;

/// All of these are answered in steps that grow with the text alone; CPython takes ages for most.
#[test]
fn explosive_patterns_are_answered() {
    let a = "a".repeat(10_000);
    let ab = format!("{}b", "a".repeat(9_999));
    let words = "aaa bbb ".repeat(1_250);
    let foos = "foo xyz ".repeat(125_000);
    let none: Option<(usize, usize)> = None;
    let cases = [
        (r"(?:[^\[]+ )*\[", words.as_str(), none),
        ("(a*)*b", a.as_str(), none),
        ("(a+)+$", ab.as_str(), none),
        ("(a|aa)+$", ab.as_str(), none),
        ("(.*)*x", a.as_str(), none),
        ("(.*?)*x", a.as_str(), none),
        ("(?:.*a){12}b", a.as_str(), none),
        ("(?:.*a){12}b", ab.as_str(), Some((0, 10_000))),
        ("(?>a*)*b", a.as_str(), none),
        ("(?:a*)*+b", a.as_str(), none),
        ("(?:(?=.*x)a)*b", a.as_str(), none),
        ("(?:a?){30}a{30}c", a.as_str(), none),
        (".*foo.*bar", foos.as_str(), none),
        (".*?foo.*?bar", foos.as_str(), none),
        (r"^(?:\S+ )*(?:\S+ )*(?:\S+ )*\[", words.as_str(), none),
    ];
    for (pattern, text, wanted) in cases {
        for mut scratch in [Scratch::default(), Scratch::fast()] {
            let found = regex(pattern).search(text, &mut scratch).expect(pattern);
            assert_eq!(found.and_then(|found| found.span(0)), wanted, "{pattern}");
            let steps = scratch.effort() / text.len() as u64;
            println!("{pattern}: {steps} steps a byte");
            assert!(steps <= STEPS_A_BYTE, "{pattern}: {steps} steps a byte");
        }
    }
}

/// Steps of a search, and whether it was given up.
fn cost(pattern: &str, text: &str) -> (u64, bool) {
    let mut scratch = Scratch::default();
    let given_up = regex(pattern).is_match(text, &mut scratch).is_err();
    (scratch.steps(), given_up)
}

#[test]
fn counted_runs_are_linear() {
    for pattern in [
        "a{1,65535}b",
        "a{1,65535}?b",
        "a{1,65535}+b",
        "a{1000}b",
        ".{1,65535}b",
        ".{1,65535}?b",
        "(?:[ab]{1,60000})c",
        "(a{1,65535})c",
    ] {
        let (short, _) = cost(pattern, &"a".repeat(20_000));
        let (long, given_up) = cost(pattern, &"a".repeat(160_000));
        assert!(!given_up, "{pattern}");
        assert!(long < 12 * short, "{pattern}: {short} steps, {long} steps");
    }
    assert_eq!(span("a{1,3}b", "aaaab"), Some((1, 5)));
    let text = format!("{}b", "a".repeat(70_000));
    assert_eq!(span("a{1,65535}b", &text), Some((70_000 - 65_535, 70_001)));
    assert_eq!(
        span("é{1,65535}b", &text.replace('a', "é")),
        Some((8_930, 140_001))
    );
    assert_eq!(span(".{20,30}?b", &text), Some((69_970, 70_001)));
    assert_eq!(span("(?:x|.{20,30})b", &text), Some((69_970, 70_001)));
}

/// Passes that take nothing are counted like all others, and so is what they write down.
#[test]
fn empty_passes_are_counted() {
    let spaces = " ".repeat(100);
    for pattern in [
        "(?:(?:(?:a?){1000}){1000}){1000} x",
        "^ (?:a?){1000000000}b x",
        "^ (a?){1000000000}b x",
        "^ (?:a?){1000000000}+b x",
        "^ (?:(a)?){1000000000}+b x",
        "^ (?:(?=(a?))){1000000000}b x",
        "(?:(?:a{1,1000}){1,1000}){1,1000}b",
    ] {
        for text in [" b x", spaces.as_str(), &"a".repeat(5_000)] {
            let mut scratch = Scratch::default();
            scratch.set_step_budget(1_000_000);
            let _ = regex(pattern).is_match(text, &mut scratch);
            let steps = scratch.steps();
            assert!(steps < 5_000_000, "{pattern} on {text:?}: {steps} steps");
        }
    }
    assert!(cost("^ (a?){1000000000}b x", " b x").1);
    // a search goes on behind the limit that only switches the table of failures on
    assert_eq!(span("^(?:a?){100000}b", "aab"), Some((0, 3)));
}

/// A greedy repeat of a greedy repeat is one: it does not try how to spread passes over two counts.
#[test]
fn repeats_of_repeats_take_no_more_steps_than_one() {
    for (nested, single) in [
        ("^ (?:a?){1000000000}b x", "^ a*b x"),
        ("(?:(?:(?:a?){1000}){1000}){1000}c", "a*c"),
        ("(?:(?:(?:a{1,1000}){1,1000}){1,1000})c", "a+c"),
        ("(?:(?:(?:ab?){0,100}){100}){100}c", "(?:ab?){0,1000000}c"),
    ] {
        for text in [" b x".to_string(), "a".repeat(30), "ab".repeat(1_000)] {
            let (one, _) = cost(single, &text);
            let (steps, given_up) = cost(nested, &text);
            assert!(
                !given_up && steps <= 4 * one + 100,
                "{nested}: {steps} for {one}"
            );
            assert_eq!(span(nested, &text), span(single, &text), "{nested}");
        }
    }
    assert_eq!(span("(?:a{0}){3}b", "aab"), Some((2, 3)));
    assert_eq!(span("(?:a*){0}b", "aab"), Some((2, 3)));
    assert_eq!(span("(?:a{0,2}){2}a", "aaaaaa"), Some((0, 5)));
    assert_eq!(span("(?:a{1,2}){3}", "aaaaaaaa"), Some((0, 6)));
    assert_eq!(span("^(?:a{1,2}){3}$", "aa"), None);
}

/// What compiling allocates grows with the pattern, not with its square.
#[test]
fn compiling_takes_memory_in_proportion() {
    type Kind = (&'static str, fn(usize) -> String);
    let kinds: [Kind; 9] = [
        ("alternatives", |n| {
            let arms: Vec<String> = (0..n).map(|i| format!("x{i}y")).collect();
            format!("(?:{}) b", arms.join("|"))
        }),
        ("empty alternatives", |n| format!("(?:{})", "|".repeat(n))),
        ("a class", |n| {
            let members: String = (0..n as u32)
                .filter_map(|i| char::from_u32(0x4e00 + 2 * i))
                .collect();
            format!("[{members}]+b")
        }),
        ("negated classes", |n| r"[^\w\-.]".repeat(n)),
        ("nested groups", |n| {
            format!("{}a{}", "(".repeat(n / 50), ")".repeat(n / 50))
        }),
        ("nested repeats", |n| {
            format!("{}a{}", "(?:".repeat(n / 50), "b)*".repeat(n / 50))
        }),
        ("named groups", |n| {
            (0..n).map(|i| format!("(?P<g{i}>a?)")).collect()
        }),
        ("literals", |n| "ab".repeat(n)),
        ("lookaheads", |n| "(?=a)(?!b)".repeat(n)),
    ];
    for (kind, pattern) in kinds {
        let bytes = |n: usize| {
            let pattern = pattern(n);
            // the search is what compiles it
            let search = || {
                let _ = span(&pattern, "b");
            };
            allocation_counter::measure(search).bytes_total
        };
        let (short, long) = (bytes(2_000), bytes(8_000));
        println!("{kind}: {short}, {long}");
        assert!(
            long < 6 * short,
            "{kind}: {short} bytes, {long} bytes for four times as much"
        );
    }
}

/// A long lookbehind or a long group matched again costs what it reads.
#[test]
fn what_one_instruction_reads_is_counted() {
    let text = "a".repeat(20_000);
    assert!(cost("(?<=x{9000})a", &text).0 > 1_000_000);
    assert!(cost(r"^(a*)(?:\1b|a)*c", &text).0 > 1_000_000);
}

/// Choices take memory: a search that needs too much is given up.
#[test]
fn choices_of_one_search_are_bounded() {
    let text = "ab".repeat(10_000_000);
    let (_, given_up) = cost("^(?:(a)|b|ab)*[ab]c", &text);
    assert!(given_up);
}

#[test]
fn only_patterns_that_read_captures_are_given_up() {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(100_000);
    let text = "a".repeat(40);
    let found = regex(r"(?:(a)|(aa))+(?!\1)b\1").search(&text, &mut scratch);
    assert_eq!(found.map(|found| found.is_some()), Err(StepLimit));
    scratch.set_memo_from(None);
    let found = regex("(?:a|aa)+b").search(&text, &mut scratch);
    assert_eq!(found.map(|found| found.is_some()), Err(StepLimit));
    assert!(scratch.steps() > 100_000);
}

#[test]
fn long_lines_do_not_overflow_the_stack() {
    let text = "ab".repeat(1_000_000);
    assert_eq!(span("(?:a|b)*$", &text), Some((0, 2_000_000)));
    assert_eq!(span("(?:(a)|b)*c", &text), None);
    assert_eq!(span("(?:(?!c).)*$", &text), Some((0, 2_000_000)));
    assert_eq!(span("(?:ab)*?$", &text), Some((0, 2_000_000)));
}

#[test]
fn deep_nesting_is_refused_without_overflowing_the_stack() {
    for depth in [1_000, 300_000] {
        for open in ["(", "(?:", "(?=", "(?>", "(?i:", "(?<!"] {
            let error = Regex::new(&open.repeat(depth), Flags::default()).expect_err(open);
            assert_eq!(error.to_string(), "maximum recursion depth exceeded");
        }
    }
    let nested = format!("{}a{}", "(?:".repeat(300), ")*".repeat(300));
    assert_eq!(span(&nested, "aaa"), Some((0, 3)));
    let alternatives = "a|".repeat(200_000) + "b";
    assert_eq!(span(&alternatives, "b"), Some((0, 1)));
}

#[test]
fn patterns_that_are_too_long_are_refused() {
    let error = Regex::new(&"a".repeat(5 << 20), Flags::default()).expect_err("too long");
    assert_eq!(error.to_string(), "the pattern is longer than 4 MiB");
}

#[test]
fn huge_counts_are_not_unrolled() {
    assert_eq!(span("(?:ab){0,65535}c", "ababc"), Some((0, 5)));
    assert_eq!(span("(?:(?:ab){0,65535}c){0,65535}$", "abcc"), Some((0, 4)));
    assert_eq!(span("(?:a{65535}){65535}", "aaa"), None);
}

/// Patterns of every kind of loop and sub-match over two letters.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_string()),
        Just("b".to_string()),
        Just("[ab]".to_string()),
        Just(".".to_string()),
        Just(r"\b".to_string()),
        Just("$".to_string()),
        Just(String::new()),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let repeat = prop::sample::select(vec![
            "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{,3}?", "{2,}",
            "{2,}+",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all.concat()),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("(?:{})", all.join("|"))),
            (inner.clone(), repeat).prop_map(|(one, repeat)| format!("(?:{one}){repeat}")),
            inner.clone().prop_map(|one| format!("({one})")),
            inner.clone().prop_map(|one| format!("(?>{one})")),
            inner.clone().prop_map(|one| format!("(?={one})")),
            inner.prop_map(|one| format!("(?!{one})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn memory_changes_nothing(pattern in pattern(), texts in prop::collection::vec("[ab\n]{0,12}", 4)) {
        let regex = regex(&pattern);
        let mut without = Scratch::default();
        without.set_memo_from(None);
        without.set_step_budget(200_000);
        let mut with = Scratch::default();
        for text in &texts {
            let all = |scratch: &mut Scratch| {
                let found = regex.search(text, scratch)?;
                Ok::<_, StepLimit>(found.map(|found| {
                    (0..=regex.group_count()).map(|g| found.span(g)).collect::<Vec<_>>()
                }))
            };
            let Ok(wanted) = all(&mut without) else { continue };
            for from in [0, 3, 20] {
                with.set_memo_from(Some(from));
                prop_assert_eq!(all(&mut with), Ok(wanted.clone()), "{:?} on {:?}", pattern, text);
            }
        }
    }
}
