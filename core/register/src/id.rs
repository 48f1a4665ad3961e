//! Identifiers: 16 random bytes each, printed as 32 lower-case hex digits.

use std::fmt;

use crate::{Randomness, RegisterError};

/// Lower-case hex digits of `bytes`.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The `N` bytes that `2 N` hex digits of either case stand for.
pub(crate) fn from_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits = hex.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (16 * high + low) as u8;
    }
    Some(bytes)
}

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

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A fresh identifier.
            pub(crate) fn draw(from: &Randomness) -> Result<Self, RegisterError> {
                from.bytes().map(Self)
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

    #[test]
    fn what_is_not_hex_is_refused() {
        assert_eq!(from_hex::<2>("12é"), None);
        assert_eq!(from_hex::<2>("+1+2"), None);
        assert_eq!(from_hex::<2>("123"), None);
        assert_eq!(from_hex::<2>("12345"), None);
    }
}
