//! Attacks on fine detail, where a mark lies: smoothed, sharpened, buried in noise, estimated and subtracted.
//!
//! ```text
//! blur-S        median-N deblock-T          smoothed in each picture
//! hqdn3d-S      nlmeans-H                   noise taken away, in time too
//! unsharp-A                                 sharpened
//! depth-8       bits-B                      coarser code values
//! noise-S       grain-S                     noise added
//! lattice-S                                 noise in the places of the mark
//! subtract-N                                an estimate of the mark taken away
//! ```
//!
//! [`gaussian`] separates coarse from fine for other rooms too.
//!
//! # Shapes and units
//! Code values on the 8-bit scale, deviations of filters in samples of the plane.

mod denoise;
mod filter;
pub(super) mod gaussian;
mod lattice;
mod median;
mod noise;
mod subtraction;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[
    filter::parse,
    noise::parse,
    lattice::parse,
    denoise::parse,
    subtraction::parse,
];
