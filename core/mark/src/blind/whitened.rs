//! A stack without its host: what past and future do not predict, evened out.
//!
//! ```text
//! x[n]    = A[n] - box(A[n], 8)
//! m[n]    = mean of x[n'] over 0.2 s < |t' - t| <= 0.7 s within the shot
//! l[n]    = box(x[n] m[n], 5) / box(m[n]^2, 5), 0 to 1                    how far this place stands still now
//! r[n]    = x[n] - l[n] m[n]
//! s^2     = box(r[n]^2, 5) + 1/2
//! residual = clamp(r[n], +-2 s) / s^(3/2)
//! ```
//!
//! `box(p, k)` is the mean over the `(2k + 1)^2` samples around each. A matched filter divides by `s^2`; on cropped and
//! recompressed clips `s^(3/2)` scores higher than that and than `s`. The half keeps places down where an encoder left
//! nothing.
//!
//! # Shapes and units
//! Samples of the stack; residuals have no unit. Times in seconds.
//! # Determinism
//! Running sums in f64, square roots and divisions.

use countermark_picture::Rect;
use countermark_picture::cut::{self, CutRule};
use rayon::prelude::*;

use super::stack::{FrameStack, Window};

/// Reach of the high pass, in samples of the stack.
const HIGH_PASS_REACH: usize = 8;

/// Reach over which noise and stillness are measured, in samples of the stack.
const NOISE_REACH: usize = 5;

/// How far from a moment its prediction begins and ends, in seconds.
const RING_SECONDS: (f64, f64) = (0.2, 0.7);

/// Multiple of the noise that outliers are cut to.
const CLIP_DEVIATIONS: f32 = 2.0;

/// Variance below which a place holds no more of the mark: coarse quantisation erases it with the noise.
const VARIANCE_FLOOR: f32 = 0.5;

/// Energy below which a prediction predicts nothing.
const PREDICTOR_FLOOR: f32 = 0.1;

/// The residual of one window.
#[derive(Clone, Debug)]
pub(super) struct WhitenedResidual {
    /// Mean time of its frames.
    pub(super) time: f64,
    pub(super) plane: Vec<f32>,
}

/// The residuals of a stack.
#[derive(Clone, Debug)]
pub struct WhitenedResiduals {
    pub(super) factor: usize,
    /// Where the first sample lies in the stack.
    pub(super) origin: (usize, usize),
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) windows: Vec<WhitenedResidual>,
}

impl WhitenedResiduals {
    /// Cancels the host of a stack by its own past and future.
    #[must_use]
    pub fn new(stack: &FrameStack) -> Self {
        let (width, height) = stack.size();
        let details: Vec<Vec<f32>> = stack
            .windows()
            .par_iter()
            .map(|window| {
                let mean = box_mean(&window.plane, width, HIGH_PASS_REACH);
                window.plane.iter().zip(&mean).map(|(a, m)| a - m).collect()
            })
            .collect();
        let shots = shots(stack.windows(), &details);
        let windows = (0..details.len())
            .into_par_iter()
            .map(|at| {
                let mut residual = details[at].clone();
                if let Some(prediction) = ring_mean(stack.windows(), &details, &shots, at) {
                    take_off(&mut residual, &prediction, width);
                }
                even_out(&mut residual, width);
                WhitenedResidual {
                    time: stack.windows()[at].time,
                    plane: residual,
                }
            })
            .collect();
        Self {
            factor: stack.factor(),
            origin: (0, 0),
            width,
            height,
            windows,
        }
    }

    /// What lies in a rectangle of the frame; none when that is less than two samples either way.
    #[must_use]
    pub fn within(&self, rect: Rect) -> Option<Self> {
        let sides = [rect.left, rect.top, rect.width, rect.height];
        let [left, top, width, height] = sides.map(|side| side / self.factor);
        let (width, height) = (
            width.min(self.width.saturating_sub(left)),
            height.min(self.height.saturating_sub(top)),
        );
        if width < 2 || height < 2 {
            return None;
        }
        let cut = |plane: &[f32]| -> Vec<f32> {
            plane
                .chunks_exact(self.width)
                .skip(top)
                .take(height)
                .flat_map(|row| row[left..left + width].iter().copied())
                .collect()
        };
        Some(Self {
            factor: self.factor,
            origin: (self.origin.0 + left, self.origin.1 + top),
            width,
            height,
            windows: self
                .windows
                .iter()
                .map(|window| WhitenedResidual {
                    time: window.time,
                    plane: cut(&window.plane),
                })
                .collect(),
        })
    }

