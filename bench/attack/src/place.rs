//! Where a cut falls: seeded, so that the same run gives the same table.
//!
//! ```text
//! key   = SHA-256(seed, clip, attack, step)            first 32 bytes key a ChaCha8 stream
//! start = (length - kept) * w / 2^53,   w = the stream's first 53 bits
//! ```
//!
//! # Shapes and units
//! Seconds of media time.

use sha2::{Digest, Sha256};

use super::Random;

/// The random places of one attack on one clip.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    seed: u64,
    clip: &'a str,
    attack: &'a str,
}

impl<'a> Place<'a> {
    /// Places for `attack` on `clip` in the run of `seed`.
    #[must_use]
    pub fn new(seed: u64, clip: &'a str, attack: &'a str) -> Self {
        Self { seed, clip, attack }
    }

    /// A start for `kept` out of `length` seconds in step `step`; 0 when everything is kept.
    #[must_use]
    pub fn start(&self, step: usize, length: f64, kept: f64) -> f64 {
        (length - kept).max(0.0) * self.random(step).unit()
    }

    /// Everything that step `step` leaves to chance.
    #[must_use]
    pub fn random(&self, step: usize) -> Random {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        for text in [self.clip, self.attack] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        hash.update((step as u64).to_le_bytes());
        Random::new(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_differ_by_everything_and_repeat() {
        let start =
            |seed, clip, attack, step| Place::new(seed, clip, attack).start(step, 60.0, 3.0);
        let base = start(1, "a", "b", 0);
        assert!((0.0..57.0).contains(&base));
        assert!((base - start(1, "a", "b", 0)).abs() < f64::EPSILON);
        for other in [
            start(2, "a", "b", 0),
            start(1, "ab", "", 0),
            start(1, "a", "c", 0),
            start(1, "a", "b", 1),
        ] {
            assert!((base - other).abs() > 1e-6);
        }
        assert!(Place::new(1, "a", "b").start(0, 2.0, 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn first_place_of_the_stream_is_pinned() {
        let start = Place::new(7, "landscape", "cut-3s").start(0, 60.0, 3.0);
        assert!((start - PINNED).abs() < 1e-9, "{start}");
    }

    const PINNED: f64 = 38.069_149_355_942_535;
}
