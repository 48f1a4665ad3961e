//! Separable resampling of a window of a picture to another size, antialiased.
//!
//! ```text
//! x_i    = left + (i + 1/2) s,   s = width of the window / width of the result,   m = max(s, 1)
//! out(i) = sum_j k((j + 1/2 - x_i) / m) p(j)  /  sum_j k((j + 1/2 - x_i) / m)
//! k(x)   = 3/2 |x|^3 - 5/2 x^2 + 1             |x| <= 1       (a = -1/2)
//!        = -1/2 |x|^3 + 5/2 x^2 - 4 |x| + 2    1 < |x| < 2
//! ```
//!
//! Samples beyond the picture's edge repeat the edge. What a window shows beyond the picture is black: a sample of the
//! result takes the share of black by which its own square, `s` wide, lies outside.
//!
//! # Shapes and units
//! Luma pixels from the picture's upper left corner; centres of samples at halves. Chroma in its own pixels: `x / 2`.
//!
//! # References
//! R. G. Keys (1981), Cubic convolution interpolation for digital image processing, IEEE Trans. ASSP 29(6), eq. 15.

use crate::{NEUTRAL, Picture, Plane};

use super::homography::Homography;

/// Keys' kernel with `a = -1/2`.
pub(super) fn keys(x: f64) -> f64 {
    let x = x.abs();
    if x <= 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// A part of a picture's plane, which it may leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    /// Left edge.
    pub(super) left: f64,
    /// Upper edge.
    pub(super) top: f64,
    /// Columns.
    pub(super) width: f64,
    /// Rows.
    pub(super) height: f64,
}

impl Window {
    /// All of a picture.
    pub(crate) fn whole(picture: &Picture) -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            width: picture.width() as f64,
            height: picture.height() as f64,
        }
    }

    /// The window around the same centre with its sides divided by `zoom`.
    pub(crate) fn zoomed(self, zoom: f64) -> Self {
        let (width, height) = (self.width / zoom, self.height / zoom);
        Self {
            left: self.left + (self.width - width) / 2.0,
            top: self.top + (self.height - height) / 2.0,
            width,
            height,
        }
    }

    /// The largest part around the same centre with the aspect of a picture of `size`.
    pub(crate) fn of_aspect(self, size: (usize, usize)) -> Self {
        let wanted = size.0 as f64 / size.1 as f64;
        let width = self.width.min(self.height * wanted);
        let height = self.height.min(self.width / wanted);
        Self {
            left: self.left + (self.width - width) / 2.0,
            top: self.top + (self.height - height) / 2.0,
            width,
            height,
        }
    }

    /// Where the pixels of a picture lie in one of `size` that shows this window of it.
    fn onto(self, size: (usize, usize)) -> Homography {
        Homography::shift(-self.left, -self.top).then(&Homography::stretch(
            size.0 as f64 / self.width,
            size.1 as f64 / self.height,
        ))
    }

    /// The window moved.
    pub(crate) fn moved(self, columns: f64, rows: f64) -> Self {
        Self {
            left: self.left + columns,
            top: self.top + rows,
            ..self
        }
    }
}

/// What `window` shows of a picture, as a picture of `size`: columns and rows, both even.
pub(crate) fn resampled(picture: &Picture, size: (usize, usize), window: Window) -> Picture {
    let black = picture.black();
    let mut seen = picture.map_planes(|plane, shrink| {
        let outside = if shrink == 1 { black } else { NEUTRAL };
        let unit = shrink as f64;
        let columns = Axis::new(
            plane.width(),
            size.0 / shrink,
            window.left / unit,
            window.width / unit,
        );
        let rows = Axis::new(
            plane.height(),
            size.1 / shrink,
            window.top / unit,
            window.height / unit,
        );
        both(plane, &columns, &rows, outside)
    });
    seen.lies = seen.lies.then(&window.onto(size));
    seen
}

/// The samples of one line that make each sample of the result.
struct Axis {
    /// Samples of the source that each sample of the result is made of.
    taps: usize,
    first: Vec<usize>,
    /// `taps` for each sample of the result, of sum 1.
    weights: Vec<f32>,
    /// The share of each sample of the result that lies inside the picture.
    inside: Vec<f32>,
}

impl Axis {
    fn new(length: usize, size: usize, start: f64, window: f64) -> Self {
        let step = window / size as f64;
        let stretch = step.max(1.0);
        let reach = (4.0 * stretch).ceil() as usize;
        let taps = reach.min(length);
        let mut axis = Self {
            taps,
            first: Vec::with_capacity(size),
            weights: vec![0.0; taps * size],
            inside: Vec::with_capacity(size),
        };
        let last = length as isize - 1;
        let mut kernel = vec![0.0; reach];
        for (i, weights) in axis.weights.chunks_exact_mut(taps).enumerate() {
            let left = start + i as f64 * step;
            let centre = left + step / 2.0 - 0.5;
            let low = (centre - 2.0 * stretch).floor() as isize + 1;
            for (j, weight) in (low..).zip(&mut kernel) {
                *weight = keys((j as f64 - centre) / stretch);
            }
            let sum: f64 = kernel.iter().sum();
            let first = low.clamp(0, (length - taps) as isize);
            for (j, weight) in (low..).zip(&kernel) {
                weights[(j.clamp(0, last) - first) as usize] += (weight / sum) as f32;
            }
            let overlap = (left + step).min(length as f64) - left.max(0.0);
            axis.first.push(first as usize);
            // A billionth absorbs the rounding of windows that end with the picture.
            axis.inside
                .push((overlap / step + 1e-9).clamp(0.0, 1.0) as f32);
        }
        axis
    }

