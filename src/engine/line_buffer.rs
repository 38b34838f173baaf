//! The lines a multi-line filter looks at: the last ones, less what matches took out.

use super::buffer_texts::RegexMask;
use super::groups::TupleLine;
use smallvec::SmallVec;
use std::sync::Arc;

/// A line of a buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct BufferedLine {
    /// Shared, because the search of a buffer keeps the lines it began with.
    pub(super) tuple: Arc<TupleLine>,
    /// The regexes that may match because of it.
    pub(super) texts: RegexMask,
}

impl BufferedLine {
    /// The same text and date; masks only save searches.
    pub(super) fn is_same(&self, other: &BufferedLine) -> bool {
        Arc::ptr_eq(&self.tuple, &other.tuple) || self.tuple == other.tuple
    }
}

/// What the search of a buffer left in it.
#[derive(Clone, Debug, Default)]
pub(super) enum Left {
    /// All lines.
    #[default]
    All,
    /// All but those, by their places, ascending.
    Without(SmallVec<[u32; 4]>),
    /// These: what prefregex left of them, as a line; or one of them twice, as upstream counts
    /// lines around an empty match (`Regex.getUnmatchedTupleLines`).
    Others(Vec<BufferedLine>),
}

/// The last lines, oldest first.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    pub(super) lines: Vec<BufferedLine>,
    /// Room for the text of the lines.
    pub(super) text: String,
}

impl Clone for LineBuffer {
    fn clone(&self) -> Self {
        LineBuffer {
            lines: self.lines.clone(),
            text: String::new(),
        }
    }
}

impl LineBuffer {
    /// The lines waiting, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &TupleLine> {
        self.lines.iter().map(|line| &*line.tuple)
    }

    /// Whether the same lines stand in both.
    pub(super) fn is_same(&self, other: &LineBuffer) -> bool {
        let mut pairs = self.lines.iter().zip(&other.lines);
        self.lines.len() == other.lines.len() && pairs.all(|(one, other)| one.is_same(other))
    }

    /// Adds a line, given as what stands before its date, the date, and what stands behind; the
    /// oldest line leaves where there is no room for more than `size`.
    pub(super) fn push(&mut self, size: usize, parts: [&str; 3], texts: RegexMask) {
        if self.lines.len() >= size.max(1) {
            // the oldest line becomes the newest
            self.lines.rotate_left(1);
            if let Some(line) = self.lines.last_mut()
                && let Some(tuple) = Arc::get_mut(&mut line.tuple)
            {
                line.texts = texts;
                return tuple.set(parts);
            }
            self.lines.pop();
        }
        let tuple = Arc::new(TupleLine::new(parts));
        self.lines.push(BufferedLine { tuple, texts });
    }

    /// Adds a line and leaves in the buffer what a search of it left.
    pub(super) fn follow(&mut self, size: usize, parts: [&str; 3], texts: RegexMask, left: &Left) {
        self.push(size, parts, texts);
        match left {
            Left::All => {}
            Left::Without(places) => {
                let mut place = 0;
                self.lines.retain(|_| {
                    place += 1;
                    places.binary_search(&(place - 1)).is_err()
                });
            }
            Left::Others(lines) => self.lines.clone_from(lines),
        }
    }

    /// What is left of the lines that were there.
    pub(super) fn left_of(&self, original: &[BufferedLine]) -> Left {
        let mut rest = self.lines.iter().peekable();
        let mut gone = SmallVec::new();
        for (place, line) in (0..).zip(original) {
            match rest.peek() {
                Some(kept) if Arc::ptr_eq(&kept.tuple, &line.tuple) => {
                    rest.next();
                }
                _ => gone.push(place),
            }
        }
        if rest.next().is_none() {
            Left::Without(gone)
        } else {
            Left::Others(self.lines.clone())
        }
    }

    /// The lines before the last that are not there any more, nor any like them.
    pub(super) fn taken_from(&self, original: &[BufferedLine], left: &Left) -> Vec<Arc<TupleLine>> {
        let earlier = original
            .split_last()
            .map_or(original, |(_, earlier)| earlier);
        let is_taken = |line: &&BufferedLine| !self.lines.iter().any(|kept| kept.is_same(line));
        let tuple = |line: &BufferedLine| Arc::clone(&line.tuple);
        match left {
            Left::All => Vec::new(),
            Left::Without(places) => {
                let gone = (places.iter()).filter_map(|place| earlier.get(*place as usize));
                gone.filter(is_taken).map(tuple).collect()
            }
            Left::Others(_) => earlier.iter().filter(is_taken).map(tuple).collect(),
        }
    }
}
