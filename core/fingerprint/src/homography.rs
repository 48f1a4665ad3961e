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

pub(crate) use fit::{WeightedPair, solve};

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

    /// This map, then `next`; none when the origin ends at infinity.
    #[must_use]
    pub fn then(&self, next: &Self) -> Option<Self> {
        let (a, b) = (&next.0, &self.0);
        Self::new(std::array::from_fn(|i| {
            let (row, column) = (i / 3, i % 3);
            (0..3).map(|k| a[3 * row + k] * b[3 * k + column]).sum()
        }))
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
    fn a_mirror_is_known_and_a_line_is_no_map() {
        let mirror = Homography::affine([-1.0, 0.0, 320.0, 0.0, 1.0, 0.0]).expect("invertible");
        assert!(mirror.is_mirrored() && !some().is_mirrored());
        assert!(Homography::affine([1.0, 2.0, 0.0, 2.0, 4.0, 0.0]).is_none());
        assert!(Homography::new([f64::NAN; 9]).is_none());
        assert_eq!(Homography::IDENTITY.map((4.0, 5.0)), Some((4.0, 5.0)));
    }
}
