//! The raw `ChaCha20` stream and our own mappings from its words.
//!
//! ```text
//! word[i]     = little-endian u32 i of ChaCha20(key, 64-bit nonce = stream number, block counter from 0)
//! sign[i]     = +1 if bit (i mod 32) of word[i / 32] is 0, else -1
//! below(n)    = floor(word * n / 2^32), drawn again while (word * n mod 2^32) < 2^32 mod n
//! permutation = Fisher-Yates from the last place down: swap(i, below(i + 1)), i = n-1 .. 1
//! ```
//!
//! # Determinism
//! Nothing of `rand`'s distributions is used: they change between versions, and an embedded mark must not.
//! # References
//! Bernstein 2008, "ChaCha, a variant of Salsa20". Lemire 2019, "Fast Random Integer Generation in an Interval",
//! algorithm 5.

use super::{DeliveryKey, KEY_BYTES, StreamKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::fmt;

/// The words of one key under one stream number: the epoch, but for the fingerprint code.
pub struct KeyStream(ChaCha20Rng);

impl StreamKey {
    /// The stream of one epoch, from its first word.
    #[must_use]
    pub fn stream(&self, epoch: u64) -> KeyStream {
        KeyStream::new(self.expose_bytes(), epoch)
    }
}

impl DeliveryKey {
    /// Stream `number` of the fingerprint code, from its first word.
    #[must_use]
    pub fn stream(&self, number: u64) -> KeyStream {
        KeyStream::new(self.expose_bytes(), number)
    }
}

impl KeyStream {
    fn new(key: &[u8; KEY_BYTES], number: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed(*key);
        rng.set_stream(number);
        Self(rng)
    }

    /// The next word.
    #[inline]
    pub fn next_word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Fills `bytes` with whole words, little-endian; what is left of the last word is dropped.
    pub fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.next_word().to_le_bytes()[..chunk.len()]);
        }
    }

    /// Fills `signs` with +1 and -1; what is left of the last word is dropped.
    pub fn signs(&mut self, signs: &mut [f32]) {
        for chunk in signs.chunks_mut(32) {
            let word = self.next_word();
            for (bit, sign) in chunk.iter_mut().enumerate() {
                *sign = if word >> bit & 1 == 0 { 1.0 } else { -1.0 };
            }
        }
    }

    /// A uniform number below `n`.
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "no number is below 0");
        let mut product = u64::from(self.next_word()) * u64::from(n);
        if (product as u32) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u32) < threshold {
                product = u64::from(self.next_word()) * u64::from(n);
            }
        }
        (product >> 32) as u32
    }

    /// A uniform permutation of `0..n`.
    #[must_use]
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.below(i + 1);
            order.swap(i as usize, j as usize);
        }
        order
    }
}

impl Drop for KeyStream {
    fn drop(&mut self) {
        // The generator offers no wiping: overwrite it, and keep the optimiser from seeing a dead store.
        self.0 = ChaCha20Rng::from_seed([0; KEY_BYTES]);
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for KeyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyStream(..)")
    }
}
