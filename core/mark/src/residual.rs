//! The host taken out: what is left of a frame's coefficients once the picture is predicted.
//!
//! ```text
//! reference:  r[i,t] = x[i,t] - g[d,t] y[i,t],   g[d,t] = <x, y> / <y, y> over the chips of diagonal d = u + v
//!             then what is left of y, a little beside its place, neighbourhood by neighbourhood: [`local`]
//!             r[i,t] = 0 and no part in g where block b is occluded, and of what is seen of blocks that the frame's border cuts: [`reference`]
//! in time:    m[i,t] = mean of x[i,t'] over 0.2 s < |t' - t| <= 1 s within the shot
//!             r[i,t] = x[i,t] - l[b,d] m[i,t],   l[b,d] = <x, m> / <m, m> over the window, 0 to 1
//! innovation: e[i,t] = r[i,t] - k[b,t] r[i,t'],  k[b,t] = <r, r'> / <r', r'> over block b, 0 to 1
//! ```
//!
//! `y` is the reference's frame of the same moment; the gain of each diagonal follows blur and contrast.
//!
//! The prediction along time is all that the blind path has. It leaves out the moments whose chips still agree with those
//! of `t`, and is trusted as far as block `b` has stood still: 1 for a fixed camera, 0 where everything moves (a Wiener
//! predictor of one coefficient).
//!
//! Innovations, against the frame `t'` before, are for what a reference leaves. An encoder repeats a block until a change
//! is worth its bits: what it repeats is its own error and the mark of an earlier epoch, and what it codes is news of the
//! present one. Where bits abound the mark itself is repeated, and the plain residual says more: the synchronisation
//! chips tell which view is better.
//!
//! # Shapes and units
//! `r` in code values of 8 bits, `[chip]` as in [`crate::chips`]; times in seconds.

use std::ops::Range;

mod local;
mod place;
mod reference;

use countermark_picture::cut::{self, CutRule};

use crate::inner::inner;
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::{Band, CoefficientPlane};
use crate::observe::Observation;
use crate::visibility::Visibility;

use reference::Host;

/// How far from a moment its prediction begins and ends, in seconds: beyond most of its epoch, within the shot.
const RING_SECONDS: (f64, f64) = (0.2, 1.0);

/// Energy of a predictor below which it predicts nothing, in squared code values of 8 bits.
const PREDICTOR_FLOOR: f32 = 0.1;

/// A run of frames without their host.
#[derive(Clone, Debug)]
pub struct Residuals {
    lattice: LatticeGeometry,
    shots: Vec<Range<usize>>,
    frames: Vec<ResidualFrame>,
}

/// One frame without its host.
#[derive(Clone, Debug)]
pub struct ResidualFrame {
    /// Seconds on the clock that the mark's epochs are searched on.
    pub media_time: f64,
    /// Seconds on the clip's own clock.
    pub clip_time: f64,
    /// `[chip]`.
    pub values: Vec<f32>,
    /// `[block]`: the amplitude that the visibility model expects.
    pub amplitudes: Vec<f32>,
    /// `[block]`: the share of a frame that it counts for among its chips' noise, 1 where the block is seen as a whole.
    pub seen: Vec<f32>,
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
    /// Cancels the host by its own past and future: keys alone are needed.
    ///
    /// # Panics
    /// When the observations are of different lattices.
    #[must_use]
    pub fn blind(lattice: LatticeGeometry, clip: &[Observation]) -> Self {
        let mut visibility = Visibility::new(lattice);
        let frame = |observation: &Observation| ResidualFrame {
            media_time: observation.media_time,
            clip_time: observation.media_time,
            values: chip_values(&observation.coefficients).to_vec(),
            amplitudes: visibility.standard(&observation.coefficients),
            seen: vec![1.0; lattice.blocks()],
        };
        let frames = clip.iter().map(frame).collect();
        Self {
            lattice,
            shots: shots(clip.iter()),
            frames,
        }
        .without_what_stands()
    }

