//! Inputs that may have to be waited for: standard input, pipes, fifos.
//!
//! Waiting is done in `poll`, so that Ctrl-C ends it; and a reader can ask whether there is
//! more at once, so that it hands on what it has instead of filling a block.

use super::interrupt;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;

/// How long one wait is: the delay of Ctrl-C.
const WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// A file descriptor that is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Live(Arc<File>);

impl Live {
    /// Waits on an open file.
    pub(crate) fn new(file: File) -> Live {
        Live(Arc::new(file))
    }

    /// Standard input.
    pub(crate) fn stdin() -> io::Result<Live> {
        let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Live::new(File::from(descriptor)))
    }

    /// Whether a read would give something, or the end, at once.
    pub(crate) fn is_ready(&self) -> bool {
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        self.wait(&now)
    }

    fn wait(&self, time: &Timespec) -> bool {
        let mut fds = [PollFd::new(&*self.0, PollFlags::IN)];
        match poll(&mut fds, Some(time)) {
            Ok(ready) => ready > 0,
            Err(rustix::io::Errno::INTR) => false,
            // the read says what is wrong
            Err(_) => true,
        }
    }
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.wait(&WAIT) {
            if interrupt::requested() {
                return Ok(0);
            }
        }
        (&*self.0).read(buffer)
    }
}
