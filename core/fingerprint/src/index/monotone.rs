//! An ascending sequence of integers in little more room than it must have.
//!
//! ```text
//! x_0 <= x_1 <= .. <= x_(n-1) < u,      l = floor(log2(u / n)), at least 0
//! low bits:  x_i mod 2^l, packed
//! high bits: a one at place (x_i >> l) + i, zeros between;  every 256th zero's place is kept
//! ```
//!
//! About `2 + log2(u / n)` bits an element, and the elements of an interval are found by one look at the kept places and a
//! short walk.
//!
//! # Shapes and units
//! Bytes in little-endian order. `n < 2^40`, `u < 2^60`.
//! # References
//! P. Elias, Efficient storage and retrieval by content and address of static files, JACM 21 (1974); S. Vigna, Quasi-succinct
//! indices, WSDM (2013).

use super::bytes::{Reader, Truncated, u64_at};

/// Zeros between kept places.
const SAMPLED: u64 = 256;

/// Writes a sequence.
pub(super) struct MonotoneBuilder {
    count: u64,
    bound: u64,
    low_bits: u32,
    pushed: u64,
    low: Vec<u64>,
    high: Vec<u64>,
}

impl MonotoneBuilder {
    /// For `count` values below `bound`.
    pub(super) fn new(count: u64, bound: u64) -> Self {
        let low_bits = low_bits(count, bound);
        let words = |bits: u64| vec![0_u64; bits.div_ceil(64) as usize];
        Self {
            count,
            bound,
            low_bits,
            pushed: 0,
            low: words(count * u64::from(low_bits)),
            high: words(high_len(count, bound, low_bits)),
        }
    }

    /// The next value, not below the one before.
    pub(super) fn push(&mut self, value: u64) {
        debug_assert!(value < self.bound && self.pushed < self.count);
        let low = value & mask(self.low_bits);
        let at = self.pushed * u64::from(self.low_bits);
        let (word, shift) = ((at / 64) as usize, at % 64);
        if self.low_bits > 0 {
            self.low[word] |= low << shift;
            if shift + u64::from(self.low_bits) > 64 {
                self.low[word + 1] |= low >> (64 - shift);
            }
        }
        let at = (value >> self.low_bits) + self.pushed;
        self.high[(at / 64) as usize] |= 1 << (at % 64);
        self.pushed += 1;
    }

    /// Appends what was pushed.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        debug_assert_eq!(self.pushed, self.count);
        out.extend(self.count.to_le_bytes());
        out.extend(self.bound.to_le_bytes());
        for word in self.low.iter().chain(&self.high) {
            out.extend(word.to_le_bytes());
        }
        let length = high_len(self.count, self.bound, self.low_bits);
        let mut zeros = 0;
        for (i, word) in self.high.iter().enumerate() {
            let here = (length - 64 * i as u64).min(64);
            let mut left = !word & mask(here as u32);
            while left != 0 {
                if zeros % SAMPLED == 0 {
                    let place = 64 * i as u64 + u64::from(left.trailing_zeros());
                    out.extend(place.to_le_bytes());
                }
                zeros += 1;
                left &= left - 1;
            }
        }
    }
}

/// A sequence in the bytes of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Monotone<'a> {
    count: u64,
    bound: u64,
    low_bits: u32,
    low: &'a [u8],
    high: &'a [u8],
    samples: &'a [u8],
}

impl<'a> Monotone<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Truncated> {
        let (count, bound) = (reader.u64()?, reader.u64()?);
        if count >= 1 << 40 || bound >= 1 << 60 {
            return Err(Truncated);
        }
        let low_bits = low_bits(count, bound);
        let bytes = |bits: u64| 8 * bits.div_ceil(64) as usize;
        Ok(Self {
            count,
            bound,
            low_bits,
            low: reader.take(bytes(count * u64::from(low_bits)))?,
            high: reader.take(bytes(high_len(count, bound, low_bits)))?,
            samples: reader.take(8 * zeros(bound, low_bits).div_ceil(SAMPLED) as usize)?,
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// The values from `from` on.
    pub(super) fn from(&self, from: u64) -> Values<'a> {
        let high = from >> self.low_bits;
        let mut values = Values {
            sequence: *self,
            place: 0,
            index: 0,
            from,
        };
        if self.count == 0 || from >= self.bound {
            values.index = self.count;
        } else if high > 0 {
            values.place = self.after_zero(high - 1);
            // A damaged sequence may have its zeros elsewhere.
            values.index = values.place.saturating_sub(high);
        }
        values
    }

    /// The place behind the zero of number `zero`.
    fn after_zero(&self, zero: u64) -> u64 {
        let start = u64_at(self.samples, (zero / SAMPLED) as usize);
        let mut left = zero % SAMPLED;
        let mut word = (start / 64) as usize;
        let mut zeros = !u64_at(self.high, word) & (u64::MAX << (start % 64));
        loop {
            let here = u64::from(zeros.count_ones());
            if left < here {
                for _ in 0..left {
                    zeros &= zeros - 1;
                }
                return 64 * word as u64 + u64::from(zeros.trailing_zeros()) + 1;
            }
            left -= here;
            word += 1;
            zeros = !u64_at(self.high, word);
        }
    }

    fn low(&self, index: u64) -> u64 {
        if self.low_bits == 0 {
            return 0;
        }
        let at = index * u64::from(self.low_bits);
        let (word, shift) = ((at / 64) as usize, at % 64);
        let mut low = u64_at(self.low, word) >> shift;
        if shift + u64::from(self.low_bits) > 64 {
            low |= u64_at(self.low, word + 1) << (64 - shift);
        }
        low & mask(self.low_bits)
    }
}

