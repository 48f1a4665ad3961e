//! What a feature looks like: histograms of gradient directions on a 4 x 4 grid turned with it.
//!
//! ```text
//! h[r, c, b] = sum magnitude * exp(-(u^2 + v^2) / 8) * trilinear(r - v - 3/2, c - u - 3/2, b - 8 (direction - angle))
//! (u, v)     = R(-angle) (dx, dy) / (3 sigma)
//! d          = 512 sqrt(h' / |h'|_1),    h' = min(h / |h|_2, 0.2)
//! ```
//!
//! # Shapes and units
//! 128 bytes, `[row][column][direction]`. All descriptors have nearly the same Euclidean norm of 512, so a squared distance
//! runs from 0 to about 2 * 512^2.
//! # References
//! D. G. Lowe, IJCV 60 (2004), section 6; R. Arandjelovic, A. Zisserman, Three things everyone should know to improve
//! object retrieval, CVPR (2012), section 2.

use super::gradients::{Gradients, Window};
use crate::elementary::cos_sin;

/// Cells a side.
const CELLS: usize = 4;
/// Directions a cell.
const DIRECTIONS: usize = 8;
/// Bytes.
const LENGTH: usize = CELLS * CELLS * DIRECTIONS;
/// A rim of one cell around the grid takes what is shared with cells outside.
const RIMMED: usize = CELLS + 2;

/// Side of a cell, in sigmas.
const CELL_SIGMAS: f64 = 3.0;

/// No direction may hold a larger share of the Euclidean norm.
const CLIP: f32 = 0.2;

/// Euclidean norm of all descriptors.
const NORM: f32 = 512.0;

/// The surroundings of a feature, free of its place, size, turn, brightness and contrast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor([u8; LENGTH]);

impl Descriptor {
    /// The bytes, `[row][column][direction]`.
    #[must_use]
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Descriptors as they were stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// Squared Euclidean distance, at most 128 * 255^2.
    #[must_use]
    pub fn distance_squared(&self, other: &Self) -> u32 {
        let pairs = self.0.iter().zip(&other.0);
        pairs
            .map(|(&a, &b)| u32::from(a.abs_diff(b)) * u32::from(a.abs_diff(b)))
            .sum()
    }

    /// Of the mirrored picture: rows across the feature's axis change sides, directions change sign.
    pub(super) fn mirrored(&self) -> Self {
        Self(std::array::from_fn(|i| {
            let (row, column) = (i / (CELLS * DIRECTIONS), i / DIRECTIONS % CELLS);
            let direction = (DIRECTIONS - i % DIRECTIONS) % DIRECTIONS;
            self.0[((CELLS - 1 - row) * CELLS + column) * DIRECTIONS + direction]
        }))
    }

    /// Around a point of a plane, turned by `angle` turns; none without any gradient.
    pub(super) fn new(
        gradients: &Gradients,
        x: f64,
        y: f64,
        sigma: f64,
        angle: f64,
    ) -> Option<Self> {
        let histogram = histogram(gradients, x, y, sigma, angle);
        let mut cells = [0.0_f32; LENGTH];
        for (i, cell) in cells.iter_mut().enumerate() {
            let (row, column) = (i / (CELLS * DIRECTIONS) + 1, i / DIRECTIONS % CELLS + 1);
            *cell = histogram[(row * RIMMED + column) * DIRECTIONS + i % DIRECTIONS];
        }
        let length = cells.iter().map(|c| c * c).sum::<f32>().sqrt();
        if length < 1e-3 {
            return None;
        }
        for cell in &mut cells {
            *cell = (*cell / length).min(CLIP);
        }
        let sum: f32 = cells.iter().sum();
        Some(Self(cells.map(|cell| {
            ((cell / sum).sqrt() * NORM + 0.5).min(255.0) as u8
        })))
    }
}

/// The grid with its rim, before any normalisation.
fn histogram(
    gradients: &Gradients,
    x: f64,
    y: f64,
    sigma: f64,
    angle: f64,
) -> [f32; RIMMED * RIMMED * DIRECTIONS] {
    let cell = CELL_SIGMAS * sigma;
    // Half the diagonal of the grid and the half cell around it.
    let radius = cell * std::f64::consts::FRAC_1_SQRT_2 * (CELLS + 1) as f64;
    let gauss = cell * CELLS as f64 / 2.0;
    let columns = Window::new(x, radius, gauss, gradients.magnitude.width);
    let rows = Window::new(y, radius, gauss, gradients.magnitude.height);
    let (cos, sin) = cos_sin(angle);
    let (cos, sin) = ((cos / cell) as f32, (sin / cell) as f32);
    let angle = angle.rem_euclid(1.0) as f32;
    let middle = CELLS as f32 / 2.0 + 0.5;
    let limit = 0.0..(CELLS + 1) as f32;
    let mut bins = [0.0_f32; RIMMED * RIMMED * DIRECTIONS];
    for (row, &row_weight) in (rows.first..).zip(&rows.weights) {
        let dy = (row as f64 - y) as f32;
        let span = columns.first..columns.first + columns.weights.len();
        let magnitudes = &gradients.magnitude.row(row)[span.clone()];
        let directions = &gradients.direction.row(row)[span];
        let samples = magnitudes.iter().zip(directions).zip(&columns.weights);
        for (column, ((magnitude, turns), weight)) in (columns.first..).zip(samples) {
            let dx = (column as f64 - x) as f32;
            let u = cos * dx + sin * dy + middle;
            let v = cos * dy - sin * dx + middle;
            if !limit.contains(&u) || !limit.contains(&v) {
                continue;
            }
            let turned = (turns - angle) * DIRECTIONS as f32 + DIRECTIONS as f32;
            let (u0, v0, t0) = (u as usize, v as usize, turned as usize);
            let (fu, fv, ft) = (u - u0 as f32, v - v0 as f32, turned - t0 as f32);
            let weight = magnitude * (weight * row_weight);
            let (t0, t1) = (t0 % DIRECTIONS, (t0 + 1) % DIRECTIONS);
            for (v, share) in [(v0, 1.0 - fv), (v0 + 1, fv)] {
                for (u, share) in [(u0, share * (1.0 - fu)), (u0 + 1, share * fu)] {
                    let cell = &mut bins[(v * RIMMED + u) * DIRECTIONS..][..DIRECTIONS];
                    cell[t0] += weight * share * (1.0 - ft);
                    cell[t1] += weight * share * ft;
                }
            }
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_mirrors_twice_into_itself() {
        let some = Descriptor(std::array::from_fn(|i| i as u8));
        assert_ne!(some.mirrored(), some);
        assert_eq!(some.mirrored().mirrored(), some);
        assert_eq!(some.distance_squared(&some), 0);
    }

    #[test]
    fn the_largest_distance_does_not_overflow() {
        let (black, white) = (Descriptor([0; LENGTH]), Descriptor([255; LENGTH]));
        assert_eq!(black.distance_squared(&white), 128 * 255 * 255);
    }
}
