//! Small motions of a picture and the equations that they solve.
//!
//! ```text
//! W(d) = I + sum_k d_k G_k   in coordinates (u, v) = ((x, y) - centre) / half,   |u|, |v| <= 1
//! A = sum_tiles Phi' [xx xy; xy yy] Phi,   b = sum_tiles Phi' [x; y],   Phi(u, v) = dW/dd at the tile's centre
//! xx = sum w gx gx, xy = sum w gx gy, yy = sum w gy gy, x = sum w gx e, y = sum w gy e   over the tile's samples
//! ```
//!
//! The first 2, 4, 6, 8 generators are those of translations, similarities, affine and projective maps.
//!
//! # Shapes and units
//! Parameters in units of `half`, the longer half side in samples; tiles in samples.

use crate::homography::Homography;

/// Parameters of a projective map.
pub(super) const MAX: usize = 8;

/// What the samples of one tile say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tile {
    /// Weighted products of the gradient with itself: along x, mixed, along y.
    pub(super) gradient: [f64; 3],
    /// Weighted products of the gradient and the residual.
    pub(super) residual: [f64; 2],
    /// Energy of the reference, common energy, energy of the suspect.
    pub(super) energy: [f64; 3],
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
        let corners = [(0.0, 0.0), (2.0 * x, 0.0), (0.0, 2.0 * y), (2.0 * x, 2.0 * y)];
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

    /// Adds a tile whose centre is `at`.
    pub(super) fn add(&mut self, coordinates: &Coordinates, at: (f64, f64), tile: &Tile, weight: f64) {
        let [along, down] = coordinates.fields(at);
        let [xx, xy, yy] = tile.gradient.map(|g| g * weight);
        let [x, y] = tile.residual.map(|r| r * weight);
        for i in 0..MAX {
            let (p, q) = (along[i] * xx + down[i] * xy, along[i] * xy + down[i] * yy);
            self.b[i] += along[i] * x + down[i] * y;
            for j in 0..=i {
                self.a[i][j] += p * along[j] + q * down[j];
            }
        }
    }

    /// The first `count` parameters, the diagonal raised by the share `damping`; none when singular.
    pub(super) fn solve(&self, count: usize, damping: f64) -> Option<[f64; MAX]> {
        // Cholesky, A = L L'.
        let mut l = [[0.0; MAX]; MAX];
        for i in 0..count {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                if i == j {
                    let left = self.a[i][i] * (1.0 + damping) - known;
                    let sound = left > SINGULAR * self.a[i][i] && left > 0.0;
                    l[i][i] = sound.then(|| left.sqrt())?;
                } else {
                    l[i][j] = (self.a[i][j] - known) / l[j][j];
                }
            }
        }
        let mut d = [0.0; MAX];
        for i in 0..count {
            let known: f64 = (0..i).map(|k| l[i][k] * d[k]).sum();
            d[i] = (self.b[i] - known) / l[i][i];
        }
        for i in (0..count).rev() {
            let known: f64 = (i + 1..count).map(|k| l[k][i] * d[k]).sum();
            d[i] = (d[i] - known) / l[i][i];
        }
        Some(d)
    }
}

/// Below this share of its diagonal a pivot is rounding.
const SINGULAR: f64 = 1e-9;
