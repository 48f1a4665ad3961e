//! Hex digits, as hashes, keys and identifiers are written in.

use std::fmt::Write as _;

/// Lower-case hex digits of `bytes`.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The `N` bytes that `2 N` hex digits of either case stand for.
#[must_use]
pub fn from_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits = hex.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |at: usize| char::from(digits[at]).to_digit(16);
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = (16 * digit(2 * at)? + digit(2 * at + 1)?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_round_trip_and_what_is_none_is_refused() {
        assert_eq!(from_hex(&to_hex(&[0, 10, 255])), Some([0, 10, 255]));
        assert_eq!(from_hex::<2>("12é"), None);
        assert_eq!(from_hex::<2>("+1+2"), None);
        assert_eq!(from_hex::<2>("123"), None);
    }
}
