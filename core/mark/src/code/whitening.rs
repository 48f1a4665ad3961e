//! A distributor's whitening of the address code: without its key a codeword is noise.
//!
//! ```text
//! embedded[e][i] = codeword[i] XOR w[e][i],   w[e] = bits of stream(scoped payload key / "whitening", epoch e)
//! llr[e][i]     -> llr[e][i] * (-1)^w[e][i]
//! ```
//!
//! # Shapes and units
//! Bit `i` of an epoch is bit `i mod 32` of the stream's word `i / 32`.

use crate::key::{ScopedPayloadKey, StreamKey};

/// The whitening of one distributor in one title.
#[derive(Clone, Debug)]
pub struct Whitening(StreamKey);

impl Whitening {
    /// The whitening under `key`.
    #[must_use]
    pub fn new(key: &ScopedPayloadKey) -> Self {
        Self(key.whitening())
    }

    /// Whitens or unwhitens the coded bits of one epoch.
    pub fn flip_bits(&self, epoch: u64, bits: &mut [u8]) {
        let mut stream = self.0.stream(epoch);
        for chunk in bits.chunks_mut(32) {
            let word = stream.next_word();
            for (i, bit) in chunk.iter_mut().enumerate() {
                *bit ^= (word >> i & 1) as u8;
            }
        }
    }

    /// Whitens or unwhitens the soft values of one epoch.
    pub fn flip_llr(&self, epoch: u64, llr: &mut [f32]) {
        let mut stream = self.0.stream(epoch);
        for chunk in llr.chunks_mut(32) {
            let word = stream.next_word();
            for (i, value) in chunk.iter_mut().enumerate() {
                *value = f32::from_bits(value.to_bits() ^ (word >> i & 1) << 31);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_soft_values_flip_alike() {
        let whitening = Whitening::new(&ScopedPayloadKey::from_bytes([9; 32]));
        let (mut bits, mut llr) = ([0_u8; 500], [1.0_f32; 500]);
        whitening.flip_bits(7, &mut bits);
        whitening.flip_llr(7, &mut llr);
        assert!(
            bits.iter()
                .zip(&llr)
                .all(|(bit, llr)| (*bit == 1) == (*llr < 0.0))
        );
        assert!((200..300).contains(&bits.iter().map(|bit| u32::from(*bit)).sum::<u32>()));
        whitening.flip_bits(7, &mut bits);
        assert_eq!(bits, [0; 500]);
    }

    #[test]
    fn epochs_and_keys_differ() {
        let bits = |key, epoch| {
            let mut bits = [0_u8; 512];
            Whitening::new(&ScopedPayloadKey::from_bytes([key; 32])).flip_bits(epoch, &mut bits);
            bits
        };
        assert_ne!(bits(1, 0), bits(1, 1));
        assert_ne!(bits(1, 0), bits(2, 0));
    }
}
