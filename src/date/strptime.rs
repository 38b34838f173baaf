//! From the captured fields of a date to its time: upstream's
//! `reGroupDictStrptime`. Not the regexes that capture them (`fields`).

use super::clock::{Clock, TimeCache};
use super::{InvalidDate, Timestamp, civil, python, zone};

/// A date read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ReadDate {
    /// When.
    pub(crate) date: Timestamp,
    /// The time of a text that differs in its seconds only is this one plus the difference.
    pub(crate) by_seconds: bool,
}

const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The capture groups that mean something; `%f` and all other names do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    Year2,
    Month,
    MonthName,
    MonthAbbreviation,
    Day,
    Hour,
    Hour12,
    AmPm,
    Minute,
    Second,
    WeekdayName,
    WeekdayAbbreviation,
    Weekday,
    YearDay,
    WeekFromSunday,
    WeekFromMonday,
    Zone,
}

/// As many captures as a date can have: every name of [`Field::of`] once. Of the fields only the
/// zone has two names.
pub(super) const MAX_FIELDS: usize = 19;

impl Field {
    /// The field of a capture group's name.
    pub(super) fn of(name: &str) -> Option<Field> {
        Some(match name {
            "Y" => Field::Year,
            "y" => Field::Year2,
            "m" => Field::Month,
            "B" => Field::MonthName,
            "b" => Field::MonthAbbreviation,
            "d" => Field::Day,
            "H" => Field::Hour,
            "I" => Field::Hour12,
            "p" => Field::AmPm,
            "M" => Field::Minute,
            "S" => Field::Second,
            "A" => Field::WeekdayName,
            "a" => Field::WeekdayAbbreviation,
            "w" => Field::Weekday,
            "j" => Field::YearDay,
            "U" => Field::WeekFromSunday,
            "W" => Field::WeekFromMonday,
            "z" | "Z" => Field::Zone,
            _ => return None,
        })
    }
}

#[derive(Default)]
struct Values {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: Option<i64>,
    year_day: Option<i64>,
    /// Week number, and whether weeks start on Monday.
    week: Option<(i64, bool)>,
    offset_minutes: Option<i32>,
}

fn int(text: &str) -> Result<i64, InvalidDate> {
    python::int(text).ok_or(InvalidDate::Value)
}

/// Index of a name, or of its first three letters.
fn index(names: &[&str], text: &str, length: usize) -> Result<i64, InvalidDate> {
    names
        .iter()
        .position(|name| name[..length.min(name.len())].eq_ignore_ascii_case(text))
        .map(|at| at as i64)
        .ok_or(InvalidDate::Value)
}

/// 1 to 12; 0 for an empty name, as upstream's list of months starts with one.
fn month(text: &str, length: usize) -> Result<i64, InvalidDate> {
    if text.is_empty() {
        Ok(0)
    } else {
        Ok(index(&MONTHS, text, length)? + 1)
    }
}

impl Values {
    /// Reads the captures in the order of the groups: the first bad one decides
    /// between the errors.
    fn read<'t>(
        fields: &[Field],
        text: impl Fn(usize) -> Option<&'t str>,
    ) -> Result<Values, InvalidDate> {
        let mut values = Values::default();
        for (at, field) in fields.iter().enumerate() {
            let Some(value) = text(at) else { continue };
            match field {
                Field::Year => values.year = Some(int(value)?),
                Field::Year2 => {
                    let year = int(value)?;
                    values.year = Some(if year <= 2000 { year + 2000 } else { year });
                }
                Field::Month => values.month = Some(int(value)?),
                Field::MonthName => values.month = Some(month(value, usize::MAX)?),
                Field::MonthAbbreviation => values.month = Some(month(value, 3)?),
                Field::Day => values.day = Some(int(value)?),
                Field::Hour => values.hour = int(value)?,
                Field::Hour12 => {
                    let hour = int(value)?;
                    let half = match fields.iter().position(|field| *field == Field::AmPm) {
                        None => "",
                        Some(half) => text(half).ok_or_else(|| {
                            let error =
                                "AttributeError: 'NoneType' object has no attribute 'lower'";
                            InvalidDate::Uncaught(error.into())
                        })?,
                    };
                    let am = half.is_empty() || half.eq_ignore_ascii_case("am");
                    let pm = half.eq_ignore_ascii_case("pm");
                    values.hour = match hour {
                        12 if am => 0,
                        12 => 12,
                        _ if pm => hour + 12,
                        _ => hour,
                    };
                }
                Field::AmPm => {}
                Field::Minute => values.minute = int(value)?,
                Field::Second => values.second = int(value)?,
                Field::WeekdayName => values.weekday = Some(index(&WEEKDAYS, value, usize::MAX)?),
                Field::WeekdayAbbreviation => values.weekday = Some(index(&WEEKDAYS, value, 3)?),
                Field::Weekday => {
                    let weekday = int(value)? - 1;
                    values.weekday = Some(if weekday < 0 { 6 } else { weekday });
                }
                Field::YearDay => values.year_day = Some(int(value)?),
                Field::WeekFromSunday => values.week = Some((int(value)?, false)),
                Field::WeekFromMonday => values.week = Some((int(value)?, true)),
                Field::Zone => values.offset_minutes = Some(zone::offset_minutes(value)?),
            }
        }
        Ok(values)
    }
}

