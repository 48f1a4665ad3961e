//! Attacks: what a pirate or a platform does to a copy, each with its strength in its name.
//!
//! ```text
//! chain = step ("+" step)*
//! step  = "cut-" SECONDS "s"                               a part at a random place
//!       | "fps-" RATE                                      frame rate by drop or duplicate
//!       | "bars-" WIDTH "x" HEIGHT                         black bars around the picture, up to that aspect
//!       | KIND ["-" STRENGTH]                              pictures, or when they are shown: scale, crop, inset, turn,
//!                                                          lens, shake, screen, time
//!       | CODEC "-crf" N                                   constant quality
//!       | CODEC "-" LINES "p-" RATE "k"                    short side scaled, average kb/s
//!       | CODEC "-" LINES "p-crf" N
//!       | "jpeg-q" QUALITY                                 one frame at a random place, last in the chain
//! CODEC = h264 | hevc | vp9 | av1 | mpeg2 | mpeg4
//! ```
//!
//! The name is the attack: parsing what [`fmt::Display`] wrote gives it back.
//!
//! # Shapes and units
//! Seconds of media time, frames a second, lines of the short side, kilobits (1,000) a second.

mod apply;
mod crop;
pub mod effect;
mod homography;
mod inset;
mod lens;
#[cfg(test)]
mod pattern;
mod picture;
mod place;
mod random;
mod rectangle;
mod resample;
mod scale;
mod screen;
mod shake;
mod stream;
pub mod strength;
mod texture;
mod time;
mod turn;
mod warp;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use effect::{PictureAttack, Timing};

pub use apply::{Applied, AttackError, apply};
pub use picture::{NEUTRAL, Picture, Plane};
pub use place::Place;
pub use random::Random;

/// The families of attacks on pictures, each with the words of its own.
const FAMILIES: [effect::Parse; 8] = [
    time::parse,
    scale::parse,
    crop::parse,
    inset::parse,
    turn::parse,
    lens::parse,
    shake::parse,
    screen::parse,
];

/// A name that is no attack.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseAttackError {
    /// No attack is called that.
    #[error(
        "unknown attack (like h264-crf33, hevc-360p-450k, cut-3s, fps-24, bars-9x16, jpeg-q80, joined by +): {step}"
    )]
    Unknown {
        /// The step as written.
        step: String,
    },
    /// The strength is no number, or outside the range.
    #[error("strength outside {range}: {step}")]
    Strength {
        /// The step as written.
        step: String,
        /// What is accepted.
        range: &'static str,
    },
    /// A picture cannot be encoded further.
    #[error("a JPEG must be the last step: {chain}")]
    AfterJpeg {
        /// The chain as written.
        chain: String,
    },
}

/// A codec of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264, x264.
    H264,
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
    const ALL: [(Self, &'static str); 6] = [
        (Self::H264, "h264"),
        (Self::Hevc, "hevc"),
        (Self::Vp9, "vp9"),
        (Self::Av1, "av1"),
        (Self::Mpeg2, "mpeg2"),
        (Self::Mpeg4, "mpeg4"),
    ];

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(codec, _)| *codec == self)
            .map_or("", |(_, name)| name)
    }
}

/// What an encoder keeps constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Constant rate factor.
    Crf(u32),
    /// Average kilobits a second.
    Kilobits(u32),
}

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
        codec: Codec,
        /// At which short side; the clip's own if `None` or if the clip is smaller.
        short_side: Option<u32>,
        /// How hard.
        rate: Rate,
    },
    /// Changes decoded pictures, or when they are shown.
    Pictures(Arc<dyn PictureAttack>),
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

/// A chain of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Attack {
    steps: Vec<Step>,
}

impl Attack {
    /// The steps in order; never empty, a JPEG only last.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The length that the chain leaves of a clip of `before`.
    #[must_use]
    pub fn seconds_left(&self, before: Timing) -> f64 {
        let after = self.steps.iter().fold(before, |left, step| match step {
            Step::Cut { seconds } => Timing {
                seconds: left.seconds.min(*seconds),
                ..left
            },
            Step::Pictures(attack) => attack.timing(left),
            Step::Jpeg { .. } => Timing {
                seconds: 0.0,
                ..left
            },
            _ => left,
        });
        after.seconds
    }

    /// The extension that the result's file must have.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        match self.steps.last() {
            Some(Step::Jpeg { .. }) => "jpg",
            _ => "mkv",
        }
    }
}

impl From<Step> for Attack {
    fn from(step: Step) -> Self {
        Self { steps: vec![step] }
    }
}

impl FromStr for Attack {
    type Err = ParseAttackError;

    fn from_str(chain: &str) -> Result<Self, Self::Err> {
        let steps = chain
            .split('+')
            .map(|step| step.trim().parse())
            .collect::<Result<Vec<Step>, _>>()?;
        let early = steps.iter().rev().skip(1);
        if early.clone().any(|s| matches!(s, Step::Jpeg { .. })) {
            return Err(ParseAttackError::AfterJpeg {
                chain: chain.to_owned(),
            });
        }
        Ok(Self { steps })
    }
}

impl FromStr for Step {
    type Err = ParseAttackError;

