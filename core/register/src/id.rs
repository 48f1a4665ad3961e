//! Identifiers: 16 random bytes each, printed as 32 lower-case hex digits.

use std::fmt;

use crate::hex::{from_hex, to_hex};

impl TitleId {
    /// The identifier as key derivation takes it.
    #[must_use]
    pub const fn for_keys(self) -> countermark_mark::key::TitleId {
        countermark_mark::key::TitleId(self.0)
    }

    /// The identifier as the fingerprint index takes it.
    #[must_use]
    pub const fn for_index(self) -> [u8; 16] {
        self.0
    }
}

impl DistributorId {
    /// The identifier as key derivation takes it.
    #[must_use]
    pub const fn for_keys(self) -> countermark_mark::key::DistributorId {
        countermark_mark::key::DistributorId(self.0)
    }
}

impl DeliveryId {
    /// The identifier as commitments take it.
    #[must_use]
    pub const fn for_commitments(self) -> [u8; 16] {
        self.0
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier whose bytes are `bytes`.
            pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The identifier written as `hex`, 32 digits.
            #[must_use]
            pub fn parse(hex: &str) -> Option<Self> {
                from_hex(hex).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

identifier! {
    /// Names a title.
    TitleId
}
identifier! {
    /// Names a distributor.
    DistributorId
}
identifier! {
    /// Names a delivery.
    DeliveryId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips() {
        let id = TitleId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 253, 254, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0cfdfeff");
        assert_eq!(TitleId::parse(&id.to_string()), Some(id));
        assert_eq!(TitleId::parse(&id.to_string().to_uppercase()), Some(id));
    }
}
