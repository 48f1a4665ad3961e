//! What marking one delivery adds to the analysis of the picture.
//!
//! ```text
//! P[k,b] = g s[k] a[b] ((1 - f) v[e,k,b] + f v[e',k,b])       chips of the epoch, fading into the neighbour's
//! picture += upsample(inverse DCT(P)), rounded by keyed dither
//! ```
//!
//! # Shapes and units
//! As in [`crate::embed`].

use std::sync::Arc;

use super::frame::{FrameReport, MarkSample};
use super::host::HostAnalysis;
use super::rate_control::{Printing, RateControl};
use super::shared::Shared;
use super::strength::Strength;
use crate::chips::ChipSource;
use crate::epoch::EpochMix;
use crate::lattice::LatticePlane;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::dither::DitherOffset;
use crate::lattice::upsample::{CodeRange, Rounding, Upsampler};
use crate::visibility;
use countermark_picture::{AnyPlaneMut, PlaneViewMut, by_depth};

/// Epochs whose chips are kept: those present and the one before.
const KEPT_EPOCHS: usize = 3;

/// Marks the frames of one delivery, each with the analysis of its picture.
#[derive(Debug)]
pub struct DeliveryMark {
    title: Arc<Shared>,
    code: Box<dyn ChipSource>,
    rate: RateControl,
    band: Band,
    shape: Vec<f32>,
    dct: BlockDct,
    upsampler: Upsampler,
    chips: CoefficientPlane,
    pattern: LatticePlane,
    /// Chip values of the epochs in use, newest last.
    epochs: Vec<(u64, Vec<f32>)>,
}

impl DeliveryMark {
    pub(super) fn new(title: Arc<Shared>, code: Box<dyn ChipSource>, strength: Strength) -> Self {
        let (picture, lattice, level) = (title.picture, title.lattice, title.level);
        let band = Band::of_mark(lattice);
        Self {
            code,
            rate: RateControl::new(picture, strength, level),
            shape: visibility::shape(title.plan.format(), lattice),
            dct: BlockDct::new(lattice, level),
            upsampler: Upsampler::new(picture, lattice, level),
            chips: CoefficientPlane::new(lattice, &band),
            pattern: LatticePlane::new(lattice),
            epochs: Vec::new(),
            band,
            title,
        }
    }

    /// [`Self::mark`] of samples of either type.
    ///
    /// # Panics
    /// When the plane or the analysis is of another size than the title.
    pub fn mark_plane(&mut self, host: &HostAnalysis, plane: &mut AnyPlaneMut<'_>) -> FrameReport {
        by_depth!(mut plane, |view| self.mark(host, view))
    }

    /// Marks one frame in place. Every frame of the master must come by, in its order.
    ///
    /// # Panics
    /// When the plane or the analysis is of another size than the title.
    pub fn mark<T: MarkSample>(
        &mut self,
        host: &HostAnalysis,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> FrameReport {
        let (mix, blocks) = (host.mix(), self.title.lattice.blocks());
        assert_eq!(host.amplitudes().len(), blocks, "blocks of the analysis");
        self.load_epochs(mix);
        let values = |epoch| {
            let found = self.epochs.iter().find(|known| known.0 == epoch);
            found.map_or(&[][..], |known| known.1.as_slice())
        };
        let codes = [values(mix.epoch), values(mix.neighbour)];
        spread_chips(
            &mut self.chips,
            &self.shape,
            host.amplitudes(),
            codes,
            mix.fade,
        );
        self.dct
            .inverse_band(&self.chips, &self.band, &mut self.pattern);
        host.shade().confine(&mut self.pattern);
        host.window().confine(&mut self.pattern);

        let word = self.title.dither.stream(1 + host.number()).next_word();
        let printing = Printing {
            upsampler: &mut self.upsampler,
            rounding: Rounding {
                tile: &self.title.tile,
                offset: DitherOffset::from_word(word),
                range: CodeRange::of(host.range(), plane.bit_depth()),
            },
        };
        self.rate.mark(host, &mut self.pattern, printing, plane)
    }

    /// Keeps the chip values of the epochs that the mix needs.
    fn load_epochs(&mut self, mix: EpochMix) {
        for epoch in [mix.epoch, mix.neighbour] {
            if self.epochs.iter().all(|known| known.0 != epoch) {
                if self.epochs.len() >= KEPT_EPOCHS {
                    self.epochs.remove(0);
                }
                let values = self.code.chip_values(&self.title.plan, epoch);
                self.epochs.push((epoch, values));
            }
        }
    }
}

/// `P[k,b] = s[k] a[b] ((1 - f) v[k,b] + f v'[k,b])`, before the gain.
fn spread_chips(
    chips: &mut CoefficientPlane,
    shape: &[f32],
    amplitudes: &[f32],
    [own, neighbour]: [&[f32]; 2],
    fade: f32,
) {
    let blocks = amplitudes.len();
    let sources = own.chunks_exact(blocks).zip(neighbour.chunks_exact(blocks));
    let rows = chips.values_mut().chunks_exact_mut(blocks);
    for ((out, (own, neighbour)), shape) in rows.zip(sources).zip(shape) {
        for (((out, a), v), w) in out.iter_mut().zip(amplitudes).zip(own).zip(neighbour) {
            *out = shape * a * (v + fade * (w - v));
        }
    }
}
