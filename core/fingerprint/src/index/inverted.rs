//! Places by key: one ascending sequence.
//!
//! ```text
//! x = key P + place,    0 <= place < P
//! ```
//!
//! # Shapes and units
//! Keys of at most 28 bits, places counted from 0 in a segment.

use super::bytes::{Reader, Truncated};
use super::monotone::{Monotone, MonotoneBuilder};

/// A key and a place where it is.
pub(super) type Entry = (u32, u32);

/// Appends `entries`, ascending, `count` of them, with keys below `2^key_bits` and places below `places`.
pub(super) fn write(
    entries: impl Iterator<Item = Entry>,
    count: u64,
    key_bits: u32,
    places: u32,
    out: &mut Vec<u8>,
) {
    let places = u64::from(places.max(1));
    let mut builder = MonotoneBuilder::new(count, places << key_bits);
    for (key, place) in entries {
        builder.push(u64::from(key) * places + u64::from(place));
    }
    builder.write(out);
}

/// Places by key, in the bytes of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inverted<'a> {
    places: u64,
    sequence: Monotone<'a>,
}

impl<'a> Inverted<'a> {
    pub(super) fn read(reader: &mut Reader<'a>, places: u32) -> Result<Self, Truncated> {
        Ok(Self {
            places: u64::from(places.max(1)),
            sequence: Monotone::read(reader)?,
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.sequence.len()
    }

    /// Where a key is, ascending.
    pub(super) fn places(&self, key: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (first, places) = (u64::from(key) * self.places, self.places);
        self.sequence
            .from(first)
            .map(move |value| value - first)
            .take_while(move |place| *place < places)
            .map(|place| place as u32)
    }

    /// Everything, ascending.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let places = self.places;
        self.sequence
            .from(0)
            .map(move |value| ((value / places) as u32, (value % places) as u32))
    }
}
