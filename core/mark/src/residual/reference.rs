//! The host of one frame taken off by the registered reference's.
//!
//! ```text
//! r[i] = x[i] - g[d] y[i],   g[d] = <x, y> / <y, y> over the chips of diagonal d = u + v in blocks that are seen as a whole
//! r[i] = 0 and no part in g where block b is occluded: R[b] > 10 median R and R[b] > |g y|^2 / 2,
//!                            R[b] = sum of r[i]^2 over the block, with g of all blocks
//! r[i] = x~[i] - (g y)~[i]   of a block that the frame's border cuts: of what is seen of it, both alike ([`Part`])
//! ```
//!
//! Occluded blocks show something else: captions, logos, a hand. They would pull the gains down and leave the host everywhere. Cut blocks
//! take no part in the gains, and are occluded where the energy for each sample that is seen is.
//!
//! # Shapes and units
//! `[chip]`, code values of 8 bits.

use crate::inner::inner;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::Band;
use crate::lattice::dct::part::Window;
use crate::lattice::dct::slope::Slopes;
use crate::observe::mask_blocks;

use super::{Registered, chip_values, diagonals, local};

/// How many times the median energy of residuals an occluded block has at least.
const OCCLUSION_ENERGY_RATIO: f32 = 10.0;

/// The share of the reference's own energy that an occluded block's residual has at least.
const OCCLUSION_REFERENCE_SHARE: f32 = 0.5;

/// Takes the host off frames of one lattice.
pub(super) struct Host {
    lattice: LatticeGeometry,
    band: Band,
    slopes: Slopes,
    diagonals: Vec<usize>,
}

impl Host {
    pub(super) fn new(lattice: LatticeGeometry) -> Self {
        let band = Band::of_mark(lattice);
        Self {
            lattice,
            slopes: Slopes::new(&band),
            diagonals: diagonals(lattice),
            band,
        }
    }

    /// The clip's chips without the reference's, zero where the clip does not show the picture; and of each block the share that is seen.
    pub(super) fn taken_off(&self, pair: &Registered<'_>) -> (Vec<f32>, Vec<f32>) {
        let blocks = self.lattice.blocks();
        let x = chip_values(&pair.clip.coefficients);
        let mut y = chip_values(&pair.reference.coefficients).to_vec();
        mask_blocks(&mut y, blocks, &pair.clip.unseen);
        let mut gains = self.gains(x, &y);
        let mut values = self.without(x, &y, &gains);
        let mut seen = vec![1.0; blocks];
        mask_blocks(&mut seen, blocks, &pair.clip.unseen);
        let (left, explained) = energies(&values, x, blocks);
        let limit = OCCLUSION_ENERGY_RATIO * usual(&left);
        let occluded = occluded_blocks(&left, &explained, limit);
        if !occluded.is_empty() {
            let mut x = x.to_vec();
            mask_blocks(&mut x, blocks, &occluded);
            mask_blocks(&mut y, blocks, &occluded);
            mask_blocks(&mut seen, blocks, &occluded);
            gains = self.gains(&x, &y);
            values = self.without(&x, &y, &gains);
        }
        let whole = chip_values(&pair.reference.coefficients);
        let mut windows = Vec::new();
        let mut host = vec![0.0; self.band.len()];
        for (block, part, x) in pair.clip.parts.iter() {
            let block = block as usize;
            let window = part.window();
            let own = whole.iter().skip(block).step_by(blocks);
            for ((host, y), &d) in host.iter_mut().zip(own).zip(&self.diagonals) {
                *host = gains[d] * y;
            }
            window.of(&mut host, &self.band);
            let left: f32 = x.iter().zip(&host).map(|(x, y)| (x - y) * (x - y)).sum();
            let explained: f32 = host.iter().map(|y| y * y).sum();
            if is_occluded(left, explained, limit * window.share()) {
                continue;
            }
            let rows = values.chunks_exact_mut(blocks).zip(x).zip(&host);
            for ((row, x), host) in rows {
                row[block] = x - host;
            }
            let rows = y.chunks_exact_mut(blocks).zip(whole.chunks_exact(blocks));
            rows.for_each(|(row, whole)| row[block] = whole[block]);
            seen[block] = window.share();
            windows.push((block, window));
        }
        let regressors = self.regressors(y, &windows);
        local::take_off(self.lattice, &mut values, &regressors, &seen);
        (values, seen)
    }

