//! The two decisions: whose signal the soft values carry, and how seldom so high a score would occur if that copy had not been used.
//!
//! ```text
//! row[e,p]  = sum of s[e,i] y[e,i] over the chips i of position p                          positions of both codes
//! c[e,p]    = row[e,p] / sqrt(1 + (a row[e,p] / (v - a^2))^2)                              fingerprint code
//! known     = sums of s[e,i] y[e,i] over as many of the synchronisation chips as a position has
//! A, n^2    = their mean and their variance;  v = mean of row[e,p]^2;  a = min(A, (v - n^2) / A)
//! open:     LLR[p] = sum over e of whitening[e,p] row[e,p]  ->  list of payloads  ->  fingerprint score of each
//! closed:   t(d) = sum over e, p of f[d,e,p] c[e,p] / ||c||,   P <= hypotheses * exp(-t^2 / 2)
//! ```
//!
//! A row is `a f + n`, a sign in noise. `a row / (v - a^2)` is half the logarithm of the sign's odds and the hyperbolic tangent of
//! that the sign's expectation, which `u / sqrt(1 + u^2)` follows with no more than a root. Where the mark stands out of the noise a
//! large row says hardly more than a middling one, but counts by its square in the norm; no score exceeds the root of the number of
//! rows, 22.6 for the 512 of a still, and rows that are limited come nearer to it. Where the mark is faint `a` is small and `c` is the
//! row. Of one copy a row holds what as many synchronisation chips hold, `a = A`. Copies in one keep the pattern, which they have
//! alike, and of `m` signs the mean: rows hold an `m`th of `A^2`, and `a` is an `m`th of `A`. The synchronisation chips know nothing of a
//! delivery, so neither does `c`.
//!
//! # Shapes and units
//! `log10_p` is the base-10 logarithm of a proved upper bound on the probability of such a score under the null hypothesis of
//! [`crate::bound`]. It is not the probability that an accusation is wrong.

use ndarray::{Array2, ArrayView2, s};

use crate::bound::{Hypotheses, NormalisedScore};
use crate::chips::{ChipPlan, POSITIONS};
use crate::code::fingerprint::{self, FINGERPRINT_POSITIONS, Row};
use crate::code::polar::{CODED_BITS, ListDecoder};
use crate::code::whitening::Whitening;
use crate::key::{DeliveryKey, ScopedPayloadKey};
use crate::payload::Payload;
use crate::soft::SoftValues;

/// Accusations need a `log10_p` below this.
pub const ACCUSATION_LOG10_P: f64 = -9.0;

/// Payloads that the open decoder proposes for each key.
pub const LIST: usize = 128;

/// The least share of a row's variance that is taken for noise.
const LEAST_NOISE: f64 = 0.05;

/// Standard errors by which rows must fall short of the synchronisation chips before several copies are the reason.
const ERRORS_ALLOWED: f64 = 2.0;

/// All evidence of a clip under one hypothesis of geometry and time.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// The epochs of the rows, ascending.
    epochs: Vec<u64>,
    /// `[epoch][position]`: the soft values of the address code, then those of the fingerprint code.
    rows: Array2<f32>,
    /// `[epoch][sum]`: what as many synchronisation chips hold of the mark as a position has chips.
    known: Array2<f32>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            epochs: Vec::new(),
            rows: Array2::zeros((0, POSITIONS)),
            known: Array2::zeros((0, 0)),
        }
    }
}

/// One payload and how strongly the fingerprint code speaks for it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Finding {
    /// The payload.
    pub payload: Payload,
    /// The fingerprint score of its delivery.
    pub score: NormalisedScore,
    /// The address score of its codeword; zero when it was not looked at.
    pub address: NormalisedScore,
}

impl Evidence {
    /// Collects the soft values by code position, for a clip whose bin `n` is bin `n + shift` of the media.
    ///
    /// # Panics
    /// When the soft values are of another format than the plan.
    #[must_use]
    pub fn collect(plan: &ChipPlan, soft: &SoftValues, shift: i64) -> Self {
        assert_eq!(soft.format(), plan.format(), "one format");
        let (epochs, soft) = soft.epochs(shift);
        let mut rows = Array2::zeros((epochs.len(), POSITIONS));
        let known_chips = plan.sync().len();
        let sums_of_known = known_sums(known_chips, plan);
        let mut known = Array2::zeros((epochs.len(), sums_of_known));
        let pairs = soft.rows().into_iter().zip(rows.rows_mut());
        for ((epoch, (values, mut sums)), mut known) in
            epochs.iter().zip(pairs).zip(known.rows_mut())
        {
            let chips = plan.epoch(*epoch);
            for (number, &chip) in plan.sync().iter().enumerate() {
                let chip = chip as usize;
                known[number % sums_of_known] += chips.signs[chip] * values[chip];
            }
            let of_position = chips.positions.len() as f64 / POSITIONS as f64;
            let of_sum = known_chips as f64 / sums_of_known as f64;
            known.mapv_inplace(|sum| (of_position / of_sum) as f32 * sum);
            for (chip, position) in chips.positions {
                let chip = chip as usize;
                sums[usize::from(position)] += chips.signs[chip] * values[chip];
            }
        }
        Self {
            epochs,
            rows,
            known,
        }
    }

