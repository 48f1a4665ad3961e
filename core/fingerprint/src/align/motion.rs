//! Small motions of a picture and the equations that they solve.
//!
//! ```text
//! W(d) = I + sum_k d_k G_k   in coordinates (u, v) = ((x, y) - centre) / half,   |u|, |v| <= 1
//! A = sum_tiles Phi' [xx xy; xy yy] Phi,   b = sum_tiles Phi' [x; y],   Phi(u, v) = dW/dd at the tile's centre
//! xx = sum w gx gx, xy = sum w gx gy, yy = sum w gy gy, x = sum w gx e, y = sum w gy e   over the tile's samples
//! ```
//!
//! The generators are those of two translations, scale, turn, aspect, shear, and of two of perspective.
//!
//! # Shapes and units
//! Parameters in units of `half`, the longer half side in samples; tiles in samples.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once more inside of a function with other instructions"
)]

use countermark_picture::Homography;

/// Below this share of its diagonal a pivot is rounding.
const SINGULAR: f64 = 1e-9;

/// Generators of projective maps.
pub(super) const MAX: usize = 8;

/// Side of a tile in samples. Within one, `Phi` is that of its centre: the steps are longer or shorter by a share, the
/// place where they end is the same.
pub(super) const TILE: usize = 8;

/// What the samples of one tile say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tile {
    /// Weighted products of the gradient with itself: along x, mixed, along y.
    pub(super) gradient: [f64; 3],
    /// Weighted products of the gradient and the residual.
    pub(super) residual: [f64; 2],
    /// Energy of the reference, common energy, energy of the suspect.
    pub(super) energy: [f64; 3],
    /// The same with the samples' weights.
    pub(super) kept: [f64; 3],
}

impl Tile {
    /// Adds the sums of its rows, in the order of the fields and of the rows.
    #[inline(always)]
    pub(super) fn add(&mut self, sums: &[[f32; TILE]; 11]) {
        let fields = self.gradient.iter_mut().chain(&mut self.residual);
        let fields = fields.chain(&mut self.energy).chain(&mut self.kept);
        for (field, rows) in fields.zip(sums) {
            for &sum in rows {
                *field += f64::from(sum);
            }
        }
    }
}

/// The coordinates in which motions are well conditioned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coordinates {
    centre: (f64, f64),
    half: f64,
}

/// `A d = b`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Equations {
    a: [[f64; MAX]; MAX],
    b: [f64; MAX],
}

impl Coordinates {
    /// Those of a `width x height` grid.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            centre: (0.5 * width as f64, 0.5 * height as f64),
            half: 0.5 * width.max(height) as f64,
        }
    }

    /// Displacement in samples at a point by one unit of each generator.
    fn fields(&self, (x, y): (f64, f64)) -> [[f64; MAX]; 2] {
        let u = (x - self.centre.0) / self.half;
        let v = (y - self.centre.1) / self.half;
        let along = [1.0, 0.0, u, -v, u, v, u * u, u * v];
        let down = [0.0, 1.0, v, u, -v, u, u * v, v * v];
        [along.map(|f| f * self.half), down.map(|f| f * self.half)]
    }

    /// `W(d)` in samples; none when it has no inverse.
    fn motion(&self, d: &[f64; MAX]) -> Option<Homography> {
        let scaled = Homography::new([
            1.0 + d[2] + d[4],
            d[5] - d[3],
            d[0],
            d[5] + d[3],
            1.0 + d[2] - d[4],
            d[1],
            -d[6],
            -d[7],
            1.0,
        ])?;
        let (x, y) = self.centre;
        let back = Homography::affine([self.half, 0.0, x, 0.0, self.half, y])?;
        back.inverse()?.then(&scaled)?.then(&back)
    }

    /// `H W(d)^-1`.
    pub(super) fn compose(&self, map: &Homography, d: &[f64; MAX]) -> Option<Homography> {
        self.motion(d)?.inverse()?.then(map)
    }

    /// Squared length in samples of the longest displacement of a corner by `d`.
    pub(super) fn corner_shift(&self, d: &[f64; MAX]) -> f64 {
        let (x, y) = self.centre;
        let corners = [
            (0.0, 0.0),
            (2.0 * x, 0.0),
            (0.0, 2.0 * y),
            (2.0 * x, 2.0 * y),
        ];
        corners.into_iter().fold(0.0, |longest: f64, corner| {
            let [along, down] = self.fields(corner);
            let dot = |field: [f64; MAX]| -> f64 { field.iter().zip(d).map(|(f, d)| f * d).sum() };
            let (dx, dy) = (dot(along), dot(down));
            longest.max(dx * dx + dy * dy)
        })
    }
}

impl Equations {
    pub(super) fn new() -> Self {
        Self {
            a: [[0.0; MAX]; MAX],
            b: [0.0; MAX],
        }
    }

