//! Pictures and sound of our own into a file: rendered samples, reference proxies, test inputs.

mod audio;
mod labels;

use std::path::Path;

pub use audio::AudioFormat;
pub use labels::{Chapter, FileLabels};

use crate::container::Container;
use crate::ffi::{ColourTags, FfmpegError, Frame, Hdr10, PixelFormat};
use crate::partial::PartialFile;
use crate::plan::{check_request, open_output};
use crate::sink::{Sink, VideoPlan};
use crate::threads::thread_budget;
use crate::{CancelToken, EncodeSettings, MediaError, Rational};
use audio::AudioTrack;

/// How the samples of written pictures are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SampleFormat {
    /// 4:2:0, 8 bits.
    Yuv420Bits8,
    /// 4:2:0, 10 bits.
    Yuv420Bits10,
    /// 4:2:2, 8 bits.
    Yuv422Bits8,
    /// 4:2:2, 10 bits.
    Yuv422Bits10,
    /// 4:4:4, 8 bits.
    Yuv444Bits8,
    /// 4:4:4, 10 bits.
    Yuv444Bits10,
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoWriterSettings {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Pictures a second.
    pub frame_rate: Rational,
    /// Layout of the samples.
    pub format: SampleFormat,
    /// Black at 0 instead of 16.
    pub full_range: bool,
    /// `Some(top field first)`: the rows of a picture are two fields, one after the other in time.
    pub top_first: Option<bool>,
    /// The encoder.
    pub encode: EncodeSettings,
    /// Sound, if there is any.
    pub audio: Option<AudioFormat>,
    /// What the file says about itself.
    pub labels: FileLabels,
}

