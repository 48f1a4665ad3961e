//! The print of a clip: what it is recognised by, small enough to be sent in its place.
//!
//! ```text
//! frames:  time, the lowest 64 bits of its hash, features (word, its least certain bits, place, scale, direction)
//! moments: time, the means of 8 x 8 parts of the frame          what moves tells the time
//! sound:   peaks (time, pitch)
//! inset:   its place, and frames and moments of it alone, where the clip has a picture in a picture
//! bytes = magic | version | length | checksum | range-coded frames, moments, sound and inset
//! ```
//!
//! It tells nothing of keys, and no picture can be made of it but a mosaic of 8 x 8: of each second some 10 to 20 features of 75 bits,
//! and 64 means an eighth, coded as waves in coarse steps.
//!
//! # Shapes and units
//! Times in seconds of the clip's clock, kept to the millisecond; places as shares of the frame, in 1/256; scales in samples of the
//! frame of `size`, to half an octave; directions to 11.25 degrees; means in code values of 8 bits, as waves in
//! steps of [`PrintPictures::level_step`]; pitches to 10 cents, times of sound to 4 ms.
//! # Bounds
//! [`ClipPrint::parse`] takes at most [`MOST_BYTES`] and gives at most [`MOST_FRAMES`] frames with [`MOST_FEATURES`] features,
//! [`MOST_MOMENTS`] moments and [`MOST_PEAKS`] peaks, whatever the bytes say; of an inset as many frames, features and moments again.

mod coder;
mod feature;
mod format;
mod steps;
#[cfg(test)]
mod tests;
mod waves;

pub use feature::PrintFeature;
pub use format::{MOST_BYTES, PrintError, VERSION};

use countermark_picture::Rect;

use crate::SoundPeaks;

/// Frames of a print at most.
pub const MOST_FRAMES: usize = 480;
/// Features of all its frames at most.
pub const MOST_FEATURES: usize = 16_384;
/// Moments at most.
pub const MOST_MOMENTS: usize = 2048;
/// Peaks of its sound at most.
pub const MOST_PEAKS: usize = 65_536;

/// Parts of a moment along each side.
pub const PARTS: usize = 8;
/// Means of a moment.
pub const MEANS: usize = PARTS * PARTS;

/// A frame that is looked up in an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrintFrame {
    /// On the clip's clock.
    pub clip_time: f64,
    /// The lowest 64 bits of its hash; none where it is too flat.
    pub hash: Option<u64>,
    /// Some of its features, strongest first.
    pub features: Vec<PrintFeature>,
}

/// What a frame is like as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintMoment {
    /// On the clip's clock.
    pub clip_time: f64,
    /// Means of its parts, row by row.
    pub means: [f32; MEANS],
}

/// What the frames of a clip show, or the same part of each.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintPictures {
    /// Columns and rows of the frames that scales are told in.
    pub size: (usize, usize),
    /// Step in which the waves of the means are kept.
    pub level_step: f32,
    /// In the order of time.
    pub frames: Vec<PrintFrame>,
    /// In the order of time.
    pub moments: Vec<PrintMoment>,
}

/// A picture in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintInset {
    /// Where, in samples of the clip's frames.
    pub rect: Rect,
    /// Columns and rows of the clip's frames.
    pub frame: (usize, usize),
    /// What it shows.
    pub pictures: PrintPictures,
}

/// A print.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipPrint {
    /// The clip's last moment.
    pub end: f64,
    /// Frames of the clip with features enough to be recognised, before most of them were left out.
    pub telling: u64,
    /// What the frames show between their bars; what lies in an inset has features there alone.
    pub pictures: PrintPictures,
    /// What stands out of its sound; none without sound.
    pub sound: Option<SoundPeaks>,
    /// The picture in its pictures, where there is one.
    pub inset: Option<PrintInset>,
}
