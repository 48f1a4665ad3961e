//! The two decisions: who is named by the soft values, and how small the chance is that this is wrong.
//!
//! ```text
//! row[e,p]  = sum of s[e,i] y[e,i] over the chips i of position p                          positions of both codes
//! open:     LLR[p] = sum over e of whitening[e,p] row[e,p]  ->  list of payloads  ->  fingerprint score of each
//! closed:   t(d) = sum over e, p of f[d,e,p] row[e,p] / ||row||,   P <= hypotheses * exp(-t^2 / 2)
//! ```
//!
//! The probability printed for either comes from the fingerprint code: a payload out of the list is one more hypothesis.
//!
//! # Shapes and units
//! `log10_p` is the base-10 logarithm of a proved upper bound on the false-accusation probability.

use crate::bound::{Hypotheses, NormalisedScore};
use crate::chips::{ChipPlan, POSITIONS};
use crate::code::fingerprint::{self, Row};
use crate::code::polar::{CODED_BITS, ListDecoder};
use crate::code::whitening::Whitening;
use crate::format::FINGERPRINT_POSITIONS;
use crate::key::{DeliveryKey, ScopedPayloadKey};
use crate::payload::Payload;
use crate::soft::SoftValues;

/// Accusations need a `log10_p` below this.
pub const ACCUSATION_LOG10_P: f64 = -9.0;

/// Payloads that the open decoder proposes for each key.
pub const LIST: usize = 128;

/// The soft values of both codes in one epoch.
#[derive(Clone, Debug)]
struct EpochRow {
    epoch: u64,
    address: [f32; CODED_BITS],
    fingerprint: [f32; FINGERPRINT_POSITIONS],
}

/// All evidence of a clip under one hypothesis of geometry and time.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    rows: Vec<EpochRow>,
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
    #[must_use]
    pub fn collect(plan: &ChipPlan, soft: &SoftValues, shift: i64) -> Self {
        let rows = soft
            .epochs(shift)
            .into_iter()
            .map(|(epoch, values)| {
                let chips = plan.epoch(epoch);
                let mut sums = [0.0; POSITIONS];
                for (chip, position) in chips.positions {
                    let chip = chip as usize;
                    sums[position as usize] += chips.signs[chip] * values[chip];
                }
                let (address, fingerprint) = sums.split_at(CODED_BITS);
                EpochRow {
                    epoch,
                    address: std::array::from_fn(|p| address[p]),
                    fingerprint: std::array::from_fn(|p| fingerprint[p]),
                }
            })
            .collect();
        Self { rows }
    }

    /// Adds the evidence of another part of the clip; rows of the same epoch are summed.
    pub fn merge(&mut self, other: Self) {
        for row in other.rows {
            match self.rows.binary_search_by_key(&row.epoch, |own| own.epoch) {
                Ok(place) => {
                    let own = &mut self.rows[place];
                    own.address
                        .iter_mut()
                        .zip(row.address)
                        .for_each(|(sum, y)| *sum += y);
                    own.fingerprint
                        .iter_mut()
                        .zip(row.fingerprint)
                        .for_each(|(sum, y)| *sum += y);
                }
                Err(place) => self.rows.insert(place, row),
            }
        }
    }

    /// Epochs that hold evidence.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.rows.len()
    }

    /// The closed decision: the fingerprint score of one delivery.
    #[must_use]
    pub fn score(&self, delivery: &DeliveryKey) -> NormalisedScore {
        let rows = self.fingerprint_rows();
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
        let rows = self.fingerprint_rows();
        let energy = fingerprint::energy(&rows);
        let score = |key| NormalisedScore::new(fingerprint::score(key, &rows), energy);
        deliveries.into_iter().map(score).collect()
    }

    /// The open decision for one distributor: the payload out of the decoder's list that its own fingerprint supports
    /// best.
    pub fn decode(&self, scoped: &ScopedPayloadKey, decoder: &mut ListDecoder) -> Option<Finding> {
        let llr = self.address_llr(scoped);
        let energy: f64 = self
            .rows
            .iter()
            .flat_map(|row| row.address)
            .map(|y| f64::from(y) * f64::from(y))
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
        for row in &self.rows {
            let mut values = row.address;
            whitening.flip_llr(row.epoch, &mut values);
            llr.iter_mut().zip(values).for_each(|(sum, y)| *sum += y);
        }
        llr
    }

    fn fingerprint_rows(&self) -> Vec<Row<'_>> {
        self.rows
            .iter()
            .map(|row| Row {
                epoch: row.epoch,
                values: &row.fingerprint,
            })
            .collect()
    }
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
