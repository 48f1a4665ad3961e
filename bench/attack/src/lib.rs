//! Attacks: what a pirate or a platform does to a copy, each with its strength in its name.
//!
//! ```text
//! chain = step ("+" step)*
//! step  = SOURCE                                           first in the chain: several copies, none ([`Source`])
//!       | "cut-" SECONDS "s"                               a part at a random place
//!       | "fps-" RATE                                      frame rate by drop or duplicate
//!       | ("recap-" | "shuffle-") N "x" SECONDS "s" | "reverse" | "boomerang"      parts in a new order ([`Montage`])
//!       | "bars-" WIDTH "x" HEIGHT                         black bars around the picture, up to that aspect
//!       | CODEC ["-" PRESET] "-crf" N                      constant quality
//!       | CODEC "-" LINES "p-" RATE "k"                    short side scaled, average kb/s
//!       | CODEC "-" LINES "p-crf" N
//!       | "loss-" PERCENT | "flips-" BYTES | "rejoined-" SECONDS "s-crf" N       the stream on its way, last in the chain ([`Transport`])
//!       | "jpeg-q" QUALITY                                 one frame at a random place, last in the chain
//!       | ("scale-" | "crop-" | "centre-" | "side-" | "shift-" | "overscan-" | "aspect-" | "reframe-") ..
//!       | ("pip-" | "blursides-") ..                           the picture inside another one
//!       | "mirror" | "mirror-half" | ("rotate-" | "perspective-" | "barrel-" | "tilt-" | "zoom-") ..
//!       | "bend-" ("stretch-" | "wave-" | "both-" | "smooth-" | "ramp-" | "ripple-" | "swirl-" | "bulge-" | "lens-") PERCENT
//!       | "bend-" ("breathe-" | "drift-" | "flow-") PERCENT | "jumps-" SECONDS
//!       | ("jitter-" | "motionblur-" | "shutter-" | "vignette-" | "cast-" | "moire-" | "flicker-") ..
//!       | ("speed-" | "drop-" | "blend-" | "average-" | "head-") ..
//!       | "ramp-" A "x" B "x" C | "ease-" A "x" B | ("stall-" | "stills-") SECONDS
//!       | ("brightness-" | "contrast-" | "gamma-" | "saturation-") FACTOR
//!       | "hue-" TURNS | "grey" | "negate" | "range-limited" | "range-full" | "tonemap-" PEAK
//!       | ("blur-" | "noise-" | "grain-") SIGMA | "median-3" | "median-5" | "unsharp-" AMOUNT | "bits-" BITS
//!       | ("deblock-" | "hqdn3d-" | "nlmeans-") CODES
//!       | ("logo-" | "inset-" | "cornerblur-") PERCENT         of the area
//!       | ("subtitles-" | "ticker-" | "text-") PERCENT         of the height
//!       | "subtract-" FRAMES                                   an estimate of the mark, from so many frames
//!       | "content-" (black | flat | noise | bars | slides)    something without a mark instead
//! CODEC = h264 | h264rgb | hevc | vp9 | av1 | mpeg2 | mpeg4
//! ```
//!
//! Attacks on pictures live in rooms: `geometry` where they lie, `camera` how they are filmed, `light` and colour,
//! `detail` that is lost, added or subtracted, `overlay` what covers them; `time` is when they are shown, `tempo` at which speeds.
//!
//! The name is the attack: parsing what [`fmt::Display`] wrote gives it back.
//!
//! # Shapes and units
//! Seconds of media time, frames a second, lines of the short side, kilobits (1,000) a second.

mod apply;
mod bitrate;
mod camera;
mod canvas;
mod course;
mod detail;
mod disorder;
pub mod effect;
mod encoding;
mod error;
mod framing;
mod geometry;
mod lie;
mod light;
pub mod list;
mod mix;
mod montage;
mod overlay;
#[cfg(test)]
mod pattern;
mod picture;
mod place;
mod random;
mod remark;
pub mod samples;
mod scaled;
mod screenshot;
mod source;
mod step;
mod stream;
pub mod strength;
mod tempo;
mod time;
mod titles;
mod transport;
#[cfg(test)]
mod tryout;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use effect::Timing;