    /// Cancels the host by a registered reference.
    ///
    /// # Panics
    /// When the observations are of different lattices.
    #[must_use]
    pub fn with_reference(lattice: LatticeGeometry, pairs: &[Registered<'_>]) -> Self {
        let mut visibility = Visibility::new(lattice);
        let host = Host::new(lattice);
        let frames = pairs
            .iter()
            .map(|pair| {
                let (values, seen) = host.taken_off(pair);
                ResidualFrame {
                    media_time: pair.reference.media_time,
                    clip_time: pair.clip.media_time,
                    values,
                    amplitudes: visibility.standard(&pair.reference.coefficients),
                    seen,
                }
            })
            .collect();
        Self {
            lattice,
            shots: shots(pairs.iter().map(|pair| pair.clip)),
            frames,
        }
    }

    /// Takes off what past and future predict.
    fn without_what_stands(mut self) -> Self {
        let shots = &self.shots;
        let means: Vec<Vec<f32>> = shots
            .iter()
            .flat_map(|shot| ring_means(&self.frames[shot.clone()]))
            .collect();
        let trust = predictability(self.lattice, &self.frames, &means);
        for (frame, means) in self.frames.iter_mut().zip(&means) {
            for ((value, mean), trust) in frame.values.iter_mut().zip(means).zip(&trust) {
                *value -= trust * mean;
            }
        }
        self
    }

    /// Takes off each frame of a shot what the frame before predicts, block by block.
    #[must_use]
    pub fn innovations(mut self) -> Self {
        let blocks = self.lattice.blocks();
        let mut repeated = Repetition::new(blocks);
        for shot in self.shots.clone() {
            // From the last to the first: the frame before must still be whole.
            for i in shot.skip(1).rev() {
                let (past, now) = self.frames.split_at_mut(i);
                if let (Some(before), Some(now)) = (past.last(), now.first_mut()) {
                    repeated.take_off(&before.values, &mut now.values);
                }
            }
        }
        self
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
pub(crate) fn diagonals(lattice: LatticeGeometry) -> Vec<usize> {
    Band::of_mark(lattice)
        .frequencies()
        .iter()
        .map(|&(u, v)| usize::from(u + v))
        .collect()
}

/// The chips of an observation: everything but the mean.
fn chip_values(coefficients: &CoefficientPlane) -> &[f32] {
    &coefficients.values()[coefficients.geometry().blocks()..]
}

/// The spans of frames between cuts.
fn shots<'a>(clip: impl Iterator<Item = &'a Observation>) -> Vec<Range<usize>> {
    let frames: Vec<&CoefficientPlane> = clip.map(|frame| &frame.coefficients).collect();
    cut::shots(frames.len(), |i| is_cut(frames[i], frames[i + 1]))
}

fn is_cut(before: &CoefficientPlane, after: &CoefficientPlane) -> bool {
    let blocks = before.geometry().blocks();
    let (x, y) = (before.values(), after.values());
    let texture = |x: &[f32]| inner(&x[blocks..], &x[blocks..]);
    // The mean of a block outweighs all else: count it once, not 64 times.
    let likeness = |x: &[f32], y: &[f32]| {
        inner(&x[..blocks], &y[..blocks]) / 64.0 + inner(&x[blocks..], &y[blocks..])
    };
    let change = likeness(x, x) + likeness(y, y) - 2.0 * likeness(x, y);
    CutRule::LATTICE.is_cut(change, texture(x) + texture(y))
}

/// `l` of every chip: how far the means predict its block and diagonal.
fn predictability(
    lattice: LatticeGeometry,
    frames: &[ResidualFrame],
    means: &[Vec<f32>],
) -> Vec<f32> {
    let blocks = lattice.blocks();
    let diagonals = diagonals(lattice);
    let groups = diagonals.iter().max().map_or(0, |d| d + 1) * blocks;
    let (mut cross, mut energy) = (vec![0.0_f32; groups], vec![0.0_f32; groups]);
    for (frame, mean) in frames.iter().zip(means) {
        for ((x, m), &d) in frame
            .values
            .chunks_exact(blocks)
            .zip(mean.chunks_exact(blocks))
            .zip(&diagonals)
        {
            let group = d * blocks..(d + 1) * blocks;
            let sums = cross[group.clone()].iter_mut().zip(&mut energy[group]);
            for ((x, m), (cross, energy)) in x.iter().zip(m).zip(sums) {
                *cross += x * m;
                *energy += m * m;
            }
        }
    }
    let one = |group: usize| (cross[group] / (energy[group] + PREDICTOR_FLOOR)).clamp(0.0, 1.0);
    diagonals
        .iter()
        .flat_map(|&d| (d * blocks..(d + 1) * blocks).map(one))
        .collect()
}

/// How much of each block of a frame repeats the frame before: `k[b,t]`.
struct Repetition {
    cross: Vec<f32>,
    energy: Vec<f32>,
}

impl Repetition {
    fn new(blocks: usize) -> Self {
        Self {
            cross: vec![0.0; blocks],
            energy: vec![0.0; blocks],
        }
    }

    /// `now` without what it repeats of `before`, both `[coefficient][block]`.
    fn take_off(&mut self, before: &[f32], now: &mut [f32]) {
        let blocks = self.cross.len();
        self.cross.fill(0.0);
        self.energy.fill(0.0);
        for (x, m) in now.chunks_exact(blocks).zip(before.chunks_exact(blocks)) {
            let sums = self.cross.iter_mut().zip(&mut self.energy);
            for ((x, m), (cross, energy)) in x.iter().zip(m).zip(sums) {
                *cross += x * m;
                *energy += m * m;
            }
        }
        for (cross, energy) in self.cross.iter_mut().zip(&self.energy) {
            *cross = (*cross / (energy + PREDICTOR_FLOOR)).clamp(0.0, 1.0);
        }
        for (x, m) in now
            .chunks_exact_mut(blocks)
            .zip(before.chunks_exact(blocks))
        {
            for ((x, m), share) in x.iter_mut().zip(m).zip(&self.cross) {
                *x -= share * m;
            }
        }
    }
}

/// The mean of each chip over the ring of time around every frame of a shot; zeros where the ring is empty.
fn ring_means(shot: &[ResidualFrame]) -> Vec<Vec<f32>> {
    let (mut inner, mut outer) = (
        MovingSum::new(shot, RING_SECONDS.0),
        MovingSum::new(shot, RING_SECONDS.1),
    );
    shot.iter()
        .map(|frame| {
            inner.advance(frame.clip_time);
            outer.advance(frame.clip_time);
            let share = 1.0 / outer.span.len().saturating_sub(inner.span.len()).max(1) as f64;
            let rings = outer.sums.iter().zip(&inner.sums);
            rings
                .map(|(outer, inner)| ((outer - inner) * share) as f32)
                .collect()
        })
        .collect()
}

/// The sum of each chip over the frames nearer to a moment than a reach, kept as a running sum.
struct MovingSum<'a> {
    shot: &'a [ResidualFrame],
    reach: f64,
    span: Range<usize>,
    sums: Vec<f64>,
}

impl<'a> MovingSum<'a> {
    fn new(shot: &'a [ResidualFrame], reach: f64) -> Self {
        let chips = shot.first().map_or(0, |first| first.values.len());
        Self {
            shot,
            reach,
            span: 0..0,
            sums: vec![0.0; chips],
        }
    }

    /// Moves on to a later moment.
    fn advance(&mut self, media_time: f64) {
        while let Some(next) = self.shot.get(self.span.end)
            && next.clip_time <= media_time + self.reach
        {
            for (sum, &x) in self.sums.iter_mut().zip(&next.values) {
                *sum += f64::from(x);
            }
            self.span.end += 1;
        }
        while self.shot[self.span.start].clip_time < media_time - self.reach {
            let last = &self.shot[self.span.start];
            for (sum, &x) in self.sums.iter_mut().zip(&last.values) {
                *sum -= f64::from(x);
            }
            self.span.start += 1;
        }
    }
}

#[cfg(test)]
mod tests;
