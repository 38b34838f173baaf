//! Where lines come from: LOG arguments become a stream of decoded, numbered lines.
//!
//! [`LogSource`] says what an argument means, [`LogSet`] reads all of a run's logs one after
//! the other and cuts them into [`RawBlock`]s on one thread, [`RawBlock::decode`] makes a
//! [`Block`] of text of one on any thread.

pub(crate) mod ahead;
mod anomalies;
pub(crate) mod block;
pub(crate) mod buffer_pool;
pub(crate) mod compress;
mod decode;
pub(crate) mod encoding;
mod error;
mod excerpt;
mod head;
pub(crate) mod interrupt;
pub(crate) mod journal;
mod line_ends;
mod live;
mod open;
mod options;
pub(crate) mod panic_context;
pub(crate) mod reader;
pub(crate) mod rotate;
pub(crate) mod set;
pub(crate) mod sniff;
pub(crate) mod source;
mod tail;
pub(crate) mod unwrap;
mod utf16_lines;
pub(crate) mod window;

pub(crate) use ahead::{Next, ReadAhead};
pub(crate) use anomalies::InputAnomalies;
pub(crate) use block::Block;
pub(crate) use decode::RawBlock;
pub(crate) use encoding::Encoding;
pub(crate) use error::LogError;
pub(crate) use head::{LogHead, LogKind};
pub(crate) use line_ends::LineCursor;
pub(crate) use options::ReadOptions;
pub(crate) use set::LogSet;
pub(crate) use source::{LogSource, Words};
pub(crate) use unwrap::Unwrapping;
pub(crate) use window::Window;
