//! A smooth field of shifts over a picture: what bends lines that a homography leaves straight.
//!
//! ```text
//! B(u, v) = (u, v) + sum_ij b3(n u - i) b3(m v - j) c[j][i]        b3: the uniform cubic B-spline
//! det dB/d(u, v) >= 1/4,  dBu/du >= 1/5,  dBv/dv >= 1/5            everywhere that was looked: nothing folds
//! ```
//!
//! # Shapes and units
//! `(u, v)` in the unit square of the picture, shifts in shares of its sides. A mesh of `n x m` cells has `(n + 3) x (m + 3)` control
//! points, row by row. Outside the unit square the shift is that of the nearest point.
//! # Determinism
//! No fused multiply-add, fixed order.
//! # References
//! de Boor, "A Practical Guide to Splines", 1978, chapter IX. Lane and Riesenfeld, "A Theoretical Development for the Computer
//! Generation and Display of Piecewise Polynomial Surfaces", IEEE TPAMI 2(1), 1980. Rueckert et al., "Nonrigid Registration Using
//! Free-Form Deformations", IEEE TMI 18(8), 1999, eq. 1.

/// Control points that reach a point, along each side.
pub const REACH: usize = 4;

/// Looks for folds in each cell, along each side.
const LOOKS: usize = 4;

/// Share of its area that the least of a picture must keep.
const MIN_AREA: f64 = 0.25;

/// Share of its length that the shortest step along a side must keep.
const MIN_LENGTH: f64 = 0.2;

/// A field that folds nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Bend {
    /// Cells along and down.
    cells: (usize, usize),
    /// Right and down.
    shifts: Vec<[f64; 2]>,
}

/// A field along one row.
#[derive(Debug, Clone)]
pub struct BendRow {
    cells: usize,
    shifts: Vec<[f64; 2]>,
}

impl Bend {
    /// The field of these control points; none when they are too many or few for that many cells, not finite, or fold the picture.
    #[must_use]
    pub fn new(cells: (usize, usize), shifts: Vec<[f64; 2]>) -> Option<Self> {
        let (along, down) = points(cells);
        let sound = cells.0 > 0
            && cells.1 > 0
            && shifts.len() == along * down
            && shifts.as_flattened().iter().all(|shift| shift.is_finite());
        let bend = Self { cells, shifts };
        (sound && !bend.folds()).then_some(bend)
    }

    /// The field that shifts nothing.
    #[must_use]
    pub fn none(cells: (usize, usize)) -> Self {
        let cells = (cells.0.max(1), cells.1.max(1));
        let (along, down) = points(cells);
        Self {
            cells,
            shifts: vec![[0.0; 2]; along * down],
        }
    }

    /// The sum of fields, each times its weight; none when there is none, their cells differ or it folds the picture.
    #[must_use]
    pub fn sum(parts: &[(&Self, f64)]) -> Option<Self> {
        let cells = parts.first()?.0.cells;
        let mut shifts = vec![[0.0; 2]; parts[0].0.shifts.len()];
        for (part, weight) in parts {
            if part.cells != cells {
                return None;
            }
            for (sum, shift) in shifts.iter_mut().zip(&part.shifts) {
                *sum = [0, 1].map(|i| sum[i] + weight * shift[i]);
            }
        }
        Self::new(cells, shifts)
    }

    /// The same field on cells half as long.
    ///
    /// ```text
    /// c'[2 i] = (c[i] + c[i+1]) / 2,   c'[2 i + 1] = (c[i] + 6 c[i+1] + c[i+2]) / 8        along each side
    /// ```
    #[must_use]
    pub fn finer(&self) -> Self {
        let cells = (2 * self.cells.0, 2 * self.cells.1);
        let (along, rows) = (points(self.cells).0, points(self.cells).1);
        let (columns, down) = points(cells);
        // Which points of a side the finer one's is a mean of.
        let terms = |at: usize| match at % 2 {
            0 => [(at / 2, 0.5), (at / 2 + 1, 0.5), (at / 2, 0.0)],
            _ => [(at / 2, 0.125), (at / 2 + 1, 0.75), (at / 2 + 2, 0.125)],
        };
        let sum = |at: &dyn Fn(usize) -> [f64; 2], terms: [(usize, f64); 3]| {
            terms.iter().fold([0.0; 2], |sum, &(point, weight)| {
                let [right, down] = at(point);
                [sum[0] + weight * right, sum[1] + weight * down]
            })
        };
        let wide: Vec<[f64; 2]> = (0..rows * columns)
            .map(|i| {
                let (row, column) = (i / columns, i % columns);
                sum(&|point| self.shifts[row * along + point], terms(column))
            })
            .collect();
        let shifts = (0..down * columns).map(|i| {
            let (row, column) = (i / columns, i % columns);
            sum(&|point| wide[point * columns + column], terms(row))
        });
        Self {
            cells,
            shifts: shifts.collect(),
        }
    }