pub use apply::{Applied, Materials, apply, bend};
pub use course::{Course, Piece, Shows};
pub use encoding::Rate;
pub use error::AttackError;
pub use lie::Placement;
pub use montage::Montage;
pub use picture::{NEUTRAL, Picture, Plane};
pub use place::Place;
pub use random::Random;
pub use remark::{Marker, Remark};
pub use source::{Mix, Source, Together, Trailer};
pub use step::Step;
pub use transport::Transport;

/// A name that is no attack.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseAttackError {
    /// No attack is called that.
    #[error("unknown attack ({}): {step}", hint(.step))]
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
    /// Several copies can be mixed only before anything else.
    #[error("{step} must be the first step: {chain}")]
    LateSource {
        /// The step.
        step: String,
        /// The chain as written.
        chain: String,
    },
    /// Nothing can be done to pictures behind what happened to their stream.
    #[error("lost packets, changed bytes and rejoined pieces must be the last step: {chain}")]
    AfterStream {
        /// The chain as written.
        chain: String,
    },
    /// A picture cannot be encoded further.
    #[error("a JPEG must be the last step: {chain}")]
    AfterJpeg {
        /// The chain as written.
        chain: String,
    },
}

/// What an unknown step may have been meant to be, else what attacks look like.
fn hint(step: &str) -> String {
    match list::nearest(step) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "like h264-crf33, hevc-360p-450k, cut-3s, fps-24, bars-9x16, jpeg-q80, joined by +"
            .to_owned(),
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

    /// What the chain begins with, if not one copy.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        match self.steps.first() {
            Some(Step::Source(source)) => Some(*source),
            _ => None,
        }
    }

    /// Copies that a right answer names.
    #[must_use]
    pub fn guilty(&self) -> usize {
        if self.shows_the_title() {
            self.source().map_or(1, Source::guilty)
        } else {
            0
        }
    }

    /// Whether anything of the title's pictures is left.
    #[must_use]
    pub fn shows_the_title(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Source(source) => *source != Source::Stranger,
            Step::Pictures(attack) => attack.keeps_the_mark(),
            _ => true,
        })
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
            Step::Montage(montage) => Timing {
                seconds: montage.seconds_left(left.seconds),
                ..left
            },
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
            Some(Step::Transport(_)) => "ts",
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
        if early.clone().any(|s| matches!(s, Step::Transport(_))) {
            return Err(ParseAttackError::AfterStream {
                chain: chain.to_owned(),
            });
        }
        let late = steps.iter().skip(1).find(|s| matches!(s, Step::Source(_)));
        if let Some(step) = late {
            return Err(ParseAttackError::LateSource {
                step: step.to_string(),
                chain: chain.to_owned(),
            });
        }
        Ok(Self { steps })
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
            "h264-ultrafast-360p-crf28",
            "h264rgb-crf23",
            "depth-8+hevc-slow-crf28",
            "cut-3s",
            "cut-0.5s",
            "fps-24",
            "bars-9x16+h264-crf28",
            "jpeg-q80",
            "cut-3s+h264-crf28",
            "h264-crf23+jpeg-q80",
            "cut-10s+fps-30+h264-crf30+hevc-crf30+vp9-crf40",
            "cut-3s+speed-1.1+drop-20+h264-crf30",
            "average-of-3+h264-crf28",
            "unmarked+recap-10x2s+h264-crf28",
            "shuffle-10x2s+h264-crf28",
            "cut-2s+reverse",
            "cut-5s+ramp-1x1.6x0.75+h264-crf26",
            "ease-0.8x1.6+boomerang",
            "stall-1.2+stills-1.5+negate",
            "grid+cut-5s+h264-crf26",
            "cut-6s+rejoined-2.5s-crf26",
            "cut-5s+h264-crf26+loss-0.3",
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
            "smear-3",
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
            "h264-crf23+average-of-3".parse::<Attack>(),
            Err(ParseAttackError::LateSource { .. })
        ));
        assert!(matches!(
            "jpeg-q80+h264-crf23".parse::<Attack>(),
            Err(ParseAttackError::AfterJpeg { .. })
        ));
    }

    #[test]
    fn a_dash_without_a_strength_is_no_attack() {
        for name in ["grey-", "mirror-", "reverse-", "boomerang-", "negate-"] {
            let unknown = ParseAttackError::Unknown {
                step: name.to_owned(),
            };
            assert_eq!(name.parse::<Attack>(), Err(unknown));
            assert!(name.trim_end_matches('-').parse::<Attack>().is_ok());
        }
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
