//! Attacks of a camera that moves: jitter, shutter, motion blur.
//!
//! ```text
//! jitter-N       out(x, y) = p(x - d(t), y - e(t)),   d, e = sum over k of 4 tones of N / 4 sin(2 pi f_k t + p_k)
//!                f_k uniform in the k-th quarter of 3 to 8 Hz
//! shutter-N      out(x, y) = p(x - (s(t + T (y / H - 1/2)) - s(t)), y),   s(t) = A sin(2 pi f t + p)
//!                A = N / (2 sin(pi f T)): at its fastest the last row lies N beside the first;  f uniform in 2 to 5 Hz
//! motionblur-N   out(x) = integral of p(x + s d) ds / N over -N/2 .. N/2,   d a random direction, p bilinear
//! ```
//!
//! # Shapes and units
//! `N` luma pixels, times in seconds. `T` is the time in which a rolling shutter reads the rows, 20 ms. Jitter is of
//! translation alone. What comes in from beyond the picture is black; the blur repeats the edge.

use std::f64::consts::{PI, TAU};
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::geometry::rectangle::size_of;
use crate::geometry::resample::{Window, resampled};
use crate::geometry::warp::warped;
use crate::strength::number;
use crate::{ParseAttackError, Picture, Plane, Random};

/// In which a rolling shutter reads all rows.
pub(super) const READ_OUT_SECONDS: f64 = 0.02;

const TONES: usize = 4;
const LOWEST_HZ: f64 = 3.0;
const HIGHEST_HZ: f64 = 8.0;

/// A motion with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shake {
    Jitter(f64),
    Shutter(f64),
    MotionBlur(f64),
}

/// Reads `jitter`, `shutter` and `motionblur`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let shake = match head {
        "jitter" => number(&step, strength, &(0.1..=64.0), "0.1 to 64 pixels").map(Shake::Jitter),
        "shutter" => number(&step, strength, &(0.1..=64.0), "0.1 to 64 pixels").map(Shake::Shutter),
        "motionblur" => {
            number(&step, strength, &(1.0..=64.0), "1 to 64 pixels").map(Shake::MotionBlur)
        }
        _ => return None,
    };
    Some(shake.map(|shake| Box::new(shake) as Box<dyn PictureAttack>))
}

impl fmt::Display for Shake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jitter(pixels) => write!(f, "jitter-{pixels}"),
            Self::Shutter(pixels) => write!(f, "shutter-{pixels}"),
            Self::MotionBlur(pixels) => write!(f, "motionblur-{pixels}"),
        }
    }
}

impl PictureAttack for Shake {
    fn bends(&self) -> bool {
        !matches!(self, Self::MotionBlur(_))
    }

    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Jitter(pixels) => Box::new(Each(Jitter {
                columns: Path::new(pixels, random),
                rows: Path::new(pixels, random),
            })),
            Self::Shutter(pixels) => Box::new(Each(Shutter::new(pixels, random))),
            Self::MotionBlur(pixels) => {
                let angle = random.between(0.0, PI);
                Box::new(Each(MotionBlur {
                    luma: Streak::new(pixels, angle),
                    chroma: Streak::new(pixels / 2.0, angle),
                }))
            }
        }
    }
}

/// A hand's way along one axis: frequencies in Hz and phases of tones of one amplitude.
#[derive(Debug, Clone)]
struct Path {
    amplitude: f64,
    tones: [(f64, f64); TONES],
}

impl Path {
    fn new(pixels: f64, random: &mut Random) -> Self {
        let band = (HIGHEST_HZ - LOWEST_HZ) / TONES as f64;
        Self {
            amplitude: pixels / TONES as f64,
            tones: std::array::from_fn(|k| {
                let low = LOWEST_HZ + band * k as f64;
                (random.between(low, low + band), random.between(0.0, TAU))
            }),
        }
    }

    fn at(&self, seconds: f64) -> f64 {
        let wave = |&(hertz, phase): &(f64, f64)| (TAU * hertz * seconds + phase).sin();
        self.amplitude * self.tones.iter().map(wave).sum::<f64>()
    }
}

