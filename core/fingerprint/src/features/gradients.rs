//! Gradients of a blurred plane, and the directions that prevail around a point.
//!
//! ```text
//! magnitude = sqrt(dx^2 + dy^2),  direction = atan2(dy, dx)         central differences
//! h[b]      = sum over the window of magnitude * exp(-d^2 / (2 (1.5 sigma)^2)),  b = 36 direction
//! ```
//!
//! # Shapes and units
//! Magnitudes in half code values a sample, directions in turns (see [`crate::elementary`]). Bin `b` is centred at `b / 36`
//! of a turn, so that a mirror sends bins onto bins.
//! # References
//! D. G. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004), section 5.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled once for each instruction set"
)]

use super::plane::Plane;
use crate::elementary::{direction, exp};

const BINS: usize = 36;

/// A second direction counts from this share of the first.
const SECOND_PEAK: f32 = 0.8;

/// The gradients of a plane; zero at the rim.
#[derive(Debug, Default)]
pub(super) struct Gradients {
    pub(super) magnitude: Plane,
    pub(super) direction: Plane,
}

/// The gradients of a plane.
#[inline(always)]
pub(super) fn differentiated(plane: &Plane, gradients: &mut Gradients) {
    let (width, height) = (plane.width, plane.height);
    gradients.magnitude.resize(width, height);
    gradients.direction.resize(width, height);
    for plane in [&mut gradients.magnitude, &mut gradients.direction] {
        plane.clear_rim();
    }
    for y in 1..height - 1 {
        let inner = y * width + 1..(y + 1) * width - 1;
        let row = plane.row(y);
        let across = row[2..].iter().zip(&row[..width - 2]);
        let up = &plane.row(y - 1)[1..width - 1];
        let down = plane.row(y + 1)[1..width - 1].iter().zip(up);
        let magnitudes = &mut gradients.magnitude.samples[inner.clone()];
        let directions = &mut gradients.direction.samples[inner];
        let out = magnitudes.iter_mut().zip(directions);
        for ((magnitude, turns), ((right, left), (down, up))) in out.zip(across.zip(down)) {
            let (dx, dy) = (right - left, down - up);
            *magnitude = (dx * dx + dy * dy).sqrt();
            *turns = direction(dy, dx);
        }
    }
}

impl Gradients {
    /// The strongest direction around a point, and perhaps a second one, in turns.
    pub(super) fn prevailing(&self, x: f64, y: f64, sigma: f64) -> [Option<f64>; 2] {
        let histogram = self.histogram(x, y, sigma * 1.5);
        let most = histogram.iter().copied().fold(0.0, f32::max);
        let mut peaks = [None; 2];
        if most <= 0.0 {
            return peaks;
        }
        let mut heights = [0.0_f32; 2];
        for b in 0..BINS {
            let (before, here) = (histogram[(b + BINS - 1) % BINS], histogram[b]);
            let after = histogram[(b + 1) % BINS];
            if here < SECOND_PEAK * most || here <= before || here < after {
                continue;
            }
            let bend = f64::from((before + after) - 2.0 * here);
            let vertex = f64::from(before - after) / (2.0 * bend);
            let turns = Some((b as f64 + vertex) / BINS as f64);
            if here > heights[0] {
                (peaks, heights) = ([turns, peaks[0]], [here, heights[0]]);
            } else if here > heights[1] {
                (peaks[1], heights[1]) = (turns, here);
            }
        }
        peaks
    }

    fn histogram(&self, x: f64, y: f64, window: f64) -> [f32; BINS] {
        let columns = Window::new(x, 3.0 * window, window, self.magnitude.width);
        let rows = Window::new(y, 3.0 * window, window, self.magnitude.height);
        let mut bins = [0.0_f32; BINS + 1];
        for (row, &row_weight) in (rows.first..).zip(&rows.weights) {
            let span = columns.first..columns.first + columns.weights.len();
            let magnitudes = &self.magnitude.row(row)[span.clone()];
            let directions = &self.direction.row(row)[span];
            let gradients = magnitudes.iter().zip(directions);
            for ((magnitude, turns), weight) in gradients.zip(&columns.weights) {
                let place = turns * BINS as f32;
                let bin = (place as usize).min(BINS - 1);
                let (share, weight) = (place - bin as f32, magnitude * (weight * row_weight));
                bins[bin] += weight * (1.0 - share);
                bins[bin + 1] += weight * share;
            }
        }
        bins[0] += bins[BINS];
        let round = |b: usize, by: usize| bins[(b + by) % BINS];
        std::array::from_fn(|b| {
            let near = round(b, BINS - 1) + round(b, 1);
            let far = round(b, BINS - 2) + round(b, 2);
            (6.0 * bins[b] + 4.0 * near + far) / 16.0
        })
    }
}

/// Gaussian weights of the samples along one axis around a point, cut at the rim of the plane.
pub(super) struct Window {
    pub(super) first: usize,
    pub(super) weights: Vec<f32>,
}

impl Window {
    pub(super) fn new(centre: f64, radius: f64, sigma: f64, side: usize) -> Self {
        let first = (centre - radius).ceil().max(1.0) as usize;
        let last = (centre + radius).floor().clamp(0.0, side as f64 - 2.0) as usize;
        let weight = |at: usize| {
            let d = (at as f64 - centre) / sigma;
            exp(-d * d / 2.0) as f32
        };
        Self {
            first,
            weights: (first..=last).map(weight).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_prevails_in_its_own_direction() {
        for (dx, dy, turns) in [(1.0, 0.0, 0.0), (0.0, 1.0, 0.25), (-1.0, -1.0, 0.625)] {
            let (width, height) = (40, 40);
            let samples = (0..width * height)
                .map(|i| (i % width) as f32 * dx + (i / width) as f32 * dy)
                .collect();
            let plane = Plane {
                width,
                height,
                samples,
            };
            let mut gradients = Gradients::default();
            differentiated(&plane, &mut gradients);
            let [first, second] = gradients.prevailing(20.3, 19.6, 2.0);
            let found = first.expect("a slope").rem_euclid(1.0);
            assert!(
                (found - turns).abs().min((found - turns - 1.0).abs()) < 1e-3,
                "{found}"
            );
            assert_eq!(second, None);
        }
    }

    #[test]
    fn nothing_prevails_on_a_flat_plane() {
        let plane = Plane {
            width: 30,
            height: 30,
            samples: vec![7.0; 900],
        };
        let mut gradients = Gradients::default();
        differentiated(&plane, &mut gradients);
        assert_eq!(gradients.prevailing(15.0, 15.0, 2.0), [None; 2]);
    }
}
