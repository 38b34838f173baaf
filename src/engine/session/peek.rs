//! Looking into a session without moving it: for explanations.

use super::Session;
use crate::engine::fifo_map::SessionStart;
use crate::engine::filter::Filter;
use crate::engine::groups::{Groups, TupleLine};
use crate::engine::verdict_groups::SessionTable;

impl<'f> Session<'f> {
    /// The filter that runs.
    pub(crate) fn filter(&self) -> &'f Filter {
        self.filter
    }

    /// The `<F-MLFID>` sessions that later lines may go on with, oldest first: id and
    /// failure dictionary.
    pub(crate) fn open_sessions(&self) -> impl Iterator<Item = (&str, &Groups)> {
        self.sessions.iter()
    }

    /// The ids of these sessions, oldest first, whichever way failures are judged.
    pub(crate) fn open_session_ids(&self) -> impl Iterator<Item = &str> {
        // one of the two tables is empty
        let lean = self.lean.iter().flat_map(SessionTable::ids);
        lean.chain(self.sessions.iter().map(|(id, _)| id))
    }

    /// What the run would have asked of sessions from before its first line.
    pub(crate) fn session_start(&self) -> &SessionStart {
        match &self.lean {
            Some(lean) => lean.start(),
            None => self.sessions.start(),
        }
    }

    /// The earlier lines a multi-line filter still looks at, oldest first.
    pub(crate) fn buffered(&self) -> &[TupleLine] {
        self.buffer.lines()
    }
}