    fn from_str(step: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseAttackError::Unknown {
            step: step.to_owned(),
        };
        let bad = |range| ParseAttackError::Strength {
            step: step.to_owned(),
            range,
        };
        let whole = |text: &str, low: u32, high: u32, range| {
            let value = text.parse::<u32>().map_err(|_| bad(range))?;
            // One spelling for each attack: no "+5", no "033".
            if (low..=high).contains(&value) && value.to_string() == text {
                Ok(value)
            } else {
                Err(bad(range))
            }
        };
        let (head, tail) = step.split_once('-').unwrap_or((step, ""));
        if let Some(parsed) = FAMILIES.iter().find_map(|parse| parse(head, tail)) {
            return parsed.map(|attack| Self::Pictures(attack.into()));
        }
        match head {
            "cut" => {
                let range = "0.1s to 36000s";
                let seconds: f64 = tail
                    .strip_suffix('s')
                    .and_then(|s| s.parse().ok())
                    .ok_or_else(|| bad(range))?;
                if !(0.1..=36_000.0).contains(&seconds) {
                    return Err(bad(range));
                }
                Ok(Self::Cut { seconds })
            }
            "fps" => Ok(Self::FrameRate {
                fps: whole(tail, 1, 240, "1 to 240 frames a second")?,
            }),
            "bars" => {
                let range = "1x1 to 64x64";
                let (width, height) = tail.split_once('x').ok_or_else(unknown)?;
                Ok(Self::Bars {
                    width: whole(width, 1, 64, range)?,
                    height: whole(height, 1, 64, range)?,
                })
            }
            "jpeg" => {
                let quality = tail.strip_prefix('q').ok_or_else(unknown)?;
                Ok(Self::Jpeg {
                    quality: whole(quality, 1, 100, "q1 to q100")? as u8,
                })
            }
            _ => {
                let (codec, _) = Codec::ALL
                    .into_iter()
                    .find(|(_, name)| *name == head)
                    .ok_or_else(unknown)?;
                let (short_side, rate) = match tail.split_once("p-") {
                    Some((lines, rate)) => (Some(whole(lines, 16, 4320, "16p to 4320p")?), rate),
                    None => (None, tail),
                };
                let rate = if let Some(crf) = rate.strip_prefix("crf") {
                    Rate::Crf(whole(crf, 0, 63, "crf0 to crf63")?)
                } else {
                    let kilobits = rate.strip_suffix('k').ok_or_else(unknown)?;
                    Rate::Kilobits(whole(kilobits, 8, 500_000, "8k to 500000k")?)
                };
                Ok(Self::Encode {
                    codec,
                    short_side,
                    rate,
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
            Self::Pictures(attack) => write!(f, "{attack}"),
            Self::Jpeg { quality } => write!(f, "jpeg-q{quality}"),
            Self::Encode {
                codec,
                short_side,
                rate,
            } => {
                write!(f, "{}-", codec.name())?;
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

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_given_back() -> Result<(), ParseAttackError> {
        for name in [
            "h264-crf33",
            "hevc-crf32",
            "h264-360p-450k",
            "h264-240p-180k",
            "vp9-480p-crf40",
            "av1-crf60",
            "mpeg2-4000k",
            "cut-3s",
            "cut-0.5s",
            "fps-24",
            "bars-9x16+h264-crf28",
            "jpeg-q80",
            "cut-3s+h264-crf28",
            "h264-crf23+jpeg-q80",
            "cut-10s+fps-30+h264-crf30+hevc-crf30+vp9-crf40",
        ] {
            assert_eq!(name.parse::<Attack>()?.to_string(), name);
        }
        Ok(())
    }

    #[test]
    fn wrong_names_say_what_is_accepted() {
        for name in [
            "",
            "h264",
            "h264-33",
            "x264-crf3",
            "h264-crf",
            "blur-3",
            "bars-9",
            "jpeg-80",
            "h264-crf3+",
        ] {
            let error = name.parse::<Attack>().err();
            assert!(
                matches!(
                    error,
                    Some(ParseAttackError::Unknown { .. } | ParseAttackError::Strength { .. })
                ),
                "{name}: {error:?}"
            );
        }
        for name in [
            "h264-crf64",
            "h264-crf-1",
            "h264-crf033",
            "h264-1p-30k",
            "cut-0s",
            "cut-xs",
            "cut-infs",
            "cut-NaNs",
            "fps-0",
            "bars-0x16",
            "fps-1e3",
            "jpeg-q0",
            "jpeg-q101",
            "hevc-360p-7k",
            "hevc-360p-07k",
        ] {
            let error = name.parse::<Attack>().err();
            assert!(
                matches!(error, Some(ParseAttackError::Strength { .. })),
                "{name}: {error:?}"
            );
        }
        assert!(matches!(
            "jpeg-q80+h264-crf23".parse::<Attack>(),
            Err(ParseAttackError::AfterJpeg { .. })
        ));
    }

    #[test]
    fn length_and_extension_follow_the_chain() -> Result<(), ParseAttackError> {
        let attack: Attack = "cut-8s+h264-crf40+cut-3s".parse()?;
        let of = |seconds| Timing {
            seconds,
            frame_rate: 25.0,
        };
        assert!((attack.seconds_left(of(60.0)) - 3.0).abs() < 1e-9);
        assert!((attack.seconds_left(of(2.0)) - 2.0).abs() < 1e-9);
        assert_eq!(attack.extension(), "mkv");
        let shot: Attack = "h264-crf23+jpeg-q80".parse()?;
        assert_eq!((shot.extension(), shot.seconds_left(of(9.0))), ("jpg", 0.0));
        Ok(())
    }
}
