//! How often each filter names an address or another failure id.

use super::verdict::BenchLine;
use crate::engine::Verdict;
use std::collections::HashMap;

/// Matched lines that name an address, by filter.
#[derive(Debug, Default)]
pub(super) struct AddressCounts(HashMap<String, Vec<u64>>);

impl AddressCounts {
    /// Adds the verdicts of every filter on the same lines.
    pub(super) fn add(&mut self, judged: &[Vec<BenchLine>]) {
        for (filter, lines) in judged.iter().enumerate() {
            // an ignored line's hits ban nobody
            let matched = lines.iter().filter(|l| l.verdict == Verdict::Matched);
            for address in matched.flat_map(BenchLine::addresses) {
                if let Some(counts) = self.0.get_mut(address) {
                    counts[filter] += 1;
                } else {
                    let mut counts = vec![0; judged.len()];
                    counts[filter] = 1;
                    self.0.insert(address.to_owned(), counts);
                }
            }
        }
    }

    /// The addresses in order, each with its lines in every filter.
    pub(super) fn sorted(self) -> Vec<(String, Vec<u64>)> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all
    }
}
