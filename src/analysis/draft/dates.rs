//! Where the dates of the lines stand: by the default templates, or by a datepattern that is
//! proposed and tried.

use crate::analysis::explain::hints::dates::{DateCandidate, patterns_of, zone};
use crate::date::{Clock, DateDetector, TimeCache};
use crate::engine::builder;
use crate::pattern::Scratch;
use std::ops::Range;

/// Datepatterns that are tried.
const TRIED: usize = 60;
/// Lines they are tried on.
const SAMPLE: usize = 200;
/// Seconds a log may be ahead of the clock.
const AHEAD: f64 = 2.0 * 86_400.0;
/// No log is older than 1990.
const OLDEST: f64 = 631_152_000.0;

/// How the dates are found.
#[derive(Debug)]
pub(super) struct Dates {
    /// The datepattern, `%` not doubled; None for the default templates.
    pub(super) datepattern: Option<String>,
    /// By line, the place of its date.
    pub(super) cuts: Vec<Option<Range<usize>>>,
    /// What was not sure.
    pub(super) unsure: Option<String>,
}

/// What a detector made of the lines.
struct Read {
    cuts: Vec<Option<Range<usize>>>,
    dated: usize,
    /// Neighbours in the order of time.
    ordered: usize,
    /// Dates before 1990, or of the future.
    odd: usize,
}

fn read(mut detector: DateDetector, lines: &[&str], clock: &Clock) -> Read {
    let mut scratch = Scratch::default();
    let mut cache = TimeCache::default();
    let mut read = Read {
        cuts: Vec::with_capacity(lines.len()),
        dated: 0,
        ordered: 0,
        odd: 0,
    };
    let mut last = f64::NEG_INFINITY;
    for line in lines {
        let found = detector.match_time(line, &mut scratch).ok().flatten();
        let time = found.as_ref().and_then(|found| {
            let time = detector.time_of(line, found, clock, &mut cache).ok()?;
            Some(time.seconds())
        });
        let cut = found
            .and_then(|found| found.group1())
            .filter(|cut| !cut.is_empty());
        if let (Some(time), Some(_)) = (time, &cut) {
            read.dated += 1;
            read.ordered += usize::from(time >= last);
            let plausible = (OLDEST..=clock.now_epoch() + AHEAD).contains(&time);
            read.odd += usize::from(!plausible);
            last = time;
        }
        read.cuts.push(cut.filter(|_| time.is_some()));
    }
    read
}

/// Finds out how the dates of the lines are found.
pub(super) fn find(lines: &[&str], clock: &Clock) -> Dates {
    let default = read(
        DateDetector::default_templates(clock.now_year()),
        lines,
        clock,
    );
    let is_read = default.dated == lines.len() && default.odd == 0;
    let left = is_read && leaves_zone(lines, &default.cuts);
    let late = is_read && !left && stands_late(lines, &default.cuts);
    if is_read && !left && !late {
        return Dates {
            datepattern: None,
            cuts: default.cuts,
            unsure: None,
        };
    }
    let sample = &lines[..lines.len().min(SAMPLE)];
    let mut found: Vec<(DateCandidate, Read)> = Vec::new();
    for candidate in candidates(sample) {
        let Ok(detector) = builder::detector(&candidate.pattern, None, clock) else {
            continue;
        };
        if builder::compiles(&detector).is_err() {
            continue;
        }
        let tried = read(detector, sample, clock);
        if tried.dated == sample.len()
            && tried.odd == 0
            && (candidate.zone || !left)
            && (!late || candidate.pattern.starts_with('"') && same_place(&tried, &default))
        {
            found.push((candidate, tried));
        }
    }
    let worth = |(candidate, read): &(DateCandidate, Read)| {
        (
            read.ordered,
            candidate.zone,
            candidate.pattern.contains("%f"),
        )
    };
    // a stable sort: the likeliest stays first
    found.sort_by_key(|found| std::cmp::Reverse(worth(found)));
    let second = found.get(1).map(|(_, read)| read.ordered);
    for (candidate, tried) in &found {
        let Ok(detector) = builder::detector(&candidate.pattern, None, clock) else {
            continue;
        };
        let whole = read(detector, lines, clock);
        if whole.dated < lines.len() {
            continue;
        }
        let is_ambiguous = candidate.day_or_month_first && second == Some(tried.ordered);
        return Dates {
            unsure: is_ambiguous.then(|| {
                "the lines do not tell whether the day or the month comes first in their dates"
                    .to_owned()
            }),
            datepattern: Some(candidate.pattern.clone()),
            cuts: whole.cuts,
        };
    }
    if late {
        return Dates {
            datepattern: None,
            cuts: default.cuts,
            unsure: None,
        };
    }
    if left {
        return Dates {
            datepattern: None,
            cuts: default.cuts,
            unsure: Some(
                "fail2ban does not read the zone of the dates: it takes its own".to_owned(),
            ),
        };
    }
    let undated = lines.len() - default.dated;
    Dates {
        datepattern: None,
        unsure: Some(match undated {
            0 => "the dates of some lines are before 1990 or of the future".to_owned(),
            some => format!(
                "fail2ban finds no date in {}, and takes the time at which it reads them",
                crate::analysis::wording::counted(some as u64, "line", "lines")
            ),
        }),
        cuts: default.cuts,
    }
}

