//! From lines of one shape to a failregex: what is the same stays, what changes becomes the
//! narrowest class that holds it.

use super::classes::{AGREE, JSON_TEXT, escaped, gap, some_of, until};
use super::quoted;
use super::tokens::{Token, Word};

/// Words before a number that says what happened.
const STATUS: [&str; 9] = [
    "status", "code", "error", "err", "errno", "result", "response", "reason", "level",
];
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

/// Which of the texts that an attacker may choose hold whatever he writes; the others have no
/// blanks, or not the sign that ends them. The widest first: it is narrowed where the address
/// could be chosen by it (`attacks`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    All,
    /// All, and a name that stands twice in a line is the same both times.
    Same,
    /// Those behind the address.
    Behind,
    /// Those before it.
    Before,
    None,
}

impl Open {
    /// The next narrower one.
    pub(super) fn narrower(self) -> Option<Open> {
        match self {
            Open::All => Some(Open::Same),
            Open::Same => Some(Open::Behind),
            Open::Behind => Some(Open::Before),
            Open::Before => Some(Open::None),
            Open::None => None,
        }
    }
}

/// The lines of a cluster, word by word, and how they are generalized.
pub(super) struct Cluster<'a> {
    pub(super) lines: Vec<&'a [Word]>,
    pub(super) width: Width,
    pub(super) open: Open,
    /// It is JSON: quotes in texts are escaped.
    pub(super) json: bool,
}

/// A regex as it is written.
#[derive(Default)]
struct Written {
    out: String,
    /// Where the text behind the address begins.
    behind: usize,
    /// By line, the first user's name.
    users: Vec<String>,
    /// What the word before says of this one.
    named: Named,
}

