//! Where two texts differ, and which members of a list changed places.

use super::value::Edit;
use std::collections::HashSet;

/// The part of two texts that differs, in whole words.
pub(crate) fn between(old: &str, new: &str) -> Edit {
    let same = |(a, b): &((usize, char), char)| a.1 == *b;
    let begin = old.char_indices().zip(new.chars()).take_while(same);
    let begin = begin.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    let begin = word_begin(old, begin).min(word_begin(new, begin));
    let (old_rest, new_rest) = (&old[begin..], &new[begin..]);
    let end = old_rest.chars().rev().zip(new_rest.chars().rev());
    let end = end.take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8());
    let end: usize = end.sum();
    let end = word_end(old_rest, end).min(word_end(new_rest, end));
    Edit {
        at: begin,
        old: old_rest[..old_rest.len() - end].to_owned(),
        new: new_rest[..new_rest.len() - end].to_owned(),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the word or the escape begins that `at` is within, or `at`.
fn word_begin(text: &str, at: usize) -> usize {
    let within = text[at..].starts_with(is_word);
    let word = text[..at].trim_end_matches(is_word).len();
    let begin = if within { word } else { at };
    text[..begin].strip_suffix('\\').map_or(begin, str::len)
}

/// The bytes at the end, of those `end`, that begin no rest of a word or an escape.
fn word_end(text: &str, end: usize) -> usize {
    let (before, rest) = text.split_at(text.len() - end);
    let rest = match before.ends_with(is_word) {
        true => rest.trim_start_matches(is_word),
        false => rest,
    };
    let mut escaped = rest.chars();
    if text[..text.len() - rest.len()].ends_with('\\') {
        escaped.next();
    }
    escaped.as_str().len()
}

/// The second numbers of the pairs that are out of order: the fewest whose removal leaves both
/// numbers rising. The pairs come with the second numbers rising.
pub(crate) fn out_of_order(pairs: &[(usize, usize)]) -> HashSet<usize> {
    // the longest rising subsequence, by the last members of those found so far
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for (at, (first, _)) in pairs.iter().enumerate() {
        let place = tails.partition_point(|&tail| pairs[tail].0 < *first);
        before[at] = place.checked_sub(1).map(|place| tails[place]);
        match tails.get_mut(place) {
            Some(tail) => *tail = at,
            None => tails.push(at),
        }
    }
    let mut moved: HashSet<usize> = pairs.iter().map(|(_, second)| *second).collect();
    let mut at = tails.last().copied();
    while let Some(here) = at {
        moved.remove(&pairs[here].1);
        at = before[here];
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_has_whole_words() {
        let edit = between(r"^sshd\[\d+\]: no", r"^sshd-session\[\d+\]: no");
        assert_eq!((edit.old.as_str(), edit.new.as_str()), ("", "-session"));
        let edit = between("a stranger é b", "a strange è b");
        assert_eq!((edit.at, edit.old.as_str()), (2, "stranger é"));
        let edit = between("same", "same again");
        assert_eq!((edit.at, edit.new.as_str()), (4, " again"));
        let edit = between(r"a\[\d+", r"b?\[\d+");
        assert_eq!((edit.old.as_str(), edit.new.as_str()), ("a", "b?"));
        let edit = between(r"x\d+", r"x\w+");
        assert_eq!((edit.old.as_str(), edit.new.as_str()), (r"\d", r"\w"));
        let edit = between("aa", "aaa");
        assert_eq!((edit.old.as_str(), edit.new.as_str()), ("aa", "aaa"));
    }

    #[test]
    fn one_that_jumps_is_out_of_order_and_the_others_are_not() {
        let moved = out_of_order(&[(3, 1), (1, 2), (2, 3), (4, 4)]);
        assert_eq!(moved, HashSet::from([1]));
        assert!(out_of_order(&[(1, 2), (2, 5)]).is_empty());
    }
}
