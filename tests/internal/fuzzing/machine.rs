//! The machine against itself and its prefilters, on one pattern and several texts.
//!
//! Input: flags (some of `imsxa`) on the first line, the pattern on the second, a text on
//! each further one; `\n` in a text is a newline.
//!
//! * With and without memory, with memory from the first step on, and in machine code, the
//!   same groups.
//! * What the prefilters (`prefix_sets`, `literals`, the filter's) rule out does not match.
//! * A search finds what a match at its place finds, and there is none at an earlier place:
//!   the ways to skip starts skip none that matches.
//! * A text that the guard of another match (`MatchGuard`) applies to is matched in that way.
//! * The pattern compiled from its own tree is the same.
//! * Of an ASCII pattern on an ASCII text, the ASCII program and the Unicode program agree, but for
//!   the four separators that are blanks in Unicode only.

use super::regex_parser::flags;
use crate::config::Sourced;
use crate::engine::{Filter, FilterOptions};
use crate::pattern::literals::required;
use crate::pattern::prefix_sets::prefix_sets;
use crate::pattern::{Flags, Regex, Scratch, StepLimit};

/// Steps of one search: enough for small inputs, few enough for many of them.
const BUDGET: u64 = 20_000;
/// Longer texts only take longer.
const MOST_TEXT: usize = 300;

type Groups = Option<Vec<Option<(usize, usize)>>>;

/// One input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let (Some(letters), Some(pattern)) = (lines.next(), lines.next()) else {
        return;
    };
    let Ok(regex) = Regex::new(pattern, flags(letters)) else {
        return;
    };
    // counts of thousands make programs of thousands: slow, and tested elsewhere
    if pattern.len() > 400 || regex.ast().root.width.min > 2_000 {
        return;
    }
    let part = regex.part(&regex.ast().root);
    let part = part.expect("what was compiled compiles again");
    let ascii = ascii_twin(pattern, flags(letters));
    let filter = filter_of(pattern);
    let mut known: Vec<(String, Groups)> = Vec::new();
    for line in lines.take(8) {
        let line: String = line.chars().take(MOST_TEXT).collect();
        let line = line.replace("\\n", "\n");
        let Some(found) = with_and_without_memory(&regex, &line) else {
            continue;
        };
        prefilters(&regex, &line, found.is_some());
        starts(&regex, &line, &found);
        known.push((line.clone(), found.clone()));
        known
            .iter()
            .for_each(|before| guarded(&regex, before, &line));
        if let Ok(again) = search(&part, &line, &mut scratch(None)) {
            assert_eq!(again, found, "its own tree: {pattern:?} on {line:?}");
        }
        // `\s` takes the separators U+001C to U+001F in Unicode patterns alone, as in CPython
        if line.is_ascii()
            && !line.contains(|c| matches!(c, '\x1c'..='\x1f'))
            && let Some(twin) = &ascii
            && let Ok(theirs) = search(twin, &line, &mut scratch(None))
        {
            assert_eq!(theirs, found, "other alphabet: {pattern:?} on {line:?}");
        }
        if let Some(filter) = &filter
            && let Some(failregex) = filter.failregexes.first()
            && let Ok(Some(_)) = search(&failregex.regex, &line, &mut scratch(None))
        {
            let passed: Vec<usize> = filter.candidates(&line).collect();
            assert_eq!(
                passed,
                [0],
                "the filter's prefilter: {pattern:?} on {line:?}"
            );
        }
    }
}

/// Where the guard of a match says that another text matches in the same way, it does.
fn guarded(regex: &Regex, (before, groups): &(String, Groups), text: &str) {
    let Some(start) = groups.as_ref().and_then(|groups| Some(groups[0]?.0)) else {
        return;
    };
    let Some(guard) = regex.match_guard(before, start) else {
        return;
    };
    for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
        let Some(anchor) = guard.applies_to(text.as_bytes(), at, text.len()) else {
            continue;
        };
        // what was captured from the anchor on moves with it, the rest with the start
        let moved = |place: usize| match place.checked_sub(guard.anchor()) {
            Some(behind) => anchor + behind,
            None => at + place - start,
        };
        let spans = groups.iter().flatten();
        let spans = spans.map(|span| span.map(|(from, to)| (moved(from), moved(to))));
        let expected: Groups = Some(spans.collect());
        let mut scratch = scratch(None);
        let Ok(found) = regex.match_at(text, at, &mut scratch) else {
            continue;
        };
        let count = regex.group_count();
        let found: Groups = found.map(|f| (0..=count).map(|g| f.span(g)).collect());
        assert_eq!(
            found,
            expected,
            "{:?}: the guard of {before:?} applies to {text:?} at {at}",
            regex.as_str()
        );
    }
}

