//! Frames made small: what registration, features and thumbnails look at.
//!
//! # Shapes and units
//! Grey pictures in code values of 8 bits. Short sides in samples.

use countermark_picture::{AnyPlane, Grey};

/// Short side of a query frame and of a reference frame that it is compared with.
pub(crate) const SHORT_SIDE: usize = 288;

/// A frame with a short side of at most [`SHORT_SIDE`].
pub(crate) fn grey(plane: AnyPlane<'_>) -> Grey {
    plane.with_short_side(SHORT_SIDE)
}

/// A frame half as large as [`grey`] makes it, where it is large enough.
pub(crate) fn small_grey(plane: AnyPlane<'_>) -> Grey {
    plane.with_short_side(SHORT_SIDE / 2)
}

/// Columns and rows of what [`grey`] makes of a frame.
pub(crate) fn grey_size(plane: AnyPlane<'_>) -> (usize, usize) {
    plane.size_with_short_side(SHORT_SIDE)
}
