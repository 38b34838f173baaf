//! The arithmetic fail2ban hands to Python's `eval`: durations, `bantime.factor` and
//! `bantime.formula`. Numbers, operators, a conditional and a few functions; not Python.

/// Why an expression cannot be computed: what was expected, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ArithmeticError(String);

/// An expression, parsed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Negate(Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    /// Then, condition, else: the order in which Python writes them.
    Choice(Box<[Node; 3]>),
    Call(String, Vec<Node>),
}

/// Operators by binding strength, the weakest first; those of one row bind alike.
const OPERATORS: &[&[&str]] = &[
    &["<=", ">=", "==", "!=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["//", "*", "/", "%"],
];

/// The functions a formula may call.
const FUNCTIONS: &[&str] = &[
    "math.exp",
    "math.log",
    "math.sqrt",
    "math.pow",
    "math.floor",
    "math.ceil",
    "float",
    "int",
    "round",
    "min",
    "max",
    "abs",
];

impl Expression {
    /// Parses `text`; `names` are the variables it may use.
    pub(crate) fn parse(text: &str, names: &[&str]) -> Result<Expression, ArithmeticError> {
        let mut parser = Parser {
            text,
            at: 0,
            names,
            depth: 0,
        };
        let node = parser.choice()?;
        parser.blanks();
        if parser.rest().is_empty() {
            Ok(Expression(node))
        } else {
            Err(parser.expected("an operator"))
        }
    }

    /// The value, given those of the names; None where Python raises (division by zero,
    /// an overflow) or the value is no number.
    pub(crate) fn value(&self, of: &dyn Fn(&str) -> f64) -> Option<f64> {
        self.0.value(of).filter(|value| value.is_finite())
    }
}

/// The value of a text without names.
pub(crate) fn value(text: &str) -> Result<f64, ArithmeticError> {
    let expression = Expression::parse(text, &[])?;
    let value = expression.value(&|_| f64::NAN);
    value.ok_or_else(|| ArithmeticError(format!("{text:?} has no value")))
}

impl Node {
    fn value(&self, of: &dyn Fn(&str) -> f64) -> Option<f64> {
        Some(match self {
            Node::Number(number) => *number,
            Node::Name(name) => of(name),
            Node::Negate(node) => -node.value(of)?,
            Node::Choice(parts) => {
                let [then, condition, other] = parts.as_ref();
                if condition.value(of)? != 0.0 {
                    then.value(of)?
                } else {
                    other.value(of)?
                }
            }
            Node::Binary(operator, left, right) => {
                binary(operator, left.value(of)?, right.value(of)?)?
            }
            Node::Call(name, arguments) => {
                let values: Option<Vec<f64>> = arguments.iter().map(|a| a.value(of)).collect();
                call(name, &values?)?
            }
        })
    }
}

fn binary(operator: &str, left: f64, right: f64) -> Option<f64> {
    let truth = |holds: bool| Some(f64::from(u8::from(holds)));
    match operator {
        "+" => Some(left + right),
        "-" => Some(left - right),
        "*" => Some(left * right),
        "/" | "//" | "%" if right == 0.0 => None,
        "/" => Some(left / right),
        "//" => Some((left / right).floor()),
        // the sign of Python's remainder is the divisor's
        "%" => Some(left - right * (left / right).floor()),
        "**" => Some(left.powf(right)),
        "<<" if right >= 0.0 => Some(left * 2f64.powf(right)),
        ">>" if right >= 0.0 => Some((left / 2f64.powf(right)).floor()),
        "<" => truth(left < right),
        ">" => truth(left > right),
        "<=" => truth(left <= right),
        ">=" => truth(left >= right),
        "==" => truth(left == right),
        "!=" => truth(left != right),
        _ => None,
    }
}

fn call(name: &str, values: &[f64]) -> Option<f64> {
    Some(match (name, values) {
        ("math.exp", [x]) => x.exp(),
        ("math.log", [x]) if *x > 0.0 => x.ln(),
        ("math.sqrt", [x]) if *x >= 0.0 => x.sqrt(),
        ("math.pow", [x, y]) => x.powf(*y),
        ("math.floor", [x]) => x.floor(),
        ("math.ceil", [x]) => x.ceil(),
        ("float", [x]) => *x,
        ("int", [x]) => x.trunc(),
        ("round", [x]) => x.round_ties_even(),
        ("abs", [x]) => x.abs(),
        ("min", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.min(*b)),
        ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
        _ => return None,
    })
}

/// Deeper nesting than this is refused: the parser and the value call themselves.
const MAX_DEPTH: usize = 64;

struct Parser<'t> {
    text: &'t str,
    at: usize,
    names: &'t [&'t str],
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.blanks();
        let behind = self.rest().strip_prefix(word);
        let found =
            behind.is_some_and(|b| !b.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        if found {
            self.at += word.len();
        }
        found
    }

    fn expected(&self, what: &str) -> ArithmeticError {
        let rest = self.rest().trim_start();
        let place = if rest.is_empty() {
            "the end".to_string()
        } else {
            format!("{rest:?}")
        };
        ArithmeticError(format!("expected {what} at {place}"))
    }

    fn choice(&mut self) -> Result<Node, ArithmeticError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ArithmeticError("nested too deeply".into()));
        }
        let then = self.operators(0)?;
        let node = if self.take_word("if") {
            let condition = self.operators(0)?;
            if !self.take_word("else") {
                return Err(self.expected("else"));
            }
            Node::Choice(Box::new([then, condition, self.choice()?]))
        } else {
            then
        };
        self.depth -= 1;
        Ok(node)
    }

    fn operators(&mut self, row: usize) -> Result<Node, ArithmeticError> {
        let Some(operators) = OPERATORS.get(row) else {
            return self.unary();
        };
        let mut left = self.operators(row + 1)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.operators(row + 1)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.blanks();
        let rest = self.rest();
        // `<` is not the `<` of `<<`, nor `*` that of `**`
        let longer = ["<<", ">>", "**"].iter().find(|o| rest.starts_with(**o));
        let found = operators.iter().find(|o| match longer {
            Some(longer) => *o == longer,
            None => rest.starts_with(**o),
        });
        let found = *found?;
        self.at += found.len();
        Some(found)
    }

    fn unary(&mut self) -> Result<Node, ArithmeticError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ArithmeticError("nested too deeply".into()));
        }
        let node = if self.take("-") {
            Node::Negate(Box::new(self.unary()?))
        } else if self.take("+") {
            self.unary()?
        } else {
            let base = self.atom()?;
            if self.take("**") {
                Node::Binary("**", Box::new(base), Box::new(self.unary()?))
            } else {
                base
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn atom(&mut self) -> Result<Node, ArithmeticError> {
        if self.take("(") {
            let node = self.choice()?;
            return if self.take(")") {
                Ok(node)
            } else {
                Err(self.expected("\")\""))
            };
        }
        let rest = self.rest();
        let dotted = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let length = rest.find(|c| !dotted(c)).unwrap_or(rest.len());
        let word = rest[..length].to_string();
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let number = number(&word).ok_or_else(|| self.expected("a number"))?;
            self.at += length;
            return Ok(Node::Number(number));
        }
        if FUNCTIONS.contains(&word.as_str()) {
            self.at += length;
            return self.call(word);
        }
        if self.names.contains(&word.as_str()) {
            self.at += length;
            return Ok(Node::Name(word));
        }
        Err(self.expected("a number"))
    }

    fn call(&mut self, name: String) -> Result<Node, ArithmeticError> {
        if !self.take("(") {
            return Err(self.expected("\"(\""));
        }
        let mut arguments = vec![self.choice()?];
        while self.take(",") {
            arguments.push(self.choice()?);
        }
        if self.take(")") {
            Ok(Node::Call(name, arguments))
        } else {
            Err(self.expected("\")\""))
        }
    }
}

