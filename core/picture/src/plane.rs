//! Planes of luma samples whose geometry is proved once, in a constructor.
//!
//! ```text
//! sample (x, y) = samples[y * stride + x],   0 <= x < width,  0 <= y < height
//! ```
//!
//! # Shapes and units
//! `width`, `height` and `stride` are in samples, never bytes. Samples are code values of the stated [`BitDepth`]:
//! `u8` carries 8 bits, `u16` carries 8 to 16 bits in its low end. Padding between `width` and `stride` is never shown.

mod any;
mod view;

pub use any::{AnyPlane, AnyPlaneMut};
pub use view::{PlaneView, PlaneViewMut};

use crate::{BitDepth, MAX_SIDE, PlaneError, Sample};

/// Width, height and stride of a plane, in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlaneGeometry {
    width: usize,
    height: usize,
    stride: usize,
}

impl PlaneGeometry {
    /// Proves the geometry: sides in `1..=MAX_SIDE`, `stride >= width`.
    ///
    /// # Errors
    /// [`PlaneError::Side`] or [`PlaneError::Stride`].
    pub const fn new(width: usize, height: usize, stride: usize) -> Result<Self, PlaneError> {
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(PlaneError::Side { width, height });
        }
        if stride < width || stride > usize::MAX / MAX_SIDE {
            return Err(PlaneError::Stride { width, stride });
        }
        Ok(Self {
            width,
            height,
            stride,
        })
    }

    /// A plane without padding.
    ///
    /// # Errors
    /// [`PlaneError::Side`].
    pub const fn packed(width: usize, height: usize) -> Result<Self, PlaneError> {
        Self::new(width, height, width)
    }

    /// Visible samples in a row.
    #[must_use]
    pub const fn width(self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(self) -> usize {
        self.height
    }

    /// Samples between the starts of two rows.
    #[must_use]
    pub const fn stride(self) -> usize {
        self.stride
    }

    /// Samples up to the end of the last visible row.
    #[must_use]
    pub const fn needed_len(self) -> usize {
        self.stride * (self.height - 1) + self.width
    }

    fn check<T: Sample>(self, len: usize, bit_depth: BitDepth) -> Result<(), PlaneError> {
        if !T::carries(bit_depth) {
            return Err(PlaneError::SampleType {
                sample_bits: T::MAX_BIT_DEPTH.bits() as u8,
                bit_depth: bit_depth.bits() as u8,
            });
        }
        if len < self.needed_len() {
            return Err(PlaneError::TooShort {
                needed: self.needed_len(),
                len,
            });
        }
        Ok(())
    }
}
