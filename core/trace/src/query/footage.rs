//! The frames of a clip, decoded once and held as far as they fit.
//!
//! ```text
//! first pass:  decoder -> each frame is shown, and kept while all that there may be fits
//! later ones:  kept frames, else the decoder again
//! ```
//!
//! A clip is looked at several times: for its query frames, again within bars, and once for each way in which it may show a
//! title.
//!
//! # Shapes and units
//! At most [`HELD_BYTES`] of luma: ten seconds of 1920 x 1080 at 25 frames a second. Times in seconds of the file's own media
//! time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use countermark_media::{Integrity, ReadOptions, VideoInfo, VideoReader};
use countermark_picture::AnyPlane;

use crate::error::TraceError;
use crate::still::Still;
use crate::task::Task;

/// Bytes of luma that are held of one clip.
const HELD_BYTES: usize = 512 << 20;

/// A clip.
pub(crate) struct Footage {
    path: PathBuf,
    most_bytes: usize,
    /// All frames, once they were decoded; none while that is to come, and where they do not fit.
    held: Mutex<Option<Arc<Held>>>,
}

/// A clip whose frames are all in memory.
pub(crate) struct Held {
    pub(crate) info: VideoInfo,
    pub(crate) frames: Vec<Still>,
    /// What decoding them has lost.
    pub(crate) integrity: Integrity,
}

impl Footage {
    /// Of a file that is opened when it is first looked at.
    #[must_use]
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            most_bytes: HELD_BYTES,
            held: Mutex::new(None),
        }
    }

    /// Of a file that is looked at once or twice only: nothing of it is held.
    #[must_use]
    pub(crate) fn passing(path: &Path) -> Self {
        Self {
            most_bytes: 0,
            ..Self::new(path)
        }
    }

    /// The file.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All frames, if they are in memory.
    pub(crate) fn held(&self) -> Option<Arc<Held>> {
        // All frames are put in at once or not at all.
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(Arc::clone)
    }

    /// What the file says about its pictures.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn info(&self) -> Result<VideoInfo, TraceError> {
        match self.held() {
            Some(held) => Ok(held.info.clone()),
            None => Ok(self.reader()?.info().clone()),
        }
    }

    /// Begins a pass: `begin` hears what the file says, then `each` is shown every frame and its media time.
    ///
    /// # Errors
    /// When the clip cannot be decoded, or the work is to end.
    pub(crate) fn pass<T>(
        &self,
        task: &Task<'_>,
        begin: impl FnOnce(&VideoInfo) -> T,
        mut each: impl FnMut(&mut T, f64, AnyPlane<'_>),
    ) -> Result<T, TraceError> {
        if let Some(held) = self.held() {
            let mut state = begin(&held.info);
            for frame in &held.frames {
                task.proceed()?;
                each(&mut state, frame.media_time, frame.luma());
            }
            return Ok(state);
        }
        let mut reader = self.reader()?;
        let mut state = begin(reader.info());
        let mut kept = self.may_fit(reader.info()).then(Vec::new);
        let mut bytes = 0;
        while let Some(frame) = reader.next_frame().map_err(TraceError::Clip)? {
            task.proceed()?;
            let (luma, media_time) = (frame.luma(), frame.media_time());
            if let Some(frames) = &mut kept {
                let still = Still::of(luma, media_time);
                bytes += still.bytes();
                frames.push(still);
            }
            if bytes > self.most_bytes {
                kept = None;
            }
            each(&mut state, media_time, luma);
        }
        if let Some(frames) = kept {
            let held = Held {
                info: reader.info().clone(),
                frames,
                integrity: reader.integrity().clone(),
            };
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
        }
        Ok(state)
    }

    /// Whether all frames may fit, by what the file says of them.
    fn may_fit(&self, info: &VideoInfo) -> bool {
        let bytes_of_sample = if info.bit_depth > 8 { 2 } else { 1 };
        let frame = u64::from(info.width) * u64::from(info.height) * bytes_of_sample;
        info.frames.unwrap_or(1).max(1).saturating_mul(frame) <= self.most_bytes as u64
    }

    pub(crate) fn reader(&self) -> Result<VideoReader, TraceError> {
        VideoReader::open(&self.path, ReadOptions::default()).map_err(TraceError::Clip)
    }
}
