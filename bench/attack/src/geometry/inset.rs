//! Attacks that put the whole picture, smaller, into a frame of something else: pip, blursides.
//!
//! ```text
//! pip-F           F of each edge, at a random place of a frame of the old size over a moving texture
//! blursides-AxB   fitted into the middle of a frame of that aspect, whose rest is the picture itself, enlarged to cover
//!                 the frame and blurred
//! ```
//!
//! # Shapes and units
//! Luma pixels. A frame of `blursides` has the short side of the picture, as platforms count lines: 1280x720 becomes
//! 720x1280 at 9x16, with the picture at 720x404 in its middle. The blur is a reduction to 1/32 of the frame and back.

mod texture;

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::{number, pair};
use crate::{ParseAttackError, Picture, Random};

use super::rectangle::{Rectangle, anywhere, even, fitted, size_of};
use super::resample::{Window, resampled};
use texture::Texture;

/// How many times smaller than the frame its blurred copy is on the way.
const BLUR: usize = 32;

/// A smaller picture in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Inset {
    Pip(f64),
    BlurSides(u32, u32),
}

/// Reads `pip` and `blursides`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let inset = match head {
        "pip" => number(&step, strength, &(0.1..=0.95), "0.1 to 0.95 of each edge").map(Inset::Pip),
        "blursides" => pair(&step, strength, &(1..=64), "1x1 to 64x64")
            .map(|(width, height)| Inset::BlurSides(width, height)),
        _ => return None,
    };
    Some(inset.map(|inset| Box::new(inset) as Box<dyn PictureAttack>))
}

impl fmt::Display for Inset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pip(share) => write!(f, "pip-{share}"),
            Self::BlurSides(width, height) => write!(f, "blursides-{width}x{height}"),
        }
    }
}

impl PictureAttack for Inset {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Pip(share) => Box::new(Each(Pip {
                share,
                place: anywhere(random),
                random: random.clone(),
                texture: None,
            })),
            Self::BlurSides(width, height) => Box::new(Each(BlurSides {
                aspect: f64::from(width) / f64::from(height),
            })),
        }
    }
}

struct Pip {
    share: f64,
    place: (f64, f64),
    random: Random,
    /// Drawn for the first picture, which alone knows the size.
    texture: Option<Texture>,
}

impl Effect for Pip {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let frame = size_of(&picture);
        let size = (
            even(frame.0 as f64 * self.share),
            even(frame.1 as f64 * self.share),
        );
        let small = resampled(&picture, size, Window::whole(&picture));
        let texture = self
            .texture
            .get_or_insert_with(|| Texture::new(&picture, &mut self.random));
        let mut out = texture.at(seconds);
        Rectangle::placed(frame, size, self.place).put_into(&mut out, &small);
        out
    }
}

struct BlurSides {
    aspect: f64,
}

impl Effect for BlurSides {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let size = size_of(&picture);
        let short = size.0.min(size.1);
        let frame = if self.aspect < 1.0 {
            (short, even(short as f64 / self.aspect))
        } else {
            (even(short as f64 * self.aspect), short)
        };
        let part = Rectangle::placed(size, fitted(size, self.aspect), (0.5, 0.5));
        let cover = part.cut_from(&picture);
        let small = (
            even(frame.0 as f64 / BLUR as f64),
            even(frame.1 as f64 / BLUR as f64),
        );
        let reduced = resampled(&cover, small, Window::whole(&cover));
        let mut out = resampled(&reduced, frame, Window::whole(&reduced));
        let inner = fitted(frame, size.0 as f64 / size.1 as f64);
        let fitting = resampled(&picture, inner, Window::whole(&picture));
        Rectangle::placed(frame, inner, (0.5, 0.5)).put_into(&mut out, &fitting);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{
        BICUBIC_ERROR, assert_accepted, assert_refused, attacked, attacked_at, drawn,
        largest_error, waves,
    };

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&["pip-0.5", "pip-0.25", "blursides-9x16", "blursides-1x1"]);
        assert_refused(&["pip-1", "pip-0", "blursides-9", "blursides-0x1", "pip-"]);
    }

    #[test]
    fn pip_shows_the_whole_picture_at_its_share_over_something_that_moves() {
        let picture = drawn(320, 240, |x, y| waves(x / 2.0, y / 2.0));
        let out = attacked_at("pip-0.5", 6, &picture, &[0.0, 1.0]);
        assert_eq!(size_of(&out[0]), (320, 240));
        let place = anywhere(&mut Random::new([6; 32]));
        let part = Rectangle::placed((320, 240), (160, 120), place);
        for shown in &out {
            let error = largest_error(&part.cut_from(shown), 4.0, waves);
            assert!(error < BICUBIC_ERROR, "{error}");
        }
        let (left, top) = (part.left, part.top);
        let beside = |picture: &Picture| {
            let x = if left > 160 { 0 } else { 319 };
            let y = if top > 120 { 0 } else { 239 };
            picture.y.row(y)[x]
        };
        assert!((beside(&out[0]) - beside(&out[1])).abs() > 1e-3);
    }

    #[test]
    fn blursides_keeps_the_short_side_and_the_picture_in_the_middle() {
        let picture = drawn(320, 180, |x, y| waves(x / 2.0, y / 2.0));
        for (name, frame, inner) in [
            ("blursides-9x16", (180, 320), (180, 102)),
            ("blursides-1x1", (180, 180), (180, 102)),
            ("blursides-64x27", (426, 180), (320, 180)),
        ] {
            let out = attacked(name, 1, &picture);
            assert_eq!(size_of(&out), frame, "{name}");
            let part = Rectangle::placed(frame, inner, (0.5, 0.5)).cut_from(&out);
            let (sx, sy) = (320.0 / inner.0 as f64, 180.0 / inner.1 as f64);
            let error = largest_error(&part, 6.0, |x, y| waves(x * sx / 2.0, y * sy / 2.0));
            assert!(error < 3.0 * BICUBIC_ERROR, "{name}: {error}");
        }
    }

    #[test]
    fn blurred_sides_have_the_picture_s_colour_but_none_of_its_detail() {
        let stripes = drawn(
            320,
            180,
            |x, _| if x as usize % 8 < 4 { 80.0 } else { 160.0 },
        );
        let out = attacked("blursides-9x16", 1, &stripes);
        for y in [4, 60, 300] {
            let row = out.y.row(y);
            assert!(row.iter().all(|v| (v - 120.0).abs() < 8.0), "{row:?}");
        }
    }
}
