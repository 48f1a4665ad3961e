//! Master and marked picture side by side, and the energy of their difference.
//!
//! ```text
//! energy(a, b) = sum_i (a_i - b_i)^2
//! ```
//!
//! # Shapes and units
//! Both planes have the same size, at least [`LEAST_SIDE`] samples each way, and the same bit depth. Energies are in
//! squared code values of that depth, and exact: no float takes part.

use std::ops::AddAssign;

use countermark_picture::{BitDepth, PlaneView, Sample};
use thiserror::Error;

/// Fewest samples a side: one block of the worst-block search, and more than the window of the structural similarity.
pub const LEAST_SIDE: usize = 16;

/// Why two pictures cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PairError {
    /// The sizes differ.
    #[error(
        "the master has {}x{} samples, the marked picture {}x{}",
        master.0, master.1, marked.0, marked.1
    )]
    Size {
        /// Width and height of the master.
        master: (usize, usize),
        /// Width and height of the marked picture.
        marked: (usize, usize),
    },
    /// The bit depths differ.
    #[error("the master has {master} bits a sample, the marked picture {marked}")]
    Depth {
        /// Bits of the master.
        master: u32,
        /// Bits of the marked picture.
        marked: u32,
    },
    /// Too small for blocks and windows.
    #[error("pictures need {LEAST_SIDE} samples a side, got {width}x{height}")]
    TooSmall {
        /// Samples in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
}

/// A sample type whose squared differences can be added up exactly.
pub trait Square: Sample {
    /// Holds the sum over a row of the longest picture.
    type Sum: Copy + Default + AddAssign + Into<u64>;

    /// The square of a difference of code values, or of a difference of such differences.
    fn square(difference: i32) -> Self::Sum;
}

impl Square for u8 {
    // 32,768 samples of at most 255^2 make 2.1e9.
    type Sum = u32;

    #[inline]
    fn square(difference: i32) -> u32 {
        (difference * difference) as u32
    }
}

impl Square for u16 {
    type Sum = u64;

    #[inline]
    fn square(difference: i32) -> u64 {
        let size = u64::from(difference.unsigned_abs());
        size * size
    }
}

/// Two versions of one picture.
#[derive(Debug, Clone, Copy)]
pub struct PlanePair<'a, T> {
    master: PlaneView<'a, T>,
    marked: PlaneView<'a, T>,
}

impl<'a, T: Square> PlanePair<'a, T> {
    /// Proves that the planes can be compared.
    ///
    /// # Errors
    /// When size or bit depth differ, or the pictures are too small.
    pub fn new(master: PlaneView<'a, T>, marked: PlaneView<'a, T>) -> Result<Self, PairError> {
        let size = |plane: &PlaneView<'_, T>| (plane.geometry().width(), plane.geometry().height());
        let bits = |plane: &PlaneView<'_, T>| plane.bit_depth().bits();
        if size(&master) != size(&marked) {
            return Err(PairError::Size {
                master: size(&master),
                marked: size(&marked),
            });
        }
        if bits(&master) != bits(&marked) {
            return Err(PairError::Depth {
                master: bits(&master),
                marked: bits(&marked),
            });
        }
        let (width, height) = size(&master);
        if width.min(height) < LEAST_SIDE {
            return Err(PairError::TooSmall { width, height });
        }
        Ok(Self { master, marked })
    }

    /// The picture as it came.
    #[must_use]
    pub fn master(&self) -> &PlaneView<'a, T> {
        &self.master
    }

    /// The picture as it is delivered.
    #[must_use]
    pub fn marked(&self) -> &PlaneView<'a, T> {
        &self.marked
    }

    /// Samples in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.master.geometry().width()
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.master.geometry().height()
    }

    /// Bits of a code value.
    #[must_use]
    pub fn bit_depth(&self) -> BitDepth {
        self.master.bit_depth()
    }

    /// Energy of the difference of rows `y` between columns `x` and `x + width`.
    pub(super) fn energy(&self, x: usize, y: usize, width: usize) -> u64 {
        let span = x..x + width;
        energy(&self.master.row(y)[span.clone()], &self.marked.row(y)[span])
    }

    /// The square of the largest code value.
    pub(super) fn peak_square(&self) -> f64 {
        f64::from(self.bit_depth().max_code()).powi(2)
    }
}

