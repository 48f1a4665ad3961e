//! Correlation of residues with the patterns of all epochs, at all shifts, in one linear geometry.
//!
//! ```text
//! R[q](x, y) = residue of quarter q at c + A (x, y)                             grid of `step` lattice samples
//! W[k]       = (sum_q |F R[q]|^2)^(-1/2)                                        flattens the host's spectrum
//! C[s]       = F^-1 sum_q conj(F R[q]) W F P[epoch(s + v q)]                    one value for each shift
//! score      = max C[s] / rms C[s]
//! ```
//!
//! # Shapes and units
//! Starts `s` in quarters of a second of media time: the media's moment at the clip's time zero. Scores have no unit;
//! wrong ones, the highest of all shifts, lie at 4 to 6.5.

use std::ops::Range;

use rayon::prelude::*;

use super::footprint::Footprint;
use super::pattern::{Patterns, reduced};
use super::residue::{Residue, Residues, box_mean};
use super::spectrum::{Fourier, LANES, PLANES, Values, fast_length, parted};
use crate::chips::ChipPlan;
use crate::format::EPOCH_SECONDS;
use crate::lattice::LatticeGeometry;

/// Starts of an epoch.
pub const STARTS_PER_EPOCH: i64 = 2;

/// Seconds from one start to the next.
pub const START_SECONDS: f64 = EPOCH_SECONDS / STARTS_PER_EPOCH as f64;

/// Frequencies of the mark, in cycles a lattice sample: `|fx| + |fy|` at most, and the larger at least.
const FREQUENCIES: (f64, f64) = (0.03, 0.42);

/// Power below which a frequency holds nothing.
const POWER_FLOOR: f32 = 1e-9;

/// How the lattice may lie in the frame, but for the shift, and how fast it runs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Look {
    /// Samples of the frame for a lattice sample: `x = a0 i + a1 j`, `y = a2 i + a3 j`.
    pub linear: [f64; 4],
    /// Media seconds that pass in a second of the clip.
    pub speed: f64,
}

/// A place and a start where the clip agrees with the patterns.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Peak {
    /// Peak over root mean square.
    pub score: f32,
    /// Quarters of a second of the media at the clip's time zero.
    pub start: i64,
    /// Media seconds that pass in a second of the clip.
    pub speed: f64,
    /// Where the lattice lies.
    pub footprint: Footprint,
}

/// Residues summed over quarters of a second, and softened for sampling with steps of some length.
#[derive(Clone, Debug)]
pub struct Quarters {
    factor: usize,
    origin: (usize, usize),
    width: usize,
    height: usize,
    sums: Vec<Residue>,
    /// The softening in use: its reach, and the planes.
    softened: (usize, Vec<Vec<f32>>),
}

impl Quarters {
    /// Sums the residues of a stack.
    #[must_use]
    pub fn new(residues: &Residues) -> Self {
        let mut quarters: Vec<(u64, f64, Residue)> = Vec::new();
        for residue in &residues.windows {
            let number = (residue.time / START_SECONDS).max(0.0) as u64;
            match quarters.last_mut() {
                Some((last, members, sum)) if *last == number => {
                    *members += 1.0;
                    sum.time += (residue.time - sum.time) / *members;
                    let planes = sum.plane.iter_mut().zip(&residue.plane);
                    planes.for_each(|(sum, r)| *sum += r);
                }
                _ => quarters.push((number, 1.0, residue.clone())),
            }
        }
        Self {
            factor: residues.factor,
            origin: residues.origin,
            width: residues.width,
            height: residues.height,
            sums: quarters.into_iter().map(|(_, _, sum)| sum).collect(),
            softened: (usize::MAX, Vec::new()),
        }
    }

    /// Softens the planes for steps of that many samples of the stack: about the mean over a step.
    fn soften(&mut self, step: f64) {
        let reach = ((step - 1.0) / 2.0).round().max(0.0) as usize;
        if self.softened.0 != reach {
            let width = self.width;
            let planes = self.sums.par_iter();
            let soft = planes.map(|quarter| box_mean(&quarter.plane, width, reach));
            self.softened = (reach, soft.collect());
        }
    }
}

/// The patterns of a run of epochs, transformed.
pub struct Correlator {
    lattice: LatticeGeometry,
    step: usize,
    fourier: Fourier,
    /// The frequencies of one half plane that count, and their opposites.
    places: Vec<(u32, u32)>,
    first_epoch: u64,
    epochs: Vec<Spectrum>,
}

