//! The end of a block, to keep beside the run: for samples of a log.

use super::decode::{Decoding, RawBlock};

impl RawBlock {
    /// About the last `bytes` of a block of text, whole lines; None of journals, whose
    /// entries cannot be found from behind, and of encodings whose lines cannot.
    pub(crate) fn tail(&self, bytes: usize) -> Option<RawBlock> {
        let Decoding::Text { encoding, .. } = self.decoding else {
            return None;
        };
        if let Some(block) = &self.ready {
            let mut tail = self.without_bytes();
            tail.ready = Some(block.clone());
            return Some(tail);
        }
        let from = self.bytes.len().saturating_sub(bytes);
        let start = match from {
            0 => 0,
            _ => from + encoding.first_line_end(&self.bytes[from..])?,
        };
        let mut tail = self.without_bytes();
        tail.bytes = self.bytes[start..].to_vec();
        Some(tail)
    }
}
