//! A regex for a text that the lines have and a regex does not ask for.

use super::super::prefix::escaped;
use super::Case;
use super::outcome::{self, Piece};
use crate::pattern::Scratch;

/// Words of a text at most, blanks being words, too.
const MOST: usize = 16;
/// Words that one word of a regex may be one of.
const EITHER: usize = 6;

/// The regex for a text, made of the lines that tell of a failure.
pub(super) struct Opened<'t> {
    pub(super) regex: String,
    /// The text in the first of them.
    pub(super) example: &'t str,
    /// The text in one of the other lines.
    other: Option<&'t str>,
}

impl Opened<'_> {
    /// What is said of the other lines, behind a text.
    pub(super) fn left_out(&self) -> String {
        self.other.map_or(String::new(), |other| {
            let other = crate::analysis::explain::hints::shortened(other.trim(), 60);
            format!(" (lines with `{other}` are none of these)")
        })
    }
}

/// The regex for the text of the lines that tell of a failure, and of no other.
/// `open`: names are left open even where all are the same, as a host's is.
pub(super) fn failing<'t>(case: &Case, pieces: &[Piece<'t>], open: bool) -> Option<Opened<'t>> {
    let kept = kept(pieces, open)?;
    let columns = Columns::new(&kept, open, kept.len() < pieces.len())?;
    let regex = columns.all()?;
    opened(case, pieces, &kept, regex)
}

/// The same for texts of different lengths, of which the first words are asked for; only where
/// these part the failures from others.
pub(super) fn failing_begin<'t>(case: &Case, pieces: &[Piece<'t>]) -> Option<Opened<'t>> {
    let kept = kept(pieces, false)?;
    if kept.len() == pieces.len() {
        return None;
    }
    let columns = Columns::new(&kept, false, true)?;
    let begin = columns.begin()?;
    opened(case, pieces, &kept, format!(r"{begin}(?:\s.*)?"))
}

/// Whether the lines are all alike as far as it can be told who failed.
pub(super) fn are_alike(pieces: &[Piece]) -> bool {
    let keeps_all = kept(pieces, false).is_some_and(|kept| kept.len() == pieces.len());
    let columns = Columns::new(pieces, false, false).filter(|_| keeps_all);
    columns.is_some_and(|columns| {
        let mut all = 0..columns.least;
        columns.refused || !all.any(|at| outcome::may_be_outcomes(&columns.column(at)))
    })
}

fn kept<'t>(pieces: &[Piece<'t>], open: bool) -> Option<Vec<Piece<'t>>> {
    let kept = outcome::failing(pieces)?;
    if open {
        outcome::of_one_daemon(&kept)
    } else {
        Some(kept)
    }
}

fn opened<'t>(
    case: &Case,
    pieces: &[Piece<'t>],
    kept: &[Piece<'t>],
    regex: String,
) -> Option<Opened<'t>> {
    let is_kept = |piece: &&Piece| kept.iter().any(|kept| kept.text == piece.text);
    let others = || pieces.iter().filter(|piece| !is_kept(piece));
    let whole = (case.compile)(&format!("^(?:{regex})$"))?;
    let mut scratch = Scratch::default();
    let takes = |piece: &Piece, scratch: &mut Scratch| {
        let text = piece.text.trim_end_matches('\n');
        whole.is_match(text, scratch).unwrap_or(true)
    };
    if others().any(|piece| takes(piece, &mut scratch)) {
        return None;
    }
    Some(Opened {
        regex,
        example: kept.first()?.text,
        other: others().next().map(|piece| piece.text),
    })
}

/// Texts of the same words, one column for each word and each blank.
struct Columns<'t> {
    /// The words of each text, each with what stands before it.
    lines: Vec<Vec<(&'t str, &'t str)>>,
    /// Words of the shortest text.
    least: usize,
    open: bool,
    /// What is asked for already tells that somebody was turned away.
    refused: bool,
    /// There are lines that are none of these.
    has_others: bool,
    /// The column of who writes the lines.
    daemon: Option<usize>,
}

