//! A projection made ready to be held against many words.
//!
//! ```text
//! S(K) = sum_{k in K} |y[k]|,      K four bits at a time: seven tables of sixteen sums
//! unlike = (2 S(D) - S(D and U)) / (1 + 2 S(all))        D bits that differ, U bits that are uncertain
//! ```
//!
//! # Shapes and units
//! As those of words: integers, so that the sums are those of [`Projection::unlike`] whatever their order.

use super::{BITS, Projection};

/// Bits that are looked up together, and how many times.
const TOGETHER: usize = 4;
const TABLES: usize = BITS / TOGETHER;

/// Sums of a projection's sizes over any of its bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordWeights {
    word: u32,
    all: u64,
    sums: [[u64; 1 << TOGETHER]; TABLES],
}

impl WordWeights {
    /// Of a projection.
    #[must_use]
    pub fn new(projection: &Projection) -> Self {
        let mut sums = [[0_u64; 1 << TOGETHER]; TABLES];
        for (table, values) in sums.iter_mut().zip(projection.0.chunks_exact(TOGETHER)) {
            for bits in 1..table.len() {
                let lowest = bits.trailing_zeros() as usize;
                let rest = table[bits & (bits - 1)];
                table[bits] = rest + u64::from(values[lowest].unsigned_abs());
            }
        }
        let all: u64 = sums.iter().map(|table| table[table.len() - 1]).sum();
        Self {
            word: projection.word(),
            all: 1 + 2 * all,
            sums,
        }
    }

    /// As [`Projection::unlike`].
    #[must_use]
    pub fn unlike(&self, word: u32, uncertain: u32) -> f32 {
        let differs = self.word ^ word;
        let apart = 2 * self.sum(differs) - self.sum(differs & uncertain);
        apart as f32 / self.all as f32
    }

    fn sum(&self, bits: u32) -> u64 {
        let tables = self.sums.iter().enumerate();
        let each =
            tables.map(|(at, table)| table[(bits >> (TOGETHER * at)) as usize % table.len()]);
        each.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_say_what_the_projection_says_bit_for_bit() {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        };
        for _ in 0..50 {
            let projection = Projection(std::array::from_fn(|_| next() as i32 / 2));
            let weights = WordWeights::new(&projection);
            for _ in 0..50 {
                let (word, uncertain) = (next(), next());
                let (own, all) = (
                    weights.unlike(word, uncertain),
                    projection.unlike(word, uncertain),
                );
                assert_eq!(own.to_bits(), all.to_bits(), "{projection:?} {word:x}");
            }
        }
    }
}
