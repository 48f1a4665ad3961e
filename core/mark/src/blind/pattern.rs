//! The keyed pattern that synchronises an epoch, as it lies in the picture.
//!
//! ```text
//! P[e] = inverse DCT of a[i] s[e,i] over the synchronisation chips i, zero elsewhere
//! ```
//!
//! # Shapes and units
//! `a` is what the frequency carries, see [`crate::FormatSpec::amplitude`]; how strong a block is the blind path cannot know.

use crate::chips::ChipPlan;
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::visibility;

/// Makes patterns of one plan.
pub(super) struct Patterns<'a> {
    plan: &'a ChipPlan,
    band: Band,
    shape: Vec<f32>,
    dct: BlockDct,
    chips: CoefficientPlane,
    plane: LatticePlane,
}

impl<'a> Patterns<'a> {
    pub(super) fn new(plan: &'a ChipPlan) -> Self {
        let lattice = plan.lattice();
        let band = Band::of_mark(lattice);
        Self {
            plan,
            shape: visibility::shape(plan.format(), lattice),
            dct: BlockDct::new(lattice, CpuLevel::probe()),
            chips: CoefficientPlane::new(lattice, &band),
            plane: LatticePlane::new(lattice),
            band,
        }
    }

    /// The pattern of an epoch.
    pub(super) fn of(&mut self, epoch: u64) -> &LatticePlane {
        let words = self.plan.sign_words(epoch);
        let blocks = self.chips.geometry().blocks();
        let chips = self.chips.values_mut();
        for &chip in self.plan.sync() {
            let chip = chip as usize;
            let amplitude = self.shape[chip / blocks];
            chips[chip] = if words[chip / 32] >> (chip % 32) & 1 == 0 {
                amplitude
            } else {
                -amplitude
            };
        }
        self.dct
            .inverse_band(&self.chips, &self.band, &mut self.plane);
        &self.plane
    }
}

/// Means of `step x step` samples, row major, with their columns.
pub(super) fn reduced(plane: &LatticePlane, step: usize) -> (usize, Vec<f32>) {
    let width = plane.geometry().width() / step;
    let mut means = vec![0.0; width * (plane.geometry().height() / step)];
    let share = 1.0 / (step * step) as f32;
    for (y, line) in plane.lines().enumerate() {
        let means = &mut means[y / step * width..][..width];
        for (mean, samples) in means.iter_mut().zip(line.chunks_exact(step)) {
            *mean += share * samples.iter().sum::<f32>();
        }
    }
    (width, means)
}
