//! Where whole entries of an export end: the only part of reading one that must be done in
//! order, so it looks at no more than it must.

use super::super::encoding::Encoding;
use super::super::sniff::Form;
use super::{export, json};

/// Finds the ends of whole lines or entries in bytes that grow.
#[derive(Debug)]
pub(in super::super) struct Splitter {
    form: Form,
    encoding: Encoding,
    /// How far the bytes have been looked at.
    looked: usize,
    /// End of the last whole unit found.
    end: usize,
    /// Entries up to `end`; of text lines, counted when cut.
    count: u64,
    /// The entry at `looked` has a field.
    open: bool,
}

impl Splitter {
    pub(in super::super) fn new(form: Form, encoding: Encoding) -> Splitter {
        Splitter {
            form,
            encoding,
            looked: 0,
            end: 0,
            count: 0,
            open: false,
        }
    }

    /// Looks at what was added to `bytes`; returns the end of the last whole unit, 0 where
    /// there is none.
    pub(in super::super) fn advance(&mut self, bytes: &[u8]) -> usize {
        match self.form {
            Form::Text => {
                // begin at a unit's start: two bytes at most have been seen of it
                let from = self.looked & !1;
                if let Some(end) = self.encoding.last_line_end(&bytes[from..]) {
                    self.end = from + end;
                }
                self.looked = bytes.len();
            }
            Form::Export => loop {
                match bytes.get(self.looked) {
                    None => break,
                    Some(_) => match export::field(bytes, self.looked) {
                        export::Field::End { next } => {
                            self.count += u64::from(self.open);
                            self.open = false;
                            self.looked = next;
                            self.end = next;
                        }
                        export::Field::Value { next, .. } => {
                            self.open = true;
                            self.looked = next;
                        }
                        export::Field::Partial => break,
                    },
                }
            },
            form => {
                while let Some(next) = json::object_end(bytes, self.looked, form) {
                    let object = bytes[self.looked..next].iter();
                    self.count += u64::from(object.clone().any(|b| *b == b'{'));
                    self.looked = next;
                    self.end = next;
                }
            }
        }
        self.end
    }

    /// Lines or entries in the first `end` bytes, and begins anew behind them.
    pub(in super::super) fn cut(&mut self, bytes: &[u8], end: usize) -> u64 {
        let count = match self.form {
            Form::Text => self.encoding.count_lines(&bytes[..end]),
            _ => std::mem::take(&mut self.count),
        };
        self.looked = self.looked.saturating_sub(end);
        self.end = self.end.saturating_sub(end);
        count
    }

    /// How long the unit may be that is begun at `end`; None where it says nothing.
    pub(in super::super) fn open_length(&self, bytes: &[u8]) -> usize {
        bytes.len() - self.end
    }
}
