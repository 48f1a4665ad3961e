//! HKDF-SHA256, one label for each purpose.
//!
//! ```text
//! PRK   = HMAC("countermark/v1", parent)
//! child = HMAC(PRK, label || 0x00 || context || 0x01)
//! ```
//!
//! No label is a prefix of another up to its zero byte, and a label's context has a fixed length, so no two purposes
//! share an `info`.
//!
//! # References
//! RFC 5869, sections 2.2 and 2.3 (one output block, as 32 bytes are asked).

use super::{
    CarrierKey, DeliveryKey, DistributorId, KEY_BYTES, OwnerSecret, PayloadKey, ScopedPayloadKey,
    StreamKey, TitleId,
};
use crate::payload::Payload;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

const SALT: &[u8] = b"countermark/v1";

/// The extracted parent: expands into its children.
struct Parent(Hkdf<Sha256>);

impl Parent {
    fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Hkdf::new(Some(SALT), key))
    }

    fn child(&self, label: &str, context: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut child = Zeroizing::new([0; KEY_BYTES]);
        self.0
            .expand_multi_info(&[label.as_bytes(), &[0], context], child.as_mut_slice())
            .expect("32 bytes are below HKDF's limit of 255 blocks");
        child
    }
}

impl OwnerSecret {
    /// The key that places the mark of one title.
    #[must_use]
    pub fn carrier(&self, title: TitleId) -> CarrierKey {
        CarrierKey::from_bytes(*Parent::new(self.expose_bytes()).child("carrier", &title.0))
    }

    /// The key of one distributor over all titles.
    #[must_use]
    pub fn payload_key(&self, distributor: DistributorId) -> PayloadKey {
        PayloadKey::from_bytes(*Parent::new(self.expose_bytes()).child("payload", &distributor.0))
    }
}

impl PayloadKey {
    /// The distributor's key for one title: the only form that is exported.
    #[must_use]
    pub fn scoped(&self, title: TitleId) -> ScopedPayloadKey {
        ScopedPayloadKey::from_bytes(
            *Parent::new(self.expose_bytes()).child("payload/title", &title.0),
        )
    }
}

impl ScopedPayloadKey {
    /// The key of one delivery. For many deliveries use [`Self::deliveries`].
    #[must_use]
    pub fn delivery(&self, payload: Payload) -> DeliveryKey {
        self.deliveries().key(payload)
    }

    /// Derives the keys of many deliveries at half the cost of one each.
    #[must_use]
    pub fn deliveries(&self) -> DeliveryKeys {
        DeliveryKeys(Parent::new(self.expose_bytes()))
    }

    /// Feeds the whitening of the address code.
    #[must_use]
    pub fn whitening(&self) -> StreamKey {
        StreamKey::from_bytes(*Parent::new(self.expose_bytes()).child("whitening", &[]))
    }
}

impl CarrierKey {
    /// Feeds the signs of the chips.
    #[must_use]
    pub fn chip_signs(&self) -> StreamKey {
        self.stream_key("chip/signs")
    }

    /// Feeds the assignment of chips to code positions.
    #[must_use]
    pub fn chip_roles(&self) -> StreamKey {
        self.stream_key("chip/roles")
    }

    /// Feeds the pattern by which the detector finds geometry and time.
    #[must_use]
    pub fn sync_layout(&self) -> StreamKey {
        self.stream_key("sync/layout")
    }

    /// Feeds the rounding noise of the embedder.
    #[must_use]
    pub fn dither(&self) -> StreamKey {
        self.stream_key("dither")
    }

    fn stream_key(&self, label: &str) -> StreamKey {
        StreamKey::from_bytes(*Parent::new(self.expose_bytes()).child(label, &[]))
    }
}

/// The deliveries of one distributor in one title.
pub struct DeliveryKeys(Parent);

impl DeliveryKeys {
    /// The key of one delivery.
    #[must_use]
    pub fn key(&self, payload: Payload) -> DeliveryKey {
        DeliveryKey::from_bytes(*self.0.child("delivery", &payload.bits().to_be_bytes()))
    }
}

impl std::fmt::Debug for DeliveryKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeliveryKeys(..)")
    }
}
