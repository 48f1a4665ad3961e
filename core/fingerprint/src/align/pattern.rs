//! A normalised reference with its gradients, compared to what the suspect shows in its place.
//!
//! ```text
//! gx = (r(x + 1) - r(x - 1)) / 2,   gy alike,   e = s - r,   w = (1 - e^2 / cut^2)^2 for |e| < cut, else 0
//! ```
//!
//! The gradient is zero where a neighbour is masked or missing: such samples say nothing about the motion.
//!
//! # Shapes and units
//! Planes are row major in normalised levels, tiles as in [`super::motion`].

use super::motion::{TILE, Tile};

/// A reference, normalised, with its gradients.
pub(super) struct Pattern {
    level: Vec<f32>,
    slope_x: Vec<f32>,
    slope_y: Vec<f32>,
}

impl Pattern {
    /// Normalised rows of `width` samples and which of them count.
    pub(super) fn new(level: Vec<f32>, mask: &[bool], width: usize) -> Self {
        let height = level.len() / width;
        let mut slope_x = vec![0.0; level.len()];
        let mut slope_y = vec![0.0; level.len()];
        for y in 1..height.saturating_sub(1) {
            for at in y * width + 1..(y + 1) * width - 1 {
                let around = [at - 1, at + 1, at - width, at + width, at];
                if around.iter().all(|&at| mask[at]) {
                    slope_x[at] = 0.5 * (level[at + 1] - level[at - 1]);
                    slope_y[at] = 0.5 * (level[at + width] - level[at - width]);
                }
            }
        }
        Self {
            level,
            slope_x,
            slope_y,
        }
    }

    /// Adds what `seen`, the suspect on this grid, says to the tiles.
    pub(super) fn gather(&self, seen: &[f32], width: usize, cut: f32, tiles: &mut [Tile]) {
        let per_cut = if cut > 0.0 { 1.0 / (cut * cut) } else { 0.0 };
        let planes = self.level.chunks_exact(width).zip(seen.chunks_exact(width));
        let slopes = self.slope_x.chunks_exact(width);
        let slopes = slopes.zip(self.slope_y.chunks_exact(width));
        let across = width.div_ceil(TILE);
        for (y, ((r, s), (gx, gy))) in planes.zip(slopes).enumerate() {
            let tiles = &mut tiles[y / TILE * across..][..across];
            let levels = r.chunks(TILE).zip(s.chunks(TILE));
            let slopes = gx.chunks(TILE).zip(gy.chunks(TILE));
            for (tile, ((r, s), (gx, gy))) in tiles.iter_mut().zip(levels.zip(slopes)) {
                let mut sums = [0.0_f32; 11];
                for (((&r, &s), &gx), &gy) in r.iter().zip(s).zip(gx).zip(gy) {
                    let e = s - r;
                    let keep = (1.0 - e * e * per_cut).max(0.0);
                    let w = keep * keep;
                    let (wx, wy) = (w * gx, w * gy);
                    let (rr, rs, ss) = (r * r, r * s, s * s);
                    let gradient = [wx * gx, wx * gy, wy * gy, wx * e, wy * e];
                    let energy = [rr, rs, ss, w * rr, w * rs, w * ss];
                    for (sum, term) in sums.iter_mut().zip(gradient.into_iter().chain(energy)) {
                        *sum += term;
                    }
                }
                tile.add(&sums);
            }
        }
    }
}

/// Standard deviation of the residuals, from the median of every seventh one that counts.
pub(super) fn deviation(
    pattern: &Pattern,
    seen: &[f32],
    mask: &[bool],
    spare: &mut Vec<f32>,
) -> f32 {
    let pairs = seen.iter().zip(&pattern.level).zip(mask).step_by(7);
    spare.clear();
    spare.extend(pairs.filter_map(|((s, r), &held)| held.then_some((s - r).abs())));
    if spare.is_empty() {
        return 0.0;
    }
    let middle = spare.len() / 2;
    1.4826 * *spare.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_to_the_right_is_a_residual_against_the_slope() {
        let ramp: Vec<f32> = (0..256).map(|i| 0.25 * (i % 16) as f32).collect();
        let pattern = Pattern::new(ramp.clone(), &[true; 256], 16);
        let seen: Vec<f32> = ramp.iter().map(|r| r + 0.125).collect();
        let mut tiles = vec![Tile::default(); 4];
        // A cut this far off leaves every weight at 1 to within 1e-7.
        pattern.gather(&seen, 16, 1e3, &mut tiles);
        // 7 x 7 samples of the tile have neighbours on all sides.
        let [xx, xy, yy] = tiles[0].gradient;
        assert!((xx - 49.0 * 0.0625).abs() < 1e-4 && xy.abs() < 1e-6 && yy.abs() < 1e-6);
        assert!((tiles[0].residual[0] / xx - 0.5).abs() < 1e-5);
    }

    #[test]
    fn the_deviation_is_that_of_the_middle_and_not_of_the_outliers() {
        let pattern = Pattern::new(vec![0.0; 700], &[true; 700], 70);
        let mut seen = vec![0.1_f32; 700];
        seen[..210].fill(50.0);
        let found = deviation(&pattern, &seen, &[true; 700], &mut Vec::new());
        assert!((found - 0.14826).abs() < 1e-4);
    }
}
