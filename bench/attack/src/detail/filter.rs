//! Attacks that filter single pictures: blur, median, sharpening, deblocking, coarser quantisation.
//!
//! ```text
//! blur-S      p' = G_S p                                   Gaussian, S in luma samples, chroma S / 2
//! median-N    p' = median of N x N
//! unsharp-A   Y' = Y + A (Y - G_1.5 Y)                     luma only
//! deblock-T   at every eighth column, then row, where |d| <= T:   d = q0 - p0
//!             p1 + d/8, p0 + 3d/8 | q0 - 3d/8, q1 - d/8    the step becomes a ramp of d/8, d/4, d/4, d/4, d/8
//! depth-8     p' = round(p)
//! bits-B      p' = q min(round(p / q), 2^B - 1),           q = 2^(8 - B); neutral chroma stays neutral
//! ```
//!
//! # Shapes and units
//! `S` in samples, `T` in code values on the 8-bit scale, `N` samples, `B` bits. Each plane has its own grid of eight.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::{number, whole};
use crate::{ParseAttackError, Picture, Plane, Random};

use super::gaussian::Gaussian;
use super::median::{median_of_9, median_of_25};

/// Deviation of what sharpening takes for the coarse part.
const UNSHARP_SIGMA: f64 = 1.5;
/// Side of a coded block.
const BLOCK: usize = 8;

/// A filter with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Filter {
    Blur(f64),
    Median3,
    Median5,
    Unsharp(f64),
    Deblock(f64),
    Bits(u32),
    Depth8,
}

/// Reads `blur`, `median`, `unsharp`, `deblock`, `depth` and `bits`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let filter = match head {
        "blur" => number(&step, strength, &(0.3..=10.0), "0.3 to 10 pixels").map(Filter::Blur),
        "median" => match strength {
            "3" => Ok(Filter::Median3),
            "5" => Ok(Filter::Median5),
            _ => Err(ParseAttackError::Strength {
                step,
                range: "3, 5",
            }),
        },
        "unsharp" => number(&step, strength, &(0.1..=5.0), "0.1 to 5").map(Filter::Unsharp),
        "deblock" => {
            number(&step, strength, &(0.5..=32.0), "0.5 to 32 code values").map(Filter::Deblock)
        }
        "depth" => whole(&step, strength, &(8..=8), "8 bits").map(|_| Filter::Depth8),
        "bits" => whole(&step, strength, &(1..=7), "1 to 7 bits").map(Filter::Bits),
        _ => return None,
    };
    Some(filter.map(|filter| Box::new(filter) as Box<dyn PictureAttack>))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blur(sigma) => write!(f, "blur-{sigma}"),
            Self::Median3 => f.write_str("median-3"),
            Self::Median5 => f.write_str("median-5"),
            Self::Unsharp(amount) => write!(f, "unsharp-{amount}"),
            Self::Deblock(step) => write!(f, "deblock-{step}"),
            Self::Bits(bits) => write!(f, "bits-{bits}"),
            Self::Depth8 => f.write_str("depth-8"),
        }
    }
}

impl PictureAttack for Filter {
    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Blur(sigma) => Box::new(Each(Blur {
                luma: Gaussian::new(sigma),
                chroma: Gaussian::new(sigma / 2.0),
            })),
            Self::Median3 => Box::new(Each(ByPlane(median_of_9))),
            Self::Median5 => Box::new(Each(ByPlane(median_of_25))),
            Self::Unsharp(amount) => Box::new(Each(Unsharp {
                amount: amount as f32,
                coarse: Gaussian::new(UNSHARP_SIGMA),
            })),
            Self::Deblock(most) => Box::new(Each(ByPlane(move |plane: &Plane| {
                deblocked(plane, most as f32)
            }))),
            Self::Depth8 => Box::new(Each(ByPlane(rounded))),
            Self::Bits(bits) => {
                Box::new(Each(ByPlane(move |plane: &Plane| requantised(plane, bits))))
            }
        }
    }
}

