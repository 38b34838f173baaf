//! Where lines come from: LOG arguments become a stream of decoded, numbered lines.
//!
//! [`LogSource`] says what an argument means, [`LogSet`] reads all of a run's logs one after
//! the other and cuts them into [`RawBlock`]s on one thread, [`RawBlock::decode`] makes a
//! [`Block`] of text of one on any thread.

pub mod ahead;
pub mod block;
pub mod compress;
pub mod encoding;
mod excerpt;
pub mod interrupt;
pub mod journal;
mod live;
mod noise;
pub mod place;
pub mod reader;
pub mod rotate;
pub mod set;
pub mod sniff;
pub mod source;
pub mod spares;
mod tail;
pub mod window;

pub use ahead::{Next, ReadAhead};
pub use block::{Block, Decoding, Entries, RawBlock};
pub use encoding::Encoding;
pub use noise::Noise;
pub use reader::{LogHead, LogKind, LogReader, ReadOptions};
pub use set::LogSet;
pub use source::{LogError, LogSource};
pub use window::Window;
