//! Interpolates a lattice pattern and adds it to the picture, in one pass over the samples.
//!
//! ```text
//! v[x,y]  = 256 sum_{j,k} K_y[j] K_x[k] pattern[j,k]                                      fixed point, i16
//! picture = clamp(picture + floor((v + dither) / 2^s)),   s = 16 - bit_depth,   dither in 0..2^s
//! ```
//!
//! with the weights `K` of [`super::interpolation`]. Lattice lines are widened once each, as f32; four widened lines
//! are then weighed for every picture row, as i16.
//!
//! # Shapes and units
//! Pattern: a [`LatticePlane`] in code values of 8 bits, limited to ±[`PATTERN_LIMIT`]. Steps of 1/256 code value of 8
//! bits, 1/64 of 10 bits. Where all sixteen taps are zero, samples keep their bits.
//! # Determinism
//! f32 in a fixed order without fused multiply-add, then integers: all CPU levels agree.

#![expect(
    clippy::inline_always,
    reason = "kernels must be compiled into the caller's instruction set"
)]

use super::cpu::CpuLevel;
use super::dither::{DitherOffset, DitherTile, TILE};
use super::interpolation::{Phase, mirrored};
use super::{LatticeGeometry, LatticePlane};
use crate::light::CodingRange;
use countermark_picture::{BitDepth, PlaneGeometry, PlaneViewMut, Sample};
use thiserror::Error;

/// Largest amplitude of a pattern, in code values of 8 bits. Two cubic stages overshoot by at most 1.25 each, so
/// `40 * 512 * 1.25^2` and the dither stay within i16.
pub const PATTERN_LIMIT: f32 = 40.0;

/// Fixed-point bits of a widened line below one code value of 8 bits; weighing lines costs one.
const FRACTION_BITS: u32 = 9;

/// Samples treated together, and the grain of skipping: one row of the dither tile.
const CHUNK: usize = TILE;

const LANES: usize = 8;
const TAPS: usize = 4;

/// Black and white of narrow range, in code values of 8 bits (ITU-R BT.601, BT.709, BT.2100).
const NARROW: (u16, u16) = (16, 235);

/// A code range was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a code range must be ordered and end at {max_code} or below, got {min}..={max}")]
pub struct CodeRangeError {
    min: u16,
    max: u16,
    max_code: u16,
}

/// Code values that adding may produce. A sample that lies outside stays where it is or moves towards the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRange {
    min: u16,
    max: u16,
}

impl CodeRange {
    /// All codes of a bit depth.
    #[must_use]
    pub fn full(bit_depth: BitDepth) -> Self {
        Self {
            min: 0,
            max: bit_depth.max_code(),
        }
    }

    /// The codes that pictures of that range keep to. Overshoots of a master stay as they are: adding makes none.
    #[must_use]
    pub fn of(range: CodingRange, bit_depth: BitDepth) -> Self {
        let codes = bit_depth.codes_per_8bit_code() as u16;
        match range {
            CodingRange::Full => Self::full(bit_depth),
            CodingRange::Narrow => Self {
                min: NARROW.0 * codes,
                max: NARROW.1 * codes,
            },
        }
    }

    /// The codes from `min` to `max`.
    ///
    /// # Errors
    /// [`CodeRangeError`] when they are not ordered or exceed the bit depth.
    pub fn new(min: u16, max: u16, bit_depth: BitDepth) -> Result<Self, CodeRangeError> {
        let max_code = bit_depth.max_code();
        if min > max || max > max_code {
            return Err(CodeRangeError { min, max, max_code });
        }
        Ok(Self { min, max })
    }
}

/// How a frame is rounded: the tile, its place on this frame and the codes allowed.
#[derive(Debug, Clone, Copy)]
pub struct Rounding<'a> {
    /// Thresholds.
    pub tile: &'a DitherTile,
    /// Where the frame's first sample lies in the tile.
    pub offset: DitherOffset,
    /// Codes that adding may produce.
    pub range: CodeRange,
}

/// Workspace that adds patterns of one lattice to planes of one size.
#[derive(Debug, Clone)]
pub struct Upsampler {
    width: usize,
    height: usize,
    lattice: LatticeGeometry,
    level: CpuLevel,
    rows: Vec<RowTaps>,
    segments: Segments,
    ring: [WideLine; TAPS],
    /// A lattice line in fixed-point steps with two mirrored samples at both ends.
    padded: Vec<f32>,
}

/// The lattice lines around a picture row, and their weights in 1/32768.
#[derive(Debug, Clone, Copy)]
struct RowTaps {
    lines: [usize; TAPS],
    weights: [i16; TAPS],
}

/// Picture columns between two neighbouring lattice columns share their four taps.
#[derive(Debug, Clone)]
struct Segments {
    /// First picture column of each segment.
    starts: Vec<usize>,
    /// `[segment][group][tap][lane]`; lanes past a segment's end are overwritten by the next one.
    weights: Vec<[[f32; LANES]; TAPS]>,
    groups: usize,
}

