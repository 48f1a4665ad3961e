//! The clip: its frames as they are decoded, looked at, turned upright and put on a lattice.
//!
//! ```text
//! file -> query frames (features, hashes), dense thumbnails          for retrieval and registration
//! file -> view hypothesis -> frames on the title's lattice           for cancelling and scoring
//! ```
//!
//! # Shapes and units
//! Times in seconds on the clip's own clock, from its first frame.

pub(crate) mod clip;
pub(crate) mod footage;
pub(crate) mod frames;
pub(crate) mod lens;
pub(crate) mod orientation;
pub(crate) mod part;
pub(crate) mod playback;
pub(crate) mod sampling;
pub(crate) mod thumbnail;
pub(crate) mod view;
