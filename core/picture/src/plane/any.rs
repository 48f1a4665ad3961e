//! A plane of either sample type, and the one place that tells them apart.
//!
//! # Shapes and units
//! As in [`PlaneView`].

use super::{PlaneGeometry, PlaneView, PlaneViewMut};
use crate::sample::Codes;
use crate::{BitDepth, Grey, PlaneError, Rect, Sample};

/// A plane to read, of 8 bits or of more.
#[derive(Debug, Clone, Copy)]
pub enum AnyPlane<'a> {
    /// Eight bits a sample.
    U8(PlaneView<'a, u8>),
    /// Eight to sixteen bits a sample, in the low bits.
    U16(PlaneView<'a, u16>),
}

/// A plane to change in place, of 8 bits or of more.
#[derive(Debug)]
pub enum AnyPlaneMut<'a> {
    /// Eight bits a sample.
    U8(PlaneViewMut<'a, u8>),
    /// Eight to sixteen bits a sample, in the low bits. Values above `2^bit_depth - 1` must not be written.
    U16(PlaneViewMut<'a, u16>),
}

/// Evaluates an expression on the [`PlaneView`] of an [`AnyPlane`], or with `mut` on the [`PlaneViewMut`] of an
/// [`AnyPlaneMut`], compiled once for each sample type.
///
/// ```
/// use countermark_picture::{AnyPlane, AnyPlaneMut, BitDepth, PlaneGeometry, PlaneViewMut, by_depth};
///
/// let mut samples = [1_u8, 2, 3, 4];
/// let geometry = PlaneGeometry::packed(2, 2)?;
/// let mut plane = AnyPlaneMut::U8(PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT)?);
/// by_depth!(mut &mut plane, |view| view.rows_mut().for_each(|row| row.reverse()));
/// assert_eq!(by_depth!(plane.as_plane(), |view| u16::from(view.row(0)[0])), 2);
/// # Ok::<(), countermark_picture::PlaneError>(())
/// ```
#[macro_export]
macro_rules! by_depth {
    (mut $plane:expr, |$view:pat_param| $body:expr) => {
        match $plane {
            $crate::AnyPlaneMut::U8($view) => $body,
            $crate::AnyPlaneMut::U16($view) => $body,
        }
    };
    ($plane:expr, |$view:pat_param| $body:expr) => {
        match $plane {
            $crate::AnyPlane::U8($view) => $body,
            $crate::AnyPlane::U16($view) => $body,
        }
    };
}

impl<'a> AnyPlane<'a> {
    /// The plane, told by its sample type.
    #[must_use]
    pub fn of<T: Sample>(view: PlaneView<'a, T>) -> Self {
        match T::codes(view.samples()) {
            Codes::U8(samples) => Self::U8(view.over(samples)),
            Codes::U16(samples) => Self::U16(view.over(samples)),
        }
    }

    /// A plane of 8 bits, whose rows start `stride` samples apart.
    ///
    /// # Errors
    /// [`PlaneError`] when a side is zero or too long, the stride is shorter than the width, or the samples are too few.
    pub fn of_bytes(
        samples: &'a [u8],
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self, PlaneError> {
        let geometry = PlaneGeometry::new(width, height, stride)?;
        PlaneView::new(samples, geometry, BitDepth::EIGHT).map(Self::U8)
    }

    /// Visible samples in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        by_depth!(self, |view| view.width())
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        by_depth!(self, |view| view.height())
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width(), self.height())
    }

    /// Width, height and stride.
    #[must_use]
    pub fn geometry(&self) -> PlaneGeometry {
        by_depth!(self, |view| view.geometry())
    }

    /// Bits of a code value.
    #[must_use]
    pub fn bit_depth(&self) -> BitDepth {
        by_depth!(self, |view| view.bit_depth())
    }

    /// A part of the plane, clamped to it.
    #[must_use]
    pub fn within(&self, rect: Rect) -> Self {
        match self {
            Self::U8(view) => Self::U8(view.within(rect)),
            Self::U16(view) => Self::U16(view.within(rect)),
        }
    }

    /// The whole plane with a short side of at most so many samples, averaged where it has more; the long side is rounded.
    #[must_use]
    pub fn with_short_side(&self, short_side: usize) -> Grey {
        let (width, height) = self.size_with_short_side(short_side);
        self.averaged(width, height)
    }

    /// Columns and rows of what [`Self::with_short_side`] makes.
    #[must_use]
    pub fn size_with_short_side(&self, short_side: usize) -> (usize, usize) {
        let (width, height) = self.size();
        let short = width.min(height);
        let side = |side: usize| {
            if short <= short_side {
                side
            } else {
                (side * short_side + short / 2) / short
            }
        };
        (side(width), side(height))
    }

    /// The whole plane, averaged on `width x height` samples (at least one each).
    #[must_use]
    pub fn averaged(&self, width: usize, height: usize) -> Grey {
        by_depth!(self, |view| Grey::averaged(view, width, height))
    }
}

impl<'a> From<PlaneView<'a, u8>> for AnyPlane<'a> {
    fn from(view: PlaneView<'a, u8>) -> Self {
        Self::U8(view)
    }
}

