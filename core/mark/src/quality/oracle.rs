//! The formulas of [`super`] written down once more, in f64, a sample at a time.

use super::filter::mirrored;
use std::f64::consts::PI;

/// A plane of f64, read with mirrored borders.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    samples: Vec<f64>,
    width: usize,
    height: usize,
}

impl Plane {
    pub(super) fn new(width: usize, height: usize, at: impl Fn(isize, isize) -> f64) -> Self {
        let rows = (0..height as isize).flat_map(|y| (0..width as isize).map(move |x| (x, y)));
        let samples = rows.map(|(x, y)| at(x, y)).collect();
        Self {
            samples,
            width,
            height,
        }
    }

    fn at(&self, x: isize, y: isize) -> f64 {
        self.samples[mirrored(y, self.height) * self.width + mirrored(x, self.width)]
    }

    /// Filters around every `step`-th sample; the first tap of both filters lies `before` samples ahead.
    fn filter(
        &self,
        (across, down): (&[f64], &[f64]),
        before: isize,
        step: usize,
        size: (usize, usize),
    ) -> Self {
        Self::new(size.0, size.1, |x, y| {
            let (x, y) = (x * step as isize - before, y * step as isize - before);
            let row = |j: usize| -> f64 {
                (across.iter().enumerate())
                    .map(|(i, w)| w * self.at(x + i as isize, y + j as isize))
                    .sum()
            };
            (down.iter().enumerate()).map(|(j, w)| w * row(j)).sum()
        })
    }

    fn blur(&self, taps: usize, sigma: f64, step: usize) -> Self {
        let reach = taps as isize / 2;
        let density = |i: isize| (-((i - reach) as f64 / sigma).powi(2) / 2.0).exp();
        let total: f64 = (0..taps as isize).map(density).sum();
        let taps: Vec<f64> = (0..taps as isize).map(|i| density(i) / total).collect();
        let size = (self.width / step, self.height / step);
        self.filter((&taps, &taps), reach, step, size)
    }

    fn times(&self, other: &Self) -> Self {
        Self::new(self.width, self.height, |x, y| {
            self.at(x, y) * other.at(x, y)
        })
    }

    /// Low-pass band and the detail bands h, v, d.
    fn wavelet(&self) -> [Self; 4] {
        let root = 3_f64.sqrt();
        let low = [1.0 + root, 3.0 + root, 3.0 - root, 1.0 - root].map(|tap| tap / 32_f64.sqrt());
        let high = [low[3], -low[2], low[1], -low[0]];
        let size = (self.width.div_ceil(2), self.height.div_ceil(2));
        [(low, low), (low, high), (high, low), (high, high)]
            .map(|(across, down)| self.filter((&across, &down), 1, 2, size))
    }
}

/// `1 - VIF` at scales 2 and 3.
pub(super) fn information_losses(host: &Plane, marked: &Plane) -> [f64; 2] {
    let pyramid = |plane: &Plane| {
        let quarter = plane.blur(9, 1.8, 2).blur(5, 1.0, 2);
        let eighth = quarter.blur(3, 0.6, 2);
        [quarter, eighth]
    };
    let ([h2, h3], [m2, m3]) = (pyramid(host), pyramid(marked));
    [information_loss(&h2, &m2, 5), information_loss(&h3, &m3, 3)]
}

fn information_loss(host: &Plane, marked: &Plane, taps: usize) -> f64 {
    let mean = |plane: &Plane| plane.blur(taps, taps as f64 / 5.0, 1);
    let (h, m) = (mean(host), mean(marked));
    let moments = [(host, host), (marked, marked), (host, marked)].map(|(a, b)| mean(&a.times(b)));
    let (mut lost, mut held) = (0.0, 0.0);
    for i in 0..h.samples.len() {
        let (h, m) = (h.samples[i], m.samples[i]);
        let [hh, mm, hm] = moments.each_ref().map(|moment| moment.samples[i]);
        let (hh, mm, hm) = ((hh - h * h).max(0.0), (mm - m * m).max(0.0), hm - h * m);
        if hh < 2.0 {
            held += 1.0;
            lost += (mm - hh).max(0.0) * 4.0 / 255_f64.powi(2);
        } else {
            let g = (hm / hh).clamp(0.0, 100.0);
            let rest = (mm - g * hm).max(0.0);
            held += (1.0 + hh / 2.0).log2();
            lost += (1.0 + hh / 2.0).log2() - (1.0 + g * g * hh / (rest + 2.0)).log2();
        }
    }
    lost / held
}

