//! The last frame of time and the last fraction of a sample: time map, maps and extent of a segment, each told by the others.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference proxy to samples of a probe.

pub(crate) mod bent;
pub(crate) mod extent;
pub(crate) mod joint;
pub(crate) mod moving_camera;
