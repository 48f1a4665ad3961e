//! The 64-bit payload: the public name of a delivery inside the picture.
//!
//! # Shapes and units
//! Written as sixteen hexadecimal digits, most significant first; bit `i` of the value is information bit `i` of the
//! address code.

use std::fmt;
use std::str::FromStr;

/// The 64 bits that every marked copy carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Payload(u64);

/// Why a text is no payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The text has not sixteen characters.
    #[error(
        "a payload has {} hexadecimal digits, not {found}: {text:?}",
        Payload::DIGITS
    )]
    Length {
        /// Characters found.
        found: usize,
        /// The text itself.
        text: String,
    },
    /// A character is not a hexadecimal digit.
    #[error(
        "a payload has the digits 0-9 and a-f only, position {position} of {text:?} is {found:?}"
    )]
    Digit {
        /// The character found.
        found: char,
        /// Its position, counted from zero.
        position: usize,
        /// The text itself.
        text: String,
    },
}

impl Payload {
    /// Information bits.
    pub const BITS: usize = 64;
    /// Hexadecimal digits of the written form.
    pub const DIGITS: usize = Self::BITS / 4;

    /// The payload with these bits.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits as a number.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Payload {
    type Err = PayloadError;

    fn from_str(text: &str) -> Result<Self, PayloadError> {
        let found = text.chars().count();
        if found != Self::DIGITS {
            return Err(PayloadError::Length {
                found,
                text: text.to_owned(),
            });
        }
        text.chars()
            .enumerate()
            .try_fold(0_u64, |bits, (position, found)| {
                let digit = found.to_digit(16).ok_or_else(|| PayloadError::Digit {
                    found,
                    position,
                    text: text.to_owned(),
                })?;
                Ok(bits << 4 | u64::from(digit))
            })
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_sixteen_digits() {
        assert_eq!(
            Payload::new(0x0123_4567_89ab_cdef).to_string(),
            "0123456789abcdef"
        );
        assert_eq!(Payload::new(0).to_string(), "0000000000000000");
    }

    #[test]
    fn errors_name_the_text() {
        let short = "12".parse::<Payload>().expect_err("too short");
        assert_eq!(
            short.to_string(),
            "a payload has 16 hexadecimal digits, not 2: \"12\""
        );
        assert_eq!(
            "00000000000000g0".parse::<Payload>(),
            Err(PayloadError::Digit {
                found: 'g',
                position: 14,
                text: "00000000000000g0".into()
            })
        );
        // `from_str_radix` would take a sign.
        assert!("+123456789abcdef".parse::<Payload>().is_err());
    }

    proptest! {
        #[test]
        fn text_round_trips(bits: u64) {
            let payload = Payload::new(bits);
            prop_assert_eq!(payload.to_string().parse(), Ok(payload));
            prop_assert_eq!(payload.to_string().to_uppercase().parse(), Ok(payload));
        }

        #[test]
        fn any_text_is_payload_or_error(text in "\\PC{0,20}") {
            if let Ok(payload) = text.parse::<Payload>() {
                prop_assert_eq!(payload.to_string(), text.to_lowercase());
            }
        }
    }
}
