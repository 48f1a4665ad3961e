//! Which samples of a small frame of the reference the parts of a print are the means of.
//!
//! ```text
//! mean of part b = 1/n sum over n points p of b of r(M^-1 p),     r bilinear,  M the map from the reference to the print
//! ```
//!
//! Points lie about as close as the samples, or a small motion changes the mean of the points and not that of the part.
//!
//! # Shapes and units
//! Samples as on the shelf, in 1/128 of a code value of 8 bits; means in code values.

use countermark_fingerprint::print::{MEANS, PARTS};
use countermark_picture::Homography;

/// Points of a part along each side.
const POINTS: usize = 8;
/// Parts of a print that must show the reference.
const LEAST_PARTS: usize = 6;
const LEVELS: f32 = 128.0;

/// What each part is the mean of.
pub(super) struct Samples {
    weights: Vec<Vec<(usize, f32)>>,
    /// Whether a part shows the reference.
    pub(super) parts: [bool; MEANS],
}

impl Samples {
    /// Through `map`, from a reference of `reference` columns and rows to a print; `small` and `size` are those of the small frames and of
    /// the print. None when the print shows next to nothing of the reference.
    pub(super) fn of(
        map: &Homography,
        reference: (usize, usize),
        (small, size): ((usize, usize), (usize, usize)),
    ) -> Option<Self> {
        let back = map.inverse()?;
        let mut weights = vec![0.0_f32; small.0 * small.1];
        let mut points: Vec<Vec<(usize, f32)>> = Vec::with_capacity(MEANS);
        let mut covered = [0_usize; MEANS];
        for (part, covered) in covered.iter_mut().enumerate() {
            let at = |index: usize, point: usize, side: usize| {
                (index as f64 + (point as f64 + 0.5) / POINTS as f64) / PARTS as f64 * side as f64
            };
            let mut touched = Vec::new();
            for point in 0..POINTS * POINTS {
                let x = at(part % PARTS, point % POINTS, size.0);
                let y = at(part / PARTS, point / POINTS, size.1);
                let Some((x, y)) = back.map((x, y)) else {
                    continue;
                };
                let x = x / reference.0 as f64 * small.0 as f64;
                let y = y / reference.1 as f64 * small.1 as f64;
                let inside =
                    (0.0..small.0 as f64).contains(&x) && (0.0..small.1 as f64).contains(&y);
                if inside {
                    *covered += 1;
                    for (at, weight) in taps((x, y), small) {
                        if weights[at] == 0.0 && weight > 0.0 {
                            touched.push(at);
                        }
                        weights[at] += weight;
                    }
                }
            }
            let all = (*covered).max(1) as f32 * LEVELS;
            touched.sort_unstable();
            let own = touched.into_iter();
            points.push(
                own.map(|at| (at, std::mem::take(&mut weights[at]) / all))
                    .collect(),
            );
        }
        let parts: [bool; MEANS] =
            std::array::from_fn(|part| 4 * covered[part] >= 3 * POINTS * POINTS);
        let seen = parts.iter().filter(|seen| **seen).count();
        (seen >= LEAST_PARTS).then_some(Self {
            weights: points,
            parts,
        })
    }

    /// The means of the parts of a small frame.
    pub(super) fn means(&self, frame: &[u16]) -> [f32; MEANS] {
        std::array::from_fn(|part| weighed(&self.weights[part], frame))
    }
}

/// A weighed sum of samples, four at once: one alone waits for the one before.
fn weighed(weights: &[(usize, f32)], samples: &[u16]) -> f32 {
    let mut sums = [0.0_f32; 4];
    let mut fours = weights.chunks_exact(4);
    for four in &mut fours {
        for lane in 0..4 {
            let (at, weight) = four[lane];
            sums[lane] += weight * f32::from(samples[at]);
        }
    }
    for &(at, weight) in fours.remainder() {
        sums[0] += weight * f32::from(samples[at]);
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// The four samples around a point of a small frame, and their weights.
fn taps((x, y): (f64, f64), (width, height): (usize, usize)) -> [(usize, f32); 4] {
    let split = |place: f64, side: usize| {
        let place = (place - 0.5).clamp(0.0, (side - 1) as f64);
        let first = (place.floor() as usize).min(side.saturating_sub(2));
        (
            first,
            (first + 1).min(side - 1),
            (place - first as f64) as f32,
        )
    };
    let ((left, right, u), (top, bottom, v)) = (split(x, width), split(y, height));
    [
        (top * width + left, (1.0 - u) * (1.0 - v)),
        (top * width + right, u * (1.0 - v)),
        (bottom * width + left, (1.0 - u) * v),
        (bottom * width + right, u * v),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_that_moves_by_a_part_of_a_sample_moves_the_means_as_much() {
        let (small, size) = ((64, 36), (512, 288));
        let whole = Homography::scaling(1.0, 1.0).expect("a map");
        let samples = Samples::of(&whole, size, (small, size)).expect("parts");
        assert_eq!(samples.parts, [true; MEANS]);
        // Bright from some column on: a part of eight columns has the share of it that is bright.
        for step in 0..32 {
            let edge = 24.5 + f64::from(step) / 4.0;
            let bright = |column: usize| (column as f64 + 1.0 - edge).clamp(0.0, 1.0) * 100.0;
            let frame: Vec<u16> = (0..64 * 36)
                .map(|at| (bright(at % 64) * f64::from(LEVELS)).round() as u16)
                .collect();
            let means = samples.means(&frame);
            for part in [3_usize, 4] {
                let expected = ((8.0 * (part as f64 + 1.0) - edge) / 8.0).clamp(0.0, 1.0) * 100.0;
                let off = f64::from(means[part]) - expected;
                // Samples at the sides of a part count a little for its neighbour.
                assert!(off.abs() < 1.7, "{edge} {part} {off}");
            }
        }
    }
}
