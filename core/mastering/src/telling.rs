//! Whether a master has anything that carries a mark: asked of its reference, before any work.
//!
//! # Shapes and units
//! Moments are spread evenly over the length; a picture's spread is in code values of 8 bits.

use std::path::Path;

use crate::likeness::cells_at;

/// Moments that are looked at.
const MOMENTS: u32 = 16;
/// Pictures with less spread are black or flat: their mark would be seen, or falls to the first encoder.
const LEAST_SPREAD: f64 = 1.0;

/// Share of the looked-at pictures that are neither black nor flat; none where the reference cannot be read.
pub(crate) fn share_of_pictures(reference: &Path, seconds: f64, frame_seconds: f64) -> Option<f64> {
    let (mut looked_at, mut telling) = (0_u32, 0_u32);
    for moment in 0..MOMENTS {
        let at = seconds * (f64::from(moment) + 0.5) / f64::from(MOMENTS);
        // The frame that is shown then.
        let at = (at / frame_seconds).floor() * frame_seconds;
        let Some(cells) = cells_at(reference, at).ok()? else {
            continue;
        };
        looked_at += 1;
        telling += u32::from(cells.spread() >= LEAST_SPREAD);
    }
    (looked_at > 0).then(|| f64::from(telling) / f64::from(looked_at))
}
