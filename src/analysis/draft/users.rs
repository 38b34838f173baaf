//! Which parts of a message are chosen by whoever writes to the server: the names of users, as the
//! words around them tell, and what browsers call themselves.

use regex::Regex;
use std::ops::Range;
use std::sync::OnceLock;

/// Keys of a user's name: `user=`, `"username":`, `Account Name: `.
const KEYED: &str = r#"(?i)(?:^|[^\w./-])(?:client|sasl_|auth_|account|remote_?|r|login|log|u)?_?(?:user(?:[ _]?name|[ _]?id)?|usr|name|sips?|cn|account(?:[ _]?name|[ _]?id)?|acct|acc|login|identity|principal|e-?mail)(?:\\?["'])?(?:=|: ?)"#;
/// Words before a user's name in a sentence: `user `, `password for invalid user `, `login as `.
const SPOKEN: &str = r"(?ix)(?:^|[^\w./-])(?:
    (?:for|of|by|as|to)\s+(?:the\s+)?(?:(?:invalid|unknown|illegal|non-?existent|locked|local)\s+)?
        (?:user(?:name)?|account)\s+
    | (?:user(?:\ ?_?name)?|account(?:\ name)?)\s+
    | (?:failures?|failed|attempts?|password|login|logon|auth|authentication|authenticated|publickey|lock-?out)
        \s+(?:(?:attempts?|requests?|failures?|check|token)\s+)?(?:for|of|by)\s+(?:the\s+)?
    | (?:login|logon|logged\ in|authenticated?)\s+(?:attempt\s+)?as\s+(?:user\s+)?
    | authenticate\s+
    )";
/// Words that are no name: the sentence goes on.
const NO_NAME: &str = "
    a an the user users username account accounts name invalid unknown illegal nonexistent
    attempt attempts failed failure failures fails error errors denied rejected refused
    request requests does did was has had is are not for from with that by to and or of tried
    authentication authenticator authorization auth login logon logged logging password
    passwords session agent id database credentials could cannot can may must found exists
    lookup verification registration enumeration at in on via using connection connected
    disconnected closed locked disabled banned peer host client extension service server
    method action page path null none nil undefined (null) <nil> n/a true false realm plain
    cram-md5 digest-md5 ntlm external because due ip";
/// Characters from which on what stands behind `userId` with a digit is a number of the server's.
const ID: usize = 8;
/// What clients call themselves, without their versions.
const AGENTS: &str = r#"(?:^|[\s("'\[])((?:Mozilla|curl|Wget|[Pp]ython-\w+|Python|Go-http-client|okhttp|Apache-HttpClient|Java|PostmanRuntime|Opera|Dalvik|axios|node-fetch|libwww-perl|zgrab|Lynx|masscan|HTTPie)/\d\S*)"#;
/// Signs that open a value, and those that close it.
const BRACKETS: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('[', ']'),
    ('(', ')'),
    ('{', '}'),
];

fn regexes() -> Option<&'static [Regex; 3]> {
    static ALL: OnceLock<Option<[Regex; 3]>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let one = |text| Regex::new(text).ok();
        Some([one(KEYED)?, one(SPOKEN)?, one(AGENTS)?])
    });
    all.as_ref()
}

