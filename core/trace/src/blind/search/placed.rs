//! Decoding where registration put the picture: no other geometry is searched.
//!
//! # Shapes and units
//! Corners as shares of the frame's sides; times in seconds.

use countermark_mark::blind::hypothesis::{Peak, start_seconds};
use countermark_mark::blind::pose::LatticePose;

use crate::blind::sections::Section;
use crate::blind::within::Placed;
use crate::error::TraceError;
use crate::task::Task;

use super::Reading;

impl Reading<'_> {
    /// Looks through the places of a picture, each as the synchronisation chips refine it.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn place(
        &mut self,
        section: &Section,
        places: &[Placed],
        number: u64,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let (width, height) = (section.frame.0 as f64, section.frame.1 as f64);
        let start_seconds = start_seconds(self.title.plan.format());
        for placed in places {
            task.proceed()?;
            let corners = placed.corners.map(|(x, y)| (x * width, y * height));
            let peak = Peak {
                score: 0.0,
                start: (placed.start / start_seconds).round() as i64,
                speed: placed.speed,
                pose: LatticePose::of_corners(self.title.plan.lattice(), corners),
            };
            self.geometries += 1;
            let Some((footprint, pace, chips)) = self.settled(&section.residues, peak) else {
                continue;
            };
            self.take(footprint, pace.speed, &chips, (section, number), task)?;
        }
        Ok(())
    }
}