impl Cluster<'_> {
    /// The regex of the lines, without `^` and `$`; and where the text behind the address
    /// begins in it.
    pub(super) fn regex(&self) -> (String, usize) {
        let mut written = Written::default();
        for at in 0..self.lines.first().map_or(0, |line| line.len()) {
            let words: Vec<&Word> = self.lines.iter().filter_map(|line| line.get(at)).collect();
            written.out += &gap(&words, at == 0);
            let before = at.checked_sub(1).map(|before| &self.lines[0][before]);
            written.named = match before {
                Some(word) if ends_with(word, &STATUS) => Named::Status,
                _ => Named::Nothing,
            };
            self.word(&words, &mut written);
        }
        (written.out, written.behind)
    }

    /// A word of all lines.
    fn word(&self, words: &[&Word], written: &mut Written) {
        let rows: Vec<&[Token]> = words.iter().map(|word| word.tokens.as_slice()).collect();
        let first = rows[0];
        let alike = |row: &&[Token]| {
            row.len() == first.len() && row.iter().zip(first).all(|(a, b)| a.is_alike(b))
        };
        if rows.iter().all(alike) {
            return self.tokens(&rows, None, written);
        }
        let shortest = rows.iter().map(|row| row.len()).min().unwrap_or(0);
        let same = |at: usize, from_end: bool| {
            let token = |row: &&[Token]| match from_end {
                true => row[row.len() - 1 - at].clone(),
                false => row[at].clone(),
            };
            rows.iter().all(|row| token(row).is_same(&token(&first)))
        };
        let head = (0..shortest).take_while(|&at| same(at, false)).count();
        let tail = (0..shortest - head)
            .take_while(|&at| same(at, true))
            .count();
        let middles = rows.iter().map(|row| {
            let middle = &row[head..row.len() - tail];
            middle.iter().map(Token::text).collect::<String>()
        });
        let middles: Vec<String> = middles.collect();
        let next = first[first.len() - tail..].first();
        let heads: Vec<&[Token]> = rows.iter().map(|row| &row[..head]).collect();
        let tails: Vec<&[Token]> = rows.iter().map(|row| &row[row.len() - tail..]).collect();
        self.tokens(&heads, next, written);
        written.out += &some_of(&middles, next);
        self.tokens(&tails, None, written);
    }

    /// Pieces of a word that are alike in all lines; `behind` comes next in it.
    fn tokens(&self, rows: &[&[Token]], behind: Option<&Token>, written: &mut Written) {
        let is_tuple = is_tuple(rows[0]);
        for at in 0..rows[0].len() {
            let tokens: Vec<&Token> = rows.iter().map(|row| &row[at]).collect();
            let next = rows[0].get(at + 1).or(behind);
            let is_key = next == Some(&Token::Sign(':')) || next == Some(&Token::Sign('='));
            let named = written.named;
            let piece = match tokens[0] {
                Token::Client => "<ADDR>".to_owned(),
                Token::Sign(c) => escaped(&c.to_string()),
                Token::Address(_) => r"[\da-fA-F.:]+".to_owned(),
                Token::Quoted(_) => {
                    let texts: Vec<String> = tokens.iter().map(|token| token.bare()).collect();
                    quoted::class(&texts, self.json, is_key, named == Named::Status).unwrap_or_else(
                        |class| match self.listed(&texts) {
                            Some(listed) => format!("\"{listed}\""),
                            None => class,
                        },
                    )
                }
                Token::Word(_) => self.piece(&tokens, next, named, is_tuple),
                Token::User(_) => {
                    let is_whole = next == Some(&Token::Sign('"'))
                        && at > 0
                        && rows[0][at - 1] == Token::Sign('"');
                    self.user(&tokens, next, is_whole, written)
                }
                Token::Host(_) => until(next, "+"),
                Token::Agent(_) => {
                    let blank = |token: &&Token| token.bare().contains(char::is_whitespace);
                    let is_open = self.is_open(written) || tokens.iter().any(blank);
                    if is_open { ".*" } else { r"\S*" }.to_owned()
                }
            };
            written.out += &piece;
            if *tokens[0] == Token::Client {
                written.behind = written.out.len();
            }
            written.named = match tokens[0] {
                Token::Word(text) | Token::Quoted(text) if is_key => Named::by(text),
                Token::Sign(':' | '=' | '"' | '\'' | '<' | '(' | '[') => named,
                _ => Named::Nothing,
            };
        }
    }

    /// Whether what comes next may hold any text.
    fn is_open(&self, written: &Written) -> bool {
        match self.open {
            Open::All | Open::Same => true,
            Open::Behind => written.behind > 0,
            Open::Before => written.behind == 0,
            Open::None => false,
        }
    }

    /// A user's name; `is_whole`: all that stands in double quotes.
    fn user(
        &self,
        tokens: &[&Token],
        next: Option<&Token>,
        is_whole: bool,
        written: &mut Written,
    ) -> String {
        let texts: Vec<String> = tokens.iter().map(|token| token.bare()).collect();
        let is_open = self.is_open(written);
        if self.open == Open::Same && texts == written.users {
            return "(?P=user)".to_owned();
        }
        let escapes = texts.iter().any(|text| text.contains('\\'));
        let blank = texts.iter().any(|text| text.contains(char::is_whitespace));
        let class = match next {
            _ if self.json && (is_whole || is_open) => JSON_TEXT.to_owned(),
            _ if is_open => ".*".to_owned(),
            _ if is_whole && escapes => JSON_TEXT.to_owned(),
            _ if is_whole => r#"[^"]*"#.to_owned(),
            Some(Token::Sign(c)) if blank => format!("[^{}]*", super::classes::in_class(*c)),
            next => until(next, "*"),
        };
        if written.users.is_empty() {
            written.users = texts;
            return format!("<F-USER>{class}</F-USER>");
        }
        class
    }

    /// Letters, digits and underscores; `next` comes behind it in its word.
    fn piece(&self, tokens: &[&Token], next: Option<&Token>, named: Named, tuple: bool) -> String {
        let texts: Vec<String> = tokens.iter().map(|token| token.text()).collect();
        let same = texts.iter().all(|text| *text == texts[0]);
        let number = |text: &String| text.bytes().all(|b| b.is_ascii_digit());
        let numbers = texts.iter().all(number);
        if tuple {
            return if numbers { r"\d+" } else { r"\w+" }.to_owned();
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
}

/// Whether a word is of numbers only, three or more: a date, a time, counts such as `0/-1/0`. What
/// is the same in a few lines is chance there.
fn is_tuple(tokens: &[Token]) -> bool {
    const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
    let mut numbers = 0;
    let all = tokens.iter().all(|token| match token {
        Token::Word(text) => {
            let is_number = text.bytes().all(|b| b.is_ascii_digit());
            numbers += usize::from(is_number);
            let month = text.len() == 3 && MONTHS.contains(&text.to_lowercase());
            let time = text
                .bytes()
                .all(|b| b.is_ascii_digit() || b"TZ".contains(&b));
            numbers += usize::from(time && !is_number);
            is_number || month || time
        }
        Token::Sign(c) => "/-:.,+[]()\"'".contains(*c),
        _ => false,
    });
    all && numbers >= 3
}

/// What the piece before a value says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Named {
    #[default]
    Nothing,
    Status,
}

