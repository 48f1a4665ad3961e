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
    /// A copy that was encoded again.
    Reencode,
    /// Another's mark over a copy of one's own.
    Transplant,
    /// Between both.
    Neither,
}

impl Consistency {
    /// What so much noise says.
    #[must_use]
    pub fn of(noise: f64, limits: &ConsistencyTuning) -> Self {
        let like = if noise >= limits.min_transplant {
            Likeness::Transplant
        } else if noise <= limits.max_reencode {
            Likeness::Reencode
        } else {
            Likeness::Neither
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

/// Noise of honest re-encodes, see `bench/examples/transplant.rs`.
const REENCODES: [f64; 57] = [
    -0.53, -0.39, -0.35, -0.34, -0.34, -0.32, -0.26, -0.23, -0.23, -0.19, -0.19, -0.19, -0.13,
    -0.12, -0.10, -0.09, -0.06, -0.05, -0.04, -0.04, -0.03, -0.02, -0.01, -0.00, 0.02, 0.02, 0.03,
    0.03, 0.05, 0.05, 0.05, 0.06, 0.07, 0.08, 0.08, 0.09, 0.12, 0.14, 0.14, 0.14, 0.15, 0.16, 0.17,
    0.17, 0.18, 0.19, 0.19, 0.21, 0.21, 0.22, 0.23, 0.24, 0.25, 0.30, 0.31, 0.33, 0.47,
];

/// Noise of transplants, from there too.
const TRANSPLANTS: [f64; 42] = [
    0.12, 0.23, 0.26, 0.30, 0.32, 0.37, 0.37, 0.38, 0.38, 0.38, 0.38, 0.39, 0.40, 0.44, 0.45, 0.46,
    0.48, 0.50, 0.51, 0.51, 0.52, 0.52, 0.52, 0.54, 0.55, 0.56, 0.57, 0.58, 0.59, 0.60, 0.61, 0.62,
    0.64, 0.67, 0.71, 0.74, 0.77, 0.79, 0.80, 0.81, 0.93, 0.95,
];
