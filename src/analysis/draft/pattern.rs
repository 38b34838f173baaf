//! From lines of one shape to a failregex: what is the same stays, what changes becomes the
//! narrowest class that holds it.

use super::classes::{escaped, gap, one_user, some_of, until};
use super::tokens::{Token, Word};

/// Words before a user's name.
const USER: [&str; 16] = [
    "user",
    "username",
    "usr",
    "login",
    "account",
    "userid",
    "user_name",
    "loginname",
    "uname",
    "ruser",
    "acct",
    "logname",
    "authid",
    "identity",
    "principal",
    "email",
];
/// Words before `for`, which then comes before a user's name.
const ATTEMPT: [&str; 7] = [
    "failure",
    "failed",
    "attempt",
    "password",
    "login",
    "authentication",
    "publickey",
];
/// Words behind those that are no name: the sentence goes on.
const NO_NAME: [&str; 38] = [
    "a",
    "an",
    "the",
    "user",
    "username",
    "account",
    "name",
    "invalid",
    "unknown",
    "illegal",
    "nonexistent",
    "attempt",
    "attempts",
    "failed",
    "failure",
    "fails",
    "error",
    "errors",
    "denied",
    "rejected",
    "refused",
    "request",
    "does",
    "did",
    "was",
    "has",
    "is",
    "not",
    "for",
    "from",
    "with",
    "that",
    "by",
    "to",
    "and",
    "or",
    "of",
    "tried",
];
/// Words before a number that says what happened.
const STATUS: [&str; 9] = [
    "status", "code", "error", "err", "errno", "result", "response", "reason", "level",
];
/// So many lines that agree in a number or a name with digits say that it is always so.
const AGREE: usize = 3;
/// Words that are listed where a class would match lines that must not match.
const LISTED: usize = 8;

/// How much a class may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// What may well come in other lines.
    Class,
    /// Of words, only those that were seen.
    Seen,
}

/// The lines of a cluster, word by word, and how they are generalized.
pub(super) struct Cluster<'a> {
    pub(super) lines: Vec<&'a [Word]>,
    pub(super) width: Width,
    /// It is JSON: quotes in texts are escaped.
    pub(super) json: bool,
}

