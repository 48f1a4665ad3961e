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
//! A read key holds the carrier key of one title and scoped payload keys. HKDF does not run backwards: it says nothing about other titles,
//! and holds no key of a distributor that is not named in it. But the carrier key alone tells sign and place of every chip, whoever's
//! copy it is in. With it one can, for **every** distributor in that title,
//!
//! - erase or jam the mark,
//! - read the raw code of a copy, `row[e,p]`, and tell whether two clips stem from one delivery, named or not,
//! - lay that code over clean pictures of the same epochs at any strength: transplant it, without knowing whose it is,
//!
//! and with a scoped payload key beside it make any mark of that distributor in that title: [`Embedder::new`](crate::Embedder::new) needs
//! no more.
//!
//! # Why no read key does with less
//! A score is `sum over e, p of f[d,e,p] sum over i of s[e,i] y[e,i]`. A reader of one *known* delivery could be given the products
//! `f[d,e,p(i)] s[e,i]`, a bit for each chip and epoch (some megabytes for an hour), instead of the carrier key. One that *decodes* cannot:
//! the payload that the address code proposes is tested by signs `f` that the reader derives himself, for any of 2^64 payloads, so he needs
//! `s` by itself at all chips of the fingerprint code; and `s` there reads, and transplants, everybody's. The synchronisation chips take their
//! signs out of the same stream as all others. What remains for a key of products, the address code alone, names a payload without any bound: no
//! accusation. Chips whose signs depend on the distributor would be another format.
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