    /// Adds the evidence of another part of the clip; rows of the same epoch are summed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "evidence that was added counts no more by itself"
    )]
    pub fn merge(&mut self, other: Self) {
        let mut epochs = [&self.epochs[..], &other.epochs].concat();
        epochs.sort_unstable();
        epochs.dedup();
        let mut rows = Array2::zeros((epochs.len(), POSITIONS));
        let mut known = Array2::zeros((epochs.len(), self.known.ncols().max(other.known.ncols())));
        for part in [&*self, &other] {
            let values = part.rows.rows().into_iter().zip(part.known.rows());
            for (epoch, (values, more)) in part.epochs.iter().zip(values) {
                let place = epochs.partition_point(|other| other < epoch);
                let mut sums = rows.row_mut(place);
                sums += &values;
                let mut sums = known.row_mut(place);
                sums += &more;
            }
        }
        *self = Self {
            epochs,
            rows,
            known,
        };
    }

    /// Takes in another view of the same frames, which counts as much: both are brought to one norm, and the mean is kept.
    ///
    /// What an encoder repeats and what it codes anew carry noise that is alike in part only. Norms know nothing of a delivery's signs.
    pub fn join(&mut self, mut other: Self) {
        let norm = |rows: &Array2<f32>| {
            rows.iter()
                .map(|y| f64::from(*y) * f64::from(*y))
                .sum::<f64>()
        };
        let (own, new) = (norm(&self.rows), norm(&other.rows));
        let is_other_empty = new <= 0.0;
        if own <= 0.0 || is_other_empty {
            if !is_other_empty {
                *self = other;
            }
            return;
        }
        let share = 0.5 * (own / new).sqrt();
        self.scale(0.5);
        other.scale(share);
        self.merge(other);
    }

    fn scale(&mut self, factor: f64) {
        self.rows.mapv_inplace(|y| factor as f32 * y);
        self.known.mapv_inplace(|y| factor as f32 * y);
    }

    /// Epochs that hold evidence.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// The soft values of the address code, `[epoch][position]`.
    fn address(&self) -> ArrayView2<'_, f32> {
        self.rows.slice(s![.., ..CODED_BITS])
    }

    /// The epochs and `[epoch][position]` of the fingerprint code as they are scored: `c`.
    #[must_use]
    pub fn fingerprint(&self) -> (&[u64], Array2<f32>) {
        let factor = self.odds() as f32;
        let rows = self.rows.slice(s![.., CODED_BITS..]);
        let limited = |row: &f32| {
            let odds = factor * row;
            row / (1.0 + odds * odds).sqrt()
        };
        (&self.epochs, rows.map(limited))
    }

    /// `a / (v - a^2)`, zero where the synchronisation chips know of no mark.
    fn odds(&self) -> f64 {
        let (level, of_known) = moments(&self.known);
        let noise = of_known - level * level;
        let (_, variance) = moments(&self.rows);
        let error =
            |variance: f64, rows: &Array2<f32>| variance * (2.0 / rows.len().max(1) as f64).sqrt();
        let errors = error(noise, &self.known) + error(variance, &self.rows);
        let held = (variance - noise + ERRORS_ALLOWED * errors).max(0.0);
        if level <= 0.0 || variance <= 0.0 {
            return 0.0;
        }
        let amplitude = level.min(held / level);
        amplitude / (variance - amplitude * amplitude).max(LEAST_NOISE * variance)
    }

    /// The closed decision: the fingerprint score of one delivery.
    #[must_use]
    pub fn score(&self, delivery: &DeliveryKey) -> NormalisedScore {
        let (epochs, values) = self.fingerprint();
        let rows = fingerprint_rows(epochs, &values);
        NormalisedScore::new(
            fingerprint::score(delivery, &rows),
            fingerprint::energy(&rows),
        )
    }

    /// The closed decision for many deliveries: each one's score, in their order.
    pub fn scores<'k>(
        &self,
        deliveries: impl IntoIterator<Item = &'k DeliveryKey>,
    ) -> Vec<NormalisedScore> {
        let (epochs, values) = self.fingerprint();
        let rows = fingerprint_rows(epochs, &values);
        let energy = fingerprint::energy(&rows);
        let score = |key| NormalisedScore::new(fingerprint::score(key, &rows), energy);
        deliveries.into_iter().map(score).collect()
    }

    /// The open decision for one distributor: the payload out of the decoder's list that its own fingerprint supports
    /// best.
    pub fn decode(&self, scoped: &ScopedPayloadKey, decoder: &mut ListDecoder) -> Option<Finding> {
        let llr = self.address_llr(scoped);
        let energy: f64 = (self.address().iter())
            .map(|y| f64::from(*y) * f64::from(*y))
            .sum();
        let deliveries = scoped.deliveries();
        let payloads: Vec<Payload> = decoder
            .decode(&llr)
            .iter()
            .map(|candidate| candidate.payload)
            .collect();
        let keys: Vec<DeliveryKey> = payloads
            .iter()
            .map(|payload| deliveries.key(*payload))
            .collect();
        let scores = self.scores(&keys);
        let (payload, score) = payloads
            .into_iter()
            .zip(scores)
            .max_by(|a, b| a.1.value().total_cmp(&b.1.value()))?;
        let address = agreement(&llr, payload);
        Some(Finding {
            payload,
            score,
            address: NormalisedScore::new(address, energy),
        })
    }

    /// The share of coded bits of a payload that the soft values contradict: 0.5 is guessing.
    #[must_use]
    pub fn coded_bit_error(&self, scoped: &ScopedPayloadKey, payload: Payload) -> f64 {
        let llr = self.address_llr(scoped);
        let bits = crate::code::polar::encode(payload);
        let wrong = llr
            .iter()
            .zip(bits)
            .filter(|(llr, bit)| (**llr < 0.0) != (*bit == 1))
            .count();
        wrong as f64 / CODED_BITS as f64
    }

    fn address_llr(&self, scoped: &ScopedPayloadKey) -> [f32; CODED_BITS] {
        let whitening = Whitening::new(scoped);
        let mut llr = [0.0; CODED_BITS];
        let mut values = [0.0; CODED_BITS];
        for (epoch, row) in self.epochs.iter().zip(self.address().rows()) {
            (values.iter_mut().zip(row)).for_each(|(value, y)| *value = *y);
            whitening.flip_llr(*epoch, &mut values);
            llr.iter_mut().zip(values).for_each(|(sum, y)| *sum += y);
        }
        llr
    }
}