impl Named {
    fn by(key: &str) -> Named {
        if STATUS.contains(&key.to_lowercase().as_str()) {
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
    use super::super::tokens::Message;
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    fn regex(lines: &[&str], width: Width, open: Open) -> String {
        let words: Vec<Vec<Word>> = lines
            .iter()
            .map(|line| Message::new(line, addresses(line)[0], &addresses(line), true, &[]).words())
            .collect();
        let json = lines[0].starts_with('{');
        let lines = words.iter().map(Vec::as_slice).collect();
        let cluster = Cluster {
            lines,
            width,
            open,
            json,
        };
        cluster.regex().0
    }

    #[test]
    fn what_is_the_same_stays() {
        let lines = [
            "login of user anna from 192.0.2.1 port 4711 failed: no such key",
            "login of user bob.k from 192.0.2.2 port 22 failed: no such door",
        ];
        assert_eq!(
            regex(&lines, Width::Class, Open::None),
            r"\s*login of user <F-USER>\S*</F-USER> from <ADDR> port \d+ failed: no such \S+"
        );
        let seen = regex(&lines, Width::Seen, Open::None);
        assert!(seen.ends_with("no such (?:door|key)"), "{seen}");
        let open = regex(&lines, Width::Class, Open::All);
        assert!(open.contains("user <F-USER>.*</F-USER> from"), "{open}");
    }

    #[test]
    fn values_end_where_their_signs_do() {
        let lines = [
            "x[12]: user=anna, ip=192.0.2.1, <5%> a=/b;c",
            "x[7]: user=bob, ip=192.0.2.1, <5%> a=/dd;c",
        ];
        assert_eq!(
            regex(&lines, Width::Class, Open::None),
            r"\s*x\[\d+\]: user=<F-USER>[^\s,]*</F-USER>, ip=<ADDR>, [<]\d+%%> a=/[^\s;]+\;c"
        );
    }

    #[test]
    fn one_user_has_the_name() {
        let line = "login: user=anna, account anna, from 192.0.2.1 ('anna')";
        for (open, wanted) in [
            (
                Open::None,
                r"\s*login: user=<F-USER>[^\s,]*</F-USER>, account [^\s,]*, from <ADDR> \('[^\s']*'\)",
            ),
            (
                Open::Same,
                r"\s*login: user=<F-USER>.*</F-USER>, account (?P=user), from <ADDR> \('(?P=user)'\)",
            ),
            (
                Open::Behind,
                r"\s*login: user=<F-USER>[^\s,]*</F-USER>, account [^\s,]*, from <ADDR> \('.*'\)",
            ),
        ] {
            assert_eq!(regex(&[line], Width::Class, open), wanted);
        }
    }

    #[test]
    fn json_keeps_its_keys() {
        let line = r#"{"ip":"192.0.2.1","user":"a\"b","n":12,"status":401,"msg":"no"}"#;
        let wanted = r#"\s*\{"ip":"<ADDR>","user":"<F-USER>(?:[^"\\]|\\.)*</F-USER>","n":\d+,"status":401,"msg":"no"\}"#;
        assert_eq!(regex(&[line], Width::Class, Open::None), wanted);
    }

    #[test]
    fn numbers_that_agree_by_chance_are_classes() {
        let line = "a 0/-1/0 [29/Nov/2026:10:00:01.5] v1 404 192.0.2.1";
        let wanted = r"\s*a \d+/-\d+/\d+ \[\d+/\w+/\d+:\d+:\d+:\d+\.\d+\] v1 404 <ADDR>";
        assert_eq!(regex(&[line; 4], Width::Class, Open::None), wanted);
    }
}