impl<'t> Columns<'t> {
    fn new(pieces: &[Piece<'t>], open: bool, has_others: bool) -> Option<Columns<'t>> {
        let lines: Vec<_> = pieces.iter().map(words_of).collect();
        let refused = outcome::is_refused(pieces);
        let daemon = outcome::daemon(pieces.first()?.text);
        let mut first = lines.first()?.iter();
        let is_daemon = |(_, word): &(&str, &str)| outcome::tag(word) == daemon;
        Some(Columns {
            least: lines.iter().map(Vec::len).min()?,
            daemon: first
                .position(is_daemon)
                .filter(|_| open && daemon.is_some()),
            lines,
            open,
            refused,
            has_others,
        })
    }

    /// The regex for all words; None where one text has more than another.
    fn all(&self) -> Option<String> {
        let is_long = |words: &Vec<_>| words.len() != self.least;
        if self.least > MOST || self.lines.iter().any(is_long) {
            return None;
        }
        (0..self.least).map(|at| self.shape(at)).collect()
    }

    /// The regex for the words up to the last one that tells how it ended.
    fn begin(&self) -> Option<String> {
        let tells = |at: &usize| self.has_sense(&self.column(*at));
        let last = (0..self.least.min(MOST)).rev().find(tells)?;
        (0..=last).map(|at| self.shape(at)).collect()
    }

    fn column(&self, at: usize) -> Vec<(&'t str, &'t str)> {
        self.lines.iter().map(|words| words[at]).collect()
    }

    fn has_sense(&self, column: &[(&str, &str)]) -> bool {
        let mut words = column.iter();
        words.any(|(before, word)| outcome::sense(before, word).is_some())
    }

    fn shape(&self, at: usize) -> Option<String> {
        let column = self.column(at);
        let blank = |word: &str| word.starts_with(char::is_whitespace);
        let is_blank = blank(column[0].1);
        if column.iter().any(|(_, word)| blank(word) != is_blank) {
            return None;
        }
        if is_blank {
            return Some(r"\s+".into());
        }
        // words that tell how it ended stay, unless the regex tells it
        if (!self.refused || self.has_others) && self.has_sense(&column) {
            return either(column.iter().map(|(before, word)| told(before, word)));
        }
        let shapes = || column.iter().map(|(_, word)| numbers(word));
        if self.daemon == Some(at) {
            return either(shapes());
        }
        // the host's name is another on another machine, what ends in a colon is the daemon's
        let same = shapes().all(|shape| shape == numbers(column[0].1));
        let is_of_host = self.daemon.is_some_and(|daemon| at < daemon);
        let is_open = !self.refused && !self.has_others && !is_of_host;
        if is_open && outcome::may_be_outcomes(&column) {
            return None;
        }
        let is_user = |(before, word): &(&str, &str)| outcome::names_user(before, word);
        let is_any = self.open && is_name(column[0].1) || column.iter().all(is_user);
        let is_kept = same && !is_any;
        Some(if is_kept {
            numbers(column[0].1)
        } else {
            r"\S+".into()
        })
    }
}

/// A word that tells how it ended; the number that does is no other one.
fn told(before: &str, word: &str) -> String {
    let is_number = outcome::value(word).chars().all(|c| c.is_ascii_digit());
    if is_number && outcome::sense(before, word).is_some() {
        escaped(word)
    } else {
        numbers(word)
    }
}

/// One of some texts.
fn either(all: impl Iterator<Item = String>) -> Option<String> {
    let mut distinct: Vec<String> = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    match distinct.as_slice() {
        [one] => Some(one.clone()),
        some if some.len() <= EITHER => Some(format!("(?:{})", some.join("|"))),
        _ => None,
    }
}

/// A regex for texts of the same words: words that differ are any word, numbers any number.
/// `open`: names are left open even where all are the same, as a host's is.
pub(in super::super) fn common<'t>(texts: &[&'t str], open: bool) -> Option<String> {
    let words = |text: &&'t str| {
        let (before, behind) = ("", "");
        words_of(&Piece {
            before,
            text,
            behind,
        })
    };
    let lines: Vec<_> = texts.iter().map(words).collect();
    let columns = Columns {
        least: lines.iter().map(Vec::len).min()?,
        lines,
        open,
        refused: true,
        has_others: false,
        daemon: None,
    };
    columns.all()
}

/// Words and the blanks between them, each with the word before it.
fn words_of<'t>(piece: &Piece<'t>) -> Vec<(&'t str, &'t str)> {
    let mut all = Vec::new();
    let (mut before, mut rest) = (piece.before, piece.text);
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c: char| c.is_whitespace() != first.is_whitespace())
            .unwrap_or(rest.len());
        all.push((before, &rest[..end]));
        if !first.is_whitespace() {
            before = &rest[..end];
        }
        rest = &rest[end..];
    }
    all
}

fn is_name(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

/// A word with its numbers as `\d+`, and ids as those of containers as `[0-9a-f]+`.
pub(in super::super) fn numbers(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let run = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let whole = run(|c| c.is_alphanumeric() || c == '_').max(c.len_utf8());
        let (mut taken, mut shape) = (whole, "[0-9a-f]+".to_owned());
        if !is_hex_id(&rest[..whole]) {
            taken = run(|c| c.is_ascii_digit());
            shape = r"\d+".to_owned();
        }
        if taken == 0 {
            let next = |c: char| c.is_ascii_digit() || !(c.is_alphanumeric() || c == '_');
            let word = rest.find(next).unwrap_or(rest.len());
            taken = word.max(c.len_utf8());
            shape = escaped(&rest[..taken]);
        }
        out += &shape;
        rest = &rest[taken..];
    }
    out
}

/// Whether a word is a number of base 16 that stands for something else on the next machine.
fn is_hex_id(word: &str) -> bool {
    /// Digits of the short id of a container, of the fewest that such ids have.
    const LENGTH: usize = 12;
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let has = |is_one: fn(char) -> bool| word.contains(is_one);
    word.len() >= LENGTH
        && word.chars().all(is_hex)
        && has(|c| c.is_ascii_digit())
        && has(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::{common, numbers};

    #[test]
    fn an_id_of_a_container_is_any() {
        assert_eq!(numbers("0a1b2c3d4e5f[900]:"), r"[0-9a-f]+\[\d+\]:");
        assert_eq!(numbers("ftpd2[81]:"), r"ftpd\d+\[\d+\]:");
        assert_eq!(numbers("deadbeefcafe:"), "deadbeefcafe:");
    }

    #[test]
    fn what_differs_is_left_open() {
        let both = common(&[" gate ftpd[81]: ", " lb ftpd[9]: "], true);
        assert_eq!(both.as_deref(), Some(r"\s+\S+\s+ftpd\[\d+\]:\s+"));
        assert_eq!(common(&["a b", "a"], true), None);
    }
}
