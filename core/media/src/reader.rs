//! Decoding: pictures with their media time, from any container and codec that FFmpeg reads, still images included.

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_picture::AnyPlane;

use crate::clip::{Clip, ClipEvent, Part};
use crate::convert::Converter;
use crate::ffi::Frame;
use crate::threads::thread_budget;
use crate::{CancelToken, Integrity, MediaError, Pts, SampleFormat, VideoInfo};

/// Which part of a file to read, and how.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReadOptions {
    /// Decoder threads; if `None` one more than there are cores, for while the caller looks at a picture one of them waits.
    pub threads: Option<NonZeroUsize>,
    /// Media time of the first frame wanted, in seconds.
    pub seek_seconds: Option<f64>,
    /// Frames wanted at most.
    pub max_frames: Option<u64>,
    /// Length of the wanted part, in seconds of media time.
    pub duration_seconds: Option<f64>,
    /// Layout that all pictures are brought into, so that [`VideoFrame::chroma`] can be asked for; each picture's own if
    /// `None`. Odd sizes lose their last column or row in the layouts that divide the chroma.
    pub format: Option<SampleFormat>,
    /// Whether no picture needs what comes before the key frame in front of it, as in files of one's own making: then
    /// less is decoded to get at a moment.
    pub has_closed_groups: bool,
}

/// A file being decoded. Decoder threads run ahead of the caller by a few frames.
pub struct VideoReader {
    clip: Clip,
    info: VideoInfo,
    converter: Converter,
    max_frames: u64,
    format: Option<SampleFormat>,
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
        let part = Part {
            start_seconds: options.seek_seconds,
            duration_seconds: options.duration_seconds,
            has_closed_groups: options.has_closed_groups,
        };
        let mut clip = Clip::open(
            path,
            options
                .threads
                .map_or_else(|| thread_budget(None) + 1, NonZeroUsize::get),
            part,
            &CancelToken::new(),
        )?;
        clip.keep_only_video();
        Ok(Self {
            info: VideoInfo::of(clip.source().input(), clip.source().video()),
            clip,
            converter: options
                .format
                .map_or_else(Converter::for_reading, |format| {
                    Converter::into_format(format.pixel_format())
                }),
            max_frames: options.max_frames.unwrap_or(u64::MAX),
            format: options.format,
        })
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
        self.clip.source().integrity()
    }

    /// The next picture in presentation order; `None` after the last one. Its size may differ from the one before.
    ///
    /// # Errors
    /// When not one picture of the file can be decoded, or a picture cannot be converted. A file that ends too early
    /// answers `None` here and says so in [`VideoReader::integrity`].
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        let index = self.clip.delivered();
        if index >= self.max_frames {
            return Ok(None);
        }
        loop {
            let (mut frame, media_time) = match self.clip.next()? {
                ClipEvent::Frame { frame, media_time } => (frame, media_time),
                ClipEvent::Packet(_) => continue,
                ClipEvent::End => return Ok(None),
            };
            let pts = Pts(frame.pts().unwrap_or_default());
            let own = (frame.width(), frame.height());
            let size = self.format.map_or(own, |format| format.fitting(own));
            frame.crop_to(size);
            let frame =
                self.converter
                    .prepare(frame, size)
                    .map_err(|source| MediaError::Ffmpeg {
                        path: self.clip.source().path().to_owned(),
                        action: "convert a frame",
                        source,
                    })?;
            return Ok(Some(VideoFrame {
                frame,
                index,
                pts,
                media_time,
            }));
        }
    }
}

impl VideoFrame {
    /// The visible luma. Pictures in RGB are shown as full-range luma of BT.709 (BT.601 up to 576 lines).
    #[must_use]
    pub fn luma(&self) -> AnyPlane<'_> {
        let Some(luma) = self.frame.luma() else {
            unreachable!("the converter answers only frames that lend their luma")
        };
        luma
    }

    /// Blue and red difference in the form of luma; `None` where the picture has no such planes, or none that can be
    /// lent out. [`ReadOptions::format`] makes sure of them.
    #[must_use]
    pub fn chroma(&self) -> Option<[AnyPlane<'_>; 2]> {
        Some([self.frame.plane(1)?, self.frame.plane(2)?])
    }

    /// Whether luma has black at 0 and white at the top, instead of 16 to 235 (times `2^(bit_depth - 8)`).
    #[must_use]
    pub fn is_full_range(&self) -> bool {
        self.frame.colour().is_full_range()
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
