//! The Gaussian scale space of a picture and its differences.
//!
//! ```text
//! L_k     = G(s0 2^(k/3)) * picture            k = 0..=5 within an octave
//! D_k     = L_(k+1) - L_k                      k = 0..=4, ~ the scale-normalised Laplacian
//! next L_0 = means of 2 x 2 of L_3
//! ```
//!
//! Means instead of every second sample keep the centres where [`Grey`] has them, and left and right alike; their
//! variance of a quarter sample is taken off the next blur.
//!
//! # Shapes and units
//! Planes of `height` rows of `width` samples, code values. `sigma` in samples of the octave.
//! # References
//! D. G. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004), section 3.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once for each instruction set"
)]

use super::gradients::Gradients;
use super::plane::Plane;
use super::x86;
use crate::elementary::exp;
use countermark_picture::Grey;

/// Levels between a blur and its double.
pub(super) const STEPS: usize = 3;

/// Blurred planes an octave.
const LEVELS: usize = STEPS + 3;

/// Blur of the first level, in samples of its octave.
const FIRST_SIGMA: f64 = 1.6;

/// Blur that a picture brings along.
const CAMERA_SIGMA: f64 = 0.5;

/// A last octave has at least so many samples a side.
const LEAST_SIDE: usize = 16;

/// One side of a Gaussian that sums to one: its centre and what follows.
#[derive(Debug)]
pub(super) struct Kernel {
    centre: f32,
    side: Vec<f32>,
}

impl Kernel {
    /// The blur that turns one sigma into another.
    pub(super) fn between(from_variance: f64, to_sigma: f64) -> Self {
        let variance = (to_sigma * to_sigma - from_variance).max(0.01);
        let radius = (3.0 * variance.sqrt()).ceil() as usize;
        let weight = |i: usize| exp(-((i * i) as f64) / (2.0 * variance));
        let sum = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
        Self {
            centre: (1.0 / sum) as f32,
            side: (1..=radius).map(|i| (weight(i) / sum) as f32).collect(),
        }
    }
}

/// Columns first, one row at a time, so that the row is still in the first cache when its own turn comes.
#[inline(always)]
pub(super) fn blurred(kernel: &Kernel, from: &Plane, to: &mut Plane, padded: &mut Vec<f32>) {
    let (width, height, radius) = (from.width, from.height, kernel.side.len());
    to.resize(width, height);
    padded.resize(width + 2 * radius, 0.0);
    for (y, out) in to.samples.chunks_exact_mut(width).enumerate() {
        let above_and_below = |i: usize| {
            let below = from.row((y + i).min(height - 1));
            (from.row(y.saturating_sub(i)), below)
        };
        kernel.weigh(
            &mut padded[radius..radius + width],
            from.row(y),
            above_and_below,
        );
        let (first, last) = (padded[radius], padded[radius + width - 1]);
        padded[..radius].fill(first);
        padded[radius + width..].fill(last);
        let padded = &padded[..];
        let left_and_right = |i: usize| {
            let right = &padded[radius + i..radius + i + width];
            (&padded[radius - i..radius - i + width], right)
        };
        kernel.weigh(out, &padded[radius..radius + width], left_and_right);
    }
}

/// Samples that are summed in registers.
const LANES: usize = 16;

impl Kernel {
    /// `out = centre here + sum_i side_i (a_i + b_i)`, where `pair` has `a_i` and `b_i` as long as `out`, in the order of `i`.
    #[inline(always)]
    fn weigh<'a>(
        &self,
        out: &mut [f32],
        here: &[f32],
        pair: impl Fn(usize) -> (&'a [f32], &'a [f32]),
    ) {
        let whole = out.len() / LANES * LANES;
        for at in (0..whole).step_by(LANES) {
            let mut sums = [0.0_f32; LANES];
            for (sum, sample) in sums.iter_mut().zip(&here[at..at + LANES]) {
                *sum = self.centre * sample;
            }
            for (i, weight) in (1..).zip(&self.side) {
                let (a, b) = pair(i);
                let pairs = a[at..at + LANES].iter().zip(&b[at..at + LANES]);
                for (sum, (a, b)) in sums.iter_mut().zip(pairs) {
                    *sum += weight * (a + b);
                }
            }
            out[at..at + LANES].copy_from_slice(&sums);
        }
        for at in whole..out.len() {
            let mut sum = self.centre * here[at];
            for (i, weight) in (1..).zip(&self.side) {
                let (a, b) = pair(i);
                sum += weight * (a[at] + b[at]);
            }
            out[at] = sum;
        }
    }
}

/// The blurs of one size of the picture.
#[derive(Debug, Default)]
pub(super) struct Octave {
    levels: [Plane; LEVELS],
    /// `D_0` to `D_4`.
    pub(super) differences: [Plane; LEVELS - 1],
    /// Of `L_1` to `L_3`, where features lie.
    pub(super) gradients: [Gradients; STEPS],
}

