//! Machine code changes no result: a search in it finds what the machine says, to the last
//! capture. Recorded patterns run through it in `tests/internal/pattern_vectors.rs`.

use super::pieces;

use crate::pattern::{Flags, Regex, Scratch};
use pieces::{cases, piece, spans};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab1 :.]{0,18}",
        2 => "(ab|b1|a |12:|1\\.|123\\.| a 1| b b|A|é|k|K){0,6}",
        1 => "[abAé1 :.\\n]{0,14}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn no_answer_changes(
        begin in prop::sample::select(vec!["", "^", "^ ?", "(?P<x>a)?", "^(?P<x>\\w)", "\\b"]),
        pieces in prop::collection::vec(piece(), 1..7),
        end in prop::sample::select(vec!["", "$", "(.+)$", ".+$", "\\s*$"]),
        texts in prop::collection::vec(text(), 1..5),
        starts in prop::collection::vec(0..7usize, 12),
        (ignore_case, multi_line, dot_all) in any::<(bool, bool, bool)>(),
    ) {
        let pattern = format!("{begin}{}{end}", pieces.concat());
        let flags = Flags { ignore_case, multi_line, dot_all, ..Flags::default() };
        let Ok(regex) = Regex::new(&pattern, flags) else { return Ok(()) };
        let (mut plain, mut native) = (Scratch::default(), Scratch::fast());
        let mut lines = Scratch::for_lines();
        regex.translate();
        for (round, &start) in starts.iter().enumerate() {
            let text = &texts[round % texts.len()];
            let text = match round % 3 {
                0 => text.clone(),
                1 => format!("{}a\n", text.replace('1', "2").replace("b", "ab")),
                _ => text.replace("a", "B").replace("12", "1").repeat(3),
            };
            let start = if text.is_char_boundary(start) { start.min(text.len()) } else { 0 };
            let expected = regex.search_at(&text, start, &mut plain).expect("few steps");
            let expected = spans(expected, regex.group_count());
            if start == 0 {
                for scratch in [&mut plain, &mut native] {
                    let got = regex.has_match(text.as_bytes(), scratch).expect("few steps");
                    prop_assert_eq!(got, expected.is_some(), "{:?} on {:?}", &pattern, text);
                }
            }
            let is_line = !text.strip_suffix('\n').unwrap_or(&text).contains('\n');
            for scratch in [Some(&mut native), is_line.then_some(&mut lines)].into_iter().flatten() {
                let got = regex.search_at(&text, start, scratch).expect("few steps");
                prop_assert_eq!(
                    &spans(got, regex.group_count()), &expected,
                    "{:?} on {:?} from {}", &pattern, text, start
                );
            }
        }
    }
}

/// The code runs to the end by itself: what the test above relies on. The machine counts its
/// steps, the code does not.
#[cfg(target_arch = "x86_64")]
#[test]
fn everyday_searches_need_no_machine() {
    let cases = [
        (r"^(\S+) \w+\[(\d+)\]: (.+)$", "host sshd[12]: Failed", true),
        (r"^(?:a|bc|[de]+)?x(?=y)(?!yz)", "dedexy", true),
        (r"(?:\d+\.){3}\d{1,3}\b", "from 10.1.22.33 port", true),
        (r"(a|ab)(?(1)c|d)\Z", "xabc", true),
        (r"(?i)(k+)-\1", "Kk-kK", true),
        (r"(?>a+)b|(?:(?!no).)*$", "aaac no", true),
        (r"^x.*?y{2,3}z", "x yy yyyz", true),
        (r"^(?:ab?)*+c", "aababd", false),
        (r"(?<=a)b(?<!ab)", "ab", false),
    ];
    for (pattern, text, matches) in cases {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        assert!(regex.translate(), "{pattern}: not translated");
        let mut scratch = Scratch::fast();
        let found = regex.search(text, &mut scratch).expect("few steps");
        assert_eq!(found.is_some(), matches, "{pattern}");
        assert_eq!(scratch.steps(), 0, "{pattern}: left to the machine");
    }
}

/// What the code cannot do it leaves to the machine: characters that need the tables of
/// Unicode, and searches that never seem to end.
#[test]
fn the_rest_is_left_to_the_machine() {
    for (pattern, text) in [
        (r"^\w+$", "größe".to_string()),
        (r"^(?:a|a?)+$", format!("{}b", "a".repeat(40))),
        (r"^.*b", "a".repeat(5_000) + "b"),
    ] {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        regex.translate();
        let (mut plain, mut fast) = (Scratch::default(), Scratch::fast());
        let expected = spans(regex.search(&text, &mut plain).expect("few steps"), 0);
        let got = spans(regex.search(&text, &mut fast).expect("few steps"), 0);
        assert_eq!(got, expected, "{pattern}");
        assert!(fast.steps() > 0, "{pattern}: not left to the machine");
    }
}
