//! Area average of a picture on the lattice.
//!
//! ```text
//! lattice[i] = (1 / r) sum_x |[i r, (i + 1) r] ∩ [x, x + 1]| picture[x],   r = picture side / lattice side >= 1
//! lattice[i] = (1 - f) picture[x0] + f picture[x0 + 1],   x0 + f = (i + 1/2) r - 1/2, clamped,   r < 1
//! ```
//!
//! on each axis by itself, rows first: whole rows are summed as integers, then the few sums are averaged along x.
//!
//! # Shapes and units
//! Input: a plane of any size. Output: a [`LatticePlane`] in code values of 8 bits, `value / 2^(bit_depth - 8)`.
//! # Determinism
//! Whole rows are summed exactly; the f32 sums have a fixed order and no fused multiply-add. All CPU levels agree.

#![expect(
    clippy::inline_always,
    reason = "kernels must be compiled into the caller's instruction set"
)]

use super::cpu::CpuLevel;
use super::{LatticeGeometry, LatticePlane};
use countermark_picture::{PlaneGeometry, PlaneView, Sample};

/// Columns whose row sums stay in registers: 64 x u16 are four AVX2 registers.
const CHUNK: usize = 64;

/// Whole rows summed before the exact sum moves to f32: 256 * 255 fits `u16`.
const EXACT_ROWS: usize = 256;

/// Lanes of the horizontal sum.
const LANES: usize = 8;

/// The samples under one lattice sample: `head` and `tail` are partly covered, those between them wholly.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    head: usize,
    head_weight: f32,
    tail: usize,
    tail_weight: f32,
}

impl Span {
    /// The spans of an axis, and the factor that makes their weights sum to one.
    fn axis(picture: usize, lattice: usize) -> (Vec<Self>, f64) {
        if picture < lattice {
            let spans = (0..lattice).map(|i| Self::bilinear(i, picture, lattice));
            (spans.collect(), 1.0)
        } else {
            let spans = (0..lattice).map(|i| Self::area(i, picture, lattice));
            (spans.collect(), lattice as f64 / picture as f64)
        }
    }

    fn area(i: usize, picture: usize, lattice: usize) -> Self {
        // Borders in units of 1 / lattice of a sample: exact.
        let (start, end) = (i * picture, (i + 1) * picture);
        let (head, tail) = (start / lattice, (end - 1) / lattice);
        let covered = |x: usize| end.min((x + 1) * lattice) - start.max(x * lattice);
        Self {
            head,
            head_weight: covered(head) as f32 / lattice as f32,
            tail,
            tail_weight: if tail == head {
                0.0
            } else {
                covered(tail) as f32 / lattice as f32
            },
        }
    }

    fn bilinear(i: usize, picture: usize, lattice: usize) -> Self {
        // (i + 1/2) r - 1/2 in units of 1 / (2 lattice), clamped to the first and last sample centres.
        let position = ((2 * i + 1) * picture)
            .saturating_sub(lattice)
            .min(2 * lattice * (picture - 1));
        let head = position / (2 * lattice);
        let fraction = (position % (2 * lattice)) as f32 / (2 * lattice) as f32;
        Self {
            head,
            head_weight: 1.0 - fraction,
            tail: (head + 1).min(picture - 1),
            tail_weight: fraction,
        }
    }

    fn taps(self) -> usize {
        self.tail - self.head + 1
    }

    fn weight(self, x: usize) -> f32 {
        if x == self.head {
            self.head_weight
        } else if x == self.tail {
            self.tail_weight
        } else if x > self.head && x < self.tail {
            1.0
        } else {
            0.0
        }
    }
}

/// Workspace that averages planes of one size on one lattice.
#[derive(Debug, Clone)]
pub struct Downsampler {
    width: usize,
    height: usize,
    lattice: LatticeGeometry,
    level: CpuLevel,
    vertical: Vec<Span>,
    horizontal: Horizontal,
    /// Weighted row sums under one lattice line, then zeros that the last column's lanes may touch.
    line: Vec<f32>,
}

#[derive(Debug, Clone)]
struct Horizontal {
    starts: Vec<usize>,
    /// `[column][lane]`, zero beyond a column's span.
    weights: Vec<[f32; LANES]>,
    /// Groups of lanes for each column.
    groups: usize,
    /// One over the covered area.
    scale: f64,
}

impl Downsampler {
    /// Prepares for pictures of that width and height; the stride may differ from picture to picture.
    #[must_use]
    pub fn new(picture: PlaneGeometry, lattice: LatticeGeometry, level: CpuLevel) -> Self {
        let (vertical, vertical_scale) = Span::axis(picture.height(), lattice.height());
        let (columns, horizontal_scale) = Span::axis(picture.width(), lattice.width());
        let groups = columns
            .iter()
            .map(|span| span.taps().div_ceil(LANES))
            .max()
            .unwrap_or(1);
        let weights = columns.iter().flat_map(|span| {
            (0..groups)
                .map(|g| std::array::from_fn(|lane| span.weight(span.head + g * LANES + lane)))
        });
        Self {
            width: picture.width(),
            height: picture.height(),
            lattice,
            level,
            horizontal: Horizontal {
                weights: weights.collect(),
                starts: columns.iter().map(|span| span.head).collect(),
                groups,
                scale: vertical_scale * horizontal_scale,
            },
            vertical,
            line: vec![0.0; picture.width() + groups * LANES],
        }
    }

