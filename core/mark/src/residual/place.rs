//! What is left of a window, weighed place by place: within a block too noise lies where edges and movement are.
//!
//! ```text
//! r'[k,b] = sum_x C[k,x] W[x] p[x,t],   p = inverse DCT of r
//! W[x]    = ((S[x] + D) / 2D)^-3/4,     S[x] = mean of p[x',t]^2 over some frames t and the samples x' up to one beside x
//! D       = median of S over the samples that were seen
//! ```
//!
//! A coefficient gathers the noise of its whole block, so that weights of chips can only leave out an edge with all that is quiet
//! beside it. The exponent is that of the chips' weights, and for their reason ([`crate::soft`]).
//!
//! # Shapes and units
//! `[chip]`, code values of 8 bits at places of usual noise.
//! # Determinism
//! Square roots and divisions only.

use super::Residuals;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::{LatticeGeometry, LatticePlane};

/// Frames that tell the noise of a place, at most.
const NOISE_FRAMES: usize = 16;

/// Transforms of one lattice, there and back.
struct Places {
    dct: BlockDct,
    band: Band,
    coefficients: CoefficientPlane,
    plane: LatticePlane,
}

impl Places {
    fn new(lattice: LatticeGeometry) -> Self {
        let band = Band::of_mark(lattice);
        Self {
            dct: BlockDct::new(lattice, CpuLevel::probe()),
            coefficients: CoefficientPlane::new(lattice, &band),
            plane: LatticePlane::new(lattice),
            band,
        }
    }

    /// The samples of `[chip]`.
    fn samples(&mut self, chips: &[f32]) -> &mut [f32] {
        self.coefficients.values_mut().copy_from_slice(chips);
        self.dct
            .inverse_band(&self.coefficients, &self.band, &mut self.plane);
        self.plane.samples_mut()
    }

    /// Back from samples that were weighed.
    fn weigh(&mut self, chips: &mut [f32], weights: &[f32]) {
        let samples = self.samples(chips).iter_mut();
        samples.zip(weights).for_each(|(p, w)| *p *= w);
        self.dct
            .forward_band(&self.plane, &self.band, &mut self.coefficients);
        chips.copy_from_slice(self.coefficients.values());
    }
}

impl Residuals {
    /// Weighs the samples of all frames by how far they can be trusted, so that a noisy place does not take its block along.
    #[must_use]
    pub fn weighed_by_place(&self) -> Self {
        let mut places = Places::new(self.lattice);
        let mut energy = vec![0.0_f32; self.lattice.width() * self.lattice.height()];
        let step = self.frames.len().div_ceil(NOISE_FRAMES).max(1);
        for frame in self.frames.iter().step_by(step) {
            let samples = places.samples(&frame.values);
            let sums = energy.iter_mut().zip(samples);
            sums.for_each(|(sum, p)| *sum += *p * *p);
        }
        let weights = weights(&around(&energy, self.lattice.width()));
        let mut weighed = self.clone();
        for frame in &mut weighed.frames {
            places.weigh(&mut frame.values, &weights);
        }
        weighed
    }
}

/// The mean over each sample and its neighbours.
fn around(values: &[f32], width: usize) -> Vec<f32> {
    let height = values.len() / width;
    let near = |at: usize, side: usize| at.saturating_sub(1)..(at + 2).min(side);
    let along = |row: &[f32], x: usize| {
        let near = &row[near(x, width)];
        near.iter().sum::<f32>() / near.len() as f32
    };
    let rows: Vec<f32> = values
        .chunks_exact(width)
        .flat_map(|row| (0..width).map(move |x| along(row, x)))
        .collect();
    let mean = |y: usize, x: usize| {
        let near = near(y, height);
        let count = near.len() as f32;
        near.map(|y| rows[y * width + x]).sum::<f32>() / count
    };
    (0..values.len())
        .map(|i| mean(i / width, i % width))
        .collect()
}

