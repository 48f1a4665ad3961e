//! How results are encoded: codecs and rates as names spell them, and the settings that they stand for.
//!
//! ```text
//! CODEC           h264, h264rgb   hevc     av1   vp9          mpeg2, mpeg4
//! usual preset    medium          medium   8     cpu-used 4   none
//! ```
//!
//! What no step encodes is kept by [`lossless`]: H.264 at CRF 0.
//!
//! # Shapes and units
//! Kilobits (1,000) a second.
//! # Determinism
//! Every encoder runs on one thread: x264's output depends on the number of threads.

use std::num::NonZeroUsize;

use countermark_media::{EncodeSettings, VideoCodec};

/// Codecs by their names.
const CODECS: [(VideoCodec, &str); 7] = [
    (VideoCodec::H264, "h264"),
    (VideoCodec::H264Rgb, "h264rgb"),
    (VideoCodec::Hevc, "hevc"),
    (VideoCodec::Vp9, "vp9"),
    (VideoCodec::Av1, "av1"),
    (VideoCodec::Mpeg2, "mpeg2"),
    (VideoCodec::Mpeg4, "mpeg4"),
];

pub(super) fn codec_named(name: &str) -> Option<VideoCodec> {
    let found = CODECS.iter().find(|(_, known)| *known == name);
    found.map(|(codec, _)| *codec)
}

pub(super) fn name_of(codec: VideoCodec) -> &'static str {
    let found = CODECS.iter().find(|(known, _)| *known == codec);
    found.map_or("", |(_, name)| name)
}

pub(super) fn has_presets(codec: VideoCodec) -> bool {
    matches!(
        codec,
        VideoCodec::H264 | VideoCodec::H264Rgb | VideoCodec::Hevc
    )
}

/// Presets of x264 and x265 that are named; medium is what is meant without a name.
pub(super) const PRESETS: [&str; 5] = ["ultrafast", "veryfast", "fast", "slow", "veryslow"];

/// What an encoder keeps constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Constant rate factor.
    Crf(u32),
    /// Average kilobits a second.
    Kilobits(u32),
}

/// How a step encodes; with the usual preset if it names none.
pub(super) fn settings(codec: VideoCodec, rate: Rate, preset: Option<&str>) -> EncodeSettings {
    let rate = match rate {
        Rate::Crf(crf) => countermark_media::Rate::Crf(crf as f32),
        Rate::Kilobits(kilobits) => countermark_media::Rate::Bitrate(u64::from(kilobits) * 1000),
    };
    let usual = match codec {
        VideoCodec::H264 | VideoCodec::H264Rgb | VideoCodec::Hevc => Some("medium"),
        VideoCodec::Av1 => Some("8"),
        // cpu-used: at 2 it takes three times as long.
        VideoCodec::Vp9 => Some("4"),
        _ => None,
    };
    EncodeSettings {
        preset: preset.or(usual).map(str::to_owned),
        threads: Some(NonZeroUsize::MIN),
        overwrite: true,
        ..EncodeSettings::new(codec, rate)
    }
}

/// What is kept between two steps and at the end of a chain without an encoding step, 8 bit.
pub(super) fn lossless() -> EncodeSettings {
    settings(VideoCodec::H264, Rate::Crf(0), Some("ultrafast"))
}
