//! Projective maps of the plane.
//!
//! ```text
//! (x', y') = ((h00 x + h01 y + h02) / w, (h10 x + h11 y + h12) / w),   w = h20 x + h21 y + h22
//! ```
//!
//! # Shapes and units
//! Luma pixels from the upper left corner, columns to the right, rows downwards. Angles in radians, counter-clockwise
//! as seen on the screen.
//!
//! # References
//! P. S. Heckbert (1989), Fundamentals of texture mapping and image warping, section 2.2.3.

/// A place in a picture: column, row.
pub(crate) type Point = (f64, f64);

/// An invertible projective map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Homography(pub(crate) [[f64; 3]; 3]);

impl Homography {
    /// The map of a matrix, which must not be singular.
    pub(crate) fn new(rows: [[f64; 3]; 3]) -> Self {
        Self(rows)
    }

    /// Moves by columns and rows.
    pub(crate) fn shift(columns: f64, rows: f64) -> Self {
        Self([[1.0, 0.0, columns], [0.0, 1.0, rows], [0.0, 0.0, 1.0]])
    }

    /// Turns about the origin.
    pub(super) fn turn(angle: f64) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    }

    /// Stretches about the origin.
    pub(crate) fn stretch(columns: f64, rows: f64) -> Self {
        Self([[columns, 0.0, 0.0], [0.0, rows, 0.0], [0.0, 0.0, 1.0]])
    }

    /// The unit square onto a convex quadrangle: (0, 0), (1, 0), (1, 1), (0, 1) onto its corners in order.
    pub(crate) fn square_onto(corners: [Point; 4]) -> Self {
        let [a, b, c, d] = corners;
        let (sum_x, sum_y) = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
        let (bx, by) = (b.0 - c.0, b.1 - c.1);
        let (dx, dy) = (d.0 - c.0, d.1 - c.1);
        let area = bx * dy - dx * by;
        let g = (sum_x * dy - dx * sum_y) / area;
        let h = (bx * sum_y - sum_x * by) / area;
        Self([
            [b.0 - a.0 + g * b.0, d.0 - a.0 + h * d.0, a.0],
            [b.1 - a.1 + g * b.1, d.1 - a.1 + h * d.1, a.1],
            [g, h, 1.0],
        ])
    }

    /// First this map, then `next`.
    pub(crate) fn then(&self, next: &Self) -> Self {
        let mut product = [[0.0; 3]; 3];
        for (row, next_row) in product.iter_mut().zip(&next.0) {
            for (k, factor) in next_row.iter().enumerate() {
                for (entry, own) in row.iter_mut().zip(&self.0[k]) {
                    *entry += factor * own;
                }
            }
        }
        Self(product)
    }

    /// This map about `centre` instead of the origin.
    pub(crate) fn about(&self, centre: Point) -> Self {
        Self::shift(-centre.0, -centre.1)
            .then(self)
            .then(&Self::shift(centre.0, centre.1))
    }

    /// The way back.
    pub(crate) fn inverse(&self) -> Self {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        let adjoint = [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ];
        let determinant = a * adjoint[0][0] + b * adjoint[1][0] + c * adjoint[2][0];
        Self(adjoint.map(|row| row.map(|entry| entry / determinant)))
    }

    /// Where a point goes; infinitely far on the horizon.
    #[inline]
    pub(crate) fn of(&self, x: f64, y: f64) -> Point {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        // The bracketed sums are the same along a row.
        let w = g * x + (h * y + i);
        let scale = 1.0 / w;
        ((a * x + (b * y + c)) * scale, (d * x + (e * y + f)) * scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(found: Point, expected: Point) {
        assert!(
            (found.0 - expected.0).abs() < 1e-9 && (found.1 - expected.1).abs() < 1e-9,
            "{found:?} instead of {expected:?}"
        );
    }

    const QUADRANGLE: [Point; 4] = [(3.0, 5.0), (90.0, -2.0), (80.0, 61.0), (-4.0, 70.0)];

    #[test]
    fn square_lands_on_the_corners_and_comes_back() {
        let map = Homography::square_onto(QUADRANGLE);
        let square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        for (from, to) in square.into_iter().zip(QUADRANGLE) {
            assert_near(map.of(from.0, from.1), to);
            assert_near(map.inverse().of(to.0, to.1), from);
        }
    }

    #[test]
    fn maps_compose_in_the_order_in_which_they_are_written() {
        let map = Homography::stretch(2.0, 3.0).then(&Homography::shift(10.0, -1.0));
        assert_near(map.of(4.0, 5.0), (18.0, 14.0));
        let first = Homography::square_onto(QUADRANGLE);
        let both = first.then(&map);
        let (x, y) = first.of(0.3, 0.8);
        assert_near(both.of(0.3, 0.8), map.of(x, y));
    }

    #[test]
    fn quarter_turn_brings_the_right_to_the_top_and_keeps_the_centre() {
        let turn = Homography::turn(std::f64::consts::FRAC_PI_2).about((50.0, 40.0));
        assert_near(turn.of(60.0, 40.0), (50.0, 30.0));
        assert_near(turn.of(50.0, 40.0), (50.0, 40.0));
    }
}