/// The same for each plane.
struct ByPlane<F>(F);

impl<F: Fn(&Plane) -> Plane> Effect for ByPlane<F> {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        picture.map_planes(|plane, _| self.0(plane))
    }
}

struct Blur {
    luma: Gaussian,
    chroma: Gaussian,
}

impl Effect for Blur {
    fn apply(&mut self, picture: Picture, _: f64) -> Picture {
        picture.map_planes(|plane, shrink| {
            let gaussian = if shrink == 1 {
                &self.luma
            } else {
                &self.chroma
            };
            gaussian.smooth(plane)
        })
    }
}

struct Unsharp {
    amount: f32,
    coarse: Gaussian,
}

impl Effect for Unsharp {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let detail = self.coarse.detail(&picture.y);
        for (sample, detail) in picture.y.samples_mut().iter_mut().zip(detail.samples()) {
            *sample += self.amount * detail;
        }
        picture
    }
}

/// Whole code values: what is left of deeper pictures in a file of 8 bits.
fn rounded(plane: &Plane) -> Plane {
    let mut out = plane.clone();
    for sample in out.samples_mut() {
        *sample = sample.round();
    }
    out
}

fn requantised(plane: &Plane, bits: u32) -> Plane {
    let levels = 1_u32 << bits;
    let step = 256.0 / levels as f32;
    let mut out = plane.clone();
    for sample in out.samples_mut() {
        // Truncation of a positive number is its floor.
        let level = (sample.max(0.0) / step + 0.5) as u32;
        *sample = level.min(levels - 1) as f32 * step;
    }
    out
}

fn deblocked(plane: &Plane, most: f32) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let mut out = plane.clone();
    for row in out.rows_mut() {
        for x in (BLOCK..width.saturating_sub(1)).step_by(BLOCK) {
            let mut four = [row[x - 2], row[x - 1], row[x], row[x + 1]];
            ramp(&mut four, most);
            row[x - 2..x + 2].copy_from_slice(&four);
        }
    }
    let samples = out.samples_mut();
    for y in (BLOCK..height.saturating_sub(1)).step_by(BLOCK) {
        for x in 0..width {
            let at = |row: usize| (y + row - 2) * width + x;
            let mut four = [0, 1, 2, 3].map(|row| samples[at(row)]);
            ramp(&mut four, most);
            for (row, sample) in four.into_iter().enumerate() {
                samples[at(row)] = sample;
            }
        }
    }
    out
}

