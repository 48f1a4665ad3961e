//! Frame hashes within a radius, by multi-index hashing.
//!
//! ```text
//! h = (s_0, s_1, s_2, s_3)    16 bits each;    table j: s_j -> places
//! |h ^ q| <= 7  =>  |s_j ^ q_j| <= 1 for some j
//! ```
//!
//! So the places found under a part of `q`, or under one of the 16 parts a bit away from it, in any of the four tables, are
//! all there are: none is missed.
//!
//! # Shapes and units
//! The first 64 bits of a [`FrameHash`](crate::FrameHash): the lowest frequencies. Flat frames are in no table.
//! # References
//! M. Norouzi, A. Punjani, D. J. Fleet, Fast search in Hamming space with multi-index hashing, CVPR (2012).

use super::bytes::{Reader, Truncated, u64_at};
use super::inverted::{self, Entry, Inverted};

/// Bits of 64 that may differ.
pub const HASH_RADIUS: u32 = 7;

const TABLES: u32 = 4;
const PART_BITS: u32 = 16;
/// Table and part.
const KEY_BITS: u32 = 18;

/// The frame hashes of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashes<'a> {
    tables: Inverted<'a>,
    codes: &'a [u8],
}

impl<'a> Hashes<'a> {
    pub(super) fn read(reader: &mut Reader<'a>, places: u32) -> Result<Self, Truncated> {
        Ok(Self {
            tables: Inverted::read(reader, places)?,
            codes: reader.take(8 * places as usize)?,
        })
    }

    /// The hash of a place; 0 where there is none.
    pub(super) fn code(&self, place: u32) -> u64 {
        u64_at(self.codes, place as usize)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        self.tables.entries()
    }

    pub(super) fn len(&self) -> u64 {
        self.tables.len()
    }

    /// Ascending, each once.
    pub(super) fn near(&self, hash: u64) -> Vec<u32> {
        let mut places: Vec<u32> = keys(hash)
            .flat_map(|key| {
                std::iter::once(key).chain((0..PART_BITS).map(move |bit| key ^ (1 << bit)))
            })
            .flat_map(|key| self.tables.places(key))
            .filter(|place| (self.code(*place) ^ hash).count_ones() <= HASH_RADIUS)
            .collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// Under which a hash is found in the tables.
pub(super) fn keys(hash: u64) -> impl Iterator<Item = u32> {
    (0..TABLES).map(move |table| {
        let part = (hash >> (PART_BITS * table)) as u32 & 0xffff;
        table << PART_BITS | part
    })
}

/// Appends the tables and the codes.
pub(super) fn write(
    entries: impl Iterator<Item = Entry>,
    count: u64,
    codes: &[u64],
    out: &mut Vec<u8>,
) {
    inverted::write(entries, count, KEY_BITS, codes.len() as u32, out);
    for code in codes {
        out.extend(code.to_le_bytes());
    }
}