/// Whether the dates of JSON lines stand behind other values, in which somebody may write one of his
/// own: the first is taken. A datepattern with the key before it cannot be led astray.
fn stands_late(lines: &[&str], cuts: &[Option<Range<usize>>]) -> bool {
    let late = |(line, cut): (&&str, &Option<Range<usize>>)| {
        let before = cut.as_ref().map_or("", |cut| &line[..cut.start]);
        line.starts_with('{') && before.matches("\":").count() > 1
    };
    lines.iter().zip(cuts).take(SAMPLE).any(late)
}

/// Whether a datepattern finds the dates where the templates did.
fn same_place(tried: &Read, default: &Read) -> bool {
    let mut both = tried.cuts.iter().zip(&default.cuts);
    both.all(|(tried, default)| match (tried, default) {
        (Some(tried), Some(default)) => tried.start <= default.start && default.end <= tried.end,
        _ => false,
    })
}

/// Whether a zone stands behind the dates that was not read: the times are those of another place.
fn leaves_zone(lines: &[&str], cuts: &[Option<Range<usize>>]) -> bool {
    let left = |(line, cut): (&&str, &Option<Range<usize>>)| {
        let behind = cut.as_ref().map_or("", |cut| &line[cut.end..]);
        let fraction = behind.strip_prefix(['.', ',']);
        let rest = fraction.map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        zone(rest.unwrap_or(behind)).1 > 0
    };
    lines.iter().zip(cuts).take(SAMPLE).all(left)
}

/// Datepatterns for the first, the middle and the last line.
fn candidates(lines: &[&str]) -> Vec<DateCandidate> {
    let mut all: Vec<DateCandidate> = Vec::new();
    let picked = [Some(0), Some(lines.len() / 2), lines.len().checked_sub(1)];
    for line in picked.into_iter().flatten().filter_map(|at| lines.get(at)) {
        for candidate in patterns_of(line) {
            if all.len() < TRIED && !all.contains(&candidate) {
                all.push(candidate);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::TimeZone;

    fn clock() -> Clock {
        Clock::in_zone(1_795_176_000.0, TimeZone::utc())
    }

    #[test]
    fn a_datepattern_is_proposed_where_the_templates_find_nothing() {
        let plain = find(&["2026-11-20 10:00:00 x"], &clock());
        assert_eq!((plain.datepattern, plain.unsure), (None, None));
        assert_eq!(plain.cuts, [Some(0..19)]);
        let lines = ["20.11.26 09h00m05 door: x", "20.11.26 09h00m07 door: y"];
        let odd = find(&lines, &clock());
        assert_eq!(odd.datepattern.as_deref(), Some("^%d\\.%m\\.%y %Hh%Mm%S"));
        assert!(odd.cuts.iter().all(Option::is_some));
        // more digits than the templates take, and a zone behind them
        let line = "2026-11-20T10:00:00.123456789Z x";
        let zoned = find(&[line], &clock()).datepattern.expect("a pattern");
        assert!(zoned.ends_with("%z"), "{zoned}");
        let line = r#"{"user":"x","time":"2026-11-20T10:00:00Z","level":"warn"}"#;
        let keyed = find(&[line], &clock()).datepattern.expect("a pattern");
        assert!(keyed.starts_with("\"time\":\"%Y"), "{keyed}");
        let none = find(&["no date at all"], &clock());
        assert!(none.unsure.is_some() && none.cuts == [None]);
    }
}