/// Sums of synchronisation chips that have as many chips as a position.
fn known_sums(known_chips: usize, plan: &ChipPlan) -> usize {
    let others = plan.chips() - known_chips;
    (known_chips * POSITIONS).div_ceil(others.max(1)).max(1)
}

/// Mean and mean square, zero of nothing.
fn moments(values: &Array2<f32>) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let values = || values.iter().map(|y| f64::from(*y));
    let squares = values().map(|y| y * y);
    (values().sum::<f64>() / count, squares.sum::<f64>() / count)
}

/// The rows of the fingerprint code, one for each epoch.
fn fingerprint_rows<'a>(epochs: &[u64], values: &'a Array2<f32>) -> Vec<Row<'a>> {
    let values = values.as_slice().unwrap_or_default();
    let (rows, _) = values.as_chunks::<FINGERPRINT_POSITIONS>();
    let rows = epochs.iter().zip(rows);
    rows.map(|(&epoch, values)| Row { epoch, values }).collect()
}

/// `sum_p (-1)^bit[p] llr[p]`.
fn agreement(llr: &[f32; CODED_BITS], payload: Payload) -> f64 {
    let bits = crate::code::polar::encode(payload);
    llr.iter()
        .zip(bits)
        .map(|(llr, bit)| {
            if bit == 0 {
                f64::from(*llr)
            } else {
                -f64::from(*llr)
            }
        })
        .sum()
}

