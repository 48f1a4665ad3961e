//! Visual words: what a feature looks like in 28 bits, for an inverted index.
//!
//! ```text
//! y[k] = sum_{r,c,b} C[r_k][r] C[c_k][c] F[b_k][b] d[r,c,b]        d a descriptor's 4 x 4 cells of 8 directions
//! bit k of the word = y[k] > t[k]
//! cost of turning the bits of a set K = sum_{k in K} (y[k] - t[k])^2
//! ```
//!
//! `C` is the orthonormal DCT-II of 4 points and `F` the real Fourier basis of 8, both in 1/128 and rounded. Neighbouring
//! cells and directions go together, so signs of random projections would say the same thing many times over: of 24 of
//! them one wrong frame in three shares a word with a picture, of the 24 strongest of these products one in six. The 28
//! products with the largest variance are used; `t` is the mean of those that are not symmetric about zero. Both were
//! measured on features of 37 films.
//!
//! A descriptor that was disturbed falls on another word: a search looks up the nearest ones as well. Mirroring only turns
//! the sign of every `y` that is odd in rows or in directions but not in both.
//!
//! # Shapes and units
//! `y` in 128^-3 of a descriptor's unit: at most 2^30 by Cauchy and Schwarz. Integers throughout: the same on any machine.

use crate::Descriptor;

mod weights;

pub use weights::WordWeights;

/// Bits of a word.
pub const WORD_BITS: u32 = 28;

const BITS: usize = WORD_BITS as usize;

/// Least certain bits that may be turned.
pub(crate) const TURNED: usize = 8;

/// What a projection is rebuilt with where only the word is known, and which bits are uncertain.
const UNCERTAIN: i32 = 1 << 20;
const CERTAIN: i32 = 1 << 22;

/// `C`, by frequency.
const COSINES: [[i32; 4]; 4] = [
    [64, 64, 64, 64],
    [84, 35, -35, -84],
    [64, -64, -64, 64],
    [35, -84, 84, -35],
];

/// `F`: the mean, cosine and sine of one to three turns, the alternating one.
const HARMONICS: [[i32; 8]; 8] = [
    [45, 45, 45, 45, 45, 45, 45, 45],
    [64, 45, 0, -45, -64, -45, 0, 45],
    [0, 45, 64, 45, 0, -45, -64, -45],
    [64, 0, -64, 0, 64, 0, -64, 0],
    [0, 64, 0, -64, 0, 64, 0, -64],
    [64, -45, 0, 45, -64, 45, 0, -45],
    [0, 45, -64, 45, 0, -45, 64, -45],
    [45, -45, 45, -45, 45, -45, 45, -45],
];

/// `(r_k, c_k, b_k, t_k)`, `t` in a descriptor's unit.
const PRODUCTS: [(usize, usize, usize, i32); BITS] = [
    (0, 0, 2, 0),
    (0, 1, 1, 0),
    (0, 0, 1, 71),
    (0, 0, 3, 66),
    (1, 0, 2, 0),
    (0, 3, 1, 0),
    (0, 2, 1, -50),
    (2, 0, 2, 0),
    (1, 0, 3, 0),
    (0, 0, 4, 0),
    (0, 1, 3, 0),
    (0, 1, 0, 0),
    (1, 0, 0, 0),
    (0, 1, 2, 0),
    (1, 2, 2, 0),
    (1, 1, 2, -23),
    (1, 1, 1, 0),
    (1, 0, 4, 0),
    (3, 0, 2, 0),
    (0, 1, 4, 0),
    (2, 1, 2, 0),
    (0, 2, 3, -23),
    (1, 0, 1, 0),
    (1, 2, 1, 0),
    (3, 2, 2, 0),
    (0, 2, 2, 0),
    (2, 1, 1, 0),
    (0, 2, 0, -71),
];

/// A descriptor in the directions that make its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Projection([i32; BITS]);

