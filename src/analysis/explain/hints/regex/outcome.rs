//! What a text of the log that a regex is to ask for, too, tells: that somebody failed or that all
//! went well, how grave it is, who writes it. Such words stay as they are where other texts are any
//! word, and lines in which they tell of a success are left out: the regex need not say itself
//! that somebody failed.

use super::super::address::addresses;
use super::super::words::{Sense, sense_of_number, sense_of_word, tells_refusal};
use std::collections::BTreeMap;

/// A line, cut around the text that the regex does not ask for yet.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    pub(super) before: &'t str,
    pub(super) text: &'t str,
    pub(super) behind: &'t str,
}

impl Piece<'_> {
    /// Whether the text names an address that is not the one right before it: whose it is, is not
    /// known.
    pub(super) fn names_another(&self) -> bool {
        let known = addresses(self.before).last().map(|seen| seen.ip);
        let mut all = addresses(self.text).into_iter();
        all.any(|seen| Some(seen.ip) != known)
    }
}

/// Words with a sense, each with what it stands for.
type Senses = Vec<(String, Sense)>;

/// Whether what the regex has of all lines tells that somebody was turned away.
pub(super) fn is_refused(pieces: &[Piece]) -> bool {
    let refused = |piece: &Piece| tells_refusal(piece.before) || tells_refusal(piece.behind);
    pieces.iter().all(refused)
}

/// Whether a text says of what stands beside it that it was not done, or not now, or to nobody's
/// harm: `would ban`, `Restore Ban`, `(whitelisted)`.
pub(super) fn is_qualified(text: &str) -> bool {
    const WORDS: [&str; 23] = [
        "would",
        "dry",
        "dryrun",
        "simulated",
        "simulate",
        "simulation",
        "skip",
        "skipped",
        "skipping",
        "restore",
        "restored",
        "already",
        "longer",
        "undo",
        "un",
        "whitelist",
        "whitelisted",
        "allowlist",
        "allowlisted",
        "ignored",
        "ignoring",
        "exempt",
        "trusted",
    ];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    words.any(|word| WORDS.contains(&word))
}

/// What takes back the word behind it.
const NOT: [&str; 5] = ["not", "no", "never", "without", "non"];

/// Whether a text ends in a word that takes back what follows.
pub(super) fn denies(text: &str) -> bool {
    let last = text.split_whitespace().next_back();
    last.is_some_and(|word| NOT.contains(&bare(word).to_lowercase().as_str()))
}

/// The pieces of the lines that tell of a failure, all where their words do not part them; None
/// where they part them, and nothing says which are the failures, or some say that nothing was done.
pub(super) fn failing<'t>(pieces: &[Piece<'t>]) -> Option<Vec<Piece<'t>>> {
    if pieces.iter().any(|piece| is_qualified(piece.text)) {
        return None;
    }
    let refused = is_refused(pieces);
    let all: Vec<Senses> = pieces.iter().map(senses).collect();
    let differs = |word: &String| {
        let has = |senses: &Senses| senses.iter().any(|(known, _)| known == word);
        !all.iter().all(has)
    };
    let of = |senses: &Senses, sense: Sense| {
        let mut those = senses.iter().filter(|(word, _)| differs(word));
        those.any(|(_, known)| *known == sense)
    };
    let any = |sense: Sense| all.iter().any(|senses| of(senses, sense));
    // how grave a refusal is tells nothing of who is refused
    let by_level = !refused || any(Sense::Success);
    let fails = |senses: &Senses| {
        of(senses, Sense::Failure)
            || by_level && !of(senses, Sense::Success) && of(senses, Sense::Grave)
    };
    let succeeds = |senses: &Senses| {
        !fails(senses) && (of(senses, Sense::Success) || by_level && of(senses, Sense::Mild))
    };
    let failures = all.iter().filter(|senses| fails(senses)).count();
    let successes = all.iter().filter(|senses| succeeds(senses)).count();
    if failures == 0 && successes > 0 {
        return None;
    }
    let are_all = failures == 0 || refused && successes == 0;
    let kept = pieces.iter().zip(&all);
    let kept = kept.filter(|(_, senses)| are_all || fails(senses));
    Some(kept.map(|(piece, _)| *piece).collect())
}

