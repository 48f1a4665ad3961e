//! The grid of one linear geometry, laid over residuals.
//!
//! ```text
//! (x, y) = c + A ((i, j) - (I, J) / 2)          grid point (i, j) of I x J, c the middle of the stack
//! ```
//!
//! # Shapes and units
//! Grid points are `step` lattice samples apart; places in samples of the stack. A point takes the mean over about a step:
//! the planes are softened first.

use rayon::prelude::*;

use super::super::hypothesis::{TransformHypothesis, start_seconds};
use super::super::pose::LatticePose;
use super::super::spectrum::{Fourier, Values, set};
use super::super::whitened::{WhitenedResidual, WhitenedResiduals, box_mean};
use crate::format::FormatSpec;
use crate::lattice::LatticeGeometry;

/// Residuals summed over quarters of a second, and softened for sampling with steps of some length.
#[derive(Clone, Debug)]
pub struct Quarters {
    factor: usize,
    origin: (usize, usize),
    width: usize,
    height: usize,
    pub(super) sums: Vec<WhitenedResidual>,
    /// The softening in use: its reach, and the planes.
    pub(super) softened: (usize, Vec<Vec<f32>>),
}

impl Quarters {
    /// Sums the residuals of a stack over halves of a format's epoch.
    #[must_use]
    pub fn new(residuals: &WhitenedResiduals, format: &FormatSpec) -> Self {
        let start_seconds = start_seconds(format);
        let mut quarters: Vec<(u64, f64, WhitenedResidual)> = Vec::new();
        for residual in &residuals.windows {
            let number = (residual.time / start_seconds).max(0.0) as u64;
            match quarters.last_mut() {
                Some((last, members, sum)) if *last == number => {
                    *members += 1.0;
                    sum.time += (residual.time - sum.time) / *members;
                    let planes = sum.plane.iter_mut().zip(&residual.plane);
                    planes.for_each(|(sum, r)| *sum += r);
                }
                _ => quarters.push((number, 1.0, residual.clone())),
            }
        }
        Self {
            factor: residuals.factor,
            origin: residuals.origin,
            width: residuals.width,
            height: residuals.height,
            sums: quarters.into_iter().map(|(_, _, sum)| sum).collect(),
            softened: (usize::MAX, Vec::new()),
        }
    }

    /// Softens the planes for steps of that many samples of the stack: about the mean over a step.
    fn soften(&mut self, step: f64) {
        let reach = ((step - 1.0) / 2.0).round().max(0.0) as usize;
        if self.softened.0 != reach {
            let width = self.width;
            let planes = self.sums.par_iter();
            let soft = planes.map(|quarter| box_mean(&quarter.plane, width, reach));
            self.softened = (reach, soft.collect());
        }
    }
}

/// Where the points of a grid lie in the stack.
pub(super) struct Grid {
    /// Columns and rows of the grid that the clip covers.
    covered: (usize, usize),
    /// Samples of the stack for a step of the grid.
    linear: [f64; 4],
    /// Middle of the planes, and where they begin in the stack.
    centre: (f64, f64),
    origin: (f64, f64),
    factor: f64,
    /// Lattice samples from one point to the next.
    step: usize,
    columns: usize,
    points: Vec<Point>,
}

/// A point between four samples of the stack, and its place in the transform.
struct Point {
    place: u32,
    sample: u32,
    right: f32,
    down: f32,
}

impl Grid {
    pub(super) fn new(
        fourier: &Fourier,
        step: usize,
        quarters: &mut Quarters,
        hypothesis: TransformHypothesis,
    ) -> Self {
        let factor = quarters.factor as f64;
        let a = hypothesis.linear.map(|a| a * step as f64 / factor);
        let across = |x: f64, y: f64| (x * x + y * y).sqrt();
        quarters.soften(across(a[0], a[2]).max(across(a[1], a[3])));
        let (width, height) = (quarters.width, quarters.height);
        let determinant = a[0] * a[3] - a[1] * a[2];
        let extent = |p: f64, q: f64, most: usize| {
            let extent = (p.abs() * width as f64 + q.abs() * height as f64) / determinant.abs();
            (extent as usize).clamp(1, most)
        };
        let mut grid = Self {
            covered: (
                extent(a[3], a[1], fourier.width),
                extent(a[2], a[0], fourier.height),
            ),
            linear: a,
            centre: (width as f64 / 2.0, height as f64 / 2.0),
            origin: (quarters.origin.0 as f64, quarters.origin.1 as f64),
            factor,
            step,
            columns: fourier.width,
            points: Vec::new(),
        };
        grid.points = grid.points_in(width, height);
        grid
    }

    fn points_in(&self, width: usize, height: usize) -> Vec<Point> {
        let (columns, rows) = self.covered;
        let a = &self.linear;
        let mut points = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let i = column as f64 + 0.5 - columns as f64 / 2.0;
                let j = row as f64 + 0.5 - rows as f64 / 2.0;
                let x = self.centre.0 + a[0] * i + a[1] * j - 0.5;
                let y = self.centre.1 + a[2] * i + a[3] * j - 0.5;
                if x < 0.0 || y < 0.0 || x >= (width - 1) as f64 || y >= (height - 1) as f64 {
                    continue;
                }
                let (left, top) = (x as usize, y as usize);
                points.push(Point {
                    place: (row * self.columns + column) as u32,
                    sample: (top * width + left) as u32,
                    right: (x - left as f64) as f32,
                    down: (y - top as f64) as f32,
                });
            }
        }
        points
    }

    fn stride(&self) -> usize {
        (2.0 * self.centre.0) as usize
    }

    pub(super) fn lay(&self, residual: &[f32], lane: usize, plane: &mut [Values]) {
        let stride = self.stride();
        for point in &self.points {
            let at = point.sample as usize;
            let line = |at: usize| residual[at] + point.right * (residual[at + 1] - residual[at]);
            let (top, bottom) = (line(at), line(at + stride));
            set(
                &mut plane[point.place as usize],
                lane,
                top + point.down * (bottom - top),
            );
        }
    }

    /// The pose of a peak at a place of the correlation.
    pub(super) fn pose(
        &self,
        fourier: &Fourier,
        lattice: LatticeGeometry,
        place: usize,
    ) -> LatticePose {
        let step = self.step as f64;
        let shift = |at: usize, length: usize, covered: usize, lattice: usize| {
            // Shifts are known modulo the transform: the one that shows more of the picture.
            let shown =
                |shift: f64| (shift + covered as f64).min(lattice as f64 / step) - shift.max(0.0);
            let (here, before) = (at as f64, at as f64 - length as f64);
            if shown(before) > shown(here) {
                before
            } else {
                here
            }
        };
        let dx = shift(
            place % self.columns,
            fourier.width,
            self.covered.0,
            lattice.width(),
        );
        let dy = shift(
            place / self.columns,
            fourier.height,
            self.covered.1,
            lattice.height(),
        );
        let middle = (
            (dx + self.covered.0 as f64 / 2.0) * step,
            (dy + self.covered.1 as f64 / 2.0) * step,
        );
        let a = self.linear.map(|a| a * self.factor / step);
        let x = (self.origin.0 + self.centre.0) * self.factor;
        let y = (self.origin.1 + self.centre.1) * self.factor;
        LatticePose::affine(
            lattice,
            [
                a[0],
                a[1],
                x - a[0] * middle.0 - a[1] * middle.1,
                a[2],
                a[3],
                y - a[2] * middle.0 - a[3] * middle.1,
            ],
        )
    }
}
