//! Closed captions and the active format in the coded stream, where the encoder does not write them itself.
//!
//! ```text
//! H.264, HEVC:  .. parameter sets | SEI: T.35, ATSC: GA94 captions, DTG1 active format | first slice ..
//! MPEG-2:       .. picture header | user data: DTG1 active format                      | first slice ..
//! ```
//!
//! # Shapes and units
//! Captions are triplets as CTA-708 has them. Streams have start codes (Annex B).
//! # References
//! ATSC A/53 part 4:2009, 6.2 (user data of both); ITU-T H.264 D.1.6, H.265 D.2.36 (registered user data); H.264 7.4.1
//! (emulation prevention).

use crate::VideoCodec;
use crate::ffi::Frame;

/// ATSC in the United States, as T.35 registers it.
const ATSC: [u8; 3] = [0xb5, 0x00, 0x31];
/// Triplets that one picture may carry.
const MOST_TRIPLETS: usize = 31;
/// SEI payload "registered user data".
const REGISTERED: u8 = 4;

/// What a picture carries besides its samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UserData {
    captions: Vec<u8>,
    active_format: Option<u8>,
}

impl UserData {
    /// What must be written here, for the encoder of `codec` does not.
    pub(crate) fn left_by_encoder(frame: &Frame, codec: VideoCodec) -> Option<Self> {
        let captions = match codec {
            VideoCodec::Hevc => frame.captions().unwrap_or_default(),
            _ => &[],
        };
        let active_format = match codec {
            VideoCodec::H264 | VideoCodec::Hevc | VideoCodec::Mpeg2 => frame.active_format(),
            _ => None,
        };
        let data = Self {
            captions: captions.to_vec(),
            active_format,
        };
        (data != Self::default()).then_some(data)
    }

    /// The coded picture with this in it; as it was where no slice is found.
    pub(crate) fn insert(&self, codec: VideoCodec, coded: &[u8]) -> Vec<u8> {
        let Some(at) = first_slice(codec, coded) else {
            return coded.to_vec();
        };
        let mut whole = Vec::with_capacity(coded.len() + 64);
        whole.extend_from_slice(&coded[..at]);
        for message in self.messages() {
            if codec == VideoCodec::Mpeg2 {
                whole.extend_from_slice(&[0, 0, 1, 0xb2]);
                whole.extend_from_slice(&message);
            } else {
                whole.extend_from_slice(&[0, 0, 0, 1]);
                whole.extend_from_slice(&sei(codec, &message));
            }
        }
        whole.extend_from_slice(&coded[at..]);
        whole
    }

    /// ATSC user data, each from its identifier on.
    fn messages(&self) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        if !self.captions.is_empty() {
            let count = (self.captions.len() / 3).min(MOST_TRIPLETS);
            let mut message = b"GA94\x03".to_vec();
            message.extend_from_slice(&[0x40 | count as u8, 0xff]);
            message.extend_from_slice(&self.captions[..3 * count]);
            message.push(0xff);
            messages.push(message);
        }
        if let Some(format) = self.active_format {
            let mut message = b"DTG1".to_vec();
            message.extend_from_slice(&[0x41, 0xf0 | format]);
            messages.push(message);
        }
        messages
    }
}

/// One SEI unit without its start code.
fn sei(codec: VideoCodec, message: &[u8]) -> Vec<u8> {
    let header: &[u8] = match codec {
        // Prefix SEI is type 39 of HEVC, in layer 0, of the lowest temporal layer.
        VideoCodec::Hevc => &[39 << 1, 1],
        _ => &[6],
    };
    let size = ATSC.len() + message.len();
    let mut payload = vec![REGISTERED];
    payload.extend(std::iter::repeat_n(0xff, size / 255));
    payload.push((size % 255) as u8);
    payload.extend_from_slice(&ATSC);
    payload.extend_from_slice(message);
    payload.push(0x80);
    let mut unit = header.to_vec();
    let mut zeros = 0;
    for byte in payload {
        if zeros >= 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

/// Where the start code of the first slice begins.
fn first_slice(codec: VideoCodec, coded: &[u8]) -> Option<usize> {
    let is_slice = |byte: u8| match codec {
        VideoCodec::Hevc => (byte >> 1) & 0x3f < 32,
        VideoCodec::H264 => matches!(byte & 0x1f, 1..=5),
        _ => matches!(byte, 0x01..=0xaf),
    };
    coded
        .windows(4)
        .position(|four| four[..3] == [0, 0, 1] && is_slice(four[3]))
        .map(|at| match at.checked_sub(1) {
            // A start code of four bytes.
            Some(before) if coded[before] == 0 && codec != VideoCodec::Mpeg2 => before,
            _ => at,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_before_the_first_slice() {
        let data = UserData {
            captions: vec![0xfc, 0x94, 0x2c],
            active_format: Some(10),
        };
        let hevc = [0, 0, 0, 1, 0x40, 1, 9, 0, 0, 0, 1, 0x26, 1, 7];
        let whole = data.insert(VideoCodec::Hevc, &hevc);
        assert_eq!(whole[..7], hevc[..7]);
        assert_eq!(whole[7..11], [0, 0, 0, 1]);
        assert_eq!(whole[11..14], [78, 1, 4]);
        assert!(whole.windows(4).any(|four| four == b"GA94"));
        assert!(whole.windows(6).any(|six| six == b"DTG1\x41\xfa"));
        assert_eq!(whole[whole.len() - 7..], hevc[7..]);
        let mpeg2 = [0, 0, 1, 0, 5, 0, 0, 1, 0xb5, 8, 0, 0, 1, 1, 3];
        let whole = data.insert(VideoCodec::Mpeg2, &mpeg2);
        assert_eq!(whole[10..14], [0, 0, 1, 0xb2]);
        assert_eq!(data.insert(VideoCodec::H264, &[1, 2, 3]), [1, 2, 3]);
    }

    #[test]
    fn no_start_code_arises_inside_of_a_message() {
        let data = UserData {
            captions: vec![0; 30],
            active_format: None,
        };
        let unit = sei(VideoCodec::H264, &data.messages()[0]);
        assert!(
            !unit
                .windows(3)
                .any(|three| three == [0, 0, 0] || three == [0, 0, 1])
        );
    }
}
