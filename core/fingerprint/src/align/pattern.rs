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

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once more inside of a function with other instructions"
)]

use super::motion::{TILE, Tile};
use super::x86;

/// Samples of a tile, column by column: the rows of one column lie side by side, for each row has a sum of its own.
type Turned = [[f32; TILE]; TILE];

/// A reference, normalised, with its gradients, tile by tile in the order of rows. Beyond the picture all are zero, and say
/// nothing.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Row major, for the deviation.
    level: Vec<f32>,
    tiles: Vec<Texture>,
}

/// One tile.
#[derive(Debug, Clone, Copy, Default)]
struct Texture {
    level: Turned,
    slope_x: Turned,
    slope_y: Turned,
}

/// Which samples of a mask, rows of `width`, have four neighbours that it holds too.
pub(super) fn surrounded(mask: &[bool], width: usize) -> Vec<bool> {
    let height = mask.len() / width;
    let mut all = vec![false; mask.len()];
    for y in 1..height.saturating_sub(1) {
        let row = |y: usize| &mask[y * width..(y + 1) * width];
        let (above, here, below) = (row(y - 1), row(y), row(y + 1));
        let inner = &mut all[y * width + 1..(y + 1) * width - 1];
        let sides = here.iter().zip(&here[2..]).zip(&here[1..]);
        let ends = above[1..].iter().zip(&below[1..]);
        for (all, (((left, right), own), (up, down))) in inner.iter_mut().zip(sides.zip(ends)) {
            *all = left & right & own & up & down;
        }
    }
    all
}

impl Pattern {
    /// Normalised rows of `width` samples and which of them have gradients.
    pub(super) fn new(level: &[f32], surrounded: &[bool], width: usize) -> Self {
        let height = level.len() / width;
        let across = width.div_ceil(TILE);
        let mut tiles = vec![Texture::default(); across * height.div_ceil(TILE)];
        for y in 0..height {
            let row = y * width..(y + 1) * width;
            let tiles = &mut tiles[y / TILE * across..][..across];
            for (x, at) in row.enumerate() {
                let (tile, column) = (&mut tiles[x / TILE], x % TILE);
                tile.level[column][y % TILE] = level[at];
                if surrounded[at] {
                    tile.slope_x[column][y % TILE] = 0.5 * (level[at + 1] - level[at - 1]);
                    tile.slope_y[column][y % TILE] = 0.5 * (level[at + width] - level[at - width]);
                }
            }
        }
        Self {
            level: level.to_vec(),
            tiles,
        }
    }

    /// Adds what `seen`, the suspect on this grid, says to the tiles.
    pub(super) fn gather(&self, seen: &[f32], width: usize, cut: f32, tiles: &mut [Tile]) {
        x86::gather(self, seen, width, cut, tiles);
    }
}

/// Kernel of [`Pattern::gather`]: the sums of a tile's eight rows side by side.
#[inline(always)]
pub(super) fn gather(pattern: &Pattern, seen: &[f32], width: usize, cut: f32, tiles: &mut [Tile]) {
    let per_cut = if cut > 0.0 { 1.0 / (cut * cut) } else { 0.0 };
    let across = width.div_ceil(TILE);
    let bands = seen.chunks(TILE * width).zip(tiles.chunks_mut(across));
    for ((seen, tiles), textures) in bands.zip(pattern.tiles.chunks_exact(across)) {
        for (number, (tile, texture)) in tiles.iter_mut().zip(textures).enumerate() {
            let left = number * TILE;
            let s = turned(seen, width, left);
            let mut sums = [[0.0_f32; TILE]; 11];
            for column in 0..TILE {
                let (s, r) = (&s[column], &texture.level[column]);
                let (gx, gy) = (&texture.slope_x[column], &texture.slope_y[column]);
                for row in 0..TILE {
                    let (r, s, gx, gy) = (r[row], s[row], gx[row], gy[row]);
                    let e = s - r;
                    let keep = 1.0 - e * e * per_cut;
                    let keep = if keep > 0.0 { keep } else { 0.0 };
                    let w = keep * keep;
                    let (wx, wy) = (w * gx, w * gy);
                    let (rr, rs, ss) = (r * r, r * s, s * s);
                    sums[0][row] += wx * gx;
                    sums[1][row] += wx * gy;
                    sums[2][row] += wy * gy;
                    sums[3][row] += wx * e;
                    sums[4][row] += wy * e;
                    sums[5][row] += rr;
                    sums[6][row] += rs;
                    sums[7][row] += ss;
                    sums[8][row] += w * rr;
                    sums[9][row] += w * rs;
                    sums[10][row] += w * ss;
                }
            }
            tile.add(&sums);
        }
    }
}

/// Eight rows of eight columns from `left` on, turned; zeros beyond the picture.
#[inline(always)]
fn turned(rows: &[f32], width: usize, left: usize) -> Turned {
    let mut square = [[0.0; TILE]; TILE];
    for (line, row) in square.iter_mut().zip(rows.chunks_exact(width)) {
        match row[left..].first_chunk::<TILE>() {
            Some(eight) => *line = *eight,
            None => line[..width - left].copy_from_slice(&row[left..]),
        }
    }
    std::array::from_fn(|column| std::array::from_fn(|row| square[row][column]))
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
        let pattern = Pattern::new(&ramp, &surrounded(&[true; 256], 16), 16);
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
        let pattern = Pattern::new(&[0.0; 700], &surrounded(&[true; 700], 70), 70);
        let mut seen = vec![0.1_f32; 700];
        seen[..210].fill(50.0);
        let found = deviation(&pattern, &seen, &[true; 700], &mut Vec::new());
        assert!((found - 0.14826).abs() < 1e-4);
    }
}
