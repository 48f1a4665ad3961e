//! Rectangles of samples.
//!
//! # Shapes and units
//! Samples from the first column and row of a plane.

use crate::Homography;

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

    /// First column, first row, columns and rows.
    #[must_use]
    pub fn extent(self) -> [f64; 4] {
        [self.left, self.top, self.width, self.height].map(|side| side as f64)
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// From the unit square of the rectangle to that of a `width x height` plane; none where a side is zero.
    #[must_use]
    pub fn in_unit_square(self, width: usize, height: usize) -> Option<Homography> {
        let (width, height) = (width as f64, height as f64);
        Homography::affine([
            self.width as f64 / width,
            0.0,
            self.left as f64 / width,
            0.0,
            self.height as f64 / height,
            self.top as f64 / height,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn what_is_clamped_lies_inside_and_stays_when_it_did(
            left in 0_usize..60, top in 0_usize..60, width in 0_usize..60, height in 0_usize..60,
            columns in 1_usize..50, rows in 1_usize..50,
        ) {
            let rect = Rect { left, top, width, height };
            let inside = rect.clamped(columns, rows);
            prop_assert!(inside.width > 0 && inside.left + inside.width <= columns);
            prop_assert!(inside.height > 0 && inside.top + inside.height <= rows);
            let fitted = width > 0 && height > 0 && left + width <= columns && top + height <= rows;
            prop_assert!(!fitted || inside == rect);
            prop_assert_eq!(inside.clamped(columns, rows), inside);
        }
    }

    #[test]
    fn corners_of_the_unit_square_are_those_of_the_rectangle() {
        let rect = Rect {
            left: 20,
            top: 10,
            width: 50,
            height: 30,
        };
        let map = rect.in_unit_square(100, 40).expect("sides");
        assert_eq!(map.map((0.0, 0.0)), Some((0.2, 0.25)));
        assert_eq!(map.map((1.0, 1.0)), Some((0.7, 1.0)));
        assert_eq!(rect.in_unit_square(0, 40), None);
    }
}
