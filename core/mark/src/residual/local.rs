//! The host that one gain for the whole frame leaves: what is a little off, and what is a little brighter, here and there.
//!
//! ```text
//! r'[i] = r[i] - q (g y[i] + p y'x[i] + o y'y[i])       g, p, o least squares of r over block b and its eight neighbours,
//!                                                      then once more of what is left over block b alone
//! q     = max(0, 1 - 24 s^2 / E),   E = what they explain of r,   s^2 = what they do not, for each free value
//! ```
//!
//! `y'x` and `y'y` are the reference's slopes ([`crate::lattice::dct::slope`]): `p` and `o` are by how much of a sample of the lattice the
//! neighbourhood lies beside the map of its frame. Lenses, rolling shutters, bends below what a map follows and motion that an encoder
//! coded roughly leave a tenth of a sample or two, which at an edge is more than the mark. `q` shrinks what chance would explain as well
//! (James and Stein): three values fitted to noise explain `3 s^2` of it on average, so nothing is taken off below eight times that, and of the mark
//! next to nothing.
//!
//! # Shapes and units
//! `[coefficient][block]` of the mark's band, code values of 8 bits. Blocks whose reference is zero (unseen, occluded) take no part.
//! # References
//! James and Stein 1961, "Estimation with quadratic loss".

use crate::lattice::LatticeGeometry;
use crate::lattice::dct::Band;
use crate::lattice::dct::slope::Slopes;

/// What is fitted: a gain and a shift in either direction.
const TERMS: usize = 3;

/// How many times what chance explains is not believed.
const DISBELIEF: f64 = 8.0;

/// Blocks to either side that are fitted together: first with the neighbours, then alone.
const REACHES: [usize; 2] = [1, 0];

/// Keeps the equations soluble where the reference is flat: as a share of its energy, and in squared code values.
const RIDGE: (f64, f64) = (1e-6, 1e-6);

/// Sums of a block: products of the regressors, of these with the residual, the residual's energy, and samples.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// `[0][0], [0][1], [0][2], [1][1], [1][2], [2][2]`.
    own: [f64; 6],
    cross: [f64; TERMS],
    energy: f64,
    samples: f64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        let pairs = self.own.iter_mut().zip(other.own);
        pairs.for_each(|(sum, own)| *sum += own);
        let pairs = self.cross.iter_mut().zip(other.cross);
        pairs.for_each(|(sum, cross)| *sum += cross);
        self.energy += other.energy;
        self.samples += other.samples;
    }

    /// Shrunk least squares; none where nothing is worth taking off.
    fn fit(&self) -> Option<[f64; TERMS]> {
        let free = self.samples - TERMS as f64;
        let [a, b, c, d, e, f] = self.own;
        let ridge = RIDGE.0 * (a + d + f) / TERMS as f64 + RIDGE.1;
        let (a, d, f) = (a + ridge, d + ridge, f + ridge);
        // Cholesky: the matrix is symmetric and positive.
        let l00 = a.sqrt();
        let (l10, l20) = (b / l00, c / l00);
        let l11 = (d - l10 * l10).max(ridge).sqrt();
        let l21 = (e - l20 * l10) / l11;
        let l22 = (f - l20 * l20 - l21 * l21).max(ridge).sqrt();
        let [x, y, z] = self.cross;
        let p = x / l00;
        let q = (y - l10 * p) / l11;
        let r = (z - l20 * p - l21 * q) / l22;
        let third = r / l22;
        let second = (q - l21 * third) / l11;
        let first = (p - l10 * second - l20 * third) / l00;
        let explained = first * x + second * y + third * z;
        let variance = (self.energy - explained).max(0.0) / free;
        let chance = TERMS as f64 * variance;
        let share = 1.0 - DISBELIEF * chance / explained;
        let is_worth = free > 0.0 && explained > 0.0 && share > 0.0;
        is_worth.then(|| [first, second, third].map(|value| value * share))
    }
}

/// Takes off residuals what the reference `y` explains of them neighbourhood by neighbourhood.
pub(super) fn take_off(lattice: LatticeGeometry, residuals: &mut [f32], y: &[f32]) {
    let blocks = lattice.blocks();
    let [along, down] = Slopes::new(&Band::of_mark(lattice)).of(y, blocks);
    let regressors = [y, &along[..], &down[..]];
    for reach in REACHES {
        let own = sums(residuals, regressors, blocks);
        let near = together(&own, lattice, reach);
        let fits: Vec<Option<[f64; TERMS]>> = near.iter().map(Sums::fit).collect();
        let rows = residuals.chunks_exact_mut(blocks).enumerate();
        for (row, values) in rows {
            let [y, along, down] = regressors.map(|x| &x[row * blocks..][..blocks]);
            for (block, (value, fit)) in values.iter_mut().zip(&fits).enumerate() {
                if let Some([gain, right, below]) = fit {
                    let host = gain * f64::from(y[block])
                        + right * f64::from(along[block])
                        + below * f64::from(down[block]);
                    *value -= host as f32;
                }
            }
        }
    }
}

/// The sums of every block.
fn sums(residuals: &[f32], regressors: [&[f32]; TERMS], blocks: usize) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); blocks];
    for (row, values) in residuals.chunks_exact(blocks).enumerate() {
        let [y, along, down] = regressors.map(|x| &x[row * blocks..][..blocks]);
        for (block, (sums, r)) in sums.iter_mut().zip(values).enumerate() {
            let r = f64::from(*r);
            let [y, x, z] = [y[block], along[block], down[block]].map(f64::from);
            let own = [y * y, y * x, y * z, x * x, x * z, z * z];
            let pairs = sums.own.iter_mut().zip(own);
            pairs.for_each(|(sum, own)| *sum += own);
            let pairs = sums.cross.iter_mut().zip([y * r, x * r, z * r]);
            pairs.for_each(|(sum, cross)| *sum += cross);
            sums.energy += r * r;
            sums.samples += 1.0;
        }
    }
    // What the frame does not show is no sample.
    for sums in &mut sums {
        if sums.own[0] <= 0.0 {
            *sums = Sums::default();
        }
    }
    sums
}

/// Those of each block and its neighbours, `reach` blocks to either side.
fn together(own: &[Sums], lattice: LatticeGeometry, reach: usize) -> Vec<Sums> {
    if reach == 0 {
        return own.to_vec();
    }
    let (cols, rows) = (lattice.cols(), lattice.rows());
    let near = |at: usize, side: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
    (0..own.len())
        .map(|block| {
            let mut all = Sums::default();
            // What a block shows alone is fitted to nobody else's.
            if own[block].samples <= 0.0 {
                return all;
            }
            for row in near(block / cols, rows) {
                for col in near(block % cols, cols) {
                    all.add(&own[row * cols + col]);
                }
            }
            all
        })
        .collect()
}

#[cfg(test)]
mod tests;