impl<'a> From<PlaneView<'a, u16>> for AnyPlane<'a> {
    fn from(view: PlaneView<'a, u16>) -> Self {
        Self::U16(view)
    }
}

impl AnyPlaneMut<'_> {
    /// The same plane, to read.
    #[must_use]
    pub fn as_plane(&self) -> AnyPlane<'_> {
        match self {
            Self::U8(view) => AnyPlane::U8(view.as_view()),
            Self::U16(view) => AnyPlane::U16(view.as_view()),
        }
    }

    /// Width, height and stride.
    #[must_use]
    pub fn geometry(&self) -> PlaneGeometry {
        self.as_plane().geometry()
    }

    /// Bits of a code value.
    #[must_use]
    pub fn bit_depth(&self) -> BitDepth {
        self.as_plane().bit_depth()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_side_is_at_most_what_was_asked_for() -> Result<(), PlaneError> {
        let samples = [70_u8; 50 * 31];
        let plane = AnyPlane::of_bytes(&samples, 50, 31, 50)?;
        let size = |short_side| {
            let grey = plane.with_short_side(short_side);
            let size = plane.size_with_short_side(short_side);
            assert_eq!(size, (grey.width(), grey.height()));
            size
        };
        assert_eq!(size(31), (50, 31));
        assert_eq!(size(400), (50, 31));
        assert_eq!(size(10), (16, 10), "500 / 31 is 16.1");
        let upright = AnyPlane::of_bytes(&samples, 31, 50, 31)?;
        assert_eq!(upright.with_short_side(10).width(), 10);
        Ok(())
    }

    proptest! {
        #[test]
        fn both_sample_types_show_the_same_picture(
            samples in prop::collection::vec(any::<u8>(), 19 * 13), padding in 0_usize..7,
            left in 0_usize..19, top in 0_usize..13, width in 1_usize..19, height in 1_usize..13,
        ) {
            let stride = 19 + padding;
            let mut wide = vec![1023_u16; stride * 13];
            for (to, from) in wide.chunks_mut(stride).zip(samples.chunks(19)) {
                to.iter_mut().zip(from).for_each(|(to, &from)| *to = 4 * u16::from(from));
            }
            let geometry = PlaneGeometry::new(19, 13, stride)?;
            let bytes = AnyPlane::of_bytes(&samples, 19, 13, 19)?;
            let words = AnyPlane::of(PlaneView::new(&wide, geometry, BitDepth::TEN)?);
            prop_assert_eq!(words.geometry().stride(), stride);
            let rect = Rect { left, top, width, height };
            let (bytes, words) = (bytes.within(rect), words.within(rect));
            prop_assert_eq!(bytes.size(), words.size());
            prop_assert_eq!(bytes.averaged(5, 3), words.averaged(5, 3));
        }
    }
}
