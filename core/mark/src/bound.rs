//! How seldom a score occurs under the null hypothesis: a proved bound.
//!
//! Null hypothesis of a delivery: neither its copy, nor anything made from it (a stream, a recording), nor its keys, nor earlier scores
//! for it had been available to whoever made the clip. Then the soft values `r` do not depend on the signs `s`, which are independent and fair (up
//! to the advantage of an adversary against HKDF-SHA256 and ChaCha20):
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2,     P(t >= t0) <= exp(-t0^2 / 2)            for t0 >= 0
//! log10 p = min(0, -t^2 / 2 log10(e) + log10(hypotheses))                 (union bound)
//! ```
//!
//! The bound is a conditional: it is not the probability that an accusation is wrong, which needs a prior, and it does not say who made
//! the clip. No key of 256 bits supports a number below 10^-77.
//!
//! # Shapes and units
//! `t` has no unit; under the null its variance is 1. Probabilities are decimal logarithms, at most 0.
//! # References
//! Hoeffding 1963, "Probability Inequalities for Sums of Bounded Random Variables", theorem 2.

use std::f64::consts::LOG10_E;

/// A correlation with secret signs, divided by the norm of the soft values.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct NormalisedScore(f64);

impl NormalisedScore {
    /// `correlation` is `sum(s_i r_i)`, `energy` is `sum(r_i^2)`. Without energy, or with values that are not finite,
    /// the score is 0: no evidence.
    #[must_use]
    pub fn new(correlation: f64, energy: f64) -> Self {
        let t = correlation / energy.sqrt();
        Self(if t.is_finite() { t } else { 0.0 })
    }

    /// The score `t`.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The bound on the probability that any of `hypotheses` false ones scores this high.
    #[must_use]
    pub fn log10_p(self, hypotheses: Hypotheses) -> f64 {
        log10_p(self.0, hypotheses.log10())
    }
}

/// `log10` of the bound `exp(-t^2 / 2) * 10^log10_hypotheses`, at most 0; 0 for `t <= 0`.
#[must_use]
pub fn log10_p(t: f64, log10_hypotheses: f64) -> f64 {
    if t > 0.0 {
        (log10_hypotheses - 0.5 * t * t * LOG10_E).min(0.0)
    } else {
        0.0
    }
}

/// The score at which `hypotheses` trials reach `log10_p`.
#[must_use]
pub fn score_for(log10_p: f64, hypotheses: Hypotheses) -> NormalisedScore {
    NormalisedScore(
        (2.0 * (hypotheses.log10() - log10_p) / LOG10_E)
            .max(0.0)
            .sqrt(),
    )
}

/// How many hypotheses were tried: the product of independent choices.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Hypotheses {
    log10: f64,
}

impl Hypotheses {
    /// A single hypothesis.
    pub const ONE: Self = Self { log10: 0.0 };

    /// Every payload of an open decode: 2^64.
    #[must_use]
    pub fn all_payloads() -> Self {
        Self {
            log10: 64.0 * std::f64::consts::LOG10_2,
        }
    }

    /// Each hypothesis so far was tried in `choices` ways. Zero counts as one.
    #[must_use]
    pub fn times(self, choices: u64) -> Self {
        Self {
            log10: self.log10 + (choices.max(1) as f64).log10(),
        }
    }

    /// Both sets of choices, in every combination.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            log10: self.log10 + other.log10,
        }
    }

    /// Decimal logarithm of the count.
    #[must_use]
    pub const fn log10(self) -> f64 {
        self.log10
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::StreamKey;

    /// P(sum of n fair signs >= k), by Pascal's triangle in f64.
    fn binomial_tail(n: usize, k: i64) -> f64 {
        let mut row = vec![1.0_f64];
        for _ in 0..n {
            row = (0..=row.len())
                .map(|i| 0.5 * (row.get(i).unwrap_or(&0.0) + if i > 0 { row[i - 1] } else { 0.0 }))
                .collect();
        }
        row.iter()
            .enumerate()
            .filter(|(plus, _)| 2 * *plus as i64 - n as i64 >= k)
            .map(|(_, p)| p)
            .sum()
    }

    #[test]
    fn bound_dominates_the_exact_binomial_tail() {
        for n in [1, 2, 7, 64, 512] {
            for k in 1..=n as i64 {
                let exact = binomial_tail(n, k).log10();
                let bound = NormalisedScore::new(k as f64, n as f64).log10_p(Hypotheses::ONE);
                assert!(
                    bound >= exact,
                    "n {n} k {k}: bound {bound} below exact {exact}"
                );
            }
        }
    }

    #[test]
    fn bound_dominates_random_weights() {
        const TRIALS: usize = 40_000;
        let mut stream = StreamKey::from_bytes([5; 32]).stream(0);
        let weights: Vec<f32> = (0..64)
            .map(|_| (stream.below(1000) as f32 / 250.0 - 2.0).powi(3))
            .collect();
        let energy: f64 = weights.iter().map(|w| f64::from(*w).powi(2)).sum();
        let mut signs = vec![0.0; weights.len()];
        let scores: Vec<f64> = (0..TRIALS)
            .map(|_| {
                stream.signs(&mut signs);
                let correlation = signs
                    .iter()
                    .zip(&weights)
                    .map(|(s, w)| f64::from(s * w))
                    .sum();
                NormalisedScore::new(correlation, energy).value()
            })
            .collect();
        for t in [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5] {
            let observed = scores.iter().filter(|s| **s >= t).count() as f64 / TRIALS as f64;
            assert!(
                observed <= 10_f64.powf(log10_p(t, 0.0)),
                "t {t}: {observed}"
            );
        }
    }

    #[test]
    fn no_evidence_is_certainty_of_nothing() {
        for t in [0.0, -3.0, f64::NAN] {
            assert!(log10_p(t, 0.0).abs() < f64::EPSILON);
        }
        assert!(NormalisedScore::new(1.0, 0.0).value().abs() < f64::EPSILON);
        assert!(NormalisedScore::new(f64::NAN, 1.0).value().abs() < f64::EPSILON);
        assert!(log10_p(3.0, 20.0).abs() < f64::EPSILON, "clamped");
    }

    #[test]
    fn a_million_deliveries_need_the_score_of_the_design() {
        let million = Hypotheses::ONE.times(1000).times(1000);
        let score = score_for(-9.0, million);
        assert!((score.value() - 8.31).abs() < 0.01, "{score:?}");
        assert!((score.log10_p(million) + 9.0).abs() < 1e-9);
        assert!((Hypotheses::all_payloads().log10() - 19.266).abs() < 1e-3);
        assert!((million.and(Hypotheses::ONE.times(0)).log10() - 6.0).abs() < 1e-12);
    }
}
