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
        let t = self.local(epoch);
        format!("{} {}", date(&t), time(&t))
    }

    /// `2026-11-20T12:00:00+01:00`: RFC 3339 in local time, whole seconds.
    pub(crate) fn rfc3339(&self, epoch: f64) -> String {
        let t = self.local(epoch);
        let sign = if t.offset < 0 { '-' } else { '+' };
        let minutes = t.offset.abs() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        format!("{}T{}{sign}{hours:02}:{minutes:02}", date(&t), time(&t))
    }
}

fn date(t: &LocalTime) -> String {
    format!("{:04}-{:02}-{:02}", t.year, t.month, t.day)
}

fn time(t: &LocalTime) -> String {
    format!("{:02}:{:02}:{:02}", t.hour, t.minute, t.second)
}
