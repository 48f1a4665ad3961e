//! The room that something laid over a picture needs.
//!
//! # Shapes and units
//! Luma pixels.

use crate::Picture;
use crate::effect::Effect;

/// The least side of a picture that anything is laid over.
pub(super) const LEAST_SIDE: usize = 16;

/// An effect that leaves pictures alone that have no room for it.
pub(super) struct Roomy<E>(pub(super) E);

impl<E: Effect> Effect for Roomy<E> {
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture {
        if picture.width().min(picture.height()) < LEAST_SIDE {
            return picture;
        }
        self.0.apply(picture, seconds)
    }
}
