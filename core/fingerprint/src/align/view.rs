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

use countermark_picture::{Grey, Homography};

/// Passes over the finer picture that make up for samples of the other that are `ratio` times as wide.
pub(super) fn passes(ratio: f64) -> usize {
    let excess = (ratio * ratio - 1.0).max(0.0) * (1.0 / 12.0 + 0.5);
    ((2.0 * excess).round() as usize).min(12)
}

/// Samples of a row whose places are reckoned together.
const RUN: usize = 16;

/// Samples a picture through a map on a grid of `width` columns; outside, its border goes on.
pub(super) fn through(map: &Homography, picture: &Grey, width: usize, grid: &mut [f32]) {
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

#[inline]
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
    for (j, row) in grid.chunks_exact_mut(width).enumerate() {
        let y = j as f64 + 0.5;
        let (px, py, pw) = (h[1] * y + h[2], h[4] * y + h[5], h[7] * y + h[8]);
        for (run, values) in row.chunks_mut(RUN).enumerate() {
            // Places first, all of a run at once; then samples, which no two have in common.
            let mut places = [[0.0; RUN]; 2];
            let [xs, ys] = &mut places;
            for (k, (at_x, at_y)) in xs.iter_mut().zip(ys).enumerate() {
                let x = (run * RUN + k) as f64 + 0.5;
                let per = inverse(h[6] * x + pw);
                *at_x = within((h[0] * x + px) * per - 0.5, right);
                *at_y = within((h[3] * x + py) * per - 0.5, bottom);
            }
            for (value, (&at_x, &at_y)) in values.iter_mut().zip(places[0].iter().zip(&places[1])) {
                // Sides are far below 2^31, and the narrower conversion is one instruction.
                let (x0, y0) = (at_x as i32 as usize, at_y as i32 as usize);
                let (fx, fy) = ((at_x - x0 as f64) as f32, (at_y - y0 as f64) as f32);
                let (x1, y1) = ((x0 + 1).min(columns - 1), (y0 + 1).min(rows - 1) * columns);
                let y0 = y0 * columns;
                let top = samples[y0 + x0] + fx * (samples[y0 + x1] - samples[y0 + x0]);
                let low = samples[y1 + x0] + fx * (samples[y1 + x1] - samples[y1 + x0]);
                *value = top + fy * (low - top);
            }
        }
    }
}

/// Which samples of a `width x height` grid the map sends at least `margin` inside a `columns x rows` picture.
pub(super) fn inside(
    (width, height): (usize, usize),
    (columns, rows): (usize, usize),
    map: &Homography,
    margin: f64,
) -> Vec<bool> {
    let (right, bottom) = (columns as f64 - margin, rows as f64 - margin);
    let grid = (0..height).flat_map(|j| (0..width).map(move |i| (i as f64 + 0.5, j as f64 + 0.5)));
    grid.map(|point| {
        map.map(point)
            .is_some_and(|(x, y)| (margin..=right).contains(&x) && (margin..=bottom).contains(&y))
    })
    .collect()
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
