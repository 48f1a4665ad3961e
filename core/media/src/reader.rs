//! Decoding: pictures with their media time, from any container and codec that FFmpeg reads, still images included.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::convert::Converter;
use crate::ffi::Frame;
use crate::rational::rescale;
use crate::source::{Event, FrameSource};
use crate::{Integrity, Luma, MediaError, Pts, Rational, VideoInfo};

/// Seeking aims this much before the wanted time: containers index decoding times, which run ahead of presentation.
const SEEK_MARGIN_SECONDS: f64 = 1.0;

/// Which part of a file to read, and how.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReadOptions {
    /// Decoder threads; all cores if `None`.
    pub threads: Option<NonZeroUsize>,
    /// Media time of the first frame wanted, in seconds.
    pub seek_seconds: Option<f64>,
    /// Frames wanted at most.
    pub max_frames: Option<u64>,
    /// Length of the wanted part, in seconds of media time.
    pub duration_seconds: Option<f64>,
}

/// A file being decoded.
pub struct VideoReader {
    source: FrameSource,
    info: VideoInfo,
    converter: Converter,
    time_base: Rational,
    /// Pts of media time 0; known at the latest after the first frame.
    origin: Option<i64>,
    options: ReadOptions,
    /// The target of a seek that no frame has confirmed yet.
    unconfirmed_seek: bool,
    delivered: u64,
    finished: bool,
}

/// One decoded picture.
pub struct VideoFrame {
    frame: Frame,
    index: u64,
    pts: Pts,
    media_time: f64,
}

impl VideoReader {
    /// Opens the file at `path` at the wanted time.
    ///
    /// # Errors
    /// When the file cannot be read, is no media file, has no video stream, or no decoder is there for it.
    pub fn open(path: &Path, options: ReadOptions) -> Result<Self, MediaError> {
        for (setting, value) in [
            ("seek_seconds", options.seek_seconds),
            ("duration_seconds", options.duration_seconds),
        ] {
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                return Err(MediaError::InvalidSetting {
                    setting,
                    accepted: "a number of seconds from 0 on".to_owned(),
                    value: value.unwrap_or_default().to_string(),
                });
            }
        }
        let mut source = FrameSource::open(path, thread_budget(options.threads))?;
        source.keep_only_video();
        let info = VideoInfo::of(source.input(), source.video());
        let mut reader = Self {
            time_base: source.time_base(),
            origin: source.start_time(),
            source,
            info,
            converter: Converter::for_reading(),
            options,
            unconfirmed_seek: false,
            delivered: 0,
            finished: false,
        };
        if let Some(seconds) = options.seek_seconds.filter(|&s| s > SEEK_MARGIN_SECONDS) {
            let pts = reader.pts_at(seconds - SEEK_MARGIN_SECONDS);
            // A file without an index is decoded from its start instead.
            reader.unconfirmed_seek = reader.source.seek(pts).is_ok();
        }
        Ok(reader)
    }

    /// What the file says about its video.
    #[must_use]
    pub fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// What has been lost of the file so far. Meaningful for the whole file once [`VideoReader::next_frame`] has
    /// answered `None`.
    #[must_use]
    pub fn integrity(&self) -> &Integrity {
        self.source.integrity()
    }

    /// The next picture in presentation order; `None` after the last one. Its size may differ from the one before.
    ///
    /// # Errors
    /// When not one picture of the file can be decoded, or a picture cannot be converted. A file that ends too early
    /// answers `None` here and says so in [`VideoReader::integrity`].
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        while !self.finished {
            if self.options.max_frames == Some(self.delivered) {
                break;
            }
            let frame = match self.source.next() {
                Event::Frame(frame) => frame,
                Event::Packet(_) => continue,
                Event::End => {
                    self.finished = true;
                    if self.source.frames() == 0 && !self.unconfirmed_seek {
                        return Err(MediaError::NoFrames {
                            path: self.source.path().to_owned(),
                            integrity: self.integrity().clone(),
                        });
                    }
                    break;
                }
            };
            let pts = frame.pts().unwrap_or_default();
            let origin = *self.origin.get_or_insert(pts);
            let media_time = Pts(pts.saturating_sub(origin)).seconds(self.time_base);
            let start = self.options.seek_seconds.unwrap_or(0.0);
            // A frame that is still shown at the wanted time begins within half a tick of it.
            let slack = self.time_base.as_f64() / 2.0;
            if std::mem::take(&mut self.unconfirmed_seek) && media_time > start + slack {
                // The index led past the target: decode from the start.
                if self.source.seek(origin.min(0)).is_ok() {
                    continue;
                }
            }
            if media_time + slack < start {
                self.source.forget_damage();
                continue;
            }
            if self
                .options
                .duration_seconds
                .is_some_and(|duration| media_time + slack >= start + duration)
            {
                break;
            }
            let size = (frame.width(), frame.height());
            let frame =
                self.converter
                    .prepare(frame, size)
                    .map_err(|source| MediaError::Ffmpeg {
                        path: self.source.path().to_owned(),
                        action: "convert a frame",
                        source,
                    })?;
            let index = self.delivered;
            self.delivered += 1;
            return Ok(Some(VideoFrame {
                frame,
                index,
                pts: Pts(pts),
                media_time,
            }));
        }
        self.finished = true;
        Ok(None)
    }

    fn pts_at(&self, media_seconds: f64) -> i64 {
        let microseconds = (media_seconds * 1e6).round() as i64;
        let ticks = rescale(microseconds, Rational::new(1, 1_000_000), self.time_base);
        ticks.saturating_add(self.origin.unwrap_or(0))
    }
}

impl VideoFrame {
    /// The visible luma. Pictures in RGB are shown as full-range luma of BT.709 (BT.601 up to 576 lines).
    #[must_use]
    pub fn luma(&self) -> Luma<'_> {
        let Some(luma) = self.frame.luma() else {
            unreachable!("the converter answers only frames that lend their luma")
        };
        luma
    }

    /// Seconds since the start of the video stream.
    #[must_use]
    pub fn media_time(&self) -> f64 {
        self.media_time
    }

    /// The timestamp in units of [`VideoInfo::time_base`].
    #[must_use]
    pub fn pts(&self) -> Pts {
        self.pts
    }

    /// Position among the frames that this reader delivered, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Whether the decoder concealed or missed parts of the picture.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.frame.is_damaged()
    }
}

/// The caller's number of threads, else that of the machine.
pub(crate) fn thread_budget(threads: Option<NonZeroUsize>) -> usize {
    threads
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}