/// A number as Python writes it: `007` is none, `007.5` is.
fn number(word: &str) -> Option<f64> {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    if digits && word.starts_with('0') && word.bytes().any(|b| b != b'0') {
        return None;
    }
    let plain = word
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.' || b == b'e' || b == b'E');
    plain.then(|| word.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values from CPython's eval.
    #[test]
    fn values_are_pythons() {
        for (text, want) in [
            ("1+2*3", 7.0),
            ("(1+2)*3", 9.0),
            ("-2**2", -4.0),
            ("2**-1", 0.5),
            ("7//2", 3.0),
            ("-7//2", -4.0),
            ("-7%3", 2.0),
            ("1<<3+1", 16.0),
            ("5 if 2<1 else 6", 6.0),
            ("10*2629800.0", 26_298_000.0),
            ("max(1,2,3)-min(4,5)", -1.0),
            ("00", 0.0),
        ] {
            assert_eq!(value(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_python_refuses() {
        for text in [
            "",
            "1 2",
            "05",
            "x",
            "1/0",
            "(1",
            "1if",
            "import os",
            "1..2",
        ] {
            assert!(value(text).is_err(), "{text}");
        }
        assert!(value(&"(".repeat(5000)).is_err());
        assert!(value(&"-".repeat(5000)).is_err());
    }

    #[test]
    fn names() {
        let text = "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor";
        let formula = Expression::parse(text, &["ban.Time", "ban.Count", "banFactor"]).unwrap();
        let value = formula.value(&|name| match name {
            "ban.Time" => 600.0,
            "ban.Count" => 3.0,
            _ => 1.5,
        });
        assert_eq!(value, Some(7200.0));
    }
}