struct Jitter {
    columns: Path,
    rows: Path,
}

impl Effect for Jitter {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let (columns, rows) = (self.columns.at(seconds), self.rows.at(seconds));
        let window = Window::whole(&picture).moved(-columns, -rows);
        resampled(&picture, size_of(&picture), window)
    }
}

#[derive(Debug, Clone, Copy)]
struct Shutter {
    amplitude: f64,
    hertz: f64,
    phase: f64,
}

impl Shutter {
    fn new(pixels: f64, random: &mut Random) -> Self {
        let hertz = random.between(2.0, 5.0);
        Self {
            amplitude: pixels / (2.0 * (PI * hertz * READ_OUT_SECONDS).sin()),
            hertz,
            phase: random.between(0.0, TAU),
        }
    }

    /// How far the row at `height`, 0 at the top and 1 at the bottom, has moved from where the middle row is.
    fn at(&self, seconds: f64, height: f64) -> f64 {
        let place = |t: f64| self.amplitude * (TAU * self.hertz * t + self.phase).sin();
        place(seconds + READ_OUT_SECONDS * (height - 0.5)) - place(seconds)
    }
}

impl Effect for Shutter {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        let rows = picture.height() as f64;
        // Luma rows, and the edges between them, on which the rows of chroma are centred.
        let moves: Vec<f64> = (0..=2 * picture.height())
            .map(|half| self.at(seconds, half as f64 / 2.0 / rows))
            .collect();
        warped(&picture, |x, y| (x - moves[(2.0 * y) as usize], y))
    }
}

/// The samples that a point smears over: columns and rows away, with weights of sum 1.
#[derive(Debug, Clone)]
struct Streak {
    reach: usize,
    taps: Vec<(isize, isize, f32)>,
}

impl Streak {
    fn new(pixels: f64, angle: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        let reach = (pixels / 2.0).ceil() as usize + 1;
        let side = 2 * reach + 1;
        let mut weights = vec![0.0; side * side];
        // Sixty-four points a pixel: the integral to four digits.
        let points = (pixels * 64.0).ceil() as usize;
        for point in 0..points {
            let along = ((point as f64 + 0.5) / points as f64 - 0.5) * pixels;
            let (x, y) = (along * cos + reach as f64, -along * sin + reach as f64);
            let (i, j) = (x.floor(), y.floor());
            for (row, wy) in [(j, 1.0 - (y - j)), (j + 1.0, y - j)] {
                for (column, wx) in [(i, 1.0 - (x - i)), (i + 1.0, x - i)] {
                    weights[row as usize * side + column as usize] += wx * wy / points as f64;
                }
            }
        }
        let centre = reach as isize;
        let taps = weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(index, &weight)| {
                let (x, y) = ((index % side) as isize, (index / side) as isize);
                (x - centre, y - centre, weight as f32)
            })
            .collect();
        Self { reach, taps }
    }

    fn over(&self, plane: &Plane) -> Plane {
        let reach = self.reach as isize;
        let (width, height) = (plane.width(), plane.height());
        let mut out = Plane::filled(width, height, 0.0);
        // Rows with the edge repeated on both sides, so that every tap is one run of samples.
        let padded = Plane::from_fn(width + 2 * self.reach, height + 2 * self.reach, |x, y| {
            plane.clamped(x as isize - reach, y as isize - reach)
        });
        for (y, row) in out.rows_mut().enumerate() {
            for &(dx, dy, weight) in &self.taps {
                let from = padded.row((y as isize + reach + dy) as usize);
                let from = &from[(reach + dx) as usize..][..width];
                for (sum, sample) in row.iter_mut().zip(from) {
                    *sum += weight * sample;
                }
            }
        }
        out
    }
}

struct MotionBlur {
    luma: Streak,
    chroma: Streak,
}

impl Effect for MotionBlur {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        picture.map_planes(|plane, shrink| {
            let streak = if shrink == 1 {
                &self.luma
            } else {
                &self.chroma
            };
            streak.over(plane)
        })
    }
}

#[cfg(test)]
mod tests;
