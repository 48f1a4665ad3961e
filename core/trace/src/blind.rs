//! The blind path: the mark alone, without a reference.
//!
//! ```text
//! section of a clip -> geometries, speeds -> soft values -> shifts by synchronisation chips -> evidence -> decoding
//! ```
//!
//! # Shapes and units
//! Times in seconds.

pub(crate) mod search;
pub(crate) mod sections;
pub(crate) mod speed;
pub(crate) mod tracker;
pub(crate) mod within;
