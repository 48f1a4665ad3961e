//! Two files decoded side by side, frame by frame, paired by their number.
//!
//! ```text
//! pair t = (frame t of the master, frame t of the marked file),   t = 0, 1, ...
//! ```
//!
//! # Shapes and units
//! A pair holds two decoded frames and nothing else; a caller that keeps the pair before has four in memory. Media time
//! is the master's, in seconds since the start of its video.

use std::path::{Path, PathBuf};

use countermark_media::{MediaError, ReadOptions, VideoFrame, VideoReader};
use countermark_picture::AnyPlane;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::light::Viewing;
use super::pair::{PairError, PlanePair};

/// Why two files cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompareError {
    /// One of them cannot be decoded.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// One ends before the other.
    #[error("{} and {} differ in their number of frames: one ends at frame {frame}", master.display(), marked.display())]
    Frames {
        /// The master.
        master: PathBuf,
        /// The marked file.
        marked: PathBuf,
        /// The first frame that only one of them has, from 0.
        frame: u64,
    },
    /// Two frames differ in more than their values.
    #[error("{} is no version of {} at frame {frame}", marked.display(), master.display())]
    Pair {
        /// The master.
        master: PathBuf,
        /// The marked file.
        marked: PathBuf,
        /// From 0.
        frame: u64,
        /// What differs.
        #[source]
        source: PairError,
    },
    /// Nothing was decoded.
    #[error("{} has no frames", master.display())]
    Empty {
        /// The master.
        master: PathBuf,
    },
}

/// Which frame it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FrameAt {
    /// From 0.
    pub index: u64,
    /// Media time of the master's frame, in seconds.
    pub media_time: f64,
}

/// A frame of the master and the same frame of the marked file, both decoded.
pub(super) struct FramePair {
    at: FrameAt,
    master: VideoFrame,
    marked: VideoFrame,
}

/// The luma of a pair, in the sample type that both have.
pub(super) enum LumaPair<'a> {
    U8(PlanePair<'a, u8>),
    U16(PlanePair<'a, u16>),
}

/// Both files being decoded.
pub(super) struct FramePairs {
    files: [PathBuf; 2],
    master: VideoReader,
    marked: VideoReader,
    index: u64,
}

impl FramePair {
    pub(super) fn at(&self) -> FrameAt {
        self.at
    }

    /// Whether the master's black is at 0.
    pub(super) fn full_range(&self) -> bool {
        self.master.is_full_range()
    }
}

impl FramePairs {
    pub(super) fn open(master: &Path, marked: &Path) -> Result<Self, CompareError> {
        Ok(Self {
            files: [master.to_owned(), marked.to_owned()],
            master: VideoReader::open(master, ReadOptions::default())?,
            marked: VideoReader::open(marked, ReadOptions::default())?,
            index: 0,
        })
    }

    /// How the master is viewed.
    pub(super) fn viewing(&self) -> Viewing {
        let info = self.master.info();
        Viewing::of(&info.colour.transfer, info.full_range)
    }

    /// The next pair; none after the last.
    pub(super) fn next_pair(&mut self) -> Result<Option<FramePair>, CompareError> {
        let index = self.index;
        let (master, marked) = match (self.master.next_frame()?, self.marked.next_frame()?) {
            (Some(master), Some(marked)) => (master, marked),
            (None, None) if index == 0 => {
                let [master, _] = self.files.clone();
                return Err(CompareError::Empty { master });
            }
            (None, None) => return Ok(None),
            _ => {
                let [master, marked] = self.files.clone();
                return Err(CompareError::Frames {
                    master,
                    marked,
                    frame: index,
                });
            }
        };
        self.index += 1;
        let at = FrameAt {
            index,
            media_time: master.media_time(),
        };
        Ok(Some(FramePair { at, master, marked }))
    }

    /// The luma of a pair of these files.
    pub(super) fn luma<'a>(&self, pair: &'a FramePair) -> Result<LumaPair<'a>, CompareError> {
        let frame = pair.at.index;
        let incomparable = |source| {
            let [master, marked] = self.files.clone();
            CompareError::Pair {
                master,
                marked,
                frame,
                source,
            }
        };
        match (pair.master.luma(), pair.marked.luma()) {
            (AnyPlane::U8(master), AnyPlane::U8(marked)) => {
                let pair = PlanePair::new(master, marked).map_err(incomparable)?;
                Ok(LumaPair::U8(pair))
            }
            (AnyPlane::U16(master), AnyPlane::U16(marked)) => {
                let pair = PlanePair::new(master, marked).map_err(incomparable)?;
                Ok(LumaPair::U16(pair))
            }
            (master, marked) => Err(incomparable(PairError::Depth {
                master: master.bit_depth().bits(),
                marked: marked.bit_depth().bits(),
            })),
        }
    }
}
