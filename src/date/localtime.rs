//! The machine's time zone: TZif files and POSIX `TZ` strings, read as glibc
//! reads them. Only offsets at an instant; wall clock to instant is `clock`.
//!
//! No time zone library's reading will do, since CPython asks glibc: before its first transition a
//! zone has the first offset that is not daylight saving (RFC 8536 takes type 0), the rule behind
//! the last one is computed for the UTC year, and in years before 1970 its changes are counted
//! from 1970 (`compute_change`). `testdata/date/mktime.jsonl` has what CPython said.

use crate::files;
use std::path::{Path, PathBuf};

/// Offset from UTC in seconds, and whether it counts as daylight saving time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) seconds: i64,
    pub(super) dst: bool,
}

const UTC: Offset = Offset {
    seconds: 0,
    dst: false,
};

/// A stretch of time, epoch seconds from `start` to before `end`, of one offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) offset: Offset,
}

/// A time zone with all its transitions.
#[derive(Clone, Debug)]
pub(crate) struct TimeZone {
    /// Before the first transition: the first offset that is not daylight saving.
    first: Offset,
    transitions: Vec<(i64, Offset)>,
    /// From the last transition on.
    rule: Option<Rule>,
}

impl TimeZone {
    /// Coordinated universal time.
    pub(crate) fn utc() -> TimeZone {
        TimeZone {
            first: UTC,
            transitions: Vec::new(),
            rule: None,
        }
    }

    /// The zone the environment asks for, as glibc's `tzset` finds it: `TZ`, else
    /// `/etc/localtime`; what cannot be read is UTC.
    pub(crate) fn local() -> TimeZone {
        let zone = match std::env::var_os("TZ") {
            None => read(Path::new("/etc/localtime")),
            Some(name) => name.to_str().and_then(TimeZone::named),
        };
        zone.unwrap_or_else(TimeZone::utc)
    }

    /// A zone by its name below `/usr/share/zoneinfo`, path or POSIX rule
    /// (`CET-1CEST,M3.5.0,M10.5.0/3`).
    pub(crate) fn named(name: &str) -> Option<TimeZone> {
        let name = name.strip_prefix(':').unwrap_or(name);
        if name.is_empty() {
            return Some(TimeZone::utc());
        }
        read(&zone_directory().join(name)).or_else(|| {
            let rule = Rule::parse(name)?;
            Some(TimeZone {
                first: rule.standard,
                transitions: Vec::new(),
                rule: Some(rule),
            })
        })
    }

    /// A zone by its name below `/usr/share/zoneinfo` or by its rule; unlike [`TimeZone::named`]
    /// no path elsewhere, and no offset, which the dates of logs write the other way round.
    pub(crate) fn place(name: &str) -> Option<TimeZone> {
        let inside = !name.starts_with(['/', ':']) && !name.split('/').any(|part| part == "..");
        let is_rule = name.contains(',');
        let file = zone_directory().join(name);
        if inside && !is_rule {
            return read(&file);
        }
        is_rule.then(|| TimeZone::named(name)).flatten()
    }

    /// A zone from the bytes of a TZif file (RFC 8536).
    pub(crate) fn from_tzif(bytes: &[u8]) -> Option<TimeZone> {
        let header = Header::parse(bytes)?;
        if header.version == 0 {
            return header.body(bytes, 4);
        }
        let second = bytes.get(header.length(4)..)?;
        Header::parse(second)?.body(second, 8)
    }

    /// The offset in force at `epoch`.
    pub(super) fn offset_at(&self, epoch: i64) -> Offset {
        self.period_at(epoch).offset
    }

    /// The stretch around `epoch` that is known to have one offset; it may end
    /// where no transition is.
    pub(super) fn period_at(&self, epoch: i64) -> Period {
        let next = self
            .transitions
            .partition_point(|transition| transition.0 <= epoch);
        let start = next
            .checked_sub(1)
            .map_or(i64::MIN, |at| self.transitions[at].0);
        if let (Some(rule), true) = (&self.rule, next == self.transitions.len()) {
            let period = rule.period_at(epoch);
            return Period {
                start: period.start.max(start),
                ..period
            };
        }
        let end = self
            .transitions
            .get(next)
            .map_or(i64::MAX, |transition| transition.0);
        let offset = next
            .checked_sub(1)
            .map_or(self.first, |at| self.transitions[at].1);
        Period { start, end, offset }
    }
}

