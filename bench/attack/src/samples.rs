//! The sample generator: clips with real-looking structure from this project's own code.
//!
//! ```text
//! noise -> painted layers -> camera (pan, zoom, shake, parallax) -> R'G'B' -> grade, grain, captions -> Y'CbCr 4:2:0
//! ```
//!
//! Every random choice comes from a seeded `ChaCha8` stream, so the same version renders the same planes.

pub mod clips;
pub mod file;
pub mod font;
pub mod layer;
pub mod noise;
pub mod paint;
pub mod picture;
pub mod shot;
pub mod sound;
pub mod spec;
pub mod stage;

pub use clips::sample_set;
pub use picture::Picture;
pub use sound::{SAMPLE_RATE, sound};
pub use spec::{ClipSpec, Scene, Take};
