//! What a file says about a stream that is not decoded.

use crate::ffi::{Stream, StreamKind};

/// A stream that is not the video.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamSummary {
    /// Index of the stream in the file.
    pub index: usize,
    /// `video`, `audio`, `subtitle`, `data` or `attachment`.
    pub kind: &'static str,
    /// FFmpeg's name of the codec; `none` for data that no codec describes.
    pub codec: String,
    /// The container's four-character code.
    pub tag: Option<String>,
    /// The stream's language.
    pub language: Option<String>,
    /// Cover art.
    pub attached_picture: bool,
    /// Audio channels, 0 for other streams.
    pub channels: u32,
    /// Audio samples a second, 0 for other streams.
    pub sample_rate: u32,
}

impl StreamSummary {
    pub(crate) fn of(stream: Stream<'_>) -> Self {
        let is_audio = stream.kind() == StreamKind::Audio;
        Self {
            index: stream.index(),
            kind: stream.kind().name(),
            codec: stream.codec_name(),
            tag: stream.tag(),
            language: stream
                .metadata()
                .into_iter()
                .find(|(key, _)| key == "language")
                .map(|(_, value)| value),
            attached_picture: stream.is_attached_picture(),
            channels: if is_audio { stream.channels() } else { 0 },
            sample_rate: if is_audio { stream.sample_rate() } else { 0 },
        }
    }
}
