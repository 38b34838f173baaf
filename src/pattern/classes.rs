//! Bracketed character classes.

use super::ast::{Class, ClassItem, Kind};
use super::error::PatternError;
use super::parse::Parser;
use super::source::Token;

impl Parser<'_> {
    /// A class, after its `[`. A class of one character, not negated, is that
    /// character, as in CPython (which folds the two differently).
    pub(super) fn class(&mut self) -> Result<Kind, PatternError> {
        let here = self.source.tell() - 1;
        let negated = self.source.eat('^')?;
        let mut items: Vec<ClassItem> = Vec::new();
        loop {
            let this = self.source.get()?;
            let item = match this {
                Token::End => return Err(self.unterminated_class(here)),
                Token::Char(']') if !items.is_empty() => break,
                Token::Escape(c) => self.class_escape(c)?,
                Token::Char(c) => ClassItem::Char(c as u32),
            };
            if !self.source.eat('-')? {
                items.push(item);
                continue;
            }
            let that = self.source.get()?;
            let high = match that {
                Token::End => return Err(self.unterminated_class(here)),
                Token::Char(']') => {
                    items.push(item);
                    items.push(ClassItem::Char('-' as u32));
                    break;
                }
                Token::Escape(c) => self.class_escape(c)?,
                Token::Char(c) => ClassItem::Char(c as u32),
            };
            match (item, high) {
                (ClassItem::Char(low), ClassItem::Char(high)) if low <= high => {
                    items.push(ClassItem::Range(low, high));
                }
                _ => {
                    let message = format!("bad character range {}-{}", this.text(), that.text());
                    return Err(self.source.error(message, this.len() + 1 + that.len()));
                }
            }
        }
        let mut unique: Vec<ClassItem> = Vec::with_capacity(items.len());
        if items.len() > 64 {
            let mut seen = std::collections::HashSet::new();
            unique.extend(items.into_iter().filter(|item| seen.insert(*item)));
        } else {
            for item in items {
                if !unique.contains(&item) {
                    unique.push(item);
                }
            }
        }
        if let ([ClassItem::Char(code)], false) = (&unique[..], negated) {
            return Ok(Kind::Literal(*code));
        }
        Ok(Kind::Class(Class {
            negated,
            items: unique,
        }))
    }

    fn unterminated_class(&self, here: usize) -> PatternError {
        let back = self.source.tell() - here;
        self.source.error("unterminated character set", back)
    }
}
