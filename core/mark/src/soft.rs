//! Soft values: residuals weighed by how far they can be trusted and summed over short bins of time.
//!
//! ```text
//! V[s,b,d]  = mean of r[i,t]^2 over frames t of slot s and chips i of block b, diagonal d
//! V'        = half V smoothed over 3x3 blocks, half its mean over all slots
//! w[s,i]    = a[s,b] (V' + V0)^-beta,    beta = 3/4 blind, 3/8 with a reference
//! y[n,i]    = sum of w[s,i] r[i,t] over frames t of bin n
//! ```
//!
//! A matched filter has `beta = 1`. Less is better under heavy compression: where the residual is smallest the encoder
//! has often erased the mark along with the noise.
//!
//! # Shapes and units
//! Bins are an eighth of an epoch, slots one epoch, both on the residuals' clock. `y` has no unit: every score divides
//! by its norm.
//! # Determinism
//! Square roots and divisions only.

use crate::epoch::EpochMix;
use crate::format::EPOCH_SECONDS;
use crate::lattice::LatticeGeometry;
use crate::residual::{Residuals, diagonals};

/// Bins of an epoch.
pub const BINS_PER_EPOCH: u64 = 8;

/// Seconds of a bin.
pub const BIN_SECONDS: f64 = EPOCH_SECONDS / BINS_PER_EPOCH as f64;

/// Variance that no picture goes below: what rounding to 8 bits leaves after averaging.
const VARIANCE_FLOOR: f32 = 0.02;

/// How steeply trust falls with a chip's variance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// The residual still holds much of the host: `V^(-3/4)`.
    Blind,
    /// The host is gone and the encoder's noise remains: `V^(-3/8)`.
    Reference,
}

impl Trust {
    fn weight(self, variance: f32) -> f32 {
        let root = (variance + VARIANCE_FLOOR).sqrt();
        let fourth = root.sqrt();
        match self {
            Self::Blind => 1.0 / (root * fourth),
            Self::Reference => 1.0 / (fourth * fourth.sqrt()),
        }
    }
}

/// One bin of soft values.
#[derive(Clone, Debug)]
pub struct SoftBin {
    /// The bin's number on the residuals' clock.
    pub number: u64,
    /// `[chip]`.
    pub values: Vec<f32>,
}

/// Soft values of a run of frames.
#[derive(Clone, Debug)]
pub struct SoftValues {
    bins: Vec<SoftBin>,
}

impl SoftValues {
    /// Weighs and sums the residuals.
    #[must_use]
    pub fn new(residuals: &Residuals, trust: Trust) -> Self {
        let slots = Slots::new(residuals);
        let mut bins: Vec<SoftBin> = Vec::new();
        let mut weights = (None, Vec::new());
        for frame in residuals.frames() {
            let slot = slot_of(frame.media_time);
            if weights.0 != Some(slot) {
                weights = (Some(slot), slots.weights(slot, &frame.amplitudes, trust));
            }
            let number = bin_of(frame.media_time);
            let place = match bins.binary_search_by_key(&number, |bin| bin.number) {
                Ok(place) => place,
                Err(place) => {
                    bins.insert(
                        place,
                        SoftBin {
                            number,
                            values: vec![0.0; frame.values.len()],
                        },
                    );
                    place
                }
            };
            for ((sum, r), w) in bins[place]
                .values
                .iter_mut()
                .zip(&frame.values)
                .zip(&weights.1)
            {
                *sum += r * w;
            }
        }
        Self { bins }
    }

    /// The bins in the order of time; bins without a frame are absent.
    #[must_use]
    pub fn bins(&self) -> &[SoftBin] {
        &self.bins
    }

    /// The soft values of each epoch when bin `n` of the clip lies at bin `n + shift` of the media.
    #[must_use]
    pub fn epochs(&self, shift: i64) -> Vec<(u64, Vec<f32>)> {
        let mut epochs: Vec<(u64, Vec<f32>)> = Vec::new();
        for bin in &self.bins {
            let Some(mix) = mix_of(bin.number, shift) else {
                continue;
            };
            for (epoch, weight) in mix.parts() {
                let place = match epochs.binary_search_by_key(&epoch, |e| e.0) {
                    Ok(place) => place,
                    Err(place) => {
                        epochs.insert(place, (epoch, vec![0.0; bin.values.len()]));
                        place
                    }
                };
                for (sum, y) in epochs[place].1.iter_mut().zip(&bin.values) {
                    *sum += weight * y;
                }
            }
        }
        epochs
    }
}