/// The places of users' names, in order; `client` is that of the client's address, and `known` are
/// some that are told otherwise.
pub(super) fn users(
    text: &str,
    client: &Range<usize>,
    known: &[Range<usize>],
) -> Vec<Range<usize>> {
    let Some([keyed, spoken, _]) = regexes() else {
        return Vec::new();
    };
    let mut all: Vec<Range<usize>> = Vec::new();
    let mut add = |found: Option<Range<usize>>| {
        let new = found.filter(|found| !all.iter().chain([client]).any(|o| overlap(o, found)));
        all.extend(new);
    };
    for (regex, is_keyed) in [(keyed, true), (spoken, false)] {
        let mut at = 0;
        while let Some(found) = regex.find_at(text, at) {
            add(value(text, found.end(), is_keyed, client, found.as_str()));
            // the sign before a key may be the one behind the key before
            let step = text[found.start()..]
                .chars()
                .next()
                .map_or(1, char::len_utf8);
            at = found.start() + step;
        }
    }
    known.iter().for_each(|place| add(Some(place.clone())));
    add(before_at_sign(text, client));
    add(in_access_log(text, client));
    repeat(text, client, &mut all);
    all.sort_by_key(|place| place.start);
    all
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// The value that begins at `start`, if it may be a name.
fn value(
    text: &str,
    start: usize,
    is_keyed: bool,
    client: &Range<usize>,
    key: &str,
) -> Option<Range<usize>> {
    let rest = &text[start..];
    let escape = usize::from(rest.starts_with("\\\"") || rest.starts_with("\\'"));
    let first = rest[escape..].chars().next()?;
    let bracket = BRACKETS.iter().find(|(open, _)| *open == first);
    let place = match bracket {
        Some(&(open, close)) => {
            let begin = start + escape + open.len_utf8();
            let length = closing(&text[begin..], close, escape > 0)?;
            begin..begin + length
        }
        None => {
            let ends =
                |c: char| c.is_whitespace() || c == '"' || is_keyed && ",;&|'`()[]{}<>".contains(c);
            let run = &rest[..rest.find(ends).unwrap_or(rest.len())];
            let run = run.trim_end_matches(|c: char| ",;:.!)]}>'\\`".contains(c));
            start..start + run.len()
        }
    };
    // `admin@192.0.2.1`
    let end = if overlap(&place, client) && place.start < client.start {
        let before = text[place.start..client.start].trim_end_matches(['\'', '"', '[']);
        let before = before.strip_suffix('@')?.trim_end_matches(['\'', '"']);
        place.start + before.len()
    } else {
        place.end
    };
    let end = match text[place.start..end].find('@') {
        Some(at) if is_keyed && key.contains("sip") => place.start + at,
        _ => end,
    };
    let place = place.start..end;
    let name = &text[place.clone()];
    let lower = name.to_lowercase();
    let is_number = name.bytes().all(|b| b.is_ascii_digit());
    let has_digit = name.bytes().any(|b| b.is_ascii_digit());
    let key = key.to_lowercase();
    let bare = key.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_id = is_keyed && bare.ends_with("id");
    let of = |word: &str| key.contains(word);
    // `imap-login: Disconnected`, `"name":"of a file"`
    let is_process = is_keyed && key.ends_with([':', ' ']) && of("login");
    let is_thing = is_keyed
        && of("name")
        && !["user", "account", "log", "uname"]
            .iter()
            .any(|word| of(word))
        && (key.contains('"') || !key.ends_with('='));
    let is_name = name.chars().any(char::is_alphanumeric)
        && !NO_NAME.split_whitespace().any(|word| word == lower)
        && !(is_id && (is_number || name.len() >= ID && has_digit))
        && !is_thing
        && !(bracket.is_none() && (name.contains('=') || is_process))
        && (is_keyed || !text[place.end..].starts_with('='))
        && !overlap(&place, client);
    is_name.then_some(place)
}

/// How long a value is that such a sign closes; `escaped`: with a backslash before it.
fn closing(rest: &str, close: char, escaped: bool) -> Option<usize> {
    let mut was_backslash = false;
    for (at, c) in rest.char_indices() {
        let backslash = was_backslash;
        was_backslash = c == '\\' && !backslash;
        if c != close || backslash != escaped {
            continue;
        }
        // an apostrophe in a name
        let after = rest[at + c.len_utf8()..].chars().next();
        if c != '\'' || !after.is_some_and(char::is_alphanumeric) {
            return Some(at - usize::from(escaped));
        }
    }
    None
}

/// `(name@192.0.2.1)`.
fn before_at_sign(text: &str, client: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..client.start].trim_end_matches(['\'', '"', '[']);
    let before = before.strip_suffix('@')?.trim_end_matches(['\'', '"']);
    let start = before
        .rfind(|c: char| c.is_whitespace() || "'\"`<[({=:,;/".contains(c))
        .map_or(0, |at| at + 1);
    let place = start..before.len();
    let is_name = text[place.clone()].chars().any(char::is_alphanumeric);
    is_name.then_some(place)
}

/// `192.0.2.1 - name [`: the log of a web server; `-` is nobody.
fn in_access_log(text: &str, client: &Range<usize>) -> Option<Range<usize>> {
    let behind = text[client.end..].strip_prefix(" - ")?;
    let length = behind.find(" [")?;
    let start = client.end + " - ".len();
    (!behind[..length].contains('"')).then_some(start..start + length)
}

/// The same names at other places of the message: `name: bob]`, `<sip:bob@example.com>`.
fn repeat(text: &str, client: &Range<usize>, all: &mut Vec<Range<usize>>) {
    let names: Vec<String> = all
        .iter()
        .map(|place| text[place.clone()].to_owned())
        .collect();
    for name in names.iter().filter(|name| name.len() > 1) {
        for (start, _) in text.match_indices(name.as_str()) {
            let place = start..start + name.len();
            if all
                .iter()
                .chain([client])
                .any(|other| overlap(other, &place))
            {
                continue;
            }
            let before = text[..start].chars().next_back();
            let after = text[place.end..].chars().next();
            let part =
                |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-./".contains(c));
            let opens = before.is_some_and(|c| "'\"`<[(=:".contains(c))
                || text[..start].ends_with(": ")
                || after == Some('@');
            let ends_sentence = after == Some('.') && !part(text[place.end + 1..].chars().next());
            if opens && !part(before) && (!part(after) || ends_sentence) {
                all.push(place);
            }
        }
    }
}

