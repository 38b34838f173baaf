//! Python's `format % mapping`, with its error messages, as far as a string can
//! be formatted with a mapping of strings. Not the meaning of the fields
//! (`fields`).

use super::python;

/// What the mapping of a `format % mapping` answers.
pub(super) trait Mapping {
    fn get(&self, key: &str) -> Option<&str>;
    /// `repr(mapping)`: what an unkeyed `%s` inserts.
    fn repr(&self) -> String;
}

/// The argument an unkeyed conversion gets: CPython lets the mapping itself be
/// taken once, if no key was looked up before (`unicode_format_getnextarg`).
enum Argument<'a> {
    Mapping,
    Value(&'a str),
    Used,
}

/// `format % mapping`; the error is the text of Python's exception.
pub(super) fn format(format: &str, mapping: &dyn Mapping) -> Result<String, String> {
    let mut cursor = Cursor {
        chars: format.chars().collect(),
        pos: 0,
        current: '\0',
    };
    let mut argument = Argument::Mapping;
    let mut out = String::with_capacity(format.len() * 4);
    while cursor.pos < cursor.chars.len() {
        let c = cursor.chars[cursor.pos];
        cursor.pos += 1;
        if c != '%' {
            out.push(c);
            continue;
        }
        match cursor.chars.get(cursor.pos) {
            None => return Err("incomplete format".into()),
            Some('%') => {
                cursor.pos += 1;
                out.push('%');
                continue;
            }
            Some('(') => argument = Argument::Value(cursor.key(mapping)?),
            Some(_) => {}
        }
        let spec = cursor.spec()?;
        let value = match argument {
            Argument::Mapping => None,
            Argument::Value(value) => Some(value),
            Argument::Used => return Err("not enough arguments for format string".into()),
        };
        if spec.star {
            return Err("* wants int".into());
        }
        argument = Argument::Used;
        let kind = if value.is_some() { "str" } else { "dict" };
        let text = match spec.conversion {
            's' => value.map_or_else(|| mapping.repr(), str::to_owned),
            'r' | 'a' => value.map_or_else(|| mapping.repr(), python::repr),
            'c' => value
                .filter(|v| v.chars().count() == 1)
                .map(str::to_owned)
                .ok_or("%c requires int or char")?,
            c @ ('d' | 'i' | 'u') => {
                return Err(format!(
                    "%{c} format: a real number is required, not {kind}"
                ));
            }
            c @ ('o' | 'x' | 'X') => {
                return Err(format!("%{c} format: an integer is required, not {kind}"));
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                return Err(format!("must be real number, not {kind}"));
            }
            c => {
                let shown = if (31..=126).contains(&(c as u32)) {
                    c
                } else {
                    '?'
                };
                return Err(format!(
                    "unsupported format character '{shown}' (0x{:x}) at index {}",
                    c as u32,
                    cursor.pos - 1
                ));
            }
        };
        let text: String = match spec.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        };
        let padding = " ".repeat(spec.width.saturating_sub(text.chars().count()));
        if spec.left {
            out.extend([text, padding]);
        } else {
            out.extend([padding, text]);
        }
    }
    Ok(out)
}

struct Spec {
    left: bool,
    star: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

struct Cursor {
    chars: Vec<char>,
    pos: usize,
    current: char,
}

impl Cursor {
    /// Steps to the next character; false at the end (the current one stays).
    fn step(&mut self) -> bool {
        let next = self.chars.get(self.pos).copied();
        self.pos += 1;
        self.current = next.unwrap_or(self.current);
        next.is_some()
    }