/// Values at the places of a [`Correlator`].
#[derive(Clone, Debug, Default)]
struct Spectrum {
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Spectrum {
    fn zeros(places: usize) -> Self {
        Self {
            re: vec![0.0; places],
            im: vec![0.0; places],
        }
    }

    /// `+= conj(r) p`.
    fn correlate(&mut self, r: &Self, p: &Self) {
        let sums = self.re.iter_mut().zip(&mut self.im);
        let factors = r.re.iter().zip(&r.im).zip(p.re.iter().zip(&p.im));
        for ((re, im), ((r_re, r_im), (p_re, p_im))) in sums.zip(factors) {
            *re += r_re * p_re + r_im * p_im;
            *im += r_re * p_im - r_im * p_re;
        }
    }
}

impl Correlator {
    /// Transforms the patterns of `epochs` on a grid of `step` lattice samples, for clips that show at most `largest` columns
    /// and rows of the lattice, or of what lies around it.
    #[must_use]
    pub fn new(
        plan: &ChipPlan,
        lattice: LatticeGeometry,
        step: usize,
        largest: (f64, f64),
        epochs: Range<u64>,
    ) -> Self {
        let length =
            |lattice: usize, largest: f64| fast_length(lattice.max(largest.ceil() as usize) / step);
        let fourier = Fourier::new(
            length(lattice.width(), largest.0),
            length(lattice.height(), largest.1),
        );
        let places = places(&fourier, step);
        let first_epoch = epochs.start;
        let numbers: Vec<u64> = epochs.collect();
        let epochs = numbers
            .par_chunks(PLANES)
            .map_init(
                || (Patterns::new(plan, lattice), Vec::new(), Vec::new()),
                |(patterns, plane, spare), numbers| {
                    fourier.clear(plane);
                    for (lane, &epoch) in numbers.iter().enumerate() {
                        let (width, means) = reduced(patterns.of(epoch), step);
                        for (row, means) in means.chunks_exact(width).enumerate() {
                            let first = row * fourier.width;
                            for (value, &mean) in plane[first..first + width].iter_mut().zip(means)
                            {
                                set(value, lane, mean);
                            }
                        }
                    }
                    fourier.forward(plane, spare);
                    spectra(plane, &places, numbers.len())
                },
            )
            .flatten_iter()
            .collect();
        Self {
            lattice,
            step,
            fourier,
            places,
            first_epoch,
            epochs,
        }
    }

    /// The best peak of each of the `starts`, best first, `keep` of them.
    #[must_use]
    pub fn peaks(
        &self,
        quarters: &mut Quarters,
        look: Look,
        starts: Range<i64>,
        keep: usize,
    ) -> Vec<Peak> {
        let grid = Grid::new(self, quarters, look);
        let groups = self.groups(quarters, &grid, look.speed);
        let places = self.places.len();
        let starts: Vec<i64> = starts.collect();
        let mut peaks: Vec<Peak> = starts
            .par_chunks(PLANES)
            .map_init(
                || (Spectrum::zeros(places), Vec::new(), Vec::new()),
                |(sum, plane, spare), starts| {
                    self.fourier.clear(plane);
                    for (lane, &start) in starts.iter().enumerate() {
                        self.sum(&groups, start, sum);
                        self.lay(sum, lane, plane);
                    }
                    self.fourier.inverse(plane, spare);
                    let found = (0..starts.len()).map(|lane| highest(plane, lane));
                    let peaks = found.zip(starts).map(|((score, place), &start)| Peak {
                        score,
                        start,
                        speed: look.speed,
                        footprint: grid.footprint(self, place),
                    });
                    peaks.collect::<Vec<_>>()
                },
            )
            .flatten_iter()
            .collect();
        peaks.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.start.cmp(&b.start)));
        peaks.truncate(keep);
        peaks
    }

    /// The flattened residues of each epoch's length, for starts at the beginning and in the middle of an epoch.
    fn groups(
        &self,
        quarters: &Quarters,
        grid: &Grid,
        speed: f64,
    ) -> [Vec<(i64, Spectrum)>; STARTS_PER_EPOCH as usize] {
        let fourier = &self.fourier;
        let spectra: Vec<Spectrum> = quarters
            .softened
            .1
            .par_chunks(PLANES)
            .map_init(
                || (Vec::new(), Vec::new()),
                |(plane, spare), residues| {
                    fourier.clear(plane);
                    for (lane, residue) in residues.iter().enumerate() {
                        grid.lay(residue, lane, plane);
                    }
                    fourier.forward(plane, spare);
                    spectra(plane, &self.places, residues.len())
                },
            )
            .flatten_iter()
            .collect();
        let mut power = vec![POWER_FLOOR; self.places.len()];
        for spectrum in &spectra {
            for (power, (re, im)) in power.iter_mut().zip(spectrum.re.iter().zip(&spectrum.im)) {
                *power += re * re + im * im;
            }
        }
        let flat: Vec<f32> = power.iter().map(|power| 1.0 / power.sqrt()).collect();
        std::array::from_fn(|phase| {
            let mut groups: Vec<(i64, Spectrum)> = Vec::new();
            for (quarter, spectrum) in quarters.sums.iter().zip(&spectra) {
                let at = (quarter.time * speed / START_SECONDS).floor() as i64 + phase as i64;
                let epoch = at.div_euclid(STARTS_PER_EPOCH);
                if groups.last().is_none_or(|(last, _)| *last != epoch) {
                    groups.push((epoch, Spectrum::zeros(self.places.len())));
                }
                let Some((_, sum)) = groups.last_mut() else {
                    continue;
                };
                let parts = [(&mut sum.re, &spectrum.re), (&mut sum.im, &spectrum.im)];
                for (sums, values) in parts {
                    for ((sum, value), flat) in sums.iter_mut().zip(values).zip(&flat) {
                        *sum += value * flat;
                    }
                }
            }
            groups
        })
    }

    fn sum(&self, groups: &[Vec<(i64, Spectrum)>; 2], start: i64, sum: &mut Spectrum) {
        sum.re.fill(0.0);
        sum.im.fill(0.0);
        let phase = start.rem_euclid(STARTS_PER_EPOCH) as usize;
        for (epoch, group) in &groups[phase] {
            let epoch = epoch + start.div_euclid(STARTS_PER_EPOCH);
            let place = epoch.checked_sub_unsigned(self.first_epoch);
            let place = place.and_then(|place| usize::try_from(place).ok());
            if let Some(pattern) = place.and_then(|place| self.epochs.get(place)) {
                sum.correlate(group, pattern);
            }
        }
    }

    /// Lays the spectrum of a real plane into a lane, with its other half.
    fn lay(&self, spectrum: &Spectrum, lane: usize, plane: &mut [Values]) {
        let values = spectrum.re.iter().zip(&spectrum.im);
        let (l, imaginary) = (lane % LANES, lane >= LANES);
        for ((&re, &im), &(place, opposite)) in values.zip(&self.places) {
            // i (re + i im) = -im + i re for the second plane of a lane.
            let (a, b, c, d) = if imaginary {
                (-im, re, im, re)
            } else {
                (re, im, re, -im)
            };
            let value = &mut plane[place as usize];
            value.re.0[l] += a;
            value.im.0[l] += b;
            let value = &mut plane[opposite as usize];
            value.re.0[l] += c;
            value.im.0[l] += d;
        }
    }
}

