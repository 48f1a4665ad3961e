//! Projective maps between two pictures.
//!
//! ```text
//! (x', y') = ((h0 x + h1 y + h2) / w, (h3 x + h4 y + h5) / w),   w = h6 x + h7 y + h8
//! ```
//!
//! # Shapes and units
//! Points in samples as in [`crate::Grey`]: the centre of sample `(i, j)` is `(i + 1/2, j + 1/2)`. Matrices are row major
//! and scaled so that `h8` is 1.

mod fit;

pub use fit::{PointPair, WeightedPair, solve};

/// A plane seen from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homography([f64; 9]);

/// Below this share of the squared norm a determinant is that of no map.
const SINGULAR: f64 = 1e-12;

impl Homography {
    /// Every point stays.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// A row-major matrix; none when it has no inverse, sends the origin to infinity or is not finite.
    #[must_use]
    pub fn new(matrix: [f64; 9]) -> Option<Self> {
        let scale = matrix[8];
        let map = Self(matrix.map(|h| h / scale));
        let norm: f64 = map.0.iter().map(|h| h * h).sum();
        let sound = map.0.iter().all(|h| h.is_finite())
            && map.determinant().abs() > SINGULAR * norm.max(1.0).sqrt();
        sound.then_some(map)
    }

    /// A row-major matrix as it is, neither scaled nor proved to have an inverse: for maps that are known to be near another.
    #[must_use]
    pub const fn unproved(matrix: [f64; 9]) -> Self {
        Self(matrix)
    }

    /// `(a x + b y + c, d x + e y + f)`.
    #[must_use]
    pub fn affine(rows: [f64; 6]) -> Option<Self> {
        let [a, b, c, d, e, f] = rows;
        Self::new([a, b, c, d, e, f, 0.0, 0.0, 1.0])
    }

    /// Each axis by its own factor.
    #[must_use]
    pub fn scaling(x: f64, y: f64) -> Option<Self> {
        Self::affine([x, 0.0, 0.0, 0.0, y, 0.0])
    }

    /// Row-major.
    #[must_use]
    pub fn matrix(&self) -> [f64; 9] {
        self.0
    }

    /// Where a point goes; none when that is at or beyond the horizon.
    #[inline]
    #[must_use]
    pub fn map(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let h = &self.0;
        let w = h[6] * x + h[7] * y + h[8];
        (w > 1e-9).then(|| {
            (
                (h[0] * x + h[1] * y + h[2]) / w,
                (h[3] * x + h[4] * y + h[5]) / w,
            )
        })
    }

    /// Where a point goes, at the cost of one division: for loops over samples, whose last bits differ from those of
    /// [`Homography::map`]. Without meaning at and beyond the horizon, where [`Homography::depth`] is not positive.
    #[inline]
    #[must_use]
    pub fn project(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let h = &self.0;
        let scale = 1.0 / self.depth((x, y));
        (
            (h[0] * x + h[1] * y + h[2]) * scale,
            (h[3] * x + h[4] * y + h[5]) * scale,
        )
    }

    /// `w`: positive on this side of the horizon.
    #[inline]
    #[must_use]
    pub fn depth(&self, (x, y): (f64, f64)) -> f64 {
        self.0[6] * x + self.0[7] * y + self.0[8]
    }

    /// This map, then `next`; none when the origin ends at infinity.
    #[must_use]
    pub fn then(&self, next: &Self) -> Option<Self> {
        Self::new(next.times(self))
    }

    /// The matrix product of this map and the one before it, not scaled.
    #[must_use]
    pub fn times(&self, before: &Self) -> [f64; 9] {
        let (a, b) = (&self.0, &before.0);
        std::array::from_fn(|i| {
            let (row, column) = (i / 3 * 3, i % 3);
            a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6]
        })
    }

    /// How much larger things are behind the map than before it, along a line, at a point; none beyond the horizon.
    #[must_use]
    pub fn magnification(&self, (x, y): (f64, f64)) -> Option<f64> {
        let here = self.map((x, y))?;
        let (right, below) = (self.map((x + 1.0, y))?, self.map((x, y + 1.0))?);
        let (a, b) = (right.0 - here.0, right.1 - here.1);
        let (c, d) = (below.0 - here.0, below.1 - here.1);
        Some((a * d - b * c).abs().sqrt())
    }

    /// The way back; none when the origin ends at infinity.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        Self::new([
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ])
    }

    /// Whether left and right are exchanged.
    #[must_use]
    pub fn is_mirrored(&self) -> bool {
        self.determinant() < 0.0
    }

    fn determinant(&self) -> f64 {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Homography {
        Homography::new([1.1, 0.2, 5.0, -0.1, 0.9, 3.0, 0.001, -0.0005, 1.0]).expect("invertible")
    }

    fn near(a: (f64, f64), b: (f64, f64)) -> bool {
        (a.0 - b.0).hypot(a.1 - b.1) < 1e-9
    }

    #[test]
    fn there_and_back_is_the_same_point() {
        let back = some().inverse().expect("invertible");
        for point in [(0.0, 0.0), (40.0, 10.0), (3.0, 90.0)] {
            let there = some().map(point).expect("this side of the horizon");
            assert!(near(back.map(there).expect("this side"), point));
        }
    }

    #[test]
    fn one_after_the_other_is_both_at_once() {
        let twice = some().then(&some()).expect("finite");
        let point = (7.0, 11.0);
        let once = some().map(point).expect("this side");
        assert!(near(
            twice.map(point).expect("this side"),
            some().map(once).expect("this side")
        ));
    }

    #[test]
    fn one_division_sends_points_to_the_same_places() {
        for point in [(0.0, 0.0), (40.0, 10.0), (3.0, 90.0)] {
            assert!(some().depth(point) > 0.0);
            let exact = some().map(point).expect("this side of the horizon");
            assert!(near(some().project(point), exact));
        }
        let as_it_is = [2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0];
        let kept = Homography::unproved(as_it_is).matrix();
        assert_eq!(kept.map(f64::to_bits), as_it_is.map(f64::to_bits));
        assert!(near(
            Homography::unproved(as_it_is).project((3.0, 4.0)),
            (3.0, 4.0)
        ));
    }

    #[test]
    fn a_mirror_is_known_and_a_line_is_no_map() {
        let mirror = Homography::affine([-1.0, 0.0, 320.0, 0.0, 1.0, 0.0]).expect("invertible");
        assert!(mirror.is_mirrored() && !some().is_mirrored());
        assert!(Homography::affine([1.0, 2.0, 0.0, 2.0, 4.0, 0.0]).is_none());
        assert!(Homography::new([f64::NAN; 9]).is_none());
        assert_eq!(Homography::IDENTITY.map((4.0, 5.0)), Some((4.0, 5.0)));
    }
}
