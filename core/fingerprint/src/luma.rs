//! A proved view of one luma plane, and rectangles within it.
//!
//! ```text
//! level = sample / 2^(bit_depth - 8)        every depth on the scale of 8-bit code values
//! ```
//!
//! # Shapes and units
//! `height` rows of `width` visible samples, `stride` samples apart. [`LumaView::level`] converts to 8-bit code values,
//! so that thresholds mean the same at every depth.

use thiserror::Error;

/// Why samples are not a luma plane, or a rectangle is not inside one.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LumaError {
    /// A side is zero.
    #[error("luma plane without area: {width} x {height}")]
    Empty {
        /// Visible width in samples.
        width: usize,
        /// Visible height in samples.
        height: usize,
    },
    /// Rows would overlap.
    #[error("stride shorter than the width {width}: {stride}")]
    Stride {
        /// Visible width in samples.
        width: usize,
        /// Distance of two rows in samples.
        stride: usize,
    },
    /// The slice ends before the last visible sample.
    #[error("luma plane needs {needed} samples, got {got}")]
    TooShort {
        /// Samples up to the end of the last visible row.
        needed: usize,
        /// Samples in the slice.
        got: usize,
    },
    /// The depth does not fit the sample type.
    #[error("bit depth outside {min}..={max}: {bit_depth}")]
    BitDepth {
        /// Smallest depth of this sample type.
        min: u32,
        /// Largest depth of this sample type.
        max: u32,
        /// The depth asked for.
        bit_depth: u32,
    },
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
}

/// A luma sample: `u8`, or `u16` for 9 to 16 bits (8 is allowed there too).
pub trait Sample: sealed::Sealed + Copy + Into<u32> + Send + Sync {
    /// Largest bit depth that the type holds.
    const MAX_BIT_DEPTH: u32;
}

impl Sample for u8 {
    const MAX_BIT_DEPTH: u32 = 8;
}

impl Sample for u16 {
    const MAX_BIT_DEPTH: u32 = 16;
}

/// The visible samples of one luma plane.
#[derive(Debug, Clone, Copy)]
pub struct LumaView<'a, T> {
    samples: &'a [T],
    width: usize,
    height: usize,
    stride: usize,
    bit_depth: u32,
}

impl<'a, T: Sample> LumaView<'a, T> {
    /// Proves the geometry: every visible sample lies within `samples`.
    ///
    /// # Errors
    /// [`LumaError`] when a side is zero, the stride is shorter than the width, the slice is too short, or the bit depth
    /// does not fit `T`.
    pub fn new(
        samples: &'a [T],
        width: usize,
        height: usize,
        stride: usize,
        bit_depth: u32,
    ) -> Result<Self, LumaError> {
        if width == 0 || height == 0 {
            return Err(LumaError::Empty { width, height });
        }
        if stride < width {
            return Err(LumaError::Stride { width, stride });
        }
        let got = samples.len();
        let needed = stride.saturating_mul(height - 1).saturating_add(width);
        if got < needed {
            return Err(LumaError::TooShort { needed, got });
        }
        let (min, max) = (8, T::MAX_BIT_DEPTH);
        if !(min..=max).contains(&bit_depth) {
            return Err(LumaError::BitDepth {
                min,
                max,
                bit_depth,
            });
        }
        Ok(Self {
            samples,
            width,
            height,
            stride,
            bit_depth,
        })
    }

    /// Visible width in samples.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Visible height in samples.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The factor that turns a sample into 8-bit code values.
    #[must_use]
    pub fn level(&self) -> f32 {
        1.0 / (1_u32 << (self.bit_depth - 8)) as f32
    }

    /// The visible rows, top to bottom.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [T]> + use<'a, T> {
        let (samples, width, stride) = (self.samples, self.width, self.stride);
        (0..self.height).map(move |y| &samples[y * stride..y * stride + width])
    }
}

/// A rectangle in source samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Rect {
    /// The whole of a `width x height` plane.
    #[must_use]
    pub fn whole(width: usize, height: usize) -> Self {
        Self {
            left: 0,
            top: 0,
            width,
            height,
        }
    }

    /// The part of `self` inside a `width x height` plane, at least one sample large.
    #[must_use]
    pub fn clamped(self, width: usize, height: usize) -> Self {
        let left = self.left.min(width - 1);
        let top = self.top.min(height - 1);
        Self {
            left,
            top,
            width: self.width.clamp(1, width - left),
            height: self.height.clamp(1, height - top),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometry_that_leaves_the_slice_is_refused() {
        let samples = [0_u8; 100];
        assert!(LumaView::new(&samples, 10, 10, 10, 8).is_ok());
        assert_eq!(
            LumaView::new(&samples, 10, 10, 11, 8).err(),
            Some(LumaError::TooShort {
                needed: 109,
                got: 100
            })
        );
        assert_eq!(
            LumaView::new(&samples, 10, 10, 9, 8).err(),
            Some(LumaError::Stride {
                width: 10,
                stride: 9
            })
        );
        assert!(matches!(
            LumaView::new(&samples, 0, 10, 10, 8),
            Err(LumaError::Empty { .. })
        ));
        assert!(matches!(
            LumaView::new(&samples, 10, 10, 10, 10),
            Err(LumaError::BitDepth { bit_depth: 10, .. })
        ));
        assert!(LumaView::new(&samples, usize::MAX, 2, usize::MAX, 8).is_err());
    }

    #[test]
    fn rows_show_only_visible_samples() -> Result<(), LumaError> {
        let samples: Vec<u16> = (0..12).collect();
        let view = LumaView::new(&samples, 3, 3, 4, 10)?;
        let rows: Vec<_> = view.rows().collect();
        assert_eq!(rows, [&[0, 1, 2][..], &[4, 5, 6], &[8, 9, 10]]);
        assert!((view.level() - 0.25).abs() < f32::EPSILON);
        Ok(())
    }

    #[test]
    fn clamped_rectangle_stays_inside() {
        let wild = Rect {
            left: 90,
            top: 500,
            width: 900,
            height: 0,
        };
        assert_eq!(
            wild.clamped(100, 50),
            Rect {
                left: 90,
                top: 49,
                width: 10,
                height: 1
            }
        );
    }
}
