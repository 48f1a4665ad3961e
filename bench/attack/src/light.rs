//! Attacks on light and colour, and what code values mean as light.
//!
//! ```text
//! brightness-G  contrast-G gamma-G          luma, with chroma where the light changes
//! saturation-G  hue-T grey                  colour alone
//! range-limited range-full                  code values squeezed or expanded once too often
//! tonemap-P                                 a bright picture brought down to a display
//! ```
//!
//! [`colour`] is what every attack that paints or weighs by brightness shares.
//!
//! # Shapes and units
//! Code values on the 8-bit scale; signals in [0, 1] from black to white.

pub(super) mod colour;
mod photometric;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[photometric::parse];
