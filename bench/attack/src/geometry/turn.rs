//! Attacks that turn the picture: mirror and rotate.
//!
//! ```text
//! mirror       out(x, y) = p(W - x, y)
//! mirror-half  out(x, y) = p(min(x, W - x), y): the left half, and itself mirrored beside it
//! rotate-D     counter-clockwise about the centre, in a frame of the old size, corners black
//! rotate-90    out(x, y) = p(W - y, x);   180 and 270 likewise; samples are only moved, sides swap
//! ```
//!
//! # Shapes and units
//! Luma pixels, centres of samples at halves. `D` degrees.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

use super::homography::Homography;
use super::warp::mapped;

/// A turn with its angle.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    Mirror,
    Half,
    Rotate(f64),
    Quarters(u32),
}

/// Reads `mirror` and `rotate`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let turn = match (head, strength) {
        ("mirror", "") => Ok(Turn::Mirror),
        ("mirror", "half") => Ok(Turn::Half),
        ("mirror", _) => Err(ParseAttackError::Strength {
            step,
            range: "no strength at all, or half",
        }),
        ("rotate", "90") => Ok(Turn::Quarters(1)),
        ("rotate", "180") => Ok(Turn::Quarters(2)),
        ("rotate", "270") => Ok(Turn::Quarters(3)),
        ("rotate", _) => {
            let accepted = "-45 to 45 degrees, 90, 180 or 270";
            number(&step, strength, &(-45.0..=45.0), accepted).map(Turn::Rotate)
        }
        _ => return None,
    };
    Some(turn.map(|turn| Box::new(turn) as Box<dyn PictureAttack>))
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mirror => f.write_str("mirror"),
            Self::Half => f.write_str("mirror-half"),
            Self::Rotate(degrees) => write!(f, "rotate-{degrees}"),
            Self::Quarters(count) => write!(f, "rotate-{}", 90 * count),
        }
    }
}

impl PictureAttack for Turn {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        Box::new(Each(*self))
    }
}

impl Effect for Turn {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (width, height) = (picture.width() as f64, picture.height() as f64);
        match *self {
            Self::Mirror => mirrored(picture),
            Self::Half => halved(picture),
            Self::Rotate(degrees) => {
                let centre = (width / 2.0, height / 2.0);
                mapped(
                    &picture,
                    &Homography::turn(-degrees.to_radians()).about(centre),
                )
            }
            Self::Quarters(2) => {
                for plane in [&mut picture.y, &mut picture.u, &mut picture.v] {
                    plane.samples_mut().reverse();
                }
                picture.lies = picture.lies.then(&Homography::new([
                    [-1.0, 0.0, width],
                    [0.0, -1.0, height],
                    [0.0, 0.0, 1.0],
                ]));
                picture
            }
            Self::Quarters(count) => {
                let counter_clockwise = count == 1;
                let mut turned = picture.map_planes(|plane, _| quarter(plane, counter_clockwise));
                let map = if counter_clockwise {
                    [[0.0, 1.0, 0.0], [-1.0, 0.0, width], [0.0, 0.0, 1.0]]
                } else {
                    [[0.0, -1.0, height], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
                };
                turned.lies = turned.lies.then(&Homography::new(map));
                turned
            }
        }
    }
}

/// Left for right.
pub(super) fn mirrored(mut picture: Picture) -> Picture {
    let width = picture.width() as f64;
    for plane in [&mut picture.y, &mut picture.u, &mut picture.v] {
        plane.rows_mut().for_each(<[f32]>::reverse);
    }
    picture.lies = picture.lies.then(&Homography::new([
        [-1.0, 0.0, width],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
    ]));
    picture
}

/// The left half with its mirror image in place of the right one; what is left of the picture stays where it was.
fn halved(mut picture: Picture) -> Picture {
    for plane in [&mut picture.y, &mut picture.u, &mut picture.v] {
        for row in plane.rows_mut() {
            let width = row.len();
            for x in 0..width / 2 {
                row[width - 1 - x] = row[x];
            }
        }
    }
    picture
}

