//! Writing the mark: one frame in, the same frame marked.
//!
//! ```text
//! X = DCT(area average of the picture)                       the host on the lattice
//! P[k,b] = g s[k] a[b] ((1 - f) v[e,k,b] + f v[e',k,b])       chips of the epoch, fading into the neighbour's
//! picture += upsample(inverse DCT(P)), rounded by keyed dither
//! ```
//!
//! with `s` and `a` from [`crate::visibility`], `v` from [`crate::chips`], `f` from [`crate::epoch`] and the gain `g` from
//! [`pace`], which follows the content so that quality stays in budget.
//!
//! # Shapes and units
//! Planes of 8 to 16 bits, media time in seconds since the first frame. Letterbox bars stay untouched.
//! # Determinism
//! The same master, keys and version give the same bits on every CPU.

pub mod pace;
mod window;

use thiserror::Error;

use crate::chips::{self, ChipPlan, DeliveryCode};
use crate::epoch::EpochMix;
use crate::key::{CarrierKey, ScopedPayloadKey, StreamKey};
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::dither::{DitherOffset, DitherTile, TILE_WORDS};
use crate::lattice::downsample::{Downsampler, RowSum};
use crate::lattice::upsample::{AddChange, CodeRange, Rounding, Upsampler};
use crate::lattice::{LatticeError, LatticeGeometry, LatticePlane};
use crate::observe::observed_band;
use crate::payload::Payload;
use crate::plane::{PlaneError, PlaneGeometry, PlaneViewMut};
use crate::visibility::{self, Visibility};
use pace::{Pace, Sample};
use window::ContentWindow;

/// Factor on the amplitude that the quality budget allows: 1 is the default that all figures hold for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Strength(f32);

/// Why a master cannot be marked.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The strength is out of range.
    #[error("strength must be above 0 and at most {max}, got {value}", max = Strength::MAX)]
    Strength {
        /// The value given.
        value: f32,
    },
    /// The picture has no lattice.
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    /// The picture is refused.
    #[error(transparent)]
    Plane(#[from] PlaneError),
}

impl Strength {
    /// Strongest mark that can be asked for.
    pub const MAX: f32 = 4.0;

    /// The default strength.
    pub const DEFAULT: Self = Self(1.0);

    /// Proves the range.
    ///
    /// # Errors
    /// [`EmbedError::Strength`] outside 0 to [`Self::MAX`].
    pub fn new(value: f32) -> Result<Self, EmbedError> {
        if value > 0.0 && value <= Self::MAX {
            Ok(Self(value))
        } else {
            Err(EmbedError::Strength { value })
        }
    }

    /// The factor.
    #[must_use]
    pub const fn value(self) -> f32 {
        self.0
    }
}

/// What marking did to a frame.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct FrameReport {
    /// Sum of squared changes of luma, in squared code values of the plane's bit depth.
    pub squared_change: u64,
    /// Root mean square amplitude of the chips, in code values of 8 bits.
    pub amplitude: f32,
}

/// A sample type that can be marked.
pub trait MarkSample: RowSum + AddChange {}
impl<T: RowSum + AddChange> MarkSample for T {}

/// Marks the frames of one delivery.
#[derive(Debug)]
pub struct Embedder {
    lattice: LatticeGeometry,
    plan: ChipPlan,
    code: DeliveryCode,
    dither: StreamKey,
    tile: DitherTile,
    pace: Pace,
    stages: Stages,
    /// Chip values of the epochs in use, newest last.
    epochs: Vec<(u64, Vec<f32>)>,
    frames: u64,
}

/// The workspaces of a frame's way to the lattice and back.
#[derive(Debug)]
struct Stages {
    host_band: Band,
    band: Band,
    downsampler: Downsampler,
    dct: BlockDct,
    upsampler: Upsampler,
    visibility: Visibility,
    shape: Vec<f32>,
    host_plane: LatticePlane,
    host: CoefficientPlane,
    chips: CoefficientPlane,
    pattern: LatticePlane,
}

impl Embedder {
    /// Prepares for frames of one size.
    ///
    /// # Errors
    /// [`EmbedError`] when the picture is too small, too large or too long.
    pub fn new(
        carrier: &CarrierKey,
        scoped: &ScopedPayloadKey,
        payload: Payload,
        picture: (usize, usize),
        strength: Strength,
    ) -> Result<Self, EmbedError> {
        let code = DeliveryCode::new(scoped, payload);
        Self::with_code(carrier, code, picture, strength)
    }

