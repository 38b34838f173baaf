//! Lines of one shape: by Drain (`fit::shapes`), and then told apart or put together by what the
//! words that differ are: words of a message, or names.

use super::tokens::{Token, Word};
use crate::analysis::fit::shapes::Shapes;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Shapes of lines that are told apart.
const SHAPES: usize = 2000;
/// Messages that are told apart in one shape.
const MESSAGES: usize = 8;
/// Values of a word from which on it is no word of the message.
const VALUES: usize = 3;
/// Clusters of which some are put together, at most.
const MERGED: usize = 300;
/// Names that are tried on every server.
const COMMON: &str =
    "root admin administrator test guest oracle ubuntu nobody ftpuser bob alice eve anna";

/// The clusters of lines: their numbers.
pub(super) fn find(lines: &[Vec<Word>]) -> Vec<Vec<usize>> {
    let mut shapes = Shapes::new(SHAPES);
    let mut clusters: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for (number, words) in lines.iter().enumerate() {
        let texts: Vec<String> = words.iter().map(shown).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let shape = shapes.add_words(number as u64, "", &texts);
        let key = (shape.unwrap_or(SHAPES + number), skeleton(words));
        clusters.entry(key).or_default().push(number);
    }
    let apart = clusters.into_values();
    let apart: Vec<Vec<usize>> = apart
        .flat_map(|cluster| by_message(lines, cluster))
        .collect();
    merged(lines, apart)
}

/// Names that only their values tell: a word by itself that changes, and is a common name in some
/// line. By line, where in its message it stands.
pub(super) fn names(lines: &[Vec<Word>], clusters: &[Vec<usize>]) -> Vec<(usize, Range<usize>)> {
    let mut all = Vec::new();
    for cluster in clusters {
        let words = cluster
            .iter()
            .map(|&line| lines[line].len())
            .min()
            .unwrap_or(0);
        for at in 0..words {
            let of = |line: &usize| &lines[*line][at];
            let mut values: Vec<String> = cluster.iter().map(|line| shown(of(line))).collect();
            let is_plain = |word: &Word| {
                word.tokens.iter().all(|token| match token {
                    Token::Word(_) => true,
                    Token::Sign(c) => !"=/\\".contains(*c),
                    _ => false,
                })
            };
            if !cluster.iter().all(|line| is_plain(of(line)))
                || !values.iter().any(|value| is_common(value))
            {
                continue;
            }
            values.sort();
            values.dedup();
            // of one line, only what stands in signs or at the end
            let word = of(&cluster[0]);
            let apart = at + 1 == lines[cluster[0]].len() || word.is_in_signs();
            if values.len() > 1 || cluster.len() == 1 && apart {
                all.extend(cluster.iter().map(|&line| (line, of(&line).inner())));
            }
        }
    }
    all
}

/// A word as the clusters see it.
fn shown(word: &Word) -> String {
    word.tokens.iter().map(Token::shown).collect()
}

/// Where the client's address stands: in which word, and between which signs.
fn skeleton(words: &[Word]) -> String {
    let is_client = |word: &Word| word.tokens.contains(&Token::Client);
    let Some(at) = words.iter().position(is_client) else {
        return String::new();
    };
    let mut out = at.to_string();
    for token in &words[at].tokens {
        match token {
            Token::Word(_) => out.push('w'),
            Token::Sign(c) => {
                out.push('\\');
                out.push(*c);
            }
            Token::Quoted(_) => out.push('q'),
            Token::Client => out.push('C'),
            Token::Address(_) => out.push('a'),
            Token::User(_) => out.push('u'),
            Token::Host(_) => out.push('h'),
            Token::Agent(_) => out.push('g'),
        }
    }
    out
}

/// The word if it may be one of a message: letters, with signs around them.
fn of_message(word: &Word) -> Option<String> {
    let is_plain = |token: &Token| match token {
        Token::Word(text) => text.chars().all(char::is_alphabetic),
        Token::Sign(c) => !"@/=<>{}\\".contains(*c),
        _ => false,
    };
    let text = shown(word);
    let is_word = word.tokens.iter().all(is_plain) && text.chars().any(char::is_alphabetic);
    (is_word && !is_common(&text)).then_some(text)
}

/// Whether a text is a name that is tried everywhere.
fn is_common(text: &str) -> bool {
    let text = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    COMMON.split(' ').any(|name| name == text) || text.contains('@')
}

