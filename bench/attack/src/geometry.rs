//! Attacks on where the picture lies in its frame: cropped, resized, moved, turned, put into another one.
//!
//! ```text
//! crop-K[-back] centre-A[-back] side-S-P    a part of the picture
//! reframe-AxB   shift-N                     the part of another aspect; moved in the frame, black comes in
//! scale-F[xG]   aspect-AxB                  resized; squeezed or stretched to an aspect
//! overscan-P    zoom-F                      enlarged in a frame of the old size
//! mirror        rotate-D                    turned
//! bend-KIND-P   jumps-S                     bent smoothly; framed anew every so often
//! pip-F         blursides-AxB               the whole picture inside a frame of something else
//! ```
//!
//! [`homography`], [`rectangle`], [`resample`] and [`warp`] are the mathematics, which [`super::camera`] shares.
//!
//! # Shapes and units
//! Luma pixels from the upper left corner, centres of samples at halves; chroma lies at `x / 2`.

mod bend;
mod crop;
pub(super) mod homography;
mod inset;
mod jumps;
pub(super) mod rectangle;
pub(super) mod resample;
mod scale;
mod turn;
pub(super) mod warp;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[
    scale::parse,
    crop::parse,
    inset::parse,
    turn::parse,
    bend::parse,
    jumps::parse,
];
