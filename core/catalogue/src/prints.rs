//! What the index takes of pictures and sound.

mod proxy;
mod sound;

pub use proxy::picture_prints;
pub use sound::{sound_peaks, sound_prints};