/// The mix of epochs in the middle of a bin, when the media starts before it.
#[must_use]
pub fn mix_of(bin: u64, shift: i64) -> Option<EpochMix> {
    let media_bin = bin.checked_add_signed(shift)?;
    Some(EpochMix::at((media_bin as f64 + 0.5) * BIN_SECONDS))
}

fn bin_of(media_time: f64) -> u64 {
    (media_time / BIN_SECONDS).max(0.0) as u64
}

fn slot_of(media_time: f64) -> u64 {
    (media_time / EPOCH_SECONDS).max(0.0) as u64
}

/// Variances of residuals by slot, diagonal and block.
struct Slots {
    lattice: LatticeGeometry,
    diagonals: Vec<usize>,
    first: u64,
    /// `[slot][diagonal][block]`; a slot without frames is empty.
    variances: Vec<Vec<Vec<f32>>>,
}

impl Slots {
    fn new(residuals: &Residuals) -> Self {
        let lattice = residuals.lattice();
        let blocks = lattice.blocks();
        let diagonals = diagonals();
        let groups = diagonals.iter().max().map_or(0, |d| d + 1);
        let times = || {
            residuals
                .frames()
                .iter()
                .map(|frame| slot_of(frame.media_time))
        };
        let first = times().min().unwrap_or(0);
        let count = times().max().map_or(0, |last| (last - first + 1) as usize);
        let mut variances = vec![Vec::new(); count];
        let mut frames = vec![0_u32; count];
        for frame in residuals.frames() {
            let slot = (slot_of(frame.media_time) - first) as usize;
            frames[slot] += 1;
            let sums = &mut variances[slot];
            if sums.is_empty() {
                *sums = vec![vec![0.0_f32; blocks]; groups];
            }
            for (values, &d) in frame.values.chunks_exact(blocks).zip(&diagonals) {
                for (sum, r) in sums[d].iter_mut().zip(values) {
                    *sum += r * r;
                }
            }
        }
        let mut overall = vec![vec![0.0_f32; blocks]; groups];
        let used = frames.iter().filter(|&&n| n > 0).count().max(1) as f32;
        for (slot, &frames) in variances.iter_mut().zip(&frames).filter(|(_, n)| **n > 0) {
            for (d, group) in slot.iter_mut().enumerate() {
                let members = diagonals.iter().filter(|&&other| other == d).count().max(1);
                let share = 1.0 / (members as f32 * frames as f32);
                for sum in group.iter_mut() {
                    *sum *= share;
                }
                smooth(lattice, group);
                for (mean, v) in overall[d].iter_mut().zip(group.iter()) {
                    *mean += v / used;
                }
            }
        }
        for slot in variances.iter_mut().filter(|slot| !slot.is_empty()) {
            for (group, overall) in slot.iter_mut().zip(&overall) {
                for (v, mean) in group.iter_mut().zip(overall) {
                    *v = 0.5 * (*v + mean);
                }
            }
        }
        Self {
            lattice,
            diagonals,
            first,
            variances,
        }
    }

    fn weights(&self, slot: u64, amplitudes: &[f32], trust: Trust) -> Vec<f32> {
        let groups = &self.variances[(slot - self.first) as usize];
        let by_group: Vec<Vec<f32>> = groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .zip(amplitudes)
                    .map(|(v, a)| a * trust.weight(*v))
                    .collect()
            })
            .collect();
        let mut weights = Vec::with_capacity(self.diagonals.len() * self.lattice.blocks());
        for &d in &self.diagonals {
            weights.extend_from_slice(&by_group[d]);
        }
        weights
    }
}

/// Half a block's own value, half the mean of the 3x3 blocks around it.
fn smooth(lattice: LatticeGeometry, values: &mut [f32]) {
    let (cols, rows) = (lattice.cols(), lattice.rows());
    let own = values.to_vec();
    for row in 0..rows {
        for col in 0..cols {
            let (mut sum, mut count) = (0.0, 0.0);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in col.saturating_sub(1)..(col + 2).min(cols) {
                    sum += own[r * cols + c];
                    count += 1.0;
                }
            }
            values[row * cols + col] = 0.5 * own[row * cols + col] + 0.5 * sum / count;
        }
    }
}
