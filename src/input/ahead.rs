//! Reading on a thread of its own, a little ahead of the run: decompressing and waiting for
//! input happen beside the matching.

use super::block::RawBlock;
use super::set::LogSet;
use super::source::LogError;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// Blocks read and not yet taken.
const AHEAD: usize = 3;

/// The blocks of a [`LogSet`], read ahead.
pub enum ReadAhead {
    /// By another thread.
    Thread(Receiver<Result<RawBlock, LogError>>, Option<JoinHandle<()>>),
    /// Where no thread could be had.
    Here(Box<LogSet>),
}

impl ReadAhead {
    /// Begins to read. The thread ends with the logs, or with this.
    pub fn new(logs: LogSet) -> ReadAhead {
        let (send, receive) = sync_channel(AHEAD);
        // the logs go over by a channel, so that they are still here if there is no thread
        let (hand_over, take) = sync_channel::<LogSet>(1);
        let thread = std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let Ok(mut logs) = take.recv() else { return };
                while let Some(read) = logs.next_block().transpose() {
                    if send.send(read).is_err() {
                        return;
                    }
                }
            });
        match thread {
            Ok(thread) => match hand_over.send(logs) {
                Ok(()) => ReadAhead::Thread(receive, Some(thread)),
                Err(unsent) => ReadAhead::Here(Box::new(unsent.0)),
            },
            Err(_) => ReadAhead::Here(Box::new(logs)),
        }
    }

    /// [`LogSet::next_block`].
    pub fn next_block(&mut self) -> Result<Option<RawBlock>, LogError> {
        match self {
            ReadAhead::Thread(receive, thread) => match receive.recv() {
                Ok(read) => read.map(Some),
                // the thread is gone: at the end, or in a panic, which is not an end
                Err(_) => match thread.take().map(JoinHandle::join) {
                    Some(Err(panic)) => resume_unwind(panic),
                    _ => Ok(None),
                },
            },
            ReadAhead::Here(logs) => logs.next_block(),
        }
    }
}
