//! What the search tries and what it finds: geometries but for their shift, starts in time, peaks.
//!
//! # Shapes and units
//! Starts in halves of an epoch of the media: the media's moment at the clip's time zero. Scores have no unit.

use super::pose::LatticePose;
use crate::format::FormatSpec;

/// Starts of an epoch.
pub const STARTS_PER_EPOCH: i64 = 2;

/// Seconds from one start to the next.
#[must_use]
pub fn start_seconds(format: &FormatSpec) -> f64 {
    format.epoch_seconds / STARTS_PER_EPOCH as f64
}

/// How the lattice may lie in the frame, but for the shift, and how fast it runs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TransformHypothesis {
    /// Samples of the frame for a lattice sample: `x = a0 i + a1 j`, `y = a2 i + a3 j`.
    pub linear: [f64; 4],
    /// Media seconds that pass in a second of the clip.
    pub speed: f64,
}

/// A place and a start where the clip agrees with the patterns.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Peak {
    /// Peak over root mean square.
    pub score: f32,
    /// Quarters of a second of the media at the clip's time zero.
    pub start: i64,
    /// Media seconds that pass in a second of the clip.
    pub speed: f64,
    /// Where the lattice lies.
    pub pose: LatticePose,
}