    /// Cells along and down.
    #[must_use]
    pub fn cells(&self) -> (usize, usize) {
        self.cells
    }

    /// The control points, row by row.
    #[must_use]
    pub fn shifts(&self) -> &[[f64; 2]] {
        &self.shifts
    }

    /// The field along the row at `v`.
    #[must_use]
    pub fn row(&self, v: f64) -> BendRow {
        let (first, weights) = weights(v, self.cells.1);
        self.combined(first, weights)
    }

    /// Where a point goes.
    #[must_use]
    pub fn map(&self, (u, v): (f64, f64)) -> (f64, f64) {
        let [right, down] = self.row(v).at(u);
        (u + right, v + down)
    }

    /// The longest shift, in shares of the sides.
    #[must_use]
    pub fn longest(&self) -> f64 {
        let (rows, columns) = (LOOKS * self.cells.1, LOOKS * self.cells.0);
        let mut longest = 0.0_f64;
        for y in 0..=rows {
            let row = self.row(y as f64 / rows as f64);
            for x in 0..=columns {
                let [right, down] = row.at(x as f64 / columns as f64);
                longest = longest.max(right.abs()).max(down.abs());
            }
        }
        longest
    }

    fn combined(&self, first: usize, weights: [f64; REACH]) -> BendRow {
        let along = self.cells.0 + REACH - 1;
        let column = |at: usize| {
            let mut sum = [0.0; 2];
            for (k, weight) in weights.iter().enumerate() {
                let shift = self.shifts[(first + k) * along + at];
                sum = [sum[0] + weight * shift[0], sum[1] + weight * shift[1]];
            }
            sum
        };
        BendRow {
            cells: self.cells.0,
            shifts: (0..along).map(column).collect(),
        }
    }

    /// Whether it folds the picture anywhere, or next to.
    fn folds(&self) -> bool {
        let (rows, columns) = (LOOKS * self.cells.1, LOOKS * self.cells.0);
        (0..=rows).any(|y| {
            let v = y as f64 / rows as f64;
            let (first, steep) = slopes(v, self.cells.1);
            let (level, steep) = (self.row(v), self.combined(first, steep));
            (0..=columns).any(|x| {
                let u = x as f64 / columns as f64;
                let (first, slope) = slopes(u, self.cells.0);
                let [xu, yu] = level.sum(first, slope);
                let [xv, yv] = steep.at(u);
                let (along, down) = (1.0 + xu, 1.0 + yv);
                let area = along * down - xv * yu;
                !(area >= MIN_AREA && along >= MIN_LENGTH && down >= MIN_LENGTH)
            })
        })
    }
}

impl BendRow {
    /// The shift at `u`.
    #[inline]
    #[must_use]
    pub fn at(&self, u: f64) -> [f64; 2] {
        let (first, weights) = weights(u, self.cells);
        self.sum(first, weights)
    }

    #[inline]
    fn sum(&self, first: usize, weights: [f64; REACH]) -> [f64; 2] {
        let mut sum = [0.0; 2];
        for (weight, shift) in weights.iter().zip(&self.shifts[first..first + REACH]) {
            sum = [sum[0] + weight * shift[0], sum[1] + weight * shift[1]];
        }
        sum
    }
}

/// Control points along and down.
fn points(cells: (usize, usize)) -> (usize, usize) {
    (cells.0 + REACH - 1, cells.1 + REACH - 1)
}

/// The cell of a place and how far into it that lies.
#[inline]
fn cell(at: f64, cells: usize) -> (usize, f64) {
    let last = cells as f64;
    let at = at * last;
    let at = if at > 0.0 { at } else { 0.0 };
    let at = if at < last { at } else { last };
    let first = (at as usize).min(cells - 1);
    (first, at - first as f64)
}

/// The first of the control points that reach a place of a side, and their weights there.
#[inline]
#[must_use]
pub fn weights(at: f64, cells: usize) -> (usize, [f64; REACH]) {
    let (first, t) = cell(at, cells);
    let (t2, s) = (t * t, 1.0 - t);
    let t3 = t2 * t;
    let sixth = 1.0 / 6.0;
    (
        first,
        [
            sixth * s * s * s,
            sixth * (3.0 * t3 - 6.0 * t2 + 4.0),
            sixth * (3.0 * (t + t2 - t3) + 1.0),
            sixth * t3,
        ],
    )
}

