//! Looking into a session without moving it: for explanations.

use super::Session;
use crate::engine::fifo_map::SessionStart;
use crate::engine::filter::Filter;
use crate::engine::groups::{Groups, TupleLine};

impl<'f> Session<'f> {
    /// The filter that runs.
    pub(crate) fn filter(&self) -> &'f Filter {
        self.filter
    }

    /// The `<F-MLFID>` sessions that later lines may go on with, oldest first: id and
    /// failure dictionary; only with `keep_data`.
    pub(crate) fn open_sessions(&self) -> impl Iterator<Item = (&str, &Groups)> {
        self.sessions.records()
    }

    /// The ids of these sessions, oldest first.
    pub(crate) fn open_session_ids(&self) -> impl Iterator<Item = &str> {
        self.sessions.ids()
    }

    /// What the run would have asked of sessions from before its first line.
    pub(crate) fn session_start(&self) -> &SessionStart {
        self.sessions.start()
    }

    /// The earlier lines a multi-line filter still looks at, oldest first.
    pub(crate) fn buffered(&self) -> impl Iterator<Item = &TupleLine> {
        self.buffer.lines()
    }
}