/// `W`, one everywhere where nothing was seen.
fn weights(noise: &[f32]) -> Vec<f32> {
    let mut seen: Vec<f32> = noise.iter().copied().filter(|s| *s > 0.0).collect();
    if seen.is_empty() {
        return vec![1.0; noise.len()];
    }
    let middle = seen.len() / 2;
    let usual = *seen.select_nth_unstable_by(middle, f32::total_cmp).1;
    let weight = |s: &f32| {
        let root = ((s + usual) / (2.0 * usual)).sqrt();
        1.0 / (root * root.sqrt())
    };
    noise.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatSpec;
    use crate::residual::ResidualFrame;

    fn lattice() -> LatticeGeometry {
        FormatSpec::CURRENT
            .lattice(640, 360)
            .expect("a supported size")
    }

    /// The frames whose samples these are, as far as the band holds them.
    fn residuals(frames: usize, sample: impl Fn(usize, usize, usize) -> f32) -> Residuals {
        let lattice = lattice();
        let mut places = Places::new(lattice);
        let frame = |t: usize| {
            let width = lattice.width();
            for (i, p) in places.plane.samples_mut().iter_mut().enumerate() {
                *p = sample(t, i / width, i % width);
            }
            places
                .dct
                .forward_band(&places.plane, &places.band, &mut places.coefficients);
            ResidualFrame {
                media_time: t as f64 / 25.0,
                clip_time: t as f64 / 25.0,
                values: places.coefficients.values().to_vec(),
                amplitudes: vec![1.0; lattice.blocks()],
                seen: vec![1.0; lattice.blocks()],
            }
        };
        Residuals {
            lattice,
            shots: std::iter::once(0..frames).collect(),
            frames: (0..frames).map(frame).collect(),
        }
    }

    #[test]
    fn weights_fall_with_the_noise_around() {
        // At the median one, at seven times it a quarter of the energy to the power 3/4: (8 / 2)^-3/4.
        let found = weights(&[2.0, 2.0, 2.0, 14.0, 0.0]);
        let expected = [1.0, 1.0, 1.0, 4.0_f32.powf(-0.75), 2.0_f32.powf(0.75)];
        for (w, expected) in found.iter().zip(expected) {
            assert!((w - expected).abs() < 1e-5, "{w} {expected}");
        }
        assert_eq!(weights(&[0.0; 3]), [1.0; 3]);
    }

    #[test]
    fn means_around_end_at_the_border() {
        let means = around(&[9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 36.0], 3);
        let expected = [2.25, 1.5, 0.0, 1.5, 5.0, 6.0, 0.0, 6.0, 9.0];
        for (mean, expected) in means.iter().zip(expected) {
            assert!((mean - expected).abs() < 1e-5, "{mean} {expected}");
        }
    }

    #[test]
    fn a_noisy_half_leaves_the_quiet_half_of_a_block() {
        let (row, col) = (3, 5);
        let is_noisy = |y: usize, x: usize| y / 8 == row && (8 * col..8 * col + 4).contains(&x);
        let loud = |t: usize, y: usize, x: usize| {
            let sign = if (t * 7 + y * 5 + x * 3) % 4 < 2 {
                1.0
            } else {
                -1.0
            };
            if is_noisy(y, x) { 60.0 * sign } else { sign }
        };
        let before = residuals(6, loud);
        let after = before.weighed_by_place();
        let block = row * lattice().cols() + col;
        let energy = |residuals: &Residuals, block: usize| -> f64 {
            let values = residuals.frames()[2].values.iter();
            let of = values.skip(block).step_by(lattice().blocks());
            of.map(|r| f64::from(r * r)).sum()
        };
        assert!(energy(&after, block) < 0.05 * energy(&before, block));
        // Far from it all is as noisy as anywhere.
        let far = 8 * lattice().cols() + 15;
        let share = energy(&after, far) / energy(&before, far);
        assert!((0.5..2.0).contains(&share), "{share}");
    }
}
