//! What an attacker could make of a line: texts that he may choose, in which the rest of the line
//! stands again with another's address. A draft must not find that one.

use super::{Against, Material};
use crate::engine::LineOutcome;

/// The other's address.
const VICTIM: [&str; 2] = ["198.51.100.77", "2001:db8:bad::77"];
/// Lines of a cluster that are tried: the first of them.
const LINES: usize = 3;
/// Texts that may be chosen in a line, at most.
const FREE: usize = 12;
/// Lines made of one, at most.
const MADE: usize = 600;

/// A line as an attacker would have it.
#[derive(Debug)]
pub(super) struct Attack {
    /// The cluster it is one of.
    pub(super) cluster: usize,
    pub(super) text: String,
    /// The client's address.
    address: String,
}

impl Attack {
    /// Whether somebody else than the client is found.
    pub(super) fn succeeds(&self, outcome: &LineOutcome) -> bool {
        let mut ids = outcome.failures().filter_map(|found| found.id.as_ref());
        ids.any(|id| !crate::analysis::check::same_address(id, &self.address))
    }

    /// It, as what stands against a draft.
    pub(super) fn against(&self) -> Against {
        Against {
            number: 0,
            line: self.text.clone(),
            why: "an attacker who writes this line has another's address banned".to_owned(),
        }
    }
}

/// The attacks on some lines of every cluster.
pub(super) fn find(material: &Material, clusters: &[Vec<usize>]) -> Vec<Attack> {
    let mut all = Vec::new();
    for (cluster, lines) in clusters.iter().enumerate() {
        for &line in lines.iter().take(LINES) {
            let address = &material.addresses[line];
            let victim = VICTIM[usize::from(address.contains(':'))];
            let made = of_line(material, line, victim);
            all.extend(made.into_iter().map(|text| Attack {
                cluster,
                text,
                address: address.clone(),
            }));
        }
    }
    all
}

/// The attacks on a line.
fn of_line(material: &Material, line: usize, victim: &str) -> Vec<String> {
    let parts = &material.parts[line];
    let text = &material.lines[line].text;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let free = &parts.free[..parts.free.len().min(FREE)];
    for (at, part) in free.iter().enumerate() {
        // the same name at two places of a line is chosen once
        let same = |group: &&mut Vec<usize>| {
            text[free[group[0]].place.clone()] == text[part.place.clone()]
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    if groups.len() > 1 {
        groups.push((0..free.len()).collect());
    }
    let starts: Vec<usize> = free
        .iter()
        .map(|part| part.place.end)
        .chain([parts.start])
        .collect();
    let ends: Vec<usize> = free
        .iter()
        .map(|part| part.place.start)
        .chain([text.len()])
        .collect();
    let mut all = Vec::new();
    let client = parts.client.clone();
    for group in &groups {
        for &start in starts.iter().filter(|start| **start <= client.start) {
            for &end in ends
                .iter()
                .chain([&client.end])
                .filter(|end| **end >= client.end)
            {
                let (before, behind) = (&text[start..client.start], &text[client.end..end]);
                for value in [
                    format!("x{before}{victim}{behind}"),
                    format!("{}{victim}{behind} x", before.trim_start()),
                ] {
                    for escaped in [false, true] {
                        all.extend(made(material, line, group, &value, escaped));
                        if all.len() >= MADE {
                            return all;
                        }
                    }
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// A line with a value at some of its places; none where it could not come so.
fn made(
    material: &Material,
    line: usize,
    group: &[usize],
    value: &str,
    escaped: bool,
) -> Option<String> {
    let parts = &material.parts[line];
    let is_quoted = group.iter().any(|&at| parts.free[at].quoted);
    if escaped != is_quoted && (escaped || material.json) {
        return None;
    }
    let value = match escaped {
        true => value.replace('\\', r"\\").replace('"', "\\\""),
        false => value.to_owned(),
    };
    let mut places: Vec<_> = group
        .iter()
        .map(|&at| parts.free[at].place.clone())
        .collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.start));
    let mut text = material.lines[line].text.clone();
    for place in places {
        text.replace_range(place, &value);
    }
    Some(text)
}
