//! How a copy is encoded: what was asked for, and what follows from the master.
//!
//! # Shapes and units
//! Bitrates are bits a second, key frame distances frames.

use std::num::NonZeroUsize;

use countermark_media::{EncodeSettings, Rate, VideoCodec, VideoInfo};
use serde_json::{Value, json};

/// What was asked for; `None` leaves the choice to the master or to the encoder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EncodeChoice {
    /// The encoder: HEVC for masters in HEVC or with more than 8 bits, else H.264.
    pub codec: Option<VideoCodec>,
    /// What the encoder keeps constant: CRF 16, which is hardly to be told from the master.
    pub rate: Option<Rate>,
    /// The encoder's preset: `medium`.
    pub preset: Option<String>,
    /// Longest distance between key frames: the encoder's own.
    pub gop: Option<u32>,
}

impl EncodeChoice {
    /// The settings for a copy of `master`, with `threads` for the decoder and the encoder.
    #[must_use]
    pub fn settings_for(
        &self,
        master: &VideoInfo,
        threads: Option<NonZeroUsize>,
    ) -> EncodeSettings {
        self.settings(&master.codec, master.bit_depth, threads)
    }

    fn settings(
        &self,
        codec: &str,
        bit_depth: u8,
        threads: Option<NonZeroUsize>,
    ) -> EncodeSettings {
        let of_master = if codec == "hevc" || bit_depth > 8 {
            VideoCodec::Hevc
        } else {
            VideoCodec::H264
        };
        let defaults = EncodeSettings::near_transparent(self.codec.unwrap_or(of_master));
        EncodeSettings {
            rate: self.rate.unwrap_or(defaults.rate),
            preset: self.preset.clone().or(defaults.preset),
            gop: self.gop,
            threads,
            ..defaults
        }
    }
}

/// The settings as the register keeps them.
pub(crate) fn on_record(settings: &EncodeSettings) -> Value {
    let (crf, bitrate) = match settings.rate {
        Rate::Crf(crf) => (Some(crf), None),
        Rate::Bitrate(bits) => (None, Some(bits)),
    };
    json!({
        "name": settings.codec.encoder(),
        "crf": crf,
        "bitrate": bitrate,
        "preset": settings.preset,
        "gop": settings.gop,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_follows_the_master_unless_named() {
        let choice = EncodeChoice::default();
        let codec_for =
            |choice: &EncodeChoice, codec, depth| choice.settings(codec, depth, None).codec;
        assert_eq!(codec_for(&choice, "h264", 8), VideoCodec::H264);
        assert_eq!(codec_for(&choice, "hevc", 8), VideoCodec::Hevc);
        assert_eq!(codec_for(&choice, "prores", 10), VideoCodec::Hevc);
        let named = EncodeChoice {
            codec: Some(VideoCodec::H264),
            ..choice
        };
        assert_eq!(codec_for(&named, "hevc", 10), VideoCodec::H264);
    }

    #[test]
    fn choices_reach_the_encoder_and_the_record() {
        let choice = EncodeChoice {
            rate: Some(Rate::Crf(20.5)),
            preset: Some("fast".to_owned()),
            gop: Some(48),
            ..EncodeChoice::default()
        };
        let settings = choice.settings("h264", 8, None);
        assert_eq!((settings.rate, settings.gop), (Rate::Crf(20.5), Some(48)));
        assert_eq!(
            on_record(&settings),
            json!({"name": "libx264", "crf": 20.5, "bitrate": null, "preset": "fast", "gop": 48})
        );
    }
}
