//! Secrets and the tree of keys that grows from the owner's.
//!
//! ```text
//! owner secret -- title id -----------> carrier key -----------> chip signs | chip roles | sync layout | dither
//!              \- distributor id -----> payload key
//! payload key --- title id -----------> scoped payload key ----> whitening
//! scoped payload key -- payload ------> delivery key (the stream of the fingerprint code)
//!
//! child = HKDF-SHA256(salt = "countermark/v1", ikm = parent, info = label || 0x00 || context), 32 bytes
//! ```
//!
//! A read key holds the carrier key of one title and scoped payload keys: HKDF does not run backwards, so it says
//! nothing about other titles, nor about distributors that are not named in it.
//!
//! # Shapes and units
//! Every key has 32 bytes, every id 16. A payload enters as eight bytes, most significant first.
//! # References
//! Krawczyk and Eronen 2010, RFC 5869, "HMAC-based Extract-and-Expand Key Derivation Function (HKDF)".

mod derivation;
mod secret;
mod stream;
#[cfg(test)]
mod tests;

pub use derivation::DeliveryKeys;
pub use secret::{CarrierKey, DeliveryKey, OwnerSecret, PayloadKey, ScopedPayloadKey, StreamKey};
pub use stream::KeyStream;

/// Bytes of every key.
pub const KEY_BYTES: usize = 32;

/// Names a title inside key derivation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TitleId(pub [u8; 16]);

/// Names a distributor inside key derivation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DistributorId(pub [u8; 16]);