impl Cluster<'_> {
    /// The regex of the lines, without `^` and `$`; and where the text behind the address
    /// begins in it.
    pub(super) fn regex(&self) -> (String, usize) {
        let mut out = String::new();
        let mut behind = 0;
        for at in 0..self.lines.first().map_or(0, |line| line.len()) {
            let words: Vec<&Word> = self.lines.iter().filter_map(|line| line.get(at)).collect();
            out += &gap(&words, at == 0);
            let before = at
                .checked_sub(1)
                .and_then(|before| self.lines[0].get(before));
            let names_user = self.names_user(at);
            let has_client = words[0].tokens.contains(&Token::Client);
            if names_user && !has_client {
                out += &self.user(&words);
            } else {
                let status = before.is_some_and(|word| ends_with(word, &STATUS));
                out += &self.word(&words, status);
            }
            if has_client {
                behind = out.find("<ADDR>").map_or(0, |at| at + "<ADDR>".len());
            }
        }
        (one_user(&out, &mut behind), behind)
    }

    /// Whether the words before one say that it is a user's name.
    fn names_user(&self, at: usize) -> bool {
        let line = self.lines[0];
        let before = |back: usize| at.checked_sub(back).and_then(|at| line.get(at));
        let named = before(1).is_some_and(|word| ends_with(word, &USER))
            || before(1).is_some_and(|word| ends_with(word, &["for"]))
                && before(2).is_some_and(|word| ends_with(word, &ATTEMPT));
        let is_name = |word: &Word| match word.tokens.as_slice() {
            [Token::Word(text)] => !NO_NAME.contains(&text.to_lowercase().as_str()),
            // `key=value` has a name of its own
            tokens => !tokens.contains(&Token::Sign('=')),
        };
        named
            && self
                .lines
                .iter()
                .all(|line| line.get(at).is_some_and(is_name))
    }

    /// A word of all lines.
    fn word(&self, words: &[&Word], status: bool) -> String {
        let first = &words[0].tokens;
        let alike = |tokens: &[Token]| {
            tokens.len() == first.len() && tokens.iter().zip(first).all(|(a, b)| a.is_alike(b))
        };
        if words.iter().all(|word| alike(&word.tokens)) {
            return self.tokens(words, 0..first.len(), status);
        }
        let shortest = words
            .iter()
            .map(|word| word.tokens.len())
            .min()
            .unwrap_or(0);
        let same = |token: &dyn Fn(&Word) -> Option<Token>| {
            let wanted = token(words[0]);
            wanted.is_some() && words.iter().all(|word| token(word) == wanted)
        };
        let head = (0..shortest).take_while(|&at| same(&|word| word.tokens.get(at).cloned()));
        let head = head.count();
        let from_end = |word: &Word, at: usize| word.tokens.iter().rev().nth(at).cloned();
        let tail = (0..shortest - head).take_while(|&at| same(&|word| from_end(word, at)));
        let tail = tail.count();
        let middles: Vec<String> = words
            .iter()
            .map(|word| {
                let tokens = &word.tokens[head..word.tokens.len() - tail];
                tokens.iter().map(Token::text).collect()
            })
            .collect();
        let mut out = self.tokens(words, 0..head, status);
        let next = first[first.len() - tail..].first();
        out += &some_of(&middles, next);
        for token in &first[first.len() - tail..] {
            out += &escaped(&token.text());
        }
        out
    }

    /// Pieces of a word that are alike in all lines.
    fn tokens(&self, words: &[&Word], range: std::ops::Range<usize>, status: bool) -> String {
        let mut out = String::new();
        let mut named = if status {
            Named::Status
        } else {
            Named::Nothing
        };
        for at in range {
            let tokens: Vec<&Token> = words.iter().map(|word| &word.tokens[at]).collect();
            let next = words[0].tokens.get(at + 1);
            let is_key = next == Some(&Token::Sign(':')) || next == Some(&Token::Sign('='));
            let piece = match tokens[0] {
                Token::Client => "<ADDR>".to_owned(),
                Token::Sign(c) => escaped(&c.to_string()),
                Token::Address(_) => r"[\da-fA-F.:]+".to_owned(),
                Token::Quoted(_) => self.quoted(&tokens, is_key, named),
                Token::Word(_) => self.piece(&tokens, next, named),
            };
            out += &piece;
            named = match tokens[0] {
                Token::Word(text) | Token::Quoted(text) if is_key => Named::by(text),
                Token::Sign(':' | '=' | '"' | '\'' | '<' | '(' | '[') => named,
                _ => Named::Nothing,
            };
        }
        out
    }

    /// A text in quotes.
    fn quoted(&self, tokens: &[&Token], is_key: bool, named: Named) -> String {
        let text = |token: &Token| match token {
            Token::Quoted(text) => text.clone(),
            other => other.text(),
        };
        let texts: Vec<String> = tokens.iter().map(|token| text(token)).collect();
        let same = texts.iter().all(|text| *text == texts[0]);
        let digits = texts[0].bytes().any(|b| b.is_ascii_digit());
        let user = named == Named::User;
        if same && (is_key || !user && (!digits || texts.len() >= AGREE || named == Named::Status))
        {
            return format!("\"{}\"", escaped(&texts[0]));
        }
        let escapes = self.json || texts.iter().any(|text| text.contains('\\'));
        let class = if escapes {
            r#"(?:[^"\\]|\\.)*"#
        } else {
            r#"[^"]*"#
        };
        if user {
            return format!("\"<F-USER>{class}</F-USER>\"");
        }
        match self.listed(&texts) {
            Some(listed) => format!("\"{listed}\""),
            None => format!("\"{class}\""),
        }
    }

    /// Letters, digits and underscores; `next` comes behind it in its word.
    fn piece(&self, tokens: &[&Token], next: Option<&Token>, named: Named) -> String {
        let texts: Vec<String> = tokens.iter().map(|token| token.text()).collect();
        let same = texts.iter().all(|text| *text == texts[0]);
        let number = |text: &String| text.bytes().all(|b| b.is_ascii_digit());
        let numbers = texts.iter().all(number);
        if named == Named::User {
            return format!("<F-USER>{}</F-USER>", until(next, "+"));
        }
        if same {
            let digits = texts[0].bytes().any(|b| b.is_ascii_digit());
            let status = matches!(texts[0].parse(), Ok(400..=599u32)) && texts[0].len() == 3;
            let short = !numbers && texts[0].len() < 8;
            let fixed = !digits || short || status || named == Named::Status;
            return match (fixed || texts.len() >= AGREE, numbers) {
                (true, _) => escaped(&texts[0]),
                (false, true) => r"\d+".to_owned(),
                (false, false) => r"\w+".to_owned(),
            };
        }
        if numbers {
            return r"\d+".to_owned();
        }
        self.listed(&texts).unwrap_or_else(|| until(next, "+"))
    }

    /// The texts seen, where a class would be too wide.
    fn listed(&self, texts: &[String]) -> Option<String> {
        if self.width == Width::Class {
            return None;
        }
        let mut seen: Vec<&String> = texts.iter().collect();
        seen.sort();
        seen.dedup();
        let digits = seen
            .iter()
            .any(|text| text.bytes().any(|b| b.is_ascii_digit()));
        if seen.len() > LISTED || digits || seen.iter().any(|text| text.is_empty()) {
            return None;
        }
        let seen: Vec<String> = seen.iter().map(|text| escaped(text)).collect();
        Some(format!("(?:{})", seen.join("|")))
    }

    /// A word that is a user's name.
    fn user(&self, words: &[&Word]) -> String {
        let text = |word: &&Word| word.tokens.iter().map(Token::text).collect::<String>();
        let texts: Vec<String> = words.iter().map(text).collect();
        let first = texts[0].chars().next().filter(|c| "'\"`(<[".contains(*c));
        let opens = first.filter(|c| texts.iter().all(|text| text.starts_with(*c)));
        let last = texts[0]
            .chars()
            .next_back()
            .filter(|c| "'\"`)>],.:;".contains(*c));
        let long = |text: &String| text.chars().count() > 1;
        let closes = last.filter(|c| texts.iter().all(|t| t.ends_with(*c) && long(t)));
        let mut out = opens.map_or(String::new(), |c| escaped(&c.to_string()));
        let blank = texts.iter().any(|text| text.contains(char::is_whitespace));
        let class = match closes {
            Some('"') if blank => r#"[^"]*"#.to_owned(),
            Some(c) if blank => format!("[^{}]*", escaped(&c.to_string())),
            // the sign may stand in a name, too
            Some(_) => r"\S*".to_owned(),
            None => r"\S+".to_owned(),
        };
        out += &format!("<F-USER>{class}</F-USER>");
        out += &closes.map_or(String::new(), |c| escaped(&c.to_string()));
        out
    }
}

