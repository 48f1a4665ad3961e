//! A small grey picture in floating point, for features and alignment.
//!
//! Sample `(i, j)` covers `[i, i + 1) x [j, j + 1)`, so its centre is `(i + 1/2, j + 1/2)` and a picture scaled by `s` has
//! every point scaled by `s`, nothing else.
//!
//! ```text
//! p(x, y) = bilinear between the centres around (x, y), the border samples going on outside
//! ```
//!
//! # Shapes and units
//! `height` rows of `width` samples in 8-bit code values, without padding. Points in samples.

use crate::{PlaneView, Rect, Sample, area_average};

/// A grey picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Grey {
    width: usize,
    height: usize,
    samples: Vec<f32>,
}

/// The two columns, or rows, on either side of a place, and its share of the way to the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    first: usize,
    second: usize,
    share: f32,
}

impl Between {
    /// Of a place along a side of so many samples; beyond its ends the end.
    #[must_use]
    #[inline]
    pub fn new(at: f64, side: usize) -> Self {
        let at = (at - 0.5).clamp(0.0, (side - 1) as f64);
        let first = at as usize;
        Self {
            first,
            second: (first + 1).min(side - 1),
            share: (at - first as f64) as f32,
        }
    }
}

impl Grey {
    /// Rows of `width` samples; none when a side is zero or the samples are not `width * height`.
    #[must_use]
    pub fn new(width: usize, height: usize, samples: Vec<f32>) -> Option<Self> {
        let fits = width > 0 && height > 0 && width.checked_mul(height) == Some(samples.len());
        fits.then_some(Self {
            width,
            height,
            samples,
        })
    }

    /// The whole of a luma plane, averaged on `width x height` samples (at least one each).
    #[must_use]
    pub fn averaged<T: Sample>(view: &PlaneView<'_, T>, width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut samples = Vec::new();
        let whole = Rect::whole(view.width(), view.height());
        area_average(view, whole, width, height, &mut samples);
        Self {
            width,
            height,
            samples,
        }
    }

    /// The picture with black and white exchanged.
    #[must_use]
    pub fn negative(&self) -> Self {
        Self {
            samples: self.samples.iter().map(|level| 255.0 - level).collect(),
            ..*self
        }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All samples, row major.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// The rows from top to bottom.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.samples.chunks_exact(self.width)
    }

    /// Whether a point lies in the picture.
    #[must_use]
    #[inline]
    pub fn holds(&self, x: f64, y: f64) -> bool {
        (0.0..=self.width as f64).contains(&x) && (0.0..=self.height as f64).contains(&y)
    }

    /// The level at a point.
    #[must_use]
    #[inline]
    pub fn at(&self, x: f64, y: f64) -> f32 {
        self.between(Between::new(x, self.width), Between::new(y, self.height))
    }

    /// The level between columns and between rows: for points of which many share a column or a row.
    ///
    /// # Panics
    /// When they are of a larger picture.
    #[must_use]
    #[inline]
    pub fn between(&self, x: Between, y: Between) -> f32 {
        let row = |y: usize| {
            let row = &self.samples[y * self.width..(y + 1) * self.width];
            row[x.first] + x.share * (row[x.second] - row[x.first])
        };
        let (top, bottom) = (row(y.first), row(y.second));
        top + y.share * (bottom - top)
    }