/// The values of a sequence from some value on.
pub(super) struct Values<'a> {
    sequence: Monotone<'a>,
    /// In the high bits.
    place: u64,
    index: u64,
    from: u64,
}

impl Iterator for Values<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        loop {
            if self.index >= self.sequence.count {
                return None;
            }
            let mut word = (self.place / 64) as usize;
            let mut ones = u64_at(self.sequence.high, word) & (u64::MAX << (self.place % 64));
            while ones == 0 {
                word += 1;
                // A damaged sequence has fewer ones than elements.
                if 8 * word >= self.sequence.high.len() {
                    return None;
                }
                ones = u64_at(self.sequence.high, word);
            }
            let place = 64 * word as u64 + u64::from(ones.trailing_zeros());
            let high = place.saturating_sub(self.index);
            let value = high << self.sequence.low_bits | self.sequence.low(self.index);
            self.place = place + 1;
            self.index += 1;
            if value >= self.from {
                return Some(value);
            }
        }
    }
}

fn low_bits(count: u64, bound: u64) -> u32 {
    (bound / count.max(1)).checked_ilog2().unwrap_or(0)
}

/// Zeros among the high bits.
fn zeros(bound: u64, low_bits: u32) -> u64 {
    (bound >> low_bits) + 1
}

fn high_len(count: u64, bound: u64, low_bits: u32) -> u64 {
    count + zeros(bound, low_bits)
}

fn mask(bits: u32) -> u64 {
    if bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(values: &[u64], bound: u64) -> Vec<u8> {
        let mut builder = MonotoneBuilder::new(values.len() as u64, bound);
        for value in values {
            builder.push(*value);
        }
        let mut bytes = Vec::new();
        builder.write(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn values_from_any_bound_are_those_of_the_list(
            mut values in prop::collection::vec(0_u64..1 << 40, 0..600),
            spread in 0_u32..40,
            from in 0_u64..1 << 40,
        ) {
            for value in &mut values {
                *value >>= spread;
            }
            values.sort_unstable();
            let bound = (1 << 40 >> spread) + 1;
            let bytes = written(&values, bound);
            let mut reader = Reader::new(&bytes);
            let sequence = Monotone::read(&mut reader).map_err(|_| TestCaseError::fail("read"))?;
            prop_assert!(reader.is_empty());
            prop_assert_eq!(sequence.len(), values.len() as u64);
            for from in [from >> spread, 0, bound - 1, values.get(values.len() / 2).copied().unwrap_or(0)] {
                let want: Vec<u64> = values.iter().copied().filter(|v| *v >= from).collect();
                let got: Vec<u64> = sequence.from(from).collect();
                prop_assert_eq!(got, want);
            }
        }
    }

    #[test]
    fn a_sparse_sequence_takes_two_bits_more_than_its_entropy_bound() {
        let values: Vec<u64> = (0..100_000_u64).map(|i| i * 10_007).collect();
        let bytes = written(&values, 100_000 * 10_007);
        let bits = bytes.len() as f64 * 8.0 / values.len() as f64;
        assert!(bits < (10_007_f64).log2() + 2.4, "{bits}");
    }

    #[test]
    fn what_is_cut_short_is_told() {
        let bytes = written(&[3, 9, 200], 1000);
        for length in 0..bytes.len() {
            assert!(
                Monotone::read(&mut Reader::new(&bytes[..length])).is_err(),
                "{length}"
            );
        }
    }
}
