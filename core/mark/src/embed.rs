//! Writing the mark: one frame in, the same frame marked.
//!
//! ```text
//! X = DCT(area average of the picture)                       the host on the lattice
//! P[k,b] = g s[k] a[b] ((1 - f) v[e,k,b] + f v[e',k,b])       chips of the epoch, fading into the neighbour's
//! picture += upsample(inverse DCT(P)), rounded by keyed dither
//! ```
//!
//! with `s` and `a` from the visibility model, `v` from [`crate::chips`], `f` from the epochs and the gain `g` from
//! the perceptual rate control, which follows the content so that quality stays in budget.
//!
//! A [`TitleMark`] makes one [`HostAnalyser`], whose [`HostAnalysis`] of a frame serves all deliveries, and one
//! [`DeliveryMark`] for each of them. The bits of a delivery do not depend on what other deliveries there are.
//! [`Embedder`] is both for a single delivery.
//!
//! # Shapes and units
//! Planes of 8 to 16 bits, media time in seconds since the first frame. Letterbox bars stay untouched.
//! # Determinism
//! The same master, keys and version give the same bits on every CPU.

mod content;
mod delivery;
mod host;
mod rate_control;
mod title;
mod window;

use thiserror::Error;

pub use delivery::DeliveryMark;
pub use host::{HostAnalyser, HostAnalysis};
pub use title::TitleMark;

use crate::chips::{ChipSource, DeliveryCode};
use crate::format::FormatSpec;
use crate::key::{CarrierKey, ScopedPayloadKey};
use crate::lattice::downsample::RowSum;
use crate::lattice::upsample::AddChange;
use crate::lattice::{LatticeError, LatticeGeometry};
use crate::payload::Payload;
use countermark_picture::{PlaneError, PlaneViewMut};

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

/// Marks the frames of a single delivery: its analysis is not shared.
#[derive(Debug)]
pub struct Embedder {
    lattice: LatticeGeometry,
    analyser: HostAnalyser,
    analysis: HostAnalysis,
    delivery: DeliveryMark,
}

impl Embedder {
    /// Prepares for frames of one size and the current format.
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
        let title = TitleMark::new(carrier, picture, &FormatSpec::CURRENT)?;
        let code = DeliveryCode::new(scoped, payload);
        Ok(Self::of_title(&title, code, strength))
    }

    /// Marks a delivery of a title, in the title's format.
    #[must_use]
    pub fn of_title(
        title: &TitleMark,
        code: impl ChipSource + 'static,
        strength: Strength,
    ) -> Self {
        Self {
            lattice: title.lattice(),
            analyser: title.analyser(),
            analysis: HostAnalysis::default(),
            delivery: title.delivery(code, strength),
        }
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
        self.analyser
            .analyse(&plane.as_view(), media_time, &mut self.analysis);
        self.delivery.mark(&self.analysis, plane)
    }
}

#[cfg(test)]
mod tests;
