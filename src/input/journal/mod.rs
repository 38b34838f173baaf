//! Journals: entries of an export become the lines fail2ban makes of them.
//!
//! `split` cuts an export into whole entries, `export` and `json` take them apart, `entry`
//! writes the line, `matches` is journalmatch, `journalctl` runs the real one for journals
//! that are no export.

mod entry;
mod export;
pub(crate) mod journalctl;
mod json;
pub(crate) mod matches;
mod split;

pub(crate) use entry::Entry;
pub(crate) use matches::JournalMatch;
pub(super) use split::Splitter;

use super::block::{Block, Entries};
use super::encoding::Encoding;
use super::sniff::Form;
use super::window::Window;

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
            push_date(time, self.offset, &mut block.text);
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

/// Appends `2026-11-20T12:00:00.123456+01:00` and a blank: the date fail2ban puts before an
/// entry's line, `isoformat` of what python-systemd makes of its time, which is always in
/// the offset of now (`FilterSystemd.getJrnEntTime`).
pub(crate) fn push_date(time: f64, offset: i64, out: &mut String) {
    use chrono::{Datelike, Timelike};
    use std::fmt::Write;
    let micros = (time * 1e6).round() as i64;
    let local = micros.saturating_add(offset.saturating_mul(1_000_000));
    let date = chrono::DateTime::from_timestamp_micros(local).unwrap_or_default();
    let sign = if offset < 0 { '-' } else { '+' };
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (date.hour(), date.minute(), date.second());
    // a String takes everything
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    );
    let micros = local.rem_euclid(1_000_000);
    if micros > 0 {
        let _ = write!(out, ".{micros:06}");
    }
    let minutes = offset.abs() / 60;
    let _ = write!(out, "{sign}{:02}:{:02} ", minutes / 60, minutes % 60);
}

#[cfg(test)]
mod tests {
    use super::push_date;

    #[test]
    fn dates_are_isoformat() {
        let date = |time, offset| {
            let mut out = String::new();
            push_date(time, offset, &mut out);
            out
        };
        assert_eq!(date(1_795_176_000.0, 0), "2026-11-20T12:00:00+00:00 ");
        assert_eq!(
            date(1_795_176_000.000_123, 3600),
            "2026-11-20T13:00:00.000123+01:00 "
        );
        assert_eq!(date(0.0, -12_600), "1969-12-31T20:30:00-03:30 ");
    }
}
