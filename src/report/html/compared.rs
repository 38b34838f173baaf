//! What differs between two filters on the same lines, as pages of `diff` and `bench` show it.

use super::svg;
use crate::analysis::bench::comparison::{AddressLines, ChangedLine, Comparison, Lines};
use crate::report::text::{fit, grouped};

/// Columns of a line.
const LINE: usize = 2000;

/// The lines of two filters, compared.
pub(crate) struct Compared {
    /// In a sentence.
    pub(crate) said: String,
    /// Matched by both, gained, lost and the rest, as parts of one bar.
    pub(crate) shares: String,
    /// What its colours mean: the colour, its name, how many lines.
    pub(crate) legend: Vec<(String, &'static str, u64)>,
    /// What differs.
    pub(crate) kinds: Vec<Kind>,
    /// Addresses that are lost and gained.
    pub(crate) addresses: Vec<(&'static str, String)>,
}

/// Lines that differ alike.
pub(crate) struct Kind {
    pub(crate) title: &'static str,
    /// The class of its number.
    pub(crate) class: &'static str,
    pub(crate) count: u64,
    /// Lines not shown.
    pub(crate) rest: u64,
    pub(crate) lines: Vec<Example>,
}

/// A line.
pub(crate) struct Example {
    pub(crate) place: String,
    pub(crate) text: String,
    /// What is said of it.
    pub(crate) said: String,
}

impl Compared {
    /// `said` is the comparison in a sentence; `top` addresses are shown of each kind.
    pub(crate) fn of(found: &Comparison, said: String, top: usize) -> Compared {
        let (gained, lost) = (found.gained.count, found.lost.count);
        let both = found.matched_by_both;
        let rest = found.lines.saturating_sub(both + gained + lost);
        let parts = [
            ("s0", "matched by both", both),
            ("f-good", "gained", gained),
            ("f-bad", "lost", lost),
            ("f-none", "matched by none", rest),
        ];
        let list = |list: &[AddressLines]| {
            let shown: Vec<&str> = list.iter().take(top).map(|a| a.address.as_str()).collect();
            let more = match list.len().saturating_sub(top) {
                0 => String::new(),
                rest => format!(" and {} more", grouped(rest as u64)),
            };
            format!("{}{more}", shown.join(", "))
        };
        let addresses = [
            ("Addresses lost", &found.addresses.lost),
            ("Addresses gained", &found.addresses.gained),
        ];
        Compared {
            said,
            shares: svg::share(&parts.map(|(class, _, count)| (count, class))),
            legend: (parts.iter())
                .filter(|(_, _, count)| *count > 0)
                .map(|(class, name, count)| (svg::key(class), *name, *count))
                .collect(),
            kinds: vec![
                changed("Lost", "bad", &found.lost),
                changed("Gained", "good", &found.gained),
                changed("Ignored by one only", "warn", &found.ignored),
                kind("Matched by another failregex", &found.moved, |line| {
                    Example {
                        place: place(line.log.as_deref(), line.line),
                        text: fit(&line.text, LINE),
                        said: format!("failregex {} → {}", numbers(&line.from), numbers(&line.to)),
                    }
                }),
                kind("With other groups", &found.captures, |line| {
                    let shown = |text: &Option<String>| match text {
                        Some(text) => format!("“{}”", fit(text, 120)),
                        None => "nothing".into(),
                    };
                    let groups = line.groups.iter().map(|group| {
                        let (before, now) = (shown(&group.against), shown(&group.filter));
                        format!("{}: {before} → {now}", group.group)
                    });
                    Example {
                        place: place(line.log.as_deref(), line.line),
                        text: fit(&line.text, LINE),
                        said: groups.collect::<Vec<_>>().join("; "),
                    }
                }),
                kind("At another time", &found.times, |line| {
                    let shown = |time: Option<f64>| {
                        time.map_or("no date".into(), |time| format!("{time:.3}"))
                    };
                    Example {
                        place: place(line.log.as_deref(), line.line),
                        text: fit(&line.text, LINE),
                        said: format!("{} → {}", shown(line.against), shown(line.filter)),
                    }
                }),
            ],
            addresses: (addresses.into_iter())
                .filter(|(_, all)| !all.is_empty())
                .map(|(title, all)| (title, list(all)))
                .collect(),
        }
    }
}

fn kind<T>(title: &'static str, lines: &Lines<T>, example: impl Fn(&T) -> Example) -> Kind {
    Kind {
        title,
        class: "",
        count: lines.count,
        rest: lines.count.saturating_sub(lines.examples.len() as u64),
        lines: lines.examples.iter().map(example).collect(),
    }
}

fn changed(title: &'static str, class: &'static str, lines: &Lines<ChangedLine>) -> Kind {
    let kind = kind(title, lines, |line| Example {
        place: place(line.log.as_deref(), line.line),
        text: fit(&line.text, LINE),
        said: match line.addresses.as_slice() {
            [] => String::new(),
            addresses => format!("names {}", fit(&addresses.join(", "), 200)),
        },
    });
    Kind { class, ..kind }
}

fn place(log: Option<&str>, line: u64) -> String {
    match log {
        Some(log) => format!("{log}:{line}"),
        None => format!("line {line}"),
    }
}

fn numbers(all: &[usize]) -> String {
    let all: Vec<String> = all.iter().map(usize::to_string).collect();
    if all.is_empty() {
        "none".into()
    } else {
        all.join(", ")
    }
}
