//! Commitments to a delivery's key and payload, made before any leak.
//!
//! ```text
//! C = SHA-256("countermark delivery commitment 1" || delivery id || delivery key)
//! P = SHA-256("countermark payload commitment 1" || delivery id || payload || delivery key)
//! ```
//!
//! A commitment binds: whoever published `C` can open it to no other key, short of a collision of SHA-256. It hides: the key has 256
//! bits that nobody can guess, and `P` takes the key in as well, for a payload has only 64. So commitments may be handed out
//! with the copies, and what a distributor holds answers the claim that the signs were made up afterwards.
//!
//! # Shapes and units
//! Identifiers have 16 bytes, keys 32, payloads 8, most significant first; labels are ASCII without an end mark, and every part
//! has a fixed length.
//! # References
//! NIST 2015, FIPS 180-4, "Secure Hash Standard".

use std::fmt;

use countermark_mark::{Payload, key::DeliveryKey};
use sha2::{Digest as _, Sha256};

use crate::hex::{from_hex, to_hex};

const DELIVERY: &[u8] = b"countermark delivery commitment 1";
const PAYLOAD: &[u8] = b"countermark payload commitment 1";

/// A commitment, printed as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// To the key of a delivery.
    #[must_use]
    pub fn of_key(delivery: [u8; 16], key: &DeliveryKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(DELIVERY);
        hash.update(delivery);
        hash.update(key.expose_bytes());
        Self(hash.finalize().into())
    }

    /// To the payload of a delivery.
    #[must_use]
    pub fn of_payload(delivery: [u8; 16], payload: Payload, key: &DeliveryKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(PAYLOAD);
        hash.update(delivery);
        hash.update(payload.bits().to_be_bytes());
        hash.update(key.expose_bytes());
        Self(hash.finalize().into())
    }

    /// The commitment written as `hex`.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        from_hex(hex).map(Self)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitments_are_those_of_the_formula() {
        let key = DeliveryKey::from_bytes([7; 32]);
        // printf 'countermark delivery commitment 1' ... | sha256sum, by the formulas above.
        assert_eq!(
            Commitment::of_key([3; 16], &key).to_string(),
            "fe7b0eb1a6469211a97dacb4daf49e93fac52d21819b8003e350f93ac16dd3d5"
        );
        let payload = Payload::new(0x0123_4567_89ab_cdef);
        assert_eq!(
            Commitment::of_payload([3; 16], payload, &key).to_string(),
            "f63e76e43d527fad2873480f92478ce664b26942ae94a5a3825ff5f66d835a1a"
        );
    }

    #[test]
    fn another_delivery_or_key_has_another_commitment() {
        let of = |id, key| Commitment::of_key([id; 16], &DeliveryKey::from_bytes([key; 32]));
        assert_ne!(of(1, 1), of(2, 1));
        assert_ne!(of(1, 1), of(1, 2));
        assert_eq!(Commitment::parse(&of(1, 1).to_string()), Some(of(1, 1)));
    }
}
