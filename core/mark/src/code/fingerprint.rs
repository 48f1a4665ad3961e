//! The fingerprint code: independent fair signs for every delivery, epoch and position.
//!
//! ```text
//! w[e]    = words 16 (e mod 4) .. 16 (e mod 4) + 15 of stream(delivery key, e div 4)
//! s[e][i] = +1 if bit (i mod 32) of word i / 32 of w[e] is 0, else -1
//! score   = sum over epochs e, positions i of s[e][i] r[e][i]
//! ```
//!
//! # Shapes and units
//! A row is one epoch's [`FINGERPRINT_POSITIONS`] soft values, any unit. The score has the same unit; divide by the
//! root of [`energy`] for the score of [`crate::bound`].
//! # Determinism
//! 32 lanes of `f32` within a row, lanes widened to `f64` and added in order, rows added in the order given: the
//! result is the same at every SIMD width. No fused multiply-add.
//! # References
//! Tardos 2008, "Optimal Probabilistic Fingerprint Codes", with the fair bias that the bound of [`crate::bound`] asks.

use crate::key::DeliveryKey;

/// Signs of a delivery in every epoch.
pub const FINGERPRINT_POSITIONS: usize = 512;

/// Signs held by one word of the stream.
const LANES: usize = 32;
const WORDS: usize = FINGERPRINT_POSITIONS / LANES;
/// Epochs that share a stream: the generator makes four blocks at a time, and an epoch needs one.
const EPOCHS_PER_STREAM: u64 = 4;

/// The soft values of one epoch.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The epoch, counted from the start of the marked master.
    pub epoch: u64,
    /// One soft value for each position.
    pub values: &'a [f32; FINGERPRINT_POSITIONS],
}

/// The signs of one delivery in one epoch, as the embedder needs them.
#[must_use]
pub fn signs(key: &DeliveryKey, epoch: u64) -> [f32; FINGERPRINT_POSITIONS] {
    let mut signs = SignWords::new(key);
    let words = signs.of(epoch);
    std::array::from_fn(|i| {
        if words[i / LANES] >> (i % LANES) & 1 == 0 {
            1.0
        } else {
            -1.0
        }
    })
}

/// The correlation of one delivery's signs with the soft values. Fastest with rows in order of their epochs.
#[must_use]
pub fn score(key: &DeliveryKey, rows: &[Row<'_>]) -> f64 {
    let mut signs = SignWords::new(key);
    rows.iter()
        .map(|row| correlate(signs.of(row.epoch), row.values))
        .sum()
}

/// The squared norm of the soft values.
#[must_use]
pub fn energy(rows: &[Row<'_>]) -> f64 {
    rows.iter()
        .flat_map(|row| row.values)
        .map(|value| f64::from(*value) * f64::from(*value))
        .sum()
}

/// The sign words of one delivery, one stream at a time.
struct SignWords<'a> {
    key: &'a DeliveryKey,
    stream: Option<u64>,
    epochs: [[u32; WORDS]; EPOCHS_PER_STREAM as usize],
}

impl<'a> SignWords<'a> {
    fn new(key: &'a DeliveryKey) -> Self {
        Self {
            key,
            stream: None,
            epochs: [[0; WORDS]; EPOCHS_PER_STREAM as usize],
        }
    }

    fn of(&mut self, epoch: u64) -> &[u32; WORDS] {
        let number = epoch / EPOCHS_PER_STREAM;
        if self.stream != Some(number) {
            let mut stream = self.key.stream(number);
            self.epochs
                .as_flattened_mut()
                .fill_with(|| stream.next_word());
            self.stream = Some(number);
        }
        &self.epochs[(epoch % EPOCHS_PER_STREAM) as usize]
    }
}

/// `sum(s_i r_i)` of one row.
fn correlate(words: &[u32; WORDS], values: &[f32; FINGERPRINT_POSITIONS]) -> f64 {
    let mut lanes = [0.0_f32; LANES];
    for (word, values) in words.iter().zip(values.as_chunks::<LANES>().0) {
        for (lane, value) in values.iter().enumerate() {
            // A test and a mask instead of a shift by the lane: SSE2 has no shift by lane.
            let flip = if word & 1 << lane == 0 { 0 } else { 1 << 31 };
            lanes[lane] += f32::from_bits(value.to_bits() ^ flip);
        }
    }
    lanes.iter().map(|lane| f64::from(*lane)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::NormalisedScore;
    use crate::key::StreamKey;

    fn rows_of(signs: &[[f32; FINGERPRINT_POSITIONS]]) -> Vec<Row<'_>> {
        signs
            .iter()
            .enumerate()
            .map(|(epoch, values)| Row {
                epoch: epoch as u64,
                values,
            })
            .collect()
    }

    #[test]
    fn own_signs_score_fully_and_others_do_not() {
        let key = DeliveryKey::from_bytes([3; 32]);
        let signs: Vec<_> = (0..20).map(|epoch| signs(&key, epoch)).collect();
        let rows = rows_of(&signs);
        assert!((score(&key, &rows) - 20.0 * 512.0).abs() < f64::EPSILON);
        assert!((energy(&rows) - 20.0 * 512.0).abs() < f64::EPSILON);
        for other in 4..104 {
            let other = score(&DeliveryKey::from_bytes([other; 32]), &rows);
            let t = NormalisedScore::new(other, energy(&rows)).value();
            assert!(t.abs() < 4.0, "{t}");
        }
    }

    #[test]
    fn lanes_agree_with_the_sum_in_order() {
        let key = DeliveryKey::from_bytes([8; 32]);
        let mut noise = StreamKey::from_bytes([1; 32]).stream(0);
        let values: [f32; FINGERPRINT_POSITIONS] =
            std::array::from_fn(|_| noise.below(2001) as f32 / 100.0 - 10.0);
        let rows = [Row {
            epoch: 5,
            values: &values,
        }];
        let expected: f64 = signs(&key, 5)
            .iter()
            .zip(&values)
            .map(|(s, r)| f64::from(*s) * f64::from(*r))
            .sum();
        // 15 additions of values below 160 in f32, 32 lanes.
        assert!(
            (score(&key, &rows) - expected).abs() < 32.0 * 15.0 * 160.0 * f64::from(f32::EPSILON)
        );
    }

    #[test]
    fn order_of_epochs_changes_nothing_but_speed() {
        let key = DeliveryKey::from_bytes([4; 32]);
        for epoch in [0, 3, 4, 1, 7, u64::MAX, 0] {
            let signs = signs(&key, epoch);
            let rows = [
                Row {
                    epoch: 6,
                    values: &signs,
                },
                Row {
                    epoch,
                    values: &signs,
                },
            ];
            let own = score(&key, &rows[1..]);
            assert!((own - 512.0).abs() < f64::EPSILON);
            assert!((score(&key, &rows) - score(&key, &rows[..1]) - own).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn score_of_fixed_values_is_pinned() {
        let key = DeliveryKey::from_bytes(std::array::from_fn(|i| i as u8));
        let values: [f32; FINGERPRINT_POSITIONS] = std::array::from_fn(|i| i as f32 * 0.1 - 20.0);
        let rows = [
            Row {
                epoch: 0,
                values: &values,
            },
            Row {
                epoch: u64::MAX,
                values: &values,
            },
        ];
        assert_eq!(score(&key, &rows).to_bits(), GOLDEN_SCORE);
    }

    const GOLDEN_SCORE: u64 = 0x4090_c000_1f80_0000;
}
