//! Attacks of perspective and lens: perspective, tilt, barrel.
//!
//! ```text
//! perspective-S   each corner of the picture moves inwards by up to S W / 2 columns and S H / 2 rows, uniformly
//! tilt-D          x' = f X / (f + Z),  (X, Y, Z) = R (x, y, 0),  R = D degrees about a random axis in the screen
//!                 f = R0 / tan(25 deg): a camera with a field of view of 50 degrees across the diagonal sees just the
//!                 screen, whose middle it stays turned to
//! barrel-K        r_source = r (1 + K r^2): K > 0 is a barrel, K < 0 a pincushion
//! ```
//!
//! # Shapes and units
//! Luma pixels from the picture's centre, `R0` half its diagonal, `r` in units of `R0`. The frame keeps its size; what
//! lies beyond the picture is black. `D` degrees.
//!
//! # References
//! torchvision.transforms.RandomPerspective (`distortion_scale`); its corners are centres of samples, ours the frame's.

use std::f64::consts::TAU;
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::geometry::homography::{Homography, Point};
use crate::geometry::warp::{mapped, warped};
use crate::strength::number;
use crate::{ParseAttackError, Picture, Random};

/// Half of the camera's field of view across the diagonal.
const HALF_VIEW_DEGREES: f64 = 25.0;

/// A lens or a point of view with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lens {
    Perspective(f64),
    Tilt(f64),
    Barrel(f64),
}

/// Reads `perspective`, `tilt` and `barrel`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let lens = match head {
        // Beyond 2 / 3 the corners need no longer make a convex quadrangle.
        "perspective" => {
            number(&step, strength, &(0.01..=0.6), "0.01 to 0.6").map(Lens::Perspective)
        }
        "tilt" => number(&step, strength, &(0.1..=45.0), "0.1 to 45 degrees").map(Lens::Tilt),
        "barrel" => number(&step, strength, &(-0.3..=0.5), "-0.3 to 0.5").map(Lens::Barrel),
        _ => return None,
    };
    Some(lens.map(|lens| Box::new(lens) as Box<dyn PictureAttack>))
}

impl fmt::Display for Lens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Perspective(scale) => write!(f, "perspective-{scale}"),
            Self::Tilt(degrees) => write!(f, "tilt-{degrees}"),
            Self::Barrel(strength) => write!(f, "barrel-{strength}"),
        }
    }
}

impl PictureAttack for Lens {
    fn bends(&self) -> bool {
        true
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Perspective(scale) => {
                let moves = [(); 4].map(|()| {
                    (
                        random.between(0.0, scale / 2.0),
                        random.between(0.0, scale / 2.0),
                    )
                });
                Box::new(Each(Plate(move |size| perspective(size, moves))))
            }
            Self::Tilt(degrees) => {
                let axis = random.between(0.0, TAU);
                Box::new(Each(Plate(move |size| tilt(size, degrees, axis))))
            }
            Self::Barrel(strength) => Box::new(Each(Barrel { strength })),
        }
    }
}

/// Where the corners go, clockwise from the upper left one, each by its share of the sides.
fn corners((width, height): Point, moves: [Point; 4]) -> [Point; 4] {
    let [a, b, c, d] = moves.map(|(x, y)| (x * width, y * height));
    [
        a,
        (width - b.0, b.1),
        (width - c.0, height - c.1),
        (d.0, height - d.1),
    ]
}

/// The picture onto the quadrangle of its moved corners.
fn perspective(size: Point, moves: [Point; 4]) -> Homography {
    Homography::stretch(1.0 / size.0, 1.0 / size.1)
        .then(&Homography::square_onto(corners(size, moves)))
}

/// The picture as a camera sees it that looks at its centre from `degrees` off the normal.
fn tilt((width, height): Point, degrees: f64, axis: f64) -> Homography {
    let distance = width.hypot(height) / 2.0 / HALF_VIEW_DEGREES.to_radians().tan();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (ay, ax) = axis.sin_cos();
    let versed = 1.0 - cos;
    // Rodrigues' rotation about (ax, ay, 0), for points with Z = 0.
    Homography::new([
        [cos + ax * ax * versed, ax * ay * versed, 0.0],
        [ax * ay * versed, cos + ay * ay * versed, 0.0],
        [-ay * sin / distance, ax * sin / distance, 1.0],
    ])
    .about((width / 2.0, height / 2.0))
}

/// A plane map that follows from the picture's size.
struct Plate<M>(M);

impl<M: Fn(Point) -> Homography> Effect for Plate<M> {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let size = (picture.width() as f64, picture.height() as f64);
        mapped(&picture, &(self.0)(size).inverse())
    }
}

struct Barrel {
    strength: f64,
}

impl Effect for Barrel {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        let (cx, cy) = (picture.width() as f64 / 2.0, picture.height() as f64 / 2.0);
        let strength = self.strength / (cx * cx + cy * cy);
        warped(&picture, |x, y| {
            let (x, y) = (x - cx, y - cy);
            let gain = 1.0 + strength * (x * x + y * y);
            (cx + x * gain, cy + y * gain)
        })
    }
}

#[cfg(test)]
mod tests;
