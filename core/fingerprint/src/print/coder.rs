//! A binary range coder with adaptive probabilities, and numbers in it.
//!
//! ```text
//! bound = (range >> 12) p;   bit 0 -> range = bound,   bit 1 -> low += bound, range -= bound
//! p(bit 0) += (4096 - p) / 32 after a 0,  p -= p / 32 after a 1
//! number n:  e = bits of n + 1, in unary, each with a probability of its own;  its lower bits, the first two likewise
//! ```
//!
//! # Shapes and units
//! Probabilities in 1/4096. A reader that runs out of bytes goes on with zeros and says so.
//! # References
//! G. N. N. Martin, Range encoding (1979); I. Pavlov, LZMA SDK, for carry propagation.

const BITS: u32 = 12;
const RATE: u32 = 5;
const TOP: u32 = 1 << 24;

/// Probability of a bit that is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bit(u16);

impl Default for Bit {
    fn default() -> Self {
        Self(1 << (BITS - 1))
    }
}

impl Bit {
    fn learn(&mut self, bit: bool) {
        if bit {
            self.0 -= self.0 >> RATE;
        } else {
            self.0 += ((1 << BITS) - self.0) >> RATE;
        }
    }
}

/// Longest number, bits.
const LONGEST: usize = 24;

/// Probabilities of a kind of numbers below 2^24 - 1.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number {
    length: [Bit; LONGEST],
    first: [[Bit; 3]; LONGEST],
}

/// Writes bits.
#[derive(Debug)]
pub(super) struct Encoder {
    low: u64,
    range: u32,
    cache: u8,
    pending: u64,
    out: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            cache: 0,
            pending: 1,
            out: Vec::new(),
        }
    }

    pub(super) fn bit(&mut self, model: &mut Bit, bit: bool) {
        let bound = (self.range >> BITS) * u32::from(model.0);
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        model.learn(bit);
        self.renew();
    }

    /// Bits that tell nothing of one another.
    pub(super) fn raw(&mut self, value: u64, bits: u32) {
        for k in (0..bits).rev() {
            self.range >>= 1;
            if value >> k & 1 == 1 {
                self.low += u64::from(self.range);
            }
            self.renew();
        }
    }

    pub(super) fn number(&mut self, model: &mut Number, value: u32) {
        let value = value.min((1 << LONGEST) - 2) + 1;
        let length = value.ilog2() as usize;
        for k in 0..length {
            self.bit(&mut model.length[k], true);
        }
        if length + 1 < LONGEST {
            self.bit(&mut model.length[length], false);
        }
        let mut node = 0;
        for k in (0..length).rev() {
            let bit = value >> k & 1 == 1;
            if node < 3 {
                self.bit(&mut model.first[length][node], bit);
                node = 2 * node + 1 + usize::from(bit);
            } else {
                self.raw(u64::from(bit), 1);
            }
        }
    }

    fn renew(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        if self.low < 0xff00_0000 || self.low > 0xffff_ffff {
            let carry = (self.low >> 32) as u8;
            let mut byte = self.cache;
            while self.pending > 0 {
                self.out.push(byte.wrapping_add(carry));
                byte = 0xff;
                self.pending -= 1;
            }
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low << 8) & 0xffff_ffff;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        // The first byte is the empty cache.
        self.out.remove(0);
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

/// Reads bits.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    code: u32,
    range: u32,
    bytes: &'a [u8],
    /// Zeros that were read behind the end.
    beyond: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut new = Self {
            code: 0,
            range: u32::MAX,
            bytes,
            beyond: 0,
        };
        for _ in 0..4 {
            new.code = new.code << 8 | new.byte();
        }
        new
    }

    /// Whether more was read than there is: an encoder leaves out at most the last zeros.
    pub(super) fn is_exhausted(&self) -> bool {
        self.beyond > 64
    }

    fn byte(&mut self) -> u32 {
        if let Some((first, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            return u32::from(*first);
        }
        self.beyond += 1;
        0
    }

    fn renew(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | self.byte();
        }
    }

    pub(super) fn bit(&mut self, model: &mut Bit) -> bool {
        let bound = (self.range >> BITS) * u32::from(model.0);
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        model.learn(bit);
        self.renew();
        bit
    }

    pub(super) fn raw(&mut self, bits: u32) -> u64 {
        let mut value = 0;
        for _ in 0..bits {
            self.range >>= 1;
            let bit = self.code >= self.range;
            if bit {
                self.code -= self.range;
            }
            value = value << 1 | u64::from(bit);
            self.renew();
        }
        value
    }

    pub(super) fn number(&mut self, model: &mut Number) -> u32 {
        let mut length = 0;
        while length + 1 < LONGEST && self.bit(&mut model.length[length]) {
            length += 1;
        }
        let (mut value, mut node) = (1_u32, 0);
        for _ in 0..length {
            let bit = if node < 3 {
                let bit = self.bit(&mut model.first[length][node]);
                node = 2 * node + 1 + usize::from(bit);
                bit
            } else {
                self.raw(1) == 1
            };
            value = value << 1 | u32::from(bit);
        }
        value - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        let values: Vec<(u32, bool, u64)> = (0..20_000)
            .map(|_| {
                (
                    next() >> (next() % 24),
                    next() % 10 == 0,
                    u64::from(next() % 1024),
                )
            })
            .collect();
        let (mut number, mut flag) = (Number::default(), Bit::default());
        let mut encoder = Encoder::new();
        for &(value, bit, raw) in &values {
            encoder.number(&mut number, value);
            encoder.bit(&mut flag, bit);
            encoder.raw(raw, 10);
        }
        let bytes = encoder.finish();
        let (mut number, mut flag) = (Number::default(), Bit::default());
        let mut decoder = Decoder::new(&bytes);
        for &(value, bit, raw) in &values {
            assert_eq!(decoder.number(&mut number), value.min((1 << 24) - 2));
            assert_eq!(decoder.bit(&mut flag), bit);
            assert_eq!(decoder.raw(10), raw);
        }
        assert!(!decoder.is_exhausted());
    }

    #[test]
    fn what_seldom_changes_costs_next_to_nothing() {
        let (mut number, mut encoder) = (Number::default(), Encoder::new());
        // 6 is 110: its length and both lower bits have probabilities of their own.
        for _ in 0..8000 {
            encoder.number(&mut number, 5);
        }
        assert!(encoder.finish().len() < 100);
    }
}
