//! Visual information fidelity in the pixel domain, at a quarter and an eighth of the picture's sides.
//!
//! ```text
//! plane_1 = (G_9 * picture) / 2,   plane_2 = (G_5 * plane_1) / 2,   plane_3 = (G_3 * plane_2) / 2
//! s_h, s_m, s_hm = variances and covariance of host and marked under the window G_5 (scale 2) or G_3 (scale 3)
//! g = s_hm / s_h in 0..100,   v = s_m - g s_hm
//! VIF = sum log2(1 + g^2 s_h / (v + s_n)) / sum log2(1 + s_h / s_n),   s_n = 2
//! ```
//!
//! with `G_n` a gaussian of `n` taps and sigma `n / 5`; `/ 2` keeps every second sample and row. Where the host has
//! no information, `s_h < s_n`, VMAF counts one unit and takes off `4 s_m / 255^2`; here only what `s_m` exceeds
//! `s_h` by, so that equal planes lose exactly nothing.
//!
//! # Shapes and units
//! Variances in squared code values of 8 bits; the loss `1 - VIF` has no unit.
//! # Determinism
//! The logarithm is a series on the float's own exponent and mantissa: all CPU levels agree.
//! # References
//! H. R. Sheikh, A. C. Bovik, "Image Information and Visual Quality", IEEE Trans. Image Processing 15(2), 2006,
//! section IV. Netflix VMAF v0.6.1, features `integer_vif_scale2` and `integer_vif_scale3`.

use super::filter::{Field, Line, Rows, gaussian, sum_of, weigh};

/// `s_n`: variance of the visual system's noise.
const NOISE: f32 = 2.0;

/// Largest gain that counts.
const MAX_GAIN: f32 = 100.0;

/// Loss for each unit of variance where the host has no information.
const FLAT_LOSS: f32 = 4.0 / (255.0 * 255.0);

/// Subtracted before squaring: variances do not depend on it, f32 does.
const MIDDLE_GRAY: f32 = 128.0;

/// Samples treated together: local arrays of a length that the compiler does not unroll, but vectorises.
const CHUNK: usize = 64;

/// Workspace for planes of one size.
#[derive(Debug, Clone)]
pub(super) struct InformationMeter {
    /// Scale 1.
    halved: Field,
    lines: [Line; 2],
    quarter: Scale<5>,
    eighth: Scale<3>,
}

impl InformationMeter {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            halved: Field::new(width / 2, height / 2),
            lines: [width, width / 2].map(Line::new),
            quarter: Scale::new(width / 4, height / 4),
            eighth: Scale::new(width / 8, height / 8),
        }
    }

    /// The plane at scale 1.
    #[inline(always)]
    pub(super) fn halve<P: Rows>(&mut self, plane: &P) {
        halve(
            plane,
            gaussian::<9>(1.8),
            &mut self.lines[0],
            &mut self.halved,
        );
        for sample in self.halved.samples_mut() {
            *sample -= MIDDLE_GRAY;
        }
    }

    /// Takes in the halved plane as the host.
    #[inline(always)]
    pub(super) fn describe(&mut self, host: &mut HostInformation) {
        self.reduce();
        self.quarter.describe(&mut host.quarter);
        self.eighth.describe(&mut host.eighth);
    }

    /// `1 - VIF` of the halved plane at scales 2 and 3.
    #[inline(always)]
    pub(super) fn losses(&mut self, host: &HostInformation) -> [f32; 2] {
        self.reduce();
        [
            self.quarter.loss(&host.quarter),
            self.eighth.loss(&host.eighth),
        ]
    }

    /// The halved plane at scales 2 and 3.
    #[inline(always)]
    fn reduce(&mut self) {
        let (quarter, eighth) = (&mut self.quarter, &mut self.eighth);
        let line = &mut self.lines[1];
        halve(&self.halved, quarter.taps, line, &mut quarter.plane);
        let line = &mut quarter.lines[0];
        halve(&quarter.plane, eighth.taps, line, &mut eighth.plane);
    }
}

/// What the host alone says, at scales 2 and 3.
#[derive(Debug, Clone, Default)]
pub(super) struct HostInformation {
    quarter: HostScale,
    eighth: HostScale,
}

