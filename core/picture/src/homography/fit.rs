//! Maps that send given points to given points, by least squares.
//!
//! ```text
//! affine:      min sum weight |A p + t - q|^2
//! homography:  min sum weight (|(h0 x + h1 y + h2) - x' w|^2 + |(h3 x + h4 y + h5) - y' w|^2),   w = h6 x + h7 y + 1
//! p~ = N p,  q~ = M q,  H = M^-1 H~ N          N, M: centre of gravity to 0, mean distance to sqrt 2
//! ```
//!
//! # Shapes and units
//! Points in samples as in [`crate::Grey`]. At least three pairs for an affine map, four for a homography.
//! # References
//! R. Hartley, A. Zisserman, Multiple view geometry, 2nd ed. (2004), algorithm 4.2.

use super::Homography;

/// A point and where it goes.
pub type PointPair = ((f64, f64), (f64, f64));

/// A pair and how much it counts, in proportion to the inverse of its variance.
pub type WeightedPair = (PointPair, f64);

/// A pivot below this is that of a singular system; the systems here have entries around one.
const LEAST_PIVOT: f64 = 1e-12;

impl Homography {
    /// The homography nearest to all pairs; none for fewer than four, or when they lie on a line.
    #[must_use]
    pub fn fit(points: &[PointPair]) -> Option<Self> {
        Self::fit_weighted(&alike(points))
    }

    /// The affine map nearest to all pairs; none for fewer than three, or when they lie on a line.
    #[must_use]
    pub fn fit_affine(points: &[PointPair]) -> Option<Self> {
        Self::fit_affine_weighted(&alike(points))
    }

    /// As [`Homography::fit`], of pairs that differ in accuracy.
    #[must_use]
    pub fn fit_weighted(points: &[WeightedPair]) -> Option<Self> {
        if points.len() < 4 {
            return None;
        }
        let (from, to) = normalisers(points)?;
        let mut normal = [[0.0; 8]; 8];
        let mut right = [0.0; 8];
        for &((p, q), weight) in points {
            let ((x, y), (u, v)) = (from.map(p)?, to.map(q)?);
            let across = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y];
            let down = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y];
            add_equation(&mut normal, &mut right, weight, across, u);
            add_equation(&mut normal, &mut right, weight, down, v);
        }
        let [a, b, c, d, e, f, g, h] = solve(normal, right)?;
        let map = Self::new([a, b, c, d, e, f, g, h, 1.0])?;
        from.then(&map)?.then(&to.inverse()?)
    }

    /// As [`Homography::fit_affine`], of pairs that differ in accuracy.
    #[must_use]
    pub fn fit_affine_weighted(points: &[WeightedPair]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let (from, to) = normalisers(points)?;
        let (mut normal, mut twin) = ([[0.0; 3]; 3], [[0.0; 3]; 3]);
        let (mut across, mut down) = ([0.0; 3], [0.0; 3]);
        for &((p, q), weight) in points {
            let ((x, y), (u, v)) = (from.map(p)?, to.map(q)?);
            add_equation(&mut normal, &mut across, weight, [x, y, 1.0], u);
            add_equation(&mut twin, &mut down, weight, [x, y, 1.0], v);
        }
        let [a, b, c] = solve(normal, across)?;
        let [d, e, f] = solve(twin, down)?;
        from.then(&Self::affine([a, b, c, d, e, f])?)?
            .then(&to.inverse()?)
    }
}

fn alike(points: &[PointPair]) -> Vec<WeightedPair> {
    points.iter().map(|&pair| (pair, 1.0)).collect()
}

/// One more equation `terms . unknowns = value` in the normal equations.
fn add_equation<const N: usize>(
    normal: &mut [[f64; N]; N],
    right: &mut [f64; N],
    weight: f64,
    terms: [f64; N],
    value: f64,
) {
    for i in 0..N {
        for j in 0..N {
            normal[i][j] += weight * terms[i] * terms[j];
        }
        right[i] += weight * terms[i] * value;
    }
}

