//! The seeded chance of one step on one clip: places, angles' signs, noise.
//!
//! ```text
//! unit   = w / 2^53,   w = the next 53 bits of the ChaCha8 stream
//! normal = sqrt(-2 ln u1) cos(2 pi u2)
//! ```
//!
//! # References
//! G. E. P. Box, M. E. Muller (1958), A note on the generation of random normal deviates, Ann. Math. Statist. 29(2).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers that repeats with its seed.
#[derive(Debug, Clone)]
pub struct Random {
    stream: ChaCha8Rng,
}

impl Random {
    /// The stream of `seed`.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            stream: ChaCha8Rng::from_seed(seed),
        }
    }

    /// The next 64 bits of the stream.
    pub fn bits(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform among 0 to `count - 1`; 0 of none.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// -1 or 1.
    pub fn sign(&mut self) -> f64 {
        if self.unit() < 0.5 { -1.0 } else { 1.0 }
    }

    /// Normal with mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_moments_of_their_laws_and_repeat() {
        let mut random = Random::new([7; 32]);
        let draws = 20_000;
        let normal: Vec<f64> = (0..draws).map(|_| random.normal()).collect();
        let mean = normal.iter().sum::<f64>() / f64::from(draws);
        let square = normal.iter().map(|n| n * n).sum::<f64>() / f64::from(draws);
        // Five deviations of the estimates.
        assert!(
            mean.abs() < 0.036 && (square - 1.0).abs() < 0.05,
            "{mean} {square}"
        );
        let mut counts = [0; 5];
        for _ in 0..10_000 {
            counts[random.below(5)] += 1;
        }
        assert!(
            counts.iter().all(|&c| (1_800..2_200).contains(&c)),
            "{counts:?}"
        );
        assert_eq!((random.below(0), random.below(1)), (0, 0));
        let (mut a, mut b) = (Random::new([1; 32]), Random::new([1; 32]));
        assert!((a.unit() - b.unit()).abs() < f64::EPSILON);
        assert!((-2.0..3.0).contains(&a.between(-2.0, 3.0)) && a.sign().abs() > 0.5);
    }
}
