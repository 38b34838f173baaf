//! How reports write a time. Not how logs do: that is `strptime`.

use super::clock::{Clock, LocalTime};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Clock {
    /// `Fri Nov 20 12:00:00 2026` in local time: upstream's form in its report.
    pub(crate) fn ctime(&self, epoch: f64) -> String {
        let t = self.local(epoch);
        let day = DAYS[usize::from(t.weekday) % 7];
        let month = MONTHS[usize::from(t.month + 11) % 12];
        let (hour, minute, second) = (t.hour, t.minute, t.second);
        format!(
            "{day} {month} {:02} {hour:02}:{minute:02}:{second:02} {}",
            t.day, t.year
        )
    }

    /// `2026-11-20 12:00:00` in local time.
    pub(crate) fn iso(&self, epoch: f64) -> String {
        let mut text = String::with_capacity("2026-11-20 12:00:00".len());
        push(&mut text, &self.local(epoch), ' ');
        text
    }

    /// `2026-11-20T12:00:00+01:00`: RFC 3339 in local time, whole seconds.
    pub(crate) fn rfc3339(&self, epoch: f64) -> String {
        let t = self.local(epoch);
        let mut text = String::with_capacity("2026-11-20T12:00:00+01:00".len());
        push(&mut text, &t, 'T');
        text.push(if t.offset < 0 { '-' } else { '+' });
        let minutes = (t.offset.abs() / 60) as u32;
        two_digits(&mut text, minutes / 60);
        text.push(':');
        two_digits(&mut text, minutes % 60);
        text
    }
}

/// Appends day and time of day. Without the machinery of `format!`: a page has some thousand times.
fn push(text: &mut String, t: &LocalTime, between: char) {
    match u32::try_from(t.year) {
        Ok(year @ 0..=9999) => {
            two_digits(text, year / 100);
            two_digits(text, year % 100);
        }
        _ => text.push_str(&format!("{:04}", t.year)),
    }
    let parts = [t.month, t.day, t.hour, t.minute, t.second];
    for (before, part) in ['-', '-', between, ':', ':'].into_iter().zip(parts) {
        text.push(before);
        two_digits(text, part.into());
    }
}

/// Appends a number below 100.
fn two_digits(text: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        text.extend(char::from_digit(digit, 10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::localtime::TimeZone;

    #[test]
    fn a_time_in_its_forms() {
        let clock = |zone: &str| Clock::in_zone(0.0, TimeZone::named(zone).expect("a zone"));
        let (berlin, newfoundland) = (clock("CET-1"), clock("NST3:30"));
        let time = 1_795_172_709.5;
        assert_eq!(berlin.ctime(time), "Fri Nov 20 12:05:09 2026");
        assert_eq!(berlin.iso(time), "2026-11-20 12:05:09");
        assert_eq!(berlin.rfc3339(time), "2026-11-20T12:05:09+01:00");
        assert_eq!(newfoundland.rfc3339(time), "2026-11-20T07:35:09-03:30");
        // years of fewer and more digits, and before the first
        assert_eq!(clock("UTC0").iso(-62_135_596_800.0), "0001-01-01 00:00:00");
        assert_eq!(clock("UTC0").iso(253_402_300_800.0), "10000-01-01 00:00:00");
        assert_eq!(clock("UTC0").iso(-62_167_219_201.0), "-001-12-31 23:59:59");
    }
}
