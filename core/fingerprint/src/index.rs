//! An index over titles: which of them, and when, shows a visual word, a frame hash or a word of sound.
//!
//! ```text
//! title -> TitlePrint -> segment        written once, small
//! segments -> merged -> segment         so that a search looks into a few files only
//! word, hash or sound word -> places -> (title, media time)
//! ```
//!
//! Segments are plain bytes, meant to be mapped from files: nothing but a table of titles is unpacked.
//!
//! # Shapes and units
//! A frame every [`PICTURE_STEP`] seconds; [`PICTURE_WORDS`] words of 28 bits and a hash of 64 bits take about 101 bytes in a
//! segment of 10,000 hours.

mod bytes;
mod hashes;
mod inverted;
mod monotone;
mod printer;
mod segment;
mod word_filter;
mod write;

pub use hashes::HASH_RADIUS;
pub use printer::PicturePrinter;
pub use segment::{IndexedTitle, PICTURE_STEP, SOUND_STEP, Segment, SegmentError, check};
pub use word_filter::WordFilter;
pub use write::{PicturePrint, TitlePrint, merged, segment_of};

/// Visual words of a frame.
pub const PICTURE_WORDS: usize = 29;

#[cfg(test)]
mod tests;
