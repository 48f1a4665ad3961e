//! What marking needs to know of a picture, whatever delivery it is for: computed once for a frame.
//!
//! ```text
//! h = area average of the picture on the lattice,   X = DCT(h)
//! a[b] = amplitudes of the visibility model, as coded and as seen,   window = the part that is picture,   m = motion, frames to sample
//! on a sampled frame: the host's side of the quality model
//! ```
//!
//! # Shapes and units
//! Media time in seconds since the first frame; frames come in their order and are counted from 0.

use super::content::{Content, ContentFollower};
use super::shade::Shade;
use super::window::ContentWindow;
use crate::chips::ChipPlan;
use crate::epoch::EpochMix;
use crate::format::FormatSpec;
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::downsample::{Downsampler, RowSum};
use crate::light::{CodingRange, Transfer};
use crate::quality::{HostFeatures, QualityMeter};
use crate::visibility::Visibility;
use countermark_picture::{AnyPlane, PlaneGeometry, PlaneView, by_depth};

/// Root mean square of the visibility model's amplitudes below which they are not divided by.
const LEAST_RMS: f32 = 1e-3;

/// Looks at the frames of one master, in their order.
#[derive(Debug)]
pub struct HostAnalyser {
    format: FormatSpec,
    transfer: Transfer,
    range: CodingRange,
    band: Band,
    downsampler: Downsampler,
    dct: BlockDct,
    visibility: Visibility,
    plane: LatticePlane,
    coefficients: CoefficientPlane,
    content: ContentFollower,
    meter: QualityMeter,
    frames: u64,
}

/// What one frame of the master says to all its deliveries.
#[derive(Clone, Debug, Default)]
pub struct HostAnalysis {
    number: u64,
    mix: EpochMix,
    amplitudes: Vec<f32>,
    relative_rms: f32,
    seen_rms: f32,
    window: ContentWindow,
    shade: Shade,
    range: CodingRange,
    content: Content,
    /// Of the last sampled frame that this value held.
    features: HostFeatures,
}

impl HostAnalyser {
    pub(super) fn new(picture: PlaneGeometry, plan: &ChipPlan, level: CpuLevel) -> Self {
        let lattice = plan.lattice();
        let band = Band::observed(lattice);
        Self {
            downsampler: Downsampler::new(picture, lattice, level),
            dct: BlockDct::new(lattice, level),
            visibility: Visibility::new(lattice),
            plane: LatticePlane::new(lattice),
            coefficients: CoefficientPlane::new(lattice, &band),
            content: ContentFollower::new(picture, level),
            meter: QualityMeter::new(picture, level),
            frames: 0,
            format: *plan.format(),
            transfer: Transfer::Standard,
            range: CodingRange::Full,
            band,
        }
    }

    /// The same for a master of that transfer function, standard range if not said.
    #[must_use]
    pub fn in_light(mut self, transfer: Transfer) -> Self {
        self.transfer = transfer;
        self
    }

    /// The same for a master of that range, all code values if not said.
    #[must_use]
    pub fn in_range(mut self, range: CodingRange) -> Self {
        self.range = range;
        self
    }

    /// [`Self::analyse`] of samples of either type.
    ///
    /// # Panics
    /// When the plane is not of the title's size.
    pub fn analyse_plane(
        &mut self,
        plane: &AnyPlane<'_>,
        media_time: f64,
        analysis: &mut HostAnalysis,
    ) {
        by_depth!(plane, |view| self.analyse(view, media_time, analysis));
    }

    /// Looks at the next frame; `analysis` is overwritten and keeps its memory.
    ///
    /// # Panics
    /// When the plane is not of the title's size.
    pub fn analyse<T: RowSum>(
        &mut self,
        plane: &PlaneView<'_, T>,
        media_time: f64,
        analysis: &mut HostAnalysis,
    ) {
        self.downsampler.run(plane, &mut self.plane);
        self.dct
            .forward_band(&self.plane, &self.band, &mut self.coefficients);
        let amplitudes = self
            .visibility
            .amplitudes(&self.coefficients, self.transfer);
        analysis.amplitudes.clear();
        analysis.amplitudes.extend_from_slice(amplitudes.coded);
        analysis.relative_rms = mean_square(amplitudes.coded).sqrt();
        analysis.seen_rms = mean_square(amplitudes.seen).sqrt();
        analysis
            .shade
            .look(&self.plane, amplitudes.seen, self.transfer);
        analysis.range = self.range;
        analysis.window = ContentWindow::of(&self.plane);
        analysis.mix = EpochMix::at(&self.format, media_time);
        analysis.content = self.content.push(plane, &self.plane, media_time);
        if analysis.content.sampled {
            self.meter.describe(plane, &mut analysis.features);
        }
        analysis.number = self.frames;
        self.frames += 1;
    }
}

impl HostAnalysis {
    /// Frames before this one.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The epochs present.
    pub(super) fn mix(&self) -> EpochMix {
        self.mix
    }

    /// The visibility model's amplitude of every block.
    pub(super) fn amplitudes(&self) -> &[f32] {
        &self.amplitudes
    }

    /// The root mean square of the amplitudes.
    pub(super) fn relative_rms(&self) -> f32 {
        self.relative_rms
    }

    /// How many code values of standard range look like one of the master, where the mark is.
    pub(super) fn contrast(&self) -> f32 {
        if self.relative_rms < LEAST_RMS {
            return 1.0;
        }
        self.seen_rms / self.relative_rms
    }

    /// The part that is picture.
    pub(super) fn window(&self) -> &ContentWindow {
        &self.window
    }

    /// What each sample may carry.
    pub(super) fn shade(&self) -> &Shade {
        &self.shade
    }

    /// The code values that the master keeps to.
    pub(super) fn range(&self) -> CodingRange {
        self.range
    }

    /// Motion as far as it can be relied on, in code values of 8 bits.
    pub(super) fn motion(&self) -> f32 {
        self.content.motion
    }

    /// The host's side of the quality model, on frames whose quality is to be measured.
    pub(super) fn sample(&self) -> Option<&HostFeatures> {
        self.content.sampled.then_some(&self.features)
    }
}

fn mean_square(amplitudes: &[f32]) -> f32 {
    amplitudes.iter().map(|a| a * a).sum::<f32>() / amplitudes.len() as f32
}
