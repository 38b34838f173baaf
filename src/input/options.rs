//! How logs are read: what the command line or a jail asks for.

use super::buffer_pool::BLOCK_BYTES;
use super::buffer_pool::BufferPool;
use super::decode::Decoding;
use super::encoding::Encoding;
use super::journal::{JournalMatch, JournalPlan};
use super::sniff::Form;
use super::unwrap::Unwrapping;
use super::window::Window;

/// How logs are read.
#[derive(Clone, Debug)]
pub(crate) struct ReadOptions {
    /// The encoding asked for, or the locale's.
    pub(crate) encoding: Encoding,
    /// Its name as reports show it.
    pub(crate) encoding_name: String,
    /// The user chose it: a mark at a log's start does not overrule it.
    pub(crate) encoding_given: bool,
    /// Take out ANSI sequences.
    pub(crate) strip_ansi: bool,
    /// Leave marks and padding in the text (`--format classic`).
    pub(crate) keep_noise: bool,
    /// Which entries of a journal are read.
    pub(crate) matches: Option<JournalMatch>,
    /// When.
    pub(crate) window: Window,
    /// How lines of text are unwrapped.
    pub(crate) unwrap: Option<Unwrapping>,
    /// The zone in which dates of journal entries and of unwrapped records are written, seconds
    /// east of UTC.
    pub(crate) journal_offset: i64,
    /// Bytes a block has, about.
    pub(crate) block_bytes: usize,
    /// Room for blocks.
    pub(crate) spares: BufferPool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            encoding: Encoding::Utf8,
            encoding_name: "UTF-8".into(),
            encoding_given: true,
            strip_ansi: false,
            keep_noise: false,
            matches: None,
            window: Window::default(),
            unwrap: None,
            journal_offset: 0,
            block_bytes: BLOCK_BYTES,
            spares: BufferPool::default(),
        }
    }
}

impl ReadOptions {
    /// How lines of text in `encoding` are read.
    pub(super) fn text(&self, encoding: Encoding) -> Decoding {
        Decoding::Text {
            encoding,
            keep_noise: self.keep_noise,
            strip_ansi: self.strip_ansi,
        }
    }

    /// How a journal's entries are read.
    pub(super) fn journal_plan(&self, form: Form) -> JournalPlan {
        JournalPlan {
            form,
            matches: self.matches.clone(),
            window: self.window,
            encoding: self.encoding,
            offset: self.journal_offset,
        }
    }
}