/// The words of a piece that have a sense.
fn senses(piece: &Piece) -> Senses {
    let mut before = piece.before;
    let mut all = Vec::new();
    for word in piece.text.split_whitespace() {
        if let Some(sense) = sense(before, word) {
            let key = key(before, word);
            all.push((format!("{key} {}", bare(word)), sense));
        }
        before = word;
    }
    all
}

/// What a word tells, and what stands in front of it makes of it.
pub(super) fn sense(before: &str, word: &str) -> Option<Sense> {
    let value = value(word);
    let last = before.split_whitespace().next_back().unwrap_or("");
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) {
        // a status stands behind the request
        let is_behind_request = last.ends_with('"') || last.starts_with(['/', '"']);
        return sense_of_number(&key(before, word), value, is_behind_request);
    }
    // somebody who is called so
    if cut(word).is_none() && ["by", "from", "for"].contains(&last) {
        return None;
    }
    let sense = sense_of_word(&key(before, word), value)?;
    let is_denied = NOT.contains(&bare(last).to_lowercase().as_str());
    Some(match sense {
        Sense::Success if is_denied => Sense::Failure,
        Sense::Failure if is_denied => Sense::Success,
        sense => sense,
    })
}

/// Whether a word is who tried, by the word before it: another one in other lines.
pub(super) fn names_user(before: &str, word: &str) -> bool {
    const USERS: [&str; 6] = ["user", "username", "login", "account", "logname", "ruser"];
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let is_word = word
        .chars()
        .all(|c| c.is_alphanumeric() || "_-.".contains(c));
    is_word && USERS.contains(&last.to_lowercase().as_str()) && sense(before, word).is_none()
}

/// What says of which kind a word is: what stands before its `=` or `:`, or the word before it.
fn key(before: &str, word: &str) -> String {
    let own = cut(word).map(|(key, _)| key);
    let last = before.split_whitespace().next_back().unwrap_or("");
    let parts = own.unwrap_or(last);
    // `Mozilla/5` is no number
    let mut parts = parts.rsplit(|c: char| !c.is_alphanumeric() && c != '/');
    parts
        .find(|part| !part.is_empty())
        .unwrap_or_default()
        .to_lowercase()
}

/// `result=1` as key and value.
fn cut(word: &str) -> Option<(&str, &str)> {
    let at = word.rfind(['=', ':'])?;
    let (key, value) = (bare(&word[..at]), bare(&word[at..]));
    (!key.is_empty() && !value.is_empty()).then_some((key, value))
}

/// What a word says, behind its key where it has one.
pub(super) fn value(word: &str) -> &str {
    cut(word).map_or(bare(word), |(_, value)| value)
}

/// A word without the signs around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The pieces of the lines that one and the same daemon writes: of several the one that writes
/// most; None where none does.
pub(super) fn of_one_daemon<'t>(pieces: &[Piece<'t>]) -> Option<Vec<Piece<'t>>> {
    let families: Vec<Option<String>> = pieces.iter().map(|piece| family(piece)).collect();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for name in families.iter().flatten() {
        *numbers.entry(name).or_default() += 1;
    }
    if numbers.len() < 2 {
        return Some(pieces.to_vec());
    }
    let most = numbers.iter().max_by_key(|(_, number)| **number)?;
    if 2 * most.1 <= pieces.len() {
        return None;
    }
    let kept = pieces.iter().zip(&families);
    let kept = kept.filter(|(_, name)| name.as_deref() == Some(*most.0));
    Some(kept.map(|(piece, _)| *piece).collect())
}