/// The maps that bring each side's centre of gravity to the origin, and its points to a mean distance of sqrt 2.
fn normalisers(points: &[WeightedPair]) -> Option<(Homography, Homography)> {
    let normaliser = |side: &dyn Fn(&PointPair) -> (f64, f64)| {
        let count = points.len() as f64;
        let (mut x, mut y) = (0.0, 0.0);
        for point in points {
            (x, y) = (x + side(&point.0).0, y + side(&point.0).1);
        }
        (x, y) = (x / count, y / count);
        let mut distance = 0.0;
        for point in points {
            let (dx, dy) = (side(&point.0).0 - x, side(&point.0).1 - y);
            distance += (dx * dx + dy * dy).sqrt();
        }
        let scale = std::f64::consts::SQRT_2 * count / distance;
        Homography::affine([scale, 0.0, -scale * x, 0.0, scale, -scale * y])
    };
    Some((normaliser(&|pair| pair.0)?, normaliser(&|pair| pair.1)?))
}

/// The solution of `a x = b` by elimination with the largest pivot of each column; none when `a` is singular.
#[must_use]
pub fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let mut pivot = column;
        for row in column + 1..N {
            if a[row][column].abs() > a[pivot][column].abs() {
                pivot = row;
            }
        }
        a.swap(column, pivot);
        b.swap(column, pivot);
        let top = a[column];
        if top[column].is_nan() || top[column].abs() <= LEAST_PIVOT {
            return None;
        }
        for row in column + 1..N {
            let factor = a[row][column] / top[column];
            for (below, above) in a[row].iter_mut().zip(top) {
                *below -= factor * above;
            }
            b[row] -= factor * b[column];
        }
    }
    for row in (0..N).rev() {
        for k in row + 1..N {
            b[row] -= a[row][k] * b[k];
        }
        b[row] /= a[row][row];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(f64, f64); 6] = [
        (3.0, 5.0),
        (500.0, 20.0),
        (480.0, 270.0),
        (15.0, 260.0),
        (250.0, 100.0),
        (300.0, 33.0),
    ];

    fn pairs(map: &Homography) -> Vec<PointPair> {
        let there = |&p| Some((p, map.map(p)?));
        PLACES.iter().filter_map(there).collect()
    }

    fn apart(a: &Homography, b: &Homography) -> f64 {
        let distance = |&p| {
            let (p, q) = (a.map(p).expect("this side"), b.map(p).expect("this side"));
            (p.0 - q.0).hypot(p.1 - q.1)
        };
        PLACES.iter().map(distance).fold(0.0, f64::max)
    }

    #[test]
    fn exact_pairs_give_their_map_back() {
        let affine = Homography::affine([0.9, 0.2, 15.0, -0.3, 1.2, 40.0]).expect("a map");
        let tilted =
            Homography::new([0.9, 0.2, 15.0, -0.3, 1.2, 40.0, 4e-4, -2e-4, 1.0]).expect("a map");
        let found = Homography::fit_affine(&pairs(&affine)).expect("six pairs");
        assert!(apart(&found, &affine) < 1e-9);
        let found = Homography::fit(&pairs(&tilted)).expect("six pairs");
        assert!(apart(&found, &tilted) < 1e-7);
    }

    #[test]
    fn noise_averages_out() {
        let affine = Homography::affine([0.9, 0.2, 15.0, -0.3, 1.2, 40.0]).expect("a map");
        let mut noisy: Vec<_> = (0..10).flat_map(|_| pairs(&affine)).collect();
        for (i, (_, to)) in noisy.iter_mut().enumerate() {
            to.0 += [0.5, -0.5, 0.1, -0.1][i % 4];
            to.1 += [0.2, 0.3, -0.3, -0.2][i / 3 % 4];
        }
        let found = Homography::fit_affine(&noisy).expect("pairs");
        assert!(apart(&found, &affine) < 0.3);
        assert!(apart(&Homography::fit(&noisy).expect("pairs"), &affine) < 0.5);
    }

    #[test]
    fn points_on_a_line_or_in_a_spot_fit_no_map() {
        let line: Vec<_> = (0..9)
            .map(|i| (f64::from(i), f64::from(2 * i)))
            .map(|p| (p, p))
            .collect();
        assert_eq!(Homography::fit(&line), None);
        assert_eq!(Homography::fit_affine(&line), None);
        let spot = [((4.0, 4.0), (1.0, 2.0)); 5];
        assert_eq!(Homography::fit(&spot), None);
        assert_eq!(Homography::fit_affine(&line[..2]), None);
    }

    #[test]
    fn a_system_is_solved_whatever_its_order() {
        let found = solve(
            [[0.0, 2.0, 0.0], [0.0, 0.0, 4.0], [1.0, 1.0, 1.0]],
            [2.0, 8.0, 6.0],
        );
        assert_eq!(found, Some([3.0, 1.0, 2.0]));
        assert_eq!(solve([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]), None);
    }
}
