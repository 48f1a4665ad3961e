//! Null experiments: how often a key that was not used scores `t`, against the proved bound.
//!
//! ```text
//! tail      t = sum(s_i r_i) / ||r||_2,    P(t >= t0) <= exp(-t0^2 / 2)      wrong keys, on the blind path's first trail
//! spread    sqrt(mean of t^2) = 1                                            wrong keys, on all evidence of a search
//! exchange  r(clip, deliveries D) = r(clip, deliveries D')                   nothing chooses by the signs that accuse
//! vaults    P(log10 p of the best innocent < -k) <= 10^-k                    complete decisions, every factor in it
//! ```
//!
//! The soft values `r` come from the detector on a real clip, marked or not; the signs `s` from keys that have nothing
//! to do with it. The tail alone tests the norm and little else: it cannot see a choice by the signs, nor a factor that was
//! forgotten. A detector with one of three such faults fails one of the others (`bench/tests/null.rs`).
//!
//! # Shapes and units
//! One score for each wrong key. [`Tail`] counts scores at or above each of [`LEVELS`].

pub mod exchange;
pub mod experiments;
pub mod look;
pub mod registers;
pub mod spread;
pub mod vaults;

use std::fmt::Write as _;

use countermark_mark::Payload;
use countermark_mark::key::{DeliveryKey, DistributorId, OwnerSecret, TitleId};
use serde::{Deserialize, Serialize};

use crate::statistics::Share;

/// Where the tail is counted.
pub const LEVELS: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];

/// Chance that a level of a detector without a fault is taken for one with a fault.
const FALSE_ALARM: f64 = 1e-3;

/// Keys derived at a time.
const BATCH: u64 = 4096;

/// How often scores reached each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tail {
    /// Scores counted.
    pub trials: u64,
    /// Scores at or above each of [`LEVELS`].
    pub counts: [u64; 5],
}

impl Tail {
    /// Counts a score.
    pub fn add(&mut self, score: f64) {
        self.trials += 1;
        for (count, level) in self.counts.iter_mut().zip(LEVELS) {
            *count += u64::from(score >= level);
        }
    }

    /// Both tails together.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            trials: self.trials + other.trials,
            counts: std::array::from_fn(|i| self.counts[i] + other.counts[i]),
        }
    }

    /// The proved bound at level `t`.
    #[must_use]
    pub fn bound(t: f64) -> f64 {
        (-0.5 * t * t).exp()
    }

    /// Levels that more scores reached than the bound and chance explain: a detector with such a level has a bug.
    #[must_use]
    pub fn violations(&self) -> Vec<f64> {
        LEVELS
            .into_iter()
            .zip(self.counts)
            .filter(|&(t, hits)| {
                let share = Share {
                    hits,
                    trials: self.trials,
                };
                share.chance(Self::bound(t)) < FALSE_ALARM
            })
            .map(|(t, _)| t)
            .collect()
    }
}

/// Scores `keys` unrelated delivery keys with `score`, which answers one normalised score for each key it is given.
///
/// The keys grow from a made-up owner secret of `seed`, through the same derivation as real ones.
pub fn wrong_keys(keys: u64, seed: u64, score: impl Fn(&[DeliveryKey]) -> Vec<f64>) -> Tail {
    let mut secret = [0x6e; 32];
    secret[..8].copy_from_slice(&seed.to_le_bytes());
    let owner = OwnerSecret::from_bytes(secret);
    let deliveries = owner
        .payload_key(DistributorId([1; 16]))
        .scoped(TitleId([2; 16]))
        .deliveries();
    let mut tail = Tail::default();
    let mut next = 0;
    while next < keys {
        let end = keys.min(next + BATCH);
        let batch: Vec<DeliveryKey> = (next..end)
            .map(|number| deliveries.key(Payload::new(number)))
            .collect();
        for t in score(&batch) {
            tail.add(t);
        }
        next = end;
    }
    tail
}