/// What the piece before a value says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Nothing,
    User,
    Status,
}

impl Named {
    fn by(key: &str) -> Named {
        let key = key.to_lowercase();
        if USER.contains(&key.as_str()) {
            Named::User
        } else if STATUS.contains(&key.as_str()) {
            Named::Status
        } else {
            Named::Nothing
        }
    }
}

/// Whether a word is one of those, signs at its end aside.
fn ends_with(word: &Word, names: &[&str]) -> bool {
    let signs = word.tokens.iter().rev();
    let mut tokens = signs.skip_while(|token| matches!(token, Token::Sign(':' | '=')));
    let is_name = |token: &Token| match token {
        Token::Word(text) => names.contains(&text.to_lowercase().as_str()),
        _ => false,
    };
    tokens.next().is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::words;
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    fn regex(lines: &[&str], width: Width) -> String {
        let words: Vec<Vec<Word>> = lines
            .iter()
            .map(|line| words(line, addresses(line)[0], &addresses(line)))
            .collect();
        let json = lines[0].starts_with('{');
        let lines = words.iter().map(Vec::as_slice).collect();
        Cluster { lines, width, json }.regex().0
    }

    #[test]
    fn what_is_the_same_stays() {
        let lines = [
            "login of user anna from 192.0.2.1 port 4711 failed: no such key",
            "login of user bob.k from 192.0.2.2 port 22 failed: no such door",
        ];
        assert_eq!(
            regex(&lines, Width::Class),
            r"\s*login of user <F-USER>\S+</F-USER> from <ADDR> port \d+ failed: no such \S+"
        );
        assert!(regex(&lines, Width::Seen).ends_with("no such (?:door|key)"));
    }

    #[test]
    fn values_end_where_their_signs_do() {
        let lines = [
            "x[12]: user=anna, ip=192.0.2.1, <5%> a=/b;c",
            "x[7]: user=bob, ip=192.0.2.1, <5%> a=/dd;c",
        ];
        assert_eq!(
            regex(&lines, Width::Class),
            r"\s*x\[\d+\]: user=<F-USER>[^\s,]+</F-USER>, ip=<ADDR>, [<]\d+%%> a=/[^\s;]+\;c"
        );
    }

    #[test]
    fn a_sentence_is_no_name() {
        let line = "login failure for user eve from 192.0.2.1";
        let wanted = r"\s*login failure for user <F-USER>\S+</F-USER> from <ADDR>";
        assert_eq!(regex(&[line], Width::Class), wanted);
        let line = "Authentication failure for eve from 192.0.2.1: user does not exist";
        let wanted =
            r"\s*Authentication failure for <F-USER>\S+</F-USER> from <ADDR>: user does not exist";
        assert_eq!(regex(&[line], Width::Class), wanted);
    }

    #[test]
    fn one_user_has_the_name() {
        let line = "login: user=anna, account bob, from 192.0.2.1";
        let wanted = r"\s*login: user=<F-USER>[^\s,]+</F-USER>, account \S*, from <ADDR>";
        assert_eq!(regex(&[line], Width::Class), wanted);
    }

    #[test]
    fn json_keeps_its_keys() {
        let line = r#"{"ip":"192.0.2.1","user":"a\"b","n":12,"status":401,"msg":"no"}"#;
        let wanted = r#"\s*\{"ip":"<ADDR>","user":"<F-USER>(?:[^"\\]|\\.)*</F-USER>","n":\d+,"status":401,"msg":"no"\}"#;
        assert_eq!(regex(&[line], Width::Class), wanted);
    }
}
