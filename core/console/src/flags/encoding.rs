//! Flags of a marked copy's encoder, as typed and as they come to, once checked.
//!
//! # Shapes and units
//! Bitrates are bits a second: `8M` is 8,000,000, `2500k` 2,500,000.

use clap::{Args, ValueEnum};
use countermark_mastering::{EncodeChoice, LossKind, Preset, Presets, Rate, Strength, VideoCodec};

const WORST_CRF: f32 = 51.0;
const BITRATES: std::ops::RangeInclusive<f64> = 1e4..=1e9;

/// The presets that x264 and x265 share. x264 complains of others on stderr, past FFmpeg's log.
const PRESETS: &[&str] = VideoCodec::H264.presets();

/// How a copy is marked and encoded, as typed.
#[derive(Debug, Clone, Args)]
pub struct EncodingFlags {
    /// Strength of the mark; quality and robustness are measured at 1
    #[arg(
        long,
        value_name = "X",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub strength: f32,
    /// Video encoder [default: as the master where it is ProRes, DNxHR, MPEG-2 4:2:2, JPEG 2000 or FFV1 and OUT can hold it; else
    /// libx265 for masters in HEVC or with more than 8 bits, else libx264]
    #[arg(long, value_name = "NAME")]
    pub encoder: Option<EncoderName>,
    /// Constant quality, 0 to 51, lower is better [default: 16, hardly to be told from the master]
    #[arg(long, value_name = "N", conflicts_with = "bitrate")]
    pub crf: Option<f32>,
    /// Average bitrate instead, such as 8M or 2500k
    #[arg(long, value_name = "RATE")]
    pub bitrate: Option<String>,
    /// A delivery by name, such as prores-hq or web-1080p; or the speed of x264 and x265, such as slow [default: medium]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Codec, profile and rate of the master, whatever it is
    #[arg(long, conflicts_with_all = ["encoder", "preset"])]
    pub like_master: bool,
    /// Write .mxf as OP-Atom, which holds the pictures alone
    #[arg(long)]
    pub op_atom: bool,
    /// What of the master may be missing from the copy, such as captions,timecode: anything else that would be lost is an error
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = loss_kind)]
    pub allow_loss: Vec<LossKind>,
    /// Longest distance between key frames [default: the encoder's]
    #[arg(long, value_name = "FRAMES")]
    pub gop: Option<u32>,
}

/// The encoders, under FFmpeg's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EncoderName {
    /// H.264
    Libx264,
    /// HEVC
    Libx265,
}

fn loss_kind(word: &str) -> Result<LossKind, String> {
    LossKind::named(word).ok_or_else(|| {
        let known = LossKind::ALL.map(LossKind::as_str).join(", ");
        format!("known are {known}")
    })
}

/// Flags that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingError {
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

impl EncodingFlags {
    /// Checks the flags: the mark's strength, and how the copy is encoded.
    ///
    /// # Errors
    /// [`EncodingError`] names the flag, what it takes and what it got.
    pub fn resolve(&self, presets: &Presets) -> Result<(Strength, EncodeChoice), EncodingError> {
        let strength =
            Strength::new(self.strength).map_err(|_| EncodingError::Strength(self.strength))?;
        let rate = match (&self.bitrate, self.crf) {
            (Some(text), _) => Some(Rate::Bitrate(
                bits_a_second(text).ok_or_else(|| EncodingError::Bitrate(text.clone()))?,
            )),
            (None, Some(crf)) if !(0.0..=WORST_CRF).contains(&crf) => {
                return Err(EncodingError::Crf(crf));
            }
            (None, crf) => crf.map(Rate::Crf),
        };
        let (speed, named) = match self.preset.as_deref() {
            Some(name) if !PRESETS.contains(&name) => (None, Some(delivery(name, presets)?)),
            speed => (speed.map(str::to_owned), None),
        };
        if let Some(preset) = named.as_ref().filter(|_| self.encoder.is_some()) {
            return Err(EncodingError::PresetWithEncoder(preset.name.clone()));
        }
        if self.gop == Some(0) {
            return Err(EncodingError::Gop(0));
        }
        let encode = EncodeChoice {
            codec: self.encoder.map(EncoderName::codec),
            rate,
            preset: speed,
            gop: self.gop,
            named,
            like_master: self.like_master,
            op_atom: self.op_atom,
            allow_loss: self.allow_loss.clone(),
        };
        Ok((strength, encode))
    }
}

fn delivery(name: &str, presets: &Presets) -> Result<Preset, EncodingError> {
    let found = presets.named(name).cloned();
    found.map_err(|_| EncodingError::Preset(name.to_owned()))
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

    fn args() -> EncodingFlags {
        EncodingFlags {
            strength: 1.0,
            encoder: None,
            crf: None,
            bitrate: None,
            preset: None,
            gop: None,
            like_master: false,
            op_atom: false,
            allow_loss: Vec::new(),
        }
    }

    fn resolve(args: &EncodingFlags) -> Result<(Strength, EncodeChoice), EncodingError> {
        args.resolve(&Presets::load(None).expect("a table"))
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
            let refused = resolve(&EncodingFlags { strength, ..args() });
            assert!(
                matches!(refused, Err(EncodingError::Strength(_))),
                "{strength}"
            );
        }
        resolve(&EncodingFlags {
            strength: 0.25,
            ..args()
        })
        .expect("weak but positive");
    }

    #[test]
    fn messages_name_the_flag_and_the_value() {
        let error = resolve(&EncodingFlags {
            crf: Some(60.0),
            ..args()
        })
        .expect_err("too much");
        assert_eq!(error.to_string(), "--crf must be 0 to 51, got 60");
        let error = resolve(&EncodingFlags {
            bitrate: Some("fast".into()),
            ..args()
        })
        .expect_err("a word");
        assert_eq!(
            error.to_string(),
            "--bitrate must be 10k to 1000M, such as 8M or 2500k, got \"fast\""
        );
        resolve(&EncodingFlags {
            gop: Some(0),
            ..args()
        })
        .expect_err("no key frames");
    }

    #[test]
    fn flags_reach_the_request() {
        let args = EncodingFlags {
            encoder: Some(EncoderName::Libx265),
            crf: Some(20.5),
            preset: Some("fast".into()),
            gop: Some(48),
            ..args()
        };
        let (_, encode) = resolve(&args).expect("good flags");
        assert_eq!(
            encode,
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
        let named = |preset: &str, encoder| EncodingFlags {
            preset: Some(preset.to_owned()),
            encoder,
            ..args()
        };
        let (_, choice) = resolve(&named("prores-hq", None)).expect("a delivery");
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