    /// As [`Embedder::new`], for a code that was made elsewhere.
    ///
    /// # Errors
    /// As [`Embedder::new`].
    pub fn with_code(
        carrier: &CarrierKey,
        code: DeliveryCode,
        picture: (usize, usize),
        strength: Strength,
    ) -> Result<Self, EmbedError> {
        Self::at_level(carrier, code, picture, strength, CpuLevel::probe())
    }

    fn at_level(
        carrier: &CarrierKey,
        code: DeliveryCode,
        picture: (usize, usize),
        strength: Strength,
        level: CpuLevel,
    ) -> Result<Self, EmbedError> {
        let geometry = PlaneGeometry::packed(picture.0, picture.1)?;
        let lattice = LatticeGeometry::for_picture(picture.0, picture.1)?;
        let dither = carrier.dither();
        let mut words = dither.stream(0);
        let (host_band, band) = (observed_band(), chips::band());
        Ok(Self {
            lattice,
            plan: ChipPlan::new(carrier, lattice),
            code,
            tile: DitherTile::from_words(&std::array::from_fn::<_, TILE_WORDS, _>(|_| {
                words.next_word()
            })),
            dither,
            pace: Pace::new(geometry, strength, level),
            stages: Stages {
                downsampler: Downsampler::new(geometry, lattice, level),
                dct: BlockDct::new(lattice, level),
                upsampler: Upsampler::new(geometry, lattice, level),
                visibility: Visibility::new(lattice),
                shape: visibility::shape(),
                host_plane: LatticePlane::new(lattice),
                host: CoefficientPlane::new(lattice, &host_band),
                chips: CoefficientPlane::new(lattice, &band),
                pattern: LatticePlane::new(lattice),
                host_band,
                band,
            },
            epochs: Vec::new(),
            frames: 0,
        })
    }

    /// The lattice that carries the mark.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// Marks one frame in place.
    ///
    /// # Panics
    /// When the plane is not of the embedder's size.
    pub fn mark<T: MarkSample>(
        &mut self,
        plane: &mut PlaneViewMut<'_, T>,
        media_time: f64,
    ) -> FrameReport {
        let stages = &mut self.stages;
        stages
            .downsampler
            .run(&plane.as_view(), &mut stages.host_plane);
        stages
            .dct
            .forward_band(&stages.host_plane, &stages.host_band, &mut stages.host);
        let amplitudes = stages.visibility.amplitudes(&stages.host);
        let mix = EpochMix::at(media_time);
        load_epochs(&mut self.epochs, &self.plan, &self.code, mix);
        let values = |epoch| {
            let found = self.epochs.iter().find(|known| known.0 == epoch);
            found.map_or(&[][..], |known| known.1.as_slice())
        };
        let (own, neighbour) = (values(mix.epoch), values(mix.neighbour));
        let codes = [own, neighbour];
        spread_chips(
            &mut stages.chips,
            &stages.shape,
            amplitudes,
            codes,
            mix.fade,
        );
        stages
            .dct
            .inverse_band(&stages.chips, &stages.band, &mut stages.pattern);
        ContentWindow::of(&stages.host_plane).confine(&mut stages.pattern);

        let offset = DitherOffset::from_word(self.dither.stream(1 + self.frames).next_word());
        let rounding = Rounding {
            tile: &self.tile,
            offset,
            range: CodeRange::full(plane.bit_depth()),
        };
        self.frames += 1;
        let sample = Sample {
            media_time,
            host: &stages.host_plane,
            relative_rms: mean_square(amplitudes).sqrt(),
            presence: mix.presence(),
        };
        self.pace.mark(
            &sample,
            &mut stages.pattern,
            &mut stages.upsampler,
            &rounding,
            plane,
        )
    }
}

fn mean_square(amplitudes: &[f32]) -> f32 {
    amplitudes.iter().map(|a| a * a).sum::<f32>() / amplitudes.len() as f32
}

/// Keeps the chip values of the epochs that the mix needs.
fn load_epochs(
    epochs: &mut Vec<(u64, Vec<f32>)>,
    plan: &ChipPlan,
    code: &DeliveryCode,
    mix: EpochMix,
) {
    for epoch in [mix.epoch, mix.neighbour] {
        if epochs.iter().all(|known| known.0 != epoch) {
            if epochs.len() > 2 {
                epochs.remove(0);
            }
            epochs.push((epoch, code.chip_values(plan, epoch)));
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

#[cfg(test)]
mod tests;
