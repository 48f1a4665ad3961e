//! Attacks that resize the whole picture: scale, aspect, overscan, zoom.
//!
//! ```text
//! scale-F      both sides times F            scale-FxG   columns times F, rows times G
//! aspect-AxB   columns = rows A / B, squeezed or stretched
//! overscan-P   enlarged about the centre by 1 + P / 100 in a frame of the old size; what is missing is black
//! zoom-F       enlarged about the centre by F in a frame of the old size
//! ```
//!
//! Bicubic with `a = -1/2`, widened where it shrinks: see [`super::resample`].
//!
//! # Shapes and units
//! Sides of results are rounded to even numbers, and the whole picture is fitted into them. `P` percent.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::{number, pair};
use crate::{ParseAttackError, Picture, Random};

use super::rectangle::{even, size_of};
use super::resample::{Window, resampled};

/// A change of size with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Both(f64),
    Sides(f64, f64),
    Aspect(u32, u32),
    Overscan(f64),
    Zoom(f64),
}

/// Reads `scale`, `aspect`, `overscan` and `zoom`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let factor = |text| number(&step, text, &(0.05..=4.0), "0.05 to 4");
    let scale = match head {
        "scale" => match strength.split_once('x') {
            None => factor(strength).map(Scale::Both),
            Some((columns, rows)) => {
                factor(columns).and_then(|columns| Ok(Scale::Sides(columns, factor(rows)?)))
            }
        },
        "aspect" => pair(&step, strength, &(1..=64), "1x1 to 64x64")
            .map(|(width, height)| Scale::Aspect(width, height)),
        "overscan" => {
            number(&step, strength, &(-50.0..=100.0), "-50 to 100 percent").map(Scale::Overscan)
        }
        "zoom" => number(&step, strength, &(1.0..=4.0), "1 to 4").map(Scale::Zoom),
        _ => return None,
    };
    Some(scale.map(|scale| Box::new(scale) as Box<dyn PictureAttack>))
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Both(factor) => write!(f, "scale-{factor}"),
            Self::Sides(columns, rows) => write!(f, "scale-{columns}x{rows}"),
            Self::Aspect(width, height) => write!(f, "aspect-{width}x{height}"),
            Self::Overscan(percent) => write!(f, "overscan-{percent}"),
            Self::Zoom(factor) => write!(f, "zoom-{factor}"),
        }
    }
}

impl PictureAttack for Scale {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        Box::new(Each(*self))
    }
}

impl Effect for Scale {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let whole = Window::whole(&picture);
        let size = match *self {
            Self::Both(factor) => (even(whole.width * factor), even(whole.height * factor)),
            Self::Sides(columns, rows) => (even(whole.width * columns), even(whole.height * rows)),
            Self::Aspect(width, height) => (
                even(whole.height * f64::from(width) / f64::from(height)),
                picture.height(),
            ),
            Self::Overscan(_) | Self::Zoom(_) => size_of(&picture),
        };
        let window = match *self {
            Self::Overscan(percent) => whole.zoomed(1.0 + percent / 100.0),
            Self::Zoom(factor) => whole.zoomed(factor),
            Self::Both(_) | Self::Sides(..) | Self::Aspect(..) => whole,
        };
        resampled(&picture, size, window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{
        BICUBIC_ERROR, assert_accepted, assert_refused, attacked, drawn, largest_error, waves,
    };

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&[
            "scale-0.55",
            "scale-2",
            "scale-0.8x1",
            "aspect-4x3",
            "overscan-5",
            "overscan--5",
            "zoom-1.1",
        ]);
        assert_refused(&[
            "scale-0.04",
            "scale-5",
            "scale-0.8x",
            "scale-0.80x1",
            "aspect-4",
            "aspect-0x3",
            "overscan--60",
            "zoom-0.9",
            "zoom-",
        ]);
    }

    #[test]
    fn frequencies_of_the_pattern_scale_with_the_sides() {
        let picture = drawn(240, 160, waves);
        for (name, size) in [
            ("scale-0.55", (132, 88)),
            ("scale-1.5", (360, 240)),
            ("scale-0.8x1", (192, 160)),
            ("aspect-4x3", (214, 160)),
        ] {
            let out = attacked(name, 1, &picture);
            assert_eq!(size_of(&out), size, "{name}");
            let (sx, sy) = (240.0 / size.0 as f64, 160.0 / size.1 as f64);
            let error = largest_error(&out, 6.0, |x, y| waves(x * sx, y * sy));
            // Widened by 1 / 0.55 the kernel damps a little of what it keeps; an edge that is off by one sample costs ten.
            assert!(error < 0.6, "{name}: {error}");
        }
    }

    #[test]
    fn overscan_and_zoom_enlarge_about_the_centre() {
        let picture = drawn(160, 120, waves);
        for (name, zoom) in [
            ("overscan-5", 1.05),
            ("overscan--5", 0.95),
            ("zoom-1.1", 1.1),
        ] {
            let out = attacked(name, 1, &picture);
            let error = largest_error(&out, 10.0, |x, y| {
                waves(80.0 + (x - 80.0) / zoom, 60.0 + (y - 60.0) / zoom)
            });
            assert!(error < 2.0 * BICUBIC_ERROR, "{name}: {error}");
        }
        let out = attacked("overscan--5", 1, &picture);
        // 2.5 % of 160 columns are black on each side.
        let row = out.y.row(60);
        assert!(
            row[..4]
                .iter()
                .chain(&row[156..])
                .all(|v| (v - 16.0).abs() < 1e-3)
        );
        assert!((row[4] - 16.0).abs() > 1.0 && (row[155] - 16.0).abs() > 1.0);
    }
}
