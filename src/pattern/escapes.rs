//! Backslash escapes, inside and outside of character classes.

use super::ast::{Anchor, Category, Class, ClassItem, Kind, Width};
use super::error::{PatternError, repr};
use super::parse::Parser;
use super::source::Token;

fn is_octal(c: char) -> bool {
    matches!(c, '0'..='7')
}

fn is_hex(c: char) -> bool {
    c.is_ascii_hexdigit()
}

/// The escapes that mean a control character everywhere.
fn control(c: char) -> Option<u32> {
    Some(match c {
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' => 92,
        _ => return None,
    })
}

fn category(c: char) -> Option<ClassItem> {
    let (category, negated) = match c {
        'd' => (Category::Digit, false),
        'D' => (Category::Digit, true),
        's' => (Category::Space, false),
        'S' => (Category::Space, true),
        'w' => (Category::Word, false),
        'W' => (Category::Word, true),
        _ => return None,
    };
    Some(ClassItem::Category { category, negated })
}

impl Parser<'_> {
    /// An escape outside of brackets; its two characters are eaten.
    pub(super) fn escape(&mut self, c: char) -> Result<(Kind, Width), PatternError> {
        let anchor = match c {
            'A' => Some(Anchor::TextStart),
            'Z' => Some(Anchor::TextEnd),
            'b' => Some(Anchor::Boundary),
            'B' => Some(Anchor::NotBoundary),
            _ => None,
        };
        if let Some(anchor) = anchor {
            return Ok((Kind::Anchor(anchor), Width::ZERO));
        }
        if let Some(item) = category(c) {
            let class = Class {
                negated: false,
                items: vec![item],
            };
            return Ok((Kind::Class(class), Width::ONE));
        }
        if let Some(code) = control(c) {
            return Ok((Kind::Literal(code), Width::ONE));
        }
        if matches!(c, '1'..='9') {
            return self.numbered(c);
        }
        if c == '0' {
            let mut digits = String::from(c);
            self.source.get_while(2, is_octal, &mut digits)?;
            let code = u32::from_str_radix(&digits, 8).unwrap_or_default();
            return Ok((Kind::Literal(code), Width::ONE));
        }
        Ok((Kind::Literal(self.common_escape(c)?), Width::ONE))
    }

    /// `\1` to `\99`, or an octal escape of three digits.
    fn numbered(&mut self, c: char) -> Result<(Kind, Width), PatternError> {
        let mut digits = String::from(c);
        if let Token::Char(second) = self.source.next
            && second.is_ascii_digit()
        {
            digits.push(second);
            self.source.get()?;
            if let Token::Char(third) = self.source.next
                && is_octal(c)
                && is_octal(second)
                && is_octal(third)
            {
                digits.push(third);
                self.source.get()?;
                return Ok((Kind::Literal(self.octal(&digits)?), Width::ONE));
            }
        }
        let group: usize = digits.parse().unwrap_or(usize::MAX);
        if group < self.group_widths.len() {
            let Some(width) = self.group_widths[group] else {
                return Err(self
                    .source
                    .error("cannot refer to an open group", digits.len() + 1));
            };
            self.check_lookbehind_group(group)?;
            return Ok((Kind::Backreference(group), width));
        }
        Err(self
            .source
            .error(format!("invalid group reference {group}"), digits.len()))
    }

    fn octal(&self, digits: &str) -> Result<u32, PatternError> {
        let code = u32::from_str_radix(digits, 8).unwrap_or(u32::MAX);
        if code > 0o377 {
            return Err(self.source.error(
                format!("octal escape value \\{digits} outside of range 0-0o377"),
                digits.len() + 1,
            ));
        }
        Ok(code)
    }

    /// An escape inside of brackets; its two characters are eaten.
    pub(super) fn class_escape(&mut self, c: char) -> Result<ClassItem, PatternError> {
        if c == 'b' {
            return Ok(ClassItem::Char(8));
        }
        if let Some(code) = control(c) {
            return Ok(ClassItem::Char(code));
        }
        if let Some(item) = category(c) {
            return Ok(item);
        }
        if is_octal(c) {
            let mut digits = String::from(c);
            self.source.get_while(2, is_octal, &mut digits)?;
            return Ok(ClassItem::Char(self.octal(&digits)?));
        }
        if c.is_ascii_digit() {
            return Err(self.source.error(format!("bad escape \\{c}"), 2));
        }
        Ok(ClassItem::Char(self.common_escape(c)?))
    }

    /// The escapes that are the same everywhere.
    fn common_escape(&mut self, c: char) -> Result<u32, PatternError> {
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'N' => return self.named_character(),
            c if c.is_ascii_alphabetic() => {
                return Err(self.source.error(format!("bad escape \\{c}"), 2));
            }
            c => return Ok(c as u32),
        };
        let mut text = String::new();
        self.source.get_while(digits, is_hex, &mut text)?;
        let back = text.len() + 2;
        if text.len() != digits {
            return Err(self
                .source
                .error(format!("incomplete escape \\{c}{text}"), back));
        }
        match u32::from_str_radix(&text, 16) {
            Ok(code) if code <= 0x10_ffff => Ok(code),
            _ => Err(self.source.error(format!("bad escape \\{c}{text}"), back)),
        }
    }

    /// `\N{EM DASH}`. The crate's names are Unicode's; CPython's are 15.1's.
    fn named_character(&mut self) -> Result<u32, PatternError> {
        if !self.source.eat('{')? {
            return Err(self.source.error("missing {", 0));
        }
        let name = self.source.get_until('}', "character name")?;
        if let Some(c) = super::names::lookup(&name) {
            return Ok(c as u32);
        }
        Err(self.source.error(
            format!("undefined character name {}", repr(&name)),
            name.chars().count() + 4,
        ))
    }
}
