//! A segment of the index as its bytes lie in a file.
//!
//! ```text
//! magic 8 | version u32 | crc32 u32 of all that follows | length u64 of the file | titles u32, 0 u32
//! titles:  identifier 16 | picture places u32 | sound places u32
//! pictures: words -> places | parts of frame hashes -> places | 64 bits of each place's frame hash
//! sound:   words -> places
//! ```
//!
//! A segment is written once and never changed. Titles take up one span of places each, in the order of the table.
//!
//! # Shapes and units
//! Numbers in little-endian order. A picture place is [`PICTURE_STEP`] seconds of media time, a sound place [`SOUND_STEP`].

use std::ops::Range;

use super::bytes::{Reader, Truncated};
use super::hashes::Hashes;
use super::inverted::Inverted;

/// Seconds from one picture place to the next.
pub const PICTURE_STEP: f64 = 2.0;

/// Seconds from one sound place to the next.
pub const SOUND_STEP: f64 = 1.0 / 32.0;

pub(super) const MAGIC: [u8; 8] = *b"CMprint\n";
pub(super) const VERSION: u32 = 1;
/// Bytes before those that the checksum covers.
pub(super) const UNCHECKED: usize = 16;

/// Why bytes are no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// Something else altogether.
    #[error("not a segment of the fingerprint index")]
    Foreign,
    /// Of another version of this program.
    #[error("a segment of version {found}, this program reads {VERSION}")]
    Version {
        /// What the segment says.
        found: u32,
    },
    /// It ends too early.
    #[error("cut short: {found} of {expected} bytes")]
    Short {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Its bytes are not those that were written.
    #[error("damaged: its checksum is wrong")]
    Damaged,
}

impl From<Truncated> for SegmentError {
    fn from(_: Truncated) -> Self {
        Self::Damaged
    }
}

/// A title in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedTitle {
    /// The caller's identifier.
    pub id: [u8; 16],
    /// Its picture places.
    pub pictures: Range<u32>,
    /// Its sound places.
    pub sound: Range<u32>,
}

/// A segment in the bytes of a file.
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    titles: Vec<IndexedTitle>,
    pub(super) words: Inverted<'a>,
    pub(super) hashes: Hashes<'a>,
    pub(super) sound: Inverted<'a>,
}

/// Whether bytes are a whole segment, as they were written.
///
/// # Errors
/// [`SegmentError`] says what is wrong. Reads every byte once.
pub fn check(bytes: &[u8]) -> Result<(), SegmentError> {
    let mut reader = Reader::new(bytes);
    if bytes.len() < UNCHECKED && MAGIC.starts_with(&bytes[..bytes.len().min(8)]) {
        return Err(SegmentError::Short {
            found: bytes.len() as u64,
            expected: UNCHECKED as u64,
        });
    }
    if reader.array::<8>()? != MAGIC {
        return Err(SegmentError::Foreign);
    }
    let found = reader.u32()?;
    if found != VERSION {
        return Err(SegmentError::Version { found });
    }
    let checksum = reader.u32()?;
    let expected = reader.u64()?;
    if (bytes.len() as u64) < expected {
        return Err(SegmentError::Short {
            found: bytes.len() as u64,
            expected,
        });
    }
    if crc32fast::hash(&bytes[UNCHECKED..]) != checksum {
        return Err(SegmentError::Damaged);
    }
    Ok(())
}

impl<'a> Segment<'a> {
    /// Finds the parts of a segment that was [`check`]ed before. Reads little more than the table of titles.
    ///
    /// # Errors
    /// As [`check`], except that damage goes unnoticed where it does not concern the layout. Lookups in such bytes give wrong
    /// places, and nothing worse.
    pub fn read(bytes: &'a [u8]) -> Result<Self, SegmentError> {
        let mut reader = Reader::new(bytes);
        if reader.array::<8>()? != MAGIC {
            return Err(SegmentError::Foreign);
        }
        let found = reader.u32()?;
        if found != VERSION {
            return Err(SegmentError::Version { found });
        }
        let _checksum = reader.u32()?;
        let expected = reader.u64()?;
        if (bytes.len() as u64) < expected {
            return Err(SegmentError::Short {
                found: bytes.len() as u64,
                expected,
            });
        }
        let count = reader.u32()?;
        let _zero = reader.u32()?;
        let (mut titles, mut pictures, mut sound) = (Vec::new(), 0_u32, 0_u32);
        for _ in 0..count {
            let id = reader.array()?;
            let (first_picture, first_sound) = (pictures, sound);
            pictures = pictures.checked_add(reader.u32()?).ok_or(Truncated)?;
            sound = sound.checked_add(reader.u32()?).ok_or(Truncated)?;
            titles.push(IndexedTitle {
                id,
                pictures: first_picture..pictures,
                sound: first_sound..sound,
            });
        }
        Ok(Self {
            titles,
            words: Inverted::read(&mut reader, pictures)?,
            hashes: Hashes::read(&mut reader, pictures)?,
            sound: Inverted::read(&mut reader, sound)?,
        })
    }

    /// Its titles.
    #[must_use]
    pub fn titles(&self) -> &[IndexedTitle] {
        &self.titles
    }

    /// All visual words, ascending, as often as there are places of them.
    pub fn words(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.words.entries().map(|(word, _)| word)
    }

    /// Picture places of a visual word, ascending.
    pub fn places_of_word(&self, word: u32) -> impl Iterator<Item = u32> + use<'a> {
        self.words.places(word)
    }

    /// Picture places whose frame hash differs in at most [`HASH_RADIUS`] of 64 bits from `hash`, each once, ascending.
    ///
    /// [`HASH_RADIUS`]: super::HASH_RADIUS
    #[must_use]
    pub fn places_of_hash(&self, hash: u64) -> Vec<u32> {
        self.hashes.near(hash)
    }

    /// Sound places of a word, ascending.
    pub fn places_of_sound(&self, word: u32) -> impl Iterator<Item = u32> + use<'a> {
        self.sound.places(word)
    }

    /// The title that a picture place belongs to, and the media time there in seconds.
    #[must_use]
    pub fn picture(&self, place: u32) -> Option<(usize, f64)> {
        located(&self.titles, place, |title| &title.pictures, PICTURE_STEP)
    }

    /// The title that a sound place belongs to, and the media time there in seconds.
    #[must_use]
    pub fn sound(&self, place: u32) -> Option<(usize, f64)> {
        located(&self.titles, place, |title| &title.sound, SOUND_STEP)
    }
}

fn located(
    titles: &[IndexedTitle],
    place: u32,
    span: impl Fn(&IndexedTitle) -> &Range<u32>,
    step: f64,
) -> Option<(usize, f64)> {
    let index = titles.partition_point(|title| span(title).end <= place);
    let first = span(titles.get(index)?).start;
    Some((index, f64::from(place - first) * step))
}
