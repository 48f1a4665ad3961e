//! The spread of the scores of wrong keys, on every piece of evidence that a search scored.
//!
//! ```text
//! spread = sqrt(mean of t^2),   1 under the null;   standard error 1 / sqrt(2 n) for n scores
//! ```
//!
//! A tail that lies under `exp(-t^2 / 2)` would still lie there were all scores a fifth too large; the spread would not be 1.
//!
//! # Shapes and units
//! Scores have no unit.

use countermark_mark::Payload;
use countermark_mark::key::{DeliveryKey, DistributorId, OwnerSecret, TitleId};

use super::look::Piece;

/// How far from 1 the spread may lie.
pub const TOLERANCE: f64 = 0.01;

/// Sums over scores.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Scores.
    pub trials: u64,
    sum: f64,
    squares: f64,
}

impl Spread {
    /// About so many scores of keys that have nothing to do with any clip, spread over all pieces that hold anything; every piece
    /// has keys of its own.
    #[must_use]
    pub fn of(pieces: &[Piece], scores: u64, seed: u64) -> Self {
        let mut secret = [0x73; 32];
        secret[..8].copy_from_slice(&seed.to_le_bytes());
        let deliveries = OwnerSecret::from_bytes(secret)
            .payload_key(DistributorId([3; 16]))
            .scoped(TitleId([4; 16]))
            .deliveries();
        let full: Vec<&Piece> = pieces.iter().filter(|piece| !piece.is_empty()).collect();
        let each = scores.div_ceil(full.len().max(1) as u64);
        let mut spread = Self::default();
        for (at, piece) in (0..).zip(full) {
            let numbers = at * each..(at + 1) * each;
            let keys: Vec<DeliveryKey> = numbers
                .map(|number| deliveries.key(Payload::new(number)))
                .collect();
            for t in piece.scores(&keys) {
                spread.trials += 1;
                spread.sum += t;
                spread.squares += t * t;
            }
        }
        spread
    }

    /// Both together.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            trials: self.trials + other.trials,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// The mean, which is 0 under the null.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / self.trials.max(1) as f64
    }

    /// The root of the mean square.
    #[must_use]
    pub fn value(&self) -> f64 {
        (self.squares / self.trials.max(1) as f64).sqrt()
    }

    /// Whether it is what the bound takes for granted.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.trials > 0 && (self.value() - 1.0).abs() <= TOLERANCE && self.mean().abs() <= TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn scores_a_fiftieth_too_large_or_too_few_do_not_hold() {
        let of = |scale: f64| {
            let mut spread = Spread::default();
            for t in [-1.0, 1.0, -scale, scale] {
                spread.trials += 1;
                spread.sum += t;
                spread.squares += t * t;
            }
            spread
        };
        assert!(of(1.0).holds() && of(1.015).holds());
        assert!(!of(1.04).holds() && !of(0.96).holds());
        assert!(!Spread::default().holds());
    }
}
