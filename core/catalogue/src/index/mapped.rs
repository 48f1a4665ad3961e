//! Bytes of a segment, mapped from its file or held in memory.

#![expect(
    unsafe_code,
    reason = "mapping a file is a promise that nobody changes it"
)]

use std::{fmt, fs::File};

use countermark_fingerprint::index::{SegmentError, check};
use memmap2::Mmap;

/// The bytes of a whole segment.
pub(super) enum Bytes {
    Mapped(Mmap),
    Held(Vec<u8>),
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.get().len())
    }
}

/// Why a file gives no segment.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Segment(#[from] SegmentError),
}

impl Bytes {
    /// Maps a file and checks it. Reads every byte once.
    pub(super) fn of(file: &File) -> Result<Self, OpenError> {
        // SAFETY: segments are written under another name, renamed into place, and never changed, only removed; and they are
        // read through checked accesses alone, so that a foreign hand can falsify an answer but not more.
        let mapped = unsafe { Mmap::map(file)? };
        check(&mapped)?;
        Ok(Self::Mapped(mapped))
    }

    pub(super) fn get(&self) -> &[u8] {
        match self {
            Self::Mapped(bytes) => bytes,
            Self::Held(bytes) => bytes,
        }
    }
}
