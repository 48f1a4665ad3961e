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

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once for each instruction set"
)]

use super::gradients::{Gradients, Window};
use super::x86;
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

    /// Of the negative: every gradient points the other way, and so does the prevailing one. Seen from that, the grid is turned
    /// by half a turn and its directions stay.
    pub(super) fn negative(&self) -> Self {
        Self(std::array::from_fn(|i| {
            let (cell, direction) = (i / DIRECTIONS, i % DIRECTIONS);
            self.0[(CELLS * CELLS - 1 - cell) * DIRECTIONS + direction]
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
        let mut histogram = EMPTY;
        let grid = Grid::new(gradients, (x, y), sigma, angle);
        x86::gather(gradients, &grid, &mut histogram);
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
pub(super) type Histogram = [f32; RIMMED * RIMMED * DIRECTIONS];

/// Of nothing.
pub(super) const EMPTY: Histogram = [0.0; RIMMED * RIMMED * DIRECTIONS];

/// Where the samples of a plane lie in the grid.
pub(super) struct Grid {
    x: f64,
    y: f64,
    columns: Window,
    rows: Window,
    /// Of the angle, in cells a sample.
    cos: f32,
    sin: f32,
    /// Turns.
    angle: f32,
}

/// Cells from the rim's outer edge to the middle of the grid.
const MIDDLE: f32 = CELLS as f32 / 2.0 + 0.5;

/// Places from here on, in cells, share nothing with any cell of the grid.
const LIMIT: f32 = (CELLS + 1) as f32;

impl Grid {
    /// Around a point, turned by `angle` turns.
    pub(super) fn new(gradients: &Gradients, (x, y): (f64, f64), sigma: f64, angle: f64) -> Self {
        let cell = CELL_SIGMAS * sigma;
        // Half the diagonal of the grid and the half cell around it.
        let radius = cell * std::f64::consts::FRAC_1_SQRT_2 * (CELLS + 1) as f64;
        let gauss = cell * CELLS as f64 / 2.0;
        let (cos, sin) = cos_sin(angle);
        Self {
            x,
            y,
            columns: Window::new(x, radius, gauss, gradients.magnitude.width),
            rows: Window::new(y, radius, gauss, gradients.magnitude.height),
            cos: (cos / cell) as f32,
            sin: (sin / cell) as f32,
            angle: angle.rem_euclid(1.0) as f32,
        }
    }

    /// The columns of a row that may lie in the grid, counted from the window's first: those between the two edges that the row
    /// crosses, and one more on either side for what rounding hides.
    fn crossed(&self, dy: f32) -> std::ops::Range<usize> {
        let mut ends = [f32::NEG_INFINITY, f32::INFINITY];
        for (slope, offset) in [(self.cos, self.sin * dy), (-self.sin, self.cos * dy)] {
            let (near, far) = (-MIDDLE - offset, LIMIT - MIDDLE - offset);
            // A row along an edge crosses it nowhere near the window.
            if slope.abs() > 1e-5 {
                let (a, b) = (near / slope, far / slope);
                ends = [ends[0].max(a.min(b)), ends[1].min(a.max(b))];
            }
        }
        let start = (self.columns.first as f64 - self.x) as f32;
        let count = self.columns.weights.len();
        // What is below zero becomes zero.
        let first = (ends[0] - start - 1.0).floor() as usize;
        let last = (ends[1] - start + 2.0).ceil() as usize;
        first.min(count)..last.clamp(first.min(count), count)
    }
}

/// Samples of a row that are weighed together.
const LANES: usize = 16;

/// What samples of a row add to the grid.
struct Shares {
    is_inside: [bool; LANES],
    /// The cell nearest to the rim's first corner that takes a share.
    row: [i32; LANES],
    column: [i32; LANES],
    /// The first direction that takes a share, counted on.
    turned: [i32; LANES],
    /// `[cell][direction]`: cells row by row.
    weights: [[[f32; LANES]; 2]; 4],
}

impl Shares {
    /// Of no sample.
    const NONE: Self = Self {
        is_inside: [false; LANES],
        row: [0; LANES],
        column: [0; LANES],
        turned: [0; LANES],
        weights: [[[0.0; LANES]; 2]; 4],
    };

    /// Takes the samples from `first` on in the row `dy` below the point; the last ones may be beyond what is there, with no
    /// magnitude. In the same memory each time: clearing and copying it took as long as the sums.
    #[inline(always)]
    fn take(
        &mut self,
        grid: &Grid,
        (first, dy): (usize, f32),
        [magnitudes, turns, weights]: [&[f32; LANES]; 3],
        row_weight: f32,
    ) {
        let (cos, sin) = (grid.cos, grid.sin);
        let limit = 0.0..LIMIT;
        for i in 0..LANES {
            let dx = ((first + i) as f64 - grid.x) as f32;
            let u = cos * dx + sin * dy + MIDDLE;
            let v = cos * dy - sin * dx + MIDDLE;
            self.is_inside[i] = limit.contains(&u) & limit.contains(&v);
            let turned = (turns[i] - grid.angle) * DIRECTIONS as f32 + DIRECTIONS as f32;
            let (u0, v0, t0) = (u.floor(), v.floor(), turned.floor());
            let (fu, fv, ft) = (u - u0, v - v0, turned - t0);
            let weight = magnitudes[i] * (weights[i] * row_weight);
            let near = 1.0 - fv;
            let cells = [near * (1.0 - fu), near * fu, fv * (1.0 - fu), fv * fu];
            for (cell, share) in cells.into_iter().enumerate() {
                self.weights[cell][0][i] = weight * share * (1.0 - ft);
                self.weights[cell][1][i] = weight * share * ft;
            }
            (self.row[i], self.column[i]) = (v0 as i32, u0 as i32);
            self.turned[i] = t0 as i32;
        }
    }

    #[inline(always)]
    fn add(&self, count: usize, bins: &mut Histogram) {
        for i in 0..count {
            if !self.is_inside[i] {
                continue;
            }
            let turned = self.turned[i] as usize;
            let (t0, t1) = (turned % DIRECTIONS, (turned + 1) % DIRECTIONS);
            let first = self.row[i] as usize * RIMMED + self.column[i] as usize;
            for (weights, cell) in self.weights.iter().zip([0, 1, RIMMED, RIMMED + 1]) {
                let cell = &mut bins[(first + cell) * DIRECTIONS..][..DIRECTIONS];
                cell[t0] += weights[0][i];
                cell[t1] += weights[1][i];
            }
        }
    }
}

/// Adds the gradients of a plane to the cells of a grid.
#[inline(always)]
pub(super) fn gathered(gradients: &Gradients, grid: &Grid, bins: &mut Histogram) {
    let Grid { columns, rows, .. } = grid;
    let mut lanes = [[0.0_f32; LANES]; 3];
    let mut shares = Shares::NONE;
    for (row, &row_weight) in (rows.first..).zip(&rows.weights) {
        let dy = (row as f64 - grid.y) as f32;
        let crossed = grid.crossed(dy);
        let begin = columns.first + crossed.start;
        let span = begin..columns.first + crossed.end;
        let magnitudes = gradients.magnitude.row(row)[span.clone()].chunks(LANES);
        let directions = gradients.direction.row(row)[span].chunks(LANES);
        let weights = columns.weights[crossed].chunks(LANES);
        let chunks = magnitudes.zip(directions).zip(weights);
        for (first, ((magnitudes, turns), weights)) in (begin..).step_by(LANES).zip(chunks) {
            let count = magnitudes.len();
            for (lane, chunk) in lanes.iter_mut().zip([magnitudes, turns, weights]) {
                match <&[f32; LANES]>::try_from(chunk) {
                    Ok(whole) => *lane = *whole,
                    Err(_) => lane[..count].copy_from_slice(chunk),
                }
            }
            let [magnitudes, turns, weights] = &lanes;
            shares.take(grid, (first, dy), [magnitudes, turns, weights], row_weight);
            shares.add(count, bins);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_within_the_grid_is_left_out() {
        let mut gradients = Gradients::default();
        gradients.magnitude.resize(200, 150);
        gradients.direction.resize(200, 150);
        for number in 0..400 {
            let of = |factor: f64| (f64::from(number) * factor).fract();
            let (x, y) = (200.0 * of(0.618), 150.0 * of(0.732));
            // Level and upright ones as well.
            let angle = if number % 10 == 0 {
                f64::from(number % 40) / 40.0
            } else {
                of(0.4142)
            };
            let grid = Grid::new(&gradients, (x, y), 1.6 + 4.0 * of(0.236), angle);
            for row in grid.rows.first..grid.rows.first + grid.rows.weights.len() {
                let dy = (row as f64 - y) as f32;
                let crossed = grid.crossed(dy);
                for index in 0..grid.columns.weights.len() {
                    let dx = ((grid.columns.first + index) as f64 - x) as f32;
                    let u = grid.cos * dx + grid.sin * dy + MIDDLE;
                    let v = grid.cos * dy - grid.sin * dx + MIDDLE;
                    let is_inside = (0.0..LIMIT).contains(&u) && (0.0..LIMIT).contains(&v);
                    assert!(
                        !is_inside || crossed.contains(&index),
                        "{number} {row} {index}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_descriptor_mirrors_twice_into_itself() {
        let some = Descriptor(std::array::from_fn(|i| i as u8));
        assert_ne!(some.mirrored(), some);
        assert_eq!(some.mirrored().mirrored(), some);
        assert_ne!(some.negative(), some);
        assert_eq!(some.negative().negative(), some);
        assert_eq!(some.distance_squared(&some), 0);
    }

    #[test]
    fn the_largest_distance_does_not_overflow() {
        let (black, white) = (Descriptor([0; LENGTH]), Descriptor([255; LENGTH]));
        assert_eq!(black.distance_squared(&white), 128 * 255 * 255);
    }
}