    /// First and last moment, in seconds of the clip.
    #[must_use]
    pub fn span(&self) -> [f64; 2] {
        let time = |window: Option<&WhitenedResidual>| window.map_or(0.0, |window| window.time);
        [time(self.windows.first()), time(self.windows.last())]
    }
}

/// The number of the shot that each window belongs to.
fn shots(windows: &[Window], details: &[Vec<f32>]) -> Vec<u32> {
    let shots = cut::shots(windows.len(), |i| {
        let change = cut::squared_change(&windows[i].plane, &windows[i + 1].plane);
        let detail = cut::energy(&details[i]) + cut::energy(&details[i + 1]);
        CutRule::STACK.is_cut(change, detail)
    });
    let numbered = (0..).zip(shots);
    numbered
        .flat_map(|(number, shot)| shot.map(move |_| number))
        .collect()
}

/// `m` of one window; none when its shot has nothing to predict it by.
fn ring_mean(
    windows: &[Window],
    details: &[Vec<f32>],
    shots: &[u32],
    at: usize,
) -> Option<Vec<f32>> {
    let mut sum = vec![0.0_f32; details[at].len()];
    let mut members = 0.0_f32;
    for (other, detail) in details.iter().enumerate() {
        let apart = (windows[at].time - windows[other].time).abs();
        if shots[other] == shots[at] && apart > RING_SECONDS.0 && apart <= RING_SECONDS.1 {
            sum.iter_mut().zip(detail).for_each(|(sum, x)| *sum += x);
            members += 1.0;
        }
    }
    (members > 0.0).then(|| {
        let share = 1.0 / members;
        for sum in &mut sum {
            *sum *= share;
        }
        sum
    })
}

/// Takes off what a prediction explains, place by place.
fn take_off(detail: &mut [f32], prediction: &[f32], width: usize) {
    let products = |a: &[f32], b: &[f32]| -> Vec<f32> {
        let products: Vec<f32> = a.iter().zip(b).map(|(a, b)| a * b).collect();
        box_mean(&products, width, NOISE_REACH)
    };
    let cross = products(detail, prediction);
    let energy = products(prediction, prediction);
    let trust = cross.iter().zip(&energy);
    for ((x, m), (cross, energy)) in detail.iter_mut().zip(prediction).zip(trust) {
        *x -= (cross / (energy + PREDICTOR_FLOOR)).clamp(0.0, 1.0) * m;
    }
}

/// Cuts outliers and divides by `s^(3/2)`.
fn even_out(residual: &mut [f32], width: usize) {
    let squares: Vec<f32> = residual.iter().map(|r| r * r).collect();
    for (r, variance) in residual
        .iter_mut()
        .zip(box_mean(&squares, width, NOISE_REACH))
    {
        let deviation = (variance.max(0.0) + VARIANCE_FLOOR).sqrt();
        *r = r.clamp(-CLIP_DEVIATIONS * deviation, CLIP_DEVIATIONS * deviation)
            / (deviation * deviation.sqrt());
    }
}

/// The mean over the `(2 reach + 1)^2` samples around each, fewer at the borders.
pub(super) fn box_mean(plane: &[f32], width: usize, reach: usize) -> Vec<f32> {
    let mut along = vec![0.0_f32; plane.len()];
    for (row, means) in plane.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
        let (mut first, mut last, mut sum) = (0, 0, 0.0_f64);
        for (x, mean) in means.iter_mut().enumerate() {
            while last < width && last <= x + reach {
                sum += f64::from(row[last]);
                last += 1;
            }
            while first + reach < x {
                sum -= f64::from(row[first]);
                first += 1;
            }
            *mean = (sum / (last - first) as f64) as f32;
        }
    }
    let height = plane.len() / width;
    let row = |y: usize| &along[y * width..(y + 1) * width];
    let mut sums = vec![0.0_f64; width];
    let (mut first, mut last) = (0, 0);
    let mut means = vec![0.0_f32; plane.len()];
    for (y, means) in means.chunks_exact_mut(width).enumerate() {
        while last < height && last <= y + reach {
            sums.iter_mut()
                .zip(row(last))
                .for_each(|(sum, &x)| *sum += f64::from(x));
            last += 1;
        }
        while first + reach < y {
            sums.iter_mut()
                .zip(row(first))
                .for_each(|(sum, &x)| *sum -= f64::from(x));
            first += 1;
        }
        let share = 1.0 / (last - first) as f64;
        means
            .iter_mut()
            .zip(&sums)
            .for_each(|(mean, sum)| *mean = (sum * share) as f32);
    }
    means
}