/// Python's `OverflowError` for numbers that fit no C int.
fn c_int(number: i64) -> Result<i64, InvalidDate> {
    if i32::try_from(number).is_ok() {
        Ok(number)
    } else {
        Err(InvalidDate::Uncaught(
            "OverflowError: Python int too large to convert to C int".into(),
        ))
    }
}

/// The day of a date, if there is one (`datetime.date`).
fn day_of(year: i64, month: i64, day: i64) -> Result<i64, InvalidDate> {
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=civil::month_length(year, month)).contains(&day);
    if valid {
        Ok(civil::days_of(year, month, day))
    } else {
        Err(InvalidDate::Value)
    }
}

/// Python's `datetime` ends with the years 1 and 9999.
fn in_range(wall: i64) -> Result<i64, InvalidDate> {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_402_300_799;
    if (FIRST..=LAST).contains(&wall) {
        Ok(wall)
    } else {
        Err(InvalidDate::Uncaught(
            "OverflowError: date value out of range".into(),
        ))
    }
}

/// The day a date names, and what of it was taken from the clock.
struct NamedDay {
    year: i64,
    month: i64,
    day: i64,
    /// The year is this one, or the one before.
    assume_year: bool,
    /// The day is today, or yesterday.
    assume_today: bool,
}

impl NamedDay {
    /// Day and month as written, of a day of the year, of a week and a weekday, or today.
    fn of(values: &Values, today: impl Fn() -> (i64, i64, i64)) -> Result<NamedDay, InvalidDate> {
        let mut year = values.year.unwrap_or_else(|| today().0);
        let (mut month, mut day) = (values.month, values.day);
        if month.is_none() || day.is_none() {
            let mut year_day = values.year_day;
            if let (None, Some((week, monday)), Some(weekday)) =
                (year_day, values.week, values.weekday)
            {
                day_of(c_int(year)?, 1, 1)?;
                year_day = Some(civil::day_of_week_number(year, week, weekday, monday));
            }
            if let Some(year_day) = year_day {
                let date = day_of(c_int(year)?, 1, 1)? + c_int(year_day)? - 1;
                let (y, m, d) = civil::date_of(date);
                day_of(y, m, d)?;
                (year, month, day) = (y, Some(m), Some(d));
            }
        }
        let assume_today = month.is_none() && day.is_none();
        if assume_today {
            let (_, m, d) = today();
            (month, day) = (Some(m), Some(d));
        }
        let (Some(month), Some(day)) = (month, day) else {
            let error = "TypeError: 'NoneType' object cannot be interpreted as an integer";
            return Err(InvalidDate::Uncaught(error.into()));
        };
        Ok(NamedDay {
            year,
            month,
            day,
            assume_year: values.year.is_none(),
            assume_today,
        })
    }
}

/// The time of a date's captures: `text` answers with the capture of the field of
/// that index. `default_offset`: minutes east of UTC of a date without a zone;
/// without it, local time.
pub(super) fn parse<'t>(
    fields: &[Field],
    text: impl Fn(usize) -> Option<&'t str>,
    clock: &Clock,
    default_offset: Option<i32>,
    cache: &mut TimeCache,
) -> Result<ReadDate, InvalidDate> {
    let values = Values::read(fields, text)?;
    let now = clock.now_wall();
    let NamedDay {
        year,
        month,
        day,
        assume_year,
        assume_today,
    } = NamedDay::of(&values, || civil::date_of(now.div_euclid(DAY)))?;
    let Values {
        hour,
        minute,
        second,
        ..
    } = values;
    for number in [year, month, day, hour, minute, second] {
        c_int(number)?;
    }
    let date = day_of(year, month, day)?;
    if !((0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second)) {
        return Err(InvalidDate::Value);
    }
    let mut wall = date * DAY + hour * 3600 + minute * 60 + second;
    let offset = values.offset_minutes.or(default_offset);
    if let Some(minutes) = offset {
        wall = in_range(wall - i64::from(minutes) * 60)?;
    }

    // the first and the last second of this minute take the same turns below
    let minute = wall - second..=wall - second + 59;
    let on_one_side = |of: i64| !minute.contains(&of) || *minute.end() == of;
    let mut by_seconds = in_range(*minute.start()).is_ok() && in_range(*minute.end()).is_ok();
    // as upstream: a time already turned to UTC is compared with the local now
    by_seconds &= !assume_today || on_one_side(now);
    if assume_today && wall > now {
        wall = in_range(wall - DAY)?;
    }
    let moved = assume_year && wall > now + DAY;
    by_seconds &= !assume_year || on_one_side(now + DAY);
    if moved {
        // the day as written, even if the zone moved it
        wall = day_of(year - 1, month, day)? * DAY + wall.rem_euclid(DAY);
    }
    if offset.is_some() {
        return Ok(ReadDate {
            date: Timestamp::Int(wall),
            by_seconds,
        });
    }
    let epoch = clock.mktime(wall, cache).ok_or_else(|| {
        InvalidDate::Uncaught("OverflowError: mktime argument out of range".into())
    })?;
    let first = wall - second;
    Ok(ReadDate {
        date: Timestamp::Float(epoch as f64),
        by_seconds: by_seconds && cache.is_sure_of(first..first + 60),
    })
}
