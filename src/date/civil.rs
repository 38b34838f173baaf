//! The proleptic Gregorian calendar: days, dates, weeks. No zones, no clocks.
//!
//! Any year there is a number for: an epoch in a log may be any, and chrono's dates end in the year
//! 262142.

/// Whether `year` has a 29 February.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of `month` (1 to 12).
pub(super) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date.
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // years that begin in March, so that the leap day is the last
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days from 1970-01-01.
pub(super) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Monday 0 to Sunday 6.
pub(super) fn weekday_of(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// Day of the year, from 1 but perhaps outside the year, of a weekday (Monday 0)
/// in a week that starts on Sunday (`%U`) or Monday (`%W`)
/// (CPython's `_calc_julian_from_U_or_W`).
pub(super) fn day_of_week_number(year: i64, week: i64, weekday: i64, monday: bool) -> i64 {
    let mut first = weekday_of(days_of(year, 1, 1));
    let mut weekday = weekday;
    if !monday {
        first = (first + 1).rem_euclid(7);
        weekday = (weekday + 1).rem_euclid(7);
    }
    if week == 0 {
        1 + weekday - first
    } else {
        1 + (7 - first).rem_euclid(7) + 7 * (week - 1) + weekday
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(days_of(1970, 1, 1), 0);
        assert_eq!(days_of(2000, 3, 1), 11_017);
        for days in (-800_000..3_000_000).step_by(17) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_of(year, month, day), days);
            assert!((1..=month_length(year, month)).contains(&day));
        }
        assert_eq!(weekday_of(0), 3);
    }
}
