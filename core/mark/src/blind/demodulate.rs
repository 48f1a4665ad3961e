//! Soft values of the chips, through a pose.
//!
//! ```text
//! l[n](i, j) = mean of residual n over the lattice sample (i, j)
//! y[n]       = s DCT of F^-1 [ F l[n] / (sum_n |F l[n]|^2)^(1/2) ]        flattened as in the search, weighed by what
//!                                                                         each frequency carries
//! ```
//!
//! # Shapes and units
//! Lattice samples; soft values have no unit. Bins on the clip's clock times the speed.

use rayon::prelude::*;

use super::pose::LatticePose;
use super::spectrum::{Fourier, LANES, PLANES, Values, fast_length};
use super::whitened::{WhitenedResidual, WhitenedResiduals};
use crate::format::FormatSpec;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::{LatticeGeometry, LatticePlane};
use crate::soft::{SoftBin, SoftValues, bin_seconds};
use crate::visibility;

/// Power below which a frequency holds nothing.
const POWER_FLOOR: f32 = 1e-9;

/// Most points across a lattice sample.
const MOST_POINTS: usize = 6;

/// Windows of residuals on the lattice or a little beyond it, flattened.
#[derive(Clone, Debug)]
pub(super) struct Flattened {
    pub(super) width: usize,
    pub(super) windows: Vec<WhitenedResidual>,
}

/// The chips of each window, under one pose.
#[derive(Clone, Debug)]
pub struct ChipWindows {
    format: FormatSpec,
    /// Mean time of a window's frames, and `[chip]`.
    windows: Vec<(f64, Vec<f32>)>,
}

impl ChipWindows {
    /// Soft values when `speed` media seconds pass in a second of the clip.
    #[must_use]
    pub fn soft_values(&self, speed: f64) -> SoftValues {
        let numbers = self.bin_numbers(speed).into_iter();
        let bins = numbers
            .zip(&self.windows)
            .map(|(number, (_, values))| SoftBin {
                number,
                values: values.clone(),
            });
        SoftValues::of_bins(&self.format, bins)
    }

    /// The bin of each window at a speed.
    pub(super) fn bin_numbers(&self, speed: f64) -> Vec<u64> {
        let bin_seconds = bin_seconds(&self.format);
        let times = self.windows.iter().map(|(time, _)| time);
        times
            .map(|time| (time * speed / bin_seconds).max(0.0) as u64)
            .collect()
    }

    /// Mean time of each window's frames, and its chips.
    pub(super) fn windows(&self) -> &[(f64, Vec<f32>)] {
        &self.windows
    }
}

impl WhitenedResiduals {
    /// The chips of all windows, when the lattice lies so, weighed as a format says.
    #[must_use]
    pub fn chips(&self, pose: &LatticePose, format: &FormatSpec) -> ChipWindows {
        let lattice = pose.lattice();
        let flattened = self.flattened(pose, 0);
        let band = Band::of_mark(lattice);
        let windows = flattened
            .windows
            .par_iter()
            .map_init(
                || {
                    (
                        BlockDct::new(lattice, CpuLevel::probe()),
                        LatticePlane::new(lattice),
                    )
                },
                |(dct, plane), window| {
                    plane.samples_mut().copy_from_slice(&window.plane);
                    let mut chips = CoefficientPlane::new(lattice, &band);
                    dct.forward_band(plane, &band, &mut chips);
                    visibility::weigh(format, lattice, chips.values_mut());
                    (window.time, chips.values().to_vec())
                },
            )
            .collect();
        ChipWindows {
            format: *format,
            windows,
        }
    }

    /// The windows through a pose, with `margin` samples around the lattice.
    pub(super) fn flattened(&self, pose: &LatticePose, margin: usize) -> Flattened {
        let lattice = pose.lattice();
        let width = lattice.width() + 2 * margin;
        let sampler = Sampling::new(self, pose, margin);
        let mut windows: Vec<WhitenedResidual> = self
            .windows
            .par_iter()
            .map(|window| WhitenedResidual {
                time: window.time,
                plane: sampler.take(&window.plane),
            })
            .collect();
        flatten(&mut windows, width);
        Flattened { width, windows }
    }
}