    fn weights(&self, i: usize) -> &[f32] {
        &self.weights[i * self.taps..][..self.taps]
    }
}

fn both(plane: &Plane, columns: &Axis, rows: &Axis, outside: f32) -> Plane {
    let mut out = Plane::filled(columns.first.len(), rows.first.len(), outside);
    let mut line = vec![0.0_f32; plane.width()];
    for (y, row) in out.rows_mut().enumerate() {
        let covered = rows.inside[y];
        if covered <= 0.0 {
            continue;
        }
        line.fill(0.0);
        for (from, &weight) in (rows.first[y]..).zip(rows.weights(y)) {
            // Whole steps leave one tap of four, which is then a copy.
            if weight.abs() > 0.0 {
                for (sum, sample) in line.iter_mut().zip(plane.row(from)) {
                    *sum += weight * sample;
                }
            }
        }
        for (x, value) in row.iter_mut().enumerate() {
            let sample = dot(&line[columns.first[x]..], columns.weights(x));
            let share = covered * columns.inside[x];
            *value = if share < 1.0 {
                outside + share * (sample - outside)
            } else {
                sample
            };
        }
    }
    out
}

/// The sum of products over the shorter slice, four at a time.
fn dot(samples: &[f32], weights: &[f32]) -> f32 {
    let (fours, rest) = weights.as_chunks::<4>();
    let (samples, _) = samples.split_at(weights.len());
    let (sample_fours, sample_rest) = samples.as_chunks::<4>();
    let mut sums = [0.0_f32; 4];
    for (s, w) in sample_fours.iter().zip(fours) {
        for k in 0..4 {
            sums[k] += s[k] * w[k];
        }
    }
    let rest: f32 = sample_rest.iter().zip(rest).map(|(s, w)| s * w).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{BICUBIC_ERROR, drawn, largest_error, waves};

    fn window(left: f64, top: f64, width: f64, height: f64) -> Window {
        Window {
            left,
            top,
            width,
            height,
        }
    }

    #[test]
    fn kernel_interpolates_and_its_shifts_sum_to_one() {
        for (x, value) in [
            (0.0, 1.0),
            (1.0, 0.0),
            (-2.0, 0.0),
            (0.5, 0.5625),
            (1.5, -0.0625),
        ] {
            assert!((keys(x) - value).abs() < 1e-12, "{x}");
        }
        for shift in [0.1, 0.37, 0.9] {
            let sum: f64 = (-2..3).map(|j| keys(f64::from(j) + shift)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        }
    }

    #[test]
    fn whole_window_at_its_own_size_is_a_copy() {
        let picture = drawn(38, 26, waves);
        assert_eq!(
            resampled(&picture, (38, 26), Window::whole(&picture)),
            picture
        );
    }

    #[test]
    fn any_window_shows_the_pattern_at_its_place() {
        let picture = drawn(160, 120, waves);
        for (size, part) in [
            ((200, 90), window(10.0, 6.0, 140.0, 108.0)),
            ((96, 96), window(21.3, 17.8, 96.0, 80.0)),
        ] {
            let out = resampled(&picture, size, part);
            let (sx, sy) = (part.width / size.0 as f64, part.height / size.1 as f64);
            let expected = |x: f64, y: f64| waves(part.left + x * sx, part.top + y * sy);
            let error = largest_error(&out, 4.0, expected);
            // Widened by 1.33 the kernel loses more than where it interpolates.
            assert!(error < 2.0 * BICUBIC_ERROR, "{error}");
        }
    }

    #[test]
    fn fine_detail_vanishes_when_it_no_longer_fits() {
        let stripes = drawn(128, 64, |x, _| {
            if (x as usize).is_multiple_of(2) {
                28.0
            } else {
                228.0
            }
        });
        let out = resampled(&stripes, (32, 16), Window::whole(&stripes));
        let inner = &out.y.row(8)[2..30];
        assert!(
            inner.iter().all(|v| (v - 128.0).abs() < 2.0),
            "aliased: {inner:?}"
        );
    }

    #[test]
    fn black_covers_each_sample_by_the_share_outside() {
        let white = drawn(16, 16, |_, _| 216.0);
        let out = resampled(&white, (16, 16), window(-2.25, 0.0, 16.0, 16.0));
        let row = out.y.row(8);
        for (x, value) in [(0, 16.0), (1, 16.0), (2, 16.0 + 0.75 * 200.0), (3, 216.0)] {
            assert!((row[x] - value).abs() < 1e-3, "{x}: {}", row[x]);
        }
    }
}
