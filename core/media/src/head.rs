//! The beginning of a file: what it is, and how large its pictures are, before anything of it is decoded.
//!
//! # References
//! ISO/IEC 14496-12, 4.3 (file types); ISO/IEC 23008-12, 10 (brands); W3C (2025), PNG, 11.2.1 and 11.3.6 (IHDR, acTL); Google (2024),
//! WebP Container Specification: VP8X.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::MediaError;
use crate::bound::MOST_PIXELS;
use crate::iso::{boxes, u32_at};
use crate::sequence::Sequence;

/// Bytes at the beginning of a file that tell what it is.
const HEAD_BYTES: u64 = 64 << 10;

/// Brands of files whose pictures are items. A file of such a brand may be a video as well.
const BRANDS: [&[u8]; 10] = [
    b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"miaf", b"MA1A", b"MA1B",
];

/// The first bytes of a regular file that is not empty; of a sequence's first picture.
pub(crate) fn head_of(path: &Path) -> Result<Vec<u8>, MediaError> {
    match Sequence::of(path)? {
        Some(sequence) => head_of_file(&sequence.first_file()),
        None => head_of_file(path),
    }
}

fn head_of_file(path: &Path) -> Result<Vec<u8>, MediaError> {
    let io = |source| MediaError::Io {
        path: path.to_owned(),
        action: "open",
        source,
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(MediaError::NotAFile {
            path: path.to_owned(),
        });
    }
    if metadata.len() == 0 {
        return Err(MediaError::Empty {
            path: path.to_owned(),
        });
    }
    // FFmpeg's own message for a file without read permission does not name the cause.
    let file = File::open(path).map_err(io)?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    Ok(head)
}

/// Refuses pictures of more samples than are ever decoded.
pub(crate) fn check_size(path: &Path, (width, height): (u32, u32)) -> Result<(), MediaError> {
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(MediaError::TooLarge {
            path: path.to_owned(),
            width,
            height,
            most: MOST_PIXELS / 1_000_000,
        });
    }
    Ok(())
}

/// Whether a file that begins with `head` holds pictures that FFmpeg does not read.
pub(crate) fn is_album(head: &[u8]) -> bool {
    is_heif(head) || is_animated_webp(head)
}

/// Whether a file that begins with `head` is a HEIF picture, and no sequence of them.
pub(crate) fn is_heif(head: &[u8]) -> bool {
    let top = boxes(head);
    let Some(first) = top.first().filter(|first| first.kind == *b"ftyp") else {
        return false;
    };
    let brands = head.get(first.payload.start as usize..first.payload.end as usize);
    let is_named = |brand: &[u8]| BRANDS.contains(&brand);
    let is_still = brands.is_some_and(|brands| brands.chunks_exact(4).any(is_named));
    is_still && !top.iter().any(|found| found.kind == *b"moov")
}

/// Whether a file that begins with `head` is an animated WebP.
pub(crate) fn is_animated_webp(head: &[u8]) -> bool {
    const ANIMATED: u8 = 2;
    head.starts_with(b"RIFF")
        && head.get(8..16) == Some(b"WEBPVP8X")
        && head.get(20).is_some_and(|flags| flags & ANIMATED != 0)
}

/// Whether a file that begins with `head` consists of boxes.
pub(crate) fn is_iso(head: &[u8]) -> bool {
    const OPENERS: [&[u8]; 9] = [
        b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp", b"moof", b"sidx",
    ];
    head.get(4..8).is_some_and(|kind| OPENERS.contains(&kind))
}

/// What a PNG says of its size: its decoder says nothing of one that it refuses.
pub(crate) fn png_size(head: &[u8]) -> Option<(u32, u32)> {
    let body = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    Some((u32_at(body, 8)?, u32_at(body, 12)?))
}

/// Whether a PNG has an animation: FFmpeg goes by the name, and shows the first picture of a `.png`.
pub(crate) fn is_animated_png(head: &[u8]) -> bool {
    let Some(mut rest) = head.strip_prefix(b"\x89PNG\r\n\x1a\n") else {
        return false;
    };
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        match after.get(..4) {
            Some(b"acTL") => return true,
            Some(b"IDAT") | None => return false,
            Some(_) => {}
        }
        let length = u32::from_be_bytes(*length) as usize;
        rest = after.get(length.saturating_add(8)..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_animations_are_taken() {
        let mut head = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02".to_vec();
        assert!(is_animated_webp(&head));
        *head.last_mut().expect("flags") = 0x10;
        assert!(!is_animated_webp(&head));
        assert!(!is_animated_webp(b"RIFF\0\0\0\0WEBPVP8 "));
    }
}