/// A Markdown table of one tail for each clip and of all together.
#[must_use]
pub fn to_markdown(tails: &[(String, Tail)]) -> String {
    let mut out = String::from("| clip | trials |");
    for level in LEVELS {
        let _ = write!(out, " t >= {level:.0} |");
    }
    out.push_str(" |\n|---|---:|---:|---:|---:|---:|---:|---|\n");
    let all = tails
        .iter()
        .fold(Tail::default(), |sum, (_, t)| sum.merged(*t));
    for (name, tail) in tails
        .iter()
        .map(|(n, t)| (n.as_str(), *t))
        .chain([("all", all)])
    {
        let _ = write!(out, "| {name} | {} |", tail.trials);
        for count in tail.counts {
            let _ = write!(out, " {:.2e} |", count as f64 / tail.trials.max(1) as f64);
        }
        let verdict = if tail.violations().is_empty() {
            "under the bound"
        } else {
            "**above the bound**"
        };
        let _ = writeln!(out, " {verdict} |");
    }
    out.push_str("| exp(-t^2/2) | |");
    for level in LEVELS {
        let _ = write!(out, " {:.2e} |", Tail::bound(level));
    }
    out.push_str(" the bound |\n");
    out
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use countermark_mark::bound::NormalisedScore;
    use countermark_mark::code::fingerprint::{self, Row};

    use super::*;

    #[test]
    fn wrong_keys_stay_under_the_bound_on_uneven_soft_values() {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut values = vec![[0.0_f32; fingerprint::FINGERPRINT_POSITIONS]; 6];
        for value in values.iter_mut().flatten() {
            let u = f64::from(stream.next_u32()) / f64::from(u32::MAX) - 0.5;
            *value = (u * u * u) as f32 * 100.0;
        }
        let rows: Vec<Row<'_>> = values
            .iter()
            .enumerate()
            .map(|(i, values)| Row {
                epoch: i as u64,
                values,
            })
            .collect();
        let energy = fingerprint::energy(&rows);
        let score = |keys: &[DeliveryKey]| -> Vec<f64> {
            keys.iter()
                .map(|key| NormalisedScore::new(fingerprint::score(key, &rows), energy).value())
                .collect()
        };
        let tail = wrong_keys(20_000, 1, score);
        assert_eq!(tail.trials, 20_000);
        assert_eq!(tail.violations(), Vec::<f64>::new());
        // The scores' spread is the bound's: about 16 % lie above 1 and 2.3 % above 2.
        assert!((2_800..3_600).contains(&tail.counts[0]), "{tail:?}");
        assert!((350..570).contains(&tail.counts[1]), "{tail:?}");
        assert_ne!(tail, wrong_keys(20_000, 2, score));
    }

    #[test]
    fn heavy_tail_is_a_violation_and_is_told() {
        let mut tail = Tail::default();
        for i in 0..10_000 {
            tail.add(if i % 20 == 0 { 4.5 } else { 0.0 });
        }
        assert_eq!(tail.violations(), [3.0, 4.0]);
        let text = to_markdown(&[("bad".to_owned(), tail)]);
        assert!(
            text.contains("| bad | 10000 | 5.00e-2 |") && text.contains("above the bound"),
            "{text}"
        );
    }

    #[test]
    fn one_high_score_among_few_is_chance_and_three_are_not() {
        let tail = |high: u64| {
            let mut tail = Tail::default();
            (0..200).for_each(|n| tail.add(if n < high { 4.5 } else { 0.0 }));
            tail.violations()
        };
        assert_eq!(tail(1), Vec::<f64>::new());
        assert_eq!(tail(3), [4.0]);
    }

    #[test]
    fn bound_is_that_of_the_mark() {
        for t in LEVELS {
            let log10 = countermark_mark::bound::log10_p(t, 0.0);
            assert!((Tail::bound(t).log10() - log10).abs() < 1e-12);
        }
    }
}