/// The places of what browsers call themselves, blanks and brackets included; what stands in
/// double quotes is one text anyway.
pub(super) fn agents(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    let Some([_, _, agents]) = regexes() else {
        return all;
    };
    for found in agents.captures_iter(text).filter_map(|found| found.get(1)) {
        let start = found.start();
        let before = text[..start].chars().next_back();
        let end = match before {
            Some('"') => continue,
            Some('(') => balanced(&text[start..], '(', ')'),
            Some('[') => balanced(&text[start..], '[', ']'),
            Some('\'') => text[start..].find('\''),
            _ => Some(products(&text[start..])),
        };
        let Some(end) = end.map(|length| start + length) else {
            continue;
        };
        if all.last().is_none_or(|last| last.end <= start) {
            all.push(start..end);
        }
    }
    all
}

/// Whether a text is what a browser calls itself.
pub(super) fn is_agent(text: &str) -> bool {
    let found = regexes().and_then(|[_, _, agents]| agents.find(text));
    found.is_some_and(|found| found.start() == 0)
}

/// How long a text is that a bracket closes, pairs of them aside.
fn balanced(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    text.char_indices().find_map(|(at, c)| {
        if c == close && depth == 0 {
            return Some(at);
        }
        depth = depth + usize::from(c == open) - usize::from(c == close);
        None
    })
}

/// `Mozilla/5.0 (X11; Linux) Gecko/2010`: products and comments up to something else.
fn products(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = text[end..].trim_start();
        let start = text.len() - rest.len();
        let length = if rest.starts_with('(') && end > 0 {
            balanced(&rest[1..], '(', ')').map(|length| length + 2)
        } else {
            let word = rest.split_whitespace().next().unwrap_or_default();
            let word = word.trim_end_matches([')', ']', '}', '>', ',', ';', '\'', '"']);
            let is_product = word
                .split_once('/')
                .is_some_and(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
            is_product.then_some(word.len())
        };
        match length {
            Some(length) if length > 0 => end = start + length,
            _ => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    fn found(text: &str) -> Vec<&str> {
        let client = addresses(text)[0];
        let all = users(text, &(client.start..client.end), &[]);
        all.into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn names_are_told_by_what_stands_before_them() {
        for (text, wanted) in [
            ("login of user 'bob k' from 192.0.2.1", vec!["bob k"]),
            ("x: user=anna, account bob, 192.0.2.1", vec!["anna", "bob"]),
            ("imap-login: Closed: user=<a@b>, rip=192.0.2.1", vec!["a@b"]),
            (r#"{"user":"a\"b","ip":"192.0.2.1"}"#, vec![r#"a\"b"#]),
            ("Account Name: eve Address: 192.0.2.1", vec!["eve"]),
            ("Invalid login as eve from 192.0.2.1", vec!["eve"]),
            (
                "Failed auth for eve from 192.0.2.1: [name: eve]",
                vec!["eve", "eve"],
            ),
            ("login failure for user eve from 192.0.2.1", vec!["eve"]),
            ("denied for user 'it's'@'192.0.2.1'", vec!["it's"]),
            ("(eve@192.0.2.1) failed for user [eve]", vec!["eve", "eve"]),
            ("SASL LOGIN authentication failed: 192.0.2.1", vec![]),
            ("Blocked user enumeration attempt from 192.0.2.1", vec![]),
            ("userId=0 uname= ruser= rhost=192.0.2.1", vec![]),
            (r#"{"user":"--","ip":"192.0.2.1"}"#, vec![]),
            (r#"{"msg":"failed for eve","ip":"192.0.2.1"}"#, vec!["eve"]),
            ("failed for eve@192.0.2.1", vec!["eve"]),
            ("AUTHENTICATE PLAIN: no 192.0.2.1", vec![]),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn agents_are_whole() {
        let text = "a (Mozilla/5.0 (X11; x) Gecko/1) b Wget/1.2 (linux) c HTTP/1.1 (by curl/8.1)";
        let all: Vec<&str> = agents(text).into_iter().map(|place| &text[place]).collect();
        let wanted = [
            "Mozilla/5.0 (X11; x) Gecko/1",
            "Wget/1.2 (linux)",
            "curl/8.1",
        ];
        assert_eq!(all, wanted);
    }
}
