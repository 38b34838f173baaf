//! The hits over time: the picture, its legend, and the same as a table.

use crate::analysis::page::{HitHistory, Series};
use crate::analysis::simulate::duration;
use crate::report::html;
use crate::report::text::counted;

/// A series of the picture.
pub(super) struct Legend {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) hits: u64,
}

/// A column of the picture, as a row of the table beside it.
pub(super) struct Column {
    pub(super) from: String,
    pub(super) total: u64,
    pub(super) hits: Vec<u64>,
}

/// The class of a series, by its place.
fn series_class(at: usize) -> &'static str {
    const CLASSES: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
    CLASSES[at.min(CLASSES.len() - 1)]
}

fn series_name(series: &Series) -> String {
    match series.failregex {
        Some(number) => format!("failregex {number}"),
        None => "all others".into(),
    }
}

pub(super) fn legend(history: &HitHistory) -> Vec<Legend> {
    let all = history.series.iter().enumerate();
    all.map(|(at, series)| Legend {
        key: html::key(series_class(at)),
        name: series_name(series),
        hits: series.hits.iter().sum(),
    })
    .collect()
}

pub(super) fn stack(history: &HitHistory) -> String {
    let series: Vec<(&str, &[u64])> = (history.series.iter().enumerate())
        .map(|(at, series)| (series_class(at), series.hits.as_slice()))
        .collect();
    html::stack(
        &series,
        "Hits over time as columns, one on top of the other for each failregex; the same is in the \
         table below",
    )
}

pub(super) fn note(history: &HitHistory) -> String {
    let mut note = format!(
        "Each column is {}; helpers (<F-NOFAIL>) are not counted.",
        duration::show(history.step as f64)
    );
    if history.undated > 0 {
        let hits = counted(
            history.undated,
            "hit without a date is",
            "hits without a date are",
        );
        note += &format!(" {hits} not here.");
    }
    if history.outside > 0 {
        let hits = counted(history.outside, "hit", "hits");
        note += &format!(" {hits} of a time far from all others left out.");
    }
    note
}

pub(super) fn axis(history: &HitHistory) -> (String, String, String) {
    let at = |at: usize| history.times.get(at).cloned().unwrap_or_default();
    let last = history.times.len().saturating_sub(1);
    (at(0), at(last / 2), at(last))
}

pub(super) fn columns(history: &HitHistory, totals: &[u64]) -> Vec<Column> {
    let shown = totals.iter().enumerate().filter(|(_, total)| **total > 0);
    shown
        .map(|(at, total)| Column {
            from: history.times[at].clone(),
            total: *total,
            hits: history
                .series
                .iter()
                .map(|series| series.hits[at])
                .collect(),
        })
        .collect()
}
