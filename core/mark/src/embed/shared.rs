//! The values behind a title's analyser and all its delivery marks.
//!
//! # Shapes and units
//! Pictures in columns and rows of samples.

use crate::chips::ChipPlan;
use crate::key::StreamKey;
use crate::lattice::LatticeGeometry;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dither::DitherTile;
use countermark_picture::PlaneGeometry;

/// Shared by the marks of all deliveries.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) picture: PlaneGeometry,
    pub(super) lattice: LatticeGeometry,
    pub(super) level: CpuLevel,
    pub(super) plan: ChipPlan,
    pub(super) dither: StreamKey,
    pub(super) tile: DitherTile,
}