/// A quarter of a turn, counter-clockwise or clockwise.
fn quarter(plane: &Plane, counter_clockwise: bool) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let samples = plane.samples();
    Plane::from_fn(height, width, |x, y| {
        if counter_clockwise {
            samples[x * width + (width - 1 - y)]
        } else {
            samples[(height - 1 - x) * width + y]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::rectangle::size_of;
    use crate::pattern::{
        BICUBIC_ERROR, assert_accepted, assert_refused, attacked, drawn, largest_error_where, waves,
    };

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&[
            "mirror",
            "mirror-half",
            "rotate-2",
            "rotate--0.25",
            "rotate-90",
            "rotate-180",
            "rotate-270",
        ]);
        assert_refused(&[
            "mirror-2",
            "rotate-46",
            "rotate--90",
            "rotate-",
            "rotate-360",
        ]);
    }

    #[test]
    fn mirror_swaps_left_and_right_and_twice_is_nothing() {
        let picture = drawn(62, 46, waves);
        let once = attacked("mirror", 1, &picture);
        assert!((once.y.row(3)[0] - picture.y.row(3)[61]).abs() < 1e-6);
        assert!((once.u.row(3)[0] - picture.u.row(3)[30]).abs() < 1e-6);
        assert_eq!(attacked("mirror", 1, &once), picture);
    }

    #[test]
    fn the_left_half_stays_and_stands_mirrored_beside_itself() {
        let picture = drawn(62, 46, waves);
        let half = attacked("mirror-half", 1, &picture);
        for (own, was) in [
            (half.y.row(3), picture.y.row(3)),
            (half.u.row(3), picture.u.row(3)),
        ] {
            let mirrored = was[..was.len() / 2].iter().rev();
            let expected = was[..was.len().div_ceil(2)].iter().chain(mirrored);
            assert!(own.iter().eq(expected));
        }
    }

    #[test]
    fn quarter_turns_are_exact_and_four_are_nothing() {
        let picture = drawn(62, 46, waves);
        let once = attacked("rotate-90", 1, &picture);
        assert_eq!(size_of(&once), (46, 62));
        // What was in the upper right corner is in the upper left one.
        assert!((once.y.row(0)[0] - picture.y.row(0)[61]).abs() < 1e-6);
        let twice = attacked("rotate-90", 1, &once);
        assert_eq!(twice, attacked("rotate-180", 1, &picture));
        let thrice = attacked("rotate-90", 1, &twice);
        assert_eq!(thrice, attacked("rotate-270", 1, &picture));
        assert_eq!(attacked("rotate-90", 1, &thrice), picture);
    }

    /// Largest error of `name` against the pattern turned by `degrees`, where the turned picture lies.
    fn error(name: &str, degrees: f64) -> f64 {
        let picture = drawn(240, 160, waves);
        let out = attacked(name, 1, &picture);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let source = |x: f64, y: f64| {
            let (x, y) = (x - 120.0, y - 80.0);
            (120.0 + cos * x - sin * y, 80.0 + sin * x + cos * y)
        };
        largest_error_where(
            &out,
            |x, y| {
                let (u, v) = source(x, y);
                waves(u, v)
            },
            |x, y| {
                let (u, v) = source(x, y);
                u > 4.0 && v > 4.0 && u < 236.0 && v < 156.0
            },
        )
    }

    #[test]
    fn two_degrees_are_two_degrees_counter_clockwise() {
        for (name, degrees) in [
            ("rotate-2", 2.0),
            ("rotate--0.25", -0.25),
            ("rotate-10", 10.0),
        ] {
            // A hundredth of a degree moves the far corners by 0.025 px, with slopes up to 20 a pixel.
            let (own, other) = (error(name, degrees), error(name, degrees + 0.01));
            assert!(
                own < BICUBIC_ERROR && other > 2.0 * BICUBIC_ERROR,
                "{name}: {own} {other}"
            );
        }
    }

    #[test]
    fn corners_of_a_rotated_picture_are_black() {
        let out = attacked("rotate-10", 1, &drawn(240, 160, |_, _| 200.0));
        for (x, y) in [(0, 0), (239, 0), (0, 159), (239, 159)] {
            assert!((out.y.row(y)[x] - 16.0).abs() < 1e-6);
            assert!((out.u.row(y / 2)[x / 2] - 128.0).abs() < 1e-6);
        }
        assert!((out.y.row(80)[120] - 200.0).abs() < 1e-3);
    }
}