/// Every octave of a picture; kept from picture to picture.
#[derive(Debug)]
pub(super) struct ScaleSpace {
    octaves: Vec<Octave>,
    used: usize,
    whole: Plane,
    first: Kernel,
    second: Kernel,
    second_of_halved: Kernel,
    further: Vec<Kernel>,
    padded: Vec<f32>,
}

impl ScaleSpace {
    pub(super) fn new() -> Self {
        let variance = |level: usize| sigma(level as f64) * sigma(level as f64);
        Self {
            octaves: Vec::new(),
            used: 0,
            whole: Plane::default(),
            first: Kernel::between(CAMERA_SIGMA * CAMERA_SIGMA, sigma(0.0)),
            second: Kernel::between(variance(0), sigma(1.0)),
            second_of_halved: Kernel::between(variance(0) + 1.0 / 16.0, sigma(1.0)),
            further: (2..LEVELS)
                .map(|level| Kernel::between(variance(level - 1), sigma(level as f64)))
                .collect(),
            padded: Vec::new(),
        }
    }

    /// Computes all levels and differences; gradients are left to [`ScaleSpace::measure`].
    pub(super) fn fill(&mut self, picture: &Grey) {
        let side = picture.width().min(picture.height());
        self.used = (0..16).take_while(|o| side >> o >= LEAST_SIDE).count();
        self.octaves
            .resize_with(self.used.max(self.octaves.len()), Octave::default);
        for index in 0..self.used {
            let (before, rest) = self.octaves.split_at_mut(index);
            let octave = &mut rest[0];
            if let Some(finer) = before.last() {
                octave.levels[0].halve(&finer.levels[STEPS]);
            } else {
                self.whole.resize(picture.width(), picture.height());
                self.whole.samples.copy_from_slice(picture.samples());
                x86::blur(
                    &self.first,
                    &self.whole,
                    &mut octave.levels[0],
                    &mut self.padded,
                );
            }
            let second = if index == 0 {
                &self.second
            } else {
                &self.second_of_halved
            };
            let kernels = std::iter::once(second).chain(&self.further);
            for (level, kernel) in (1..).zip(kernels) {
                let (below, above) = octave.levels.split_at_mut(level);
                x86::blur(kernel, &below[level - 1], &mut above[0], &mut self.padded);
                octave.differences[level - 1].subtract(&above[0], &below[level - 1]);
            }
        }
    }

    /// The octaves of the picture, finest first.
    pub(super) fn octaves(&self) -> &[Octave] {
        &self.octaves[..self.used]
    }

    /// Makes sure that the gradients of every `(octave, level 1..=3)` asked for are there.
    pub(super) fn measure(&mut self, wanted: impl Iterator<Item = (usize, usize)>) {
        let mut done = [[false; STEPS]; 16];
        for (octave, level) in wanted {
            if !std::mem::replace(&mut done[octave][level - 1], true) {
                let octave = &mut self.octaves[octave];
                x86::differentiate(&octave.levels[level], &mut octave.gradients[level - 1]);
            }
        }
    }
}

/// The blur of a level, in samples of its octave.
pub(super) fn sigma(level: f64) -> f64 {
    FIRST_SIGMA * exp(level / STEPS as f64 * std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variance of a bright point after a blur, along x.
    fn variance(plane: &Plane) -> f64 {
        let mut moments = [0.0_f64; 3];
        for (i, &sample) in plane.samples.iter().enumerate() {
            let x = (i % plane.width) as f64;
            for (power, moment) in (0..).zip(&mut moments) {
                *moment += f64::from(sample) * x.powi(power);
            }
        }
        moments[2] / moments[0] - (moments[1] / moments[0]).powi(2)
    }

    #[test]
    fn every_level_has_its_blur() {
        let mut samples = vec![0.0; 128 * 128];
        samples[64 * 128 + 64] = 1e4;
        let picture = Grey::new(128, 128, samples).expect("a picture");
        let mut space = ScaleSpace::new();
        space.fill(&picture);
        assert_eq!(space.octaves().len(), 4);
        for octave in 0..2 {
            for level in 0..LEVELS {
                let found = variance(&space.octaves()[octave].levels[level]);
                // A point is sharper than a camera's.
                let camera = CAMERA_SIGMA * CAMERA_SIGMA / f64::from(1 << (2 * octave));
                let wanted = sigma(level as f64).powi(2) - camera;
                assert!(
                    (found / wanted - 1.0).abs() < 0.06,
                    "{octave} {level}: {found}, {wanted}"
                );
            }
        }
    }

    #[test]
    fn a_flat_picture_has_no_differences() {
        let mut space = ScaleSpace::new();
        space.fill(&Grey::new(40, 33, vec![90.0; 40 * 33]).expect("a picture"));
        let differences = space
            .octaves()
            .iter()
            .flat_map(|octave| &octave.differences);
        for difference in differences {
            assert!(difference.samples.iter().all(|d| d.abs() < 1e-3));
        }
    }
}