/// Makes a ramp of the step between the middle two of four, if it is no larger than `most`.
fn ramp(four: &mut [f32; 4], most: f32) {
    let step = four[2] - four[1];
    if step.abs() <= most {
        for (sample, share) in four.iter_mut().zip([0.125, 0.375, -0.375, -0.125]) {
            *sample += share * step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NEUTRAL;
    use crate::tryout::{applied_once, grey, refused};

    #[test]
    fn blur_has_unit_sum_and_the_deviation_of_its_name() {
        for (name, sigma) in [("blur-1", 1.0), ("blur-1.7", 1.7), ("blur-4", 4.0)] {
            let mut picture = grey(64, 64, |x, y| 1000.0 * f32::from(x == 32 && y == 32));
            picture.u = Plane::from_fn(32, 32, |x, y| 1000.0 * f32::from(x == 16 && y == 16));
            let out = applied_once(name, &picture);
            for (plane, sigma) in [(&out.y, sigma), (&out.u, sigma / 2.0)] {
                let centre = (plane.width() / 2) as f64;
                let (mut sum, mut square) = (0.0, 0.0);
                for y in 0..plane.height() {
                    for (x, &sample) in plane.row(y).iter().enumerate() {
                        sum += f64::from(sample);
                        square += f64::from(sample) * (x as f64 - centre).powi(2);
                    }
                }
                assert!((sum - 1000.0).abs() < 0.01, "{name}: {sum}");
                let found = (square / sum).sqrt();
                // The tail beyond three deviations is missing; half a sample is too few to sample a bell by.
                let tolerance = if sigma < 0.7 { 0.1 } else { 0.02 };
                assert!((found / sigma - 1.0).abs() < tolerance, "{name}: {found}");
            }
        }
    }

    #[test]
    fn median_removes_impulses_and_keeps_edges() {
        for (name, apart) in [("median-3", 4), ("median-5", 5)] {
            let edge = grey(40, 40, |x, _| if x < 20 { 60.0 } else { 180.0 });
            assert_eq!(applied_once(name, &edge), edge, "{name}");
            let mut speckled = edge.clone();
            for y in (2..38).step_by(apart) {
                for x in (2..38).step_by(apart) {
                    speckled.y.samples_mut()[40 * y + x] = 255.0;
                }
            }
            speckled.v.samples_mut()[105] = 0.0;
            assert_eq!(applied_once(name, &speckled), edge, "{name}");
        }
    }

    #[test]
    fn unsharp_overshoots_at_a_step_in_proportion_to_its_amount() {
        let step = grey(40, 8, |x, _| if x < 20 { 80.0 } else { 120.0 });
        let overshoot = |name: &str| applied_once(name, &step).y.row(4)[20] - 120.0;
        // Beside the step a Gaussian sees half of the near sample's weight more than the far side: 40 (1/2 - w[0]/2).
        let bell: Vec<f64> = (0..=5)
            .map(|k| (-0.5 * (f64::from(k) / 1.5).powi(2)).exp())
            .collect();
        let weight = bell[0] / (2.0 * bell.iter().sum::<f64>() - bell[0]);
        let expected = 40.0 * (0.5 - weight / 2.0);
        for amount in [1.0, 2.0] {
            let found = f64::from(overshoot(&format!("unsharp-{amount}")));
            assert!((found - amount * expected).abs() < 1e-3, "{found}");
        }
        let flat = applied_once("unsharp-1", &step).y.row(0)[5];
        assert!((flat - 80.0).abs() < 1e-4);
    }

    #[test]
    fn deblock_removes_a_small_step_at_the_grid_and_nothing_else() {
        let stepped = |at: usize, step: f32| {
            let value = move |place: usize| if place < at { 100.0 } else { 100.0 + step };
            [
                grey(32, 32, move |x, _| value(x)),
                grey(32, 32, move |_, y| value(y)),
            ]
        };
        for picture in stepped(16, 3.0) {
            let out = applied_once("deblock-4", &picture).y;
            let line = |i| out.clamped(i, 5).max(out.clamped(5, i));
            let greatest = (0..31)
                .map(|i| (line(i + 1) - line(i)).abs())
                .fold(0.0, f32::max);
            assert!((greatest - 0.75).abs() < 1e-4, "{greatest}");
        }
        for picture in stepped(16, 30.0).iter().chain(&stepped(13, 3.0)) {
            assert_eq!(&applied_once("deblock-4", picture), picture);
        }
    }

    #[test]
    fn six_bits_leave_sixty_four_levels_no_further_than_half_a_step() {
        let picture = grey(64, 8, |x, y| (64 * y + x) as f32 / 2.0 - 0.3);
        let out = applied_once("bits-6", &picture);
        let mut levels: Vec<u32> = out.y.samples().iter().map(|&s| s as u32).collect();
        levels.sort_unstable();
        levels.dedup();
        assert_eq!(levels.len(), 64);
        for (before, after) in picture.y.samples().iter().zip(out.y.samples()) {
            assert!((before - after).abs() <= 2.0 || *before > 252.0);
        }
        assert!(out.u.samples().iter().all(|s| (s - NEUTRAL).abs() < 1e-6));
    }

    #[test]
    fn strengths_out_of_range_are_refused() {
        refused(&[
            "blur-0.2",
            "blur-11",
            "median-4",
            "unsharp-0",
            "deblock-0",
            "bits-8",
            "bits-0",
        ]);
    }
}
