//! What Python refuses in a regex because another dialect has it: PCRE, Perl, Java, sed. Each with
//! what says the same in Python.

/// Escapes that Python does not know.
const ESCAPES: [(&str, &str); 13] = [
    (r"\h", r"write `[ \t]`, or `\s`"),
    (r"\H", r"write `[^ \t]`, or `\S`"),
    (
        r"\K",
        "leave `\\K` out: who failed is what `<HOST>` takes, whatever stands before it",
    ),
    (r"\z", "write `$` at the end"),
    (r"\G", "write `^` at the begin"),
    (
        r"\R",
        "each line is looked at by itself: write `$` where it ends",
    ),
    (r"\X", "write `.`"),
    (r"\e", r"write `\x1b`"),
    (
        r"\p",
        r"Python has no `\p{…}`: write `\w`, or `[^\W\d_]` for letters alone",
    ),
    (
        r"\P",
        r"Python has no `\P{…}`: write `\W`, or `[\W\d_]` for what is no letter",
    ),
    (
        r"\Q",
        r"Python has no `\Q…\E`: put a `\` before each sign in it that means something in a regex",
    ),
    (
        r"\E",
        r"Python has no `\Q…\E`: put a `\` before each sign in it that means something in a regex",
    ),
    (r"\y", r"write `\b`"),
];

/// What to write in place of what is refused; `at` is where in the regex as written.
pub(super) fn instead(written: &str, at: Option<usize>, message: &str) -> Option<String> {
    let rest = at.and_then(|at| written.get(at..)).unwrap_or_default();
    if let Some(escape) = message.strip_prefix("bad escape ") {
        let known = ESCAPES.iter().find(|(known, _)| *known == escape);
        return known.map(|(_, instead)| (*instead).to_owned());
    }
    match message {
        "global flags not at the start of the expression" => Some(
            "put the flags at the begin of the regex, or write `(?i:…)` around what they are for"
                .into(),
        ),
        "nothing to repeat" if rest.starts_with('*') => Some(
            "`*` repeats what stands before it; any text is `.*`, a `*` of the log `\\*`".into(),
        ),
        "look-behind requires fixed-width pattern" => {
            Some("ask for what stands before as a part of the regex, without `(?<=…)`".into())
        }
        "missing ), unterminated subpattern" => {
            unclosed(written).or_else(|| Some(r"a parenthesis of the log is written `\(`".into()))
        }
        "unbalanced parenthesis" => Some(r"a parenthesis of the log is written `\)`".into()),
        "unterminated character set" => Some(r"a bracket of the log is written `\[`".into()),
        _ => group(written, message)
            .or_else(|| code_point(rest))
            .or_else(|| range(message)),
    }
}

/// `<F-ID>` without `</F-ID>`: fail2ban makes a group of each.
fn unclosed(written: &str) -> Option<String> {
    /// What fail2ban has as a tag that stands alone.
    const ALONE: [&str; 8] = ["ADDR", "IP4", "IP6", "DNS", "CIDR", "SUBNET", "ID", "PORT"];
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-".contains(c);
    let opened = written.match_indices("<F-").filter_map(|(at, open)| {
        let inner = &written[at + open.len()..];
        let name = &inner[..inner.find('>')?];
        let is_name = !name.is_empty() && name.chars().all(is_of_name);
        let is_closed = inner.contains(&format!("</F-{name}>"));
        (is_name && !is_closed).then_some(name)
    });
    let name = { opened }.next()?;
    let closes = format!("`<F-{name}>` begins a group, `</F-{name}>` must stand where it ends");
    Some(match name {
        "HOST" => format!("{closes}; who failed is `<HOST>`"),
        name if ALONE.contains(&name) => {
            format!("{closes}; `<F-{name}/>` stands alone")
        }
        _ => closes,
    })
}

/// Groups that Python does not know.
fn group(written: &str, message: &str) -> Option<String> {
    let unknown = message.strip_prefix("unknown extension ")?;
    match unknown {
        "?|" => Some("write `(?:…)`".into()),
        "?'" => {
            let name = written.split("(?'").nth(1)?.split('\'').next()?;
            Some(format!("write `(?P<{name}>…)`"))
        }
        "?&" | "?P>" | "?R" => {
            Some("Python has no regex that calls a group: write the group out once more".into())
        }
        _ => None,
    }
}

/// `\x{20}`, `\u{20ac}`.
fn code_point(rest: &str) -> Option<String> {
    let digits = rest
        .strip_prefix(r"\x{")
        .or_else(|| rest.strip_prefix(r"\u{"))?;
    let code = u32::from_str_radix(digits.split('}').next()?, 16).ok()?;
    char::from_u32(code)?;
    Some(match code {
        0..=0xff => format!(r"write `\x{code:02x}`"),
        0x100..=0xffff => format!(r"write `\u{code:04x}`"),
        _ => format!(r"write `\U{code:08x}`"),
    })
}

/// `[\w-.]`, which other dialects take for three things.
fn range(message: &str) -> Option<String> {
    let range = message.strip_prefix("bad character range ")?;
    range
        .starts_with('\\')
        .then(|| "a `-` that is meant as a sign stands last in the class, or as `\\-`".into())
}

#[cfg(test)]
mod tests {
    use super::instead;

    #[test]
    fn a_group_that_is_not_closed_is_named() {
        let told = |written| instead(written, None, "missing ), unterminated subpattern");
        assert!(told(r"from <F-ID>\S+$").is_some_and(|told| told.contains("`</F-ID>`")));
        assert!(told("from <F-IP4>$").is_some_and(|told| told.contains("`<F-IP4/>`")));
        assert!(told("(x <HOST>").is_some_and(|told| told.contains("parenthesis")));
    }

    #[test]
    fn code_points_are_written_as_python_does() {
        let told = |written| instead(written, Some(0), "incomplete escape \\x");
        assert_eq!(told(r"\x{20}").as_deref(), Some(r"write `\x20`"));
        assert_eq!(told(r"\x{20AC}").as_deref(), Some(r"write `\u20ac`"));
        assert_eq!(told(r"\x{1F600}").as_deref(), Some(r"write `\U0001f600`"));
        assert_eq!(told(r"\x{110000}"), None);
        assert_eq!(told(r"\x{20"), Some(r"write `\x20`".into()));
        assert_eq!(told(r"\xg"), None);
    }
}
