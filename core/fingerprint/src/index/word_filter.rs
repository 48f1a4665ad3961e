//! Which visual words a segment may have places of, in memory.
//!
//! ```text
//! bit h(w) is set for each word w that has a place,    h(w) = the upper bits of 0x9E3779B97F4A7C15 w mod 2^64
//! ```
//!
//! A search looks up thousands of words a frame, and a short title has places of next to none of them: one look at a bit spares the walk
//! through its sequence. Of the words without a place one in sixteen to thirty-two is let through, and is looked up in vain.
//!
//! # Shapes and units
//! 16 to 32 bits a place.
//! # References
//! B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (1970), with one hash.

use super::segment::Segment;

/// Bits for each place, at least.
const BITS_OF_A_PLACE: u64 = 16;

/// Places of a segment up to which a filter is worth its making: those of some hours are read through in a few milliseconds, and fit the caches.
const MOST_PLACES: u64 = 1 << 16;

/// Knuth's multiplier: the golden ratio of 2^64.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The words of a segment.
#[derive(Debug, Clone)]
pub struct WordFilter {
    bits: Vec<u64>,
    /// From a hash to the number of its bit.
    shift: u32,
}

impl WordFilter {
    /// Of a segment; none where making it takes longer than it spares.
    #[must_use]
    pub fn of(segment: &Segment<'_>) -> Option<Self> {
        let count = segment.words.len();
        if count > MOST_PLACES {
            return None;
        }
        let bits = (BITS_OF_A_PLACE * count.max(4)).next_power_of_two();
        let mut filter = Self {
            bits: vec![0; (bits / 64) as usize],
            shift: 64 - bits.ilog2(),
        };
        for word in segment.words() {
            let (at, bit) = filter.place(word);
            filter.bits[at] |= bit;
        }
        Some(filter)
    }

    /// Whether the segment may have a place of a word: where this says no, it has none.
    #[must_use]
    #[inline]
    pub fn may_hold(&self, word: u32) -> bool {
        let (at, bit) = self.place(word);
        self.bits[at] & bit != 0
    }

    #[inline]
    fn place(&self, word: u32) -> (usize, u64) {
        let bit = u64::from(word).wrapping_mul(GOLDEN) >> self.shift;
        ((bit / 64) as usize, 1 << (bit % 64))
    }
}
