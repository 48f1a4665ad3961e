//! What puts frames of a clip on a lattice: several side by side, each through a lens of its own.
//!
//! ```text
//! frame -> turned upright -> whole, between bars, or through the map of a registration -> coefficients of the lattice
//! ```
//!
//! # Shapes and units
//! Times in seconds on the clip's own clock.

use std::sync::{Mutex, PoisonError};

use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::plane::{BitDepth, PlaneGeometry, PlaneView};
use countermark_mark::{Observation, ObserveError, Placement, Sampler};
use countermark_mark::{ProjectedSampler, Projection};
use countermark_media::{Luma, LumaSamples};

use crate::error::PictureError;
use crate::query::orientation::{Turn, TurnedPlane};
use crate::query::view::{Shown, View};
use crate::registration::spatial::tracker::Guide;

/// Puts frames on a lattice as a view shows them.
pub(super) struct Lenses {
    pub(super) lattice: LatticeGeometry,
    pub(super) view: View,
    /// One for each frame that is looked at at the same time.
    idle: Mutex<Vec<Lens>>,
}

/// What one frame at a time is put on the lattice by.
struct Lens {
    turned: TurnedPlane,
    sampler: Option<Sampler>,
    projected: ProjectedSampler,
}

/// How a frame is to be put on the lattice.
pub(super) enum Look {
    /// As the view places it.
    Placed,
    /// Through the map of a segment, led on to what the reference shows.
    Led(usize, Option<Guide>),
}

impl Lenses {
    /// For whole frames, upright.
    pub(super) fn new(lattice: LatticeGeometry) -> Self {
        Self {
            lattice,
            view: View {
                turn: Turn::None,
                shown: Shown::Whole,
            },
            idle: Mutex::default(),
        }
    }

    /// Puts a frame on the lattice; none when nothing of the picture lies in it.
    ///
    /// # Errors
    /// When the frame cannot be analysed.
    pub(super) fn see(
        &self,
        luma: Luma<'_>,
        look: &Look,
        seconds: f64,
    ) -> Result<Option<Observation>, PictureError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let lens = idle().pop();
        let mut lens = lens.unwrap_or_else(|| Lens {
            turned: TurnedPlane::default(),
            sampler: None,
            projected: ProjectedSampler::new(self.lattice, CpuLevel::probe()),
        });
        let seen = self.through(&mut lens, luma, look, seconds);
        idle().push(lens);
        seen
    }

    fn through(
        &self,
        lens: &mut Lens,
        luma: Luma<'_>,
        look: &Look,
        seconds: f64,
    ) -> Result<Option<Observation>, PictureError> {
        let luma = lens.turned.turn(luma, self.view.turn);
        let placement = match (&self.view.shown, look) {
            (Shown::Registered(registration), Look::Led(index, guide)) => {
                let segment = &registration.segments[*index];
                let luma = segment.within(luma);
                let map = match guide {
                    Some(guide) => guide.map(segment, luma, seconds)?,
                    None => segment.map(seconds),
                };
                let projection =
                    map.and_then(|map| segment.projection(&map, (luma.width, luma.height)));
                return projection
                    .map(|shown| project(&mut lens.projected, luma, &shown, seconds))
                    .transpose()
                    .map(Option::flatten);
            }
            (Shown::Between(inset), _) => inset.placement((luma.width, luma.height)),
            (Shown::Whole | Shown::Registered(_), _) => Placement::Whole,
        };
        observe(&mut lens.sampler, self.lattice, luma, placement, seconds).map(Some)
    }
}

/// Puts a frame on the lattice through a projection; none when nothing of the picture lies in it.
fn project(
    sampler: &mut ProjectedSampler,
    luma: Luma<'_>,
    projection: &Projection,
    media_time: f64,
) -> Result<Option<Observation>, PictureError> {
    let bit_depth = BitDepth::new(luma.bit_depth)?;
    let geometry = PlaneGeometry::new(luma.width, luma.height, luma.stride)?;
    let observed = match luma.samples {
        LumaSamples::U8(samples) => {
            let plane = PlaneView::new(samples, geometry, bit_depth)?;
            sampler.observe(&plane, projection, media_time)
        }
        LumaSamples::U16(samples) => {
            let plane = PlaneView::new(samples, geometry, bit_depth)?;
            sampler.observe(&plane, projection, media_time)
        }
    };
    match observed {
        Err(ObserveError::Unseen { .. }) => Ok(None),
        observed => Ok(Some(observed?)),
    }
}

/// Puts a frame on a lattice; the sampler is made anew when the frame's size changes.
pub(crate) fn observe(
    sampler: &mut Option<Sampler>,
    lattice: LatticeGeometry,
    luma: Luma<'_>,
    placement: Placement,
    media_time: f64,
) -> Result<Observation, PictureError> {
    let size = (luma.width, luma.height);
    let sampler = match sampler {
        Some(sampler) if sampler.frame() == size => sampler,
        stale => stale.insert(Sampler::new(size, placement, lattice, CpuLevel::probe())?),
    };
    let bit_depth = BitDepth::new(luma.bit_depth)?;
    Ok(match luma.samples {
        LumaSamples::U8(samples) => sampler.observe(samples, luma.stride, bit_depth, media_time)?,
        LumaSamples::U16(samples) => {
            sampler.observe(samples, luma.stride, bit_depth, media_time)?
        }
    })
}
