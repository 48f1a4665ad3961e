//! One picture seen through a map on the grid of another.
//!
//! ```text
//! v[j,i] = s(H (i + 1/2, j + 1/2)),   s bilinear after n passes of [1 2 1]/4 along both axes
//! ```
//!
//! The passes bring two pictures of unlike sampling to like resolution. A sample that is `q` times as wide as another's
//! adds a variance of `(q^2 - 1) / 12` in samples of the finer one, and one pass on either side adds `(q^2 - 1) / 2`; one
//! pass on the finer grid takes away `1 / 2` of that difference.
//!
//! # Shapes and units
//! Grids are row major, points in samples as in [`Grey`].

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once more inside of a function with other instructions"
)]
#![expect(
    clippy::needless_bitwise_bool,
    reason = "a kernel without branches does several samples at a time"
)]

use countermark_picture::{Grey, Homography};

use super::x86;

/// Passes at most.
pub(super) const MOST_PASSES: usize = 12;

/// Passes over the finer picture that make up for samples of the other that are `ratio` times as wide.
pub(super) fn passes(ratio: f64) -> usize {
    let excess = (ratio * ratio - 1.0).max(0.0) * (1.0 / 12.0 + 0.5);
    ((2.0 * excess).round() as usize).min(MOST_PASSES)
}

/// Samples of a row whose places are reckoned together.
const RUN: usize = 16;

/// Added to a whole number below 2^31, it leaves that number in the low half of the bits.
const WHOLE: f64 = (1_u64 << 52) as f64;

/// Samples a picture through a map on a grid of `width` columns; outside, its border goes on.
pub(super) fn through(map: &Homography, picture: &Grey, width: usize, grid: &mut [f32]) {
    x86::through(map, picture, width, grid);
}

/// Kernel of [`through`].
#[inline(always)]
pub(super) fn sampled(map: &Homography, picture: &Grey, width: usize, grid: &mut [f32]) {
    let h = map.matrix();
    if h[6..] == [0.0, 0.0, 1.0] {
        // Most maps are affine, and divisions take longer than all the rest.
        sample(h, picture, width, grid, |_| 1.0);
    } else {
        sample(h, picture, width, grid, |w| {
            if w > 1e-9 { 1.0 / w } else { 0.0 }
        });
    }
}

#[inline(always)]
fn sample(
    h: [f64; 9],
    picture: &Grey,
    width: usize,
    grid: &mut [f32],
    inverse: impl Fn(f64) -> f64,
) {
    let (columns, rows) = (picture.width(), picture.height());
    let (right, bottom) = ((columns - 1) as f64, (rows - 1) as f64);
    let samples = picture.samples();
    // Not `clamp`, whose care for what is no number takes longer.
    let within = |at: f64, most: f64| {
        let at = if at > 0.0 { at } else { 0.0 };
        if at < most { at } else { most }
    };
    let whole = |floor: f64| (floor + WHOLE).to_bits() as u32;
    let (last_column, last_row) = (columns as u32 - 1, rows as u32 - 1);
    for (j, row) in grid.chunks_exact_mut(width).enumerate() {
        let y = j as f64 + 0.5;
        let (px, py, pw) = (h[1] * y + h[2], h[4] * y + h[5], h[7] * y + h[8]);
        for (run, values) in row.chunks_mut(RUN).enumerate() {
            // Places first, all of a run at once; then samples, which no two have in common; then all of the run again.
            let mut shares = [[0.0_f32; RUN]; 2];
            let mut corners = [[0_u32; RUN]; 4];
            for k in 0..RUN {
                let x = (run * RUN + k) as f64 + 0.5;
                let per = inverse(h[6] * x + pw);
                let at_x = within((h[0] * x + px) * per - 0.5, right);
                let at_y = within((h[3] * x + py) * per - 0.5, bottom);
                let (floor_x, floor_y) = (at_x.floor(), at_y.floor());
                shares[0][k] = (at_x - floor_x) as f32;
                shares[1][k] = (at_y - floor_y) as f32;
                let (x0, y0) = (whole(floor_x), whole(floor_y));
                let x1 = (x0 + 1).min(last_column);
                let (y0, y1) = (y0 * columns as u32, (y0 + 1).min(last_row) * columns as u32);
                corners[0][k] = y0 + x0;
                corners[1][k] = y0 + x1;
                corners[2][k] = y1 + x0;
                corners[3][k] = y1 + x1;
            }
            let mut levels = [[0.0_f32; RUN]; 4];
            for (levels, corners) in levels.iter_mut().zip(&corners) {
                for (level, &corner) in levels.iter_mut().zip(corners) {
                    *level = samples[corner as usize];
                }
            }
            let mut seen = [0.0_f32; RUN];
            for k in 0..RUN {
                let (fx, fy) = (shares[0][k], shares[1][k]);
                let top = levels[0][k] + fx * (levels[1][k] - levels[0][k]);
                let low = levels[2][k] + fx * (levels[3][k] - levels[2][k]);
                seen[k] = top + fy * (low - top);
            }
            values.copy_from_slice(&seen[..values.len()]);
        }
    }
}

/// Which samples of a `width x height` grid the map sends at least `margin` inside a `columns x rows` picture.
pub(super) fn inside(
    (width, height): (usize, usize),
    picture: (usize, usize),
    map: &Homography,
    margin: f64,
) -> Vec<bool> {
    let mut held = vec![false; width * height];
    x86::inside(map, picture, margin, width, &mut held);
    held
}

/// Kernel of [`inside`].
#[inline(always)]
pub(super) fn held(
    map: &Homography,
    (columns, rows): (usize, usize),
    margin: f64,
    width: usize,
    held: &mut [bool],
) {
    let h = map.matrix();
    let (right, bottom) = (columns as f64 - margin, rows as f64 - margin);
    for (j, row) in held.chunks_exact_mut(width).enumerate() {
        let y = j as f64 + 0.5;
        for (i, held) in row.iter_mut().enumerate() {
            // As `Homography::map`, in the same order.
            let x = i as f64 + 0.5;
            let w = h[6] * x + h[7] * y + h[8];
            let at_x = (h[0] * x + h[1] * y + h[2]) / w;
            let at_y = (h[3] * x + h[4] * y + h[5]) / w;
            *held = (w > 1e-9)
                & (at_x >= margin)
                & (at_x <= right)
                & (at_y >= margin)
                & (at_y <= bottom);
        }
    }
}

/// Share of a `width x height` picture that the map sends into a `columns x rows` one.
pub(super) fn overlap(
    (width, height): (usize, usize),
    suspect: (usize, usize),
    map: &Homography,
) -> f64 {
    let inside = inside((width, height), suspect, map, 0.0);
    inside.iter().filter(|&&held| held).count() as f64 / inside.len() as f64
}