fn zone_directory() -> PathBuf {
    let directory = std::env::var_os("TZDIR").filter(|dir| !dir.is_empty());
    directory.map_or_else(|| "/usr/share/zoneinfo".into(), PathBuf::from)
}

/// More than any zone has: the largest of the database are 4 KiB.
const ZONE_BYTES: u64 = 1 << 20;

fn read(path: &Path) -> Option<TimeZone> {
    TimeZone::from_tzif(&files::read_regular(path, ZONE_BYTES).ok()?)
}

/// The counts at the head of a TZif block.
struct Header {
    version: u8,
    isut: usize,
    isstd: usize,
    leap: usize,
    times: usize,
    types: usize,
    chars: usize,
}

const HEADER: usize = 44;

impl Header {
    fn parse(bytes: &[u8]) -> Option<Header> {
        if bytes.len() < HEADER || !bytes.starts_with(b"TZif") {
            return None;
        }
        let count = |at: usize| be(&bytes[20 + at * 4..24 + at * 4]) as usize;
        Some(Header {
            version: bytes[4],
            isut: count(0),
            isstd: count(1),
            leap: count(2),
            times: count(3),
            types: count(4),
            chars: count(5),
        })
    }

    /// Of the whole block, header included; `width` bytes to a time.
    fn length(&self, width: usize) -> usize {
        HEADER
            + self.times * (width + 1)
            + self.types * 6
            + self.chars
            + self.leap * (width + 4)
            + self.isstd
            + self.isut
    }

    fn body(&self, bytes: &[u8], width: usize) -> Option<TimeZone> {
        let length = self.length(width);
        let body = bytes.get(HEADER..length)?;
        let (times, rest) = body.split_at(self.times * width);
        let (indexes, rest) = rest.split_at(self.times);
        let types: Vec<Offset> = rest[..self.types * 6]
            .chunks_exact(6)
            .map(|t| Offset {
                seconds: be(&t[..4]),
                dst: t[4] != 0,
            })
            .collect();
        let mut transitions = Vec::with_capacity(self.times);
        for (time, &index) in times.chunks_exact(width).zip(indexes) {
            transitions.push((be(time), *types.get(usize::from(index))?));
        }
        let first = types.iter().find(|t| !t.dst).or(types.first()).copied()?;
        let footer = bytes[length..].strip_prefix(b"\n").filter(|_| width == 8);
        let footer = footer.and_then(|text| text.split(|&b| b == b'\n').next());
        let rule = footer.and_then(|text| Rule::parse(std::str::from_utf8(text).ok()?));
        Some(TimeZone {
            first,
            transitions,
            rule,
        })
    }
}

/// A signed big-endian number.
fn be(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |n, &b| {
        (n << 8) | i64::from(b)
    })
}

/// A POSIX `TZ` rule.
#[derive(Clone, Debug)]
struct Rule {
    standard: Offset,
    /// Offset, begin (in standard time) and end (in daylight saving time).
    daylight: Option<(Offset, Change, Change)>,
}

/// A yearly day and the second of it.
#[derive(Clone, Copy, Debug)]
struct Change {
    day: Day,
    seconds: i64,
}

#[derive(Clone, Copy, Debug)]
enum Day {
    /// 1 to 365, 29 February never counted.
    Julian(i64),
    /// 0 to 365.
    Ordinal(i64),
    /// Month 1 to 12, week 1 to 5 (the last), weekday 0 (Sunday) to 6.
    Weekday(i64, i64, i64),
}