impl Projection {
    /// Of a descriptor.
    #[must_use]
    pub fn new(descriptor: &Descriptor) -> Self {
        let bytes = descriptor.bytes();
        // Directions first: 16 cells x 8 harmonics serve all products.
        let mut cells = [[0_i32; 8]; 16];
        for (cell, histogram) in cells.iter_mut().zip(bytes.chunks_exact(8)) {
            for (value, harmonic) in cell.iter_mut().zip(&HARMONICS) {
                *value = harmonic
                    .iter()
                    .zip(histogram)
                    .map(|(&f, &d)| f * i32::from(d))
                    .sum();
            }
        }
        Self(PRODUCTS.map(|(row, column, harmonic, threshold)| {
            let mut sum = 0;
            for (r, line) in cells.chunks_exact(4).enumerate() {
                let inner: i32 = line
                    .iter()
                    .zip(COSINES[column])
                    .map(|(cell, c)| c * cell[harmonic])
                    .sum();
                sum += COSINES[row][r] * inner;
            }
            sum - threshold * (1 << 21)
        }))
    }

    /// One of which no more is known than its word and which of its bits are the least certain.
    #[must_use]
    pub fn coarse(word: u32, uncertain: u32) -> Self {
        Self(std::array::from_fn(|k| {
            let size = if uncertain >> k & 1 == 1 {
                UNCERTAIN
            } else {
                CERTAIN
            };
            if word >> k & 1 == 1 { size } else { -size }
        }))
    }

    /// The [`TURNED`] bits that a small disturbance turns first.
    #[must_use]
    pub fn uncertain(&self) -> u32 {
        let order = self.by_certainty();
        order[..TURNED].iter().fold(0, |bits, k| bits | 1 << k)
    }

    /// How unlike this is a word of another picture: the share of this projection that lies on the other side, bits that are
    /// uncertain there counting half.
    #[must_use]
    pub fn unlike(&self, word: u32, uncertain: u32) -> f32 {
        let differs = self.word() ^ word;
        let (mut apart, mut all) = (0_u64, 1_u64);
        for (k, value) in self.0.iter().enumerate() {
            let size = u64::from(value.unsigned_abs());
            all += 2 * size;
            if differs >> k & 1 == 1 {
                apart += size * (2 - u64::from(uncertain >> k & 1));
            }
        }
        apart as f32 / all as f32
    }

    /// Bits, the least certain first.
    fn by_certainty(&self) -> [usize; BITS] {
        let mut order: [usize; BITS] = std::array::from_fn(|k| k);
        order.sort_unstable_by_key(|&k| (self.0[k].unsigned_abs(), k));
        order
    }