fn scratch(memory: Option<u64>) -> Scratch {
    let mut scratch = Scratch::default();
    scratch.set_memo_from(memory);
    scratch.set_step_budget(BUDGET);
    scratch
}

fn search(regex: &Regex, text: &str, scratch: &mut Scratch) -> Result<Groups, StepLimit> {
    let found = regex.search(text, scratch)?;
    Ok(found.map(|found| (0..=regex.group_count()).map(|g| found.span(g)).collect()))
}

/// What a search finds, if it comes to an end.
fn with_and_without_memory(regex: &Regex, text: &str) -> Option<Groups> {
    let plain = search(regex, text, &mut scratch(None));
    let mut first = plain.ok();
    for from in [0, 3, 50, 2_000] {
        let Ok(found) = search(regex, text, &mut scratch(Some(from))) else {
            continue;
        };
        match &first {
            Some(first) => assert_eq!(
                &found,
                first,
                "memory from {from}: {:?} on {text:?}",
                regex.as_str()
            ),
            None => first = Some(found),
        }
    }
    let first = first?;
    regex.translate();
    let mut fast = Scratch::fast();
    fast.set_step_budget(BUDGET);
    if let Ok(found) = search(regex, text, &mut fast) {
        assert_eq!(
            found,
            first,
            "machine code: {:?} on {text:?}",
            regex.as_str()
        );
    }
    for (start, end) in first.iter().flatten().flatten() {
        assert!(text.get(*start..*end).is_some(), "{start}..{end}");
    }
    Some(first)
}

fn prefilters(regex: &Regex, text: &str, matches: bool) {
    if !matches {
        return;
    }
    if let Some(prefix_sets) = prefix_sets(regex.ast()) {
        let all = text
            .bytes()
            .zip(&prefix_sets)
            .all(|(byte, set)| set.has(byte));
        assert!(all, "prefix_sets: {:?} on {text:?}", regex.as_str());
    }
    if let Some(texts) = required(regex.ast()) {
        let bytes = text.as_bytes();
        let any = texts.iter().any(|t| bytes.windows(t.len()).any(|w| w == t));
        assert!(any, "literals: {:?} on {text:?}", regex.as_str());
    }
}

/// The first start that matches is taken.
fn starts(regex: &Regex, text: &str, found: &Groups) {
    let end = match found {
        Some(groups) => groups[0].map_or(0, |(start, _)| start),
        None => text.len(),
    };
    let mut scratch = scratch(Some(100));
    for at in (0..=end).filter(|&at| text.is_char_boundary(at)) {
        let Ok(here) = regex.match_at(text, at, &mut scratch) else {
            return;
        };
        let here: Groups =
            here.map(|found| (0..=regex.group_count()).map(|g| found.span(g)).collect());
        let wanted = if at == end { found } else { &None };
        assert_eq!(&here, wanted, "at {at}: {:?} on {text:?}", regex.as_str());
    }
}

/// The same pattern for the other alphabet, where that may not matter: nothing in the
/// pattern names a character beyond ASCII.
fn ascii_twin(pattern: &str, flags: Flags) -> Option<Regex> {
    let plain = pattern.is_ascii()
        && !["\\x", "\\u", "\\U", "\\N", "(?"]
            .iter()
            .any(|e| pattern.contains(e))
        && !pattern
            .as_bytes()
            .windows(2)
            .any(|w| w[0] == b'\\' && w[1].is_ascii_digit());
    let flags = Flags {
        ascii: !flags.ascii,
        ..flags
    };
    plain.then(|| Regex::new(pattern, flags).ok()).flatten()
}

/// A filter whose only failregex is the pattern, with a failure id that takes no text.
fn filter_of(pattern: &str) -> Option<Filter> {
    let mut filter = Filter::new(FilterOptions::default());
    let text = format!("{pattern}(?P<fid>)");
    let source = Sourced { text, origin: None };
    filter.add_failregex(source).ok()?;
    Some(filter)
}
