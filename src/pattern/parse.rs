//! The parser of Python's str patterns: sequences, alternatives, quantifiers.
//!
//! `escapes`, `classes` and `groups` hold the rest of it. It accepts what CPython
//! 3.13 accepts and refuses the rest with CPython's message and position; it reads
//! tokens in CPython's order, since that decides which of two errors comes first.
//! Warnings (possible nested set, …) are not errors and are not kept.

use super::Flags;
use super::ast::{Anchor, Ast, Kind, Node, Repeat, RepeatMode, Span, Width};
use super::error::PatternError;
use super::source::{Source, Token};

/// CPython's recursion limit lets 497 groups nest when nothing else is on its
/// stack; a pattern near that is an accident or an attack.
const NESTING_LIMIT: usize = 497;

/// Parse a pattern.
///
/// # Errors
///
/// What `re.compile` raises, lookbehind widths excepted: those are found when
/// the pattern is compiled, as in CPython.
pub(crate) fn parse(pattern: &str, flags: Flags) -> Result<Ast, PatternError> {
    let mut parser = Parser {
        source: Source::new(pattern)?,
        flags,
        type_flags: TypeFlags {
            ascii: flags.ascii,
            unicode: false,
        },
        group_widths: vec![None],
        names: Vec::new(),
        lookbehind_groups: None,
        forward: Vec::new(),
        depth: 0,
    };
    let root = parser.alternatives(flags, true)?;
    if parser.type_flags.ascii && parser.type_flags.unicode {
        return Err(PatternError::whole(
            "ASCII and UNICODE flags are incompatible",
        ));
    }
    if parser.source.next != Token::End {
        return Err(parser.source.error("unbalanced parenthesis", 0));
    }
    let groups = parser.group_widths.len() - 1;
    for &(group, position) in &parser.forward {
        if group > groups {
            return Err(PatternError::at(
                format!("invalid group reference {group}"),
                pattern,
                position,
            ));
        }
    }
    Ok(Ast {
        root,
        flags: parser.flags,
        groups,
        names: parser.names,
    })
}

/// The type flags of the whole pattern, which must not contradict each other.
pub(super) struct TypeFlags {
    pub(super) ascii: bool,
    pub(super) unicode: bool,
}

pub(super) struct Parser<'p> {
    pub(super) source: Source<'p>,
    /// Flags of the whole pattern.
    pub(super) flags: Flags,
    pub(super) type_flags: TypeFlags,
    /// Width of each group that is closed, by index; group 0 never is.
    pub(super) group_widths: Vec<Option<Width>>,
    pub(super) names: Vec<(String, usize)>,
    /// Number of groups when the outermost lookbehind began.
    pub(super) lookbehind_groups: Option<usize>,
    /// Groups that conditionals name by number, and where first.
    pub(super) forward: Vec<(usize, usize)>,
    pub(super) depth: usize,
}

