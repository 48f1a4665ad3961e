//! Views of one plane: rows as slices for kernels, and the whole as an [`ndarray`] view.
//!
//! ```text
//! array[[y, x]] = samples[y * stride + x],   0 <= y < height,  0 <= x < width
//! ```
//!
//! # Shapes and units
//! `[height, width]` in samples. Code values of the stated depth.

use ndarray::{ArrayView2, ArrayViewMut2, Ix2, ShapeBuilder, StrideShape};

use super::PlaneGeometry;
use crate::{BitDepth, PlaneError, Rect, Sample};

/// A plane to read.
// The slice, not the array, is held: an array's view is invariant in its lifetime, so that two planes of different
// origin could not be passed together.
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

    /// The samples of another plane, moved to `width` columns without padding.
    pub(crate) fn moved(samples: &'a [T], width: usize, bit_depth: BitDepth) -> Self {
        let geometry = PlaneGeometry {
            width,
            height: samples.len() / width,
            stride: width,
        };
        Self {
            samples,
            geometry,
            bit_depth,
        }
    }

    /// The visible samples, `[height, width]`.
    #[must_use]
    pub fn array(&self) -> ArrayView2<'a, T> {
        let Ok(array) = ArrayView2::from_shape(shape(self.geometry), self.samples) else {
            unreachable!("the constructor proved that the samples hold the plane")
        };
        array
    }

    /// Visible samples in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.geometry.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.geometry.height
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

    /// The factor that turns a sample into 8-bit code values.
    #[must_use]
    pub fn level(&self) -> f32 {
        self.bit_depth.level()
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
    #[inline]
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [T] {
        let start = y * self.geometry.stride;
        &self.samples[start..start + self.geometry.width]
    }

    /// A part of the plane, clamped to it.
    #[must_use]
    pub fn within(&self, rect: Rect) -> Self {
        let rect = rect.clamped(self.width(), self.height());
        let geometry = PlaneGeometry {
            width: rect.width,
            height: rect.height,
            stride: self.geometry.stride,
        };
        let first = rect.top * geometry.stride + rect.left;
        Self {
            samples: &self.samples[first..first + geometry.needed_len()],
            geometry,
            bit_depth: self.bit_depth,
        }
    }

    /// All samples, also those between the rows.
    pub(super) fn samples(&self) -> &'a [T] {
        self.samples
    }

    /// The same plane over samples of which it is known that they are these.
    pub(super) fn over<U>(&self, samples: &'a [U]) -> PlaneView<'a, U> {
        PlaneView {
            samples,
            geometry: self.geometry,
            bit_depth: self.bit_depth,
        }
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

    /// The visible samples, `[height, width]`.
    #[must_use]
    pub fn array_mut(&mut self) -> ArrayViewMut2<'_, T> {
        let Ok(array) = ArrayViewMut2::from_shape(shape(self.geometry), self.samples) else {
            unreachable!("the constructor proved that the samples hold the plane")
        };
        array
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

fn shape(geometry: PlaneGeometry) -> StrideShape<Ix2> {
    (geometry.height, geometry.width).strides((geometry.stride, 1))
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
            plane.rows_mut().for_each(|row| row.fill(0));
            plane.array_mut().fill(1);
            prop_assert_eq!(plane.geometry(), geometry);
            prop_assert_eq!(plane.as_view().geometry(), geometry);
            prop_assert_eq!(plane.as_view().rows().len(), height);
            prop_assert_eq!(plane.as_view().array().dim(), (height, width));
            prop_assert!(plane.as_view().rows().all(|row| row == vec![1; width]));
            prop_assert_eq!(plane.as_view().row(height - 1).len(), width);
            prop_assert_eq!(samples.iter().map(|&s| usize::from(s == 9)).sum::<usize>(), padding * (height - 1));
        }

        #[test]
        fn a_part_shows_the_samples_of_its_rectangle(
            width in 1_usize..30, height in 1_usize..20, padding in 0_usize..9,
            left in 0_usize..35, top in 0_usize..25, columns in 0_usize..35, rows in 0_usize..25,
        ) {
            let geometry = PlaneGeometry::new(width, height, width + padding).expect("sides in range");
            let samples: Vec<u16> = (0..geometry.needed_len() as u16).collect();
            let plane = PlaneView::new(&samples, geometry, BitDepth::TEN).expect("long enough");
            let rect = Rect { left, top, width: columns, height: rows };
            let part = plane.within(rect);
            let clamped = rect.clamped(width, height);
            prop_assert_eq!((part.width(), part.height()), (clamped.width, clamped.height));
            prop_assert_eq!(part.rows().len(), clamped.height);
            for (y, row) in part.rows().enumerate() {
                let first = (clamped.top + y) * (width + padding) + clamped.left;
                prop_assert_eq!(row, &samples[first..first + clamped.width]);
                prop_assert_eq!(row, part.row(y));
                prop_assert_eq!(row[0], part.array()[[y, 0]]);
            }
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
    fn a_stride_beyond_memory_is_refused() {
        let longest = usize::MAX / crate::MAX_SIDE;
        let geometry = PlaneGeometry::new(1, crate::MAX_SIDE, longest).expect("a geometry");
        assert!(PlaneView::new(&[0_u8; 9], geometry, BitDepth::EIGHT).is_err());
        assert!(PlaneGeometry::new(1, 1, longest + 1).is_err());
    }
}
