//! Attacks that bend the picture smoothly: `bend-KIND-P`.
//!
//! ```text
//! out(x, y) = p(x + X, y + Y),      (X, Y) = the kind's field at (x / W, y / H, t), in [`field`]
//! ```
//!
//! Nothing is lost but straightness. `stretch` at 3 % is the cheapest removal attack that was found: one filter of FFmpeg.
//!
//! # Shapes and units
//! Luma pixels, centres of samples at halves; chroma lies at `x / 2`. `P` in percent of the width, `t` in seconds of the clip as the
//! steps before leave it. The frame keeps its size; what is looked up beyond the picture is the nearest sample of it.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Random};

use super::warp::warped;

mod field;

use field::{Field, Kind, Place};

/// A bend with its strength in percent of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bend {
    kind: Kind,
    percent: f64,
}

/// Reads `bend`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    if head != "bend" {
        return None;
    }
    let step = format!("{head}-{strength}");
    let (word, percent) = strength.split_once('-').unwrap_or((strength, ""));
    let Some(kind) = Kind::of(word) else {
        let range = "stretch, wave, both, smooth, ramp, ripple, swirl, bulge, lens, breathe, drift or flow, then percent";
        return Some(Err(ParseAttackError::Strength { step, range }));
    };
    let (most, accepted) = kind.strongest();
    let percent = number(&step, percent, &(0.1..=most), accepted);
    Some(percent.map(|percent| Box::new(Bend { kind, percent }) as Box<dyn PictureAttack>))
}

impl fmt::Display for Bend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bend-{}-{}", self.kind.word(), self.percent)
    }
}

impl PictureAttack for Bend {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        let field = Field::drawn(self.kind, self.percent / 100.0, random);
        Box::new(Each(Bending { field }))
    }
}

struct Bending {
    field: Field,
}

impl Effect for Bending {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let (width, height) = (picture.width() as f64, picture.height() as f64);
        warped(&picture, |x, y| {
            let (dx, dy) = self.field.shift(&Place {
                u: x / width,
                v: y / height,
                width,
                height,
                seconds,
            });
            (
                (x + dx).clamp(0.5, width - 0.5),
                (y + dy).clamp(0.5, height - 0.5),
            )
        })
    }
}

#[cfg(test)]
mod tests;
