//! When in the title a clip plays: media time as a function of the clip's clock.
//!
//! ```text
//! m = a + b t      m media time, t the clip's clock, b the speed
//! ```
//!
//! # Shapes and units
//! Times in seconds, correlations from -1 to 1.

pub(crate) mod comparison;
pub(crate) mod course;
pub(crate) mod curve;
pub(crate) mod difference;
pub(crate) mod fit;
pub(crate) mod line;
pub(crate) mod precision;
pub(crate) mod segmentation;
