//! Hex digits: identifiers, hashes, secrets and keys are written in them.

use std::fmt::Write as _;

/// Lower-case hex digits of `bytes`.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_hex_is_refused() {
        assert_eq!(from_hex::<2>("12é"), None);
        assert_eq!(from_hex::<2>("+1+2"), None);
        assert_eq!(from_hex::<2>("123"), None);
        assert_eq!(from_hex::<2>("12345"), None);
    }
}