    /// What the reference explains when it is a little brighter and a little beside its place: itself, and its slopes.
    fn regressors(&self, y: Vec<f32>, windows: &[(usize, Window)]) -> [Vec<f32>; local::TERMS] {
        let blocks = self.lattice.blocks();
        let [along, down] = self.slopes.of(&y, blocks);
        let mut all = [y, along, down];
        let mut own = vec![0.0; self.band.len()];
        for values in &mut all {
            for (block, window) in windows {
                let column = values.iter().skip(*block).step_by(blocks);
                own.iter_mut().zip(column).for_each(|(own, y)| *own = *y);
                window.of(&mut own, &self.band);
                let column = values.iter_mut().skip(*block).step_by(blocks);
                column.zip(&own).for_each(|(y, own)| *y = *own);
            }
        }
        all
    }

    /// The gain of each diagonal.
    fn gains(&self, x: &[f32], y: &[f32]) -> [f32; 16] {
        let blocks = self.lattice.blocks();
        let mut cross = [0.0_f64; 16];
        let mut energy = [0.0_f64; 16];
        for ((x, y), &d) in x
            .chunks_exact(blocks)
            .zip(y.chunks_exact(blocks))
            .zip(&self.diagonals)
        {
            cross[d] += inner(x, y);
            energy[d] += inner(y, y);
        }
        std::array::from_fn(|d| {
            if energy[d] > 0.0 {
                (cross[d] / energy[d]) as f32
            } else {
                0.0
            }
        })
    }

    /// `x - g y`.
    fn without(&self, x: &[f32], y: &[f32], gains: &[f32; 16]) -> Vec<f32> {
        let blocks = self.lattice.blocks();
        let mut values = x.to_vec();
        for ((values, y), &d) in values
            .chunks_exact_mut(blocks)
            .zip(y.chunks_exact(blocks))
            .zip(&self.diagonals)
        {
            for (value, y) in values.iter_mut().zip(y) {
                *value -= gains[d] * y;
            }
        }
        values
    }
}

/// Of each block the energy of its residuals, and of what the reference explains of `x`.
fn energies(residuals: &[f32], x: &[f32], blocks: usize) -> (Vec<f32>, Vec<f32>) {
    let mut left = vec![0.0_f32; blocks];
    let mut explained = vec![0.0_f32; blocks];
    for (residuals, x) in residuals.chunks_exact(blocks).zip(x.chunks_exact(blocks)) {
        let sums = left.iter_mut().zip(&mut explained);
        for ((r, x), (left, explained)) in residuals.iter().zip(x).zip(sums) {
            *left += r * r;
            *explained += (x - r) * (x - r);
        }
    }
    (left, explained)
}

/// The median energy of blocks that are seen; endless where none is.
fn usual(left: &[f32]) -> f32 {
    // Unseen blocks have no energy and must not count as quiet ones.
    let mut seen: Vec<f32> = left
        .iter()
        .copied()
        .filter(|energy| *energy > 0.0)
        .collect();
    if seen.is_empty() {
        return f32::INFINITY;
    }
    let middle = seen.len() / 2;
    *seen.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// Whether a block shows something else than the reference.
fn is_occluded(left: f32, explained: f32, limit: f32) -> bool {
    left > limit && left > OCCLUSION_REFERENCE_SHARE * explained
}

/// The blocks that show something else than the reference, ascending.
fn occluded_blocks(left: &[f32], explained: &[f32], limit: f32) -> Vec<u32> {
    (0_u32..)
        .zip(left.iter().zip(explained))
        .filter(|(_, (left, explained))| is_occluded(**left, **explained, limit))
        .map(|(block, _)| block)
        .collect()
}

#[cfg(test)]
mod tests;
