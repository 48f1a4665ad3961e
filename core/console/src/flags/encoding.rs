//! What the flags of `mark` come to, once checked.
//!
//! # Shapes and units
//! Bitrates are bits a second: `8M` is 8,000,000, `2500k` 2,500,000.

use std::num::NonZeroUsize;

use countermark_mastering::{EncodeChoice, Preset, Presets, Rate, Strength, VideoCodec};

use crate::args::{EncoderName, MarkArgs};

const WORST_CRF: f32 = 51.0;
const BITRATES: std::ops::RangeInclusive<f64> = 1e4..=1e9;

/// The presets that x264 and x265 share. x264 complains of others on stderr, past FFmpeg's log.
const PRESETS: &[&str] = VideoCodec::H264.presets();

/// Flags that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not a usable strength.
    #[error("--strength must be above 0 and at most {max}, got {0}", max = Strength::MAX)]
    Strength(f32),
    /// Not a usable CRF.
    #[error("--crf must be 0 to {WORST_CRF}, got {0}")]
    Crf(f32),
    /// Not a usable bitrate.
    #[error("--bitrate must be 10k to 1000M, such as 8M or 2500k, got {0:?}")]
    Bitrate(String),
    /// Neither a delivery by name nor a speed of x264 and x265.
    #[error(
        "--preset must be one of {known}, or a delivery that `mark --list-presets` shows, got {0:?}",
        known = PRESETS.join(", ")
    )]
    Preset(String),
    /// A delivery by name has its own encoder.
    #[error("--preset {0} brings its encoder; leave out --encoder")]
    PresetWithEncoder(String),
    /// Not a usable distance of key frames.
    #[error("--gop must be 1 or more frames, got {0}")]
    Gop(u32),
}

/// The checked flags.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkSettings {
    /// Strength of the mark.
    pub strength: Strength,
    /// How to encode the copy.
    pub encode: EncodeChoice,
    /// Decoder and encoder threads; the machine's cores if `None`.
    pub threads: Option<NonZeroUsize>,
}

impl MarkSettings {
    /// Checks the flags.
    ///
    /// # Errors
    /// [`SettingsError`] names the flag, what it takes and what it got.
    pub fn resolve(
        args: &MarkArgs,
        presets: &Presets,
        threads: Option<NonZeroUsize>,
    ) -> Result<Self, SettingsError> {
        let strength =
            Strength::new(args.strength).map_err(|_| SettingsError::Strength(args.strength))?;
        let rate = match (&args.bitrate, args.crf) {
            (Some(text), _) => Some(Rate::Bitrate(
                bits_a_second(text).ok_or_else(|| SettingsError::Bitrate(text.clone()))?,
            )),
            (None, Some(crf)) if !(0.0..=WORST_CRF).contains(&crf) => {
                return Err(SettingsError::Crf(crf));
            }
            (None, crf) => crf.map(Rate::Crf),
        };
        let (speed, named) = match args.preset.as_deref() {
            Some(name) if !PRESETS.contains(&name) => (None, Some(delivery(name, presets)?)),
            speed => (speed.map(str::to_owned), None),
        };
        if let Some(preset) = named.as_ref().filter(|_| args.encoder.is_some()) {
            return Err(SettingsError::PresetWithEncoder(preset.name.clone()));
        }
        if args.gop == Some(0) {
            return Err(SettingsError::Gop(0));
        }
        Ok(Self {
            strength,
            encode: EncodeChoice {
                codec: args.encoder.map(EncoderName::codec),
                rate,
                preset: speed,
                gop: args.gop,
                named,
                like_master: args.like_master,
                op_atom: args.op_atom,
                allow_loss: args.allow_loss.clone(),
            },
            threads,
        })
    }
}

fn delivery(name: &str, presets: &Presets) -> Result<Preset, SettingsError> {
    let found = presets.named(name).cloned();
    found.map_err(|_| SettingsError::Preset(name.to_owned()))
}

impl EncoderName {
    fn codec(self) -> VideoCodec {
        match self {
            Self::Libx264 => VideoCodec::H264,
            Self::Libx265 => VideoCodec::Hevc,
        }
    }
}

