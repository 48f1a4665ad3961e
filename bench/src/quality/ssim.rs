//! Structural similarity of luma.
//!
//! ```text
//! f = max(1, round(min(width, height) / 256)),   picture -> means of whole f x f squares
//! SSIM(x, y) = (2 m_x m_y + C1)(2 s_xy + C2) / ((m_x^2 + m_y^2 + C1)(s_x^2 + s_y^2 + C2))
//! m_x = sum_i w_i x_i,   s_xy = sum_i w_i x_i y_i - m_x m_y,   w: Gaussian, 11 x 11, sigma 1.5, sum 1
//! C1 = (0.01 L)^2,  C2 = (0.03 L)^2,  L = 2^bit_depth - 1;   a frame's is the mean over all windows inside the picture
//! ```
//!
//! The picture is downsampled first, as the authors suggest, to the scale at which one looks at a whole picture. At 1080
//! and at 2160 lines that leaves 480 x 270 samples. The squares lie side by side from the upper left corner; what is
//! left over at the right and below, fewer than `f` samples, is not seen. The window is separable: columns, then rows.
//!
//! # Shapes and units
//! A ratio: 1 for equal pictures, and code values of any depth.
//!
//! # References
//! Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli (2004), Image quality assessment: from error visibility to
//! structural similarity, IEEE Trans. Image Processing 13(4), eq. 13; the downsampling is step 1 of the authors'
//! "Suggested Usage" of `ssim_index.m`.

use countermark_picture::PlaneView;
use serde::{Deserialize, Serialize};

use super::frames::FrameAt;
use super::pair::{PlanePair, Square, code};

/// Samples on either side of a window's middle.
const REACH: usize = 5;
const WINDOW: usize = 2 * REACH + 1;
const SIGMA: f64 = 1.5;
const K1: f64 = 0.01;
const K2: f64 = 0.03;
/// What is averaged over a window: x, y, x^2 + y^2, x y.
const MOMENTS: usize = 4;

/// The result over a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ssim {
    /// Over frames.
    pub mean: f64,
    /// The worst frame's.
    pub worst: f64,
    /// The worst frame, the first of equals.
    pub worst_frame: FrameAt,
}

/// Measures frames with a workspace of one size, and adds them up.
#[derive(Debug, Clone, Default)]
pub(super) struct SsimMeter {
    workspace: Workspace,
    sum: f64,
    worst: Option<(f64, FrameAt)>,
    frames: u64,
}

#[derive(Debug, Clone, Default)]
struct Workspace {
    /// Sums of `factor` rows, column by column.
    columns: Vec<u32>,
    /// Downsampled master and marked picture.
    pictures: [Vec<f64>; 2],
    /// Each sample's share of every moment.
    moments: [Vec<f64>; MOMENTS],
    /// One row of a moment, averaged over columns.
    smoothed: Vec<f64>,
    /// One row of every moment, averaged over windows.
    averages: [Vec<f64>; MOMENTS],
}

impl SsimMeter {
    pub(super) fn add<T: Square>(&mut self, at: FrameAt, pair: &PlanePair<'_, T>) {
        let ssim = self.workspace.measure(pair);
        self.sum += ssim;
        self.frames += 1;
        if self.worst.is_none_or(|(worst, _)| ssim < worst) {
            self.worst = Some((ssim, at));
        }
    }

    /// None without frames.
    pub(super) fn result(&self) -> Option<Ssim> {
        let (worst, worst_frame) = self.worst?;
        Some(Ssim {
            mean: self.sum / self.frames as f64,
            worst,
            worst_frame,
        })
    }
}

impl Workspace {
    fn measure<T: Square>(&mut self, pair: &PlanePair<'_, T>) -> f64 {
        let factor = factor(pair.width().min(pair.height()));
        let (width, height) = (pair.width() / factor, pair.height() / factor);
        let [master, marked] = &mut self.pictures;
        downsample(pair.master(), factor, &mut self.columns, master);
        downsample(pair.marked(), factor, &mut self.columns, marked);
        let of_samples: [fn(f64, f64) -> f64; MOMENTS] =
            [|x, _| x, |_, y| y, |x, y| x * x + y * y, |x, y| x * y];
        for (moment, of_samples) in self.moments.iter_mut().zip(of_samples) {
            moment.clear();
            let samples = master.iter().zip(&*marked);
            moment.extend(samples.map(|(&x, &y)| of_samples(x, y)));
        }
        let peak = f64::from(pair.bit_depth().max_code());
        let (c1, c2) = ((K1 * peak).powi(2), (K2 * peak).powi(2));
        let taps = taps();
        self.smoothed.resize(width, 0.0);
        let mut sum = 0.0;
        let windows = (width - 2 * REACH, height - 2 * REACH);
        for y in 0..windows.1 {
            for (moment, average) in self.moments.iter().zip(&mut self.averages) {
                let row = |k: usize| &moment[(y + k) * width..][..width];
                average.resize(windows.0, 0.0);
                weigh(&taps, row, &mut self.smoothed);
                weigh(&taps, |k| &self.smoothed[k..k + windows.0], average);
            }
            sum += similarity(&self.averages, c1, c2);
        }
        sum / (windows.0 * windows.1) as f64
    }
}

