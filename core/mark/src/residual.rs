//! The host taken out: what is left of a frame's coefficients once the picture is predicted.
//!
//! ```text
//! blind:      r[i,t] = x[i,t] - mean of x[i,t'] over |t' - t| <= 1/2 s within the shot
//! reference:  r[i,t] = x[i,t] - g[d,t] y[i,t],   g[d,t] = <x, y> / <y, y> over all chips of diagonal d = u + v
//! ```
//!
//! `y` is the reference's frame of the same moment; the gain of each diagonal follows blur and contrast.
//!
//! # Shapes and units
//! `r` in code values of 8 bits, `[chip]` as in [`crate::chips`]; times in seconds.

use crate::chips;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::CoefficientPlane;
use crate::observe::Observation;
use crate::visibility::Visibility;

/// Half the span of the moving average, in seconds.
const HALF_SPAN: f64 = 0.5;

/// Relative change of all coefficients from one frame to the next above which a shot ends.
const CUT_CHANGE: f64 = 0.6;

/// Shots of fewer frames are no use to the moving average, which would remove them whole.
const SHORTEST_SHOT: usize = 4;

/// A run of frames without their host.
#[derive(Clone, Debug)]
pub struct Residuals {
    lattice: LatticeGeometry,
    frames: Vec<ResidualFrame>,
}

/// One frame without its host.
#[derive(Clone, Debug)]
pub struct ResidualFrame {
    /// Seconds on the clock that the mark's epochs are searched on.
    pub media_time: f64,
    /// `[chip]`.
    pub values: Vec<f32>,
    /// `[block]`: the amplitude that the visibility model expects.
    pub amplitudes: Vec<f32>,
}

/// A frame of the clip and the frame of the reference that shows the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// The clip's frame.
    pub clip: &'a Observation,
    /// The reference's frame; its media time counts.
    pub reference: &'a Observation,
}

impl Residuals {
    /// Cancels the host by its own moving average: keys alone are needed.
    ///
    /// # Panics
    /// When the observations are of different lattices.
    #[must_use]
    pub fn blind(lattice: LatticeGeometry, clip: &[Observation]) -> Self {
        let mut visibility = Visibility::new(lattice);
        let mut frames = Vec::with_capacity(clip.len());
        for shot in shots(clip) {
            let mut means = MovingMean::new(&clip[shot.clone()]);
            for observation in &clip[shot.clone()] {
                let mut values = chip_values(&observation.coefficients).to_vec();
                if shot.len() >= SHORTEST_SHOT {
                    means.subtract(observation.media_time, &mut values);
                }
                frames.push(ResidualFrame {
                    media_time: observation.media_time,
                    values,
                    amplitudes: visibility.amplitudes(&observation.coefficients).to_vec(),
                });
            }
        }
        Self { lattice, frames }
    }

