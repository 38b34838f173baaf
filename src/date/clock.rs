//! "Now" and the machine's local time: instant to wall clock and back. Not the
//! reading of zone data (`localtime`) and not the zones written in logs (`zone`).

use super::civil;
use super::localtime::{Period, TimeZone};

const DAY: i64 = 86_400;

/// No zone is further than this from itself: wall clocks this far inside a
/// [`Period`] are unique.
const MARGIN: i64 = 2 * DAY;

/// The clock of a run: it stands still at "now" and knows the local zone.
///
/// Upstream's clock goes on while it runs; nothing it reads from the clock is
/// meant to depend on that, so ours does not move.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    now: f64,
    zone: TimeZone,
    /// Now on the local wall clock, in seconds since 1970-01-01 00:00 of it.
    now_wall: i64,
}

/// A broken-down local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    /// With the century.
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
    /// 0 to 23.
    pub(crate) hour: u8,
    /// 0 to 59.
    pub(crate) minute: u8,
    /// 0 to 59.
    pub(crate) second: u8,
    /// Monday 0 to Sunday 6.
    pub(crate) weekday: u8,
    /// Seconds east of UTC.
    pub(crate) offset: i64,
}

/// What wall-clock conversion remembers from one call to the next; give the same
/// one to all dates of a log, in line order.
///
/// glibc's `mktime` starts from the offset of the previous call, and in the hour
/// a zone repeats in autumn (or skips between two standard times) the start
/// decides the answer. A worker that converts lines out of order looks at
/// [`TimeCache::take_uncertain`] and has such a line converted again in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimeCache {
    /// Wall clock minus the epoch at the last call.
    last_offset: i64,
    /// Wall clocks from `start` to before `end` surely have `offset`.
    start: i64,
    end: i64,
    offset: i64,
    uncertain: bool,
}

impl TimeCache {
    /// As after a conversion of a local time that had this offset (seconds east of UTC).
    pub(crate) fn after(offset: i64) -> TimeCache {
        TimeCache {
            last_offset: offset,
            ..TimeCache::default()
        }
    }

    /// Whether all these wall clocks have one offset, and are no matter of earlier calls.
    pub(super) fn is_sure_of(&self, wall: std::ops::Range<i64>) -> bool {
        self.start <= wall.start && wall.end <= self.end
    }

    /// Whether a conversion since the last call of this came near a change of the
    /// zone's offset, so that the calls before it may have mattered.
    pub(crate) fn take_uncertain(&mut self) -> bool {
        std::mem::take(&mut self.uncertain)
    }
}

impl Clock {
    /// A clock at `now` (epoch seconds), or at the system's time, in the machine's
    /// zone (`TZ`, `/etc/localtime`).
    pub(crate) fn new(now: Option<f64>) -> Clock {
        let system = || {
            let now = std::time::SystemTime::now();
            now.duration_since(std::time::UNIX_EPOCH)
                .map_or(0.0, |age| age.as_secs_f64())
        };
        Clock::in_zone(now.unwrap_or_else(system), TimeZone::local())
    }

    /// A clock at `now` (epoch seconds) in a zone of its own.
    pub(crate) fn in_zone(now: f64, zone: TimeZone) -> Clock {
        let seconds = now.floor() as i64;
        let now_wall = seconds + zone.offset_at(seconds).seconds;
        Clock {
            now,
            zone,
            now_wall,
        }
    }

    /// Now, in epoch seconds.
    pub(crate) fn now_epoch(&self) -> f64 {
        self.now
    }

    /// The local year of now: what `%ExY` accepts depends on it.
    pub(crate) fn now_year(&self) -> i32 {
        civil::date_of(self.now_wall.div_euclid(DAY)).0 as i32
    }

    /// Now on the local wall clock, in seconds.
    pub(super) fn now_wall(&self) -> i64 {
        self.now_wall
    }

    /// The local time of an instant, as C's `localtime` has it (fractions of a
    /// second dropped).
    pub(crate) fn local(&self, epoch: f64) -> LocalTime {
        let epoch = epoch.floor() as i64;
        let offset = self.zone.offset_at(epoch).seconds;
        let wall = epoch.saturating_add(offset);
        let (days, second) = (wall.div_euclid(DAY), wall.rem_euclid(DAY));
        let (year, month, day) = civil::date_of(days);
        LocalTime {
            year,
            month: month as u8,
            day: day as u8,
            hour: (second / 3600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
            weekday: civil::weekday_of(days) as u8,
            offset,
        }
    }

    /// Epoch seconds of a local wall clock (seconds since its 1970-01-01 00:00):
    /// C's `mktime` with `tm_isdst` -1, as glibc does it. `None` where that fails.
    pub(crate) fn mktime(&self, wall: i64, cache: &mut TimeCache) -> Option<i64> {
        if !(cache.start..cache.end).contains(&wall) && !self.refill(wall, cache) {
            cache.uncertain = true;
            let epoch = self.probe(wall, cache.last_offset)?;
            cache.last_offset = wall - epoch;
            return Some(epoch);
        }
        cache.last_offset = cache.offset;
        Some(wall - cache.offset)
    }

    /// Finds the stretch in which `wall` is unique; false if it is near a change.
    fn refill(&self, wall: i64, cache: &mut TimeCache) -> bool {
        let Period { start, end, offset } = self.zone.period_at(wall);
        let offset = offset.seconds;
        cache.start = start.saturating_add(offset).saturating_add(MARGIN);
        cache.end = end.saturating_add(offset).saturating_sub(MARGIN);
        cache.offset = offset;
        (cache.start..cache.end).contains(&wall)
    }

    /// The search of glibc's `__mktime_internal`: guess, correct by the error,
    /// and settle for the daylight saving side when it swings around a gap.
    fn probe(&self, wall: i64, last_offset: i64) -> Option<i64> {
        let mut t = wall - last_offset;
        let (mut t1, mut t2) = (t, t);
        let mut dst2 = false;
        for _ in 0..6 {
            let offset = self.zone.offset_at(t);
            let error = wall - (t + offset.seconds);
            if error == 0 || (t == t1 && t != t2 && dst2 <= offset.dst) {
                return Some(t);
            }
            t1 = t2;
            t2 = t;
            t += error;
            dst2 = offset.dst;
        }
        None
    }
}
