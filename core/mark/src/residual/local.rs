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
//! `[coefficient][block]` of the mark's band, code values of 8 bits. Blocks whose reference is zero (unseen, occluded) take no part; of
//! blocks that are seen in part `y` and its slopes are those of what is seen, and they count for so many samples.
//! # References
//! James and Stein 1961, "Estimation with quadratic loss".

use crate::lattice::LatticeGeometry;

/// What is fitted: a gain and a shift in either direction.
pub(super) const TERMS: usize = 3;

/// How many times what chance explains is not believed.
const DISBELIEF: f64 = 8.0;

/// Blocks to either side that are fitted together: first with the neighbours, then alone.
const REACHES: [usize; 2] = [1, 0];

/// Keeps the equations soluble where the reference is flat: as a share of its energy, and in squared code values.
const RIDGE: (f64, f64) = (1e-6, 1e-6);

/// Products that are summed: of the regressors (upper triangle), of these with the residual, and of the residual with itself.
const PRODUCTS: [(usize, usize); 10] = [
    (0, 0),
    (0, 1),
    (0, 2),
    (1, 1),
    (1, 2),
    (2, 2),
    (0, 3),
    (1, 3),
    (2, 3),
    (3, 3),
];

/// The sums of a frame.
struct Sums {
    /// `[product][block]`.
    products: Vec<f32>,
    /// `[block]`: samples.
    samples: Vec<f32>,
}

impl Sums {
    /// Over each block: what the frame does not show is no sample.
    fn new(residuals: &[f32], regressors: [&[f32]; TERMS], shares: &[f32]) -> Self {
        let blocks = shares.len();
        let [y, along, down] = regressors;
        let mut products = vec![0.0_f32; PRODUCTS.len() * blocks];
        let mut rows = 0.0_f32;
        for first in (0..residuals.len()).step_by(blocks) {
            let row = [y, along, down, residuals].map(|x| &x[first..first + blocks]);
            rows += 1.0;
            for (sums, (a, b)) in products.chunks_exact_mut(blocks).zip(PRODUCTS) {
                for ((sum, a), b) in sums.iter_mut().zip(row[a]).zip(row[b]) {
                    *sum += a * b;
                }
            }
        }
        let seen = |(energy, share): (&f32, &f32)| if *energy > 0.0 { rows * share } else { 0.0 };
        let samples: Vec<f32> = products[..blocks].iter().zip(shares).map(seen).collect();
        let energies = products.rchunks_exact_mut(blocks).next();
        for (energy, samples) in energies.into_iter().flatten().zip(&samples) {
            *energy = if *samples > 0.0 { *energy } else { 0.0 };
        }
        Self { products, samples }
    }

    /// Of each block and its neighbours, `reach` blocks to either side.
    fn together(&self, lattice: LatticeGeometry, reach: usize) -> Self {
        if reach == 0 {
            return Self {
                products: self.products.clone(),
                samples: self.samples.clone(),
            };
        }
        let each = self.products.chunks_exact(lattice.blocks());
        Self {
            products: each.flat_map(|sums| near(sums, lattice, reach)).collect(),
            samples: near(&self.samples, lattice, reach),
        }
    }

    /// Shrunk least squares of a block; none where nothing is worth taking off.
    fn fit(&self, block: usize) -> Option<[f32; TERMS]> {
        let blocks = self.samples.len();
        let at = |product: usize| f64::from(self.products[product * blocks + block]);
        let [a, b, c, d, e, f, x, y, z, energy] = std::array::from_fn(at);
        let free = f64::from(self.samples[block]) - TERMS as f64;
        let ridge = RIDGE.0 * (a + d + f) / TERMS as f64 + RIDGE.1;
        // Cholesky: the matrix is symmetric and positive.
        let l00 = (a + ridge).sqrt();
        let (l10, l20) = (b / l00, c / l00);
        let l11 = (d + ridge - l10 * l10).max(ridge).sqrt();
        let l21 = (e - l20 * l10) / l11;
        let l22 = (f + ridge - l20 * l20 - l21 * l21).max(ridge).sqrt();
        let p = x / l00;
        let q = (y - l10 * p) / l11;
        let r = (z - l20 * p - l21 * q) / l22;
        let third = r / l22;
        let second = (q - l21 * third) / l11;
        let first = (p - l10 * second - l20 * third) / l00;
        let explained = first * x + second * y + third * z;
        let variance = (energy - explained).max(0.0) / free;
        let share = 1.0 - DISBELIEF * TERMS as f64 * variance / explained;
        let is_worth = free > 0.0 && explained > 0.0 && share > 0.0;
        is_worth.then(|| [first, second, third].map(|value| (value * share) as f32))
    }
}

/// Sums of `[block]` over neighbourhoods.
fn near(values: &[f32], lattice: LatticeGeometry, reach: usize) -> Vec<f32> {
    let (cols, rows) = (lattice.cols(), lattice.rows());
    let around = |at: usize, side: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
    let along: Vec<f32> = values
        .chunks_exact(cols)
        .flat_map(|row| (0..cols).map(move |col| row[around(col, cols)].iter().sum::<f32>()))
        .collect();
    (0..rows)
        .flat_map(|row| (0..cols).map(move |col| (row, col)))
        .map(|(row, col)| around(row, rows).map(|row| along[row * cols + col]).sum())
        .collect()
}

/// Takes off residuals what the reference and its slopes explain of them neighbourhood by neighbourhood; of each block a share is seen.
pub(super) fn take_off(
    lattice: LatticeGeometry,
    residuals: &mut [f32],
    regressors: &[Vec<f32>; TERMS],
    shares: &[f32],
) {
    let blocks = lattice.blocks();
    for reach in REACHES {
        let regressors = regressors.each_ref().map(Vec::as_slice);
        let sums = Sums::new(residuals, regressors, shares);
        let together = sums.together(lattice, reach);
        let mut fits = [(); TERMS].map(|()| vec![0.0_f32; blocks]);
        for block in (0..blocks).filter(|block| sums.samples[*block] > 0.0) {
            if let Some(fit) = together.fit(block) {
                let places = fits.iter_mut().zip(fit);
                places.for_each(|(values, value)| values[block] = value);
            }
        }
        for (regressor, fit) in regressors.into_iter().zip(&fits) {
            let rows = residuals
                .chunks_exact_mut(blocks)
                .zip(regressor.chunks_exact(blocks));
            for (values, x) in rows {
                for ((value, x), fit) in values.iter_mut().zip(x).zip(fit) {
                    *value -= fit * x;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
