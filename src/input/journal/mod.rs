//! Journals: entries of an export become the lines fail2ban makes of them.
//!
//! `split` cuts an export into whole entries, `export` and `json` (`plain` first) take them apart,
//! `entry` writes the line, `date` what stands before it, `matches` is journalmatch, `journalctl` runs the real one for journals
//! that are no export.

mod date;
mod entry;
mod export;
pub(crate) mod journalctl;
mod json;
pub(crate) mod matches;
mod plain;
mod split;

pub(crate) use date::push_date;
pub(crate) use entry::Entry;
pub(crate) use matches::JournalMatch;
pub(super) use split::Splitter;

use super::block::{Block, Entries};
use super::encoding::Encoding;
use super::sniff::Form;
use super::window::Window;
use date::DateWriter;

/// How entries are read: shared by all blocks of an export.
#[derive(Clone, Debug)]
pub(crate) struct JournalPlan {
    /// The form of the export.
    pub(crate) form: Form,
    /// Which entries are read; None reads all.
    pub(crate) matches: Option<JournalMatch>,
    /// When.
    pub(crate) window: Window,
    /// The encoding of fields that are not UTF-8.
    pub(crate) encoding: Encoding,
    /// Seconds east of UTC in which dates are written.
    pub(crate) offset: i64,
}

impl JournalPlan {
    /// Writes the entries in `bytes` as lines of `block`.
    pub(super) fn read(&self, bytes: &[u8], block: &mut Block) {
        let first = block.first_line;
        let mut dates = DateWriter::new(self.offset);
        let mut entries = Entries::default();
        let names = self
            .matches
            .as_ref()
            .map(JournalMatch::names)
            .unwrap_or_default();
        self.for_each(bytes, names, |index, read| {
            let number = first + index;
            let entry = match read {
                Ok(entry) => entry,
                Err(fault) => {
                    let (count, ..) = entries.malformed.get_or_insert((0, number, fault));
                    *count += 1;
                    return;
                }
            };
            if self.matches.as_ref().is_some_and(|m| !m.selects(entry)) {
                entries.unselected += 1;
                return;
            }
            let Some(time) = entry.time() else {
                let fault = "it has no __REALTIME_TIMESTAMP".to_string();
                let (count, ..) = entries.malformed.get_or_insert((0, number, fault));
                *count += 1;
                return;
            };
            if !self.window.holds(time) {
                block.outside += 1;
                return;
            }
            dates.push(time, &mut block.text);
            block.invalid += entry.write_line(self.encoding, &mut block.text);
            entries.cut += u64::from(entry.is_cut());
            entries.times.push(time);
            entries.numbers.push(number);
        });
        block.entries = Some(entries);
    }

    /// Calls `each` with every entry in `bytes`, or with what is wrong with it, and its
    /// index there. Fields of `names` are read besides those that make the line.
    pub(crate) fn for_each<'b>(
        &self,
        bytes: &'b [u8],
        names: Vec<String>,
        mut each: impl FnMut(u64, Result<&Entry<'b>, String>),
    ) {
        let mut entry = Entry::new(names);
        match self.form {
            Form::Export => export::for_each(bytes, &mut entry, &mut each),
            _ => json::for_each(bytes, self.form, &mut entry, &mut each),
        }
    }
}
