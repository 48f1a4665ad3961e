//! Marking a single delivery.
//!
//! # Shapes and units
//! As in [`crate::embed`].

use super::delivery::DeliveryMark;
use super::frame::{FrameReport, MarkSample};
use super::host::{HostAnalyser, HostAnalysis};
use super::strength::{EmbedError, Strength};
use super::title::TitleMark;
use crate::chips::{ChipSource, DeliveryCode};
use crate::format::FormatSpec;
use crate::key::{CarrierKey, ScopedPayloadKey};
use crate::lattice::LatticeGeometry;
use crate::payload::Payload;
use countermark_picture::{AnyPlaneMut, PlaneViewMut, by_depth};

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

    /// The same for a master in that light.
    #[must_use]
    pub fn with_analyser(mut self, analyser: HostAnalyser) -> Self {
        self.analyser = analyser;
        self
    }

    /// The lattice that carries the mark.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
    }

    /// [`Self::mark`] of samples of either type.
    ///
    /// # Panics
    /// When the plane is not of the embedder's size.
    pub fn mark_plane(&mut self, plane: &mut AnyPlaneMut<'_>, media_time: f64) -> FrameReport {
        by_depth!(mut plane, |view| self.mark(view, media_time))
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
