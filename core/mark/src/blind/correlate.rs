//! Correlation of residuals with the patterns of many epochs, at all shifts, in one linear geometry.
//!
//! ```text
//! R[q](x, y) = residual of quarter q at c + A (x, y)                             grid of `step` lattice samples
//! W[k]       = (sum_q |F R[q]|^2)^(-1/2)                                        flattens the host's spectrum
//! C[s]       = F^-1 sum_q conj(F R[q]) W F P[epoch(s + v q)]                    one value for each shift
//! score      = max C[s] / rms C[s]
//! ```
//!
//! # Shapes and units
//! Starts `s` in quarters of a second of media time: the media's moment at the clip's time zero. Scores have no unit;
//! wrong ones, the highest of all shifts, lie at 4 to 6.5. Patterns are kept as bytes, 2 KB an epoch for each thousand places: the
//! rounding is 1 % of their deviation, and moves a score in its third digit.
//! # Determinism
//! Each start is summed epoch by epoch; AVX2 recompiles the same source.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled with the instructions of its caller, if it is inlined there"
)]

use rayon::prelude::*;

use super::hypothesis::{Peak, STARTS_PER_EPOCH, TransformHypothesis, start_seconds};
use super::pattern::{Patterns, reduced};
use super::spectrum::{Fourier, LANES, PLANES, Values, parted, quick_length, set};
use crate::chips::ChipPlan;
use crate::lattice::LatticeGeometry;
use crate::lattice::cpu::CpuLevel;

mod grid;
#[cfg(target_arch = "x86_64")]
mod x86;

use grid::Grid;
pub use grid::Quarters;

/// Frequencies of the mark, in cycles a lattice sample: `|fx| + |fy|` at most, and the larger at least.
const FREQUENCIES: (f64, f64) = (0.03, 0.42);

/// Power below which a frequency holds nothing.
const POWER_FLOOR: f32 = 1e-9;

/// Steps of a byte for the root mean square of a pattern's values: four and a half of these fit.
const STEPS_OF_DEVIATION: f32 = 28.0;

/// The patterns of some epochs, transformed.
pub struct Correlator {
    level: CpuLevel,
    lattice: LatticeGeometry,
    start_seconds: f64,
    step: usize,
    fourier: Fourier,
    /// The frequencies of one half plane that count, and their opposites.
    places: Vec<(u32, u32)>,
    /// The epochs, ascending, and the pattern of each.
    numbers: Vec<u64>,
    epochs: Vec<Pattern>,
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
    #[inline(always)]
    fn correlate(&mut self, r: &Self, p: &Pattern) {
        let sums = self.re.iter_mut().zip(&mut self.im);
        let factors = r.re.iter().zip(&r.im).zip(p.re.iter().zip(&p.im));
        for ((re, im), ((r_re, r_im), (p_re, p_im))) in sums.zip(factors) {
            let (p_re, p_im) = (f32::from(*p_re), f32::from(*p_im));
            *re += r_re * p_re + r_im * p_im;
            *im += r_re * p_im - r_im * p_re;
        }
    }
}

/// A pattern's values at the places of a [`Correlator`], in steps of its deviation.
#[derive(Clone, Debug)]
struct Pattern {
    re: Vec<i8>,
    im: Vec<i8>,
}

impl Pattern {
    /// Rounded; the rare value beyond the range of a byte is cut to it.
    fn of(spectrum: &Spectrum) -> Self {
        let values = || spectrum.re.iter().chain(&spectrum.im);
        let power: f32 = values().map(|x| x * x).sum();
        let deviation = (power / values().count().max(1) as f32).sqrt();
        let scale = STEPS_OF_DEVIATION / deviation.max(POWER_FLOOR);
        let bytes = |values: &[f32]| values.iter().map(|x| (x * scale).round() as i8).collect();
        Self {
            re: bytes(&spectrum.re),
            im: bytes(&spectrum.im),
        }
    }
}

/// The flattened residuals of each epoch's length, for one phase of starts.
type Groups = [Vec<(i64, Spectrum)>];