    /// Averages a plane on the lattice.
    ///
    /// # Panics
    /// When the plane or the lattice plane does not have the size that the workspace was made for.
    pub fn run<T: RowSum>(&mut self, plane: &PlaneView<'_, T>, out: &mut LatticePlane) {
        let geometry = plane.geometry();
        assert_eq!(
            (geometry.width(), geometry.height()),
            (self.width, self.height),
            "plane size"
        );
        assert_eq!(out.geometry(), self.lattice, "lattice size");
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return super::x86::downsample(self, plane, out);
        }
        self.kernel(plane, out);
    }

    /// The instruction set in use.
    #[must_use]
    pub fn level(&self) -> CpuLevel {
        self.level
    }

    /// The specification of every level.
    #[inline(always)]
    pub(super) fn kernel<T: RowSum>(&mut self, plane: &PlaneView<'_, T>, out: &mut LatticePlane) {
        let scale =
            (self.horizontal.scale / f64::from(plane.bit_depth().codes_per_8bit_code())) as f32;
        for (span, out) in self.vertical.iter().zip(out.lines_mut()) {
            sum_rows(plane, *span, &mut self.line[..self.width]);
            average_line(&self.line, &self.horizontal, scale, out);
        }
    }
}

/// `line[x] = head_weight head[x] + tail_weight tail[x] + sum of the whole rows between them`.
#[inline(always)]
fn sum_rows<T: RowSum>(plane: &PlaneView<'_, T>, span: Span, line: &mut [f32]) {
    let (head, tail) = (plane.row(span.head), plane.row(span.tail));
    for first in (0..line.len()).step_by(CHUNK) {
        let len = CHUNK.min(line.len() - first);
        let mut total = [0.0_f32; CHUNK];
        let mut whole = span.head + 1;
        while whole < span.tail {
            let end = span.tail.min(whole + EXACT_ROWS);
            let mut sum = [T::Sum::default(); CHUNK];
            for y in whole..end {
                let row = &plane.row(y)[first..first + len];
                // The constant length keeps the sums in registers.
                if let Ok(row) = <&[T; CHUNK]>::try_from(row) {
                    T::accumulate(&mut sum, row);
                } else {
                    T::accumulate(&mut sum[..len], row);
                }
            }
            for (total, &sum) in total.iter_mut().zip(&sum) {
                *total += T::sum_to_f32(sum);
            }
            whole = end;
        }
        let (head, tail) = (&head[first..first + len], &tail[first..first + len]);
        let line = &mut line[first..first + len];
        for (((line, &total), &head), &tail) in line.iter_mut().zip(&total).zip(head).zip(tail) {
            let (head, tail): (u16, u16) = (head.into(), tail.into());
            let partial = span.head_weight * f32::from(head) + span.tail_weight * f32::from(tail);
            *line = total + partial;
        }
    }
}

#[inline(always)]
fn average_line(line: &[f32], horizontal: &Horizontal, scale: f32, out: &mut [f32]) {
    let columns = horizontal.weights.chunks_exact(horizontal.groups);
    for ((out, &start), column) in out.iter_mut().zip(&horizontal.starts).zip(columns) {
        let samples = &line[start..start + LANES * horizontal.groups];
        let mut lanes = [0.0_f32; LANES];
        for (weights, samples) in column.iter().zip(samples.chunks_exact(LANES)) {
            for ((lane, &weight), &sample) in lanes.iter_mut().zip(weights).zip(samples) {
                *lane += weight * sample;
            }
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        *out = scale * (((a + e) + (c + g)) + ((b + f) + (d + h)));
    }
}

/// A sample type whose rows can be summed exactly.
pub trait RowSum: Sample {
    /// Holds the sum of 256 samples.
    type Sum: Copy + Default;
    /// Adds one row, sample by sample.
    fn accumulate(sum: &mut [Self::Sum], row: &[Self]);
    /// The sum as f32: exact up to 2^24.
    fn sum_to_f32(sum: Self::Sum) -> f32;
}

impl RowSum for u8 {
    type Sum = u16;

    #[inline(always)]
    fn accumulate(sum: &mut [u16], row: &[u8]) {
        for (sum, &sample) in sum.iter_mut().zip(row) {
            *sum += u16::from(sample);
        }
    }

    #[inline(always)]
    fn sum_to_f32(sum: u16) -> f32 {
        f32::from(sum)
    }
}

impl RowSum for u16 {
    type Sum = u32;

    #[inline(always)]
    fn accumulate(sum: &mut [u32], row: &[u16]) {
        for (sum, &sample) in sum.iter_mut().zip(row) {
            *sum += u32::from(sample);
        }
    }

    #[inline(always)]
    fn sum_to_f32(sum: u32) -> f32 {
        // Signed: AVX2 converts i32 only, and 256 * 65535 is far below its limit.
        sum as i32 as f32
    }
}

#[cfg(test)]
mod tests;
