//! From a frame that shows the master's picture in any perspective to the lattice.
//!
//! ```text
//! l(i, j) = mean over the 4 x 4 points (u, v) of lattice cell (i, j) of frame(P(u, v)),  frame bilinear between means of k x k
//! k       = largest with four or more means across a cell, at least 1
//! ```
//!
//! A picture that is bent is looked up at `P(B(u, v))` instead, `B` a smooth field that folds nothing.
//!
//! So a cell is averaged over what it covers in the frame, as the embedder's lattice averages over what it covers in the
//! master. A block that leaves the frame, even in part, is unseen: its coefficients are zero. What is seen of those that the frame's
//! border cuts, cell by cell, stands beside them ([`Parts`]).
//!
//! # Shapes and units
//! `P` maps the master's picture, `[0, 1] x [0, 1]`, to samples of the frame; the centre of sample `(i, j)` is
//! `(i + 1/2, j + 1/2)`.
//! # Determinism
//! f64 for places, f32 for samples, fixed order, no fused multiply-add.

mod points;
mod reduced;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::Arc;

use countermark_picture::{Bend, Homography};
use rayon::prelude::*;

use super::parts::Parts;
use super::{Observation, ObserveError, mask_blocks};
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::part::Part;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::{BLOCK, LatticeGeometry, LatticePlane};
use countermark_picture::{PlaneView, Sample};
use points::{POINTS, PointRow};
use reduced::Reduced;

/// Cells of a cut block that a frame shows at least: fewer say next to nothing.
const LEAST_CELLS: u32 = 8;

/// Maps the unit square of the master's picture to samples of a frame.
#[derive(Clone, PartialEq, Debug)]
pub struct Projection {
    map: Homography,
    bend: Option<Arc<Bend>>,
}

impl Projection {
    /// A map; none unless the whole picture lies before its horizon.
    #[must_use]
    pub fn new(map: Homography) -> Option<Self> {
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let sound = corners.into_iter().all(|corner| map.depth(corner) > 0.0);
        sound.then_some(Self { map, bend: None })
    }

    /// The same of a picture that is bent first.
    #[must_use]
    pub fn bent(mut self, bend: Option<Arc<Bend>>) -> Self {
        self.bend = bend;
        self
    }

    /// Where a point of the picture lies in the frame.
    #[inline]
    #[must_use]
    pub fn map(&self, u: f64, v: f64) -> (f64, f64) {
        let at = match &self.bend {
            Some(bend) => bend.map((u, v)),
            None => (u, v),
        };
        self.map.project(at)
    }

    /// Samples of the frame across a cell of the lattice, in the middle of the picture and the direction where they are
    /// fewest.
    fn samples_across(&self, lattice: LatticeGeometry) -> f64 {
        let step = (1.0 / lattice.width() as f64, 1.0 / lattice.height() as f64);
        let (x, y) = self.map(0.5, 0.5);
        let far = |(a, b): (f64, f64)| ((a - x) * (a - x) + (b - y) * (b - y)).sqrt();
        far(self.map(0.5 + step.0, 0.5)).min(far(self.map(0.5, 0.5 + step.1)))
    }
}

/// Puts frames on a lattice through projections, of which each frame may have its own.
#[derive(Clone, Debug)]
pub struct ProjectedSampler {
    lattice: LatticeGeometry,
    dct: BlockDct,
    band: Band,
    /// The band without the mean.
    mark: Band,
    plane: LatticePlane,
    reduced: Reduced,
    level: CpuLevel,
}

impl ProjectedSampler {
    /// Prepares for a lattice.
    #[must_use]
    pub fn new(lattice: LatticeGeometry, level: CpuLevel) -> Self {
        Self {
            lattice,
            dct: BlockDct::new(lattice, level),
            band: Band::observed(lattice),
            mark: Band::of_mark(lattice),
            plane: LatticePlane::new(lattice),
            reduced: Reduced::default(),
            level,
        }
    }

    /// The coefficients of a frame that shows the master's picture as `projection` says.
    ///
    /// # Errors
    /// [`ObserveError::Unseen`] when no block of the lattice lies in the frame.
    pub fn observe<T: Sample>(
        &mut self,
        frame: &PlaneView<'_, T>,
        projection: &Projection,
        media_time: f64,
    ) -> Result<Observation, ObserveError> {
        let size = (frame.geometry().width(), frame.geometry().height());
        let unseen = self.unseen(projection, size);
        if unseen.len() == self.lattice.blocks() {
            return Err(ObserveError::Unseen {
                width: size.0,
                height: size.1,
            });
        }
        self.reduced.take(
            frame,
            (projection.samples_across(self.lattice) / POINTS as f64) as usize,
        );
        let cut = self.cut(projection, size, &unseen);
        self.fill(projection, &unseen, &cut);
        let mut coefficients = CoefficientPlane::new(self.lattice, &self.band);
        self.dct
            .forward_band(&self.plane, &self.band, &mut coefficients);
        mask_blocks(coefficients.values_mut(), self.lattice.blocks(), &unseen);
        Ok(Observation {
            media_time,
            coefficients,
            unseen,
            parts: Parts::of(&self.plane, cut, &self.mark),
        })
    }

