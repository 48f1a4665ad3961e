//! Bytes of a segment, mapped from its file or held in memory.

#![expect(
    unsafe_code,
    reason = "mapping a file is a promise that nobody changes it"
)]

use std::fs::File;
use std::path::Path;

use countermark_fingerprint::index::SegmentError;
use memmap2::Mmap;

use super::check;

/// The bytes of a whole segment.
pub(super) enum Bytes {
    Mapped(Mmap),
    Held(Vec<u8>),
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
    /// Maps a file and checks it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path)?;
        // SAFETY: segments are written under another name, renamed into place, and never changed, only removed; and they are
        // read through checked accesses alone, so that a foreign hand can falsify an answer but not more.
        let mapped = unsafe { Mmap::map(&file)? };
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
