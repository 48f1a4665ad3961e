//! Attacks that lay something over the picture, from a logo in a corner to all of it.
//!
//! ```text
//! logo-P        inset-P cornerblur-P        P percent of the area, in a corner
//! subtitles-P   ticker-P text-P             text, P percent of the height
//! content-KIND                              everything: black, flat, noise, bars, slides
//! ```
//!
//! All are painted as a [`patch`], with letters from [`lettering`].
//!
//! # Shapes and units
//! Luma pixels, all even. Paint is display-referred R'G'B' in [0, 1].

mod caption;
mod content;
mod corner;
mod lettering;
mod patch;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[corner::parse, caption::parse, content::parse];