/// How many samples become one, each way.
fn factor(short_side: usize) -> usize {
    ((short_side + 128) / 256).max(1)
}

/// Half of the symmetric window along one side: the middle tap first.
fn taps() -> [f64; REACH + 1] {
    let half: [f64; REACH + 1] =
        std::array::from_fn(|k| (-((k * k) as f64) / (2.0 * SIGMA * SIGMA)).exp());
    let sum = 2.0 * half.iter().sum::<f64>() - half[0];
    half.map(|tap| tap / sum)
}

/// Means of whole squares of `factor` samples a side, row by row.
fn downsample<T: Square>(
    plane: &PlaneView<'_, T>,
    factor: usize,
    columns: &mut Vec<u32>,
    picture: &mut Vec<f64>,
) {
    let width = plane.geometry().width() / factor;
    let height = plane.geometry().height() / factor;
    let scale = 1.0 / (factor * factor) as f64;
    picture.clear();
    for y in 0..height {
        columns.clear();
        columns.resize(width * factor, 0);
        for row in y * factor..(y + 1) * factor {
            for (sum, &sample) in columns.iter_mut().zip(plane.row(row)) {
                *sum += code(sample) as u32;
            }
        }
        // At most 128 x 128 samples of 16 bits: 2^30.
        let squares = columns.chunks_exact(factor);
        picture.extend(squares.map(|square| f64::from(square.iter().sum::<u32>()) * scale));
    }
}

/// `out = sum_k w_k line(k)` over the window's eleven lines; equal taps are folded.
fn weigh<'a>(taps: &[f64; REACH + 1], line: impl Fn(usize) -> &'a [f64], out: &mut [f64]) {
    for (out, &middle) in out.iter_mut().zip(line(REACH)) {
        *out = taps[0] * middle;
    }
    for (k, tap) in taps.iter().enumerate().skip(1) {
        let sides = line(REACH - k).iter().zip(line(REACH + k));
        for (out, (&before, &after)) in out.iter_mut().zip(sides) {
            *out += tap * (before + after);
        }
    }
}

/// The sum of a row's similarities. Equal pictures give exactly 1 each: numerator and denominator round alike.
fn similarity(averages: &[Vec<f64>; MOMENTS], c1: f64, c2: f64) -> f64 {
    let [x, y, squares, products] = averages;
    let means = x.iter().zip(y);
    let seconds = squares.iter().zip(products);
    let mut sum = 0.0;
    for ((&x, &y), (&squares, &products)) in means.zip(seconds) {
        let (power, product) = (x * x + y * y, x * y);
        let luminance = (2.0 * product + c1) / (power + c1);
        let structure = (2.0 * (products - product) + c2) / (squares - power + c2);
        sum += luminance * structure;
    }
    sum
}

const _: () = assert!(super::pair::LEAST_SIDE >= WINDOW);

#[cfg(test)]
mod tests {
    use super::super::pair::tests::{Picture, noise};
    use super::*;

    fn measure<T: Square>(a: &Picture<T>, b: &Picture<T>) -> f64 {
        Workspace::default().measure(&a.with(b))
    }