    /// The picture as a mirror shows it, left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let samples = self.rows().flat_map(|row| row.iter().rev().copied());
        Self {
            width: self.width,
            height: self.height,
            samples: samples.collect(),
        }
    }

    /// Means of 2 x 2 samples; an odd last row or column is left out. None when a side would be zero.
    #[must_use]
    pub fn halved(&self) -> Option<Self> {
        let (width, height) = (self.width / 2, self.height / 2);
        let pair = |y: usize| {
            let rows = &self.samples[2 * y * self.width..(2 * y + 2) * self.width];
            rows.split_at(self.width)
        };
        let samples = (0..height).flat_map(|y| {
            let (top, bottom) = pair(y);
            let pairs = top.chunks_exact(2).zip(bottom.chunks_exact(2));
            pairs.map(|(t, b)| (t[0] + t[1] + b[0] + b[1]) * 0.25)
        });
        Self::new(width, height, samples.collect())
    }

    /// Blurred by `[1 2 1]/4` along both axes, `passes` times; border samples go on outside.
    #[must_use]
    pub fn blurred(&self, passes: usize) -> Self {
        let (width, height) = (self.width, self.height);
        let mut samples = self.samples.clone();
        let mut across = vec![0.0_f32; samples.len()];
        for _ in 0..passes {
            for (from, to) in samples
                .chunks_exact(width)
                .zip(across.chunks_exact_mut(width))
            {
                let last = width - 1;
                for (x, to) in to.iter_mut().enumerate() {
                    let (left, right) = (from[x.saturating_sub(1)], from[(x + 1).min(last)]);
                    *to = 0.25 * (left + right) + 0.5 * from[x];
                }
            }
            for (y, to) in samples.chunks_exact_mut(width).enumerate() {
                let row = |y: usize| &across[y * width..(y + 1) * width];
                let (above, here, below) = (
                    row(y.saturating_sub(1)),
                    row(y),
                    row((y + 1).min(height - 1)),
                );
                for (((to, a), h), b) in to.iter_mut().zip(above).zip(here).zip(below) {
                    *to = 0.25 * (a + b) + 0.5 * h;
                }
            }
        }
        Self {
            width,
            height,
            samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Grey {
        let samples = (0..width * height)
            .map(|i| ((i % width) as f32 + 0.5) * 3.0 - ((i / width) as f32 + 0.5) * 2.0)
            .collect();
        Grey::new(width, height, samples).expect("a picture")
    }

    #[test]
    fn blur_spreads_a_point_and_leaves_the_mean() {
        let mut samples = vec![0.0; 7 * 5];
        samples[2 * 7 + 3] = 16.0;
        let point = Grey::new(7, 5, samples).expect("a picture");
        let blurred = point.blurred(1);
        let at = |x: usize, y: usize| blurred.samples()[y * 7 + x];
        assert_eq!(
            vec![at(3, 2), at(2, 2), at(3, 1), at(4, 3), at(5, 2)],
            [4.0, 2.0, 2.0, 1.0, 0.0]
        );
        let twice: f32 = point.blurred(2).samples().iter().sum();
        assert!((twice - 16.0).abs() < 1e-5, "{twice}");
        assert_eq!(point.blurred(0).samples(), point.samples());
    }

    #[test]
    fn a_plane_of_constant_slope_is_interpolated_exactly() {
        let picture = ramp(12, 7);
        for (x, y) in [(0.5, 0.5), (3.25, 2.75), (11.5, 6.5), (7.0, 1.0)] {
            assert!((f64::from(picture.at(x, y)) - (3.0 * x - 2.0 * y)).abs() < 1e-4);
        }
        assert!((picture.at(-4.0, -9.0) - picture.samples()[0]).abs() < 1e-6);
    }

    #[test]
    fn half_the_picture_has_the_same_points_at_half_the_place() {
        let picture = ramp(12, 7);
        let half = picture.halved().expect("large enough");
        assert_eq!((half.width(), half.height()), (6, 3));
        assert!((half.at(2.0, 1.5) - picture.at(4.0, 3.0)).abs() < 1e-4);
        assert!(
            Grey::new(1, 4, vec![0.0; 4])
                .expect("a picture")
                .halved()
                .is_none()
        );
    }

    #[test]
    fn a_mirror_mirrors_twice_into_itself() {
        let picture = ramp(5, 3);
        assert_eq!(picture.mirrored().mirrored(), picture);
        assert!((picture.mirrored().at(1.5, 1.0) - picture.at(3.5, 1.0)).abs() < 1e-5);
    }

    #[test]
    fn samples_that_do_not_fill_the_picture_are_refused() {
        assert!(Grey::new(3, 3, vec![0.0; 8]).is_none());
        assert!(Grey::new(0, 3, Vec::new()).is_none());
    }
}
