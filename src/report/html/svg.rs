//! Pictures as SVG: numbers and classes of the style only, no text of a log.
//!
//! The pictures have no letters in them, so that they can be as wide as the page; what they show is
//! told in words beside them, or is in the cells of the table they stand in.

use std::fmt::Write as _;

/// A bar in a table, `part` of `whole` long.
pub(crate) fn bar(part: u64, whole: u64, class: &str) -> String {
    let length = per_mille(part, whole);
    format!(
        r#"<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="box" width="1000" height="10"/><rect class="{class}" width="{length}" height="10"/></svg>"#
    )
}

/// Parts of a whole, one behind the other in one bar.
pub(crate) fn share(parts: &[(u64, &str)]) -> String {
    let whole: u64 = parts.iter().map(|(part, _)| part).sum();
    let mut rects = String::new();
    let mut from = 0;
    for (part, class) in parts {
        let length = per_mille(*part, whole);
        let _ = write!(
            rects,
            r#"<rect class="{class}" x="{from}" width="{length}" height="10"/>"#
        );
        from += length;
    }
    format!(
        r#"<svg class="whole" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="box" width="1000" height="10"/>{rects}</svg>"#
    )
}

/// A thousandth of the whole at least, where there is anything.
fn per_mille(part: u64, whole: u64) -> u64 {
    let exact = u128::from(part) * 1000 / u128::from(whole.max(1));
    (exact as u64).clamp(u64::from(part > 0), 1000)
}

/// A little picture of counts in order of time.
pub(crate) fn spark(counts: &[u64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::new();
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        // one hit beside thousands is seen too
        let height = per_mille(*count, most).max(100);
        let _ = write!(path, "M{at} 1000v-{height}h.9v{height}z");
    }
    format!(
        r#"<svg class="spark" viewBox="0 0 {} 1000" preserveAspectRatio="none" aria-hidden="true"><path class="s0" d="{path}"/></svg>"#,
        counts.len().max(1)
    )
}

/// Appends a column to a path: its foot, and its height.
fn column(path: &mut String, at: usize, foot: f64, height: f64) {
    let _ = write!(path, "M{at} {foot:.1}v-{height:.1}h.9v{height:.1}z");
}

/// Columns of several series, each on top of the one before, of 100 units' height.
pub(crate) fn stack(series: &[(&str, &[u64])], says: &str) -> String {
    let columns = series.first().map_or(0, |(_, counts)| counts.len());
    let total = |at: usize| series.iter().map(|(_, counts)| counts[at]).sum::<u64>();
    let most = (0..columns).map(total).max().unwrap_or(0).max(1) as f64;
    let mut feet = vec![100.0; columns];
    let mut paths = String::new();
    for (class, counts) in series {
        let mut path = String::new();
        for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // one hit beside thousands is seen too
            let height =
                (*count as f64 * 100.0 / most).max(if feet[at] == 100.0 { 1.0 } else { 0.0 });
            column(&mut path, at, feet[at], height);
            feet[at] -= height;
        }
        let _ = write!(paths, r#"<path class="{class}" d="{path}"/>"#);
    }
    let width = columns.max(1);
    format!(
        r#"<svg viewBox="0 0 {width} 100" preserveAspectRatio="none" role="img" aria-label="{says}"><path class="grid" d="M0 25H{width}M0 50H{width}M0 75H{width}"/>{paths}</svg>"#
    )
}

/// The colour of a series, for a legend.
pub(crate) fn key(class: &str) -> String {
    format!(
        r#"<svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="{class}" width="10" height="10"/></svg>"#
    )
}

/// A time with its spread, on a scale from 0 to `scale`: from the least to the most as a line, a
/// standard deviation to both sides of the middle as a bar, the middle as a mark.
pub(crate) fn range((least, middle, most): (f64, f64, f64), deviation: f64, scale: f64) -> String {
    let place = |value: f64| {
        let part = value * 1000.0 / scale;
        if part.is_finite() {
            part.clamp(0.0, 1000.0)
        } else {
            0.0
        }
    };
    let (from, to) = (place(least), place(most));
    let (low, high) = (place(middle - deviation), place(middle + deviation));
    let mark = place(middle).min(994.0);
    format!(
        r#"<svg class="range" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true"><rect class="box" width="1000" height="20"/><rect class="s7" x="{from:.0}" y="9" width="{:.0}" height="2"/><rect class="s0" x="{low:.0}" y="5" width="{:.0}" height="10" fill-opacity=".5"/><rect class="s0" x="{mark:.0}" width="6" height="20"/></svg>"#,
        to - from,
        high - low
    )
}

/// What happened to an address: all as parts of the time shown, from 0 to 1.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Its failures.
    pub(crate) failures: Vec<f64>,
    /// From when to when it was banned.
    pub(crate) bans: Vec<(f64, f64)>,
    /// The time before each ban in which failures count for it.
    pub(crate) windows: Vec<(f64, f64)>,
}

/// The picture of it.
pub(crate) fn lane(lane: &Lane) -> String {
    let place = |part: f64| (part.clamp(0.0, 1.0) * 1000.0) as u32;
    let spans = |spans: &[(f64, f64)], class: &str, (y, height): (u32, u32)| {
        let mut path = String::new();
        let mut behind = 0;
        for (from, to) in spans {
            // what cannot be told apart is drawn once
            let (from, to) = (place(*from).max(behind), place(*to));
            if to > from || behind == 0 {
                let width = to.saturating_sub(from).max(2);
                let _ = write!(path, "M{from} {y}h{width}v{height}h-{width}z");
                behind = from + width;
            }
        }
        format!(r#"<path class="{class}" d="{path}"/>"#)
    };
    let mut ticks = String::new();
    let mut places: Vec<u32> = lane.failures.iter().map(|at| place(*at) / 3 * 3).collect();
    places.dedup();
    for at in places {
        let _ = write!(ticks, "M{} 5h2v14h-2z", at.min(998));
    }
    format!(
        r#"<svg class="lane" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">{}{}<path class="s0" d="{ticks}"/></svg>"#,
        spans(&lane.windows, "s6", (0, 4)),
        spans(&lane.bans, "f-ban", (0, 24)),
    )
}