/// What the names of daemons that belong together begin with: `sshd` of `sshd-session[7]:`.
fn family(piece: &Piece) -> Option<String> {
    let name = daemon(piece.text)?;
    let end = name.find(|c: char| !c.is_alphabetic());
    Some(name[..end.unwrap_or(name.len())].to_lowercase())
}

/// The name of who writes a line, from what stands in front of its message.
pub(super) fn daemon(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace().filter_map(tag);
    words.find(|name| sense("", name).is_none())
}

/// `nc` of `nc[71]:`, `nc:`, `nc[71]`.
pub(super) fn tag(word: &str) -> Option<&str> {
    let open = word.strip_suffix(':').unwrap_or(word);
    let numbered = open.strip_suffix(']').and_then(|open| open.split_once('['));
    let name = match numbered {
        Some((name, number)) if number.chars().all(|c| c.is_ascii_digit()) => name,
        Some(_) => return None,
        None if open.len() == word.len() => return None,
        None => open,
    };
    let is_of_name = |c: char| c.is_alphanumeric() || "-_./@()".contains(c);
    let is_name = name.starts_with(char::is_alphabetic) && name.chars().all(is_of_name);
    is_name.then_some(name)
}

/// Whether words that differ, and are not known, may be how it ended: a few for many lines. Names
/// and paths have other signs, or a word in front that says what they are.
pub(super) fn may_be_outcomes(column: &[(&str, &str)]) -> bool {
    const FEW: usize = 3;
    const NAMES: [&str; 16] = [
        "user", "username", "login", "account", "name", "for", "by", "host", "client", "from",
        "method", "via", "service", "port", "with", "rhost",
    ];
    let mut distinct: Vec<&str> = column.iter().map(|(_, word)| value(word)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let is_flag = distinct == ["0", "1"];
    let is_plain = |word: &&str| word.chars().all(char::is_alphabetic) && word.len() > 1;
    let is_named = |(before, word): &(&str, &str)| NAMES.contains(&key(before, word).as_str());
    let few = (2..=FEW).contains(&distinct.len()) && distinct.len() < column.len();
    few && (is_flag || distinct.iter().all(is_plain)) && !column.iter().all(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(texts: &[&'static str], before: &'static str) -> Option<Vec<&'static str>> {
        let piece = |text: &&'static str| Piece {
            before,
            text,
            behind: "",
        };
        let pieces: Vec<Piece<'static>> = texts.iter().map(piece).collect();
        failing(&pieces).map(|kept| kept.iter().map(|piece| piece.text).collect())
    }

    #[test]
    fn failures_are_kept() {
        let login = "login from 192.0.2.5";
        assert_eq!(
            kept(&[": denied", ": granted"], login),
            Some(vec![": denied"])
        );
        assert_eq!(
            kept(&["result=1", "result=0"], login),
            Some(vec!["result=1"])
        );
        assert_eq!(
            kept(&["not allowed", "allowed"], login),
            Some(vec!["not allowed"])
        );
        assert_eq!(kept(&["[WARN]", "[INFO]"], login), Some(vec!["[WARN]"]));
        assert_eq!(
            kept(&["ok=false", "ok=true"], login),
            Some(vec!["ok=false"])
        );
        assert_eq!(
            kept(&[" 401 12", " 302 12"], "\"GET /\""),
            Some(vec![" 401 12"])
        );
        assert_eq!(kept(&[" 200 12", " 302 12"], "\"GET /\""), None);
        assert_eq!(
            kept(&["port 401", "port 302"], login).map(|k| k.len()),
            Some(2)
        );
        let failed = "login failed";
        assert_eq!(
            kept(&["[WARN]", "[INFO]"], failed).map(|k| k.len()),
            Some(2)
        );
    }

    #[test]
    fn daemons_are_read() {
        assert_eq!(daemon("gate nc[71]: "), Some("nc"));
        assert_eq!(daemon("gate WARN: nc: "), Some("nc"));
        assert_eq!(daemon("gate "), None);
    }
}