/// The lines of a shape by their messages: those that differ in two words or more of it.
fn by_message(lines: &[Vec<Word>], cluster: Vec<usize>) -> Vec<Vec<usize>> {
    let words = lines[cluster[0]].len();
    let differing = (0..words).filter(|&at| {
        let text = |line: &usize| lines[*line].get(at).and_then(of_message);
        let first = text(&cluster[0]);
        cluster.iter().all(|line| text(line).is_some())
            && cluster.iter().any(|line| text(line) != first)
    });
    let differing: Vec<usize> = differing.collect();
    // a word by itself that is another in every line is a value
    let of_sentence = |at: &&usize| {
        let values: BTreeSet<String> = cluster
            .iter()
            .map(|&line| shown(&lines[line][**at]))
            .collect();
        values.len() < cluster.len()
            || differing.contains(&(**at + 1))
            || at
                .checked_sub(1)
                .is_some_and(|before| differing.contains(&before))
    };
    let differing: Vec<usize> = differing.iter().filter(of_sentence).copied().collect();
    if differing.len() < 2 {
        return vec![cluster];
    }
    let mut messages: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for &line in &cluster {
        let texts = differing.iter().map(|&at| shown(&lines[line][at]));
        messages.entry(texts.collect()).or_default().push(line);
    }
    if messages.len() > MESSAGES {
        return vec![cluster];
    }
    let mut apart: Vec<Vec<usize>> = messages.into_values().collect();
    apart.sort();
    apart
}

/// Puts clusters together that differ in one word, of many values or names: a name that nothing
/// tells to be one.
fn merged(lines: &[Vec<Word>], mut clusters: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    if clusters.len() < 2 || clusters.len() > MERGED {
        return clusters;
    }
    let masked = |line: usize, without: usize| {
        let mut key = skeleton(&lines[line]);
        for (at, word) in lines[line].iter().enumerate() {
            let text = shown(word);
            let is_fixed = at != without && !text.bytes().any(|b| b.is_ascii_digit());
            key.push('\n');
            key.push_str(if is_fixed { &text } else { "\t" });
        }
        key
    };
    let longest = clusters.iter().map(|cluster| lines[cluster[0]].len()).max();
    for at in 0..longest.unwrap_or(0) {
        let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
        let mut order: Vec<String> = Vec::new();
        for (number, cluster) in clusters.iter().enumerate() {
            if lines[cluster[0]].len() <= at {
                continue;
            }
            let key = masked(cluster[0], at);
            let known = alike.entry(key.clone()).or_default();
            if known.is_empty() {
                order.push(key);
            }
            known.push(number);
        }
        for key in order {
            let numbers = &alike[&key];
            let texts = numbers
                .iter()
                .map(|&number| shown(&lines[clusters[number][0]][at]));
            let texts: Vec<String> = texts.collect();
            let are_names = texts.iter().any(|text| is_common(text));
            let has_digits = |text: &String| text.bytes().any(|b| b.is_ascii_digit());
            let many = texts.len() >= VALUES || texts.iter().all(has_digits);
            if numbers.len() > 1 && (many || are_names) {
                let (first, rest) = (numbers[0], &numbers[1..]);
                let moved: Vec<usize> = rest
                    .iter()
                    .flat_map(|&number| std::mem::take(&mut clusters[number]))
                    .collect();
                clusters[first].extend(moved);
                clusters[first].sort_unstable();
            }
        }
        clusters.retain(|cluster| !cluster.is_empty());
    }
    clusters.sort();
    clusters
}

#[cfg(test)]
mod tests {
    use super::super::tokens::Message;
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    fn of(lines: &[&str]) -> Vec<Vec<usize>> {
        let words: Vec<Vec<Word>> = lines
            .iter()
            .map(|line| Message::new(line, addresses(line)[0], &addresses(line), true, &[]).words())
            .collect();
        find(&words)
    }

    #[test]
    fn messages_are_told_apart_and_names_are_not() {
        let lines = [
            "login anna from 192.0.2.1 failed because of a wrong password given",
            "login bob from 192.0.2.1 failed because of no known user found",
            "login eve from 192.0.2.1 failed because of a wrong password given",
        ];
        assert_eq!(of(&lines), [vec![0, 2], vec![1]]);
        let lines = ["root door shut on 192.0.2.1", "eve door shut on 192.0.2.2"];
        assert_eq!(of(&lines), [[0, 1]]);
        let lines = [
            "opened door shut on 192.0.2.1",
            "broke door shut on 192.0.2.2",
        ];
        assert_eq!(of(&lines), [[0], [1]]);
    }
}
