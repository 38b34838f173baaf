//! The date fail2ban puts before an entry's line.

const MICROS: i64 = 1_000_000;

/// Writes `2026-11-20T12:00:00.123456+01:00` and a blank: `isoformat` of what python-systemd makes
/// of an entry's time, which is always in the offset of now (`FilterSystemd.getJrnEntTime`).
/// Entries of one minute have its text in common.
pub(super) struct DateWriter {
    /// Seconds east of UTC.
    offset: i64,
    /// The last minute, local time, and its text.
    minute: Option<i64>,
    text: String,
    /// There is such a date: the years of chrono end.
    is_date: bool,
    zone: String,
}

impl DateWriter {
    pub(super) fn new(offset: i64) -> DateWriter {
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.abs() / 60;
        DateWriter {
            offset,
            minute: None,
            text: String::new(),
            is_date: true,
            zone: format!("{sign}{:02}:{:02} ", minutes / 60, minutes % 60),
        }
    }

    /// Appends the date of a moment, epoch seconds.
    pub(super) fn push(&mut self, time: f64, out: &mut String) {
        let micros = (time * 1e6).round() as i64;
        let local = micros.saturating_add(self.offset.saturating_mul(MICROS));
        let (minute, rest) = (local.div_euclid(60 * MICROS), local.rem_euclid(60 * MICROS));
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            let date = chrono::DateTime::from_timestamp_micros(local);
            self.is_date = date.is_some();
            self.text = minute_text(date.unwrap_or_default());
        }
        out.push_str(&self.text);
        push_digits::<2>(if self.is_date { rest / MICROS } else { 0 }, out);
        if rest % MICROS > 0 {
            out.push('.');
            push_digits::<6>(rest % MICROS, out);
        }
        out.push_str(&self.zone);
    }
}

/// A date without its seconds.
fn minute_text(date: chrono::DateTime<chrono::Utc>) -> String {
    use chrono::{Datelike, Timelike};
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute) = (date.hour(), date.minute());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:")
}

/// Appends a number of so many digits.
fn push_digits<const DIGITS: usize>(number: i64, out: &mut String) {
    let mut digits = [b'0'; DIGITS];
    let mut left = number;
    for digit in digits.iter_mut().rev() {
        *digit += (left % 10) as u8;
        left /= 10;
    }
    out.extend(digits.map(char::from));
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
        assert_eq!(date(1e18, 0), "1970-01-01T00:00:00.775807+00:00 ");
    }

    #[test]
    fn one_writer_writes_what_a_new_one_does() {
        let mut writer = DateWriter::new(19_800);
        for time in [0.25, 0.5, 1.0, 59.5, 60.0, 1e18, 1e18, -0.1, 0.75, 86_400.0] {
            let (mut again, mut alone) = (String::new(), String::new());
            writer.push(time, &mut again);
            push_date(time, 19_800, &mut alone);
            assert_eq!(again, alone, "{time}");
        }
    }
}
