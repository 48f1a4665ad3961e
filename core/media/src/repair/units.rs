//! Units of H.264 and HEVC as they lie in an MP4: a length, a header, and for slices the first numbers of their own header.
//!
//! ```text
//! ue(v): n zeros, a one, n bits x      ->      2^n - 1 + x
//! ```
//!
//! # References
//! ITU-T H.264, 7.4.1 (unit types), 7.3.3 (slice headers), 9.1 (Exp-Golomb codes); H.265, 7.4.2.2, 7.3.6.1.

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    H264,
    Hevc,
}

/// The parameter sets of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameters {
    codec: Codec,
    length_bytes: usize,
    sets: Vec<Vec<u8>>,
    /// The numbers of the picture parameter sets: a slice names one of them.
    pictures: Vec<u32>,
}

/// A unit that begins here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// Bytes of its length.
    pub(super) head: u64,
    /// Bytes of the unit itself.
    pub(super) length: u64,
    pub(super) is_slice: bool,
    /// Whether it is the first of a picture, where one came before.
    pub(super) begins_picture: bool,
}

impl Unit {
    /// Bytes with its length in front.
    pub(super) fn whole(&self) -> u64 {
        self.head + self.length
    }
}

impl Parameters {
    /// Reads an `avcC` or `hvcC`; none for any other.
    pub(super) fn read(codec: &str, extra: &[u8]) -> Option<Self> {
        if extra.first() != Some(&1) {
            return None;
        }
        let (codec, length_bytes, sets) = match codec {
            "h264" => (Codec::H264, extra.get(4)? & 3, of_avc(extra)?),
            "hevc" => (Codec::Hevc, extra.get(21)? & 3, of_hevc(extra)?),
            _ => return None,
        };
        let number = |set: &Vec<u8>| match codec {
            Codec::H264 if set.first()? & 31 == 8 => Bits::new(set.get(1..)?).golomb(),
            Codec::Hevc if (set.first()? >> 1) & 63 == 34 => Bits::new(set.get(2..)?).golomb(),
            _ => None,
        };
        let pictures = sets.iter().filter_map(number).collect();
        Some(Self {
            codec,
            length_bytes: usize::from(length_bytes) + 1,
            sets,
            pictures,
        })
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    pub(super) fn sets(&self) -> &[Vec<u8>] {
        &self.sets
    }

    /// The unit that `bytes` begin with, if they look like one.
    pub(super) fn unit(&self, bytes: &[u8]) -> Option<Unit> {
        let (length, rest) = bytes.split_at_checked(self.length_bytes)?;
        let length = length
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        let (is_slice, begins_picture) = match self.codec {
            Codec::H264 => self.h264(length, rest)?,
            Codec::Hevc => self.hevc(length, rest)?,
        };
        Some(Unit {
            head: self.length_bytes as u64,
            length,
            is_slice,
            begins_picture,
        })
    }

    fn h264(&self, length: u64, unit: &[u8]) -> Option<(bool, bool)> {
        let header = *unit.first()?;
        let (kind, is_referred_to) = (header & 31, header & 0x60 != 0);
        if header & 0x80 != 0 || length < 2 {
            return None;
        }
        match (kind, is_referred_to) {
            (1, _) | (5, true) => {
                let mut bits = Bits::new(&unit[1..]);
                let (first, slice, set) = (bits.golomb()?, bits.golomb()?, bits.golomb()?);
                let is_known = self.pictures.contains(&set) && slice <= 9 && first < 1 << 20;
                (is_known && length > 2).then_some((true, first == 0))
            }
            (6, false) => (*unit.get(1)? < 210).then_some((false, true)),
            (7, true) => self
                .sets
                .iter()
                .any(|set| set.get(1) == unit.get(1))
                .then_some((false, true)),
            (8, true) if length < 256 => Some((false, true)),
            (9, false) if length == 2 => Some((false, true)),
            _ => None,
        }
    }

    fn hevc(&self, length: u64, unit: &[u8]) -> Option<(bool, bool)> {
        let (first, second) = (*unit.first()?, *unit.get(1)?);
        let kind = first >> 1;
        // Layer 0, and a temporal layer, which counts from 1.
        if first & 0x81 != 0 || second >> 3 != 0 || second.trailing_zeros() >= 3 || length < 3 {
            return None;
        }
        match kind {
            0..=9 | 16..=21 => {
                let mut bits = Bits::new(&unit[2..]);
                let is_first = bits.bit()? == 1;
                if kind >= 16 {
                    bits.bit()?;
                }
                let set = bits.golomb()?;
                (self.pictures.contains(&set) && length > 3).then_some((true, is_first))
            }
            32..=34 if length < 4096 => Some((false, true)),
            35 if length == 3 => Some((false, true)),
            39 => (*unit.get(2)? < 210).then_some((false, true)),
            40 => (*unit.get(2)? < 210).then_some((false, false)),
            _ => None,
        }
    }
}

fn of_avc(extra: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut sets = Vec::new();
    let mut rest = extra.get(5..)?;
    for mask in [31, 255] {
        let (count, after) = rest.split_first()?;
        rest = after;
        for _ in 0..count & mask {
            rest = take_set(rest, &mut sets)?;
        }
    }
    Some(sets)
}

fn of_hevc(extra: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut sets = Vec::new();
    let (arrays, mut rest) = extra.get(22..)?.split_first()?;
    for _ in 0..*arrays {
        let count = u16::from_be_bytes(rest.get(1..3)?.try_into().ok()?);
        rest = rest.get(3..)?;
        for _ in 0..count {
            rest = take_set(rest, &mut sets)?;
        }
    }
    Some(sets)
}

fn take_set<'a>(rest: &'a [u8], sets: &mut Vec<Vec<u8>>) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
    sets.push(rest.get(2..2 + length)?.to_vec());
    rest.get(2 + length..)
}

/// Bits from the highest of the first byte on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = (byte >> (7 - self.at % 8)) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 24 {
                return None;
            }
        }
        let mut value = 0;
        for _ in 0..zeros {
            value = (value << 1) | self.bit()?;
        }
        Some((1 << zeros) - 1 + value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // 1, 010, 011, 00100, 00101: 0 to 4.
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let values: Vec<u32> = (0..5).filter_map(|_| bits.golomb()).collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
        assert_eq!(Bits::new(&[0; 8]).golomb(), None);
    }

    #[test]
    fn units_are_told_from_chance_by_length_header_and_parameter_set() {
        let extra = [
            1, 100, 0, 31, 0xFF, 0xE1, 0, 3, 0x67, 100, 0, 1, 0, 2, 0x68, 0xEE,
        ];
        let parameters = Parameters::read("h264", &extra).expect("an avcC");
        assert_eq!(parameters.sets(), [vec![0x67, 100, 0], vec![0x68, 0xEE]]);
        // first_mb 0, slice type 7 (0001000), parameter set 0.
        let slice = parameters.unit(&[0, 0, 1, 0, 0x65, 0x88, 0x80, 0]);
        let expected = Unit {
            head: 4,
            length: 256,
            is_slice: true,
            begins_picture: true,
        };
        assert_eq!(slice, Some(expected));
        for chance in [
            [0, 0, 1, 0, 0xE5, 0x88, 0x80],
            [0, 0, 1, 0, 0x65, 0x88, 0x20],
            [0, 0, 1, 0, 0x63, 0x88, 0x80],
        ] {
            assert_eq!(parameters.unit(&chance), None, "{chance:?}");
        }
        assert_eq!(Parameters::read("vp9", &extra), None);
        assert_eq!(Parameters::read("h264", &[0, 0, 0, 1, 0x67]), None);
    }
}
