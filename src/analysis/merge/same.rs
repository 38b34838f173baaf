//! Whether two reports are of the same filter, run the same way: what else must not be added
//! up. Directories may differ: shards are often made on several machines.

use crate::analysis::run::{RegexCounts, RunReport, ShardBoundary};
use std::path::Path;

/// The first thing in which `other` is not a report of the filter and options of `first`:
/// what it is, there, and here.
pub(super) fn difference(
    (first, boundary): (&RunReport, &ShardBoundary),
    (other, other_boundary): (&RunReport, &ShardBoundary),
) -> Option<[String; 3]> {
    let texts = |report: &RunReport| {
        let filter = &report.filter;
        [
            ("schema", report.schema.to_string()),
            ("the version of f2b-regex", report.tool.version.clone()),
            ("the kind of filter", filter.kind.clone()),
            ("the filter", filter.name.clone()),
            ("the file of the filter", name(filter.file.as_ref())),
            ("the options of the filter", format!("{:?}", filter.options)),
            ("maxlines", filter.maxlines.to_string()),
        ]
    };
    for ((what, here), (_, there)) in texts(first).into_iter().zip(texts(other)) {
        if here != there {
            // a path names the same filter wherever it lies
            let named_alike = what == "the filter"
                && first.filter.kind == "file"
                && name(Some(&here)) == name(Some(&there));
            if !named_alike {
                return Some([what.into(), there, here]);
            }
        }
    }
    let lists = [
        (
            "prefregex",
            first.prefregex.as_slice(),
            other.prefregex.as_slice(),
        ),
        ("failregex", &first.failregex, &other.failregex),
        ("ignoreregex", &first.ignoreregex, &other.ignoreregex),
    ];
    for (what, here, there) in lists {
        if here.len() != there.len() {
            let number = |list: &[RegexCounts]| list.len().to_string();
            let what = format!("the number of {what}es");
            return Some([what, number(there), number(here)]);
        }
        for (a, b) in here.iter().zip(there) {
            let what = format!("{what} {}", a.number);
            if a.resolved != b.resolved || a.regex != b.regex {
                return Some([what, b.resolved.clone(), a.resolved.clone()]);
            }
            let place = |r: &RegexCounts| (name(r.file.as_ref()), r.line);
            if place(a) != place(b) {
                let place = |r| format!("{:?}", place(r));
                return Some([format!("the place of {what}"), place(b), place(a)]);
            }
        }
    }
    let names = boundary.options.keys().chain(other_boundary.options.keys());
    for option in names {
        let value = |boundary: &ShardBoundary| boundary.options.get(option).cloned();
        if boundary.options.get(option) != other_boundary.options.get(option) {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "not given".into());
            let what = format!("--{option}");
            return Some([what, shown(value(other_boundary)), shown(value(boundary))]);
        }
    }
    let dates = |boundary: &ShardBoundary| match &boundary.dates {
        Some(dates) => match &dates.datepattern {
            Some(pattern) => format!("{pattern} ({})", dates.fingerprint),
            None => format!("the default ones ({})", dates.fingerprint),
        },
        None => "a journal's".into(),
    };
    let (here, there) = (dates(boundary), dates(other_boundary));
    (here != there).then(|| ["the date templates".into(), there, here])
}

/// The last part of a path.
fn name(path: Option<&String>) -> String {
    let name = path.and_then(|path| Path::new(path).file_name());
    name.map_or(String::new(), |name| name.to_string_lossy().into_owned())
}