    /// Of the mirrored descriptor.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let mut mirrored = *self;
        for (value, (row, _, harmonic, _)) in mirrored.0.iter_mut().zip(PRODUCTS) {
            let odd_in_direction = matches!(harmonic, 2 | 4 | 6);
            if (row % 2 == 1) != odd_in_direction {
                *value = -*value;
            }
        }
        mirrored
    }

    /// The word.
    #[must_use]
    pub fn word(&self) -> u32 {
        let bits = self.0.iter().enumerate();
        bits.fold(0, |word, (k, &value)| word | u32::from(value > 0) << k)
    }

    /// The word and those that a small disturbance turns it into, `count` in all, the likeliest first.
    #[must_use]
    pub fn words(&self, count: usize) -> Vec<u32> {
        let word = self.word();
        let turned = self.turned(count).into_iter();
        turned.map(|set| word ^ set).collect()
    }

    /// The sets of bits that a small disturbance turns, `count` in all, the likeliest first, which is no bit at all. Those of the
    /// mirrored descriptor are the same.
    #[must_use]
    pub fn turned(&self, count: usize) -> Vec<u32> {
        let order = self.by_certainty();
        let mut sets: Vec<(u64, u32)> = Vec::with_capacity(1 << TURNED);
        sets.push((0, 0));
        for &k in &order[..TURNED] {
            // Squares of 2^30 twenty-eight times over stay below 2^64 only with the last bits left out.
            let cost = (u64::from(self.0[k].unsigned_abs()) >> 10).pow(2);
            for i in 0..sets.len() {
                let (sum, set) = sets[i];
                sets.push((sum + cost, set | 1 << k));
            }
        }
        sets.sort_unstable();
        sets.truncate(count);
        sets.into_iter().map(|(_, set)| set).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn descriptor(seed: u32) -> Descriptor {
        let mut state = seed;
        Descriptor::from_bytes(std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // A norm near 512, as descriptors have.
            (state >> 24) as u8 / 3
        }))
    }

    #[test]
    fn a_coarse_projection_has_the_word_and_turns_the_same_bits_first() {
        for seed in 0..20 {
            let exact = Projection::new(&descriptor(seed));
            let coarse = Projection::coarse(exact.word(), exact.uncertain());
            assert_eq!(exact.uncertain().count_ones() as usize, TURNED);
            assert_eq!(coarse.word(), exact.word());
            assert_eq!(coarse.uncertain(), exact.uncertain());
            let one_turned = |word: &u32| (word ^ exact.word()).is_power_of_two();
            let turned = coarse.words(9);
            assert!(turned[1..].iter().all(|word| one_turned(word)
                && (word ^ exact.word()) & !exact.uncertain() == 0));
            assert!(exact.unlike(exact.word(), exact.uncertain()) == 0.0);
            assert!(exact.unlike(!exact.word(), 0) > 0.99);
            assert_eq!(exact.turned(64), exact.mirrored().turned(64));
            let mirrored = Projection::coarse(exact.word(), exact.uncertain()).mirrored();
            assert_eq!(mirrored.word(), exact.mirrored().word());
        }
    }

    #[test]
    fn projections_are_the_products_of_the_head() {
        let scale = |k: usize| {
            if k == 0 {
                0.5
            } else {
                std::f64::consts::FRAC_1_SQRT_2
            }
        };
        let cosine =
            |k: usize, x: usize| scale(k) * (PI * (2.0 * x as f64 + 1.0) * k as f64 / 8.0).cos();
        let harmonic = |k: usize, x: usize| {
            let turn = PI / 4.0 * x as f64;
            match k {
                0 => 0.125_f64.sqrt(),
                7 => 0.125_f64.sqrt() * (4.0 * turn).cos(),
                odd if odd % 2 == 1 => 0.5 * (k.div_ceil(2) as f64 * turn).cos(),
                _ => 0.5 * ((k / 2) as f64 * turn).sin(),
            }
        };
        let some = descriptor(7);
        let found = Projection::new(&some);
        for ((row, column, direction, threshold), value) in PRODUCTS.into_iter().zip(found.0) {
            let exact: f64 = some
                .bytes()
                .iter()
                .enumerate()
                .map(|(i, &d)| {
                    let (r, c, b) = (i / 32, i / 8 % 4, i % 8);
                    cosine(row, r) * cosine(column, c) * harmonic(direction, b) * f64::from(d)
                })
                .sum();
            let value = f64::from(value) / f64::from(1 << 21) + f64::from(threshold);
            // Each of the three factors is rounded to 1/256.
            assert!((value - exact).abs() < 6.0, "{value} {exact}");
        }
    }

    #[test]
    fn the_mirrored_projection_is_that_of_the_mirrored_descriptor() {
        for seed in 0..20 {
            let some = descriptor(seed);
            let feature = crate::Feature {
                x: 0.0,
                y: 0.0,
                scale: 1.0,
                angle: 0.0,
                strength: 1.0,
                descriptor: some.clone(),
            };
            let mirrored = feature.mirrored(10.0).descriptor;
            assert_eq!(
                Projection::new(&some).mirrored().word(),
                Projection::new(&mirrored).word()
            );
        }
    }

    #[test]
    fn the_likeliest_words_come_first_and_never_twice() {
        let projection = Projection::new(&descriptor(3));
        let words = projection.words(64);
        assert_eq!(words[0], projection.word());
        assert_eq!(words.len(), 64);
        let mut sorted = words.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 64);
        let cost = |word: u32| -> f64 {
            (0..BITS)
                .filter(|k| (word ^ words[0]) >> k & 1 == 1)
                .map(|k| f64::from(projection.0[k]).powi(2))
                .sum()
        };
        // Costs are compared without their last ten bits.
        assert!(
            words
                .windows(2)
                .all(|w| cost(w[0]) <= cost(w[1]) * 1.001 + 1e9)
        );
        assert!(words.iter().all(|word| word >> WORD_BITS == 0));
    }
}