impl Correlator {
    /// Transforms the patterns of `epochs`, ascending, on a grid of `step` lattice samples, for clips that show at most `largest`
    /// columns and rows of the lattice, or of what lies around it.
    #[must_use]
    pub fn new(
        plan: &ChipPlan,
        step: usize,
        largest: (f64, f64),
        epochs: impl IntoIterator<Item = u64>,
    ) -> Self {
        let lattice = plan.lattice();
        let length = |lattice: usize, largest: f64| {
            quick_length(lattice.max(largest.ceil() as usize) / step)
        };
        let fourier = Fourier::new(
            length(lattice.width(), largest.0),
            length(lattice.height(), largest.1),
        );
        let places = places(&fourier, step);
        let numbers: Vec<u64> = epochs.into_iter().collect();
        let epochs = numbers
            .par_chunks(PLANES)
            .map_init(
                || (Patterns::new(plan), Vec::new(), Vec::new()),
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
                    let spectra = spectra(plane, &places, numbers.len());
                    spectra.iter().map(Pattern::of).collect::<Vec<_>>()
                },
            )
            .flatten_iter()
            .collect();
        Self {
            level: CpuLevel::probe(),
            lattice,
            start_seconds: start_seconds(plan.format()),
            step,
            fourier,
            places,
            numbers,
            epochs,
        }
    }

    /// The best peak of each of the `starts`, best first, `keep` of them.
    #[must_use]
    pub fn peaks(
        &self,
        quarters: &mut Quarters,
        hypothesis: TransformHypothesis,
        starts: impl IntoIterator<Item = i64>,
        keep: usize,
    ) -> Vec<Peak> {
        let grid = Grid::new(&self.fourier, self.step, quarters, hypothesis);
        let groups = self.groups(quarters, &grid, hypothesis.speed);
        let places = self.places.len();
        let starts: Vec<i64> = starts.into_iter().collect();
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
                    let found = highest(plane).into_iter();
                    let peaks = found.zip(starts).map(|((score, place), &start)| Peak {
                        score,
                        start,
                        speed: hypothesis.speed,
                        pose: grid.pose(&self.fourier, self.lattice, place),
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

    /// The flattened residuals of each epoch's length, for starts at the beginning and in the middle of an epoch.
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
                |(plane, spare), residuals| {
                    fourier.clear(plane);
                    for (lane, residual) in residuals.iter().enumerate() {
                        grid.lay(residual, lane, plane);
                    }
                    fourier.forward(plane, spare);
                    spectra(plane, &self.places, residuals.len())
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
                let at = (quarter.time * speed / self.start_seconds).floor() as i64 + phase as i64;
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

    fn sum(&self, groups: &Groups, start: i64, sum: &mut Spectrum) {
        #[cfg(target_arch = "x86_64")]
        if self.level.has_avx2() {
            return x86::sum(self, groups, start, sum);
        }
        self.sum_kernel(groups, start, sum);
    }

    #[inline(always)]
    fn sum_kernel(&self, groups: &Groups, start: i64, sum: &mut Spectrum) {
        sum.re.fill(0.0);
        sum.im.fill(0.0);
        let phase = start.rem_euclid(STARTS_PER_EPOCH) as usize;
        for (epoch, group) in &groups[phase] {
            let epoch = u64::try_from(epoch + start.div_euclid(STARTS_PER_EPOCH));
            let place = epoch.map(|epoch| self.numbers.binary_search(&epoch));
            if let Ok(Ok(place)) = place {
                sum.correlate(group, &self.epochs[place]);
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

/// Peak over root mean square of each plane of a transform, and where.
fn highest(plane: &[Values]) -> [(f32, usize); PLANES] {
    let mut best = [(0.0_f32, 0_u32); PLANES];
    let mut squares = [0.0_f32; PLANES];
    for (place, value) in (0_u32..).zip(plane) {
        let samples = value.re.0.iter().chain(&value.im.0);
        for ((&x, best), squares) in samples.zip(&mut best).zip(&mut squares) {
            *squares += x * x;
            if x > best.0 {
                *best = (x, place);
            }
        }
    }
    std::array::from_fn(|lane| {
        let rms = (squares[lane] / plane.len() as f32).sqrt();
        let score = best[lane].0 / rms;
        let score = if score.is_finite() { score } else { 0.0 };
        (score, best[lane].1 as usize)
    })
}
