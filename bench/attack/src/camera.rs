//! Attacks of a camera before a screen: where it stands, how it moves, what it sees of the light.
//!
//! ```text
//! perspective-S tilt-D barrel-K             corners, angle and lens
//! jitter-N      shutter-N motionblur-N      a hand that is not still
//! vignette-S    cast-S                      light lost towards the corners; a tint
//! moire-S       flicker-F                   the screen's pixels and its pulsing light
//! ```
//!
//! # Shapes and units
//! Luma pixels, seconds of media time. The frame keeps its size.

mod lens;
mod screen;
mod shake;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[lens::parse, shake::parse, screen::parse];
