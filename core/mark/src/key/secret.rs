//! Key types: one for each purpose, so that no key can be used for another's.
//!
//! All wipe themselves on drop and print their type only.

use super::KEY_BYTES;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; KEY_BYTES]);

        impl $name {
            /// Takes the key from its stored bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
                Self(bytes)
            }

            /// The bytes, for storing and for derivation: a secret, never to be printed.
            #[must_use]
            pub const fn expose_bytes(&self) -> &[u8; KEY_BYTES] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

secret! {
    /// The studio's root: whoever has it can read, forge and erase every mark of the studio.
    OwnerSecret
}
secret! {
    /// Places the mark of one title: whoever has it can erase that title's marks.
    CarrierKey
}
secret! {
    /// One distributor's key over all titles. Stays in the vault.
    PayloadKey
}
secret! {
    /// One distributor's key for one title: reads and forges that distributor's payloads in that title.
    ScopedPayloadKey
}
secret! {
    /// One delivery's key: the stream of its fingerprint code and nothing else.
    DeliveryKey
}
secret! {
    /// Feeds the streams of one purpose.
    StreamKey
}