/// Divides by the mean spectrum of all windows.
fn flatten(windows: &mut [WhitenedResidual], width: usize) {
    let Some(first) = windows.first() else {
        return;
    };
    let height = first.plane.len() / width;
    // Zeros around: a length with large prime factors would take several times as long.
    let fourier = &Fourier::new(fast_length(width), fast_length(height));
    let transformed: Vec<Vec<Values>> = windows
        .par_chunks(PLANES)
        .map_init(Vec::new, |spare, windows| {
            let mut plane = Vec::new();
            fourier.clear(&mut plane);
            for (lane, window) in windows.iter().enumerate() {
                let l = lane % LANES;
                let rows = plane.chunks_exact_mut(fourier.width);
                for (row, samples) in rows.zip(window.plane.chunks_exact(width)) {
                    for (value, &x) in row.iter_mut().zip(samples) {
                        if lane < LANES {
                            value.re.0[l] = x;
                        } else {
                            value.im.0[l] = x;
                        }
                    }
                }
            }
            fourier.forward(&mut plane, spare);
            plane
        })
        .collect();
    // A lane's power at k and -k together is that of both its planes.
    let mut power = vec![0.0_f32; fourier.len()];
    for plane in &transformed {
        for (power, value) in power.iter_mut().zip(plane) {
            for l in 0..LANES {
                *power += value.re.0[l] * value.re.0[l] + value.im.0[l] * value.im.0[l];
            }
        }
    }
    let (columns, rows) = (fourier.width, fourier.height);
    let flat: Vec<f32> = (0..columns * rows)
        .map(|place| {
            let opposite = fourier.opposite((place / rows, place % rows));
            let both = 0.5 * (power[place] + power[opposite]);
            1.0 / (both + POWER_FLOOR).sqrt()
        })
        .collect();
    windows
        .par_chunks_mut(PLANES)
        .zip(transformed)
        .for_each_init(Vec::new, |spare, (windows, mut plane)| {
            for (value, &flat) in plane.iter_mut().zip(&flat) {
                for l in 0..LANES {
                    value.re.0[l] *= flat;
                    value.im.0[l] *= flat;
                }
            }
            fourier.inverse(&mut plane, spare);
            for (lane, window) in windows.iter_mut().enumerate() {
                let l = lane % LANES;
                let rows = plane.chunks_exact(fourier.width);
                for (samples, row) in window.plane.chunks_exact_mut(width).zip(rows) {
                    for (x, value) in samples.iter_mut().zip(row) {
                        *x = if lane < LANES {
                            value.re.0[l]
                        } else {
                            value.im.0[l]
                        };
                    }
                }
            }
        });
}

/// The samples of a stack that each sample of the lattice is the mean of.
struct Sampling {
    stride: usize,
    columns: usize,
    rows: usize,
    /// Points of each lattice sample, in its order.
    points: Vec<(u32, f32, f32)>,
    /// Where each lattice sample's points begin.
    starts: Vec<u32>,
    /// One over the points of a lattice sample that lies in the stack.
    share: f32,
}

impl Sampling {
    fn new(residuals: &WhitenedResiduals, pose: &LatticePose, margin: usize) -> Self {
        let lattice: LatticeGeometry = pose.lattice();
        let factor = residuals.factor as f64;
        let origin = (residuals.origin.0 as f64, residuals.origin.1 as f64);
        let (width, height) = (residuals.width, residuals.height);
        let across = pose.samples_across() / factor;
        let points_across = (across.round() as usize).clamp(1, MOST_POINTS);
        let (columns, rows) = (lattice.width() + 2 * margin, lattice.height() + 2 * margin);
        let mut points = Vec::with_capacity(columns * rows * points_across * points_across);
        let mut starts = Vec::with_capacity(columns * rows + 1);
        let within = |k: usize| (k as f64 + 0.5) / points_across as f64;
        for row in 0..rows {
            for column in 0..columns {
                starts.push(points.len() as u32);
                for (v, u) in
                    (0..points_across).flat_map(|v| (0..points_across).map(move |u| (v, u)))
                {
                    let i = column as f64 - margin as f64 + within(u);
                    let j = row as f64 - margin as f64 + within(v);
                    let (x, y) = pose.map(i, j);
                    let (x, y) = (x / factor - origin.0 - 0.5, y / factor - origin.1 - 0.5);
                    let inside =
                        x >= 0.0 && y >= 0.0 && x < (width - 1) as f64 && y < (height - 1) as f64;
                    if inside {
                        let (left, top) = (x as usize, y as usize);
                        points.push((
                            (top * width + left) as u32,
                            (x - left as f64) as f32,
                            (y - top as f64) as f32,
                        ));
                    }
                }
            }
        }
        starts.push(points.len() as u32);
        Self {
            stride: width,
            columns,
            rows,
            points,
            starts,
            share: 1.0 / (points_across * points_across) as f32,
        }
    }

    fn take(&self, plane: &[f32]) -> Vec<f32> {
        let mut means = Vec::with_capacity(self.columns * self.rows);
        for span in self.starts.windows(2) {
            let mut sum = 0.0;
            for &(at, right, down) in &self.points[span[0] as usize..span[1] as usize] {
                let at = at as usize;
                let line = |at: usize| plane[at] + right * (plane[at + 1] - plane[at]);
                let (top, bottom) = (line(at), line(at + self.stride));
                sum += top + down * (bottom - top);
            }
            means.push(sum * self.share);
        }
        means
    }
}
