//! The pattern's text as the tokens CPython's parser sees: one character, or a
//! backslash and one character. Positions are code points, as in its messages.

use super::ast::Span;
use super::error::{PatternError, repr};
use super::unicode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Char(char),
    Escape(char),
}

impl Token {
    pub(super) fn len(self) -> usize {
        match self {
            Token::End => 0,
            Token::Char(_) => 1,
            Token::Escape(_) => 2,
        }
    }

    pub(super) fn push_to(self, out: &mut String) {
        match self {
            Token::End => {}
            Token::Char(c) => out.push(c),
            Token::Escape(c) => {
                out.push('\\');
                out.push(c);
            }
        }
    }

    pub(super) fn text(self) -> String {
        let mut out = String::new();
        self.push_to(&mut out);
        out
    }
}

pub(super) struct Source<'p> {
    pub(super) pattern: &'p str,
    chars: Vec<char>,
    /// Byte offset of each character, and of the end.
    offsets: Vec<usize>,
    /// Where the character after `next` starts.
    index: usize,
    pub(super) next: Token,
}

impl<'p> Source<'p> {
    pub(super) fn new(pattern: &'p str) -> Result<Self, PatternError> {
        let mut chars = Vec::with_capacity(pattern.len());
        let mut offsets = Vec::with_capacity(pattern.len() + 1);
        for (offset, c) in pattern.char_indices() {
            chars.push(c);
            offsets.push(offset);
        }
        offsets.push(pattern.len());
        let mut source = Source {
            pattern,
            chars,
            offsets,
            index: 0,
            next: Token::End,
        };
        source.advance()?;
        Ok(source)
    }

    fn advance(&mut self) -> Result<(), PatternError> {
        let Some(&c) = self.chars.get(self.index) else {
            self.next = Token::End;
            return Ok(());
        };
        if c == '\\' {
            let Some(&escaped) = self.chars.get(self.index + 1) else {
                return Err(PatternError::at(
                    "bad escape (end of pattern)".to_string(),
                    self.pattern,
                    self.chars.len() - 1,
                ));
            };
            self.index += 2;
            self.next = Token::Escape(escaped);
        } else {
            self.index += 1;
            self.next = Token::Char(c);
        }
        Ok(())
    }

    pub(super) fn get(&mut self) -> Result<Token, PatternError> {
        let this = self.next;
        self.advance()?;
        Ok(this)
    }

    pub(super) fn eat(&mut self, c: char) -> Result<bool, PatternError> {
        if self.next == Token::Char(c) {
            self.advance()?;
            Ok(true)
        } else {
            Ok(false)
        }
    }

    /// Up to `limit` characters of one kind, appended to `out`.
    pub(super) fn get_while(
        &mut self,
        limit: usize,
        kind: fn(char) -> bool,
        out: &mut String,
    ) -> Result<(), PatternError> {
        for _ in 0..limit {
            match self.next {
                Token::Char(c) if kind(c) => {
                    out.push(c);
                    self.advance()?;
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// A name up to `terminator`, which is eaten.
    pub(super) fn get_until(
        &mut self,
        terminator: char,
        name: &str,
    ) -> Result<String, PatternError> {
        let mut result = String::new();
        loop {
            let token = self.get()?;
            if token == Token::End {
                if result.is_empty() {
                    return Err(self.error(format!("missing {name}"), 0));
                }
                let length = result.chars().count();
                return Err(self.error(format!("missing {terminator}, unterminated name"), length));
            }
            if token == Token::Char(terminator) {
                if result.is_empty() {
                    return Err(self.error(format!("missing {name}"), 1));
                }
                return Ok(result);
            }
            token.push_to(&mut result);
        }
    }

    /// Position of the next token, in code points.
    pub(super) fn tell(&self) -> usize {
        self.index - self.next.len()
    }

    pub(super) fn seek(&mut self, position: usize) -> Result<(), PatternError> {
        self.index = position;
        self.advance()
    }

    /// From a position to the next token, in bytes.
    pub(super) fn span(&self, start: usize) -> Span {
        Span {
            start: self.offsets[start],
            end: self.offsets[self.tell()],
        }
    }

    /// An error `back` code points before the next token.
    pub(super) fn error(&self, message: impl Into<String>, back: usize) -> PatternError {
        PatternError::at(message.into(), self.pattern, self.tell() - back)
    }

    pub(super) fn check_group_name(&self, name: &str, back: usize) -> Result<(), PatternError> {
        if unicode::is_identifier(name) {
            return Ok(());
        }
        Err(self.error(
            format!("bad character in group name {}", repr(name)),
            name.chars().count() + back,
        ))
    }
}