    /// `(key)`, parentheses balanced, looked up.
    fn key<'m>(&mut self, mapping: &'m dyn Mapping) -> Result<&'m str, String> {
        self.pos += 1;
        let start = self.pos;
        let mut open = 1;
        while open > 0 {
            if !self.step() {
                return Err("incomplete format key".into());
            }
            match self.current {
                ')' => open -= 1,
                '(' => open += 1,
                _ => {}
            }
        }
        let key: String = self.chars[start..self.pos - 1].iter().collect();
        mapping.get(&key).ok_or_else(|| python::repr(&key))
    }

    fn number(&mut self, more: &mut bool, too_big: &str) -> Result<usize, String> {
        let mut number = 0usize;
        while *more && self.current.is_ascii_digit() {
            let value = self.current as usize - '0' as usize;
            number = number
                .checked_mul(10)
                .and_then(|n| n.checked_add(value))
                .filter(|&n| n <= isize::MAX as usize)
                .ok_or(too_big)?;
            *more = self.step();
        }
        Ok(number)
    }

    /// Flags, width, precision, length modifier and conversion.
    fn spec(&mut self) -> Result<Spec, String> {
        let mut spec = Spec {
            left: false,
            star: false,
            width: 0,
            precision: None,
            conversion: '\0',
        };
        let mut more = self.step();
        while more && matches!(self.current, '-' | '+' | ' ' | '#' | '0') {
            spec.left |= self.current == '-';
            more = self.step();
        }
        if more && self.current == '*' {
            spec.star = true;
            return Ok(spec);
        }
        spec.width = self.number(&mut more, "width too big")?;
        if more && self.current == '.' {
            more = self.step();
            if more && self.current == '*' {
                spec.star = true;
                return Ok(spec);
            }
            spec.precision = Some(self.number(&mut more, "precision too big")?);
        }
        if more && matches!(self.current, 'h' | 'l' | 'L') {
            more = self.step();
        }
        if !more {
            return Err("incomplete format".into());
        }
        spec.conversion = self.current;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names;
    impl Mapping for Names {
        fn get(&self, key: &str) -> Option<&str> {
            match key {
                "Y" => Some("Year"),
                "%" => Some("%"),
                _ => None,
            }
        }
        fn repr(&self) -> String {
            "{}".into()
        }
    }

    /// Recorded from CPython 3.13 with `{'Y': 'Year', '%': '%'}`.
    #[test]
    fn formats_and_fails_like_python() {
        for (text, want) in [
            ("%(Y)s-%%", Ok("Year-%")),
            ("%(Y)10s|", Ok("      Year|")),
            ("%(Y)-10s|", Ok("Year      |")),
            ("%(Y).2s|", Ok("Ye|")),
            ("%(Y)r", Ok("'Year'")),
            ("%(%)c", Ok("%")),
            ("%", Err("incomplete format")),
            ("%(Y)s%", Err("incomplete format")),
            ("%.", Err("incomplete format")),
            ("%5", Err("incomplete format")),
            ("%h", Err("incomplete format")),
            ("%(Y", Err("incomplete format key")),
            ("%(zz)s", Err("'zz'")),
            ("%(a'b)s", Err("\"a'b\"")),
            (
                "%(Y)q",
                Err("unsupported format character 'q' (0x71) at index 4"),
            ),
            (
                "%hq",
                Err("unsupported format character 'q' (0x71) at index 2"),
            ),
            (
                "%5%",
                Err("unsupported format character '%' (0x25) at index 2"),
            ),
            (
                "%é",
                Err("unsupported format character '?' (0xe9) at index 1"),
            ),
            (
                "%(Y)d",
                Err("%d format: a real number is required, not str"),
            ),
            ("%-d", Err("%d format: a real number is required, not dict")),
            ("%(Y)x", Err("%x format: an integer is required, not str")),
            ("%e", Err("must be real number, not dict")),
            ("%(Y)c", Err("%c requires int or char")),
            ("%(Y)*d", Err("* wants int")),
            ("%(Y)s%q", Err("not enough arguments for format string")),
            ("%(Y)s%5%", Err("not enough arguments for format string")),
            ("%99999999999999999999s", Err("width too big")),
            ("%(Y).99999999999999999999s", Err("precision too big")),
        ] {
            let got = format(text, &Names);
            assert_eq!(got.as_deref().map_err(String::as_str), want, "{text:?}");
        }
    }
}
