//! Soft values: residuals weighed by how far they can be trusted and summed over short bins of time.
//!
//! ```text
//! F[t,b,d]  = mean of r[i,t]^2 over the chips of block b and diagonal d      this frame's noise here
//! C[i]      = sum of r[i,t]^2 over the window / n[b],   n[b] = frames that show block b, those that show a part of it for their share
//! w[i,t]    = a[k,b,t] (F + V0)^-1/4 (C + V0)^-3/8               blind
//!           = a[k,b,t] (C' + D + V0)^-3/4                         with a reference
//! C'[i]     = (n C[i] + 4 mean of C over the chips of its block and diagonal) / (n + 4),   n = n[b]
//! D         = median of C' over the chips that were seen
//! y[n,i]    = sum of w[i,t] r[i,t] over frames t of bin n
//! ```
//!
//! A matched filter has `C^-1`. Less is better under heavy compression: where the residual is smallest the encoder
//! has often erased the mark along with the noise. With a reference two kinds of noise meet: what the encoder left, alike everywhere, below
//! which a residual tells nothing of the mark, and what is left of the host where geometry is a little off, which is a hundred times as
//! strong in some blocks. `C + D` hardly tells apart what lies below the median, and trusts what lies above it as it should be.
//!
//! # Shapes and units
//! Bins are an eighth of an epoch, on the residuals' clock. `y` has no unit: every score divides
//! by its norm.
//! # Determinism
//! Square roots and divisions only.

use ndarray::{Array2, ArrayView1};

use crate::epoch::EpochMix;
use crate::format::FormatSpec;
use crate::lattice::LatticeGeometry;
use crate::residual::{ResidualFrame, Residuals, diagonals};
use crate::visibility;

/// Bins of an epoch.
pub const BINS_PER_EPOCH: u64 = 8;

/// Seconds of a bin.
#[must_use]
pub fn bin_seconds(format: &FormatSpec) -> f64 {
    format.epoch_seconds / BINS_PER_EPOCH as f64
}

/// Frames for which the usual noise of a diagonal stands in: of a few a chip's own noise says little.
const USUAL_FRAMES: f32 = 4.0;

/// Variance that no picture goes below: what rounding to 8 bits leaves after averaging.
const VARIANCE_FLOOR: f32 = 0.02;

/// How steeply trust falls with noise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// The residual still holds much of the host.
    Blind,
    /// The host is gone and the encoder's noise remains.
    Reference,
}

impl Trust {
    /// `(F + V0)^-p`.
    fn of_frame(self, variance: f32) -> f32 {
        match self {
            Self::Blind => 1.0 / fourth_root(variance + VARIANCE_FLOOR),
            Self::Reference => 1.0,
        }
    }
}

/// `(C + V0)^-3/8`.
fn trust_of_chip(variance: f32) -> f32 {
    let root = fourth_root(variance + VARIANCE_FLOOR);
    1.0 / (root * root.sqrt())
}

/// `(C' + D + V0)^-3/4` of every chip.
fn trust_beside_reference(lattice: LatticeGeometry, variances: &[f32], frames: &[f32]) -> Vec<f32> {
    let blocks = lattice.blocks();
    let diagonals = diagonals(lattice);
    let count = diagonals.iter().max().map_or(0, |d| d + 1);
    let mut usual = vec![0.0_f32; count * blocks];
    let mut members = vec![0.0_f32; count];
    for (row, &d) in variances.chunks_exact(blocks).zip(&diagonals) {
        members[d] += 1.0;
        let sums = usual[d * blocks..][..blocks].iter_mut();
        sums.zip(row).for_each(|(sum, c)| *sum += c);
    }
    let mut noise = Vec::with_capacity(variances.len());
    for (row, &d) in variances.chunks_exact(blocks).zip(&diagonals) {
        let usual = &usual[d * blocks..][..blocks];
        let one = |((c, sum), own): ((&f32, &f32), &f32)| {
            (own * c + USUAL_FRAMES * sum / members[d]) / (own + USUAL_FRAMES)
        };
        noise.extend(row.iter().zip(usual).zip(frames).map(one));
    }
    let mut seen: Vec<f32> = noise.iter().copied().filter(|c| *c > 0.0).collect();
    let middle = seen.len() / 2;
    let median = if seen.is_empty() {
        0.0
    } else {
        *seen.select_nth_unstable_by(middle, f32::total_cmp).1
    };
    let trust = |c: f32| {
        let root = (c + median + VARIANCE_FLOOR).sqrt();
        1.0 / (root * root.sqrt())
    };
    noise.into_iter().map(trust).collect()
}

fn fourth_root(x: f32) -> f32 {
    x.sqrt().sqrt()
}

/// One bin of soft values.
#[derive(Clone, Debug)]
pub struct SoftBin {
    /// The bin's number on the residuals' clock.
    pub number: u64,
    /// `[chip]`.
    pub values: Vec<f32>,
}

/// Soft values of a run of frames, for marks of one format.
#[derive(Clone, Debug)]
pub struct SoftValues {
    format: FormatSpec,
    bins: Vec<SoftBin>,
}

