//! A file that whoever waits can end the reading of.

use std::io::{self, Read, Seek, SeekFrom};

/// Reads as `inner` does, until `stop` says so.
pub(super) struct Stoppable<'a, R> {
    pub(super) inner: R,
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() {
            // Not `Interrupted`, which is tried again.
            return Err(io::Error::other("cancelled"));
        }
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Stoppable<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
