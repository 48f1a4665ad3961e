//! Where a manifest lies in a file.
//!
//! ```text
//! uuid box = size: u32, "uuid", C2PA's UUID: 16, version and flags: 4, "manifest\0", offset: 8, manifest store
//! ```
//!
//! # Shapes and units
//! Positions and sizes in bytes.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use countermark_media::iso;

/// Whose box it is.
const C2PA: [u8; 16] = [
    0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81,
];

/// A larger picture is not looked into.
const MOST_BYTES_OF_A_PICTURE: u64 = 1 << 26;

/// A kind of file that can hold a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// ISO base media.
    Iso,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl Format {
    /// Its media type.
    #[cfg(feature = "c2pa")]
    pub(crate) const fn mime(self) -> &'static str {
        match self {
            Self::Iso => "video/mp4",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// Whether [`has_manifest`] is certain of a manifest in such a file, not only that there may be one.
    pub(crate) const fn is_told_by_its_place(self) -> bool {
        matches!(self, Self::Iso)
    }
}

/// The kind of a file that has a manifest, or may have one.
pub(crate) fn has_manifest(path: &Path) -> io::Result<Option<Format>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; 8];
    if length < 8 {
        return Ok(None);
    }
    file.read_exact(&mut head)?;
    let is_picture = length <= MOST_BYTES_OF_A_PICTURE;
    Ok(match head {
        [0xff, 0xd8, 0xff, ..] if is_picture => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', ..] if is_picture => Some(Format::Png),
        [_, _, _, _, b'f', b't', b'y', b'p'] => {
            file.rewind()?;
            manifest_box(&mut file, length)?.map(|_| Format::Iso)
        }
        _ => None,
    })
}

/// The whole box of a manifest in a file of ISO base media of so many bytes.
pub(crate) fn manifest_box(
    file: &mut (impl io::Read + io::Seek),
    length: u64,
) -> io::Result<Option<Range<u64>>> {
    for found in iso::top_level_of(file, length)? {
        let length = found.payload.end - found.payload.start;
        if found.kind == *b"uuid" && length >= 16 {
            let mut uuid = [0; 16];
            file.seek(SeekFrom::Start(found.payload.start))?;
            file.read_exact(&mut uuid)?;
            if uuid == C2PA {
                return Ok(Some(found.whole));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use countermark_media::iso::boxed;

    use super::*;

    #[test]
    fn the_box_of_a_manifest_is_told_from_other_boxes() {
        let ftyp = boxed(b"ftyp", &[b"isom\0\0\0\0"]);
        let other = boxed(b"uuid", &[&[7; 32]]);
        let short = boxed(b"uuid", &[&C2PA[..9]]);
        let own = boxed(b"uuid", &[&C2PA, b"store"]);
        let found = |parts: &[&[u8]]| {
            let file = parts.concat();
            let length = file.len() as u64;
            manifest_box(&mut Cursor::new(file), length).expect("bytes can be read")
        };
        assert_eq!(found(&[&ftyp, &other, &short]), None);
        let at = (ftyp.len() + other.len()) as u64;
        assert_eq!(
            found(&[&ftyp, &other, &own, &short]),
            Some(at..at + own.len() as u64)
        );
        // Cut within the UUID.
        assert_eq!(found(&[&ftyp, &own[..20]]), None);
    }

    #[test]
    fn only_files_that_can_hold_a_manifest_are_looked_into() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("clip");
        let own = [boxed(b"ftyp", &[b"isom\0\0\0\0"]), boxed(b"uuid", &[&C2PA])].concat();
        for (bytes, wanted) in [
            (&b""[..], None),
            (b"short", None),
            (b"\x1aE\xdf\xa3 matroska", None),
            (b"\xff\xd8\xff\xe0 a picture", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
            (&boxed(b"ftyp", &[b"isom\0\0\0\0"]), None),
            (&own, Some(Format::Iso)),
        ] {
            std::fs::write(&path, bytes).expect("a file");
            assert_eq!(has_manifest(&path).expect("readable"), wanted, "{bytes:?}");
        }
    }
}
