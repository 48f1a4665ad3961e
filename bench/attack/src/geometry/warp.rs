//! Warps: each sample of the result is looked up at a place of the source.
//!
//! ```text
//! out(x, y) = c b(f(x, y)) + (1 - c) black,     b(u, v) = sum_ij k(i + 1/2 - u) k(j + 1/2 - v) p(i, j)
//! c(u, v)   = clamp(u + 1/2) clamp(W - u + 1/2) clamp(v + 1/2) clamp(H - v + 1/2),   clamp to 0 .. 1
//! ```
//!
//! `f` is the inverse map and `k` the kernel of [`super::resample`]; samples beyond the edge repeat the edge, and `c` is
//! the share of a sample's own square that lies inside. The kernel is not widened where a warp shrinks: what shrinks a
//! whole picture belongs to [`super::resample`].
//!
//! # Shapes and units
//! Luma pixels, centres of samples at halves; chroma uses the same `f` in its own pixels: `x / 2`.

use crate::lie::Lie;
use crate::{NEUTRAL, Picture, Plane};

use super::homography::{Homography, Point};

/// The picture of the same size whose sample at (x, y) is the source's at `source(x, y)`, black beyond its edges.
pub(crate) fn warped(picture: &Picture, source: impl Fn(f64, f64) -> Point) -> Picture {
    let black = picture.black();
    let mut warped = picture.map_planes(|plane, shrink| {
        let outside = if shrink == 1 { black } else { NEUTRAL };
        plane_of(plane, shrink as f64, outside, &source)
    });
    warped.lies = Lie::nowhere();
    warped
}

/// The picture of the same size whose sample at `p` is the source's at `back(p)`.
pub(crate) fn mapped(picture: &Picture, back: &Homography) -> Picture {
    let mut mapped = warped(picture, |x, y| back.of(x, y));
    mapped.lies = picture.lies.then(&back.inverse());
    mapped
}

/// Where the sixteen samples around a place begin, and how far it lies beyond the second of each four.
#[derive(Debug, Clone, Copy)]
struct Taps {
    corner: u32,
    right: f32,
    down: f32,
}

impl Taps {
    /// Of a sample that is done already.
    const NONE: Self = Self {
        corner: u32::MAX,
        right: 0.0,
        down: 0.0,
    };
}

fn plane_of(plane: &Plane, unit: f64, outside: f32, source: &impl Fn(f64, f64) -> Point) -> Plane {
    let (width, height) = (plane.width(), plane.height());
    let (right, bottom) = (width as f64 - 1.5, height as f64 - 1.5);
    let share = 1.0 / unit;
    let mut out = Plane::filled(width, height, outside);
    // Places first, samples second: in one loop the divisions of one wait for the sums of the other.
    let mut places = vec![Taps::NONE; width];
    for (y, row) in out.rows_mut().enumerate() {
        let y = (y as f64 + 0.5) * unit;
        for (x, (place, value)) in places.iter_mut().zip(row.iter_mut()).enumerate() {
            let (u, v) = source((x as f64 + 0.5) * unit, y);
            let (u, v) = (u * share, v * share);
            *place = if u >= 1.5 && u < right && v >= 1.5 && v < bottom {
                let (u, v) = (u - 0.5, v - 0.5);
                let (i, j) = (u as u32, v as u32);
                Taps {
                    corner: (j - 1) * width as u32 + i - 1,
                    right: (u - f64::from(i)) as f32,
                    down: (v - f64::from(j)) as f32,
                }
            } else {
                *value = at_edge(plane, u, v, outside);
                Taps::NONE
            };
        }
        for (place, value) in places.iter().zip(row) {
            if place.corner != u32::MAX {
                *value = inside(plane.samples(), width, *place);
            }
        }
    }
    out
}

