//! What a file says about itself.

use crate::ffi::{ColourTags, Input, PixelFormat, Stream};
use crate::rational::rescale;
use crate::{ColourInfo, Integrity, Rational, StreamSummary};

/// A media file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MediaInfo {
    /// FFmpeg's names of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// The stream that a viewer watches.
    pub video: VideoInfo,
    /// Every other stream, in file order.
    pub other_streams: Vec<StreamSummary>,
    /// Length of the longest stream, in seconds.
    pub duration_seconds: Option<f64>,
    /// Chapters.
    pub chapters: usize,
    /// The container's tags.
    pub metadata: Vec<(String, String)>,
    /// What the file's structure announces but the file lacks. Damage inside shows only when decoding.
    pub integrity: Integrity,
}

/// The video stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Index of the stream in the file.
    pub stream_index: usize,
    /// Visible columns, before rotation.
    pub width: u32,
    /// Visible rows, before rotation.
    pub height: u32,
    /// Bits of a luma sample.
    pub bit_depth: u8,
    /// FFmpeg's name of the pixel format, such as `yuv420p`.
    pub pixel_format: String,
    /// FFmpeg's name of the codec, such as `h264`.
    pub codec: String,
    /// Average frames a second; `0/1` if unknown.
    pub frame_rate: Rational,
    /// Unit of the stream's timestamps, in seconds.
    pub time_base: Rational,
    /// Time of the first frame in seconds: media time 0.
    pub start_seconds: f64,
    /// Number of frames: the container's count, else duration times frame rate. An estimate.
    pub frames: Option<u64>,
    /// Length in seconds.
    pub duration_seconds: Option<f64>,
    /// Clockwise rotation that players apply: 0 to 359.
    pub rotation_degrees: i32,
    /// Width of a sample over its height; `0/1` if unknown.
    pub sample_aspect: Rational,
    /// Black at 0 instead of 16.
    pub full_range: bool,
    /// How code values become light.
    pub colour: ColourInfo,
}

impl VideoInfo {
    /// Length in seconds, from the container or else from its frames; `frames` where they were counted.
    #[must_use]
    pub fn length_seconds(&self, frames: Option<u64>) -> Option<f64> {
        let from_frames = || {
            let frames = frames.or(self.frames)?;
            let rate = self.frame_rate;
            rate.is_known().then(|| frames as f64 / rate.as_f64())
        };
        self.duration_seconds
            .filter(|&seconds| seconds > 0.0)
            .or_else(from_frames)
    }
}

impl VideoInfo {
    pub(crate) fn of(input: &Input, index: usize) -> Self {
        let stream = input
            .stream(index)
            .expect("the index came from this input's streams");
        let frame_rate = frame_rate(stream);
        let time_base = stream.time_base();
        let duration_seconds = stream
            .duration()
            .map(|duration| duration as f64 * time_base.as_f64())
            .or_else(|| input.duration_seconds());
        let format = stream.pixel_format();
        let colour = stream.colour();
        let estimate = duration_seconds
            .filter(|_| frame_rate.is_known())
            .map(|seconds| (seconds * frame_rate.as_f64()).round() as u64);
        Self {
            stream_index: index,
            width: stream.width(),
            height: stream.height(),
            bit_depth: format.map_or(8, PixelFormat::bit_depth),
            pixel_format: format.map_or_else(|| "unknown".to_owned(), PixelFormat::name),
            codec: stream.codec_name(),
            frame_rate,
            time_base,
            start_seconds: stream
                .start_time()
                .map_or(0.0, |start| start as f64 * time_base.as_f64()),
            frames: stream.frames().or(estimate).filter(|&frames| frames > 0),
            duration_seconds,
            rotation_degrees: stream.rotation_degrees(),
            sample_aspect: stream.sample_aspect(),
            full_range: colour.is_full_range()
                || format
                    .is_some_and(|format| format.is_deprecated_full_range() || format.is_rgb()),
            colour: ColourTags::info(colour),
        }
    }
}

/// The stream's average rate; its base rate where the average is missing or absurd.
pub(crate) fn frame_rate(stream: Stream<'_>) -> Rational {
    /// Above this a "rate" is a time base in disguise.
    const HIGHEST: f64 = 1000.0;
    [stream.average_frame_rate(), stream.base_frame_rate()]
        .into_iter()
        .find(|rate| rate.is_known() && rate.as_f64() <= HIGHEST)
        .unwrap_or(Rational::UNKNOWN)
}

/// Ticks from one frame to the next; 1 where the file does not say.
pub(crate) fn frame_ticks(stream: Stream<'_>) -> i64 {
    let rate = frame_rate(stream);
    if rate.is_known() {
        rescale(1, rate.inverse(), stream.time_base()).max(1)
    } else {
        1
    }
}