/// `1 - ADM2`.
pub(super) fn detail_loss(host: &Plane, marked: &Plane) -> f64 {
    let (mut host, mut marked) = (host.clone(), marked.clone());
    let (mut restored_sum, mut host_sum) = (0.0, 0.0);
    for level in 0..4 {
        let [host_low, o @ ..] = host.wavelet();
        let [marked_low, t @ ..] = marked.wavelet();
        let (r, h) = level_norms(level, &o, &t);
        restored_sum += r;
        host_sum += h;
        (host, marked) = (host_low, marked_low);
    }
    1.0 - restored_sum / host_sum
}

fn level_norms(level: i32, o: &[Plane; 3], t: &[Plane; 3]) -> (f64, f64) {
    let basis = [
        [0.672_34, 0.672_34, 0.727_09],
        [0.413_17, 0.413_17, 0.494_28],
        [0.227_27, 0.227_27, 0.286_88],
        [0.117_92, 0.117_92, 0.152_14],
    ][level as usize];
    let weights: [f64; 3] = std::array::from_fn(|i| {
        let g = [1.0, 1.0, 0.534][i];
        let octaves = (2_f64.powi(level + 1) * 0.401 * g / (3.0 * 1080.0 * PI / 180.0)).log10();
        basis[i] / (2.0 * 0.495 * 10_f64.powf(0.466 * octaves * octaves))
    });
    let (width, height) = (o[0].width, o[0].height);
    let restored: [Plane; 3] = std::array::from_fn(|i| {
        Plane::new(width, height, |x, y| {
            let at = |bands: &[Plane; 3]| bands.each_ref().map(|band| band.at(x, y));
            let (o, t) = (at(o), at(t));
            let angle = (o[0].atan2(o[1]) - t[0].atan2(t[1])).abs();
            let k = (t[i] / (o[i] + 1e-30)).clamp(0.0, 1.0);
            if angle.min(2.0 * PI - angle) < PI / 180.0 && k > 0.0 {
                t[i]
            } else {
                k * o[i]
            }
        })
    });
    let added = Plane::new(width, height, |x, y| {
        (0..3)
            .map(|i| weights[i] * (t[i].at(x, y) - restored[i].at(x, y)).abs() / 30.0)
            .sum()
    });
    let inside = |len: usize| {
        let border = (len as f64 * 0.1 - 0.5).max(0.0) as isize;
        border..len as isize - border
    };
    let (rows, columns) = (inside(height), inside(width));
    let mut cubes = [[0.0; 3]; 2];
    for y in rows.clone() {
        for x in columns.clone() {
            let around = (-1..2).flat_map(|j| (-1..2).map(move |i| (x + i, y + j)));
            let threshold = around.map(|(x, y)| added.at(x, y)).sum::<f64>() + added.at(x, y);
            for i in 0..3 {
                let visible = weights[i] * restored[i].at(x, y).abs() - threshold;
                cubes[0][i] += visible.max(0.0).powi(3);
                cubes[1][i] += (weights[i] * o[i].at(x, y).abs()).powi(3);
            }
        }
    }
    let offset = (rows.count() as f64 * columns.count() as f64 / 32.0).cbrt();
    let [restored, host] = cubes.map(|sums| sums.map(|sum| sum.cbrt() + offset).iter().sum());
    (restored, host)
}

/// Motion over all rows.
pub(super) fn motion(previous: &Plane, current: &Plane) -> f64 {
    let [previous, current] = [previous, current].map(|plane| plane.blur(5, 1.0, 1));
    let pairs = previous.samples.iter().zip(&current.samples);
    pairs.map(|(a, b)| (a - b).abs()).sum::<f64>() / current.samples.len() as f64
}
