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
use countermark_mark::{Observation, Placement, ProjectedSampler, Sampler};
use countermark_picture::{AnyPlane, QuarterTurn, TurnedPlane};

use crate::error::PictureError;
use crate::query::playback::Playback;
use crate::query::sampling::{observe, project};
use crate::query::view::{Shown, ViewHypothesis};
use crate::registration::spatial::tracker::Guide;
use crate::still::Still;

/// Puts frames on a lattice as a view shows them.
pub(super) struct Lenses {
    pub(super) lattice: LatticeGeometry,
    pub(super) view: ViewHypothesis,
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
            view: ViewHypothesis {
                turn: QuarterTurn::None,
                shown: Shown::Whole,
                playback: Playback::PLAIN,
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
        luma: AnyPlane<'_>,
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
        let negative = self.view.playback.is_negative();
        let negative = negative.then(|| Still::negative(luma));
        let luma = negative.as_ref().map_or(luma, Still::luma);
        let seen = self.through(&mut lens, luma, look, seconds);
        idle().push(lens);
        seen
    }

    fn through(
        &self,
        lens: &mut Lens,
        luma: AnyPlane<'_>,
        look: &Look,
        seconds: f64,
    ) -> Result<Option<Observation>, PictureError> {
        let luma = lens.turned.turn(luma, self.view.turn);
        let placement = match (&self.view.shown, look) {
            (Shown::Registered(registration), Look::Led(index, guide)) => {
                let segment = &registration.segments[*index];
                let luma = segment.within(luma);
                let map = match guide {
                    Some(guide) => guide.map(segment, luma, seconds),
                    None => segment.map(seconds),
                };
                let projection =
                    map.and_then(|map| segment.projection((seconds, &map), luma.size()));
                return projection
                    .map(|shown| project(&mut lens.projected, luma, &shown, seconds))
                    .transpose()
                    .map(Option::flatten);
            }
            (Shown::Between(inset), _) => inset.placement(luma.size()),
            (Shown::Whole | Shown::Registered(_), _) => Placement::Whole,
        };
        observe(&mut lens.sampler, self.lattice, luma, placement, seconds).map(Some)
    }
}