/// Their slopes along the side.
fn slopes(at: f64, cells: usize) -> (usize, [f64; REACH]) {
    let (first, t) = cell(at, cells);
    let (t2, s) = (t * t, 1.0 - t);
    let half = 0.5 * cells as f64;
    (
        first,
        [
            -half * s * s,
            half * (3.0 * t2 - 4.0 * t),
            half * (1.0 + 2.0 * t - 3.0 * t2),
            half * t2,
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: (usize, usize) = (6, 4);

    /// A field that is linear in its place: B-splines give back what their points lie on.
    fn linear(right: impl Fn(f64, f64) -> f64) -> Option<Bend> {
        let (along, down) = points(CELLS);
        let at = |index: usize, cells: usize| (index as f64 - 1.0) / cells as f64;
        let shifts = (0..along * down)
            .map(|i| [right(at(i % along, CELLS.0), at(i / along, CELLS.1)), 0.0])
            .collect();
        Bend::new(CELLS, shifts)
    }

    #[test]
    fn weights_add_up_and_their_slopes_are_their_differences() {
        for at in [0.0, 0.13, 0.5, 0.77, 1.0] {
            let (_, own) = weights(at, 6);
            assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(slopes(at, 6).1.iter().sum::<f64>().abs() < 1e-12);
        }
        let step = 1e-6;
        let (ahead, behind) = (weights(0.3 + step, 6).1, weights(0.3 - step, 6).1);
        for ((a, b), slope) in ahead.iter().zip(behind).zip(slopes(0.3, 6).1) {
            assert!(((a - b) / (2.0 * step) - slope).abs() < 1e-6);
        }
    }

    #[test]
    fn points_on_a_plane_shift_as_the_plane_does() {
        let bend = linear(|u, v| 0.02 + 0.1 * u - 0.05 * v).expect("folds nothing");
        for (u, v) in [(0.0, 0.0), (0.3, 0.9), (1.0, 1.0), (0.61, 0.07)] {
            let (x, y) = bend.map((u, v));
            assert!((x - u - (0.02 + 0.1 * u - 0.05 * v)).abs() < 1e-12);
            assert!((y - v).abs() < 1e-12);
        }
        assert!((bend.longest() - 0.12).abs() < 1e-12);
    }

    #[test]
    fn a_sum_shifts_by_the_sum_of_shifts() {
        let (one, other) = (linear(|u, _| 0.1 * u), linear(|_, v| 0.2 - 0.1 * v));
        let (one, other) = (one.expect("a field"), other.expect("a field"));
        let sum = Bend::sum(&[(&one, 1.5), (&other, -0.5)]).expect("folds nothing");
        let (x, _) = sum.map((0.4, 0.6));
        assert!((x - (0.4 + 1.5 * 0.04 - 0.5 * 0.14)).abs() < 1e-12);
        assert_eq!(Bend::sum(&[(&one, -9.0)]), None, "left for right");
        assert_eq!(Bend::sum(&[(&one, 1.0), (&Bend::none((5, 5)), 1.0)]), None);
        assert_eq!(Bend::sum(&[]), None);
    }

    #[test]
    fn finer_cells_hold_the_same_field() {
        let (along, down) = points(CELLS);
        let wild = |i: usize| [0.01 * (i as f64 * 1.7).sin(), 0.01 * (i as f64 * 0.9).cos()];
        let bend = Bend::new(CELLS, (0..along * down).map(wild).collect()).expect("a field");
        let finer = bend.finer();
        assert_eq!(finer.cells(), (12, 8));
        for (u, v) in [
            (0.0, 0.0),
            (0.31, 0.77),
            (0.5, 0.5),
            (0.99, 0.02),
            (1.0, 1.0),
        ] {
            let ((x, y), (a, b)) = (bend.map((u, v)), finer.map((u, v)));
            assert!((x - a).abs() < 1e-12 && (y - b).abs() < 1e-12, "{u} {v}");
        }
    }

    #[test]
    fn what_folds_or_is_no_number_is_refused() {
        assert!(linear(|u, _| -0.7 * u).is_some());
        assert!(linear(|u, _| -0.85 * u).is_none(), "too narrow");
        assert!(linear(|u, _| -1.2 * u).is_none(), "left for right");
        assert!(linear(|_, _| f64::NAN).is_none());
        assert!(Bend::new(CELLS, vec![[0.0; 2]; 12]).is_none());
        assert!(Bend::new((0, 0), Vec::new()).is_none());
        let wave = |a: f64| linear(move |u, _| a * (std::f64::consts::TAU * u).sin());
        assert!(wave(0.04).is_some());
        assert!(wave(0.2).is_none(), "2 pi 0.2 > 1: it turns back");
    }

    #[test]
    fn nothing_is_shifted_by_none_and_outside_the_nearest_shift_holds() {
        let none = Bend::none(CELLS);
        assert_eq!(none.map((0.4, 0.2)), (0.4, 0.2));
        let bend = linear(|u, _| 0.1 * u).expect("folds nothing");
        assert!((bend.map((1.5, 0.5)).0 - 1.6).abs() < 1e-12);
    }
}
