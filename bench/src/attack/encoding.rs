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

/// A codec of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264, x264.
    H264,
    /// H.264 of RGB pictures, x264.
    H264Rgb,
    /// H.265, x265.
    Hevc,
    /// VP9, libvpx.
    Vp9,
    /// AV1, SVT.
    Av1,
    /// MPEG-2.
    Mpeg2,
    /// MPEG-4 part 2.
    Mpeg4,
}

impl Codec {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::H264, "h264"),
        (Self::H264Rgb, "h264rgb"),
        (Self::Hevc, "hevc"),
        (Self::Vp9, "vp9"),
        (Self::Av1, "av1"),
        (Self::Mpeg2, "mpeg2"),
        (Self::Mpeg4, "mpeg4"),
    ];

    pub(super) fn has_presets(self) -> bool {
        matches!(self, Self::H264 | Self::H264Rgb | Self::Hevc)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(codec, _)| *codec == self)
            .map_or("", |(_, name)| name)
    }
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
pub(super) fn settings(codec: Codec, rate: Rate, preset: Option<&str>) -> EncodeSettings {
    let codec = match codec {
        Codec::H264 => VideoCodec::H264,
        Codec::H264Rgb => VideoCodec::H264Rgb,
        Codec::Hevc => VideoCodec::Hevc,
        Codec::Vp9 => VideoCodec::Vp9,
        Codec::Av1 => VideoCodec::Av1,
        Codec::Mpeg2 => VideoCodec::Mpeg2,
        Codec::Mpeg4 => VideoCodec::Mpeg4,
    };
    let rate = match rate {
        Rate::Crf(crf) => countermark_media::Rate::Crf(crf as f32),
        Rate::Kilobits(kilobits) => countermark_media::Rate::Bitrate(u64::from(kilobits) * 1000),
    };
    let usual = match codec {
        VideoCodec::H264 | VideoCodec::H264Rgb | VideoCodec::Hevc => Some("medium"),
        VideoCodec::Av1 => Some("8"),
        // cpu-used: at 2 it takes three times as long.
        VideoCodec::Vp9 => Some("4"),
        VideoCodec::Mpeg2 | VideoCodec::Mpeg4 => None,
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
    settings(Codec::H264, Rate::Crf(0), Some("ultrafast"))
}
