//! What all deliveries of a title share: the plan of its chips, its rounding noise, its sizes.
//!
//! # Shapes and units
//! Pictures in columns and rows of samples.

use std::sync::Arc;

use super::delivery::DeliveryMark;
use super::host::HostAnalyser;
use super::shared::Shared;
use super::strength::{EmbedError, Strength};
use crate::chips::{ChipPlan, ChipSource};
use crate::format::FormatSpec;
use crate::key::CarrierKey;
use crate::lattice::LatticeGeometry;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dither::{DitherTile, TILE_WORDS};
use countermark_picture::PlaneGeometry;

/// A title that is to be marked: makes one analyser, and a mark for each delivery.
#[derive(Clone, Debug)]
pub struct TitleMark(Arc<Shared>);

impl TitleMark {
    /// Prepares for frames of one size.
    ///
    /// # Errors
    /// [`EmbedError`] when the picture is too small, too large or too long.
    pub fn new(
        carrier: &CarrierKey,
        picture: (usize, usize),
        format: &FormatSpec,
    ) -> Result<Self, EmbedError> {
        Self::at_level(carrier, picture, format, CpuLevel::probe())
    }

    pub(super) fn at_level(
        carrier: &CarrierKey,
        (width, height): (usize, usize),
        format: &FormatSpec,
        level: CpuLevel,
    ) -> Result<Self, EmbedError> {
        let picture = PlaneGeometry::packed(width, height)?;
        let lattice = format.lattice(width, height)?;
        let dither = carrier.dither();
        let mut words = dither.stream(0);
        Ok(Self(Arc::new(Shared {
            picture,
            lattice,
            level,
            plan: ChipPlan::new(carrier, lattice, format),
            tile: DitherTile::from_words(&std::array::from_fn::<_, TILE_WORDS, _>(|_| {
                words.next_word()
            })),
            dither,
        })))
    }

    /// The format of the marks.
    #[must_use]
    pub fn format(&self) -> &FormatSpec {
        self.0.plan.format()
    }

    /// The lattice that carries the mark.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.0.lattice
    }

    /// Looks at the frames, from the first on, for all deliveries.
    #[must_use]
    pub fn analyser(&self) -> HostAnalyser {
        HostAnalyser::new(self.0.picture, &self.0.plan, self.0.level)
    }

    /// Marks one delivery, from the first frame on.
    #[must_use]
    pub fn delivery(&self, code: impl ChipSource + 'static, strength: Strength) -> DeliveryMark {
        DeliveryMark::new(Arc::clone(&self.0), Box::new(code), strength)
    }
}