fn bits_a_second(text: &str) -> Option<u64> {
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1e3),
        (at, 'm' | 'M') => (&text[..at], 1e6),
        _ => (text, 1.0),
    };
    // `parse` alone would also take signs, exponents and words.
    if !digits
        .chars()
        .all(|digit| digit.is_ascii_digit() || digit == '.')
    {
        return None;
    }
    let bits = digits.parse::<f64>().ok()? * unit;
    BITRATES.contains(&bits).then(|| bits.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> MarkArgs {
        MarkArgs {
            master: Some("m".into()),
            frame_rate: None,
            output: Some("o".into()),
            title: Some("t".into()),
            distributor: Some("d".into()),
            licensee: None,
            licence: crate::args::LicenceArgs::default(),
            strength: 1.0,
            encoder: None,
            crf: None,
            bitrate: None,
            preset: None,
            gop: None,
            presets: None,
            list_presets: false,
            like_master: false,
            op_atom: false,
            allow_loss: Vec::new(),
            no_verify: false,
        }
    }

    fn resolve(args: &MarkArgs) -> Result<MarkSettings, SettingsError> {
        MarkSettings::resolve(args, &Presets::load(None).expect("a table"), None)
    }

    #[test]
    fn bitrates_are_read_with_their_unit() {
        for (text, bits) in [
            ("8M", 8_000_000),
            ("2500k", 2_500_000),
            ("1.5m", 1_500_000),
            ("64000", 64_000),
        ] {
            assert_eq!(bits_a_second(text), Some(bits), "{text}");
        }
        for text in [
            "", "M", "-8M", "8G", "1e6", "inf", "nan", "9k", "2000M", "8 M",
        ] {
            assert_eq!(bits_a_second(text), None, "{text}");
        }
    }

    #[test]
    fn strength_is_positive_and_finite() {
        for strength in [0.0, -1.0, f32::NAN, f32::INFINITY, 4.1] {
            let refused = resolve(&MarkArgs { strength, ..args() });
            assert!(
                matches!(refused, Err(SettingsError::Strength(_))),
                "{strength}"
            );
        }
        resolve(&MarkArgs {
            strength: 0.25,
            ..args()
        })
        .expect("weak but positive");
    }

    #[test]
    fn messages_name_the_flag_and_the_value() {
        let error = resolve(&MarkArgs {
            crf: Some(60.0),
            ..args()
        })
        .expect_err("too much");
        assert_eq!(error.to_string(), "--crf must be 0 to 51, got 60");
        let error = resolve(&MarkArgs {
            bitrate: Some("fast".into()),
            ..args()
        })
        .expect_err("a word");
        assert_eq!(
            error.to_string(),
            "--bitrate must be 10k to 1000M, such as 8M or 2500k, got \"fast\""
        );
        resolve(&MarkArgs {
            gop: Some(0),
            ..args()
        })
        .expect_err("no key frames");
    }

    #[test]
    fn flags_reach_the_request() {
        let args = MarkArgs {
            encoder: Some(EncoderName::Libx265),
            crf: Some(20.5),
            preset: Some("fast".into()),
            gop: Some(48),
            ..args()
        };
        let settings = resolve(&args).expect("good flags");
        assert_eq!(
            settings.encode,
            EncodeChoice {
                codec: Some(VideoCodec::Hevc),
                rate: Some(Rate::Crf(20.5)),
                preset: Some("fast".to_owned()),
                gop: Some(48),
                ..EncodeChoice::default()
            }
        );
    }

    #[test]
    fn a_delivery_by_name_is_no_speed_and_has_its_encoder() {
        let named = |preset: &str, encoder| MarkArgs {
            preset: Some(preset.to_owned()),
            encoder,
            ..args()
        };
        let choice = resolve(&named("prores-hq", None))
            .expect("a delivery")
            .encode;
        assert_eq!(choice.preset, None);
        assert_eq!(
            choice.named.map(|preset| preset.name).as_deref(),
            Some("prores-hq")
        );
        let error =
            resolve(&named("prores-hq", Some(EncoderName::Libx264))).expect_err("two encoders");
        assert_eq!(
            error.to_string(),
            "--preset prores-hq brings its encoder; leave out --encoder"
        );
        let error = resolve(&named("fastest", None)).expect_err("nothing of that name");
        assert!(error.to_string().contains("--list-presets"), "{error}");
    }
}
