//! Whether a master has anything that carries a mark: asked of its reference, before any work.
//!
//! ```text
//! share = telling / looked-at;    enough once telling / MOMENTS reaches what is asked for: the others cannot take it away
//! ```
//!
//! # Shapes and units
//! Moments are spread evenly over the length; a picture's spread is in code values of 8 bits.

use crate::likeness::Reference;

/// Moments that are looked at.
const MOMENTS: u32 = 16;
/// Pictures with less spread are black or flat: their mark would be seen, or falls to the first encoder.
const LEAST_SPREAD: f64 = 1.0;

/// Share of the pictures that are neither black nor flat, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Share {
    /// At least what was asked for: most masters are looked at in a few moments.
    Enough,
    /// Of all moments.
    Of(f64),
}

/// Looks for pictures that are neither black nor flat, until their share is `enough`; none where the reference cannot be read.
pub(crate) fn share_of_pictures(
    reference: &mut Reference,
    seconds: f64,
    frame_seconds: f64,
    enough: f64,
) -> Option<Share> {
    let (mut looked_at, mut telling) = (0_u32, 0_u32);
    for moment in 0..MOMENTS {
        let at = seconds * (f64::from(moment) + 0.5) / f64::from(MOMENTS);
        // The frame that is shown then.
        let at = (at / frame_seconds).floor() * frame_seconds;
        let Some(cells) = reference.cells_at(at).ok()? else {
            continue;
        };
        looked_at += 1;
        telling += u32::from(cells.spread() >= LEAST_SPREAD);
        if f64::from(telling) >= enough * f64::from(MOMENTS) {
            return Some(Share::Enough);
        }
    }
    (looked_at > 0).then(|| Share::Of(f64::from(telling) / f64::from(looked_at)))
}
