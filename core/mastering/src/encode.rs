//! How a copy is encoded: what was asked for, and what follows from the master.
//!
//! # Shapes and units
//! Bitrates are bits a second, key frame distances frames.

use std::num::NonZeroUsize;
use std::path::Path;

use countermark_media::{
    Carriage, EncodeSettings, Inventory, LossKind, Rate, VideoCodec, VideoInfo,
};
use serde_json::{Value, json};

use crate::like::{is_mezzanine, like};
use crate::{MasteringError, Preset};

/// What was asked for; `None` leaves the choice to the master or to the encoder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EncodeChoice {
    /// The encoder: the master's for masters of the trade (`ProRes`, `DNxHR`, MPEG-2 4:2:2, JPEG 2000, FFV1) where the
    /// container holds it and nothing else is asked for; else HEVC for masters in HEVC or with more than 8 bits, else H.264.
    pub codec: Option<VideoCodec>,
    /// What the encoder keeps constant: CRF 16, which is hardly to be told from the master.
    pub rate: Option<Rate>,
    /// The encoder's preset: `medium`.
    pub preset: Option<String>,
    /// Longest distance between key frames: the encoder's own.
    pub gop: Option<u32>,
    /// A delivery by name, which brings its encoder; the choices above but `codec` overrule what it says.
    pub named: Option<Preset>,
    /// The master's codec, profile and rate, whatever it is.
    pub like_master: bool,
    /// MXF as OP-Atom.
    pub op_atom: bool,
    /// What of the master may be missing from the copy.
    pub allow_loss: Vec<LossKind>,
}

impl EncodeChoice {
    /// The settings for a copy of `master` that is to be called `output`.
    pub(crate) fn settings_of(
        &self,
        path: &Path,
        master: &VideoInfo,
        found: &Inventory,
        output: &Path,
        threads: Option<NonZeroUsize>,
    ) -> Result<EncodeSettings, MasteringError> {
        let is_open = self.codec.is_none() && self.rate.is_none() && self.preset.is_none();
        let settings = if let Some(preset) = &self.named {
            self.overruling(preset.settings(master)?)
        } else if self.like_master {
            let alike = like(master, found, output).ok_or_else(|| MasteringError::NotAlike {
                path: path.to_owned(),
                codec: found.codec.clone(),
            })?;
            self.overruling(alike)
        } else {
            let alike = like(master, found, output)
                .filter(|alike| is_open && is_mezzanine(found) && alike.codec.fits_file(output));
            match alike {
                Some(alike) => self.overruling(alike),
                None => self.settings(&master.codec, master.bit_depth, threads),
            }
        };
        Ok(EncodeSettings {
            threads,
            op_atom: self.op_atom,
            allow_loss: self.allow_loss.clone(),
            ..settings
        })
    }

    fn overruling(&self, settings: EncodeSettings) -> EncodeSettings {
        EncodeSettings {
            rate: self.rate.unwrap_or(settings.rate),
            preset: self.preset.clone().or(settings.preset),
            gop: self.gop.or(settings.gop),
            ..settings
        }
    }

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

/// The settings as the register keeps them, and what becomes of everything beside the pictures.
pub(crate) fn on_record(settings: &EncodeSettings, carriage: &[Carriage]) -> Value {
    let (crf, bitrate) = match settings.rate {
        Rate::Crf(crf) => (Some(crf), None),
        Rate::Bitrate(bits) => (None, Some(bits)),
        Rate::Native => (None, None),
    };
    let mut record = json!({
        "name": settings.codec.encoder(),
        "crf": crf,
        "bitrate": bitrate,
        "preset": settings.preset,
        "gop": settings.gop,
    });
    if let Some(profile) = &settings.profile {
        record["profile"] = json!(profile);
    }
    if let Some((width, height)) = settings.size {
        record["size"] = json!([width, height]);
    }
    if !carriage.is_empty() {
        record["carriage"] = carriage.iter().map(fate_on_record).collect();
    }
    record
}

fn fate_on_record(item: &Carriage) -> Value {
    let (fate, why) = item.fate.told();
    json!({"kind": item.kind.as_str(), "what": item.what, "fate": fate, "why": why})
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
            on_record(&settings, &[]),
            json!({"name": "libx264", "crf": 20.5, "bitrate": null, "preset": "fast", "gop": 48})
        );
    }
}
