//! Separable filters over lines with mirrored ends: the one kernel that every measurement runs on.
//!
//! ```text
//! out[x] = sum_k w[k] line_k[x],        line_k = rows above and below, or the same row shifted by k
//! mirrored: x[-i] = x[i],   x[n - 1 + i] = x[n - 1 - i]
//! ```
//!
//! Where every second sample is dropped, the line is first split into its even and odd samples: then all lines have
//! unit stride.
//!
//! # Shapes and units
//! [`Field`]: `height` rows of `width` f32, in code values of 8 bits times the filters' gain.
//! # Determinism
//! Taps are added in their order, without fused multiply-add: all CPU levels agree.

use countermark_picture::{PlaneGeometry, PlaneView, Sample, Value};

/// Samples summed together: four AVX2 registers.
const CHUNK: usize = 32;

/// Lanes of the sums along a line.
const LANES: usize = 16;

/// Mirrored samples at both ends of each half of a line.
const MARGIN: usize = 4;

/// A picture that can be read row by row.
pub(super) trait Rows {
    type Value: Value;

    /// Factor from values to code values of 8 bits: a power of two, so that bit depths agree exactly.
    fn unit(&self) -> f32;
    fn height(&self) -> usize;
    fn row(&self, y: usize) -> &[Self::Value];

    /// The rows `first..first + N`, mirrored at both borders.
    #[inline(always)]
    fn window<const N: usize>(&self, first: isize) -> [&[Self::Value]; N] {
        std::array::from_fn(|k| self.row(mirrored(first + k as isize, self.height())))
    }
}

impl<T: Sample> Rows for PlaneView<'_, T> {
    type Value = T;

    #[inline(always)]
    fn unit(&self) -> f32 {
        1.0 / self.bit_depth().codes_per_8bit_code() as f32
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.geometry().height()
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[T] {
        PlaneView::row(self, y)
    }
}

/// A plane of f32.
#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    samples: Vec<f32>,
    width: usize,
    height: usize,
}

impl Field {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            samples: vec![0.0; width * height],
            width,
            height,
        }
    }

    /// Takes on another size; the samples are whatever they were.
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        self.samples.resize(width * height, 0.0);
        (self.width, self.height) = (width, height);
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }

    #[inline(always)]
    pub(super) fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.samples
    }

    #[inline(always)]
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.samples[y * self.width..(y + 1) * self.width]
    }
}

impl Rows for Field {
    type Value = f32;

    #[inline(always)]
    fn unit(&self) -> f32 {
        1.0
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[f32] {
        &self.samples[y * self.width..(y + 1) * self.width]
    }
}

/// Panics unless a plane has the size of a workspace.
pub(super) fn assert_same_size(plane: PlaneGeometry, workspace: PlaneGeometry) {
    assert_eq!(
        (plane.width(), plane.height()),
        (workspace.width(), workspace.height()),
        "plane size"
    );
}

/// The sample that stands for index `i`: the border sample itself is not repeated.
pub(super) fn mirrored(i: isize, len: usize) -> usize {
    let last = len as isize - 1;
    let inside = i.abs();
    let folded = if inside > last {
        2 * last - inside
    } else {
        inside
    };
    folded.clamp(0, last) as usize
}

/// Weighs lines of equal length; what lies beyond the end of `out` is not read.
#[inline(always)]
pub(super) fn weigh<V: Value, const N: usize>(
    lines: [&[V]; N],
    weights: [f32; N],
    out: &mut [f32],
) {
    let whole = out.len() - out.len() % CHUNK;
    for first in (0..whole).step_by(CHUNK) {
        let mut sum = [0.0_f32; CHUNK];
        for (line, &weight) in lines.iter().zip(&weights) {
            for (sum, &value) in sum.iter_mut().zip(&line[first..first + CHUNK]) {
                *sum += weight * value.value();
            }
        }
        out[first..first + CHUNK].copy_from_slice(&sum);
    }
    for (x, out) in out.iter_mut().enumerate().skip(whole) {
        *out = (lines.iter().zip(&weights)).fold(0.0, |sum, (line, &w)| sum + w * line[x].value());
    }
}

/// The sum of a line, in sixteen lanes.
#[inline(always)]
pub(super) fn sum_of(line: &[f32], term: impl Fn(f32) -> f32) -> f64 {
    let mut lanes = [0.0_f32; LANES];
    let mut chunks = line.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += term(value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += term(value);
    }
    lanes.iter().map(|&lane| f64::from(lane)).sum()
}

/// A line with mirrored ends, whole and split into its even and odd samples.
#[derive(Debug, Clone)]
pub(super) struct Line {
    width: usize,
    padded: Vec<f32>,
    even: Vec<f32>,
    odd: Vec<f32>,
}

impl Line {
    pub(super) fn new(width: usize) -> Self {
        let half = 2 * MARGIN + width.div_ceil(2);
        Self {
            width,
            padded: vec![0.0; 2 * half],
            even: vec![0.0; half],
            odd: vec![0.0; half],
        }
    }

    /// The samples between the margins.
    #[inline(always)]
    pub(super) fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.padded[2 * MARGIN..2 * MARGIN + self.width]
    }

    /// Fills the margins.
    #[inline(always)]
    pub(super) fn mirror(&mut self) {
        if self.width == 0 {
            return;
        }
        for i in 0..2 * MARGIN {
            let left = mirrored(-1 - i as isize, self.width);
            self.padded[2 * MARGIN - 1 - i] = self.padded[2 * MARGIN + left];
        }
        let end = 2 * MARGIN + self.width;
        for i in end..self.padded.len() {
            let right = mirrored(i as isize - 2 * MARGIN as isize, self.width);
            self.padded[i] = self.padded[2 * MARGIN + right];
        }
    }

    /// Fills the margins and both halves.
    #[inline(always)]
    pub(super) fn split(&mut self) {
        self.mirror();
        let halves = self.even.iter_mut().zip(self.odd.iter_mut());
        for (pair, (even, odd)) in self.padded.chunks_exact(2).zip(halves) {
            *even = pair[0];
            *odd = pair[1];
        }
    }

    /// The samples `x + shift`, from `x = 0`.
    #[inline(always)]
    pub(super) fn shifted(&self, shift: isize) -> &[f32] {
        &self.padded[(2 * MARGIN as isize + shift) as usize..]
    }

    /// The samples `2 x + shift`, from `x = first`.
    #[inline(always)]
    pub(super) fn every_second(&self, first: usize, shift: isize) -> &[f32] {
        let start = ((MARGIN + first) as isize + shift.div_euclid(2)) as usize;
        if shift.rem_euclid(2) == 0 {
            &self.even[start..]
        } else {
            &self.odd[start..]
        }
    }
}

/// Taps of a gaussian of unit sum.
pub(super) fn gaussian<const N: usize>(sigma: f64) -> [f32; N] {
    let density = |k: usize| (-(k as f64 - (N / 2) as f64).powi(2) / (2.0 * sigma * sigma)).exp();
    let total: f64 = (0..N).map(density).sum();
    std::array::from_fn(|k| (density(k) / total) as f32)
}