impl SoftValues {
    /// Weighs and sums the residuals for marks of a format.
    #[must_use]
    pub fn new(residuals: &Residuals, format: &FormatSpec, trust: Trust) -> Self {
        let lattice = residuals.lattice();
        let blocks = lattice.blocks();
        let frames = frames_seen(residuals);
        let variances = chip_variances(residuals, &frames);
        let mut by_chip = match trust {
            Trust::Blind => variances.into_iter().map(trust_of_chip).collect(),
            Trust::Reference => trust_beside_reference(lattice, &variances, &frames),
        };
        visibility::weigh(format, lattice, &mut by_chip);
        let diagonals = diagonals(lattice);
        let mut by_frame = vec![Vec::new(); diagonals.iter().max().map_or(0, |d| d + 1)];
        let mut bins: Vec<SoftBin> = Vec::new();
        for frame in residuals.frames() {
            frame_weights(frame, &diagonals, blocks, trust, &mut by_frame);
            let number = (frame.media_time / bin_seconds(format)).max(0.0) as u64;
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
            let rows = bins[place]
                .values
                .chunks_exact_mut(blocks)
                .zip(frame.values.chunks_exact(blocks))
                .zip(by_chip.chunks_exact(blocks))
                .zip(&diagonals);
            for (((sums, values), by_chip), &d) in rows {
                for (((sum, r), w), v) in sums.iter_mut().zip(values).zip(by_chip).zip(&by_frame[d])
                {
                    *sum += r * (w * v);
                }
            }
        }
        Self {
            format: *format,
            bins,
        }
    }

    /// Soft values that were weighed elsewhere; bins of the same number are summed.
    #[must_use]
    pub fn of_bins(format: &FormatSpec, bins: impl IntoIterator<Item = SoftBin>) -> Self {
        let mut own: Vec<SoftBin> = Vec::new();
        for bin in bins {
            match own.binary_search_by_key(&bin.number, |known| known.number) {
                Ok(place) => {
                    let sums = own[place].values.iter_mut().zip(&bin.values);
                    sums.for_each(|(sum, y)| *sum += y);
                }
                Err(place) => own.insert(place, bin),
            }
        }
        Self {
            format: *format,
            bins: own,
        }
    }

    /// The format of the marks that are looked for.
    #[must_use]
    pub fn format(&self) -> &FormatSpec {
        &self.format
    }

    /// The bins in the order of time; bins without a frame are absent.
    #[must_use]
    pub fn bins(&self) -> &[SoftBin] {
        &self.bins
    }

    /// The soft values of each epoch when bin `n` of the clip lies at bin `n + shift` of the media: the epochs, ascending,
    /// and `[epoch][chip]`.
    #[must_use]
    pub fn epochs(&self, shift: i64) -> (Vec<u64>, Array2<f32>) {
        let parts = |bin: &SoftBin| {
            let mix = self.mix_of(bin.number, shift);
            mix.into_iter().flat_map(EpochMix::parts)
        };
        let mut epochs: Vec<u64> = (self.bins.iter().flat_map(parts))
            .map(|(epoch, _)| epoch)
            .collect();
        epochs.sort_unstable();
        epochs.dedup();
        let chips = self.bins.first().map_or(0, |bin| bin.values.len());
        let mut sums = Array2::zeros((epochs.len(), chips));
        for bin in &self.bins {
            for (epoch, weight) in parts(bin) {
                let place = epochs.partition_point(|other| *other < epoch);
                let values = ArrayView1::from(&bin.values);
                sums.row_mut(place).scaled_add(weight, &values);
            }
        }
        (epochs, sums)
    }

    /// The mix of epochs in the middle of a bin, when the media starts before it.
    pub(crate) fn mix_of(&self, bin: u64, shift: i64) -> Option<EpochMix> {
        let media_bin = bin.checked_add_signed(shift)?;
        let middle = (media_bin as f64 + 0.5) * bin_seconds(&self.format);
        Some(EpochMix::at(&self.format, middle))
    }
}

/// `n[b]`.
fn frames_seen(residuals: &Residuals) -> Vec<f32> {
    let mut sums = vec![0.0_f32; residuals.lattice().blocks()];
    for frame in residuals.frames() {
        for (sum, seen) in sums.iter_mut().zip(&frame.seen) {
            *sum += seen;
        }
    }
    sums
}

/// `C[i]`, zero where no frame shows the block.
fn chip_variances(residuals: &Residuals, frames: &[f32]) -> Vec<f32> {
    let first = residuals.frames().first();
    let mut sums = vec![0.0_f32; first.map_or(0, |frame| frame.values.len())];
    for frame in residuals.frames() {
        for (sum, r) in sums.iter_mut().zip(&frame.values) {
            *sum += r * r;
        }
    }
    let shares: Vec<f32> = frames
        .iter()
        .map(|&n| if n > 0.0 { 1.0 / n } else { 0.0 })
        .collect();
    for row in sums.chunks_exact_mut(shares.len().max(1)) {
        row.iter_mut()
            .zip(&shares)
            .for_each(|(sum, share)| *sum *= share);
    }
    sums
}

/// `a[b] (F[b,d] + V0)^-p` of one frame, `[diagonal][block]`.
fn frame_weights(
    frame: &ResidualFrame,
    diagonals: &[usize],
    blocks: usize,
    trust: Trust,
    weights: &mut [Vec<f32>],
) {
    for (d, weights) in weights.iter_mut().enumerate() {
        weights.clear();
        weights.resize(blocks, 0.0);
        let mut members = 0.0_f32;
        let rows = frame.values.chunks_exact(blocks).zip(diagonals);
        for (values, _) in rows.filter(|(_, other)| **other == d) {
            members += 1.0;
            for (sum, r) in weights.iter_mut().zip(values) {
                *sum += r * r;
            }
        }
        for (weight, a) in weights.iter_mut().zip(&frame.amplitudes) {
            *weight = a * trust.of_frame(*weight / members.max(1.0));
        }
    }
}

#[cfg(test)]
mod tests;
