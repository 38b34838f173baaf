//! The sample as it is in another encoding.

use crate::analysis::explain::sample::SampledLine;
use crate::input::{Encoding, RawBlock};

/// The first lines of the log in another encoding.
pub(super) struct Recoded {
    lines: Vec<(u64, String)>,
}

impl Recoded {
    /// None where that is the encoding there is, or none of that name.
    pub(super) fn of(begin: &RawBlock, name: &str) -> Option<Recoded> {
        let block = begin.decoded_as(Encoding::for_label(name)?)?;
        let lines = block.timed_lines();
        Some(Recoded {
            lines: lines
                .map(|(number, text, _)| (number, text.to_string()))
                .collect(),
        })
    }

    /// The line of an index; as it was read where it is none of the first ones.
    pub(super) fn line<'l>(&'l self, at: usize, sampled: &'l SampledLine) -> &'l str {
        let other = self.lines.get(at);
        let other = other.filter(|(number, _)| *number == sampled.number);
        other.map_or(sampled.text.as_str(), |(_, text)| text)
    }
}