/// The frequencies of half the plane that the mark uses.
fn places(fourier: &Fourier, step: usize) -> Vec<(u32, u32)> {
    let (width, height) = (fourier.width, fourier.height);
    let frequency = |k: usize, length: usize| k.min(length - k) as f64 / (length * step) as f64;
    let mut places = Vec::new();
    for kx in 0..width {
        for ky in 0..height {
            let (fx, fy) = (frequency(kx, width), frequency(ky, height));
            // A Nyquist frequency is its own opposite along that axis: left out.
            let first_half = 2 * kx < width && 2 * ky != height && (kx > 0 || 2 * ky < height);
            if first_half && fx.max(fy) > FREQUENCIES.0 && fx + fy < FREQUENCIES.1 {
                places.push(((kx * height + ky) as u32, fourier.opposite((kx, ky)) as u32));
            }
        }
    }
    places
}

fn set(value: &mut Values, lane: usize, x: f32) {
    if lane < LANES {
        value.re.0[lane] = x;
    } else {
        value.im.0[lane - LANES] = x;
    }
}

/// The spectra of the first `count` planes of a transform.
fn spectra(plane: &[Values], places: &[(u32, u32)], count: usize) -> Vec<Spectrum> {
    let mut spectra = vec![Spectrum::zeros(places.len()); count];
    for (n, &(place, opposite)) in places.iter().enumerate() {
        let (value, other) = (plane[place as usize], plane[opposite as usize]);
        for l in 0..LANES.min(count) {
            let parts = parted(value, other, l);
            for (lane, (re, im)) in [(l, parts[0]), (l + LANES, parts[1])] {
                if let Some(spectrum) = spectra.get_mut(lane) {
                    (spectrum.re[n], spectrum.im[n]) = (re, im);
                }
            }
        }
    }
    spectra
}

/// Peak over root mean square of a lane, and where.
fn highest(plane: &[Values], lane: usize) -> (f32, usize) {
    let l = lane % LANES;
    let mut best = (0.0_f32, 0);
    let mut squares = 0.0_f32;
    for (place, value) in plane.iter().enumerate() {
        let x = if lane < LANES {
            value.re.0[l]
        } else {
            value.im.0[l]
        };
        squares += x * x;
        if x > best.0 {
            best = (x, place);
        }
    }
    let rms = (squares / plane.len() as f32).sqrt();
    let score = best.0 / rms;
    (if score.is_finite() { score } else { 0.0 }, best.1)
}