    /// Cancels the host by a registered reference.
    ///
    /// # Panics
    /// When the observations are of different lattices.
    #[must_use]
    pub fn with_reference(lattice: LatticeGeometry, pairs: &[Registered<'_>]) -> Self {
        let mut visibility = Visibility::new(lattice);
        let frames = pairs
            .iter()
            .map(|pair| ResidualFrame {
                media_time: pair.reference.media_time,
                values: cancel(
                    lattice,
                    &pair.clip.coefficients,
                    &pair.reference.coefficients,
                ),
                amplitudes: visibility.amplitudes(&pair.reference.coefficients).to_vec(),
            })
            .collect();
        Self { lattice, frames }
    }

    /// The lattice of all frames.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// The frames in their order.
    #[must_use]
    pub fn frames(&self) -> &[ResidualFrame] {
        &self.frames
    }
}

/// The diagonal `u + v` of every coefficient of the mark's band.
#[must_use]
pub(crate) fn diagonals() -> Vec<usize> {
    chips::band()
        .frequencies()
        .iter()
        .map(|&(u, v)| usize::from(u + v))
        .collect()
}

/// The chips of an observation: everything but the mean.
fn chip_values(coefficients: &CoefficientPlane) -> &[f32] {
    &coefficients.values()[coefficients.geometry().blocks()..]
}

fn cancel(
    lattice: LatticeGeometry,
    clip: &CoefficientPlane,
    reference: &CoefficientPlane,
) -> Vec<f32> {
    let blocks = lattice.blocks();
    let diagonals = diagonals();
    let (x, y) = (chip_values(clip), chip_values(reference));
    let mut cross = [0.0_f64; 16];
    let mut energy = [0.0_f64; 16];
    for ((x, y), &d) in x
        .chunks_exact(blocks)
        .zip(y.chunks_exact(blocks))
        .zip(&diagonals)
    {
        cross[d] += dot(x, y);
        energy[d] += dot(y, y);
    }
    let mut values = x.to_vec();
    for ((values, y), &d) in values
        .chunks_exact_mut(blocks)
        .zip(y.chunks_exact(blocks))
        .zip(&diagonals)
    {
        let gain = if energy[d] > 0.0 {
            (cross[d] / energy[d]) as f32
        } else {
            0.0
        };
        for (value, y) in values.iter_mut().zip(y) {
            *value -= gain * y;
        }
    }
    values
}

/// The inner product, in eight lanes and a fixed order.
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0_f32; LANES];
    let (x_whole, x_rest) = x.as_chunks::<LANES>();
    let (y_whole, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x_whole.iter().zip(y_whole) {
        for l in 0..LANES {
            lanes[l] += x[l] * y[l];
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>() + f64::from(rest)
}

/// The spans of frames between cuts.
fn shots(clip: &[Observation]) -> Vec<std::ops::Range<usize>> {
    let mut shots = Vec::new();
    let mut start = 0;
    for (i, pair) in clip.windows(2).enumerate() {
        let (x, y) = (pair[0].coefficients.values(), pair[1].coefficients.values());
        let blocks = pair[0].coefficients.geometry().blocks();
        // The mean of a block outweighs all else: count it once, not eight times.
        let weigh = |x: &[f32], y: &[f32]| {
            dot(&x[..blocks], &y[..blocks]) / 64.0 + dot(&x[blocks..], &y[blocks..])
        };
        let (xx, yy, xy) = (weigh(x, x), weigh(y, y), weigh(x, y));
        let texture = dot(&x[blocks..], &x[blocks..]) + dot(&y[blocks..], &y[blocks..]);
        if xx + yy - 2.0 * xy > CUT_CHANGE * texture {
            shots.push(start..i + 1);
            start = i + 1;
        }
    }
    if start < clip.len() {
        shots.push(start..clip.len());
    }
    shots
}

/// The mean of each chip over the frames around a moment, kept as a running sum.
struct MovingMean<'a> {
    shot: &'a [Observation],
    span: std::ops::Range<usize>,
    sums: Vec<f64>,
}

impl<'a> MovingMean<'a> {
    fn new(shot: &'a [Observation]) -> Self {
        let chips = shot
            .first()
            .map_or(0, |first| chip_values(&first.coefficients).len());
        Self {
            shot,
            span: 0..0,
            sums: vec![0.0; chips],
        }
    }

    /// Takes the mean around a moment off the values. Moments must not go back.
    fn subtract(&mut self, media_time: f64, values: &mut [f32]) {
        while let Some(next) = self.shot.get(self.span.end)
            && next.media_time <= media_time + HALF_SPAN
        {
            for (sum, &x) in self.sums.iter_mut().zip(chip_values(&next.coefficients)) {
                *sum += f64::from(x);
            }
            self.span.end += 1;
        }
        while self.shot[self.span.start].media_time < media_time - HALF_SPAN {
            let last = &self.shot[self.span.start];
            for (sum, &x) in self.sums.iter_mut().zip(chip_values(&last.coefficients)) {
                *sum -= f64::from(x);
            }
            self.span.start += 1;
        }
        let share = 1.0 / self.span.len() as f64;
        for (value, sum) in values.iter_mut().zip(&self.sums) {
            *value -= (sum * share) as f32;
        }
    }
}

#[cfg(test)]
mod tests;
