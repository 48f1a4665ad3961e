//! The transform of blocks of which only a part is seen.
//!
//! ```text
//! X~[u,v] = sum_{y,x} C[u,y] C[v,x] m[y,x] (p[y,x] - p0),   p0 = sum m p / sum m
//! m[y,x]  = 0 where nothing is seen, 1/2 beside such a sample, else 1
//! ```
//!
//! To what is seen of a picture and of its host alike: their difference is that of the parts. `p0` takes off a brightness that is a little
//! off, which at the border would leak into all frequencies; the step of one half keeps in what the band does not hold of the host.
//! A pattern of one frequency keeps the share `X~[k]` of its own, and a share of white noise that is about as large.
//!
//! # Shapes and units
//! Samples `[8 y + x]` of a block of the lattice; `[coefficient]` of a band, the same unit.
//! # Determinism
//! Fixed summation order, no fused multiply-add.

use super::{BASIS, BLOCK, Band};

/// Samples of a block.
const SAMPLES: usize = BLOCK * BLOCK;

/// What of a block's samples beside a hidden one counts.
const BESIDE_HIDDEN: f32 = 0.5;

/// Which samples of a block are seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Bit `8 y + x` for the sample in row `y`, column `x`.
    seen: u64,
}

impl Part {
    /// The samples whose bits `8 y + x` are set; none where that is no sample or every one.
    #[must_use]
    pub fn new(seen: u64) -> Option<Self> {
        (seen != 0 && seen != u64::MAX).then_some(Self { seen })
    }

    /// Bit `8 y + x` for each sample that is seen.
    #[must_use]
    pub fn seen(self) -> u64 {
        self.seen
    }

    /// Samples that are seen.
    #[must_use]
    pub fn samples(self) -> u32 {
        self.seen.count_ones()
    }

    /// What each sample counts, and all together.
    #[must_use]
    pub(crate) fn window(self) -> Window {
        let seen = |y: usize, x: usize| self.seen >> (BLOCK * y + x) & 1 == 1;
        let weight = |i: usize| {
            let (y, x) = (i / BLOCK, i % BLOCK);
            let near = |at: usize| at.saturating_sub(1)..(at + 2).min(BLOCK);
            if !seen(y, x) {
                0.0
            } else if near(y).all(|y| near(x).all(|x| seen(y, x))) {
                1.0
            } else {
                BESIDE_HIDDEN
            }
        };
        let weights: [f32; SAMPLES] = std::array::from_fn(weight);
        Window {
            sum: weights.iter().sum(),
            weights,
        }
    }
}

/// What each sample of a part counts.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    weights: [f32; SAMPLES],
    sum: f32,
}

impl Window {
    /// The mean share of its energy that a pattern keeps.
    pub(crate) fn share(&self) -> f32 {
        let energy: f32 = self.weights.iter().map(|weight| weight * weight).sum();
        energy / SAMPLES as f32
    }

    /// The band's coefficients of what is seen of a block; samples that are not seen may hold anything.
    pub(crate) fn forward(&self, samples: &[f32; SAMPLES], band: &Band, out: &mut [f32]) {
        let products = samples.iter().zip(&self.weights);
        let middle = products.map(|(p, m)| p * m).sum::<f32>() / self.sum;
        let part: [f32; SAMPLES] = std::array::from_fn(|i| (samples[i] - middle) * self.weights[i]);
        // Down the columns first: `[u][x]`.
        let mut lines = [[0.0_f32; BLOCK]; BLOCK];
        for (line, basis) in lines.iter_mut().zip(&BASIS) {
            for (row, c) in part.chunks_exact(BLOCK).zip(basis) {
                line.iter_mut().zip(row).for_each(|(sum, p)| *sum += c * p);
            }
        }
        for (out, &(u, v)) in out.iter_mut().zip(band.frequencies()) {
            let products = lines[usize::from(u)].iter().zip(&BASIS[usize::from(v)]);
            *out = products.map(|(line, c)| line * c).sum();
        }
    }

    /// The band's coefficients of what is seen of a block that has these.
    pub(crate) fn of(&self, coefficients: &mut [f32], band: &Band) {
        let mut lines = [[0.0_f32; BLOCK]; BLOCK];
        for (x, &(u, v)) in coefficients.iter().zip(band.frequencies()) {
            let line = lines[usize::from(u)].iter_mut();
            let basis = &BASIS[usize::from(v)];
            line.zip(basis).for_each(|(sum, c)| *sum += c * x);
        }
        let mut samples = [0.0_f32; SAMPLES];
        for (line, basis) in lines.iter().zip(&BASIS) {
            for (row, c) in samples.chunks_exact_mut(BLOCK).zip(basis) {
                row.iter_mut().zip(line).for_each(|(p, x)| *p += c * x);
            }
        }
        self.forward(&samples, band, coefficients);
    }
}

#[cfg(test)]
mod tests;