    /// The blocks with a corner outside the frame: maps of lines are lines, so the others lie inside as a whole; what bends by far
    /// more than a block hardly bends a side of one.
    fn unseen(&self, projection: &Projection, size: (usize, usize)) -> Vec<u32> {
        let (cols, rows) = (self.lattice.cols(), self.lattice.rows());
        let seen: Vec<bool> = (0..=rows)
            .flat_map(|row| (0..=cols).map(move |col| (col, row)))
            .map(|(col, row)| {
                let (x, y) = projection.map(col as f64 / cols as f64, row as f64 / rows as f64);
                is_within((x, y), size)
            })
            .collect();
        let corner = |col: usize, row: usize| seen[row * (cols + 1) + col];
        (0..cols * rows)
            .filter(|block| {
                let (col, row) = (block % cols, block / cols);
                let all = corner(col, row)
                    && corner(col + 1, row)
                    && corner(col, row + 1)
                    && corner(col + 1, row + 1);
                !all
            })
            .map(|block| block as u32)
            .collect()
    }

    /// What the frame shows of unseen blocks, cell by cell: those whose four corners it holds.
    fn cut(
        &self,
        projection: &Projection,
        size: (usize, usize),
        unseen: &[u32],
    ) -> Vec<(u32, Part)> {
        let (cols, width, height) = (
            self.lattice.cols(),
            self.lattice.width() as f64,
            self.lattice.height() as f64,
        );
        let of = |&block: &u32| {
            let (row, col) = (block as usize / cols, block as usize % cols);
            let holds = |y: usize, x: usize| {
                let (u, v) = ((col * BLOCK + x) as f64, (row * BLOCK + y) as f64);
                is_within(projection.map(u / width, v / height), size)
            };
            // Most unseen blocks lie beside the frame as a whole.
            let corners = [(0, 0), (0, BLOCK), (BLOCK, 0), (BLOCK, BLOCK)];
            if !corners.into_iter().any(|(y, x)| holds(y, x)) {
                return None;
            }
            let grid: [[bool; BLOCK + 1]; BLOCK + 1] =
                std::array::from_fn(|y| std::array::from_fn(|x| holds(y, x)));
            let cells = (0..BLOCK * BLOCK).filter(|cell| {
                let (y, x) = (cell / BLOCK, cell % BLOCK);
                grid[y][x] && grid[y][x + 1] && grid[y + 1][x] && grid[y + 1][x + 1]
            });
            let part = Part::new(cells.fold(0, |seen, cell| seen | 1 << cell))?;
            (part.samples() >= LEAST_CELLS).then_some((block, part))
        };
        unseen.iter().filter_map(of).collect()
    }

    /// Line by line on all threads: lines do not depend on each other.
    fn fill(&mut self, projection: &Projection, unseen: &[u32], cut: &[(u32, Part)]) {
        let (cols, width, height) = (
            self.lattice.cols(),
            self.lattice.width(),
            self.lattice.height(),
        );
        let mut hidden = vec![false; self.lattice.blocks()];
        for &block in unseen {
            hidden[block as usize] = true;
        }
        for &(block, _) in cut {
            hidden[block as usize] = false;
        }
        let columns = points::columns(width);
        let step = 1.0 / (height * POINTS) as f64;
        let (reduced, level) = (&self.reduced, self.level);
        let lines = self.plane.samples_mut().par_chunks_exact_mut(width);
        lines.enumerate().for_each(|(j, line)| {
            line.fill(0.0);
            let blocks = &hidden[j / BLOCK * cols..][..cols];
            for point in 0..POINTS {
                let v = ((j * POINTS + point) as f64 + 0.5) * step;
                let row = PointRow {
                    map: projection.map.matrix(),
                    bend: projection.bend.as_ref().map(|bend| bend.row(v)),
                    v,
                    reduced,
                };
                row.add(&columns, blocks, line, level);
            }
        });
    }
}

/// Half a sample of tolerance: a frame that shows the whole picture must show its border blocks.
fn is_within((x, y): (f64, f64), size: (usize, usize)) -> bool {
    x > -0.5 && y > -0.5 && x < size.0 as f64 + 0.5 && y < size.1 as f64 + 0.5
}

#[cfg(test)]
mod tests;
