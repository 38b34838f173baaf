//! Reading on a thread of its own, a little ahead of the run: decompressing and waiting for
//! input happen beside the matching.

use super::block::RawBlock;
use super::set::LogSet;
use super::source::LogError;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread::JoinHandle;

/// Blocks read and not yet taken.
const AHEAD: usize = 3;

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// A block.
    Block(Box<RawBlock>),
    /// Nothing at the moment: a pipe is waited for.
    NotYet,
    /// Nothing any more.
    End,
}

/// The blocks of a [`LogSet`], read ahead.
pub(crate) struct ReadAhead {
    blocks: Blocks,
    /// A log may have to be waited for.
    live: bool,
}

enum Blocks {
    /// By another thread.
    Thread(Receiver<Result<RawBlock, LogError>>, Option<JoinHandle<()>>),
    /// Where no thread could be had.
    Here(Box<LogSet>),
}

impl ReadAhead {
    /// Begins to read. The thread ends with the logs, or with this.
    pub(crate) fn new(logs: LogSet) -> ReadAhead {
        let live = logs.is_live();
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
        let blocks = match thread {
            Ok(thread) => match hand_over.send(logs) {
                Ok(()) => Blocks::Thread(receive, Some(thread)),
                Err(unsent) => Blocks::Here(Box::new(unsent.0)),
            },
            Err(_) => Blocks::Here(Box::new(logs)),
        };
        ReadAhead { blocks, live }
    }

    /// [`LogSet::next_block`]; without `wait`, not where it would be waited for.
    pub(crate) fn next_block(&mut self, wait: bool) -> Result<Next, LogError> {
        let (receive, thread) = match &mut self.blocks {
            Blocks::Thread(receive, thread) => (receive, thread),
            Blocks::Here(logs) => {
                return Ok(logs
                    .next_block()?
                    .map_or(Next::End, |block| Next::Block(Box::new(block))));
            }
        };
        let read = if self.live && !wait {
            match receive.try_recv() {
                Err(TryRecvError::Empty) => return Ok(Next::NotYet),
                Err(TryRecvError::Disconnected) => None,
                Ok(read) => Some(read),
            }
        } else {
            receive.recv().ok()
        };
        match read {
            Some(read) => read.map(|block| Next::Block(Box::new(block))),
            // the thread is gone: at the end, or in a panic, which is not an end
            None => match thread.take().map(JoinHandle::join) {
                Some(Err(panic)) => resume_unwind(panic),
                _ => Ok(Next::End),
            },
        }
    }
}