/// A lattice line at the picture's width.
#[derive(Debug, Clone)]
struct WideLine {
    line: Option<usize>,
    values: Vec<i16>,
    /// Whether a chunk has any value but zero.
    active: Vec<bool>,
}

impl Segments {
    fn new(picture: usize, lattice: usize) -> Self {
        let phases: Vec<_> = (0..picture)
            .map(|x| Phase::of(x, picture, lattice))
            .collect();
        let starts: Vec<usize> = (-1..lattice as isize)
            .map(|i| phases.partition_point(|phase| phase.before < i))
            .collect();
        let ends = starts[1..].iter().chain(std::iter::once(&picture));
        let longest = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| end - start)
            .max();
        let groups = longest.unwrap_or(1).div_ceil(LANES).max(1);
        let mut weights = vec![[[0.0; LANES]; TAPS]; starts.len() * groups];
        for (segment, &start) in weights.chunks_exact_mut(groups).zip(&starts) {
            for (i, phase) in phases[start..].iter().take(groups * LANES).enumerate() {
                for (tap, weight) in phase.keys_weights().into_iter().enumerate() {
                    segment[i / LANES][tap][i % LANES] = weight as f32;
                }
            }
        }
        Self {
            starts,
            weights,
            groups,
        }
    }
}

impl RowTaps {
    fn new(y: usize, picture: usize, lattice: usize) -> Self {
        let phase = Phase::of(y, picture, lattice);
        Self {
            lines: [-1, 0, 1, 2].map(|j| mirrored(phase.before + j, lattice)),
            // A weight of one becomes 32767/32768.
            weights: phase
                .keys_weights()
                .map(|w| (w * 32_768.0).round().min(32_767.0) as i16),
        }
    }
}

impl Upsampler {
    /// Prepares for pictures of that width and height; the stride may differ from picture to picture.
    #[must_use]
    pub fn new(picture: PlaneGeometry, lattice: LatticeGeometry, level: CpuLevel) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let segments = Segments::new(width, lattice.width());
        let wide = WideLine {
            line: None,
            // Whole chunks, and room for the last segment's surplus lanes.
            values: vec![0; width.next_multiple_of(CHUNK) + segments.groups * LANES],
            active: vec![false; width.div_ceil(CHUNK)],
        };
        Self {
            width,
            height,
            lattice,
            level,
            rows: (0..height)
                .map(|y| RowTaps::new(y, height, lattice.height()))
                .collect(),
            segments,
            ring: std::array::from_fn(|_| wide.clone()),
            padded: vec![0.0; lattice.width() + TAPS],
        }
    }

    /// Adds the pattern to the plane; returns the sum of squared changes, in squared code values of the plane.
    ///
    /// # Panics
    /// When the plane or the pattern does not have the size that the workspace was made for.
    pub fn add<T: AddChange>(
        &mut self,
        pattern: &LatticePlane,
        rounding: &Rounding<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> u64 {
        let geometry = plane.geometry();
        assert_eq!(
            (geometry.width(), geometry.height()),
            (self.width, self.height),
            "plane size"
        );
        assert_eq!(pattern.geometry(), self.lattice, "lattice size");
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return super::x86::upsample(self, pattern, rounding, plane);
        }
        self.kernel(pattern, rounding, plane)
    }

    /// The instruction set in use.
    #[must_use]
    pub fn level(&self) -> CpuLevel {
        self.level
    }

    /// The specification of every level.
    #[inline(always)]
    pub(super) fn kernel<T: AddChange>(
        &mut self,
        pattern: &LatticePlane,
        rounding: &Rounding<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> u64 {
        let shift = FRACTION_BITS - 1 + 8 - plane.bit_depth().bits();
        let mut squared_change = 0;
        self.ring.iter_mut().for_each(|wide| wide.line = None);
        for (y, row) in plane.rows_mut().enumerate() {
            let taps = self.rows[y];
            for line in taps.lines {
                let wide = &mut self.ring[line % TAPS];
                if wide.line != Some(line) {
                    let samples = &pattern.samples()[line * self.lattice.width()..];
                    pad_line(&samples[..self.lattice.width()], &mut self.padded);
                    wide.widen(line, &self.padded, &self.segments, self.width);
                }
            }
            // Neighbouring lines, so their places in the ring differ.
            let [a, b, c, d] = taps.lines;
            let ring = |line: usize| &self.ring[line % TAPS];
            let wide = [ring(a), ring(b), ring(c), ring(d)];
            let thresholds = row_thresholds(rounding, y, shift);
            for (chunk, samples) in row.chunks_mut(CHUNK).enumerate() {
                if !wide.iter().any(|wide| wide.active[chunk]) {
                    continue;
                }
                let values = |j: usize| &wide[j].values.as_chunks().0[chunk];
                let values = [values(0), values(1), values(2), values(3)];
                let change = weigh_lines(values, taps.weights, &thresholds, shift);
                // The constant length keeps the loop free of a tail.
                squared_change += if let Ok(samples) = <&mut [T; CHUNK]>::try_from(&mut *samples) {
                    T::add_change(samples, &change, rounding.range)
                } else {
                    T::add_change(samples, &change, rounding.range)
                };
            }
        }
        squared_change
    }
}