/// The host at one scale, and its means and mean squares under the window.
#[derive(Debug, Clone, Default)]
struct HostScale {
    plane: Field,
    mean: Field,
    mean_square: Field,
}

/// Filters in both directions and keeps every second sample of every second row.
#[inline(always)]
fn halve<P: Rows, const N: usize>(source: &P, taps: [f32; N], line: &mut Line, out: &mut Field) {
    let (width, reach) = (out.width(), (N / 2) as isize);
    for y in 0..out.height() {
        let rows = source.window(2 * y as isize - reach);
        weigh(
            rows,
            taps.map(|tap| tap * source.unit()),
            line.samples_mut(),
        );
        line.split();
        let columns = std::array::from_fn(|k| &line.every_second(0, k as isize - reach)[..width]);
        weigh(columns, taps, out.row_mut(y));
    }
}

/// A plane at one scale, and its statistics under an `N x N` window.
#[derive(Debug, Clone)]
struct Scale<const N: usize> {
    taps: [f32; N],
    plane: Field,
    /// The plane squared; host times marked.
    products: [Field; 2],
    lines: [Line; 3],
    /// Under the window: the mean, the mean square, the mean product.
    means: [Vec<f32>; 3],
    lost: Vec<f32>,
    held: Vec<f32>,
}

impl<const N: usize> Scale<N> {
    fn new(width: usize, height: usize) -> Self {
        let field = || Field::new(width, height);
        let line = || vec![0.0; width.next_multiple_of(CHUNK)];
        Self {
            taps: gaussian(N as f64 / 5.0),
            plane: field(),
            products: std::array::from_fn(|_| field()),
            lines: std::array::from_fn(|_| Line::new(width)),
            means: std::array::from_fn(|_| line()),
            lost: line(),
            held: line(),
        }
    }

    /// Takes in the plane as the host.
    #[inline(always)]
    fn describe(&mut self, host: &mut HostScale) {
        let (width, height) = (self.plane.width(), self.plane.height());
        let [squared, _] = &mut self.products;
        multiply(&self.plane, &self.plane, squared);
        host.plane.clone_from(&self.plane);
        for (means, field) in [
            (&mut host.mean, &self.plane),
            (&mut host.mean_square, &*squared),
        ] {
            means.resize(width, height);
            for y in 0..height {
                under_window(field, self.taps, y, &mut self.lines[0], means.row_mut(y));
            }
        }
    }

    /// `1 - VIF` of the plane against its host.
    #[inline(always)]
    fn loss(&mut self, host: &HostScale) -> f32 {
        let width = self.plane.width();
        let [squared, product] = &mut self.products;
        multiply(&self.plane, &self.plane, squared);
        multiply(&host.plane, &self.plane, product);
        let (mut lost, mut held) = (0.0, 0.0);
        for y in 0..self.plane.height() {
            let fields = std::iter::once(&self.plane).chain(&self.products);
            for ((field, line), mean) in fields.zip(&mut self.lines).zip(&mut self.means) {
                under_window(field, self.taps, y, line, &mut mean[..width]);
            }
            self.information(host.mean.row(y), host.mean_square.row(y));
            lost += sum_of(&self.lost[..width], |bits| bits);
            held += sum_of(&self.held[..width], |bits| bits);
        }
        if held > 0.0 {
            (lost / held) as f32
        } else {
            0.0
        }
    }

    /// Bits lost and held along a row, from the host's means and mean squares.
    #[inline(always)]
    fn information(&mut self, host: &[f32], host_squared: &[f32]) {
        for first in (0..host.len()).step_by(CHUNK) {
            let chunk = first..host.len().min(first + CHUNK);
            let mut means = [[0.0_f32; CHUNK]; 5];
            let [marked, marked_squared, product] = &self.means;
            let rows = [host, marked, host_squared, marked_squared, product];
            for (local, mean) in means.iter_mut().zip(rows) {
                local[..chunk.len()].copy_from_slice(&mean[chunk.clone()]);
            }
            let [host, marked, host_squared, marked_squared, product] = &means;
            let (mut lost, mut held) = ([0.0_f32; CHUNK], [0.0_f32; CHUNK]);
            for x in 0..CHUNK {
                let statistics = Statistics {
                    host: positive(host_squared[x] - host[x] * host[x]),
                    marked: positive(marked_squared[x] - marked[x] * marked[x]),
                    both: product[x] - host[x] * marked[x],
                };
                (lost[x], held[x]) = statistics.bits();
            }
            let whole = first..first + CHUNK;
            self.lost[whole.clone()].copy_from_slice(&lost);
            self.held[whole].copy_from_slice(&held);
        }
    }
}

