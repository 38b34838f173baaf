//! The date fail2ban puts before an entry's line.

use std::fmt::Write;

const MICROS: i64 = 1_000_000;

/// Writes `2026-11-20T12:00:00.123456+01:00` and a blank: `isoformat` of what python-systemd makes
/// of an entry's time, which is always in the offset of now (`FilterSystemd.getJrnEntTime`).
/// Entries of one second have its text in common.
pub(super) struct DateWriter {
    /// Seconds east of UTC.
    offset: i64,
    /// The last second, local time, and its text.
    second: Option<i64>,
    text: String,
    zone: String,
}

impl DateWriter {
    pub(super) fn new(offset: i64) -> DateWriter {
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.abs() / 60;
        DateWriter {
            offset,
            second: None,
            text: String::new(),
            zone: format!("{sign}{:02}:{:02} ", minutes / 60, minutes % 60),
        }
    }

    /// Appends the date of a moment, epoch seconds.
    pub(super) fn push(&mut self, time: f64, out: &mut String) {
        let micros = (time * 1e6).round() as i64;
        let local = micros.saturating_add(self.offset.saturating_mul(MICROS));
        let (second, rest) = (local.div_euclid(MICROS), local.rem_euclid(MICROS));
        if self.second != Some(second) {
            self.second = Some(second);
            let date = chrono::DateTime::from_timestamp_micros(local).unwrap_or_default();
            self.text.clear();
            // a String takes everything, and what chrono has is a date
            let _ = write_second(&mut self.text, &date);
        }
        out.push_str(&self.text);
        if rest > 0 {
            push_micros(rest, out);
        }
        out.push_str(&self.zone);
    }
}

/// Appends a point and six digits.
fn push_micros(micros: i64, out: &mut String) {
    let mut digits = *b".000000";
    let mut left = micros;
    for digit in digits[1..].iter_mut().rev() {
        *digit += (left % 10) as u8;
        left /= 10;
    }
    out.extend(digits.map(char::from));
}

fn write_second(out: &mut String, date: &chrono::DateTime<chrono::Utc>) -> std::fmt::Result {
    use chrono::{Datelike, Timelike};
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (date.hour(), date.minute(), date.second());
    write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    )
}

/// Appends one date: [`DateWriter`] says which. `offset`: seconds east of UTC.
pub(crate) fn push_date(time: f64, offset: i64, out: &mut String) {
    DateWriter::new(offset).push(time, out);
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn one_writer_writes_what_a_new_one_does() {
        let mut writer = DateWriter::new(19_800);
        for time in [0.25, 0.5, 1.0, 1.0, 1e18, 1e18, -0.1, 0.75, 86_400.0] {
            let (mut again, mut alone) = (String::new(), String::new());
            writer.push(time, &mut again);
            push_date(time, 19_800, &mut alone);
            assert_eq!(again, alone, "{time}");
        }
    }
}
