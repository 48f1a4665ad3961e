//! What the flags of `mark` come to, once checked.
//!
//! # Shapes and units
//! Bitrates are bits a second: `8M` is 8,000,000, `2500k` 2,500,000.

use std::num::NonZeroUsize;

use countermark_mastering::{EncodeChoice, Rate, Strength, VideoCodec};

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
    /// Not a preset of x264 and x265.
    #[error("--preset must be one of {known}, got {0:?}", known = PRESETS.join(", "))]
    Preset(String),
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
    pub fn resolve(args: &MarkArgs, threads: Option<NonZeroUsize>) -> Result<Self, SettingsError> {
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
        if let Some(preset) = &args.preset
            && !PRESETS.contains(&preset.as_str())
        {
            return Err(SettingsError::Preset(preset.clone()));
        }
        if args.gop == Some(0) {
            return Err(SettingsError::Gop(0));
        }
        Ok(Self {
            strength,
            encode: EncodeChoice {
                codec: args.encoder.map(EncoderName::codec),
                rate,
                preset: args.preset.clone(),
                gop: args.gop,
            },
            threads,
        })
    }
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
            master: "m".into(),
            output: "o".into(),
            title: "t".into(),
            distributor: "d".into(),
            licensee: None,
            strength: 1.0,
            encoder: None,
            crf: None,
            bitrate: None,
            preset: None,
            gop: None,
        }
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
            let refused = MarkSettings::resolve(&MarkArgs { strength, ..args() }, None);
            assert!(
                matches!(refused, Err(SettingsError::Strength(_))),
                "{strength}"
            );
        }
        MarkSettings::resolve(
            &MarkArgs {
                strength: 0.25,
                ..args()
            },
            None,
        )
        .expect("weak but positive");
    }

    #[test]
    fn messages_name_the_flag_and_the_value() {
        let error = MarkSettings::resolve(
            &MarkArgs {
                crf: Some(60.0),
                ..args()
            },
            None,
        )
        .expect_err("too much");
        assert_eq!(error.to_string(), "--crf must be 0 to 51, got 60");
        let error = MarkSettings::resolve(
            &MarkArgs {
                bitrate: Some("fast".into()),
                ..args()
            },
            None,
        )
        .expect_err("a word");
        assert_eq!(
            error.to_string(),
            "--bitrate must be 10k to 1000M, such as 8M or 2500k, got \"fast\""
        );
        MarkSettings::resolve(
            &MarkArgs {
                gop: Some(0),
                ..args()
            },
            None,
        )
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
        let settings = MarkSettings::resolve(&args, None).expect("good flags");
        assert_eq!(
            settings.encode,
            EncodeChoice {
                codec: Some(VideoCodec::Hevc),
                rate: Some(Rate::Crf(20.5)),
                preset: Some("fast".to_owned()),
                gop: Some(48),
            }
        );
    }
}
