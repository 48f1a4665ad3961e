//! Planes of luma samples whose geometry is proved once, in a constructor.
//!
//! ```text
//! sample (x, y) = samples[y * stride + x],   0 <= x < width,  0 <= y < height
//! ```
//!
//! # Shapes and units
//! `width`, `height` and `stride` are in samples, never bytes. Samples are code values of the stated [`BitDepth`]:
//! `u8` carries 8 bits, `u16` carries 8 to 16 bits in its low end. Padding between `width` and `stride` is never shown.

use thiserror::Error;

/// Longest side of a plane, in samples.
pub const MAX_SIDE: usize = 32_768;

/// Why a plane was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlaneError {
    /// A side is zero or too long.
    #[error("plane sides must lie in 1..={MAX_SIDE}, got {width}x{height}")]
    Side {
        /// Samples in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// A row does not fit between two row starts.
    #[error("the stride must lie in {width}..={max}, got {stride}", max = usize::MAX / MAX_SIDE)]
    Stride {
        /// Samples in a row.
        width: usize,
        /// Samples between row starts.
        stride: usize,
    },
    /// The buffer ends before the last visible sample.
    #[error("the plane needs {needed} samples, got {len}")]
    TooShort {
        /// Samples up to the end of the last row.
        needed: usize,
        /// Samples given.
        len: usize,
    },
    /// The bit depth is outside what any plane carries.
    #[error("the bit depth must lie in 8..=16, got {0}")]
    BitDepth(u8),
    /// The bit depth does not fit the sample type.
    #[error("samples of {sample_bits} bits cannot carry a bit depth of {bit_depth}")]
    SampleType {
        /// Size of the sample type.
        sample_bits: u8,
        /// Bit depth asked for.
        bit_depth: u8,
    },
}

/// Bits of a code value: 8 to 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitDepth(u8);

impl BitDepth {
    /// 8 bits.
    pub const EIGHT: Self = Self(8);
    /// 10 bits.
    pub const TEN: Self = Self(10);

    /// Proves the range.
    ///
    /// # Errors
    /// [`PlaneError::BitDepth`] outside 8 to 16.
    pub const fn new(bits: u8) -> Result<Self, PlaneError> {
        if bits < 8 || bits > 16 {
            return Err(PlaneError::BitDepth(bits));
        }
        Ok(Self(bits))
    }

    /// Bits of a code value.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// Largest code value, `2^bits - 1`.
    #[must_use]
    pub const fn max_code(self) -> u16 {
        ((1_u32 << self.0) - 1) as u16
    }

    /// Code values of this depth in one code value of 8 bits: `2^(bits - 8)`.
    #[must_use]
    pub const fn codes_per_8bit_code(self) -> u32 {
        1 << (self.0 - 8)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
}

/// A sample type: `u8` or `u16`.
pub trait Sample:
    sealed::Sealed + Copy + Send + Sync + Into<u16> + std::fmt::Debug + 'static
{
    /// Largest bit depth that the type carries.
    const MAX_BIT_DEPTH: BitDepth;

    /// Whether the type can carry that depth: `u8` carries 8 bits only.
    #[must_use]
    fn carries(bit_depth: BitDepth) -> bool {
        bit_depth <= Self::MAX_BIT_DEPTH
    }
}

impl Sample for u8 {
    const MAX_BIT_DEPTH: BitDepth = BitDepth(8);
}

impl Sample for u16 {
    const MAX_BIT_DEPTH: BitDepth = BitDepth(16);
}

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
                sample_bits: T::MAX_BIT_DEPTH.0,
                bit_depth: bit_depth.0,
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

/// A plane to read.
#[derive(Debug, Clone, Copy)]
pub struct PlaneView<'a, T> {
    samples: &'a [T],
    geometry: PlaneGeometry,
    bit_depth: BitDepth,
}

impl<'a, T: Sample> PlaneView<'a, T> {
    /// Lays a geometry over samples.
    ///
    /// # Errors
    /// [`PlaneError::TooShort`], or [`PlaneError::SampleType`] for `u8` samples of more than 8 bits.
    pub fn new(
        samples: &'a [T],
        geometry: PlaneGeometry,
        bit_depth: BitDepth,
    ) -> Result<Self, PlaneError> {
        geometry.check::<T>(samples.len(), bit_depth)?;
        Ok(Self {
            samples: &samples[..geometry.needed_len()],
            geometry,
            bit_depth,
        })
    }