    /// Adds what a tile whose centre is `at` says of the first `count` generators.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        coordinates: &Coordinates,
        at: (f64, f64),
        (tile, weight): (&Tile, f64),
        count: usize,
    ) {
        let [along, down] = coordinates.fields(at);
        let [xx, xy, yy] = tile.gradient.map(|g| g * weight);
        let [x, y] = tile.residual.map(|r| r * weight);
        for i in 0..count.min(MAX) {
            let (p, q) = (along[i] * xx + down[i] * xy, along[i] * xy + down[i] * yy);
            self.b[i] += along[i] * x + down[i] * y;
            for j in 0..=i {
                self.a[i][j] += p * along[j] + q * down[j];
            }
        }
    }

    /// The parameters of some generators, ascending, the others 0, the diagonal raised by the share `damping`; none when
    /// singular.
    pub(super) fn solve(&self, generators: &[usize], damping: f64) -> Option<[f64; MAX]> {
        let count = generators.len();
        let a = |i: usize, j: usize| self.a[generators[i]][generators[j]];
        // Cholesky, A = L L'.
        let mut l = [[0.0; MAX]; MAX];
        for i in 0..count {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                if i == j {
                    let left = a(i, i) * (1.0 + damping) - known;
                    let sound = left > SINGULAR * a(i, i) && left > 0.0;
                    l[i][i] = sound.then(|| left.sqrt())?;
                } else {
                    l[i][j] = (a(i, j) - known) / l[j][j];
                }
            }
        }
        let mut d = [0.0; MAX];
        for i in 0..count {
            let known: f64 = (0..i).map(|k| l[i][k] * d[k]).sum();
            d[i] = (self.b[generators[i]] - known) / l[i][i];
        }
        for i in (0..count).rev() {
            let known: f64 = (i + 1..count).map(|k| l[k][i] * d[k]).sum();
            d[i] = (d[i] - known) / l[i][i];
        }
        let mut all = [0.0; MAX];
        for (generator, d) in generators.iter().zip(d) {
            all[*generator] = d;
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texture(seed: usize) -> Tile {
        let some = |k: usize| ((seed * 37 + k * 11) % 17) as f64;
        Tile {
            gradient: [20.0 + some(1), some(2) - 8.0, 20.0 + some(3)],
            ..Tile::default()
        }
    }

    #[test]
    fn a_motion_is_found_from_the_residuals_that_it_makes() {
        let coordinates = Coordinates::new(96, 64);
        let motion = [0.01, -0.02, 0.03, 0.015, -0.01, 0.02, 0.005, -0.004];
        let mut equations = Equations::new();
        for index in 0..96 {
            let at = ((index % 12 * 8 + 4) as f64, (index / 12 * 8 + 4) as f64);
            let [along, down] = coordinates.fields(at);
            let dot =
                |field: [f64; MAX]| -> f64 { field.iter().zip(&motion).map(|(f, d)| f * d).sum() };
            let (x, y) = (dot(along), dot(down));
            let mut tile = texture(index);
            let [xx, xy, yy] = tile.gradient;
            tile.residual = [xx * x + xy * y, xy * x + yy * y];
            equations.add(&coordinates, at, (&tile, 0.7), MAX);
        }
        let found = equations
            .solve(&[0, 1, 2, 3, 4, 5, 6, 7], 0.0)
            .expect("well conditioned");
        for (found, true_one) in found.iter().zip(motion) {
            assert!((found - true_one).abs() < 1e-10);
        }
    }

    #[test]
    fn a_step_back_from_a_motion_is_no_motion() {
        let coordinates = Coordinates::new(96, 64);
        let d = [0.01, -0.02, 0.03, 0.015, -0.01, 0.02, 0.005, -0.004];
        let map = coordinates.motion(&d).expect("invertible");
        let none = coordinates.compose(&map, &d).expect("invertible");
        let (x, y) = none.map((90.0, 3.0)).expect("finite");
        assert!((x - 90.0).abs() < 1e-9 && (y - 3.0).abs() < 1e-9);
    }

    #[test]
    fn the_fields_are_the_derivatives_of_the_motions() {
        let coordinates = Coordinates::new(96, 64);
        let at = (80.0, 11.0);
        let fields = coordinates.fields(at);
        for k in 0..MAX {
            let mut d = [0.0; MAX];
            d[k] = 1e-6;
            let (x, y) = coordinates
                .motion(&d)
                .and_then(|w| w.map(at))
                .expect("finite");
            assert!((x - at.0 - 1e-6 * fields[0][k]).abs() < 1e-9, "{k}");
            assert!((y - at.1 - 1e-6 * fields[1][k]).abs() < 1e-9, "{k}");
        }
    }

    #[test]
    fn one_texture_along_one_line_is_singular() {
        let coordinates = Coordinates::new(96, 64);
        let mut equations = Equations::new();
        let tile = Tile {
            gradient: [1.0, 0.0, 0.0],
            ..Tile::default()
        };
        equations.add(&coordinates, (20.0, 20.0), (&tile, 1.0), MAX);
        assert!(equations.solve(&[0, 1], 1e-3).is_none());
    }
}
