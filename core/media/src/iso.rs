//! The boxes of an ISO base media file: what lies where, without reading what is in them.
//!
//! ```text
//! box = size: u32, kind: 4 bytes, [size: u64 if the first is 1], payload          size 0: to the end of the file
//! ```
//!
//! # Shapes and units
//! Positions and sizes in bytes. No more than [`MOST_BOXES`] boxes of a level are told apart.
//! # References
//! ISO/IEC 14496-12, 4.2.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// Boxes of one level at most: an hour of fragments of half a second has 15,000.
const MOST_BOXES: usize = 1 << 17;

/// A box: its kind, and where it and its payload lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsoBox {
    /// Its kind.
    pub kind: [u8; 4],
    /// Where it lies, head and payload.
    pub whole: Range<u64>,
    /// Where its payload lies.
    pub payload: Range<u64>,
}

/// The boxes at the top of the file at `path`, as far as they can be told; one that reaches beyond the end is cut there.
///
/// # Errors
/// When it cannot be read.
pub fn top_level(path: &Path) -> io::Result<Vec<IsoBox>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    top_level_of(&mut file, length)
}

/// As [`top_level`], of `length` bytes that can be read.
///
/// # Errors
/// When they cannot be read.
pub fn top_level_of(file: &mut (impl Read + Seek), length: u64) -> io::Result<Vec<IsoBox>> {
    let mut boxes = Vec::new();
    let mut at = 0;
    while boxes.len() < MOST_BOXES && length.saturating_sub(at) >= 8 {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 16];
        let read = (length - at).min(16) as usize;
        file.read_exact(&mut header[..read])?;
        let Some(found) = parse(&header[..read], at, length) else {
            break;
        };
        at = found.whole.end;
        boxes.push(found);
    }
    Ok(boxes)
}

/// The boxes that `bytes` consist of; positions count from its first byte.
#[must_use]
pub fn boxes(bytes: &[u8]) -> Vec<IsoBox> {
    let mut boxes = Vec::new();
    let mut at = 0;
    while boxes.len() < MOST_BOXES {
        let Some(header) = bytes.get(at as usize..).filter(|left| left.len() >= 8) else {
            break;
        };
        let Some(found) = parse(header, at, bytes.len() as u64) else {
            break;
        };
        at = found.whole.end;
        boxes.push(found);
    }
    boxes
}

/// The payload of the first box of a kind.
#[must_use]
pub fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let found = boxes(bytes).into_iter().find(|found| found.kind == *kind)?;
    bytes.get(found.payload.start as usize..found.payload.end as usize)
}

/// The payload of a box that is nested in others.
#[must_use]
pub fn descendant<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter()
        .try_fold(bytes, |within, kind| child(within, kind))
}

/// A big-endian number of 32 bits.
#[must_use]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn parse(header: &[u8], at: u64, length: u64) -> Option<IsoBox> {
    let kind: [u8; 4] = header.get(4..8)?.try_into().ok()?;
    let is_name = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xA9;
    if !kind.iter().all(is_name) {
        return None;
    }
    let (size, head) = match u32_at(header, 0)? {
        0 => (length - at, 8),
        1 => {
            let large = header.get(8..16)?;
            (u64::from_be_bytes(large.try_into().ok()?), 16)
        }
        size => (u64::from(size), 8),
    };
    if size < head {
        return None;
    }
    let end = at.saturating_add(size).min(length);
    Some(IsoBox {
        kind,
        whole: at..end,
        payload: (at + head).min(end)..end,
    })
}

/// A box of a kind with this payload.
#[must_use]
pub fn boxed(kind: &[u8; 4], payload: &[&[u8]]) -> Vec<u8> {
    let length: usize = 8 + payload.iter().map(|part| part.len()).sum::<usize>();
    let mut whole = Vec::with_capacity(length);
    whole.extend((length as u32).to_be_bytes());
    whole.extend(kind);
    for part in payload {
        whole.extend_from_slice(part);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_found_again() {
        let inner = boxed(b"trak", &[b"abc"]);
        let mut bytes = boxed(b"moov", &[&inner, &boxed(b"free", &[])]);
        bytes.extend(b"\0\0\0\0mdat to the end");
        let top = boxes(&bytes);
        let kinds: Vec<&[u8; 4]> = top.iter().map(|found| &found.kind).collect();
        assert_eq!(kinds, [b"moov", b"mdat"]);
        assert_eq!(top[1].whole.end, bytes.len() as u64);
        assert_eq!(descendant(&bytes, &[b"moov", b"trak"]), Some(&b"abc"[..]));
        assert_eq!(descendant(&bytes, &[b"moov", b"mdia"]), None);
    }

    #[test]
    fn sizes_that_cannot_be_end_the_walk() {
        for bytes in [&b"\0\0\0\x07moovxxxx"[..], b"\0\0\0\x01mdat\0\0", b"\0\0"] {
            assert_eq!(boxes(bytes), [], "{bytes:?}");
        }
        let beyond = boxes(b"\xFF\xFF\xFF\xFFmdatx");
        assert_eq!(beyond[0].payload, 8..9);
    }
}
