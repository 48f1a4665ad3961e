//! A frame of a proxy on its way: held for later, or passing.
//!
//! # Shapes and units
//! Seconds of media time.

use std::sync::Arc;

use countermark_picture::AnyPlane;

use crate::still::Still;

/// A frame that is shown.
pub(super) enum Shown<'a> {
    Held(&'a Arc<Still>),
    Passing(f64, AnyPlane<'a>),
}

impl Shown<'_> {
    pub(super) fn media_time(&self) -> f64 {
        match self {
            Self::Held(still) => still.media_time,
            Self::Passing(media_time, _) => *media_time,
        }
    }

    pub(super) fn luma(&self) -> AnyPlane<'_> {
        match self {
            Self::Held(still) => still.luma(),
            Self::Passing(_, luma) => *luma,
        }
    }

    /// To be kept beyond this moment.
    pub(super) fn kept(&self) -> Arc<Still> {
        match self {
            Self::Held(still) => Arc::clone(still),
            Self::Passing(media_time, luma) => Arc::new(Still::of(*luma, *media_time)),
        }
    }
}
