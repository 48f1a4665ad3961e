//! One step of a chain: which family it belongs to, how it is read and written.
//!
//! # Shapes and units
//! Seconds of media time, lines of the short side, kilobits (1,000) a second.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use countermark_media::VideoCodec;

use super::effect::{self, PictureAttack};
use super::encoding::{PRESETS, Rate, codec_named, has_presets, name_of};
use super::strength::{number, pair, whole};
use super::{Montage, ParseAttackError, Source, Transport};
use super::{camera, detail, disorder, geometry, light, overlay, tempo, time};

/// The families of attacks on pictures, room by room, each with the words of its own.
const FAMILIES: [&[effect::Parse]; 6] = [
    &[time::parse, tempo::parse, disorder::parse],
    light::FAMILIES,
    detail::FAMILIES,
    overlay::FAMILIES,
    geometry::FAMILIES,
    camera::FAMILIES,
];

/// One step of a chain.
#[derive(Debug, Clone)]
pub enum Step {
    /// Keeps this many seconds from a random place; a clip that is shorter stays whole.
    Cut {
        /// Length kept.
        seconds: f64,
    },
    /// Changes the frame rate by dropping or repeating frames.
    FrameRate {
        /// Frames a second.
        fps: u32,
    },
    /// Black bars around the picture, up to an aspect.
    Bars {
        /// Columns of the aspect.
        width: u32,
        /// Rows of the aspect.
        height: u32,
    },
    /// Encodes again.
    Encode {
        /// With what.
        codec: VideoCodec,
        /// At which short side; the clip's own if `None` or if the clip is smaller.
        short_side: Option<u32>,
        /// How hard.
        rate: Rate,
        /// A preset of x264 or x265 other than medium.
        preset: Option<&'static str>,
    },
    /// Begins with something else than one copy; first in the chain.
    Source(Source),
    /// Puts parts into another order.
    Montage(Montage),
    /// Changes decoded pictures, or when they are shown.
    Pictures(Arc<dyn PictureAttack>),
    /// What happens to the stream on its way; last in the chain.
    Transport(Transport),
    /// One frame from a random place as a JPEG.
    Jpeg {
        /// 1 to 100.
        quality: u8,
    },
}

/// The name is the attack.
impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl FromStr for Step {
    type Err = ParseAttackError;

    fn from_str(step: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseAttackError::Unknown {
            step: step.to_owned(),
        };
        if let Some(source) = Source::parse(step) {
            return source.map(Self::Source);
        }
        let parted = step.split_once('-');
        let (head, tail) = parted.unwrap_or((step, ""));
        // A dash promises a strength: "grey-" is not another spelling of "grey".
        let complete = |step| {
            if tail.is_empty() && parted.is_some() {
                Err(unknown())
            } else {
                Ok(step)
            }
        };
        if let Some(montage) = Montage::parse(head, tail) {
            return complete(Self::Montage(montage?));
        }
        if let Some(transport) = Transport::parse(head, tail) {
            return complete(Self::Transport(transport?));
        }
        let mut families = FAMILIES.into_iter().flatten();
        if let Some(parsed) = families.find_map(|parse| parse(head, tail)) {
            return complete(Self::Pictures(parsed?.into()));
        }
        match head {
            "cut" => {
                let accepted = "0.1s to 36000s";
                let seconds = tail.strip_suffix('s').unwrap_or_default();
                let seconds = number(step, seconds, &(0.1..=36_000.0), accepted)?;
                Ok(Self::Cut { seconds })
            }
            "fps" => Ok(Self::FrameRate {
                fps: whole(step, tail, &(1..=240), "1 to 240 frames a second")?,
            }),
            "bars" => {
                let (width, height) = pair(step, tail, &(1..=64), "1x1 to 64x64")?;
                Ok(Self::Bars { width, height })
            }
            "jpeg" => {
                let quality = tail.strip_prefix('q').ok_or_else(unknown)?;
                Ok(Self::Jpeg {
                    quality: whole(step, quality, &(1..=100), "q1 to q100")? as u8,
                })
            }
            _ => {
                let codec = codec_named(head).ok_or_else(unknown)?;
                let preset = PRESETS.into_iter().find_map(|preset| {
                    let rest = tail.strip_prefix(preset)?.strip_prefix('-')?;
                    has_presets(codec).then_some((preset, rest))
                });
                let (preset, tail) = match preset {
                    Some((preset, rest)) => (Some(preset), rest),
                    None => (None, tail),
                };
                let (short_side, rate) = match tail.split_once("p-") {
                    Some((lines, rate)) => {
                        let lines = whole(step, lines, &(16..=4320), "16p to 4320p")?;
                        (Some(lines), rate)
                    }
                    None => (None, tail),
                };
                let rate = if let Some(crf) = rate.strip_prefix("crf") {
                    Rate::Crf(whole(step, crf, &(0..=63), "crf0 to crf63")?)
                } else {
                    let kilobits = rate.strip_suffix('k').ok_or_else(unknown)?;
                    Rate::Kilobits(whole(step, kilobits, &(8..=500_000), "8k to 500000k")?)
                };
                Ok(Self::Encode {
                    codec,
                    short_side,
                    rate,
                    preset,
                })
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { seconds } => write!(f, "cut-{seconds}s"),
            Self::FrameRate { fps } => write!(f, "fps-{fps}"),
            Self::Bars { width, height } => write!(f, "bars-{width}x{height}"),
            Self::Source(source) => write!(f, "{source}"),
            Self::Montage(montage) => write!(f, "{montage}"),
            Self::Transport(transport) => write!(f, "{transport}"),
            Self::Pictures(attack) => write!(f, "{attack}"),
            Self::Jpeg { quality } => write!(f, "jpeg-q{quality}"),
            Self::Encode {
                codec,
                short_side,
                rate,
                preset,
            } => {
                write!(f, "{}-", name_of(*codec))?;
                if let Some(preset) = preset {
                    write!(f, "{preset}-")?;
                }
                if let Some(lines) = short_side {
                    write!(f, "{lines}p-")?;
                }
                match rate {
                    Rate::Crf(crf) => write!(f, "crf{crf}"),
                    Rate::Kilobits(kilobits) => write!(f, "{kilobits}k"),
                }
            }
        }
    }
}
