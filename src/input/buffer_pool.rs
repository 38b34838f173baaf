//! Room for bytes, used over again: a block's is mapped and cleared once, not for each.

use std::sync::{Arc, Mutex, PoisonError};

/// Bytes read at a time.
pub(crate) const BLOCK_BYTES: usize = 1 << 19;

/// What is kept: about as many as there are blocks under way with many threads.
const MOST: usize = 32;

/// Vectors that were used; shared by all clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct BufferPool(Arc<Mutex<Vec<Vec<u8>>>>);

impl BufferPool {
    /// A vector with whatever was in it, or an empty one.
    pub(crate) fn take(&self) -> Vec<u8> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop().unwrap_or_default()
    }

    /// Keeps a vector; not those of very long lines, nor more than are needed.
    pub(crate) fn give(&self, bytes: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.capacity() <= 2 * BLOCK_BYTES && kept.len() < MOST {
            kept.push(bytes);
        }
    }
}