impl Parser<'_> {
    /// `a|b|c` up to a closing parenthesis or the end.
    pub(super) fn alternatives(
        &mut self,
        mut flags: Flags,
        top: bool,
    ) -> Result<Node, PatternError> {
        let start = self.source.tell();
        if self.depth > NESTING_LIMIT {
            return Err(PatternError::whole("maximum recursion depth exceeded"));
        }
        self.depth += 1;
        let mut items = vec![self.sequence(flags, top)?];
        while self.source.eat('|')? {
            if top {
                flags = self.flags;
            }
            items.push(self.sequence(flags, false)?);
        }
        self.depth -= 1;
        if items.len() == 1 {
            return Ok(items.remove(0));
        }
        let width = items
            .iter()
            .map(|item| item.width)
            .reduce(Width::or)
            .unwrap_or_default();
        Ok(Node {
            span: self.source.span(start),
            flags,
            width,
            kind: Kind::Alternation(items),
        })
    }

    /// Skips a blank or a comment of a verbose pattern; whether `c` was one.
    fn skip_verbose(&mut self, c: char) -> Result<bool, PatternError> {
        if c == '#' {
            while !matches!(self.source.get()?, Token::End | Token::Char('\n')) {}
        }
        Ok(matches!(
            c,
            ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '#'
        ))
    }

    /// One alternative. `first`: at the start of the pattern, where global flags
    /// may stand.
    pub(super) fn sequence(&mut self, mut flags: Flags, first: bool) -> Result<Node, PatternError> {
        let sequence_start = self.source.tell();
        let mut items: Vec<Node> = Vec::new();
        loop {
            let start = self.source.tell();
            let this = self.source.next;
            if matches!(this, Token::End | Token::Char('|' | ')')) {
                break;
            }
            self.source.get()?;
            let (kind, width) = match this {
                Token::End => break,
                Token::Escape(c) => self.escape(c)?,
                Token::Char(c) if flags.verbose && self.skip_verbose(c)? => continue,
                Token::Char('[') => (self.class()?, Width::ONE),
                Token::Char(c @ ('*' | '+' | '?' | '{')) => {
                    if self.quantifier(c, &mut items)? {
                        continue;
                    }
                    (Kind::Literal(c as u32), Width::ONE)
                }
                Token::Char('.') => (Kind::Any, Width::ONE),
                Token::Char('(') => {
                    match self.group(start, &mut flags, first && items.is_empty())? {
                        Some(parsed) => parsed,
                        None => continue,
                    }
                }
                Token::Char('^') => (Kind::Anchor(Anchor::Start), Width::ZERO),
                Token::Char('$') => (Kind::Anchor(Anchor::End), Width::ZERO),
                Token::Char(c) => (Kind::Literal(c as u32), Width::ONE),
            };
            let span = self.source.span(start);
            items.push(Node {
                span,
                flags,
                width,
                kind,
            });
        }
        let span = self.source.span(sequence_start);
        let width = items
            .iter()
            .fold(Width::ZERO, |width, item| width.then(item.width));
        Ok(match items.len() {
            0 => Node {
                span,
                flags,
                width,
                kind: Kind::Empty,
            },
            1 => items.remove(0),
            _ => Node {
                span,
                flags,
                width,
                kind: Kind::Concat(items),
            },
        })
    }

    /// A quantifier after the items read so far; false where `{` is a character.
    fn quantifier(&mut self, this: char, items: &mut [Node]) -> Result<bool, PatternError> {
        let here = self.source.tell();
        let (min, max) = match this {
            '?' => (0, Some(1)),
            '*' => (0, None),
            '+' => (1, None),
            _ => {
                if self.source.next == Token::Char('}') {
                    return Ok(false);
                }
                let digit = |c: char| c.is_ascii_digit();
                let (mut low, mut high) = (String::new(), String::new());
                self.source.get_while(usize::MAX, digit, &mut low)?;
                if self.source.eat(',')? {
                    self.source.get_while(usize::MAX, digit, &mut high)?;
                } else {
                    high.clone_from(&low);
                }
                if !self.source.eat('}')? {
                    self.source.seek(here)?;
                    return Ok(false);
                }
                let min = repetition(&low)?.unwrap_or(0);
                let max = repetition(&high)?;
                if max.is_some_and(|max| max < min) {
                    let back = self.source.tell() - here;
                    return Err(self
                        .source
                        .error("min repeat greater than max repeat", back));
                }
                (min, max)
            }
        };
        let back = self.source.tell() - here + 1;
        let Some(item) = items.last_mut() else {
            return Err(self.source.error("nothing to repeat", back));
        };
        match item.kind {
            Kind::Anchor(_) => return Err(self.source.error("nothing to repeat", back)),
            Kind::Repeat(_) => return Err(self.source.error("multiple repeat", back)),
            _ => {}
        }
        let mode = if self.source.eat('?')? {
            RepeatMode::Lazy
        } else if self.source.eat('+')? {
            RepeatMode::Possessive
        } else {
            RepeatMode::Greedy
        };
        let span = Span {
            start: item.span.start,
            end: self.source.span(here).end,
        };
        let placeholder = Node {
            span,
            flags: item.flags,
            width: item.width.repeated(min, max),
            kind: Kind::Empty,
        };
        let node = Box::new(std::mem::replace(item, placeholder));
        item.kind = Kind::Repeat(Repeat {
            min,
            max,
            mode,
            node,
        });
        Ok(true)
    }
}

/// A bound of `{…}`; none if empty.
fn repetition(digits: &str) -> Result<Option<u32>, PatternError> {
    if digits.is_empty() {
        return Ok(None);
    }
    match integer(digits)? {
        Some(value) if value < u64::from(u32::MAX) => Ok(Some(value as u32)),
        _ => Err(PatternError::whole("the repetition number is too large")),
    }
}

/// `int()` of decimal digits; none if it does not fit.
///
/// # Errors
///
/// CPython's limit of 4 300 digits.
pub(super) fn integer(digits: &str) -> Result<Option<u64>, PatternError> {
    if digits.len() > 4300 {
        return Err(PatternError::whole(format!(
            "Exceeds the limit (4300 digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        )));
    }
    Ok(digits.parse().ok())
}