/// Scales to fixed-point steps, limits, and mirrors two samples at both ends.
#[inline(always)]
fn pad_line(samples: &[f32], padded: &mut [f32]) {
    let steps = (1 << FRACTION_BITS) as f32;
    let n = samples.len();
    for (padded, &sample) in padded[2..].iter_mut().zip(samples) {
        *padded = sample.clamp(-PATTERN_LIMIT, PATTERN_LIMIT) * steps;
    }
    (padded[1], padded[0]) = (padded[2], padded[3]);
    (padded[n + 2], padded[n + 3]) = (padded[n + 1], padded[n]);
}

impl WideLine {
    #[inline(always)]
    fn widen(&mut self, line: usize, padded: &[f32], segments: &Segments, width: usize) {
        /// Adding it leaves a number below 2^15, rounded to even, in the low bits.
        const ROUND: f32 = 12_582_912.0;
        self.line = Some(line);
        let weights = segments.weights.chunks_exact(segments.groups);
        for ((taps, &start), groups) in padded.windows(TAPS).zip(&segments.starts).zip(weights) {
            let out = self.values[start..].as_chunks_mut::<LANES>().0;
            for (weights, out) in groups.iter().zip(out) {
                let weigh = |j: usize| -> [f32; LANES] {
                    let mut product = weights[j];
                    for weight in &mut product {
                        *weight *= taps[j];
                    }
                    product
                };
                let products = [weigh(0), weigh(1), weigh(2), weigh(3)];
                for (lane, out) in out.iter_mut().enumerate() {
                    let near = products[1][lane] + products[2][lane];
                    let far = products[0][lane] + products[3][lane];
                    *out = (near + far + ROUND).to_bits() as i16;
                }
            }
        }
        for (active, values) in self
            .active
            .iter_mut()
            .zip(self.values[..width].chunks(CHUNK))
        {
            *active = values.iter().fold(0, |any, &value| any | value) != 0;
        }
    }
}

/// `change = floor((sum_j floor(weights[j] lines[j] / 65536) + thresholds) / 2^shift)`.
#[inline(always)]
fn weigh_lines(
    lines: [&[i16; CHUNK]; TAPS],
    weights: [i16; TAPS],
    thresholds: &[i16; CHUNK],
    shift: u32,
) -> [i16; CHUNK] {
    // The form that compilers know as one high multiply.
    let weigh =
        |j: usize, x: usize| ((i32::from(lines[j][x]) * i32::from(weights[j])) >> 16) as i16;
    let mut change = [0; CHUNK];
    for x in 0..CHUNK {
        let sum = (weigh(0, x) + weigh(1, x)) + (weigh(2, x) + weigh(3, x));
        change[x] = (sum + thresholds[x]) >> shift;
    }
    change
}

/// Thresholds of `shift` bits for a row, raised by what the four products lose on average to their floors. The largest
/// stay below `2^shift`, so that a pattern of zero changes nothing; at 15 and 16 bits that leaves a mean of -2/256.
#[inline(always)]
fn row_thresholds(rounding: &Rounding<'_>, y: usize, shift: u32) -> [i16; CHUNK] {
    let mut thresholds = rounding.tile.row(y, rounding.offset, shift);
    for threshold in &mut thresholds {
        *threshold = (*threshold + TAPS as i16 / 2).min((1 << shift) - 1);
    }
    thresholds
}

/// A sample type to which changes can be added.
pub trait AddChange: Sample {
    /// Adds `change[x]` to `samples[x]` within the range; returns the sum of the squared changes made.
    fn add_change(samples: &mut [Self], change: &[i16; 64], range: CodeRange) -> u64;
}

impl AddChange for u8 {
    #[inline(always)]
    fn add_change(samples: &mut [u8], change: &[i16; 64], range: CodeRange) -> u64 {
        let (min, max) = (range.min as i16, range.max as i16);
        // 64 changes of at most 64: far below 2^31.
        let mut squared = 0_i32;
        for (sample, &change) in samples.iter_mut().zip(change) {
            let old = i16::from(*sample);
            let new = (old + change).max(min.min(old)).min(max.max(old));
            let change = i32::from(new - old);
            squared += change * change;
            *sample = new as u8;
        }
        squared as u64
    }
}

impl AddChange for u16 {
    #[inline(always)]
    fn add_change(samples: &mut [u16], change: &[i16; 64], range: CodeRange) -> u64 {
        let (min, max) = (i32::from(range.min), i32::from(range.max));
        let mut total = 0_u64;
        for (sample, &change) in samples.iter_mut().zip(change) {
            let old = i32::from(*sample);
            let new = (old + i32::from(change))
                .max(min.min(old))
                .min(max.max(old));
            // At most 2^14 squared.
            total += u64::from(((new - old) * (new - old)) as u32);
            *sample = new as u16;
        }
        total
    }
}

#[cfg(test)]
mod tests;