/// The samples of one picture, each plane tightly packed: rows follow each other without padding.
#[derive(Debug, Clone, Copy)]
pub enum Planes<'a> {
    /// Luma alone, 8 bits; chroma is neutral.
    Gray8(&'a [u8]),
    /// Luma alone in the low bits; chroma is neutral.
    Gray16(&'a [u16]),
    /// Three planes, 8 bits.
    Yuv8 {
        /// Luma.
        y: &'a [u8],
        /// Blue difference.
        u: &'a [u8],
        /// Red difference.
        v: &'a [u8],
    },
    /// Three planes, samples in the low bits.
    Yuv16 {
        /// Luma.
        y: &'a [u16],
        /// Blue difference.
        u: &'a [u16],
        /// Red difference.
        v: &'a [u16],
    },
}

/// A file being written. It appears under its name when [`VideoWriter::finish`] succeeds.
pub struct VideoWriter {
    sink: Sink,
    audio: Option<AudioTrack>,
    settings: VideoWriterSettings,
    time_base: Rational,
    /// Number of the next picture at the constant rate.
    next_slot: u64,
    start_ticks: i64,
}

impl VideoWriterSettings {
    /// 8-bit 4:2:0 without sound.
    #[must_use]
    pub fn new(width: u32, height: u32, frame_rate: Rational, encode: EncodeSettings) -> Self {
        Self {
            width,
            height,
            frame_rate,
            format: SampleFormat::Yuv420Bits8,
            full_range: false,
            top_first: None,
            encode,
            audio: None,
            labels: FileLabels::default(),
        }
    }
}

impl SampleFormat {
    pub(crate) fn pixel_format(self) -> PixelFormat {
        match self {
            Self::Yuv420Bits8 => PixelFormat::YUV420P,
            Self::Yuv420Bits10 => PixelFormat::YUV420P10,
            Self::Yuv422Bits8 => PixelFormat::YUV422P,
            Self::Yuv422Bits10 => PixelFormat::YUV422P10,
            Self::Yuv444Bits8 => PixelFormat::YUV444P,
            Self::Yuv444Bits10 => PixelFormat::YUV444P10,
        }
    }

    /// The largest size within `size` that whole chroma samples cover.
    pub(crate) fn fitting(self, (width, height): (u32, u32)) -> (u32, u32) {
        let (x, y) = self.pixel_format().chroma_shift();
        let whole = |side: u32, shift: u8| (side >> shift << shift).max(1 << shift);
        (whole(width, x), whole(height, y))
    }

    /// Bits of a sample.
    #[must_use]
    pub fn bit_depth(self) -> u8 {
        self.pixel_format().bit_depth()
    }
}

impl VideoWriter {
    /// Begins a file whose container follows the extension of `path`.
    ///
    /// # Errors
    /// When a setting is out of range, the container cannot hold the codec, or `path` exists and may not be replaced.
    pub fn create(path: &Path, settings: VideoWriterSettings) -> Result<Self, MediaError> {
        let container = check_request(Path::new(""), path, &settings.encode)?;
        check_picture(&settings)?;
        let file = PartialFile::create(path, settings.encode.overwrite)?;
        let mut output = open_output(&file, container, &CancelToken::new())?;
        let failure = |source: FfmpegError| MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "add a stream to the output",
            source,
        };
        let video = output.add_stream().map_err(failure)?;
        settings.labels.apply(&mut output, video).map_err(failure)?;
        let audio = match settings.audio {
            Some(format) => Some(AudioTrack::add(
                format,
                settings.labels.start_seconds,
                container == Container::WebM,
                &mut output,
                path,
            )?),
            None => None,
        };
        let time_base = fine_time_base(settings.frame_rate);
        let start_ticks = (settings.labels.start_seconds / time_base.as_f64()).round() as i64;
        let plan = VideoPlan {
            threads: thread_budget(settings.encode.threads),
            settings: settings.encode.clone(),
            time_base,
            frame_rate: settings.frame_rate,
            sample_aspect: settings.labels.sample_aspect,
            colour: ColourTags::UNSPECIFIED,
            hdr10: Hdr10::default(),
            top_first: settings.top_first,
            stored_fields: None,
            timecode: None,
            is_faithful: false,
        };
        Ok(Self {
            sink: Sink::new(file, container, output, video, plan, CancelToken::new()),
            audio,
            settings,
            time_base,
            next_slot: 0,
            start_ticks,
        })
    }

    /// Writes the next picture at the constant frame rate.
    ///
    /// # Errors
    /// When a plane has the wrong length, or encoding or writing fails.
    pub fn write_frame(&mut self, planes: Planes<'_>) -> Result<(), MediaError> {
        let seconds = self.next_slot as f64 / self.settings.frame_rate.as_f64();
        self.write_frame_at(seconds, planes)
    }

    /// Writes a picture to be shown from `seconds` on, which must increase from call to call.
    ///
    /// # Errors
    /// When a plane has the wrong length, or encoding or writing fails.
    pub fn write_frame_at(&mut self, seconds: f64, planes: Planes<'_>) -> Result<(), MediaError> {
        let mut frame = self.frame(planes)?;
        let ticks = (seconds / self.time_base.as_f64()).round() as i64;
        frame.set_pts(self.start_ticks.saturating_add(ticks));
        self.next_slot += 1;
        self.sink.write_frame(frame)
    }

    /// As [`VideoWriter::write_frame`], with closed captions and an active format beside the samples.
    #[cfg(test)]
    pub(crate) fn write_with_user_data(
        &mut self,
        planes: Planes<'_>,
        captions: &[u8],
        active_format: u8,
    ) -> Result<(), MediaError> {
        let seconds = self.next_slot as f64 / self.settings.frame_rate.as_f64();
        let mut frame = self.frame(planes)?;
        frame.add_user_data(captions, active_format);
        frame.set_pts((seconds / self.time_base.as_f64()).round() as i64);
        self.next_slot += 1;
        self.sink.write_frame(frame)
    }

    /// Appends sound: interleaved samples from -1 to 1, whole sample groups of all channels.
    ///
    /// # Errors
    /// When the writer has no sound, the block is not a multiple of the channels, or encoding fails.
    pub fn write_audio(&mut self, interleaved: &[f32]) -> Result<(), MediaError> {
        match &mut self.audio {
            Some(track) => track.write(interleaved, &mut self.sink),
            None => Err(MediaError::InvalidSetting {
                setting: "audio",
                accepted: "set before sound is written".to_owned(),
                value: "absent".to_owned(),
            }),
        }
    }

    /// Completes the file and gives it its name. Answers its size in bytes.
    ///
    /// # Errors
    /// When no picture was written, or writing fails.
    pub fn finish(mut self) -> Result<u64, MediaError> {
        if let Some(track) = &mut self.audio {
            track.flush(&mut self.sink)?;
        }
        self.sink.finish()?.0.commit()
    }

    fn frame(&self, planes: Planes<'_>) -> Result<Frame, MediaError> {
        let format = self.settings.format.pixel_format();
        let (width, height) = (self.settings.width, self.settings.height);
        let mut frame =
            Frame::with_picture(format, width, height).map_err(|source| MediaError::Ffmpeg {
                path: self.sink.path().to_owned(),
                action: "allocate a frame",
                source,
            })?;
        frame.set_colour(ColourTags::UNSPECIFIED.with_range(self.settings.full_range));
        let (x, y) = format.chroma_shift();
        let luma = width as usize * height as usize;
        let chroma = width.div_ceil(1 << x) as usize * height.div_ceil(1 << y) as usize;
        let neutral = 1u16 << (format.bit_depth() - 1);
        let parts: [(&'static str, usize, Vec<u8>); 3] = match planes {
            Planes::Gray8(samples) => [
                ("luma", luma, samples.to_vec()),
                ("chroma", chroma, vec![neutral as u8; chroma]),
                ("chroma", chroma, vec![neutral as u8; chroma]),
            ],
            Planes::Gray16(samples) => {
                let gray = bytes_of(&vec![neutral; chroma]);
                [
                    ("luma", luma, bytes_of(samples)),
                    ("chroma", chroma, gray.clone()),
                    ("chroma", chroma, gray),
                ]
            }
            Planes::Yuv8 { y, u, v } => [
                ("luma", luma, y.to_vec()),
                ("blue difference", chroma, u.to_vec()),
                ("red difference", chroma, v.to_vec()),
            ],
            Planes::Yuv16 { y, u, v } => [
                ("luma", luma, bytes_of(y)),
                ("blue difference", chroma, bytes_of(u)),
                ("red difference", chroma, bytes_of(v)),
            ],
        };
        let sample_bytes = if format.bit_depth() > 8 { 2 } else { 1 };
        for (plane, (what, expected, bytes)) in parts.iter().enumerate() {
            if !frame.write_plane(plane, bytes) {
                return Err(MediaError::WrongLength {
                    path: self.sink.path().to_owned(),
                    what,
                    expected: *expected,
                    actual: bytes.len() / sample_bytes,
                });
            }
        }
        Ok(frame)
    }
}

fn bytes_of(samples: &[u16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_ne_bytes())
        .collect()
}

fn check_picture(settings: &VideoWriterSettings) -> Result<(), MediaError> {
    let (width, height) = (settings.width, settings.height);
    let invalid = |setting, accepted: &str, value| MediaError::InvalidSetting {
        setting,
        accepted: accepted.to_owned(),
        value,
    };
    if !((1..=16_384).contains(&width) && (1..=16_384).contains(&height)) {
        let value = format!("{width}x{height}");
        return Err(invalid("size", "1 to 16384 samples a side", value));
    }
    let rate = settings.frame_rate;
    if !(rate.is_known() && rate.as_f64() <= 1000.0) {
        return Err(invalid(
            "frame_rate",
            "above 0 and at most 1000 frames a second",
            rate.to_string(),
        ));
    }
    Ok(())
}

/// A time base that holds every frame of a constant rate exactly and leaves room between them: at least 10 kHz.
fn fine_time_base(frame_rate: Rational) -> Rational {
    let mut ticks = frame_rate.numerator();
    while ticks < 10_000 {
        ticks *= 2;
    }
    Rational::new(1, ticks)
}
