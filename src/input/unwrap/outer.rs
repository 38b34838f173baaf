//! The date of a record, and how it is written before a line that has none of its own.

use super::super::journal::push_date;
use super::super::window::Dates;
use std::borrow::Cow;

/// Characters of a date that is taken as it is written, at most.
const LONGEST: usize = 64;

/// When a record was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OuterDate<'l> {
    /// Microseconds since 1970.
    Instant(i64),
    /// A date without a zone, as it stands there.
    Text(Cow<'l, str>),
}

impl<'l> OuterDate<'l> {
    /// `2026-11-20T10:00:00.123456789Z`.
    pub(super) fn rfc3339(text: &str) -> Option<OuterDate<'l>> {
        let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
        Some(OuterDate::Instant(time.timestamp_micros()))
    }

    /// A date of any form: RFC 3339, or as it is.
    pub(super) fn text(text: Cow<'l, str>) -> Option<OuterDate<'l>> {
        let known = OuterDate::rfc3339(&text);
        known.or_else(|| {
            let is_date = text.len() <= LONGEST
                && text.chars().any(|c| c.is_ascii_digit())
                && !text.chars().any(char::is_control);
            is_date.then_some(OuterDate::Text(text))
        })
    }

    /// Seconds since 1970, or thousandths, millionths, milliardths of them by their number.
    pub(super) fn number(number: f64) -> Option<OuterDate<'l>> {
        // from 1973 on in each unit, so that they cannot be taken for one another
        let micros = match number {
            1e8..1e11 => number * 1e6,
            1e11..1e14 => number * 1e3,
            1e14..1e17 => number,
            1e17..1e20 => number / 1e3,
            _ => return None,
        };
        Some(OuterDate::Instant(micros.round() as i64))
    }

    /// The same, kept beyond its record.
    pub(super) fn into_owned(self) -> OuterDate<'static> {
        match self {
            OuterDate::Instant(micros) => OuterDate::Instant(micros),
            OuterDate::Text(text) => OuterDate::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// Puts the date and a blank before `line`, if the filter then reads this very instant;
    /// `offset`: seconds east of UTC it is written in. False, and nothing is done, if not.
    ///
    /// fail2ban reads fractions of a second in epochs only (`reGroupDictStrptime` leaves them
    /// out), so an epoch is written; else, where the filter wants a calendar's date, that.
    pub(super) fn put_before(&self, line: &mut String, offset: i64, dates: &mut Dates) -> bool {
        match self {
            OuterDate::Instant(micros) => {
                let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
                let epoch = format!("{seconds}.{rest:06} {line}");
                let exactly = *micros as f64 / 1e6;
                if is_read(&epoch, exactly, 5e-7, dates) {
                    *line = epoch;
                    return true;
                }
                let mut calendar = String::new();
                push_date(exactly, offset, &mut calendar);
                calendar.push_str(line);
                let is_same = is_read(&calendar, seconds as f64, 1.0, dates);
                if is_same {
                    *line = calendar;
                }
                is_same
            }
            OuterDate::Text(text) => {
                let dated = format!("{text} {line}");
                // nothing else tells which instant that is
                let Some(time) = dates(text) else {
                    return false;
                };
                let is_same = is_read(&dated, time, 5e-7, dates);
                if is_same {
                    *line = dated;
                }
                is_same
            }
        }
    }
}

/// Whether the date read in a line is `time`, or less than `within` seconds off.
fn is_read(line: &str, time: f64, within: f64, dates: &mut Dates) -> bool {
    dates(line).is_some_and(|read| (read - time).abs() < within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_their_size() {
        let micros = Some(OuterDate::Instant(1_795_845_060_123_000));
        for number in [1_795_845_060.123, 1_795_845_060_123.0, 1.795_845_060_123e15] {
            assert_eq!(OuterDate::number(number), micros, "{number}");
        }
        for number in [0.0, -1.0, 5e7, f64::NAN, f64::INFINITY, 1e21] {
            assert_eq!(OuterDate::number(number), None, "{number}");
        }
    }

    #[test]
    fn a_date_is_put_before_a_line_only_where_it_is_read() {
        let date = OuterDate::rfc3339("2026-11-20T10:00:00.123456789Z").expect("a date");
        let mut line = "x".to_owned();
        let mut nothing: Dates = Box::new(|_| None);
        assert!(!date.put_before(&mut line, 0, &mut nothing));
        let mut another: Dates = Box::new(|_| Some(1_795_168_801.0));
        assert!(!date.put_before(&mut line, 0, &mut another));
        assert_eq!(line, "x");
        let mut calendar: Dates =
            Box::new(|line| line.starts_with("2026").then_some(1_795_168_800.0));
        assert!(date.put_before(&mut line, 3600, &mut calendar));
        assert_eq!(line, "2026-11-20T11:00:00.123456+01:00 x");
        let mut line = "x".to_owned();
        let mut same: Dates = Box::new(|_| Some(1_795_168_800.123_456));
        assert!(date.put_before(&mut line, 3600, &mut same));
        assert_eq!(line, "1795168800.123456 x");
    }
}
