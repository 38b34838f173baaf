//! Where lines come from: a LOG argument becomes a stream of decoded, numbered lines.

pub mod ansi;
pub mod block;
pub mod encoding;
pub mod source;

pub use block::{Block, BlockReader};
pub use encoding::Encoding;
pub use source::{LogError, LogSource};
