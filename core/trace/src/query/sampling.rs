//! Planes of a clip or a reference, put on a lattice.
//!
//! # Shapes and units
//! Samples of the frame; media time in seconds.

use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::{
    Observation, ObserveError, Placement, ProjectedSampler, Projection, Sampler,
};
use countermark_picture::{AnyPlane, by_depth};

use crate::error::PictureError;

/// Puts a frame on the lattice through a projection; none when nothing of the picture lies in it.
pub(crate) fn project(
    sampler: &mut ProjectedSampler,
    plane: AnyPlane<'_>,
    projection: &Projection,
    media_time: f64,
) -> Result<Option<Observation>, PictureError> {
    match by_depth!(plane, |view| sampler.observe(&view, projection, media_time)) {
        Err(ObserveError::Unseen { .. }) => Ok(None),
        observed => Ok(Some(observed?)),
    }
}

/// Puts a frame on a lattice; the sampler is made anew when the frame's size changes.
pub(crate) fn observe(
    sampler: &mut Option<Sampler>,
    lattice: LatticeGeometry,
    plane: AnyPlane<'_>,
    placement: Placement,
    media_time: f64,
) -> Result<Observation, PictureError> {
    let size = plane.size();
    let sampler = match sampler {
        Some(sampler) if sampler.frame() == size => sampler,
        stale => stale.insert(Sampler::new(size, placement, lattice, CpuLevel::probe())?),
    };
    Ok(by_depth!(plane, |view| sampler.observe(&view, media_time))?)
}