    /// Width, height and stride.
    #[must_use]
    pub fn geometry(&self) -> PlaneGeometry {
        self.geometry
    }

    /// Bits of a code value.
    #[must_use]
    pub fn bit_depth(&self) -> BitDepth {
        self.bit_depth
    }

    /// The visible samples, row by row.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [T]> + use<'a, T> {
        let width = self.geometry.width;
        self.samples
            .chunks(self.geometry.stride)
            .map(move |row| &row[..width])
    }

    /// The visible samples of row `y`.
    ///
    /// # Panics
    /// When `y` is not below the height.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [T] {
        let start = y * self.geometry.stride;
        &self.samples[start..start + self.geometry.width]
    }
}

/// A plane to change in place.
#[derive(Debug)]
pub struct PlaneViewMut<'a, T> {
    samples: &'a mut [T],
    geometry: PlaneGeometry,
    bit_depth: BitDepth,
}

impl<'a, T: Sample> PlaneViewMut<'a, T> {
    /// Lays a geometry over samples.
    ///
    /// # Errors
    /// [`PlaneError::TooShort`], or [`PlaneError::SampleType`] for `u8` samples of more than 8 bits.
    pub fn new(
        samples: &'a mut [T],
        geometry: PlaneGeometry,
        bit_depth: BitDepth,
    ) -> Result<Self, PlaneError> {
        geometry.check::<T>(samples.len(), bit_depth)?;
        Ok(Self {
            samples: &mut samples[..geometry.needed_len()],
            geometry,
            bit_depth,
        })
    }

    /// Width, height and stride.
    #[must_use]
    pub fn geometry(&self) -> PlaneGeometry {
        self.geometry
    }

    /// Bits of a code value.
    #[must_use]
    pub fn bit_depth(&self) -> BitDepth {
        self.bit_depth
    }

    /// The same plane, to read.
    #[must_use]
    pub fn as_view(&self) -> PlaneView<'_, T> {
        PlaneView {
            samples: self.samples,
            geometry: self.geometry,
            bit_depth: self.bit_depth,
        }
    }

    /// The visible samples, row by row.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [T]> {
        let width = self.geometry.width;
        self.samples
            .chunks_mut(self.geometry.stride)
            .map(move |row| &mut row[..width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_show_visible_samples_only(width in 1_usize..40, height in 1_usize..20, padding in 0_usize..9) {
            let geometry = PlaneGeometry::new(width, height, width + padding).expect("sides in range");
            let mut samples = vec![9_u8; geometry.needed_len()];
            let mut plane = PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("long enough");
            plane.rows_mut().for_each(|row| row.fill(1));
            prop_assert_eq!(plane.as_view().rows().len(), height);
            prop_assert!(plane.as_view().rows().all(|row| row == vec![1; width]));
            prop_assert_eq!(plane.as_view().row(height - 1).len(), width);
            prop_assert_eq!(samples.iter().map(|&s| usize::from(s == 9)).sum::<usize>(), padding * (height - 1));
        }
    }

    #[test]
    fn refusals_carry_their_values() {
        assert_eq!(
            PlaneGeometry::packed(0, 4),
            Err(PlaneError::Side {
                width: 0,
                height: 4
            })
        );
        assert_eq!(
            PlaneGeometry::new(8, 4, 7),
            Err(PlaneError::Stride {
                width: 8,
                stride: 7
            })
        );
        assert_eq!(BitDepth::new(17), Err(PlaneError::BitDepth(17)));
        let geometry = PlaneGeometry::new(8, 4, 10).expect("valid");
        assert_eq!(
            PlaneView::new(&[0_u8; 37], geometry, BitDepth::EIGHT).err(),
            Some(PlaneError::TooShort {
                needed: 38,
                len: 37
            })
        );
        assert_eq!(
            PlaneView::new(&[0_u8; 38], geometry, BitDepth::TEN).err(),
            Some(PlaneError::SampleType {
                sample_bits: 8,
                bit_depth: 10
            })
        );
    }

    #[test]
    fn sixteen_bits_reach_the_full_code_range() {
        assert_eq!(BitDepth::new(16).map(BitDepth::max_code), Ok(u16::MAX));
        assert_eq!(BitDepth::TEN.codes_per_8bit_code(), 4);
    }
}