/// The hypotheses of an open decision: every key, its list, and every hypothesis of geometry and time decoded.
#[must_use]
pub fn open_hypotheses(keys: usize, decoded: u64) -> Hypotheses {
    Hypotheses::ONE
        .times(keys as u64)
        .times(LIST as u64)
        .times(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(epochs: &[u64], value: impl Fn(u64, usize) -> f32) -> Evidence {
        let rows = Array2::from_shape_fn((epochs.len(), POSITIONS), |(e, p)| value(epochs[e], p));
        Evidence {
            epochs: epochs.to_vec(),
            rows,
            known: Array2::zeros((epochs.len(), 0)),
        }
    }

    #[test]
    fn faint_rows_are_scored_as_they_are() {
        let own = evidence(&[3, 4], |e, p| ((p as u64 * 7 + e) % 11) as f32 - 5.0);
        let (epochs, scored) = own.fingerprint();
        assert_eq!(epochs, [3, 4]);
        assert_eq!(scored, own.rows.slice(s![.., CODED_BITS..]));
    }

    #[test]
    fn rows_are_limited_by_what_the_synchronisation_chips_say() {
        // Rows of 3 and 1 in turn: v = 5. Sums of the same sizes: A = 2, 1 is noise, u = 2 row.
        let mut own = evidence(&[3], |_, p| if p % 2 == 0 { 3.0 } else { -1.0 });
        own.known = Array2::from_shape_fn((1, 1000), |(_, sum)| [3.0, 1.0][sum % 2]);
        let (_, scored) = own.fingerprint();
        for (place, c) in scored.iter().enumerate() {
            let row: f32 = if place % 2 == 0 { 3.0 } else { -1.0 };
            let expected = row / (1.0 + 4.0 * row * row).sqrt();
            assert!((c - expected).abs() < 1e-6, "{c} {expected}");
        }
        // Units do not matter, nor which of two views they come from.
        let mut other = own.clone();
        other.scale(1000.0);
        own.join(other);
        let (_, both) = own.fingerprint();
        for (c, expected) in both.iter().zip(&scored) {
            assert!((c - expected).abs() < 1e-5, "{c} {expected}");
        }
    }

    #[test]
    fn copies_in_one_are_limited_by_what_a_copy_has_of_them() {
        // The mean of two copies without noise: of a mark of 2 rows hold 2, 0, 0, -2, so that v = 2 = A^2 / 2 and a = 1, but for
        // the errors of v: u = row (1 + 2 sqrt(2 / 1024)) / (2 - (1 + ..)^2).
        let mut own = evidence(&[3], |_, p| [2.0, 0.0, 0.0, -2.0][p % 4]);
        own.known = Array2::from_elem((1, 1000), 2.0);
        let (_, scored) = own.fingerprint();
        let amplitude = 1.0 + 2.0 * (2.0_f64 / POSITIONS as f64).sqrt();
        let u = 2.0 * amplitude / (2.0 - amplitude * amplitude);
        let expected = 2.0 / (1.0 + u * u).sqrt();
        for (place, c) in scored.iter().enumerate() {
            let expected = [expected, 0.0, 0.0, -expected][place % 4];
            assert!((f64::from(*c) - expected).abs() < 1e-6, "{c} {expected}");
        }
    }

    #[test]
    fn what_no_row_holds_and_a_level_below_zero_limit_nothing() {
        let mut own = evidence(&[3], |_, p| if p % 2 == 0 { 3.0 } else { -1.0 });
        own.known = Array2::from_elem((1, 1000), -2.0);
        let (_, scored) = own.fingerprint();
        assert_eq!(scored, own.rows.slice(s![.., CODED_BITS..]));
        // Sums as noisy as rows, and a level that is not in them.
        own.known = Array2::from_shape_fn((1, 1000), |(_, sum)| {
            50.0 + [5_f32.sqrt(), -(5_f32.sqrt())][sum % 2]
        });
        let (_, scored) = own.fingerprint();
        for (c, row) in scored.iter().zip(own.rows.slice(s![.., CODED_BITS..])) {
            assert!((c / row - 1.0).abs() < 1e-3, "{c} {row}");
        }
    }

    #[test]
    fn two_views_count_as_much_whatever_their_units() {
        let own = evidence(&[3, 4], |e, p| ((p as u64 * 7 + e) % 5) as f32 - 2.0);
        let other = |unit: f32| {
            evidence(&[4, 5], |e, p| {
                unit * (((p as u64 * 3 + e) % 7) as f32 - 3.0)
            })
        };
        let joined = |unit: f32| {
            let mut all = own.clone();
            all.join(other(unit));
            all
        };
        let (one, thousand) = (joined(1.0), joined(1000.0));
        assert_eq!(one.epochs, [3, 4, 5]);
        for (a, b) in one.rows.iter().zip(&thousand.rows) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
        // The first view's unit holds: its own rows count half.
        for (row, half) in own.rows.row(0).iter().zip(one.rows.row(0)) {
            assert!((half - 0.5 * row).abs() < 1e-6);
        }
    }

    #[test]
    fn a_view_that_holds_nothing_takes_nothing_away() {
        let own = evidence(&[3], |_, p| p as f32);
        for other in [Evidence::default(), evidence(&[7], |_, _| 0.0)] {
            let mut all = own.clone();
            all.join(other.clone());
            assert_eq!(all, own);
            let mut all = other;
            all.join(own.clone());
            assert_eq!(all, own);
        }
    }
}
