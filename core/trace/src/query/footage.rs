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

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use countermark_media::{ReadOptions, VideoInfo, VideoReader};
use countermark_picture::AnyPlane;

use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::result::ClipClock;
use crate::still::Still;
use crate::task::Task;

/// Bytes of luma that are held of one clip.
const HELD_BYTES: usize = 512 << 20;

/// Frames of a second that are looked at: what a clip costs, in time and in memory, grows with its seconds. No camera that is held in a
/// hand and no stream has more, but for slow motion.
const MOST_FRAMES_PER_SECOND: Option<NonZeroU32> = NonZeroU32::new(125);

/// A clip.
pub(crate) struct Footage {
    path: PathBuf,
    most_bytes: AtomicUsize,
    /// All frames, once they were decoded; none while that is to come, and where they do not fit.
    held: Mutex<Option<Arc<Held>>>,
    /// As the first pass found it.
    clock: Mutex<ClipClock>,
}

/// Opens a clip as every stage of every examination reads it: the same frames with the same times.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open_clip(path: &Path) -> Result<VideoReader, TraceError> {
    let options = ReadOptions {
        most_frames_per_second: MOST_FRAMES_PER_SECOND,
        ..ReadOptions::default()
    };
    VideoReader::open(path, options).map_err(TraceError::Clip)
}

/// Says what is wrong with a clip's file, once its end was reached.
pub(crate) fn complain(reader: &VideoReader, task: &Task<'_>) {
    if !reader.integrity().is_complete() {
        task.note(&Note::ClipDamaged {
            integrity: reader.integrity().clone(),
        });
    }
    if let Some(first) = reader.clock_breaks().first() {
        task.note(&Note::ClockBroken {
            first: *first,
            others: reader.clock_breaks().len() - 1,
        });
    }
}

/// A clip whose frames are all in memory.
pub(crate) struct Held {
    pub(crate) info: VideoInfo,
    pub(crate) frames: Vec<Still>,
}

impl Footage {
    /// Of a file that is opened when it is first looked at.
    #[must_use]
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            most_bytes: AtomicUsize::new(HELD_BYTES),
            held: Mutex::new(None),
            clock: Mutex::default(),
        }
    }

    /// Of a file that is looked at once or twice only: nothing of it is held.
    #[must_use]
    pub(crate) fn passing(path: &Path) -> Self {
        Self {
            most_bytes: AtomicUsize::new(0),
            ..Self::new(path)
        }
    }

    /// What follows is looked at more often: the next pass holds all frames, where they fit.
    pub(crate) fn hold(&self) {
        self.most_bytes.store(HELD_BYTES, Ordering::Relaxed);
    }

    fn most_bytes(&self) -> usize {
        self.most_bytes.load(Ordering::Relaxed)
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

    /// The clip's seconds beside the file's timestamps, once there was a pass.
    pub(crate) fn clock(&self) -> ClipClock {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.clone()
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
        let (mut bytes, mut first, mut done) = (0, None, 0);
        task.stage(Stage::Decoding, reader.info().frames);
        while let Some(frame) = reader.next_frame().map_err(TraceError::Clip)? {
            task.proceed()?;
            done += 1;
            task.progress(done);
            let (luma, media_time) = (frame.luma(), frame.media_time());
            first.get_or_insert(media_time);
            if let Some(frames) = &mut kept {
                let still = Still::of(luma, media_time);
                bytes += still.bytes();
                frames.push(still);
            }
            if bytes > self.most_bytes() {
                kept = None;
            }
            each(&mut state, media_time, luma);
        }
        complain(&reader, task);
        let (zero, breaks) = (reader.info().start_seconds, reader.clock_breaks());
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) =
            ClipClock::new(zero, first.unwrap_or(0.0), breaks);
        if let Some(frames) = kept {
            let held = Held {
                info: reader.info().clone(),
                frames,
            };
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
        }
        Ok(state)
    }

    /// Whether all frames may fit, by what the file says of them.
    fn may_fit(&self, info: &VideoInfo) -> bool {
        let bytes_of_sample = if info.bit_depth > 8 { 2 } else { 1 };
        let frame = u64::from(info.width) * u64::from(info.height) * bytes_of_sample;
        info.frames.unwrap_or(1).max(1).saturating_mul(frame) <= self.most_bytes() as u64
    }

    pub(crate) fn reader(&self) -> Result<VideoReader, TraceError> {
        open_clip(&self.path)
    }
}
