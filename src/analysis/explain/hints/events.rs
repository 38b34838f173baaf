//! Dates of a line that the line says are of something else than itself: when a session ends, when
//! somebody was born.

use super::Search;
use super::trial::Trial;

/// Where the event lies, seen from the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It was before the line was written.
    Past,
    /// It is to come.
    Ahead,
}

/// Words before the date of an event that has been.
const PAST: [&str; 24] = [
    "born",
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "since",
    "created",
    "registered",
    "joined",
    "seen",
    "last",
    "previous",
    "previously",
    "started",
    "modified",
    "updated",
    "changed",
    "issued",
    "installed",
    "enrolled",
    "boot",
    "booted",
    "built",
    "iat",
];

/// Words before the date of an event that is to come.
const AHEAD: [&str; 19] = [
    "expires",
    "expire",
    "expiry",
    "expiring",
    "expiration",
    "exp",
    "until",
    "till",
    "valid",
    "after",
    "ends",
    "ending",
    "end",
    "due",
    "deadline",
    "renew",
    "renews",
    "unban",
    "unlock",
];

/// The event whose date a text leads to: `session expires `, `"createdAt":"`.
fn event_before(text: &str) -> Option<Event> {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '=');
    let is_field = text.ends_with('=');
    let text = text.trim_end_matches('=');
    let begin = text.rfind(|c: char| "\"',;{}[]()|<>".contains(c));
    let text = &text[begin.map_or(0, |at| at + 1)..];
    let words = words(text);
    // `user=created logged=`: of fields only the name of the last
    let most = if is_field { words_of_name(text) } else { 2 };
    let near = || words.iter().rev().take(most).map(String::as_str);
    if near().any(|word| AHEAD.contains(&word)) {
        return Some(Event::Ahead);
    }
    near()
        .any(|word| PAST.contains(&word))
        .then_some(Event::Past)
}

/// The words of the last name in a text: one, or those of `expires_at`.
fn words_of_name(text: &str) -> usize {
    let name = text.rsplit(char::is_whitespace).next();
    name.map_or(0, |name| words(name).len())
}

/// Words in small letters; `expiresAt` is two.
fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        let begins = !before.is_alphanumeric() || before.is_lowercase() && c.is_uppercase();
        if c.is_alphanumeric() {
            if begins {
                all.push(String::new());
            }
            if let Some(word) = all.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    all
}

/// The event whose dates are read in most lines; None where they are not of an event.
pub(super) fn read_by(search: &Search, trial: &Trial) -> Option<Event> {
    let lines = || trial.lines.iter().zip(&search.evidence.lines);
    let dated = lines().filter(|(line, _)| line.cut.is_some()).count();
    let of = |event: Event| {
        let is_it = |text: &str, (start, end): (usize, usize)| {
            // what stands before the digits may belong to the datepattern
            let date = text.get(start..end)?;
            let digits = date.find(|c: char| c.is_ascii_digit())?;
            event_before(text.get(..start + digits)?)
        };
        let such = lines().filter(|(line, sampled)| {
            let found = line.cut.and_then(|cut| is_it(&sampled.text, cut));
            found == Some(event)
        });
        2 * such.count() > dated
    };
    [Event::Past, Event::Ahead]
        .into_iter()
        .find(|event| of(*event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_by_the_words_before_their_dates() {
        for text in [
            "svc member since ",
            "user born=",
            r#"{"createdAt":""#,
            "last login: ",
            "(last seen ",
        ] {
            assert_eq!(event_before(text), Some(Event::Past), "{text}");
        }
        for text in [
            "session expires ",
            r#""expires_at": ""#,
            "token valid until ",
            "expires on: ",
            "exp=",
        ] {
            assert_eq!(event_before(text), Some(Event::Ahead), "{text}");
        }
        for text in [
            "",
            "user=created logged=",
            r#"{"msg":"user created","time":""#,
            "failed from 192.0.2.1 at ",
            "last_user=ann ts=",
            "[",
        ] {
            assert_eq!(event_before(text), None, "{text}");
        }
    }
}