    /// Straight from the formula: the window in two dimensions, moments about the mean, means of squares by name.
    fn oracle(
        size: (usize, usize),
        factor: usize,
        peak: f64,
        at: impl Fn(usize, [usize; 2]) -> f64,
    ) -> f64 {
        let shrunk = |which, x: usize, y: usize| {
            let square = (0..factor * factor)
                .map(|i| at(which, [x * factor + i % factor, y * factor + i / factor]));
            square.sum::<f64>() / (factor * factor) as f64
        };
        let gauss = |i: usize| (-(i as f64 - 5.0).powi(2) / (2.0 * 1.5 * 1.5)).exp();
        let total: f64 = (0..121).map(|i| gauss(i % 11) * gauss(i / 11)).sum();
        let (c1, c2) = ((0.01 * peak).powi(2), (0.03 * peak).powi(2));
        let (width, height) = (size.0 / factor, size.1 / factor);
        let mut sum = 0.0;
        for y in 0..height - 10 {
            for x in 0..width - 10 {
                let window: Vec<(f64, f64, f64)> = (0..121)
                    .map(|i| {
                        let (u, v) = (i % 11, i / 11);
                        let w = gauss(u) * gauss(v) / total;
                        (w, shrunk(0, x + u, y + v), shrunk(1, x + u, y + v))
                    })
                    .collect();
                let mean = |of: fn(&(f64, f64, f64)) -> f64| {
                    window.iter().map(|s| s.0 * of(s)).sum::<f64>()
                };
                let (mx, my) = (mean(|s| s.1), mean(|s| s.2));
                let about = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
                    window.iter().map(|s| s.0 * of(s.1 - mx, s.2 - my)).sum()
                };
                let (xx, yy, xy) = (
                    about(&|a, _| a * a),
                    about(&|_, b| b * b),
                    about(&|a, b| a * b),
                );
                sum += (2.0 * mx * my + c1) * (2.0 * xy + c2)
                    / ((mx * mx + my * my + c1) * (xx + yy + c2));
            }
        }
        sum / ((width - 10) * (height - 10)) as f64
    }

    #[test]
    fn agrees_with_the_formula_at_8_bits_and_odd_sizes() {
        let size = (37, 23);
        let sample = |which: usize, [x, y]: [usize; 2]| {
            (x * 3 + y * 2) as u32 + noise(7, x, y, 20) + which as u32 * noise(8, x, y, 12)
        };
        let paint = |which| Picture::new(size, 8, move |x, y| sample(which, [x, y]) as u8);
        let expected = oracle(size, 1, 255.0, |which, at| f64::from(sample(which, at)));
        let measured = measure(&paint(0), &paint(1));
        // E[x^2] - E[x]^2 loses 255^2 / C2 = 1e3 units in the last place of f64.
        assert!((measured - expected).abs() < 1e-11, "{measured} {expected}");
        assert!((0.5..0.99).contains(&measured), "{measured}");
    }

    #[test]
    fn agrees_with_the_formula_after_downsampling_at_10_bits() {
        // 389 lines: round(389 / 256) = 2, with a column and a line left over.
        let size = (391, 389);
        let sample = |which: usize, [x, y]: [usize; 2]| {
            (x + y) as u32 + noise(9, x, y, 80) + which as u32 * noise(10, x, y, 90)
        };
        let paint = |which| Picture::new(size, 10, move |x, y| sample(which, [x, y]) as u16);
        let expected = oracle(size, 2, 1023.0, |which, at| f64::from(sample(which, at)));
        let measured = measure(&paint(0), &paint(1));
        assert!((measured - expected).abs() < 1e-11, "{measured} {expected}");
    }

    #[test]
    fn equal_pictures_are_exactly_at_1() {
        for bits in [9, 16] {
            let top = (1_u32 << bits) - 1;
            let picture = Picture::new((40, 60), bits, |x, y| noise(11, x, y, top) as u16);
            assert!((measure(&picture, &picture) - 1.0).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn a_shift_of_a_flat_picture_costs_luminance_alone() {
        let flat = |level: u8| Picture::new((30, 20), 8, move |_, _| level);
        let c1 = 2.55_f64.powi(2);
        let expected = (2.0 * 100.0 * 110.0 + c1) / (100.0_f64.powi(2) + 110.0_f64.powi(2) + c1);
        assert!((measure(&flat(100), &flat(110)) - expected).abs() < 1e-12);
    }

    #[test]
    fn factor_brings_the_short_side_near_256() {
        let factors = [16, 360, 383, 384, 540, 720, 1080, 2160].map(factor);
        assert_eq!(factors, [1, 1, 1, 2, 2, 3, 4, 8]);
    }

    #[test]
    fn sizes_may_change_from_frame_to_frame() {
        let (small, large) = (
            Picture::new((16, 16), 8, |x, y| noise(12, x, y, 255) as u8),
            Picture::new((50, 33), 8, |x, y| noise(13, x, y, 255) as u8),
        );
        let mut workspace = Workspace::default();
        for picture in [&large, &small, &large] {
            let again = workspace.measure(&picture.with(picture));
            assert!((again - 1.0).abs() < f64::EPSILON);
        }
    }
}
