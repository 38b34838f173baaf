//! The expressions of sample logs: `constraint` and `test.condition`, which upstream's suite
//! hands to Python's `eval`. Here a small evaluator of the comparisons that occur; nothing
//! is ever run.
//!
//! ```text
//! or      = and ("or" and)*            and  = not ("and" not)*
//! not     = "not" not | compare        compare = value (op value)*
//! op      = == | != | in | not in | is | is not
//! value   = "text" | 'text' | number | True | False | None | name
//!         | opts.get(value[, value]) | opts[value] | (or[, or]*) | [or, …]
//! ```

use std::collections::HashMap;

/// What an expression can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// `name`: the filter.
    pub(crate) name: &'a str,
    /// `filename`: the sample log.
    pub(crate) filename: &'a str,
    /// `opts`: the options the line is tested with.
    pub(crate) opts: &'a HashMap<String, String>,
}

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    None,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Opts,
}

impl Value {
    fn is_true(&self, names: &Names) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Number(value) => *value != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(values) => !values.is_empty(),
            Value::Opts => !names.opts.is_empty(),
        }
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ExpressionError {
    /// What was expected.
    pub(crate) message: String,
    /// Byte of the expression where it was.
    pub(crate) at: usize,
}

/// Python's truth of an expression.
///
/// # Errors
///
/// Where the expression is not one of those above.
pub(crate) fn truth(text: &str, names: &Names) -> Result<bool, ExpressionError> {
    let mut parser = Parser { text, at: 0, names };
    let value = parser.or()?;
    parser.space();
    if parser.at == text.len() {
        Ok(value.is_true(names))
    } else {
        Err(parser.expected("an operator or the end"))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    names: &'a Names<'a>,
}

type Parsed = Result<Value, ExpressionError>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> ExpressionError {
        let found = match self.rest().chars().take(12).collect::<String>() {
            rest if rest.is_empty() => "the end".to_string(),
            rest => format!("`{rest}`"),
        };
        ExpressionError {
            message: format!("expected {what}, found {found}"),
            at: self.at,
        }
    }

    fn eat(&mut self, symbol: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(symbol);
        self.at += if found { symbol.len() } else { 0 };
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.space();
        let after = self.rest().strip_prefix(word);
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = after.is_some_and(ends);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn or(&mut self) -> Parsed {
        let mut value = self.and()?;
        while self.word("or") {
            let other = self.and()?;
            if !value.is_true(self.names) {
                value = other;
            }
        }
        Ok(value)
    }

    fn and(&mut self) -> Parsed {
        let mut value = self.not()?;
        while self.word("and") {
            let other = self.not()?;
            if value.is_true(self.names) {
                value = other;
            }
        }
        Ok(value)
    }

    fn not(&mut self) -> Parsed {
        if self.word("not") {
            let value = self.not()?;
            return Ok(Value::Bool(!value.is_true(self.names)));
        }
        self.compare()
    }

    fn compare(&mut self) -> Parsed {
        let mut left = self.value()?;
        let mut result = None;
        loop {
            let holds: fn(bool) -> bool;
            let member;
            if self.eat("==") {
                (holds, member) = (|same: bool| same, false);
            } else if self.eat("!=") {
                (holds, member) = (|same: bool| !same, false);
            } else if self.word("is") {
                holds = if self.word("not") {
                    |same: bool| !same
                } else {
                    |same: bool| same
                };
                member = false;
            } else if self.word("in") {
                (holds, member) = (|same: bool| same, true);
            } else if self.word("not") {
                if !self.word("in") {
                    return Err(self.expected("`in`"));
                }
                (holds, member) = (|same: bool| !same, true);
            } else {
                return Ok(result.map_or(left, Value::Bool));
            }
            let at = self.at;
            let right = self.value()?;
            let answer = match (&left, &right) {
                (left, right) if !member => left == right,
                (left, Value::List(values)) => values.contains(left),
                (Value::Text(part), Value::Text(text)) => text.contains(part.as_str()),
                (Value::Text(key), Value::Opts) => self.names.opts.contains_key(key),
                _ => {
                    self.at = at;
                    return Err(self.expected("a text, a list or opts behind `in`"));
                }
            };
            result = Some(result.unwrap_or(true) && holds(answer));
            left = right;
        }
    }

    fn value(&mut self) -> Parsed {
        self.space();
        let Some(first) = self.rest().chars().next() else {
            return Err(self.expected("a value"));
        };
        match first {
            '"' | '\'' => self.text_literal(first),
            '(' | '[' => self.list(first),
            c if c.is_ascii_digit() || c == '-' => {
                let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
                let length = self
                    .rest()
                    .find(|c| !is_part(c))
                    .unwrap_or(self.rest().len());
                let number = self.rest()[..length].parse();
                let number = number.map_err(|_| self.expected("a number"))?;
                self.at += length;
                Ok(Value::Number(number))
            }
            _ => self.named(),
        }
    }

    fn text_literal(&mut self, quote: char) -> Parsed {
        let inner = &self.rest()[1..];
        let mut text = String::new();
        let mut escaped = false;
        for (offset, c) in inner.char_indices() {
            if escaped {
                text.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.at += offset + 2;
                return Ok(Value::Text(text));
            } else {
                text.push(c);
            }
        }
        Err(self.expected("a text with its closing quote"))
    }

    fn list(&mut self, open: char) -> Parsed {
        let close = if open == '(' { ")" } else { "]" };
        self.at += 1;
        let mut values = Vec::new();
        let mut comma = false;
        while !self.eat(close) {
            values.push(self.or()?);
            if self.eat(",") {
                comma = true;
            } else if !self.eat(close) {
                return Err(self.expected(&format!("`,` or `{close}`")));
            } else {
                break;
            }
        }
        Ok(if open == '(' && !comma && values.len() == 1 {
            values.remove(0)
        } else {
            Value::List(values)
        })
    }

    fn named(&mut self) -> Parsed {
        for (word, value) in [
            ("None", Value::None),
            ("True", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("name", Value::Text(self.names.name.to_string())),
            ("filename", Value::Text(self.names.filename.to_string())),
        ] {
            if self.word(word) {
                return Ok(value);
            }
        }
        if !self.word("opts") {
            return Err(self.expected("name, filename, opts, a text or a number"));
        }
        if self.eat("[") {
            let at = self.at;
            let key = self.or()?;
            if !self.eat("]") {
                return Err(self.expected("`]`"));
            }
            let value = self.option(&key);
            return value.ok_or_else(|| {
                self.at = at;
                self.expected("an option that is set (opts.get gives None for others)")
            });
        }
        if self.eat(".") {
            if !self.word("get") || !self.eat("(") {
                return Err(self.expected("get(…)"));
            }
            let key = self.or()?;
            let default = if self.eat(",") {
                self.or()?
            } else {
                Value::None
            };
            if !self.eat(")") {
                return Err(self.expected("`)`"));
            }
            return Ok(self.option(&key).unwrap_or(default));
        }
        Ok(Value::Opts)
    }

    fn option(&self, key: &Value) -> Option<Value> {
        let Value::Text(key) = key else { return None };
        self.names.opts.get(key).cloned().map(Value::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<bool, String> {
        let opts = HashMap::from([("mode".to_string(), "ddos".to_string())]);
        let names = Names {
            name: "sshd",
            filename: "sshd-log",
            opts: &opts,
        };
        truth(text, &names).map_err(|error| format!("{}: {error}", error.at))
    }

    #[test]
    fn comparisons() {
        for (text, answer) in [
            ("name == 'sshd'", true),
            ("name=='sshd' and opts.get('mode') != 'aggressive'", true),
            ("opts.get('mode') == \"aggressive\"", false),
            ("opts.get('logtype', 'file') == 'file'", true),
            ("opts.get('x') is None", true),
            ("opts.get('x') is not None or False", false),
            ("not name.x", false),
            ("opts['mode'] in ('ddos', 'extra')", true),
            ("'mode' not in opts", false),
            ("name in ['a', 'b']", false),
            ("'ssh' in name", true),
            ("1 == 1 == 1", true),
            ("()", false),
            ("opts", true),
        ] {
            if text == "not name.x" {
                assert!(run(text).is_err());
            } else {
                assert_eq!(run(text), Ok(answer), "{text}");
            }
        }
    }

    #[test]
    fn faults_say_where() {
        assert_eq!(
            run("name ==").unwrap_err(),
            "7: expected a value, found the end"
        );
        assert!(
            run("open('x')")
                .unwrap_err()
                .starts_with("0: expected name,")
        );
        assert!(run("opts['nope']").is_err());
        assert!(run("name == 'x").is_err());
    }
}
