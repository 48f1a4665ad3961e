//! As much of DER as a time stamp needs: values one after the other, none beyond the bytes that are there.
//!
//! # References
//! ITU-T X.690 (2021), sections 8 and 10: tag, definite length, contents.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// Values that follow each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a>(pub(super) &'a [u8]);

impl<'a> Values<'a> {
    /// Tag and contents of the next value.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        // Tags of several bytes do not occur; lengths above four bytes would be of no token.
        let mut length = usize::from(first);
        if first & 0x80 != 0 {
            let count = usize::from(first & 0x7f);
            if !(1..=4).contains(&count) {
                return None;
            }
            let digits = rest.get(..count)?;
            length = digits
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            rest = &rest[count..];
        }
        let contents = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, contents))
    }

    /// Contents of the next value, which has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next()
            .filter(|(found, _)| *found == tag)
            .map(|(_, contents)| contents)
    }

    /// The values in the next one, which has this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }
}

/// An object identifier with its dots.
pub(super) fn dotted(oid: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number: u64 = 0;
    for byte in oid {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let root = (number / 40).min(2);
                numbers.extend([root, number - 40 * root]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    words.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_never_lead_beyond_the_bytes() {
        assert_eq!(Values(&[4, 2, 7, 8]).take(OCTETS), Some(&[7, 8][..]));
        assert_eq!(Values(&[4, 0x81, 2, 7, 8]).take(OCTETS), Some(&[7, 8][..]));
        assert_eq!(Values(&[4, 3, 7, 8]).take(OCTETS), None);
        assert_eq!(Values(&[4, 0x80, 7, 8]).take(OCTETS), None);
        assert_eq!(
            Values(&[4, 0x84, 0xff, 0xff, 0xff, 0xff]).take(OCTETS),
            None
        );
        assert_eq!(Values(&[2, 0]).take(OCTETS), None);
        assert_eq!(Values(&[]).next(), None);
    }

    #[test]
    fn identifiers_have_their_dots() {
        let sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        assert_eq!(dotted(&sha256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(
            dotted(&[0x04, 0, 0x81, 0x97, 0x5e, 1, 1]),
            "0.4.0.19422.1.1"
        );
    }
}