impl Rule {
    fn parse(text: &str) -> Option<Rule> {
        let mut text = text;
        skip_name(&mut text)?;
        let west = seconds(&mut text)?;
        let standard = Offset {
            seconds: -west,
            dst: false,
        };
        let only_standard = Some(Rule {
            standard,
            daylight: None,
        });
        if text.is_empty() || skip_name(&mut text).is_none() {
            return only_standard;
        }
        let east = match text.bytes().next() {
            None | Some(b',') => standard.seconds + 3600,
            Some(_) => -seconds(&mut text)?,
        };
        if text.is_empty() {
            text = ",M3.2.0,M11.1.0";
        }
        let begin = Change::parse(&mut text)?;
        let end = Change::parse(&mut text)?;
        Some(Rule {
            standard,
            daylight: Some((
                Offset {
                    seconds: east,
                    dst: true,
                },
                begin,
                end,
            )),
        })
    }

    /// As glibc's `__tz_compute`: the changes of the UTC year decide.
    fn period_at(&self, epoch: i64) -> Period {
        let Some((daylight, begin, end)) = self.daylight else {
            return Period {
                start: i64::MIN,
                end: i64::MAX,
                offset: self.standard,
            };
        };
        let (year, _, _) = super::civil::date_of(epoch.div_euclid(86_400));
        let begin = begin.in_year(year) - self.standard.seconds;
        let end = end.in_year(year) - daylight.seconds;
        let dst = if begin > end {
            epoch < end || epoch >= begin
        } else {
            epoch >= begin && epoch < end
        };
        let first = super::civil::days_of(year, 1, 1) * 86_400;
        let last = super::civil::days_of(year + 1, 1, 1) * 86_400;
        let mut period = Period {
            start: first,
            end: last,
            offset: if dst { daylight } else { self.standard },
        };
        for change in [begin, end] {
            if change <= epoch {
                period.start = period.start.max(change);
            } else {
                period.end = period.end.min(change);
            }
        }
        period
    }
}

impl Change {
    /// `,M3.5.0/2`, `,J60`, `,59/-1:30`.
    fn parse(text: &mut &str) -> Option<Change> {
        *text = text.strip_prefix(',')?;
        let mut part = |lead: &str| {
            *text = text.strip_prefix(lead)?;
            number(text)
        };
        let day = if let Some(month) = part("M") {
            Day::Weekday(month, part(".")?, part(".")?)
        } else if let Some(day) = part("J") {
            Day::Julian(day)
        } else {
            Day::Ordinal(part("")?)
        };
        let seconds = match text.strip_prefix('/') {
            None => 7200,
            Some(rest) => {
                *text = rest;
                seconds(text)?
            }
        };
        Some(Change { day, seconds })
    }

    /// Epoch seconds of the change in `year`, as if its wall clock were UTC.
    fn in_year(self, year: i64) -> i64 {
        let days_of = super::civil::days_of;
        let first = days_of(year, 1, 1);
        let day = match self.day {
            Day::Julian(day) => {
                let leap = super::civil::is_leap(year) && day >= 60;
                first + day - 1 + i64::from(leap)
            }
            Day::Ordinal(day) => first + day,
            Day::Weekday(month, week, weekday) => {
                let start = days_of(year, month, 1);
                let end = start + super::civil::month_length(year, month);
                let mut day = start + (weekday - (start + 4)).rem_euclid(7);
                for _ in 1..week {
                    if day + 7 < end {
                        day += 7;
                    }
                }
                day
            }
        };
        // before 1970 glibc's `compute_change` counts from 1970 ("Is this correct?")
        let base = if year < 1970 { first } else { 0 };
        (day - base) * 86_400 + self.seconds
    }
}

/// A zone name: three or more letters, or anything in angle brackets.
fn skip_name(text: &mut &str) -> Option<()> {
    let length = match text.strip_prefix('<') {
        Some(rest) => rest.find('>')? + 2,
        None => text.bytes().take_while(u8::is_ascii_alphabetic).count(),
    };
    if length < 3 {
        return None;
    }
    *text = &text[length..];
    Some(())
}

fn number(text: &mut &str) -> Option<i64> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    digits.parse().ok()
}

/// `[+-]hh[:mm[:ss]]` in seconds.
fn seconds(text: &mut &str) -> Option<i64> {
    let negative = text.starts_with('-');
    *text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut total = number(text)? * 3600;
    for unit in [60, 1] {
        if let Some(rest) = text.strip_prefix(':') {
            *text = rest;
            total += number(text)? * unit;
        }
    }
    Some(if negative { -total } else { total })
}
