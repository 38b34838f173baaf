//! The few string rules of Python that decide what a configuration means:
//! white space, `\w`, `repr`, `int`, `shlex`. Not for paths.

use std::sync::OnceLock;

use regex_automata::meta::Regex;

/// `str.isspace` of one character; also what `\s` matches in Python.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// `str.strip`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What `\w` matches in Python.
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    matches_class(c, r"\A[\p{L}\p{N}]\z", &WORD)
}

static WORD: OnceLock<Option<Regex>> = OnceLock::new();

fn matches_class(c: char, class: &str, cell: &OnceLock<Option<Regex>>) -> bool {
    let regex = cell.get_or_init(|| Regex::new(class).ok());
    let mut buffer = [0; 4];
    regex
        .as_ref()
        .is_some_and(|regex| regex.is_match(&*c.encode_utf8(&mut buffer)))
}

/// `repr` of a string.
///
/// ```
/// assert_eq!(f2b_regex::config::repr("it's \\ a\n"), r#""it's \\ a\n""#);
/// ```
pub(crate) fn repr(text: &str) -> String {
    crate::python::repr(text)
}

/// `repr` of a dict of strings.
pub(crate) fn repr_dict<'a>(items: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|(name, value)| format!("{}: {value}", repr(name)))
        .collect();
    format!("{{{}}}", items.join(", "))
}

/// Python makes no number of more digits (`sys.get_int_max_str_digits`).
const MAX_DIGITS: usize = 4300;

/// `str(int(text))`, or `None` where `int` raises ValueError.
pub(crate) fn int(text: &str) -> Option<String> {
    let text = strip(text);
    let (negative, written) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    // single underscores may stand between digits
    let mut digits = String::new();
    for run in written.split('_') {
        if run.is_empty() {
            return None;
        }
        for c in run.chars() {
            digits.push(decimal(c)?);
        }
    }
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(match (digits, negative) {
        ("", _) => "0".to_owned(),
        (digits, true) => format!("-{digits}"),
        (digits, false) => digits.to_owned(),
    })
}

/// The ASCII digit of the same value as a decimal digit of any script. Unicode names them
/// all alike: ARABIC-INDIC DIGIT THREE.
fn decimal(c: char) -> Option<char> {
    const VALUES: [&str; 10] = [
        "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE",
    ];
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    static DECIMAL: OnceLock<Option<Regex>> = OnceLock::new();
    if !matches_class(c, r"\A\p{Nd}\z", &DECIMAL) {
        return None;
    }
    let name = unicode_names2::name(c)?.to_string();
    let value = name.rsplit(' ').next()?;
    let value = VALUES.iter().position(|&known| known == value)?;
    char::from_digit(u32::try_from(value).ok()?, 10)
}

/// `shlex.split`; the error is what its ValueError says.
pub(crate) fn shlex_split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => {
                let next = chars.next().ok_or("No escaped character")?;
                word.get_or_insert_default().push(next);
            }
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("No closing quotation")? {
                        end if end == c => break,
                        '\\' if c == '"' => {
                            let next = chars.next().ok_or("No escaped character")?;
                            if next != '\\' && next != '"' {
                                word.push('\\');
                            }
                            word.push(next);
                        }
                        other => word.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations are what CPython 3.11 answers.
    #[test]
    fn repr_escapes_as_python() {
        assert_eq!(repr("a"), "'a'");
        assert_eq!(repr("a'b\"c"), "'a\\'b\"c'");
        assert_eq!(
            repr("\x00\x7f\u{a0}\u{200b}é\u{feff}"),
            "'\\x00\\x7f\\xa0\\u200bé\\ufeff'"
        );
    }

    #[test]
    fn int_reads_as_python() {
        assert_eq!(int(" 0_10 ").as_deref(), Some("10"));
        assert_eq!(int("-0").as_deref(), Some("0"));
        assert_eq!(int("-007").as_deref(), Some("-7"));
        assert_eq!(int("\u{663}_4").as_deref(), Some("34"));
        assert_eq!(int("\u{1d7d9}").as_deref(), Some("1"));
        assert_eq!(int(&"9".repeat(4301)), None);
        for bad in ["\u{b2}", "", "1__0", "_1", "1_", "+ 1", "1.0", "x"] {
            assert_eq!(int(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn shlex_splits_as_python() {
        let split = |text| shlex_split(text).map(|words| words.join("|"));
        assert_eq!(
            split(r#"a 'b c'd "e\"f\g" \h ''"#),
            Ok(r#"a|b cd|e"f\g|h|"#.to_owned())
        );
        assert_eq!(split("a 'b"), Err("No closing quotation"));
        assert_eq!(split("a \\"), Err("No escaped character"));
        assert_eq!(split("a#b #c"), Ok("a#b|#c".to_owned()));
    }
}