/// A sample that has all sixteen around it.
#[inline]
fn inside(samples: &[f32], width: usize, place: Taps) -> f32 {
    let (across, down) = (weights(place.right), weights(place.down));
    let four = |k: usize| {
        let from = place.corner as usize + k * width;
        &samples[from..from + 4]
    };
    let (a, b, c, d) = (four(0), four(1), four(2), four(3));
    let mut sums = [0.0_f32; 4];
    for k in 0..4 {
        let column = (a[k] * down[0] + b[k] * down[1]) + (c[k] * down[2] + d[k] * down[3]);
        sums[k] = column * across[k];
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// A sample near or beyond the edge.
fn at_edge(plane: &Plane, u: f64, v: f64, outside: f32) -> f32 {
    let share = |at: f64, side: usize| {
        (at + 0.5).clamp(0.0, 1.0) * (side as f64 - at + 0.5).clamp(0.0, 1.0)
    };
    // What is no number lies outside.
    let inside = (share(u, plane.width()) * share(v, plane.height())).max(0.0) as f32;
    if inside <= 0.0 {
        return outside;
    }
    let (left, top) = ((u - 0.5).floor(), (v - 0.5).floor());
    let (wu, wv) = (
        weights((u - 0.5 - left) as f32),
        weights((v - 0.5 - top) as f32),
    );
    let mut sum = 0.0;
    for (y, wv) in (top as isize - 1..).zip(wv) {
        for (x, wu) in (left as isize - 1..).zip(wu) {
            sum += wv * wu * plane.clamped(x, y);
        }
    }
    if inside < 1.0 {
        outside + inside * (sum - outside)
    } else {
        sum
    }
}

/// The kernel at `-1 - t`, `-t`, `1 - t`, `2 - t`.
#[inline]
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        -0.5 * t3 + t2 - 0.5 * t,
        1.5 * t3 - 2.5 * t2 + 1.0,
        -1.5 * t3 + 2.0 * t2 + 0.5 * t,
        0.5 * t3 - 0.5 * t2,
    ]
}

#[cfg(test)]
mod tests {
    use super::super::resample::keys;
    use super::*;
    use crate::pattern::{BICUBIC_ERROR, drawn, largest_error, waves};

    #[test]
    fn weights_are_the_kernel() {
        for t in [0.0_f32, 0.25, 0.7, 0.999] {
            for (offset, weight) in [-1.0, 0.0, 1.0, 2.0].into_iter().zip(weights(t)) {
                let expected = keys(offset - f64::from(t));
                assert!((f64::from(weight) - expected).abs() < 1e-6, "{t} {offset}");
            }
        }
    }

    #[test]
    fn identity_is_exact_in_every_plane_up_to_the_edge() {
        let picture = drawn(24, 18, waves);
        let warped = warped(&picture, |x, y| (x, y));
        let same = |a: &Plane, b: &Plane| a.samples() == b.samples();
        assert!(
            same(&warped.y, &picture.y)
                && same(&warped.u, &picture.u)
                && same(&warped.v, &picture.v)
        );
        let still = Homography::shift(0.0, 0.0);
        assert_eq!(mapped(&picture, &still), picture);
    }

    #[test]
    fn chroma_goes_where_luma_goes() {
        let picture = drawn(128, 96, waves);
        let map = |x: f64, y: f64| (1.02 * x + 0.03 * y - 1.7, 0.98 * y - 0.02 * x + 2.3);
        let error = largest_error(&warped(&picture, map), 12.0, |x, y| {
            let (u, v) = map(x, y);
            waves(u, v)
        });
        assert!(error < BICUBIC_ERROR, "{error}");
    }

    #[test]
    fn edge_lies_half_a_sample_beyond_the_last_centre() {
        let white = drawn(16, 16, |_, _| 216.0);
        let moved = warped(&white, |x, y| (x - 3.25, y));
        let row = moved.y.row(8);
        for (x, value) in [(2, 16.0), (3, 16.0 + 0.75 * 200.0), (4, 216.0)] {
            assert!((row[x] - value).abs() < 1e-3, "{x}: {}", row[x]);
        }
        let lost = warped(&white, |_, _| (f64::NAN, f64::INFINITY));
        assert!(lost.y.samples().iter().all(|v| (v - 16.0).abs() < 1e-6));
    }
}
