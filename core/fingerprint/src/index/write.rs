//! Making segments: of one title, and of several segments.
//!
//! Merging walks all segments at once in the order of keys, so that it holds no more than the new segment.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::hashes::{self, keys};
use super::inverted::{self, Entry};
use super::segment::{MAGIC, Segment, UNCHECKED, VERSION};
use crate::word::WORD_BITS;

/// What the index keeps of one title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitlePrint {
    /// The caller's identifier.
    pub id: [u8; 16],
    /// A print for every [`PICTURE_STEP`](super::PICTURE_STEP) of media time from 0 on.
    pub pictures: Vec<PicturePrint>,
    /// Words of sound, in any order, with their places: media time in [`SOUND_STEP`](super::SOUND_STEP)s.
    pub sound: Vec<(u32, u32)>,
}

/// What the index keeps of a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PicturePrint {
    /// Visual words.
    pub words: Vec<u32>,
    /// The first 64 bits of its frame hash; none when it is too flat.
    pub hash: Option<u64>,
}

/// A segment of one title.
#[must_use]
pub fn segment_of(print: &TitlePrint) -> Vec<u8> {
    let pictures = print.pictures.len() as u32;
    let ticks = print
        .sound
        .iter()
        .map(|(_, tick)| tick + 1)
        .max()
        .unwrap_or(0);
    let places = || (0_u32..).zip(&print.pictures);
    let words: BTreeSet<Entry> = places()
        .flat_map(|(place, print)| print.words.iter().map(move |word| (*word, place)))
        .collect();
    let parts: BTreeSet<Entry> = places()
        .filter_map(|(place, print)| Some((place, print.hash?)))
        .flat_map(|(place, hash)| keys(hash).map(move |key| (key, place)))
        .collect();
    let codes: Vec<u64> = print
        .pictures
        .iter()
        .map(|print| print.hash.unwrap_or(0))
        .collect();
    let sound: BTreeSet<Entry> = print.sound.iter().copied().collect();
    let mut out = begun(&[(print.id, pictures, ticks)]);
    let count = words.len() as u64;
    inverted::write(words.into_iter(), count, WORD_BITS, pictures, &mut out);
    let count = parts.len() as u64;
    hashes::write(parts.into_iter(), count, &codes, &mut out);
    let count = sound.len() as u64;
    inverted::write(sound.into_iter(), count, WORD_BITS, ticks, &mut out);
    finished(out)
}

/// One segment of all titles of several; a title that is in more than one of them is taken as often.
#[must_use]
pub fn merged(segments: &[Segment<'_>]) -> Vec<u8> {
    let length = |span: &std::ops::Range<u32>| span.end - span.start;
    let titles: Vec<([u8; 16], u32, u32)> = segments
        .iter()
        .flat_map(Segment::titles)
        .map(|title| (title.id, length(&title.pictures), length(&title.sound)))
        .collect();
    let pictures = starts(segments.iter().map(|s| places(s).0));
    let ticks = starts(segments.iter().map(|s| places(s).1));
    let mut out = begun(&titles);
    inverted::write(
        together(segments.iter().map(|s| s.words.entries()), &pictures),
        segments.iter().map(|s| s.words.len()).sum(),
        WORD_BITS,
        pictures[segments.len()],
        &mut out,
    );
    let codes: Vec<u64> = segments
        .iter()
        .flat_map(|s| (0..places(s).0).map(|place| s.hashes.code(place)))
        .collect();
    hashes::write(
        together(segments.iter().map(|s| s.hashes.entries()), &pictures),
        segments.iter().map(|s| s.hashes.len()).sum(),
        &codes,
        &mut out,
    );
    inverted::write(
        together(segments.iter().map(|s| s.sound.entries()), &ticks),
        segments.iter().map(|s| s.sound.len()).sum(),
        WORD_BITS,
        ticks[segments.len()],
        &mut out,
    );
    finished(out)
}

/// Picture and sound places of a segment.
fn places(segment: &Segment<'_>) -> (u32, u32) {
    segment
        .titles()
        .last()
        .map_or((0, 0), |title| (title.pictures.end, title.sound.end))
}

/// Where the places of each segment begin in the new one, and at last their number.
fn starts(lengths: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0];
    for length in lengths {
        starts.push(starts[starts.len() - 1] + length);
    }
    starts
}

/// Ascending entries of several segments, their places moved, as one ascending list.
fn together<I: Iterator<Item = Entry>>(
    lists: impl Iterator<Item = I>,
    starts: &[u32],
) -> impl Iterator<Item = Entry> {
    let mut lists: Vec<_> = lists
        .zip(starts)
        .map(|(list, &start)| list.map(move |(key, place)| (key, place + start)))
        .collect();
    let mut next: BinaryHeap<_> = lists
        .iter_mut()
        .enumerate()
        .filter_map(|(i, list)| Some(Reverse((list.next()?, i))))
        .collect();
    std::iter::from_fn(move || {
        let Reverse((entry, i)) = next.pop()?;
        if let Some(after) = lists[i].next() {
            next.push(Reverse((after, i)));
        }
        Some(entry)
    })
}

fn begun(titles: &[([u8; 16], u32, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    // Checksum and length are known at the end.
    out.extend([0; 4 + 8]);
    out.extend((titles.len() as u32).to_le_bytes());
    out.extend([0; 4]);
    for (id, pictures, ticks) in titles {
        out.extend(id);
        out.extend(pictures.to_le_bytes());
        out.extend(ticks.to_le_bytes());
    }
    out
}

fn finished(mut out: Vec<u8>) -> Vec<u8> {
    let length = out.len() as u64;
    out[UNCHECKED..UNCHECKED + 8].copy_from_slice(&length.to_le_bytes());
    let checksum = crc32fast::hash(&out[UNCHECKED..]);
    out[UNCHECKED - 4..UNCHECKED].copy_from_slice(&checksum.to_le_bytes());
    out
}
