//! Which titles a clip may show, and where: the index proposes, a few frames of the references confirm.
//!
//! ```text
//! query frames -> words, hashes -> votes for (title, time) -> candidates, confirmed by geometry
//! sound        -> words of sound -> audio matches
//! ```
//!
//! No key is looked at, so whatever is chosen here costs no hypothesis.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

pub(crate) mod audio;
pub(crate) mod candidates;
pub(crate) mod lookups;
pub(crate) mod replays;
pub(crate) mod searchable;
pub(crate) mod sliding;
pub(crate) mod sought;
pub(crate) mod votes;