/// The means of row `y` under the window.
#[inline(always)]
fn under_window<const N: usize>(
    field: &Field,
    taps: [f32; N],
    y: usize,
    line: &mut Line,
    out: &mut [f32],
) {
    let reach = (N / 2) as isize;
    weigh(field.window(y as isize - reach), taps, line.samples_mut());
    line.mirror();
    let shifts = std::array::from_fn(|k| line.shifted(k as isize - reach));
    weigh(shifts, taps, out);
}

#[inline(always)]
fn multiply(a: &Field, b: &Field, out: &mut Field) {
    for ((out, &a), &b) in out
        .samples_mut()
        .iter_mut()
        .zip(a.samples())
        .zip(b.samples())
    {
        *out = a * b;
    }
}

#[inline(always)]
fn positive(x: f32) -> f32 {
    if x > 0.0 { x } else { 0.0 }
}

/// Variances of both planes and their covariance under one window.
#[derive(Debug, Clone, Copy)]
struct Statistics {
    host: f32,
    marked: f32,
    both: f32,
}

impl Statistics {
    /// Bits lost in the marked plane, bits held by the host.
    #[inline(always)]
    fn bits(self) -> (f32, f32) {
        // Never divides by a variance below the noise: those windows take the flat branch.
        let informative = self.host >= NOISE;
        let variance = if informative { self.host } else { NOISE };
        let gain = positive(self.both) / variance;
        let gain = if gain < MAX_GAIN { gain } else { MAX_GAIN };
        let rest = positive(self.marked - gain * self.both);
        let held = log2(1.0 + variance / NOISE);
        let kept = log2(1.0 + gain * gain * variance / (rest + NOISE));
        let flat = FLAT_LOSS * positive(self.marked - self.host);
        if informative {
            (held - kept, held)
        } else {
            (flat, 1.0)
        }
    }
}

/// `log2(x)` of a positive normal number: `x = 2^e m`, `m` in `sqrt(1/2)..sqrt(2)`, `t = (m - 1) / (m + 1)`,
/// `log2 m = 2 / ln 2 (t + t^3 / 3 + t^5 / 5 + t^7 / 7)`; the next term is below 5e-8.
#[inline(always)]
fn log2(x: f32) -> f32 {
    const SQRT_HALF: i32 = std::f32::consts::FRAC_1_SQRT_2.to_bits() as i32;
    let bits = x.to_bits() as i32;
    let exponent = (bits - SQRT_HALF) >> 23;
    let m = f32::from_bits((bits - (exponent << 23)) as u32);
    let t = (m - 1.0) / (m + 1.0);
    let s = t * t;
    let series = ((s * (1.0 / 7.0) + 0.2) * s + 1.0 / 3.0) * s + 1.0;
    exponent as f32 + 2.0 * std::f32::consts::LOG2_E * t * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_agrees_with_libm() {
        for i in 0..200_000 {
            let x = (1.0 + f64::from(i) * 0.000_1).powi(3) as f32;
            // Half a unit of f32 at 13 bits, and the series' own error.
            assert!(
                (f64::from(log2(x)) - f64::from(x).log2()).abs() < 1e-6,
                "{x}"
            );
        }
        assert!(log2(1.0).abs() == 0.0);
    }

    #[test]
    fn opposed_plane_keeps_nothing() {
        let opposed = Statistics {
            host: 6.0,
            marked: 6.0,
            both: -6.0,
        };
        assert_eq!(opposed.bits(), (2.0, 2.0));
    }
}
