//! What a clip says of how its mark came on to its pictures.
//!
//! # Shapes and units
//! Decimal logarithms, shares from 0 to 1.

use serde::Serialize;

use crate::result::fine;
use crate::tuning::ConsistencyTuning;

/// Whether the noise over an accused delivery's mark is that of its picture, or the mark was laid over another copy.
///
/// It is no part of the bound, and far less sure than an accusation: `of_reencodes` and `of_transplants` say how many of those that were
/// measured came so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Consistency {
    /// How much noisier the clip is where the mark lies than above it: the decimal logarithm of a ratio of energies.
    #[serde(serialize_with = "fine")]
    pub noise: f64,
    /// What that is like.
    pub like: Likeness,
    /// Share of honest re-encodes with as much noise or more.
    #[serde(serialize_with = "fine")]
    pub of_reencodes: f64,
    /// Share of transplants with as little noise or less.
    #[serde(serialize_with = "fine")]
    pub of_transplants: f64,
}

/// What the noise of a clip is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// Another's mark over a copy of one's own.
    Transplant,
    /// Of some titles such transplants are as quiet: nothing is said.
    Unknown,
}

impl Consistency {
    /// What so much noise says.
    #[must_use]
    pub fn of(noise: f64, limits: &ConsistencyTuning) -> Self {
        let like = if noise >= limits.min_transplant {
            Likeness::Transplant
        } else {
            Likeness::Unknown
        };
        let share = |measured: &[f64], far: &dyn Fn(f64) -> bool| {
            measured.iter().filter(|other| far(**other)).count() as f64 / measured.len() as f64
        };
        Self {
            noise,
            like,
            of_reencodes: share(&REENCODES, &|other| other >= noise),
            of_transplants: share(&TRANSPLANTS, &|other| other <= noise),
        }
    }
}

/// Noise of honest re-encodes, see `bench/examples/transplant.rs`: sixteen titles of three seconds.
const REENCODES: [f64; 128] = [
    -0.84, -0.62, -0.61, -0.59, -0.55, -0.52, -0.52, -0.50, -0.48, -0.47, -0.42, -0.41, -0.41,
    -0.40, -0.40, -0.39, -0.38, -0.38, -0.36, -0.36, -0.36, -0.35, -0.35, -0.34, -0.34, -0.33,
    -0.32, -0.32, -0.31, -0.30, -0.30, -0.29, -0.28, -0.28, -0.26, -0.26, -0.25, -0.23, -0.22,
    -0.20, -0.20, -0.19, -0.19, -0.19, -0.18, -0.15, -0.15, -0.14, -0.12, -0.12, -0.11, -0.11,
    -0.10, -0.09, -0.09, -0.08, -0.07, -0.06, -0.05, -0.05, -0.05, -0.05, -0.04, -0.04, -0.04,
    -0.03, -0.03, -0.03, -0.02, -0.02, -0.02, -0.01, -0.00, -0.00, -0.00, 0.00, 0.02, 0.02, 0.02,
    0.02, 0.02, 0.03, 0.03, 0.05, 0.05, 0.05, 0.05, 0.06, 0.07, 0.07, 0.08, 0.09, 0.09, 0.09, 0.09,
    0.11, 0.12, 0.12, 0.12, 0.14, 0.14, 0.15, 0.16, 0.16, 0.17, 0.17, 0.17, 0.18, 0.18, 0.18, 0.19,
    0.19, 0.19, 0.21, 0.23, 0.23, 0.23, 0.26, 0.26, 0.28, 0.30, 0.31, 0.33, 0.34, 0.36, 0.45, 0.47,
    0.61,
];

/// Noise of transplants, from there too.
const TRANSPLANTS: [f64; 93] = [
    -0.31, -0.27, -0.19, -0.18, -0.17, -0.17, -0.15, -0.15, -0.14, -0.05, -0.04, -0.03, -0.02,
    0.00, 0.01, 0.03, 0.03, 0.04, 0.12, 0.14, 0.14, 0.15, 0.17, 0.17, 0.18, 0.23, 0.24, 0.25, 0.26,
    0.30, 0.30, 0.32, 0.33, 0.33, 0.33, 0.34, 0.34, 0.34, 0.35, 0.35, 0.36, 0.36, 0.37, 0.37, 0.38,
    0.38, 0.38, 0.38, 0.38, 0.39, 0.39, 0.40, 0.42, 0.44, 0.45, 0.46, 0.47, 0.48, 0.50, 0.51, 0.51,
    0.51, 0.52, 0.52, 0.52, 0.52, 0.53, 0.54, 0.55, 0.57, 0.57, 0.60, 0.61, 0.62, 0.62, 0.62, 0.62,
    0.63, 0.64, 0.66, 0.67, 0.70, 0.71, 0.74, 0.79, 0.80, 0.81, 0.86, 0.87, 0.87, 0.95, 1.06, 1.18,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::Tuning;

    #[test]
    fn much_noise_is_rare_among_reencodes_and_little_tells_nothing() {
        let limits = &Tuning::default().decision.consistency;
        let much = Consistency::of(limits.min_transplant, limits);
        assert_eq!(much.like, Likeness::Transplant);
        assert!(much.of_reencodes < 0.05, "{much:?}");
        let little = Consistency::of(0.0, limits);
        assert_eq!(little.like, Likeness::Unknown);
        assert!(little.of_reencodes > much.of_reencodes);
        assert!(little.of_transplants < much.of_transplants);
        assert!(
            little.of_transplants > 0.0,
            "so quiet are those of some titles"
        );
    }
}
