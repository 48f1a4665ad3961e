//! A line of time: media time as a function of the clip's clock.
//!
//! ```text
//! m = a + b t      m media time, t the clip's clock, b the speed
//! ```
//!
//! # Shapes and units
//! Times in seconds.

/// Media time of a clip's moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TimeMap {
    /// Media time of the clip's first moment.
    pub(crate) offset: f64,
    /// Media seconds that pass in a second of the clip.
    pub(crate) speed: f64,
}

impl TimeMap {
    /// Media time of a moment of the clip.
    #[must_use]
    pub(crate) fn at(self, clip_time: f64) -> f64 {
        self.offset + self.speed * clip_time
    }
}
