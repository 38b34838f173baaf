//! Shapes change no answer: a search with the shapes of all texts before it says what a
//! search without says, to the last capture.

use f2b_regex::pattern::{Flags, Match, Regex, Scratch, Shapes};
use proptest::prelude::*;

fn spans(found: Option<Match>, groups: usize) -> Option<Vec<Option<(usize, usize)>>> {
    found.map(|found| (0..=groups).map(|group| found.span(group)).collect())
}

/// Pieces of patterns: runs that end where they must, runs that give back, anchors at both
/// ends, lookarounds, backreferences, conditionals, loops over groups.
fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(
        [
            "a",
            "b",
            "1",
            " ",
            ":",
            "ab",
            "\\.",
            "[ab]",
            "[^ ]",
            "\\w",
            "\\d",
            "\\s",
            "é",
            ".",
            "\\S+ ",
            "\\d+:",
            "\\d{1,3}\\.",
            "[ab]*",
            "a{2,4}1",
            "\\w+",
            ".*",
            ".*?",
            "\\S+?",
            "[^:]+",
            "\\d{2,}",
            "a*+",
            "(?>\\d+)",
            "(?:a|b1| )",
            "(?:ab|a)?",
            "(?:\\d+\\.){3}",
            "(?:[ab]{1,2}:){1,3}",
            "(?:a?)*",
            "(?: (?:a \\d+|b \\S+)){0,2}",
            "(?!b)",
            "(?<!a)",
            "(?<=\\d)",
            "(?=1)",
            "\\b",
            "\\B",
            "(\\w)",
            "(\\d+)",
            "(a)?",
            "([ab]+) ",
            "(?:(?! a).)*",
            "(?P=x)",
            "(?(x)a|b)",
            "(?i:A)",
            "$",
            "\\Z",
            "^",
        ]
        .map(str::to_string)
        .to_vec(),
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab1 :.]{0,18}",
        2 => "(ab|b1|a |12:|1\\.|123\\.| a 1| b b){0,6}",
        1 => "[abAé1 :.\\n]{0,14}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn shapes_change_no_answer(
        begin in prop::sample::select(vec!["", "^", "^ ?", "(?P<x>a)?", "^(?P<x>\\w)", "\\b"]),
        pieces in prop::collection::vec(piece(), 1..6),
        end in prop::sample::select(vec!["", "$", "(.+)$", ".+$", "\\s*$"]),
        texts in prop::collection::vec(text(), 1..5),
        starts in prop::collection::vec(0..7usize, 24),
    ) {
        let pattern = format!("{begin}{}{end}", pieces.concat());
        let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
        let (mut shapes, mut plain, mut shaped) =
            (Shapes::default(), Scratch::default(), Scratch::default());
        // each text many times, with other neighbours and from other places: what was
        // recorded is what answers
        for (round, &start) in starts.iter().enumerate() {
            let text = &texts[round % texts.len()];
            let text = match round % 3 {
                0 => text.clone(),
                1 => format!("{}a", text.replace('1', "2").replace("b", "ab")),
                _ => text.replace("a", "b").replace("12", "1"),
            };
            let one_line = !text.contains('\n');
            let text = if one_line { text + "\n" } else { text };
            let start = if text.is_char_boundary(start) { start.min(text.len()) } else { 0 };
            let expected = regex.search_at(&text, start, &mut plain).expect("few steps");
            let expected = spans(expected, regex.group_count());
            let got = regex
                .search_shaped(&text, start, one_line, &mut shapes, &mut shaped)
                .expect("few steps");
            prop_assert_eq!(
                spans(got, regex.group_count()), expected,
                "{:?} on {:?} from {}", &pattern, text, start
            );
        }
    }
}

/// A shape that was learnt answers for other texts: what the test above relies on.
#[test]
fn shapes_answer_for_other_texts() {
    let regex = Regex::new(r"^(\S+) \w+\[(\d+)\]: (.+)$", Flags::default()).expect("compiles");
    let (mut shapes, mut scratch) = (Shapes::default(), Scratch::default());
    let first = "host sshd[12]: Failed\n";
    let other = "a.longer.name sshd[31337]: Invalid user é\n";
    for text in [first, other] {
        let found = regex.search_shaped(text, 0, true, &mut shapes, &mut scratch);
        let found = spans(found.expect("few steps"), 3).expect("a match");
        let texts: Vec<&str> = found.iter().flatten().map(|&(a, b)| &text[a..b]).collect();
        assert_eq!(
            texts[1..3],
            [
                text.split(' ').next().unwrap_or(""),
                if text == first { "12" } else { "31337" }
            ]
        );
    }
    assert!(
        matches!(
            regex.look_up("x sshd[7]: y\n", 0, true, &mut shapes),
            Ok(f2b_regex::pattern::Looked::Matches(_))
        ),
        "three texts of one shape, and the third is not known"
    );
}
