//! Decoding: pictures with their media time, from any container and codec that FFmpeg reads, still images included.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

use countermark_picture::AnyPlane;

use crate::album::Album;
use crate::clip::{Clip, ClipEvent, Part, check_seconds};
use crate::convert::Converter;
use crate::ffi::Frame;
use crate::head::head_of;
use crate::pace::Pace;
use crate::threads::thread_budget;
use crate::{CancelToken, ClockBreak, Integrity, MediaError, Pts, SampleFormat, VideoInfo, length};

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
    /// Frames of each second that are delivered at most; the others are decoded and passed over. What a clip's examination costs
    /// then grows with its seconds alone. All by default.
    pub most_frames_per_second: Option<NonZeroU32>,
    /// Whether no picture needs what comes before the key frame in front of it, as in files of one's own making: then
    /// less is decoded to get at a moment.
    pub has_closed_groups: bool,
}

/// A file being decoded. Decoder threads run ahead of the caller by a few frames.
pub struct VideoReader {
    path: PathBuf,
    pictures: Pictures,
    info: VideoInfo,
    converter: Converter,
    pace: Pace,
    delivered: u64,
    options: ReadOptions,
}

/// Where frames come from.
enum Pictures {
    Clip(Box<Clip>),
    Album { album: Box<Album>, part: [f64; 2] },
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
        let (pictures, info) = match Album::open(path, &head_of(path)?)? {
            Some(album) => Self::of_album(album, &options)?,
            None => Self::of_clip(path, &options)?,
        };
        Ok(Self {
            path: path.to_owned(),
            pictures,
            info,
            converter: options
                .format
                .map_or_else(Converter::for_reading, |format| {
                    Converter::into_format(format.pixel_format())
                }),
            pace: Pace::new(options.most_frames_per_second),
            delivered: 0,
            options,
        })
    }

    fn of_clip(path: &Path, options: &ReadOptions) -> Result<(Pictures, VideoInfo), MediaError> {
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
        let mut info = VideoInfo::of(clip.source().input(), clip.source().video());
        if clip.source().input().has_discontinuous_time() {
            length::count(path, &mut info)?;
        }
        Ok((Pictures::Clip(Box::new(clip)), info))
    }

    fn of_album(album: Album, options: &ReadOptions) -> Result<(Pictures, VideoInfo), MediaError> {
        let start = check_seconds("seek_seconds", options.seek_seconds)?.unwrap_or(0.0);
        let duration = check_seconds("duration_seconds", options.duration_seconds)?;
        let info = album.info.clone();
        let pictures = Pictures::Album {
            album: Box::new(album),
            part: [
                start,
                duration.map_or(f64::INFINITY, |duration| start + duration),
            ],
        };
        Ok((pictures, info))
    }

    /// Goes to another moment of the file: what follows is what a reader delivers that was opened with it as
    /// [`ReadOptions::seek_seconds`] and no [`ReadOptions::duration_seconds`]. Costs no second look at the file's beginning, which opening has.
    ///
    /// # Errors
    /// As [`VideoReader::open`].
    pub fn go_to(&mut self, seconds: f64) -> Result<(), MediaError> {
        check_seconds("seek_seconds", Some(seconds))?;
        let gone = match &mut self.pictures {
            Pictures::Clip(clip) => clip.go_to(seconds),
            Pictures::Album { .. } => false,
        };
        self.options.seek_seconds = Some(seconds);
        self.options.duration_seconds = None;
        if gone {
            self.pace = Pace::new(self.options.most_frames_per_second);
            self.delivered = 0;
        } else {
            *self = Self::open(&self.path, self.options)?;
        }
        Ok(())
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
        match &self.pictures {
            Pictures::Clip(clip) => clip.source().integrity(),
            Pictures::Album { album, .. } => &album.integrity,
        }
    }

    /// Where the clip's seconds and the file's timestamps have parted so far. Of the whole file once
    /// [`VideoReader::next_frame`] has answered `None`.
    #[must_use]
    pub fn clock_breaks(&self) -> &[ClockBreak] {
        match &self.pictures {
            Pictures::Clip(clip) => clip.clock_breaks(),
            Pictures::Album { album, .. } => album.clock_breaks(),
        }
    }

    /// The next picture in presentation order; `None` after the last one. Its size may differ from the one before.
    ///
    /// # Errors
    /// When not one picture of the file can be decoded, or a picture cannot be converted. A file that ends too early
    /// answers `None` here and says so in [`VideoReader::integrity`].
    pub fn next_frame(&mut self) -> Result<Option<VideoFrame>, MediaError> {
        if self
            .options
            .max_frames
            .is_some_and(|most| self.delivered >= most)
        {
            return Ok(None);
        }
        while let Some((mut frame, media_time)) = self.next_picture()? {
            if !self.pace.takes(media_time) {
                continue;
            }
            let index = self.delivered;
            self.delivered += 1;
            let pts = Pts(frame.pts().unwrap_or_default());
            let own = (frame.width(), frame.height());
            let size = self
                .options
                .format
                .map_or(own, |format| format.fitting(own));
            frame.crop_to(size);
            let frame =
                self.converter
                    .prepare(frame, size)
                    .map_err(|source| MediaError::Ffmpeg {
                        path: self.path.clone(),
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
        Ok(None)
    }

    /// The next picture of the wanted part, and its time.
    fn next_picture(&mut self) -> Result<Option<(Frame, f64)>, MediaError> {
        match &mut self.pictures {
            Pictures::Clip(clip) => loop {
                match clip.next()? {
                    ClipEvent::Frame { frame, media_time } => return Ok(Some((frame, media_time))),
                    ClipEvent::Packet(_) => {}
                    ClipEvent::End => return Ok(None),
                }
            },
            Pictures::Album { album, part } => {
                // Half a unit of the delays, as in `Clip`.
                const SLACK: f64 = 0.0005;
                while let Some((frame, time)) = album.next()? {
                    if time + SLACK >= part[1] {
                        break;
                    }
                    if time + SLACK >= part[0] {
                        return Ok(Some((frame, time)));
                    }
                }
                Ok(None)
            }
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
