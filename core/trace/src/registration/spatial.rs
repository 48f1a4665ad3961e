//! Where in a frame the title's picture lies: homographies, from the first guess to maps frame by frame.
//!
//! ```text
//! features of a probe, key frames -> verified matches -> maps of their own, maps in common, axis-aligned maps
//! a short clip with too few of them: probes slid along frames -> matches that lie in one place
//! maps -> the one through which a probe is most like some frame -> direct alignment -> a track of homographies
//! ```
//!
//! # Shapes and units
//! Homographies from samples of the reference proxy to samples of a probe.

pub(crate) mod axis_aligned;
pub(crate) mod bends;
pub(crate) mod localisation;
pub(crate) mod sliding;
pub(crate) mod track;
pub(crate) mod tracker;
pub(crate) mod verification;
