//! The points of lattice cells, looked up in a frame: a line of points at a time, a block's share of it together.
//!
//! ```text
//! (x, y) = P(u, v) / k - 1/2, held between the outermost means      m(x, y) bilinear      l(i) += (m_0 + m_1 + m_2 + m_3) / 16
//! ```
//!
//! # Shapes and units
//! `u`, `v`: shares of the master's sides. A block's share of a line is [`RUN`] points: the first of each of its [`BLOCK`] cells, then
//! the second of each, so that the points of a cell are added in their order and cells do not meet.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once more inside of a function with other instructions"
)]

use countermark_picture::BendRow;

use super::reduced::Reduced;
use crate::lattice::BLOCK;
use crate::lattice::cpu::CpuLevel;

/// Points across a lattice cell, in both directions.
pub(super) const POINTS: usize = 4;

/// Points of a block on a line.
pub(super) const RUN: usize = BLOCK * POINTS;

/// Added to a whole number below 2^31, it leaves that number in the low half of the bits.
const WHOLE: f64 = (1_u64 << 52) as f64;

/// Where the points of a line lie along the picture, block after block; a lattice has so many cells across.
pub(super) fn columns(width: usize) -> Vec<[f64; RUN]> {
    let step = 1.0 / (width * POINTS) as f64;
    let block = |col: usize| {
        std::array::from_fn(|k| {
            let (point, cell) = (k / BLOCK, k % BLOCK);
            (((col * BLOCK + cell) * POINTS + point) as f64 + 0.5) * step
        })
    };
    (0..width / BLOCK).map(block).collect()
}

/// A line of points, and how a frame shows it.
pub(super) struct PointRow<'a> {
    /// Row major, from the unit square to samples of the frame.
    pub(super) map: [f64; 9],
    /// Bends the picture before that.
    pub(super) bend: Option<BendRow>,
    /// Where the line lies.
    pub(super) v: f64,
    /// The frame.
    pub(super) reduced: &'a Reduced,
}

impl PointRow<'_> {
    /// Adds the points of a line to its cells, except in hidden blocks.
    pub(super) fn add(
        &self,
        columns: &[[f64; RUN]],
        hidden: &[bool],
        cells: &mut [f32],
        level: CpuLevel,
    ) {
        #[cfg(target_arch = "x86_64")]
        if level.has_avx2() {
            super::x86::add(self, columns, hidden, cells, level);
            return;
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = level;
        self.kernel(columns, hidden, cells);
    }

    /// Kernel of [`PointRow::add`].
    #[inline(always)]
    pub(super) fn kernel(&self, columns: &[[f64; RUN]], hidden: &[bool], cells: &mut [f32]) {
        let v = self.v;
        let blocks = cells.as_chunks_mut::<BLOCK>().0.iter_mut().zip(columns);
        let seen = blocks.zip(hidden).filter(|(_, hidden)| !**hidden);
        let seen = seen.map(|(block, _)| block);
        if let Some(bend) = &self.bend {
            seen.for_each(|(cells, us)| {
                let bent = |u: f64| {
                    let [right, down] = bend.at(u);
                    (u + right, v + down)
                };
                self.add_block(us, cells, bent, |w| 1.0 / w);
            });
        } else if self.map[6..] == [0.0, 0.0, 1.0] {
            // The same, without the division.
            seen.for_each(|(cells, us)| self.add_block(us, cells, |u| (u, v), |_| 1.0));
        } else {
            seen.for_each(|(cells, us)| self.add_block(us, cells, |u| (u, v), |w| 1.0 / w));
        }
    }

    #[inline(always)]
    fn add_block(
        &self,
        us: &[f64; RUN],
        cells: &mut [f32; BLOCK],
        bent: impl Fn(f64) -> (f64, f64),
        inverse: impl Fn(f64) -> f64,
    ) {
        let h = &self.map;
        let (width, height) = self.reduced.size();
        let (right, bottom) = ((width - 1) as f64, (height - 1) as f64);
        let (last_column, last_row) = (width as u32 - 1, height as u32 - 1);
        let scale = 1.0 / self.reduced.factor() as f64;
        // Not `clamp`, whose care for what is no number takes longer.
        let within = |at: f64, most: f64| {
            let at = if at > 0.0 { at } else { 0.0 };
            if at < most { at } else { most }
        };
        let whole = |floor: f64| (floor + WHOLE).to_bits() as u32;
        // Not `floor`, a call of a library where instructions for it are not known to be there.
        let floor = |at: f64| {
            let near = (at + WHOLE) - WHOLE;
            if near > at { near - 1.0 } else { near }
        };
        // Places first, all of a run at once; then samples, which no two have in common; then all of the run again.
        let mut shares = [[0.0_f32; RUN]; 2];
        let mut corners = [[0_u32; RUN]; 4];
        for k in 0..RUN {
            // As `Homography::project`, in the same order.
            let (x, y) = bent(us[k]);
            let per = inverse(h[6] * x + h[7] * y + h[8]);
            let at_x = (h[0] * x + h[1] * y + h[2]) * per;
            let at_y = (h[3] * x + h[4] * y + h[5]) * per;
            let at_x = within(at_x * scale - 0.5, right);
            let at_y = within(at_y * scale - 0.5, bottom);
            let (floor_x, floor_y) = (floor(at_x), floor(at_y));
            shares[0][k] = (at_x - floor_x) as f32;
            shares[1][k] = (at_y - floor_y) as f32;
            let (x0, y0) = (whole(floor_x), whole(floor_y));
            let x1 = (x0 + 1).min(last_column);
            let (y0, y1) = (y0 * width as u32, (y0 + 1).min(last_row) * width as u32);
            corners[0][k] = y0 + x0;
            corners[1][k] = y0 + x1;
            corners[2][k] = y1 + x0;
            corners[3][k] = y1 + x1;
        }
        let means = self.reduced.means();
        let mut levels = [[0.0_f32; RUN]; 4];
        for (levels, corners) in levels.iter_mut().zip(&corners) {
            for (level, &corner) in levels.iter_mut().zip(corners) {
                *level = means[corner as usize];
            }
        }
        let mut seen = [0.0_f32; RUN];
        for k in 0..RUN {
            let (fx, fy) = (shares[0][k], shares[1][k]);
            let top = levels[0][k] + fx * (levels[1][k] - levels[0][k]);
            let low = levels[2][k] + fx * (levels[3][k] - levels[2][k]);
            seen[k] = top + fy * (low - top);
        }
        let share = 1.0 / (POINTS * POINTS) as f32;
        for (cell, level) in cells.iter_mut().enumerate() {
            let sum = (1..POINTS).fold(seen[cell], |sum, point| sum + seen[point * BLOCK + cell]);
            *level += share * sum;
        }
    }
}