/// The code value of a sample.
#[inline]
pub(super) fn code<T: Sample>(sample: T) -> i32 {
    let code: u16 = sample.into();
    i32::from(code)
}

/// Energy of the difference of two stretches of a row.
fn energy<T: Square>(a: &[T], b: &[T]) -> u64 {
    let mut sum = T::Sum::default();
    for (&a, &b) in a.iter().zip(b) {
        sum += T::square(code(a) - code(b));
    }
    sum.into()
}

#[cfg(test)]
pub(super) mod tests {
    use countermark_picture::PlaneGeometry;

    use super::*;

    /// A picture of our own: `width x height` samples of `bit_depth` bits.
    pub(in crate::quality) struct Picture<T> {
        samples: Vec<T>,
        geometry: PlaneGeometry,
        bit_depth: BitDepth,
    }

    impl<T: Square> Picture<T> {
        /// Paints sample `(x, y)` with `paint(x, y)`, and three samples of padding a row.
        pub(in crate::quality) fn new(
            (width, height): (usize, usize),
            bits: u8,
            paint: impl Fn(usize, usize) -> T,
        ) -> Self {
            let stride = width + 3;
            let samples = (0..stride * height)
                .map(|i| paint((i % stride).min(width), i / stride))
                .collect();
            Self {
                samples,
                geometry: PlaneGeometry::new(width, height, stride).expect("valid"),
                bit_depth: BitDepth::new(bits).expect("valid"),
            }
        }

        pub(in crate::quality) fn view(&self) -> PlaneView<'_, T> {
            PlaneView::new(&self.samples, self.geometry, self.bit_depth).expect("long enough")
        }

        pub(in crate::quality) fn with<'a>(&'a self, marked: &'a Self) -> PlanePair<'a, T> {
            PlanePair::new(self.view(), marked.view()).expect("comparable")
        }
    }

    /// Noise from 0 to `top` without a stream of random numbers: one hash of the place.
    pub(in crate::quality) fn noise(seed: usize, x: usize, y: usize, top: u32) -> u32 {
        let mut hash = (x as u64 + ((y as u64) << 20) + ((seed as u64) << 40) + 1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((hash >> 33) % (u64::from(top) + 1)) as u32
    }

    #[test]
    fn energy_is_exact_at_the_ends_of_every_depth() {
        let (black, white) = ([0_u8; 100], [255_u8; 100]);
        assert_eq!(energy(&black, &white), 100 * 255 * 255);
        let (black, white) = ([0_u16; 100], [u16::MAX; 100]);
        assert_eq!(energy(&black, &white), 100 * 65_535 * 65_535);
        assert_eq!(energy(&[3_u8, 9], &[5, 8]), 5);
    }

    #[test]
    fn padding_does_not_count() {
        let a = Picture::new((17, 16), 8, |x, _| if x == 17 { 200 } else { 10_u8 });
        let b = Picture::new((17, 16), 8, |x, _| if x == 17 { 0 } else { 11_u8 });
        assert_eq!(a.with(&b).energy(0, 15, 17), 17);
    }

    #[test]
    fn pictures_that_do_not_match_are_refused_with_their_values() {
        let plain = |size, bits| Picture::new(size, bits, |_, _| 0_u16);
        let (a, b, c, d) = (
            plain((20, 16), 10),
            plain((20, 18), 10),
            plain((20, 16), 12),
            plain((20, 15), 10),
        );
        let refusal = |x: &Picture<u16>, y: &Picture<u16>| PlanePair::new(x.view(), y.view()).err();
        assert_eq!(
            refusal(&a, &b),
            Some(PairError::Size {
                master: (20, 16),
                marked: (20, 18)
            })
        );
        assert_eq!(
            refusal(&a, &c),
            Some(PairError::Depth {
                master: 10,
                marked: 12
            })
        );
        assert_eq!(
            refusal(&d, &d),
            Some(PairError::TooSmall {
                width: 20,
                height: 15
            })
        );
        assert_eq!(refusal(&a, &a), None);
    }
}
