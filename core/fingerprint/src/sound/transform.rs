//! Power spectrum of real samples.
//!
//! ```text
//! P[k] = |sum_n w[n] x[n] exp(-2 pi i k n / N)|^2 / (N / 4)^2,     w[n] = (1 - cos(2 pi n / N)) / 2
//! z[n] = w x[2n] + i w x[2n + 1],   E = (Z[k] + conj Z[M - k]) / 2,   O = (Z[k] - conj Z[M - k]) / 2i,   M = N / 2
//! X[k] = E + exp(-2 pi i k / N) O
//! ```
//!
//! # Shapes and units
//! [`SIZE`] samples in, [`BINS`] powers out: a sine of amplitude `a` in the middle of a bin has the power `a^2`.
//! # References
//! J. W. Cooley, J. W. Tukey, Math. Comp. 19 (1965): decimation in time, radix 2.
//! # Determinism
//! Fixed order of operations, twiddles of our own, no fused multiply-add: the same bits on every machine, which no
//! library that picks its kernels by processor promises.

use crate::elementary::cos_sin;

/// Samples of a window: 128 ms.
pub(super) const SIZE: usize = 1024;
/// Frequencies from 0 to half the sample rate, both included.
pub(super) const BINS: usize = HALF + 1;

const HALF: usize = SIZE / 2;

type Complex = (f32, f32);

/// Tables and work space of the transform.
#[derive(Debug)]
pub(super) struct Transform {
    window: Vec<f32>,
    /// `exp(-2 pi i k / N)`, `k` below `N / 2`.
    twiddles: Vec<Complex>,
    work: Vec<Complex>,
}

impl Transform {
    pub(super) fn new() -> Self {
        let turns = |n: usize| n as f64 / SIZE as f64;
        // The window has the sum N / 2, half of which each of a sine's two lines takes.
        let scale = 4.0 / SIZE as f64;
        Self {
            window: (0..SIZE)
                .map(|n| (scale * (1.0 - cos_sin(turns(n)).0) / 2.0) as f32)
                .collect(),
            twiddles: (0..HALF)
                .map(|k| cos_sin(turns(k)))
                .map(|(cos, sin)| (cos as f32, -sin as f32))
                .collect(),
            work: vec![(0.0, 0.0); HALF],
        }
    }

    /// Replaces `powers` by the power spectrum of `samples`.
    pub(super) fn powers(&mut self, samples: &[f32], powers: &mut Vec<f32>) {
        debug_assert_eq!(samples.len(), SIZE);
        let pairs = samples.chunks_exact(2).zip(self.window.chunks_exact(2));
        for (n, (x, w)) in pairs.enumerate() {
            let reversed = n.reverse_bits() >> (usize::BITS - HALF.ilog2());
            self.work[reversed] = (x[0] * w[0], x[1] * w[1]);
        }
        self.butterflies();
        powers.clear();
        powers.extend((0..BINS).map(|k| {
            let (a, b) = (self.work[k % HALF], self.work[(HALF - k) % HALF]);
            let even = (0.5 * (a.0 + b.0), 0.5 * (a.1 - b.1));
            let odd = (0.5 * (a.1 + b.1), 0.5 * (b.0 - a.0));
            let twiddle = if k < HALF {
                self.twiddles[k]
            } else {
                (-1.0, 0.0)
            };
            let turned = times(twiddle, odd);
            let x = (even.0 + turned.0, even.1 + turned.1);
            x.0 * x.0 + x.1 * x.1
        }));
    }

    fn butterflies(&mut self) {
        let mut half = 1;
        while half < HALF {
            // The table is of N points, the transform of M = N / 2.
            let stride = HALF / half;
            for block in self.work.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for (j, (a, b)) in low.iter_mut().zip(high).enumerate() {
                    let turned = times(self.twiddles[j * stride], *b);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
    }
}

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn powers_are_those_of_the_definition() {
        let mut noise = 1_u32;
        let samples: Vec<f32> = (0..SIZE)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 8) as f32 / (1 << 24) as f32 - 0.5
            })
            .collect();
        let mut powers = Vec::new();
        Transform::new().powers(&samples, &mut powers);
        assert_eq!(powers.len(), BINS);
        for k in [0, 1, 2, 37, 255, 256, 400, 511, 512] {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, x) in samples.iter().enumerate() {
                let angle = TAU * n as f64 / SIZE as f64;
                let x = f64::from(*x) * (1.0 - angle.cos()) / 2.0 * 4.0 / SIZE as f64;
                real += x * (k as f64 * angle).cos();
                imaginary -= x * (k as f64 * angle).sin();
            }
            let wanted = real * real + imaginary * imaginary;
            // f32 through ten stages on amplitudes of about 0.02.
            assert!((f64::from(powers[k]) - wanted).abs() < 1e-8, "{k}");
        }
    }

    #[test]
    fn sine_has_the_square_of_its_amplitude() {
        let samples: Vec<f32> = (0..SIZE)
            .map(|n| (0.3 * (TAU * 64.0 * n as f64 / SIZE as f64).cos()) as f32)
            .collect();
        let mut powers = Vec::new();
        Transform::new().powers(&samples, &mut powers);
        assert!((powers[64] - 0.09).abs() < 1e-5);
        assert!(powers[80] < 1e-9);
    }
}