/// Where the points of a grid lie in the stack.
struct Grid {
    /// Columns and rows of the grid that the clip covers.
    covered: (usize, usize),
    /// Samples of the stack for a step of the grid.
    linear: [f64; 4],
    /// Middle of the planes, and where they begin in the stack.
    centre: (f64, f64),
    origin: (f64, f64),
    factor: f64,
    columns: usize,
    points: Vec<Point>,
}

/// A point between four samples of the stack, and its place in the transform.
struct Point {
    place: u32,
    sample: u32,
    right: f32,
    down: f32,
}

impl Grid {
    fn new(correlator: &Correlator, quarters: &mut Quarters, look: Look) -> Self {
        let factor = quarters.factor as f64;
        let a = look.linear.map(|a| a * correlator.step as f64 / factor);
        let across = |x: f64, y: f64| (x * x + y * y).sqrt();
        quarters.soften(across(a[0], a[2]).max(across(a[1], a[3])));
        let (width, height) = (quarters.width, quarters.height);
        let determinant = a[0] * a[3] - a[1] * a[2];
        let extent = |p: f64, q: f64, most: usize| {
            let extent = (p.abs() * width as f64 + q.abs() * height as f64) / determinant.abs();
            (extent as usize).clamp(1, most)
        };
        let fourier = &correlator.fourier;
        let mut grid = Self {
            covered: (
                extent(a[3], a[1], fourier.width),
                extent(a[2], a[0], fourier.height),
            ),
            linear: a,
            centre: (width as f64 / 2.0, height as f64 / 2.0),
            origin: (quarters.origin.0 as f64, quarters.origin.1 as f64),
            factor,
            columns: fourier.width,
            points: Vec::new(),
        };
        grid.points = grid.points_in(width, height);
        grid
    }

    fn points_in(&self, width: usize, height: usize) -> Vec<Point> {
        let (columns, rows) = self.covered;
        let a = &self.linear;
        let mut points = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let i = column as f64 + 0.5 - columns as f64 / 2.0;
                let j = row as f64 + 0.5 - rows as f64 / 2.0;
                let x = self.centre.0 + a[0] * i + a[1] * j - 0.5;
                let y = self.centre.1 + a[2] * i + a[3] * j - 0.5;
                if x < 0.0 || y < 0.0 || x >= (width - 1) as f64 || y >= (height - 1) as f64 {
                    continue;
                }
                let (left, top) = (x as usize, y as usize);
                points.push(Point {
                    place: (row * self.columns + column) as u32,
                    sample: (top * width + left) as u32,
                    right: (x - left as f64) as f32,
                    down: (y - top as f64) as f32,
                });
            }
        }
        points
    }

    fn stride(&self) -> usize {
        (2.0 * self.centre.0) as usize
    }

    fn lay(&self, residue: &[f32], lane: usize, plane: &mut [Values]) {
        let stride = self.stride();
        for point in &self.points {
            let at = point.sample as usize;
            let line = |at: usize| residue[at] + point.right * (residue[at + 1] - residue[at]);
            let (top, bottom) = (line(at), line(at + stride));
            set(
                &mut plane[point.place as usize],
                lane,
                top + point.down * (bottom - top),
            );
        }
    }

    /// The footprint of a peak at a place of the correlation.
    fn footprint(&self, correlator: &Correlator, place: usize) -> Footprint {
        let (lattice, fourier) = (correlator.lattice, &correlator.fourier);
        let step = correlator.step as f64;
        let shift = |at: usize, length: usize, covered: usize, lattice: usize| {
            // Shifts are known modulo the transform: the one that shows more of the picture.
            let shown =
                |shift: f64| (shift + covered as f64).min(lattice as f64 / step) - shift.max(0.0);
            let (here, before) = (at as f64, at as f64 - length as f64);
            if shown(before) > shown(here) {
                before
            } else {
                here
            }
        };
        let dx = shift(
            place % self.columns,
            fourier.width,
            self.covered.0,
            lattice.width(),
        );
        let dy = shift(
            place / self.columns,
            fourier.height,
            self.covered.1,
            lattice.height(),
        );
        let middle = (
            (dx + self.covered.0 as f64 / 2.0) * step,
            (dy + self.covered.1 as f64 / 2.0) * step,
        );
        let a = self.linear.map(|a| a * self.factor / step);
        let x = (self.origin.0 + self.centre.0) * self.factor;
        let y = (self.origin.1 + self.centre.1) * self.factor;
        Footprint::affine(
            lattice,
            [
                a[0],
                a[1],
                x - a[0] * middle.0 - a[1] * middle.1,
                a[2],
                a[3],
                y - a[2] * middle.0 - a[3] * middle.1,
            ],
        )
    }
}
