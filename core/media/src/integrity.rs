//! Whether a file was read whole: a truncated file must not look like a short one.
//!
//! Demuxers answer "end of file" for a file that was cut, so its length is also compared with what its own outermost
//! structure announces: the boxes of an ISO file, the segment of a Matroska file, the chunks of a RIFF file.
//!
//! # References
//! ISO/IEC 14496-12, 4.2 (boxes); RFC 8794, 4 and 5 (EBML variable-size integers); RFC 9559, 5.1 (Segment).

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What was lost of a file, as far as it has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Integrity {
    /// Bytes that the file's own structure announces beyond its end.
    pub missing_bytes: Option<u64>,
    /// Segments that a playlist names and that do not lie beside it.
    pub missing_segments: Option<Box<MissingSegments>>,
    /// The error that stopped reading before the end.
    pub read_error: Option<String>,
    /// Packets that the demuxer marked as damaged, or that the decoder refused.
    pub damaged_packets: u64,
    /// Pictures, or pieces of sound, that the decoder delivered with concealed or missing parts.
    pub damaged_frames: u64,
}

/// Segments of a playlist that are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSegments {
    /// How many.
    pub count: u64,
    /// The first of them, as the list names it.
    pub first: String,
}

impl Integrity {
    /// Whether nothing is missing or damaged.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the file ends too early.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.missing_bytes.is_some() || self.missing_segments.is_some() || self.read_error.is_some()
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(bytes) = self.missing_bytes {
            parts.push(format!("truncated, at least {bytes} bytes are missing"));
        }
        if let Some(missing) = &self.missing_segments {
            let MissingSegments { count, first } = &**missing;
            let plural = if *count == 1 { "" } else { "s" };
            parts.push(format!(
                "{count} segment{plural} of the list missing, the first {first:?}"
            ));
        }
        if let Some(error) = &self.read_error {
            parts.push(format!("reading stopped early: {error}"));
        }
        if self.damaged_packets > 0 {
            parts.push(count(self.damaged_packets, "packet"));
        }
        if self.damaged_frames > 0 {
            parts.push(count(self.damaged_frames, "frame"));
        }
        if parts.is_empty() {
            formatter.write_str("complete")
        } else {
            formatter.write_str(&parts.join(", "))
        }
    }
}

fn count(damaged: u64, unit: &str) -> String {
    let plural = if damaged == 1 { "" } else { "s" };
    format!("{damaged} damaged {unit}{plural}")
}

/// How many bytes the outermost structure of the file at `path` announces beyond its end; `None` for a whole file, or
/// one whose structure says nothing about its length.
pub(crate) fn missing_bytes(path: &Path) -> Option<u64> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let announced = announced_length(&mut file, length).ok()??;
    (announced > length).then(|| announced - length)
}

/// Boxes with which an ISO file or its `QuickTime` ancestor begins.
const ISO_OPENERS: [&[u8]; 7] = [
    b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp",
];

fn announced_length(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<u64>> {
    let mut magic = [0; 12];
    file.read_exact(&mut magic)?;
    match &magic {
        [0x1A, 0x45, 0xDF, 0xA3, ..] => matroska_end(file),
        [b'R', b'I', b'F', b'F', a, b, c, d, ..] => {
            let size = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            // An OpenDML file continues after its first RIFF chunk; only the first one is checked. Writers that were
            // killed leave 0 or the maximum.
            Ok((size != 0 && size < 0xFFFF_F000).then_some(8 + size))
        }
        [_, _, _, _, kind @ ..] if ISO_OPENERS.contains(&&kind[..4]) => iso_end(file, length),
        _ => Ok(None),
    }
}

/// End of the last top-level box.
fn iso_end(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<u64>> {
    let mut position = 0u64;
    while position < length {
        if length - position < 8 {
            // Less than a box header: padding, or a header cut in half.
            return Ok(None);
        }
        file.seek(SeekFrom::Start(position))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let kind = &header[4..];
        if !kind
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xA9)
        {
            // Not a box: trailing bytes that players ignore.
            return Ok(None);
        }
        let size = match u32::from_be_bytes([header[0], header[1], header[2], header[3]]) {
            // A box of size 0 reaches to the end of the file, wherever that is.
            0 => return Ok(None),
            1 => {
                let mut large = [0; 8];
                file.read_exact(&mut large)?;
                u64::from_be_bytes(large)
            }
            size => u64::from(size),
        };
        if size < 8 {
            return Ok(None);
        }
        position = position.saturating_add(size);
    }
    Ok(Some(position))
}

/// End of the segment that follows the EBML header.
fn matroska_end(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    const SEGMENT: u64 = 0x1853_8067;
    let mut position = 0;
    loop {
        file.seek(SeekFrom::Start(position))?;
        let (id, id_length, _) = variable_integer(file, true)?;
        let (size, size_length, unknown) = variable_integer(file, false)?;
        if unknown {
            return Ok(None);
        }
        let end = (position + id_length + size_length).saturating_add(size);
        if id == SEGMENT {
            return Ok(Some(end));
        }
        position = end;
    }
}

/// Value, bytes used, and whether the value means "unknown size".
fn variable_integer(file: &mut impl Read, keep_marker: bool) -> io::Result<(u64, u64, bool)> {
    let mut first = [0];
    file.read_exact(&mut first)?;
    let length = u64::from(first[0].leading_zeros()) + 1;
    if length > 8 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let marker = 0x80u8 >> (length - 1);
    let mut value = u64::from(if keep_marker {
        first[0]
    } else {
        first[0] & (marker - 1)
    });
    for _ in 1..length {
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        value = (value << 8) | u64::from(byte[0]);
    }
    let all_ones = (1u64 << (7 * length)) - 1;
    Ok((value, length, !keep_marker && value == all_ones))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn announced(bytes: &[u8]) -> Option<u64> {
        announced_length(&mut Cursor::new(bytes), bytes.len() as u64).expect("readable")
    }

    #[test]
    fn last_box_beyond_the_end_is_missing() {
        let mut file = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
        file.extend(b"\0\0\x01\0mdat");
        assert_eq!(announced(&file), Some(16 + 256));
        file.resize(16 + 256, 0);
        assert_eq!(announced(&file), Some(16 + 256));
    }

    #[test]
    fn open_ended_and_trailing_bytes_say_nothing() {
        let mut file = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
        file.extend(b"\0\0\0\0mdat and so on");
        assert_eq!(announced(&file), None);
        let mut file = b"\0\0\0\x10ftypisom\0\0\0\0".to_vec();
        file.extend([0xFF; 20]);
        assert_eq!(announced(&file), None);
    }

    #[test]
    fn segment_size_is_read_and_unknown_size_is_not() {
        let mut file = vec![0x1A, 0x45, 0xDF, 0xA3, 0x82, 0, 0];
        file.extend([0x18, 0x53, 0x80, 0x67, 0x40, 0xC8]);
        assert_eq!(announced(&file), Some(13 + 200));
        let mut file = vec![0x1A, 0x45, 0xDF, 0xA3, 0x82, 0, 0];
        file.extend([
            0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255,
        ]);
        assert_eq!(announced(&file), None);
    }

    #[test]
    fn riff_announces_its_first_chunk() {
        assert_eq!(announced(b"RIFF\x64\0\0\0AVI "), Some(108));
        assert_eq!(announced(b"RIFF\0\0\0\0AVI "), None);
    }
}
